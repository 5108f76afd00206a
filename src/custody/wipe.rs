//! Wipes the dead part of every thread's stack: what functions that have returned left behind.
//!
//! Each thread does it for itself in a signal handler, since nobody else knows where its live part
//! ends, and since the libraries' worker threads take no jobs that say so (polars runs threads of
//! its own beside rayon's). The system writes the zeros: asked to read `/dev/zero` onto a page that
//! is not there, such as the guard below a stack, it says so, where a store would end the process.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

const PAGE: usize = 4096;
/// Left to the handler's own frames below the point where it looks; blanked by a frame of its own.
const GAP: usize = 2 * PAGE;
/// Where to stop on a stack without limit.
const DEEPEST: usize = 64 << 20;
/// How long a thread may take to answer.
const PATIENCE: Duration = Duration::from_millis(500);

/// `/dev/zero`, open for good: a handler that runs late must still find it.
static ZEROS: OnceLock<File> = OnceLock::new();
static ZEROS_FD: AtomicI32 = AtomicI32::new(-1);
/// The last thread to have wiped its stack.
static ANSWERED: AtomicI32 = AtomicI32::new(0);
/// One at a time.
static TURN: Mutex<()> = Mutex::new(());

/// How many stacks were wiped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wiped {
    /// Threads that wiped theirs, this one included.
    pub threads: usize,
    /// Threads that did not answer in time: their stacks may hold anything.
    pub silent: usize,
}

/// Wipes the dead stack of this thread and of every other thread of the process. Takes about a
/// millisecond a thread; the threads go on with what they were doing.
///
/// # Errors
/// When `/dev/zero` or the list of threads cannot be read, or the signal cannot be set up.
pub fn wipe_stacks() -> io::Result<Wiped> {
    // A poisoned lock guards nothing but the turn.
    let _turn = TURN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    open_zeros()?;
    let signal = listen()?;
    // SAFETY: takes nothing, gives a number.
    let me = unsafe { libc::gettid() };
    let mut wiped = Wiped {
        threads: 1,
        silent: 0,
    };
    for thread in threads()? {
        if thread == me {
            continue;
        }
        match ask(thread, signal) {
            Answer::Wiped => wiped.threads += 1,
            Answer::Silent => wiped.silent += 1,
            Answer::Gone => {}
        }
    }
    wipe_below();
    Ok(wiped)
}

enum Answer {
    Wiped,
    Silent,
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
    Answer::Wiped
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
    // SAFETY: an all-zero `sigaction` is a valid one; the handler does only what a handler may
    // (system calls and atomics), on the thread's own stack since SA_ONSTACK is not asked for.
    let set = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_signal as *const () as usize;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(signal, &action, std::ptr::null_mut())
    };
    match set {
        0 => Ok(signal),
        _ => Err(io::Error::last_os_error()),
    }
}

extern "C" fn on_signal(_signal: libc::c_int) {
    // SAFETY: the address of this thread's own error number, which the interrupted code may be about
    // to read: put back as it was.
    unsafe {
        let errno = *libc::__errno_location();
        wipe_below();
        ANSWERED.store(libc::gettid(), Ordering::SeqCst);
        *libc::__errno_location() = errno;
    }
}

/// Overwrites this thread's stack from here down to its end.
#[inline(never)]
fn wipe_below() {
    blank_gap();
    let here = 0u8;
    let top = (std::hint::black_box(&raw const here) as usize - GAP) & !(PAGE - 1);
    let zeros = ZEROS_FD.load(Ordering::SeqCst);
    let mut low = top;
    while top - low < DEEPEST {
        let page = low - PAGE;
        // SAFETY: stacks grow downwards and everything a page or more below our own frame, and below
        // that of `read`, is dead. Below the stack lies a guard page, on which the call fails.
        if unsafe { libc::read(zeros, page as *mut libc::c_void, PAGE) } != PAGE as isize {
            break;
        }
        low = page;
    }
    // Gives back the memory of pages that were never in use before. May be refused: they are blank.
    // SAFETY: the range is the one just overwritten; it reads as zeros afterwards too.
    unsafe { libc::madvise(low as *mut libc::c_void, top - low, libc::MADV_DONTNEED) };
}

/// A frame of zeros over what the page-wise pass leaves out.
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
