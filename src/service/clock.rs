//! What time it is, for whoever must be tested at another time.

use crate::custody::evidence::Moment;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> i64;

    /// Nanoseconds since the machine started; None where the machine does not tell.
    fn since_start_ns(&self) -> Option<u64>;

    /// Both, as evidence has them.
    fn moment(&self) -> Moment {
        Moment {
            wall: rfc3339(self.now_ms()),
            monotonic_ns: self.since_start_ns(),
        }
    }
}

/// RFC 3339, UTC, to the millisecond; a time beyond the calendar is told as 1970.
pub fn rfc3339(ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    format!("{at:.3}")
}

/// The machine's own.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }

    fn since_start_ns(&self) -> Option<u64> {
        let text = std::fs::read_to_string("/proc/uptime").ok()?;
        // Seconds with two decimals, then idle time.
        let (seconds, hundredths) = text.split_whitespace().next()?.split_once('.')?;
        let seconds: u64 = seconds.parse().ok()?;
        let hundredths: u64 = hundredths.parse().ok()?;
        Some(seconds * 1_000_000_000 + hundredths * 10_000_000)
    }
}

/// One that stands until it is moved: for tests.
#[derive(Debug, Clone, Default)]
pub struct HandClock(Arc<AtomicI64>);

impl HandClock {
    /// Standing at this many milliseconds since 1970.
    pub fn at(ms: i64) -> HandClock {
        HandClock(Arc::new(AtomicI64::new(ms)))
    }

    /// Moves it on; all clones with it.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn since_start_ns(&self) -> Option<u64> {
        u64::try_from(self.now_ms()).ok()?.checked_mul(1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_to_the_millisecond() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_795_422_437_045), "2026-11-23T08:27:17.045Z");
    }

    #[test]
    fn the_machine_knows_both_times() {
        let (a, b) = (SystemClock.moment(), SystemClock.moment());
        assert!(a.wall.as_str() > "2026" && a.wall <= b.wall);
        assert!(a.monotonic_ns.unwrap() <= b.monotonic_ns.unwrap());
    }
}
