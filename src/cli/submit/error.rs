//! Why a list was not handed in, or not followed to its end.

use super::super::Failure;
use serde::Deserialize;
use std::time::Duration;

/// Characters of a server's sentence that are shown.
const MOST_SHOWN: usize = 600;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The address.
    #[error("the address of the server cannot be used: {0}")]
    Address(&'static str),
    /// No TLS, and not this machine.
    #[error(
        "http:// to another machine is not protected: whoever is on the way could read the password"
    )]
    Unprotected,
    /// No answer.
    #[error("the server cannot be reached: {0}")]
    Unreachable(Why),
    /// Not our service's answer.
    #[error("the server's answer (status {status}) is not one of this service")]
    NotOurs {
        /// HTTP.
        status: u16,
    },
    /// A problem document.
    #[error("{}: {}", .0.title, .0.detail)]
    Told(Told),
    /// The key is not vouched for.
    #[error("the key to seal the list to is not vouched for by the service of --key")]
    NotVouchedFor,
    /// It is no key.
    #[error("what the server gave as a key to seal the list to is none")]
    NoKey,
    /// No such programme.
    #[error("there is no programme of that name or id for this account")]
    NoProgramme,
    /// The commitment is to something else.
    #[error("the server commits to another file than the one that was sent")]
    OtherFile,
    /// It may be there or not.
    #[error("the connection broke, and whether the list was taken in is not known{}",
        .id.as_ref().map_or(String::new(), |id| format!(" (submission {id})")))]
    Unknown {
        /// The submission it would be.
        id: Option<String>,
    },
}

/// Why there is no answer at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// TLS.
    #[error("its certificate could not be checked")]
    Certificate,
    /// Before anything was sent.
    #[error("nothing listens at that address")]
    Nobody,
    /// Too slow.
    #[error("it does not answer in time")]
    Silent,
    /// In the middle.
    #[error("the connection broke")]
    Broken,
}

/// What a problem document says, fit to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// HTTP.
    pub status: u16,
    /// The kind in words.
    pub title: String,
    /// This time.
    pub detail: String,
    /// What to do.
    pub hint: String,
    /// When to come back.
    pub retry_after: Option<Duration>,
}

#[derive(Deserialize)]
struct Document {
    title: String,
    detail: String,
    #[serde(default)]
    hint: String,
    retry_after: Option<u64>,
}

impl SubmitError {
    /// Out of an answer that is no success.
    pub fn of(status: u16, body: &[u8]) -> SubmitError {
        match serde_json::from_slice::<Document>(body) {
            Ok(d) => SubmitError::Told(Told {
                status,
                title: shown(&d.title),
                detail: shown(&d.detail),
                hint: shown(&d.hint),
                retry_after: d.retry_after.map(Duration::from_secs),
            }),
            Err(_) => SubmitError::NotOurs { status },
        }
    }

    /// A request that got no answer: why, in words without its address.
    pub fn no_answer(e: &reqwest::Error) -> SubmitError {
        SubmitError::Unreachable(if is_tls(e) {
            Why::Certificate
        } else if e.is_connect() {
            Why::Nobody
        } else if e.is_timeout() {
            Why::Silent
        } else {
            Why::Broken
        })
    }

    /// The same request may succeed later, and after how long at the earliest.
    pub fn passes(&self) -> Option<Duration> {
        match self {
            SubmitError::Unreachable(Why::Certificate) => None,
            SubmitError::Unreachable(_) => Some(Duration::ZERO),
            SubmitError::Told(t) if [408, 429, 503].contains(&t.status) => {
                Some(t.retry_after.unwrap_or_default())
            }
            // A proxy's own pages, while the service behind it starts.
            SubmitError::NotOurs { status: 502..=504 } => Some(Duration::ZERO),
            _ => None,
        }
    }

    /// Whether the server said this, with that status.
    pub fn is(&self, wanted: u16) -> bool {
        matches!(self, SubmitError::Told(t) if t.status == wanted)
    }
}

/// The certificate is somewhere among the causes.
fn is_tls(e: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(e);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<std::io::Error>();
        let inner = inner.and_then(std::io::Error::get_ref);
        if error.is::<rustls::Error>() || inner.is_some_and(|i| i.is::<rustls::Error>()) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Fit for a terminal: no control characters, and not without end.
pub fn shown(text: &str) -> String {
    let text = text.chars().filter(|c| !c.is_control());
    text.take(MOST_SHOWN).collect()
}

impl From<SubmitError> for Failure {
    fn from(e: SubmitError) -> Failure {
        let message = e.to_string();
        let hint = match &e {
            SubmitError::Address(_) => {
                "give it like https://lab.example.org, without user, query or fragment"
            }
            SubmitError::Unprotected => {
                "give the https:// address; --insecure sends it all the same, on a network of your own"
            }
            SubmitError::Unreachable(Why::Certificate) => {
                "check the address and this machine's clock; the department can say which authority its certificate is of"
            }
            SubmitError::Unreachable(_) => "check --server and the connection, and send it again",
            SubmitError::NotOurs { .. } => {
                "check --server: it is the address before /api/v1, and nothing may redirect from it"
            }
            SubmitError::Told(t) => {
                let hint = Some(t.hint.clone()).filter(|h| !h.is_empty());
                let code = if t.status >= 500 { 3 } else { 1 };
                return Failure {
                    message,
                    hint,
                    code,
                };
            }
            SubmitError::NotVouchedFor => {
                "nothing was sent. Somebody on the way may have put in a key of their own: compare --key with the department's"
            }
            SubmitError::NoKey => "nothing was sent; ask the department, or send it with --plain",
            SubmitError::NoProgramme => {
                "give its id, or its name exactly; POST /api/v1/programmes makes one"
            }
            SubmitError::OtherFile => {
                "do not rely on this submission: erase it, and tell the department"
            }
            SubmitError::Unknown { .. } => {
                "look for that id among your submissions before you send the list again: it would be worked through twice"
            }
        };
        match e {
            SubmitError::Unreachable(_)
            | SubmitError::NotOurs { .. }
            | SubmitError::Unknown { .. } => Failure::io(message, hint),
            SubmitError::Address(_) | SubmitError::Unprotected => Failure {
                message,
                hint: Some(hint.to_owned()),
                code: 2,
            },
            _ => Failure::refused(message, hint),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_shown_without_what_moves_a_terminal() {
        let body =
            br#"{"title":"not \u001b[2Jnow","detail":"full\n","hint":"wait","retry_after":7}"#;
        let told = SubmitError::of(503, body);
        assert_eq!(told.to_string(), "not [2Jnow: full");
        assert_eq!(told.passes(), Some(Duration::from_secs(7)));
        let other = SubmitError::of(502, b"<html>");
        assert_eq!(other, SubmitError::NotOurs { status: 502 });
        assert_eq!(SubmitError::of(401, body).passes(), None);
    }
}
