//! Talking with the service: one request after another, patiently.

use super::address::Address;
use super::error::SubmitError;
use crate::cli::Failure;
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde::de::DeserializeOwned;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Until a connection is there.
const CONNECTED: Duration = Duration::from_secs(15);
/// Longest silence; a stream of events is never silent for so long.
const SILENCE: Duration = Duration::from_secs(90);
/// Between two attempts, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// A way to the service, and the token that opens it.
pub struct Door {
    client: Client,
    pub address: Address,
    token: Option<Zeroizing<String>>,
    /// How long the same request is tried again.
    patience: Duration,
}

impl Door {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// When this machine has no means for it.
    pub fn new(address: Address, patience: Duration) -> Result<Door, Failure> {
        // Fails where one is installed already: that serves too.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(CONNECTED)
            .read_timeout(SILENCE)
            // A token goes where it was meant to go, and nowhere else.
            .redirect(redirect::Policy::none())
            // Each list has a connection of its own; none is left open behind it.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("counterpart/", env!("CARGO_PKG_VERSION")))
            .build();
        let client = client.map_err(|_| {
            Failure::io(
                "this program cannot open connections",
                "check this machine's certificates",
            )
        })?;
        Ok(Door {
            client,
            address,
            token: None,
            patience,
        })
    }

    /// From now on with that token.
    pub fn open_with(&mut self, token: Zeroizing<String>) {
        self.token = Some(token);
    }

    /// A request to something of the API.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, self.address.of(path));
        match &self.token {
            Some(token) => request.bearer_auth(token.as_str()),
            None => request,
        }
    }

    /// How long the same request is tried again, from now.
    pub fn patience(&self) -> Patience {
        Patience {
            until: Instant::now() + self.patience,
            pause: FIRST_PAUSE,
        }
    }

    /// Sends a request that may be sent again.
    ///
    /// # Errors
    /// What the last attempt met.
    pub async fn patiently(
        &self,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Response, SubmitError> {
        let mut patience = self.patience();
        loop {
            match answer(request()).await {
                Err(e) => patience.bear(e).await?,
                done => return done,
            }
        }
    }

    /// Reads something.
    ///
    /// # Errors
    /// The service's, or none of its answers.
    pub async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, SubmitError> {
        let response = self.patiently(|| self.request(Method::GET, path)).await?;
        json(response).await
    }
}

/// When to give up.
pub struct Patience {
    until: Instant,
    pause: Duration,
}

impl Patience {
    /// Waits before the next attempt.
    ///
    /// # Errors
    /// The error itself, when it does not pass or time is up.
    pub async fn bear(&mut self, e: SubmitError) -> Result<(), SubmitError> {
        let Some(asked) = e.passes() else {
            return Err(e);
        };
        let pause = asked.max(self.pause);
        if Instant::now() + pause > self.until {
            return Err(e);
        }
        eprintln!("note: {e}; trying again in {} s", pause.as_secs().max(1));
        tokio::time::sleep(pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

/// Sends a request once.
///
/// # Errors
/// No answer, or one that is no success.
pub async fn answer(request: RequestBuilder) -> Result<Response, SubmitError> {
    let response = request.send().await;
    let response = response.map_err(|e| SubmitError::no_answer(&e))?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = response.bytes().await.unwrap_or_default();
    Err(SubmitError::of(status.as_u16(), &body))
}

/// The JSON of an answer.
///
/// # Errors
/// When it is another's.
pub async fn json<T: DeserializeOwned>(response: Response) -> Result<T, SubmitError> {
    let status = response.status().as_u16();
    let body = response.bytes().await;
    let body = body.map_err(|e| SubmitError::no_answer(&e))?;
    serde_json::from_slice(&body).map_err(|_| SubmitError::NotOurs { status })
}
