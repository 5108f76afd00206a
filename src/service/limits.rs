//! How much and how fast: bounds on requests, so that nobody's slowness or haste harms others.

use super::model::{AccountId, OrganisationId};
use super::problem::Problem;
use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Bytes of a JSON body.
pub const MOST_JSON: usize = 64 << 10;
/// Bytes of an upload beside the file: fields, boundaries, headers of parts.
pub const BESIDE_FILE: usize = 64 << 10;
/// Callers remembered at a time.
const MOST_CALLERS: usize = 100_000;
const MINUTE: Duration = Duration::from_secs(60);

/// Bounds on requests.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Longest silence in an upload.
    pub idle: Duration,
    /// Longest upload.
    pub upload: Duration,
    /// How long a key for a sealed upload lasts.
    pub seal_lasts: Duration,
    /// Longest time from a connection's first byte to the end of its headers.
    pub headers: Duration,
    /// Longest time for a JSON body to be whole.
    pub body: Duration,
    /// Attempts to sign in from one address in a minute.
    pub logins_per_address: u32,
    /// Attempts to sign in to one account from one address in a minute.
    pub logins_per_account: u32,
    /// Uploads, and keys for sealed ones, of one organisation in a minute.
    pub uploads: u32,
    /// Requests of one account in a minute.
    pub requests: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            idle: Duration::from_secs(20),
            upload: Duration::from_secs(600),
            seal_lasts: Duration::from_secs(600),
            headers: Duration::from_secs(15),
            body: Duration::from_secs(15),
            logins_per_address: 60,
            logins_per_account: 10,
            uploads: 240,
            requests: 3_000,
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
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    idle: Duration,
    until: Instant,
}

impl Deadline {
    /// Waits for the sender.
    ///
    /// # Errors
    /// 408 when nothing comes in time.
    pub async fn of<T>(&self, part: impl Future<Output = T>) -> Result<T, Problem> {
        let until = self.until.min(Instant::now() + self.idle);
        let done = tokio::time::timeout_at(until, part).await;
        done.map_err(|_| Problem::too_slow())
    }

    /// Waits for something of ours, for which the sender cannot help.
    ///
    /// # Errors
    /// 503 when it is not done within the whole time.
    pub async fn ours<T>(&self, part: impl Future<Output = T>) -> Result<T, Problem> {
        let done = tokio::time::timeout_at(self.until, part).await;
        done.map_err(|_| Problem::unavailable("the list could not be taken in in time", 30))
    }
}

/// What is counted of whom.
pub struct Rates {
    /// Attempts to sign in, of an address.
    pub logins: Rate<IpAddr>,
    /// Attempts to sign in, of an address to an e-mail's account: its keyed hash.
    pub logins_to: Rate<(IpAddr, u64)>,
    /// Uploads.
    pub uploads: Rate<OrganisationId>,
    /// Everything that is signed in.
    pub requests: Rate<AccountId>,
}

impl Rates {
    /// With nothing counted yet.
    pub fn new(limits: &Limits) -> Rates {
        Rates {
            logins: Rate::per_minute(limits.logins_per_address),
            logins_to: Rate::per_minute(limits.logins_per_account),
            uploads: Rate::per_minute(limits.uploads),
            requests: Rate::per_minute(limits.requests),
        }
    }
}

/// Counts what callers do in each minute.
pub struct Rate<K> {
    most: u32,
    callers: Mutex<HashMap<K, (Instant, u32)>>,
}

impl<K: Eq + Hash> Rate<K> {
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
    pub fn one(&self, caller: K) -> Result<(), Problem> {
        let now = Instant::now();
        // Nothing in here panics half way through a change.
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= MOST_CALLERS {
            callers.retain(|_, (since, _)| now - *since < MINUTE);
        }
        if callers.len() >= MOST_CALLERS && !callers.contains_key(&caller) {
            // A flood from many sides: who is new waits, who was here before goes on.
            return Err(Problem::too_many("too many callers at once", 60));
        }
        let (since, count) = callers.entry(caller).or_insert((now, 0));
        if now - *since >= MINUTE {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
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

    fn by_hand() -> tokio::runtime::Runtime {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().build().unwrap()
    }

    #[test]
    fn each_caller_has_so_many_a_minute() {
        let rate = Rate::per_minute(2);
        assert!(rate.one(1).is_ok() && rate.one(1).is_ok());
        let refused = rate.one(1).unwrap_err();
        assert_eq!(refused.status, 429);
        assert!(refused.retry_after.is_some_and(|s| (59..=61).contains(&s)));
        assert!(rate.one(2).is_ok(), "another caller");
    }

    #[test]
    fn an_upload_ends_by_silence_or_by_its_whole_time() {
        let limits = Limits {
            idle: Duration::from_millis(40),
            upload: Duration::from_millis(200),
            ..Limits::default()
        };
        by_hand().block_on(async {
            let never = std::future::pending::<()>();
            let refused = limits.deadline().of(never).await.unwrap_err();
            assert_eq!(refused.status, 408);
            let deadline = limits.deadline();
            let mut pieces = 0;
            while deadline
                .of(tokio::time::sleep(Duration::from_millis(10)))
                .await
                .is_ok()
            {
                pieces += 1;
            }
            assert!((1..=20).contains(&pieces), "{pieces}");
            let ours = deadline.ours(std::future::pending::<()>()).await;
            assert_eq!(ours.unwrap_err().status, 503);
        });
    }
}
