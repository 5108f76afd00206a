//! Passwords: Argon2id (RFC 9106) with the parameters OWASP asks for at least (19 MiB, 2 passes,
//! 1 lane), computed off the threads that answer requests and only a few at a time.

use super::{Secret, StoreError};
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Shortest password that is taken.
pub const MIN_PASSWORD_CHARACTERS: usize = 12;
/// Longer ones are refused, so that hashing costs what it should.
const MAX_PASSWORD_BYTES: usize = 256;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Computed at once: each takes 19 MiB.
const AT_ONCE: usize = 4;

/// Hashes and verifies.
#[derive(Clone)]
pub(super) struct Passwords {
    places: Arc<Semaphore>,
    /// Verified against when there is no such account, so that it takes as long.
    dummy: Arc<OnceLock<String>>,
}

impl Passwords {
    pub(super) fn new() -> Passwords {
        Passwords {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            dummy: Arc::new(OnceLock::new()),
        }
    }

    /// The PHC string of a password, with a salt of its own.
    pub(super) async fn hash(&self, password: &str) -> Result<String, StoreError> {
        if password.chars().count() < MIN_PASSWORD_CHARACTERS {
            return Err(StoreError::Invalid {
                rule: "a password has at least 12 characters",
            });
        }
        if password.len() > MAX_PASSWORD_BYTES {
            return Err(StoreError::Invalid {
                rule: "a password has at most 256 bytes",
            });
        }
        let password = Zeroizing::new(password.to_owned());
        self.off_thread(move || hash(&password)).await?
    }

    /// Whether the password is the one behind the PHC string. Without one it takes as long and is
    /// not.
    pub(super) async fn verify(
        &self,
        password: &str,
        phc: Option<String>,
    ) -> Result<bool, StoreError> {
        let short = password.get(..MAX_PASSWORD_BYTES).unwrap_or(password);
        let known = phc.is_some() && password.len() <= MAX_PASSWORD_BYTES;
        let password = Zeroizing::new(short.to_owned());
        let dummy = Arc::clone(&self.dummy);
        self.off_thread(move || {
            let phc = match phc {
                Some(phc) => phc,
                None => match dummy.get() {
                    Some(phc) => phc.clone(),
                    None => {
                        let made = hash(Secret::password().expose())?;
                        dummy.get_or_init(|| made).clone()
                    }
                },
            };
            let phc = PasswordHash::new(&phc).map_err(|_| damaged())?;
            let same = argon2()?.verify_password(password.as_bytes(), &phc).is_ok();
            Ok(same && known)
        })
        .await?
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let stopped = || StoreError::Unavailable {
            how: "shutting down".into(),
        };
        let place = Arc::clone(&self.places)
            .acquire_owned()
            .await
            .map_err(|_| stopped())?;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        done.await.map_err(|_| stopped())
    }
}

fn damaged() -> StoreError {
    StoreError::Damaged { what: "password" }
}

fn argon2() -> Result<Argon2<'static>, StoreError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| damaged())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, StoreError> {
    let hashed = argon2()?
        .hash_password(password.as_bytes())
        .map_err(|_| damaged())?;
    Ok(hashed.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other_is() {
        let passwords = Passwords::new();
        let phc = passwords.hash("correct horse battery").await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(phc != passwords.hash("correct horse battery").await.unwrap());
        let verify = async |p, phc: &str| passwords.verify(p, Some(phc.into())).await.unwrap();
        assert!(verify("correct horse battery", &phc).await);
        assert!(!verify("correct horse batterx", &phc).await);
        assert!(
            !passwords
                .verify("correct horse battery", None)
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn short_and_endless_passwords_are_refused() {
        let passwords = Passwords::new();
        assert!(passwords.hash("elevenchars").await.is_err());
        assert!(passwords.hash(&"x".repeat(257)).await.is_err());
        let phc = passwords.hash(&"x".repeat(256)).await.unwrap();
        assert!(!passwords.verify(&"x".repeat(257), Some(phc)).await.unwrap());
    }
}
