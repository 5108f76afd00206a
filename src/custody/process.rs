//! A child that lives no longer than its parent and leaves nobody behind.

use std::io;

/// This process is killed when the thread that started it ends, whatever happens to the two.
///
/// # Errors
/// When the system refuses.
pub fn die_with_parent() -> io::Result<()> {
    // SAFETY: takes numbers only; the arguments it does not use are zero as it asks.
    let done = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0) };
    match done {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Kills every process of a group. Fine when there is none.
pub fn kill_group(group: u32) {
    signal_group(group, libc::SIGKILL);
}

/// Is anybody left in a process group, a process that was not waited for included?
pub fn group_exists(group: u32) -> bool {
    signal_group(group, 0)
}

fn signal_group(group: u32, signal: libc::c_int) -> bool {
    // 0 and 1 would stand for our own group and for everybody.
    match libc::pid_t::try_from(group) {
        // SAFETY: takes numbers only.
        Ok(group) if group > 1 => unsafe { libc::kill(-group, signal) == 0 },
        _ => false,
    }
}
