//! Now, by two clocks.

use super::evidence::Moment;

impl Moment {
    /// Now: this machine's calendar, and how long it has been running.
    pub fn now() -> Moment {
        let now = jiff::Timestamp::now();
        // To the millisecond; what does not fit a calendar stays as it is.
        let wall = jiff::Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        Moment {
            wall: format!("{wall:.3}"),
            monotonic_ns: since_start(),
        }
    }
}

/// Nanoseconds since the machine started, time asleep included.
fn since_start() -> Option<u64> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the struct lives through the call, which fills it.
    if unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &mut time) } != 0 {
        return None;
    }
    let seconds = u64::try_from(time.tv_sec).ok()?;
    seconds
        .checked_mul(1_000_000_000)?
        .checked_add(u64::try_from(time.tv_nsec).ok()?)
}
