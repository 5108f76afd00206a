//! A process that reads a stranger's file gives up everything but computing: it can read its
//! standard input, write its standard output, have some memory and end. Whatever the file makes it
//! do, there is nothing it could do it to.

use std::io;

/// Memory, the program's own code and libraries included.
const MEMORY: u64 = 1 << 30;
/// Seconds of computing.
const CPU_SECONDS: u64 = 20;

/// How far a process was confined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confinement {
    /// Limits, and a filter that ends the process at any other system call.
    Filtered,
    /// Limits alone: no filter is known for this kind of machine.
    LimitsOnly,
}

impl Confinement {
    /// What [`confine`] comes to on this kind of machine.
    pub const HERE: Confinement = match cfg!(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )) {
        true => Confinement::Filtered,
        false => Confinement::LimitsOnly,
    };
}

/// Gives up, for good: more than a gigabyte of memory, 20 seconds of computing, files, other
/// processes, the network, new privileges. The process must have one thread.
///
/// # Errors
/// When the system refuses: then nothing of a stranger's should be read.
pub fn confine() -> io::Result<Confinement> {
    limit(libc::RLIMIT_AS, MEMORY)?;
    limit(libc::RLIMIT_CPU, CPU_SECONDS)?;
    limit(libc::RLIMIT_FSIZE, 0)?;
    limit(libc::RLIMIT_NOFILE, 0)?;
    limit(libc::RLIMIT_NPROC, 0)?;
    super::refuse_dumps()?;
    filter()?;
    Ok(Confinement::HERE)
}

/// Lowers a limit to `most`, or leaves it where it is lower already.
pub(super) fn limit(which: libc::__rlimit_resource_t, most: u64) -> io::Result<()> {
    limit_between(which, most, most)
}

/// Lowers a limit to `soft`, at which the process is told where there is a way of telling it, and
/// `hard`, or leaves either where it is lower already.
pub(super) fn limit_between(
    which: libc::__rlimit_resource_t,
    soft: u64,
    hard: u64,
) -> io::Result<()> {
    let mut now = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the struct lives through the call, which fills it.
    if unsafe { libc::getrlimit(which, &mut now) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let hard = hard.min(now.rlim_max);
    let lower = libc::rlimit {
        rlim_cur: soft.min(hard),
        rlim_max: hard,
    };
    // SAFETY: the struct lives through the call, which only reads it.
    match unsafe { libc::setrlimit(which, &lower) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// From here on any system call that computing does not need ends the process.
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
fn filter() -> io::Result<()> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

    let arch = match cfg!(target_arch = "x86_64") {
        true => TargetArch::x86_64,
        false => TargetArch::aarch64,
    };
    let rules = rules().map_err(io::Error::other)?;
    let filter = SeccompFilter::new(
        rules.into_iter().collect(),
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        arch,
    );
    let program: BpfProgram = filter
        .and_then(TryInto::try_into)
        .map_err(io::Error::other)?;
    // Gives up new privileges first, which the system asks for.
    seccompiler::apply_filter(&program).map_err(io::Error::other)
}

/// System calls and the arguments they may have; no rule means any.
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
fn rules() -> Result<Vec<(i64, Vec<seccompiler::SeccompRule>)>, seccompiler::BackendError> {
    use seccompiler::{
        SeccompCmpArgLen::Dword, SeccompCmpOp, SeccompCondition as Condition, SeccompRule as Rule,
    };

    let is = |argument, value: u32| Condition::new(argument, Dword, SeccompCmpOp::Eq, value.into());
    let no_code = || {
        let executable = libc::PROT_EXEC as u64;
        Condition::new(2, Dword, SeccompCmpOp::MaskedEq(executable), 0)
    };
    // Of no file.
    let anonymous = is(4, u32::MAX)?;
    let mut rules = vec![
        (libc::SYS_read, vec![Rule::new(vec![is(0, 0)?])?]),
        (
            libc::SYS_write,
            vec![Rule::new(vec![is(0, 1)?])?, Rule::new(vec![is(0, 2)?])?],
        ),
        (
            libc::SYS_mmap,
            vec![Rule::new(vec![anonymous, no_code()?])?],
        ),
        (libc::SYS_mprotect, vec![Rule::new(vec![no_code()?])?]),
        // To itself, to end.
        (
            libc::SYS_tgkill,
            vec![Rule::new(vec![is(0, std::process::id())?])?],
        ),
    ];
    let memory = [
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_brk,
    ];
    let rest = [
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_rt_sigreturn,
        libc::SYS_rt_sigprocmask,
        libc::SYS_sigaltstack,
        libc::SYS_getrandom,
        libc::SYS_clock_gettime,
        libc::SYS_getpid,
        libc::SYS_gettid,
    ];
    rules.extend(memory.into_iter().chain(rest).map(|call| (call, vec![])));
    Ok(rules)
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
fn filter() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forks, confines the child, has it do something, and gives its end: exit code or signal.
    fn end_of_confined(act: fn() -> bool) -> Result<i32, i32> {
        // SAFETY: the child calls nothing that another thread's lock could hold up: the allocator is
        // the C library's, which a fork leaves usable, and it ends without unwinding.
        unsafe {
            let child = libc::fork();
            assert!(child >= 0);
            if child == 0 {
                let code = match confine() {
                    Ok(_) if act() => 0,
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
    fn a_confined_process_computes_and_ends() {
        let end = end_of_confined(|| {
            let squares: Vec<u64> = (0..100_000).map(|i| i * i).collect();
            std::hint::black_box(&squares).len() == 100_000
        });
        assert_eq!(end, Ok(0));
    }

    #[test]
    fn more_memory_than_the_limit_is_not_to_be_had() {
        let end = end_of_confined(|| {
            let mut hoard: Vec<u8> = Vec::new();
            hoard.try_reserve_exact(2 << 30).is_err()
        });
        assert_eq!(end, Ok(0));
    }

    #[test]
    fn opening_connecting_starting_and_signalling_end_a_confined_process() {
        type Act = fn() -> bool;
        let acts: [(&str, Act); 8] = [
            ("open", || std::fs::File::open("/dev/null").is_ok()),
            ("make", || {
                std::fs::write("/tmp/counterpart-made", "x").is_ok()
            }),
            ("delete", || {
                std::fs::remove_file("/tmp/counterpart-none").is_ok()
            }),
            ("connect", || {
                std::net::TcpStream::connect("127.0.0.1:9").is_ok()
            }),
            // SAFETY: numbers only.
            ("socket", || unsafe {
                libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0) >= 0
            }),
            ("start", || {
                std::process::Command::new("/bin/true").status().is_ok()
            }),
            // SAFETY: numbers only; to its parent, with no signal.
            ("signal", || unsafe { libc::kill(libc::getppid(), 0) == 0 }),
            // SAFETY: asks for memory to run code in, and does not use it.
            ("code", || unsafe {
                let rwx = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
                let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
                libc::mmap(std::ptr::null_mut(), 4096, rwx, flags, -1, 0) != libc::MAP_FAILED
            }),
        ];
        for (what, act) in acts {
            let expected = match Confinement::HERE {
                Confinement::Filtered => Err(libc::SIGSYS),
                Confinement::LimitsOnly => continue,
            };
            assert_eq!(end_of_confined(act), expected, "{what}");
        }
    }
}
