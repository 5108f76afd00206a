//! Wipes the dead part of every thread's stack, and the registers of threads that wait: what
//! functions that have returned left behind.
//!
//! Each thread does it for itself in a signal handler, since nobody else knows where its live part
//! ends, and since the libraries' worker threads take no jobs that say so (polars runs threads of
//! its own beside rayon's). The handler runs on the thread's signal stack, so that its own frame does
//! not lie where it has to wipe; Rust gives one to every thread it starts. The system writes the
//! zeros: asked to read `/dev/zero` onto a page that is not there, such as the guard below a stack,
//! it says so, where a store would end the process.

use super::context::Interrupted;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

const PAGE: usize = 4096;
/// Left to the handler's own frames when it has to run on the stack that it wipes.
const GAP: usize = 2 * PAGE;
/// Where to stop on a stack without limit.
const DEEPEST: usize = 64 << 20;
/// How long a thread may take to answer.
const PATIENCE: Duration = Duration::from_millis(500);
/// Threads at work are asked again, this often and after this long: workers look around for more
/// work for a moment before they lie down.
const ROUNDS: usize = 5;
const PAUSE: Duration = Duration::from_millis(2);

/// `/dev/zero`, open for good: a handler that runs late must still find it.
static ZEROS: OnceLock<File> = OnceLock::new();
static ZEROS_FD: AtomicI32 = AtomicI32::new(-1);
/// The thread that answered last, and the instruction at which it was interrupted.
static ANSWERED: AtomicI32 = AtomicI32::new(0);
static ANSWERED_AT: AtomicUsize = AtomicUsize::new(0);
/// Whether that thread was waiting, so that its registers were wiped too.
static ANSWERED_WAITING: AtomicBool = AtomicBool::new(false);
/// Where a thread stands that waits inside the C library's `syscall`: 0 until known.
static WAITING_AT: AtomicUsize = AtomicUsize::new(0);
/// One at a time.
static TURN: Mutex<()> = Mutex::new(());

/// How many stacks were wiped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wiped {
    /// Threads that wiped their stack, this one included.
    pub threads: usize,
    /// Of these, the ones that were at work, or waited in other ways than worker threads do: their
    /// registers were left alone.
    pub at_work: usize,
    /// Threads that did not answer in time: their stacks may hold anything.
    pub silent: usize,
}

/// Wipes the dead stack of this thread and of every other thread of the process, and the vector
/// registers of this one and of those that wait. Takes some milliseconds; the threads go on with
/// what they were doing.
///
/// # Errors
/// When `/dev/zero` or the list of threads cannot be read, or the signal cannot be set up.
pub fn wipe_stacks() -> io::Result<Wiped> {
    // A poisoned lock guards nothing but the turn.
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    open_zeros()?;
    let signal = listen()?;
    // SAFETY: takes nothing, gives a number.
    let me = unsafe { libc::gettid() };
    // This thread interrupts itself inside `syscall`: that is where the waiting ones stand as well.
    if !matches!(ask(me, signal), Answer::Silent) {
        WAITING_AT.store(ANSWERED_AT.load(Ordering::SeqCst), Ordering::SeqCst);
    }
    let others = threads()?.into_iter().filter(|&thread| thread != me);
    let mut wiped = ask_all(others.collect(), signal);
    // Last, since asking the others has left its own traces.
    let mine = ask_all(vec![me], signal);
    wiped.threads += mine.threads;
    wiped.silent += mine.silent;
    Ok(wiped)
}

