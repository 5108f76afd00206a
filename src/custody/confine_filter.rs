//! The system calls that a computing process may still make: those with which threads, memory, time
//! and reading are had. Everything else is not there.

use std::io;

/// From here on any other system call answers that there is none such; false where no filter is
/// known for this kind of machine. The process must have one thread; those it starts inherit it.
///
/// # Errors
/// When the system refuses.
#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
pub fn filter() -> io::Result<bool> {
    Ok(false)
}

/// From here on any other system call answers that there is none such; false where no filter is
/// known for this kind of machine. The process must have one thread; those it starts inherit it.
///
/// # Errors
/// When the system refuses.
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub fn filter() -> io::Result<bool> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

    let arch = match cfg!(target_arch = "x86_64") {
        true => TargetArch::x86_64,
        false => TargetArch::aarch64,
    };
    let rules = rules().map_err(io::Error::other)?;
    let filter = SeccompFilter::new(
        rules.into_iter().collect(),
        SeccompAction::Errno(libc::ENOSYS as u32),
        SeccompAction::Allow,
        arch,
    );
    let program: BpfProgram = filter
        .and_then(TryInto::try_into)
        .map_err(io::Error::other)?;
    seccompiler::apply_filter(&program).map_err(io::Error::other)?;
    Ok(true)
}

/// System calls and the arguments they may have; no rule means any.
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
fn rules() -> Result<Vec<(i64, Vec<seccompiler::SeccompRule>)>, seccompiler::BackendError> {
    use seccompiler::{
        SeccompCmpArgLen::{Dword, Qword},
        SeccompCmpOp::{Eq, MaskedEq},
        SeccompCondition as Condition, SeccompRule as Rule,
    };

    // The bits of `mask` in that argument are `value`.
    let bits = |argument, mask: i32, value: i32| {
        let op = MaskedEq(u64::from(mask as u32));
        Rule::new(vec![Condition::new(
            argument,
            Dword,
            op,
            u64::from(value as u32),
        )?])
    };
    let is = |argument, value: i64| {
        Rule::new(vec![Condition::new(
            argument,
            Dword,
            Eq,
            u64::from(value as u32),
        )?])
    };
    let writing = libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC;
    let mut rules = vec![
        (libc::SYS_openat, vec![bits(2, writing, libc::O_RDONLY)?]),
        (libc::SYS_mmap, vec![bits(2, libc::PROT_EXEC, 0)?]),
        (libc::SYS_mprotect, vec![bits(2, libc::PROT_EXEC, 0)?]),
        // A thread, not a process.
        (
            libc::SYS_clone,
            vec![bits(0, libc::CLONE_THREAD, libc::CLONE_THREAD)?],
        ),
        // To itself, to end.
        (
            libc::SYS_tgkill,
            vec![is(0, i64::from(std::process::id()))?],
        ),
        (
            libc::SYS_fcntl,
            [
                libc::F_GETFD,
                libc::F_SETFD,
                libc::F_GETFL,
                libc::F_DUPFD_CLOEXEC,
                libc::F_SETPIPE_SZ,
            ]
            .into_iter()
            .map(|command| is(1, i64::from(command)))
            .collect::<Result<_, _>>()?,
        ),
        // Names of threads and of memory; what the process is, not what it becomes.
        (
            libc::SYS_prctl,
            [
                libc::PR_SET_NAME,
                libc::PR_GET_NAME,
                PR_SET_VMA,
                libc::PR_GET_DUMPABLE,
            ]
            .into_iter()
            .map(|option| is(0, i64::from(option)))
            .collect::<Result<_, _>>()?,
        ),
        // Limits are asked for, not changed: of itself, without new ones.
        (
            libc::SYS_prlimit64,
            vec![Rule::new(vec![
                Condition::new(0, Dword, Eq, 0)?,
                Condition::new(2, Qword, Eq, 0)?,
            ])?],
        ),
    ];
    #[cfg(target_arch = "x86_64")]
    rules.push((libc::SYS_open, vec![bits(1, writing, libc::O_RDONLY)?]));
    rules.extend(ALLOWED.iter().map(|&call| (call, vec![])));
    #[cfg(target_arch = "x86_64")]
    rules.extend(ALLOWED_OLD.iter().map(|&call| (call, vec![])));
    Ok(rules)
}

/// Not in every version of the C library's constants.
const PR_SET_VMA: i32 = 0x5356_4d41;

/// With any arguments.
const ALLOWED: &[i64] = &[
    // Descriptors that are open.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_dup,
    libc::SYS_ppoll,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    libc::SYS_pipe2,
    libc::SYS_tee,
    // What waits in a socket that was handed over; none can be made.
    libc::SYS_recvfrom,
    // What the file system rules allow to be seen.
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_fstatfs,
    libc::SYS_statfs,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_getdents64,
    libc::SYS_readlinkat,
    libc::SYS_getcwd,
    libc::SYS_fadvise64,
    libc::SYS_llistxattr,
    libc::SYS_lgetxattr,
    // Memory.
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_mincore,
    libc::SYS_brk,
    libc::SYS_mlock,
    libc::SYS_munlock,
    libc::SYS_membarrier,
    // Threads.
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getcpu,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigaction,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    // The end of a reader that was started before.
    libc::SYS_wait4,
    libc::SYS_waitid,
    // Time, chance and the machine.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
];

/// Calls that only this kind of machine has, from before they were made anew.
#[cfg(target_arch = "x86_64")]
const ALLOWED_OLD: &[i64] = &[
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_poll,
    libc::SYS_epoll_wait,
    libc::SYS_time,
    libc::SYS_getrlimit,
];
