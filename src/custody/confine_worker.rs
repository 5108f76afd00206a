//! A process that computes on a stranger's list gives up everything but that: it can read the held
//! register and its open descriptors, have threads and some memory, and end. No file system beside
//! the register (Landlock), no network, no other program or process, nothing written to any file
//! (a system call filter). What is refused answers as if the system did not have it, so that
//! libraries fall back instead of failing.

use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// What was in force before the first byte came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confined {
    /// The system call filter.
    pub filtered: bool,
    /// The file system rules, all of them.
    pub fenced: bool,
    /// Memory cannot be swapped out.
    pub locked: bool,
}

impl Confined {
    /// Filter and file system rules both.
    pub fn fully(self) -> bool {
        self.filtered && self.fenced
    }
}

/// Gives up, for good: all of the file system but reading that folder; more memory and time than
/// those; the network, other processes, new privileges. Ends when its parent does (the *thread* that
/// started it, as the system has it: start workers from one that lives on). The process must have
/// one thread; it may start others afterwards.
///
/// `memory` counts what the process itself fills, in bytes, not the mapped register; `cpu` is in
/// seconds of all threads together.
///
/// # Errors
/// When the system refuses something that it knows: then nothing of a stranger's should be read.
/// Where it does not know system call filters or file system rules, that is said in the answer.
pub fn confine_worker(register: &Path, memory: u64, cpu: u64) -> io::Result<Confined> {
    use super::confine::{limit, limit_between};

    end_with_parent()?;
    limit(libc::RLIMIT_DATA, memory)?;
    // First a signal that says why, then one that cannot be missed.
    limit_between(libc::RLIMIT_CPU, cpu, cpu.saturating_add(2))?;
    limit(libc::RLIMIT_FSIZE, 0)?;
    let locked = lock(memory);
    let confined = confine_to_reading(&[register.to_path_buf()])?;
    Ok(Confined { locked, ..confined })
}

/// The same without limits, for reading those folders and files.
///
/// # Errors
/// As [`confine_worker`].
pub(super) fn confine_to_reading(paths: &[PathBuf]) -> io::Result<Confined> {
    super::refuse_dumps()?;
    // SAFETY: takes numbers only; the arguments it does not use are zero as it asks.
    if unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let fenced = fence(paths)?;
    let filtered = super::confine_filter::filter()?;
    Ok(Confined {
        filtered,
        fenced,
        locked: false,
    })
}

fn end_with_parent() -> io::Result<()> {
    // SAFETY: numbers only, in both calls.
    let (set, parent) = unsafe {
        let set = libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0);
        (set, libc::getppid())
    };
    match set {
        // Ended already, and this process was handed to the first of all.
        0 if parent == 1 && std::process::id() != 1 && was_orphaned() => {
            Err(io::Error::other("the parent has ended"))
        }
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A parent with number 1 may be the server itself, as the only program of a container: then its
/// pipe is still open.
fn was_orphaned() -> bool {
    let mut stdin = libc::pollfd {
        fd: 0,
        events: 0,
        revents: 0,
    };
    // SAFETY: one struct that lives through the call; does not wait.
    let polled = unsafe { libc::poll(&mut stdin, 1, 0) };
    polled > 0 && stdin.revents & libc::POLLHUP != 0
}

/// Keeps all memory, now and later, out of swap, if that much may be kept.
fn lock(memory: u64) -> bool {
    let mut most = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the struct lives through the call, which fills it.
    if unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &mut most) } != 0 {
        return false;
    }
    // With a limit that is met half way, later memory would not be had at all: the program, its
    // libraries and the pages of the register in use count too.
    if !may_lock() && most.rlim_cur < memory.saturating_mul(2).saturating_add(8 << 30) {
        return false;
    }
    let all = libc::MCL_CURRENT | libc::MCL_FUTURE | libc::MCL_ONFAULT;
    // SAFETY: a number only.
    unsafe { libc::mlockall(all) == 0 }
}

/// Has the capability that lifts the limit.
fn may_lock() -> bool {
    const CAP_IPC_LOCK: u32 = 14;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let held = status.lines().find_map(|l| l.strip_prefix("CapEff:"));
    held.and_then(|set| u64::from_str_radix(set.trim(), 16).ok())
        .is_some_and(|set| set >> CAP_IPC_LOCK & 1 == 1)
}

