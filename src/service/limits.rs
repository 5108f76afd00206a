//! How much and how fast: bounds on requests, so that nobody's slowness or haste harms others.

use super::problem::Problem;
use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Bytes of a JSON body.
pub const MOST_JSON: usize = 64 << 10;
/// Bytes of an upload beside the file: fields, boundaries, headers of parts.
pub const BESIDE_FILE: usize = 64 << 10;
/// Callers remembered; beyond, the ones longest quiet are forgotten.
const MOST_CALLERS: usize = 100_000;

/// Bounds on requests.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Longest silence in an upload.
    pub idle: Duration,
    /// Longest upload.
    pub upload: Duration,
    /// How long a key for a sealed upload lasts.
    pub seal_lasts: Duration,
    /// Attempts to sign in from one address in a minute.
    pub logins_per_minute: u32,
    /// Longest time from a connection's first byte to the end of its headers.
    pub headers: Duration,
    /// Longest time for a request that is no upload and no stream of events.
    pub request: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            idle: Duration::from_secs(20),
            upload: Duration::from_secs(600),
            seal_lasts: Duration::from_secs(600),
            logins_per_minute: 30,
            headers: Duration::from_secs(15),
            request: Duration::from_secs(60),
        }
    }
}

impl Limits {
    /// Of an upload that begins now.
    pub fn deadline(&self) -> Deadline {
        Deadline {
            idle: self.idle,
            until: Instant::now() + self.upload,
        }
    }
}

/// When an upload must go on, and when it must be done.
#[derive(Debug, Clone)]
pub struct Deadline {
    idle: Duration,
    until: Instant,
}

impl Deadline {
    /// Waits for a part of the upload.
    ///
    /// # Errors
    /// 408 when it does not come in time.
    pub async fn of<T>(&mut self, part: impl Future<Output = T>) -> Result<T, Problem> {
        let until = self.until.min(Instant::now() + self.idle);
        let done = tokio::time::timeout_at(until, part).await;
        done.map_err(|_| Problem::too_slow())
    }
}

/// Counts what callers do in each minute.
pub struct Rate<K> {
    most: u32,
    callers: Mutex<HashMap<K, (Instant, u32)>>,
}

impl<K: Eq + Hash + Clone> Rate<K> {
    /// So many a minute for each.
    pub fn per_minute(most: u32) -> Rate<K> {
        Rate {
            most,
            callers: Mutex::default(),
        }
    }

    /// One more.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub fn one(&self, caller: &K) -> Result<(), Problem> {
        const MINUTE: Duration = Duration::from_secs(60);
        let now = Instant::now();
        // Nothing in here panics half way through a change.
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= MOST_CALLERS {
            callers.retain(|_, (since, _)| now - *since < MINUTE);
        }
        let (since, count) = callers.entry(caller.clone()).or_insert((now, 0));
        if now - *since >= MINUTE {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        if *count > self.most {
            let wait = MINUTE.saturating_sub(now - *since).as_secs() + 1;
            let detail = format!("at most {} a minute are taken", self.most);
            return Err(Problem::too_many(detail, wait));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_caller_has_so_many_a_minute() {
        let rate = Rate::per_minute(2);
        assert!(rate.one(&1).is_ok() && rate.one(&1).is_ok());
        let refused = rate.one(&1).unwrap_err();
        assert_eq!((refused.status, refused.retry_after), (429, Some(61)));
        assert!(rate.one(&2).is_ok(), "another caller");
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(rate.one(&1).is_ok(), "the next minute");
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_ends_by_silence_or_by_its_whole_time() {
        let limits = Limits::default();
        let mut deadline = limits.deadline();
        let never = std::future::pending::<()>();
        assert_eq!(deadline.of(never).await.unwrap_err().status, 408);
        let mut deadline = limits.deadline();
        let mut pieces = 0;
        while deadline
            .of(tokio::time::sleep(Duration::from_secs(19)))
            .await
            .is_ok()
        {
            pieces += 1;
        }
        assert_eq!(pieces, 600 / 19);
    }
}