/// Asks all of them; those at work once more in the next round.
fn ask_all(mut threads: Vec<libc::pid_t>, signal: libc::c_int) -> Wiped {
    let mut wiped = Wiped::default();
    for round in 0..ROUNDS {
        threads.retain(|&thread| {
            let answer = ask(thread, signal);
            match answer {
                Answer::Silent => wiped.silent += 1,
                Answer::AtWork if round == 0 => wiped.threads += 1,
                Answer::Waiting if round == 0 => wiped.threads += 1,
                _ => {}
            }
            matches!(answer, Answer::AtWork)
        });
        wiped.at_work = threads.len();
        if threads.is_empty() {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    wiped
}

enum Answer {
    /// Stack and registers wiped.
    Waiting,
    /// Stack wiped.
    AtWork,
    Silent,
    /// Ended meanwhile.
    Gone,
}

/// Signals one thread and waits for it.
fn ask(thread: libc::pid_t, signal: libc::c_int) -> Answer {
    ANSWERED.store(0, Ordering::SeqCst);
    // SAFETY: numbers only; a thread that has ended makes the call fail.
    if unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, signal) } != 0 {
        return match io::Error::last_os_error().raw_os_error() {
            Some(libc::ESRCH) => Answer::Gone,
            _ => Answer::Silent,
        };
    }
    let asked = Instant::now();
    while ANSWERED.load(Ordering::SeqCst) != thread {
        if asked.elapsed() > PATIENCE {
            let ended = !std::path::Path::new(&format!("/proc/self/task/{thread}")).exists();
            return if ended { Answer::Gone } else { Answer::Silent };
        }
        std::thread::sleep(Duration::from_micros(50));
    }
    if ANSWERED_WAITING.load(Ordering::SeqCst) {
        Answer::Waiting
    } else {
        Answer::AtWork
    }
}

