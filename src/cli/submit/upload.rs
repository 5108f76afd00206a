//! The list on its way: sealed or plain, and once, however often a connection breaks.

use super::client::{Door, answer, json};
use super::error::{SubmitError, Why};
use super::receipt::{Out, Receipt};
use crate::cli::Failure;
use crate::custody::commitment::Committing;
use crate::custody::evidence::Commitment;
use crate::custody::keys::PublicKey;
use crate::custody::{hex, seal_key, sealed};
use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Method};
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Keys that are asked for, one after another, for one list.
const MOST_KEYS: usize = 5;

/// What is handed in, and how.
pub struct Upload<'a> {
    pub door: &'a Door,
    pub study: &'a str,
    /// Id of the programme.
    pub programme: &'a str,
    /// The key that the service is known by.
    pub known: Option<PublicKey>,
    pub out: &'a Out,
}

/// A key to seal to, as the service tells it.
#[derive(Deserialize)]
struct SealKey {
    id: String,
    public_key: String,
    signature: String,
    salt: String,
}

/// The service's answer to an upload.
#[derive(Deserialize)]
struct Accepted {
    id: String,
    commitment: Option<String>,
    salt: Option<String>,
}

/// A list that is sealed to a key.
struct Sealed {
    body: Bytes,
    receipt: Receipt,
}

impl Upload<'_> {
    /// Hands a list in so that only the process that works on it can open it.
    ///
    /// # Errors
    /// The service's, or no answer from it; what is not known to be there or not is told as such.
    pub async fn sealed(&self, list: Zeroizing<Vec<u8>>) -> Result<Receipt, Failure> {
        let once = idempotency_key();
        let mut patience = self.door.patience();
        let mut current = self.seal(&list).await?;
        let mut earlier: Vec<Receipt> = Vec::new();
        // An attempt failed, and may have used the key up.
        let mut unsure = false;
        loop {
            let written = self.out.prepare(&current.receipt)?;
            let id = current.receipt.id.clone();
            match self.send(&once, Some(&id), &current.body).await {
                Ok(accepted) => {
                    let found = earlier.into_iter().chain([current.receipt]);
                    let mut found = found.filter(|r| r.id == accepted.id);
                    let receipt = found.next().ok_or(SubmitError::NotOurs { status: 202 })?;
                    return self.out.receipt(receipt);
                }
                Err(e) if e.is(422) && (unsure || !earlier.is_empty()) => {
                    earlier.push(current.receipt);
                    if let Some(receipt) = self.one_that_is_there(&earlier).await? {
                        return self.out.receipt(receipt);
                    }
                    if earlier.len() == MOST_KEYS {
                        return Err(e.into());
                    }
                    current = self.seal(&list).await?;
                    unsure = false;
                }
                Err(e) => {
                    unsure |= may_have_come(&e);
                    if let Err(e) = patience.bear(e).await {
                        if unsure && matches!(e, SubmitError::Unreachable(_)) {
                            self.out.keep(written)?;
                            return Err(SubmitError::Unknown { id: Some(id) }.into());
                        }
                        return Err(e.into());
                    }
                }
            }
        }
    }

    /// Asks for a key, sees whose it is, and seals the list to it.
    async fn seal(&self, list: &[u8]) -> Result<Sealed, SubmitError> {
        let wanted = json!({ "study": self.study, "programme": self.programme });
        let request = || {
            let request = self.door.request(Method::POST, "sealed-uploads");
            request.json(&wanted)
        };
        let key: SealKey = json(self.door.patiently(request).await?).await?;
        let id = checked(key.id)?;
        let public = STANDARD.decode(&key.public_key);
        let public = public.map_err(|_| SubmitError::NoKey)?;
        let vouched_for = |known| seal_key::is_vouched_for(known, &id, &public, &key.signature);
        if !self.known.is_none_or(vouched_for) {
            return Err(SubmitError::NotVouchedFor);
        }
        let body = sealed::seal(&public, list, &id).map_err(|_| SubmitError::NoKey)?;
        let commitment = commitment(&key.salt, list)?;
        Ok(Sealed {
            body: body.into(),
            receipt: Receipt::new(self.door, id, true, Some((key.salt, commitment))),
        })
    }

    /// Of submissions that may have been made, the one that was.
    async fn one_that_is_there(&self, tried: &[Receipt]) -> Result<Option<Receipt>, SubmitError> {
        for receipt in tried {
            match self
                .door
                .read::<Value>(&format!("submissions/{}", receipt.id))
                .await
            {
                Ok(_) => return Ok(Some(receipt.clone())),
                Err(e) if e.is(404) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(None)
    }

    /// Hands a list in as it is: the service's own process sees its bytes pass.
    ///
    /// # Errors
    /// As [`Upload::sealed`].
    pub async fn plain(&self, list: Zeroizing<Vec<u8>>) -> Result<Receipt, Failure> {
        let once = idempotency_key();
        let mut patience = self.door.patience();
        let list = Bytes::from_owner(list);
        let mut unsure = false;
        let accepted = loop {
            match self.send(&once, None, &list).await {
                Ok(accepted) => break accepted,
                Err(e) => {
                    unsure |= may_have_come(&e);
                    if let Err(e) = patience.bear(e).await {
                        return Err(match e {
                            SubmitError::Unreachable(_) if unsure => {
                                SubmitError::Unknown { id: None }.into()
                            }
                            e => e.into(),
                        });
                    }
                }
            }
        };
        let id = checked(accepted.id)?;
        // Of an answer that was lost the salt is lost as well: it is told once.
        let told = match accepted.salt {
            Some(salt) => {
                let made = commitment(&salt, &list)?;
                if accepted.commitment.is_some_and(|c| c != made.digest) {
                    return Err(SubmitError::OtherFile.into());
                }
                Some((salt, made))
            }
            None => None,
        };
        self.out.receipt(Receipt::new(self.door, id, false, told))
    }

    async fn send(
        &self,
        once: &str,
        sealed: Option<&str>,
        body: &Bytes,
    ) -> Result<Accepted, SubmitError> {
        let length = body.len() as u64;
        let file = Part::stream_with_length(Body::from(body.clone()), length);
        let mut form = Form::new()
            .text("study", self.study.to_owned())
            .text("programme", self.programme.to_owned());
        if let Some(id) = sealed {
            form = form.text("sealed", id.to_owned());
        }
        let request = self.door.request(Method::POST, "submissions");
        let request = request.header("Idempotency-Key", once);
        json(answer(request.multipart(form.part("file", file))).await?).await
    }
}

/// Whether the service may have all of it, although there was no answer that says so.
fn may_have_come(e: &SubmitError) -> bool {
    !matches!(e, SubmitError::Unreachable(Why::Nobody | Why::Certificate))
}

/// The commitment to a list, made here: nobody's word is needed for it.
fn commitment(salt: &str, list: &[u8]) -> Result<Commitment, SubmitError> {
    let salt = hex::decode_32(salt).ok_or(SubmitError::NotOurs { status: 201 })?;
    let mut committing = Committing::new(&salt);
    committing.update(list);
    Ok(committing.finish())
}

/// An id of a submission: it goes into addresses and files.
fn checked(id: String) -> Result<String, SubmitError> {
    match id.len() == 32 && hex::is_hex(&id) {
        true => Ok(id),
        false => Err(SubmitError::NotOurs { status: 201 }),
    }
}

/// 128 random bits, hexadecimal: the same for all attempts at one list.
fn idempotency_key() -> String {
    format!("{:032x}", rand::random::<u128>())
}
