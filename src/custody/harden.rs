//! What a process does before it sees personal data: makes the C libraries' heap forget as well,
//! and refuses to be dumped or traced by other processes of the same user.

use std::io;

/// Settings the C library reads only when a process starts: freed blocks go straight back to the
/// heap, where they are overwritten, and the stack of a thread that ends goes back to the system.
#[cfg(target_env = "gnu")]
const TUNABLES: &str = "glibc.malloc.tcache_count=0:glibc.pthread.stack_cache_size=0";

/// The variable that it reads them from.
#[cfg(target_env = "gnu")]
const TUNABLES_OF: &str = "GLIBC_TUNABLES";

/// Set in the process that was started again with [`TUNABLES`], so that it happens once.
#[cfg(target_env = "gnu")]
const RESTARTED: &str = "COUNTERPART_RESTARTED";

/// Call first in `main`: [`clear_c_heap`], then [`refuse_dumps`].
///
/// # Errors
/// When the system refuses one of the settings.
pub fn harden() -> io::Result<()> {
    clear_c_heap()?;
    refuse_dumps()
}

/// Blocks freed by C code (decompression, the C library itself) are overwritten too. Starts the
/// program again in the same process, once, since the C library reads some settings only then:
/// call it before anything else has happened.
///
/// # Errors
/// When the program cannot be started again or the setting is refused.
#[cfg(target_env = "gnu")]
pub fn clear_c_heap() -> io::Result<()> {
    /// What freed bytes become, and new ones are filled with the complement of: any value but 0,
    /// which would switch it off.
    const FILL: libc::c_int = 0x5A;

    if std::env::var_os(RESTARTED).is_none() {
        return Err(restart());
    }
    // SAFETY: sets a number in the allocator; no memory is touched.
    match unsafe { libc::mallopt(libc::M_PERTURB, FILL) } {
        1 => Ok(()),
        _ => Err(io::Error::other("the C heap cannot be made to overwrite")),
    }
}

/// Replaces the running program by itself with the settings; comes back only when that failed.
#[cfg(target_env = "gnu")]
fn restart() -> io::Error {
    use std::os::unix::process::CommandExt;

    let program = match std::env::current_exe() {
        Ok(path) => path,
        Err(e) => return e,
    };
    let tunables = match std::env::var(TUNABLES_OF) {
        Ok(theirs) if !theirs.is_empty() => format!("{theirs}:{TUNABLES}"),
        _ => TUNABLES.to_owned(),
    };
    let mut arguments = std::env::args_os();
    let mut again = std::process::Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    again
        .args(arguments)
        .env(TUNABLES_OF, tunables)
        .env(RESTARTED, "1")
        .exec()
}

/// This program once more, as a child that is hardened from its first instruction and knows nothing
/// else of this process's environment.
///
/// # Errors
/// When the program cannot be found.
pub fn this_program() -> io::Result<std::process::Command> {
    // The file may have been replaced since: what runs now is what is started.
    let running = std::path::Path::new("/proc/self/exe");
    let program = match running.exists() {
        true => running.to_path_buf(),
        false => std::env::current_exe()?,
    };
    Ok(self::program(&program))
}

/// Another program as a child, in the same way.
pub fn program(path: &std::path::Path) -> std::process::Command {
    let mut command = std::process::Command::new(path);
    command.env_clear();
    #[cfg(target_env = "gnu")]
    command.env(TUNABLES_OF, TUNABLES).env(RESTARTED, "1");
    command
}

/// Other C libraries have no such setting; what Rust frees is overwritten all the same.
///
/// # Errors
/// Never.
#[cfg(not(target_env = "gnu"))]
pub fn clear_c_heap() -> io::Result<()> {
    Ok(())
}

/// No core file when the process crashes, and no other process of the same user may attach to it or
/// read its memory. (The administrator still may.)
///
/// # Errors
/// When the system refuses.
pub fn refuse_dumps() -> io::Result<()> {
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the struct lives through the call, which only reads it.
    if unsafe { libc::setrlimit(libc::RLIMIT_CORE, &none) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: takes numbers only; the arguments it does not use are zero as it asks.
    if unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hardened_process_can_be_neither_dumped_nor_left_as_a_core_file() {
        refuse_dumps().unwrap();
        let mut limit = libc::rlimit {
            rlim_cur: 1,
            rlim_max: 1,
        };
        // SAFETY: the struct lives through the call, which fills it; the other takes numbers only.
        let dumpable = unsafe {
            assert_eq!(libc::getrlimit(libc::RLIMIT_CORE, &mut limit), 0);
            libc::prctl(libc::PR_GET_DUMPABLE, 0, 0, 0, 0)
        };
        assert_eq!((limit.rlim_cur, limit.rlim_max, dumpable), (0, 0, 0));
    }
}