fn threads() -> io::Result<Vec<libc::pid_t>> {
    let mut ids = Vec::new();
    for entry in std::fs::read_dir("/proc/self/task")? {
        if let Some(Ok(id)) = entry?.file_name().to_str().map(str::parse) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn open_zeros() -> io::Result<()> {
    if ZEROS.get().is_none() {
        let file = File::open("/dev/zero")?;
        ZEROS_FD.store(ZEROS.get_or_init(|| file).as_raw_fd(), Ordering::SeqCst);
    }
    Ok(())
}

/// Sets up the handler; interrupted calls go on by themselves.
fn listen() -> io::Result<libc::c_int> {
    let signal = libc::SIGRTMAX() - 3;
    // SAFETY: an all-zero `sigaction` is a valid one; the handler has the signature that SA_SIGINFO
    // asks for and does only what a handler may (system calls and atomics).
    let set = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_signal as *const () as usize;
        action.sa_flags = libc::SA_RESTART | libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigaction(signal, &action, std::ptr::null_mut())
    };
    match set {
        0 => Ok(signal),
        _ => Err(io::Error::last_os_error()),
    }
}

extern "C" fn on_signal(
    _signal: libc::c_int,
    _info: *mut libc::siginfo_t,
    context: *mut libc::c_void,
) {
    // SAFETY: the system hands the handler the context of the code it interrupted, which is this
    // handler's to read and change until it returns. The error number is this thread's own, and the
    // interrupted code may be about to read it: put back as it was.
    unsafe {
        let errno = *libc::__errno_location();
        wipe_thread(&mut Interrupted::new(context.cast()));
        ANSWERED.store(libc::gettid(), Ordering::SeqCst);
        *libc::__errno_location() = errno;
    }
}

fn wipe_thread(interrupted: &mut Interrupted) {
    let at = interrupted.instruction();
    let waiting_at = WAITING_AT.load(Ordering::SeqCst);
    let waits = waiting_at != 0 && (at == waiting_at || interrupted.will_restart(waiting_at));
    if waits {
        interrupted.forget_vectors();
    }
    let here = std::hint::black_box(&raw const waits) as usize;
    if interrupted.has_stack_of_its_own(here) {
        wipe_down_from(interrupted.live_end(waits));
    } else {
        blank_gap();
        wipe_down_from(here - GAP);
    }
    ANSWERED_AT.store(at, Ordering::SeqCst);
    ANSWERED_WAITING.store(waits, Ordering::SeqCst);
}

/// Overwrites this thread's stack from there down to its end.
fn wipe_down_from(end: usize) {
    let zeros = ZEROS_FD.load(Ordering::SeqCst);
    let blank = |from: usize, to: usize| {
        // SAFETY: stacks grow downwards, and everything below `end` is dead: the caller has left out
        // what is in use. Below the stack lies a guard page, on which the call fails.
        let read = unsafe { libc::read(zeros, from as *mut libc::c_void, to - from) };
        read == (to - from) as isize
    };
    let top = end & !(PAGE - 1);
    if top < end && !blank(top, end) {
        return;
    }
    let mut low = top;
    while top - low < DEEPEST && blank(low - PAGE, low) {
        low -= PAGE;
    }
    // Gives back the memory of pages that were never in use before. May be refused: they are blank.
    // SAFETY: the range is the one just overwritten; it reads as zeros afterwards too.
    unsafe { libc::madvise(low as *mut libc::c_void, top - low, libc::MADV_DONTNEED) };
}

/// A frame of zeros over the gap that is left to the handler's frames.
#[inline(never)]
fn blank_gap() {
    let mut blank = [0u8; GAP + PAGE];
    std::hint::black_box(&mut blank);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    const DEPTH: usize = 64 << 10;

    /// Writes a pattern far below the caller's frame and tells where.
    #[inline(never)]
    fn soil() -> usize {
        let mut frame = [0u8; DEPTH];
        frame.fill(0xC7);
        std::hint::black_box(&mut frame).as_ptr() as usize
    }

    /// Bytes of the pattern still there.
    fn remnants(start: usize) -> usize {
        (start..start + DEPTH - 2 * GAP)
            // SAFETY: a stack of this process that lives as long as its thread, which waits.
            .filter(|&at| unsafe { (at as *const u8).read_volatile() } == 0xC7)
            .count()
    }

    #[test]
    fn dead_stack_of_this_and_of_waiting_threads_is_overwritten() {
        let (tell, told) = mpsc::channel();
        let mut held = Vec::new();
        let mut threads = Vec::new();
        for _ in 0..3 {
            let tell = tell.clone();
            let (release, wait) = mpsc::channel::<()>();
            held.push(release);
            threads.push(std::thread::spawn(move || {
                tell.send(soil()).unwrap();
                let _ = wait.recv();
            }));
        }
        let theirs: Vec<usize> = told.iter().take(3).collect();
        assert!(theirs.iter().all(|&at| remnants(at) > DEPTH / 2));

        let wiped = wipe_stacks().unwrap();
        assert!(wiped.threads >= 4, "{wiped:?}");
        assert_eq!(wiped.silent, 0);
        assert!(theirs.iter().all(|&at| remnants(at) == 0));

        let mine = soil();
        wipe_stacks().unwrap();
        assert_eq!(remnants(mine), 0);

        drop(held);
        for thread in threads {
            thread.join().unwrap();
        }
    }

    /// Puts a pattern into a vector register, waits inside `syscall` until woken, tells what is there.
    #[cfg(target_arch = "x86_64")]
    fn register_over_a_wait(pattern: u64, woken: &AtomicI32) -> u64 {
        let mut register = pattern;
        // SAFETY: waits on a number that outlives the call; declares what a C call changes, and the
        // one register it uses besides.
        unsafe {
            std::arch::asm!(
                "movq xmm15, r12",
                "call {syscall}",
                "movq r12, xmm15",
                syscall = sym libc::syscall,
                in("rdi") libc::SYS_futex,
                in("rsi") woken.as_ptr(),
                in("rdx") libc::FUTEX_WAIT,
                in("rcx") 0,
                in("r8") 0,
                in("r9") 0,
                inlateout("r12") register,
                clobber_abi("C"),
            );
        }
        register
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn a_waiting_thread_forgets_its_vector_registers() {
        static WOKEN: AtomicI32 = AtomicI32::new(0);
        let waiting = std::thread::spawn(|| register_over_a_wait(0x006E_6574_7469_7257, &WOKEN));
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(wipe_stacks().unwrap().silent, 0);
        WOKEN.store(1, Ordering::SeqCst);
        // SAFETY: wakes whoever waits on the number.
        unsafe { libc::syscall(libc::SYS_futex, WOKEN.as_ptr(), libc::FUTEX_WAKE, 1) };
        assert_eq!(waiting.join().unwrap(), 0);
    }

    #[test]
    fn threads_at_work_are_not_disturbed() {
        let quiet: Vec<u64> = (0..4).map(|seed| churn(seed, 200_000)).collect();
        let disturbed: Vec<u64> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|seed| scope.spawn(move || churn(seed, 200_000)))
                .collect();
            for _ in 0..10 {
                assert_eq!(wipe_stacks().unwrap().silent, 0);
            }
            workers.into_iter().map(|w| w.join().unwrap()).collect()
        });
        assert_eq!(quiet, disturbed);
    }

    /// Work that keeps live values on the stack and the heap.
    fn churn(seed: u64, rounds: u64) -> u64 {
        let mut window = [seed; 32];
        (0..rounds).fold(0u64, |sum, i| {
            let slot = (i % 32) as usize;
            window[slot] = window[slot].wrapping_mul(6_364_136_223_846_793_005) ^ i;
            sum.wrapping_add(window.to_vec()[slot])
        })
    }
}