/// Only reading below those paths, and only there; says whether all rules are in force.
fn fence(paths: &[PathBuf]) -> io::Result<bool> {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus,
        Scope, path_beneath_rules,
    };

    // What the rules can be told to refuse grows with the system; these are known since 6.12 (the
    // sixth form). An older one refuses as much as it can: the files, since 5.13.
    let rules = || {
        Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(AccessNet::from_all(ABI::V6))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .add_rules(path_beneath_rules(
                paths,
                AccessFs::from_read(ABI::V6) & !AccessFs::Execute,
            ))?
            .restrict_self()
    };
    let status = rules().map_err(io::Error::other)?;
    // The network is closed by the filter as well; of older rules those for files are all it needs.
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Forks, confines the child to a folder with one file in it, has it do something, and gives its
    /// end: exit code or signal.
    fn end_of_confined(act: fn(&Path) -> bool) -> Result<i32, i32> {
        let register = tempfile::tempdir().unwrap();
        fs::write(register.path().join("held"), b"held").unwrap();
        // SAFETY: the child calls nothing that another thread's lock could hold up: the allocator is
        // the C library's, which a fork leaves usable, and it ends without unwinding.
        unsafe {
            let child = libc::fork();
            assert!(child >= 0);
            if child == 0 {
                let code = match confine_worker(register.path(), 1 << 30, 20) {
                    Ok(confined) if !confined.fully() => 3,
                    Ok(_) if act(register.path()) => 0,
                    Ok(_) => 1,
                    Err(_) => 2,
                };
                libc::_exit(code);
            }
            let mut status = 0;
            assert_eq!(libc::waitpid(child, &mut status, 0), child);
            match libc::WIFSIGNALED(status) {
                true => Err(libc::WTERMSIG(status)),
                false => Ok(libc::WEXITSTATUS(status)),
            }
        }
    }

    #[test]
    fn a_confined_worker_reads_the_register_and_has_threads() {
        let end = end_of_confined(|register| {
            let file = fs::File::open(register.join("held")).unwrap();
            let map = super::super::ReadOnlyMap::of(&file).unwrap();
            let thread = std::thread::spawn(move || map.bytes() == b"held");
            thread.join().unwrap_or(false) && fs::read_dir(register).unwrap().count() == 1
        });
        assert_eq!(end, Ok(0));
    }

    #[test]
    fn a_confined_worker_has_no_more_memory_than_it_was_given() {
        let end = end_of_confined(|_| {
            let mut hoard: Vec<u8> = Vec::new();
            hoard.try_reserve_exact(2 << 30).is_err()
        });
        assert_eq!(end, Ok(0));
    }

    #[test]
    fn everything_else_is_refused_to_a_confined_worker() {
        type Act = fn(&Path) -> bool;
        let acts: [(&str, Act); 14] = [
            ("open", |_| fs::File::open("/etc/hostname").is_ok()),
            ("list", |_| fs::read_dir("/").is_ok()),
            ("look up", |_| fs::File::open("/proc/self/mem").is_ok()),
            ("make outside", |_| {
                fs::write("/tmp/counterpart-made", "x").is_ok()
            }),
            ("make inside", |r| fs::write(r.join("made"), "x").is_ok()),
            ("change inside", |r| {
                fs::OpenOptions::new()
                    .append(true)
                    .open(r.join("held"))
                    .is_ok()
            }),
            ("delete inside", |r| fs::remove_file(r.join("held")).is_ok()),
            ("rename inside", |r| {
                fs::rename(r.join("held"), r.join("other")).is_ok()
            }),
            ("connect", |_| {
                std::net::TcpStream::connect("127.0.0.1:9").is_ok()
            }),
            // SAFETY: numbers only.
            ("socket", |_| unsafe {
                libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0) >= 0
            }),
            ("start", |_| {
                std::process::Command::new("/bin/true").status().is_ok()
            }),
            // SAFETY: the child, were there one, ends at once.
            ("fork", |_| unsafe {
                match libc::fork() {
                    0 => libc::_exit(0),
                    child => child > 0,
                }
            }),
            // SAFETY: numbers only; nothing is read or written.
            ("trace", |_| unsafe {
                libc::ptrace(libc::PTRACE_ATTACH, libc::getppid(), 0, 0) == 0
            }),
            // SAFETY: asks for nameless memory with a descriptor, which could be handed on.
            ("nameless file", |_| unsafe {
                libc::memfd_create(c"x".as_ptr(), 0) >= 0
            }),
        ];
        for (what, act) in acts {
            assert_eq!(end_of_confined(act), Ok(1), "{what}");
        }
        // SAFETY: to its parent, with no signal: only asks whether it may.
        let signal = end_of_confined(|_| unsafe { libc::kill(libc::getppid(), 0) == 0 });
        assert_eq!(signal, Ok(1));
        // SAFETY: asks for memory to run code in, and does not use it.
        let code = end_of_confined(|_| unsafe {
            let rwx = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            libc::mmap(std::ptr::null_mut(), 4096, rwx, flags, -1, 0) != libc::MAP_FAILED
        });
        assert_eq!(code, Ok(1));
    }
}
