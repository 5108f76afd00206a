//! Who hands a list in: a token from a file, or e-mail and password.

use super::client::{Door, json};
use super::error::SubmitError;
use crate::cli::Failure;
use crate::cli::input::reason;
use console::Term;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Where the password is looked for before it is asked for.
const PASSWORD_VARIABLE: &str = "COUNTERPART_PASSWORD";
/// Longer is no token.
const MOST_TOKEN: u64 = 1_000;

/// Who signs in.
#[derive(clap::Args)]
#[group(id = "account", required = true, multiple = false)]
pub struct AccountArgs {
    /// E-mail of the account; the password is asked for, or taken from $COUNTERPART_PASSWORD
    #[arg(long, value_name = "E-MAIL")]
    email: Option<String>,
    /// File with an API token (`counterpart account token` makes one)
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// What is shown to the service.
pub enum Credentials {
    /// A session is opened with it, and ended afterwards.
    Password(String, Zeroizing<String>),
    /// A token for programs.
    Token(Zeroizing<String>),
}

#[derive(Deserialize)]
struct Session {
    token: String,
}

impl AccountArgs {
    /// Reads the token, or asks for the password.
    ///
    /// # Errors
    /// When there is neither.
    pub fn credentials(self) -> Result<Credentials, Failure> {
        match (self.token_file, self.email) {
            (Some(path), _) => token(&path).map(Credentials::Token),
            (None, email) => Ok(Credentials::Password(
                email.unwrap_or_default(),
                password()?,
            )),
        }
    }
}

fn token(path: &std::path::Path) -> Result<Zeroizing<String>, Failure> {
    let hint = "give a file that holds one API token and nothing else";
    let mut text = Zeroizing::new(String::new());
    let read = File::open(path).and_then(|f| f.take(MOST_TOKEN + 1).read_to_string(&mut text));
    read.map_err(|e| Failure::io(format!("cannot read the token: {}", reason(&e)), hint))?;
    let token = Zeroizing::new(text.trim().to_owned());
    let sound = !token.is_empty()
        && token.len() as u64 <= MOST_TOKEN
        && token.bytes().all(|b| b.is_ascii_graphic());
    match sound {
        true => Ok(token),
        false => Err(Failure::refused(
            "the file of --token-file holds no token",
            hint,
        )),
    }
}

fn password() -> Result<Zeroizing<String>, Failure> {
    if let Ok(password) = std::env::var(PASSWORD_VARIABLE) {
        return Ok(Zeroizing::new(password));
    }
    let hint = "set $COUNTERPART_PASSWORD, or give --token-file";
    let terminal = Term::stderr();
    if !terminal.is_term() {
        let message = "the password is missing, and there is no terminal to ask for it";
        return Err(Failure::refused(message, hint));
    }
    eprint!("Password: ");
    let typed = terminal.read_secure_line();
    let typed = typed
        .map_err(|e| Failure::io(format!("cannot read the password: {}", reason(&e)), hint))?;
    Ok(Zeroizing::new(typed))
}

impl Credentials {
    /// Opens the door.
    ///
    /// # Errors
    /// The service's.
    pub async fn show(&self, door: &mut Door) -> Result<(), SubmitError> {
        let token = match self {
            Credentials::Token(token) => token.clone(),
            Credentials::Password(email, password) => {
                let credentials = json!({ "email": email, "password": password.as_str() });
                let request = || door.request(Method::POST, "sessions").json(&credentials);
                let session: Session = json(door.patiently(request).await?).await?;
                Zeroizing::new(session.token)
            }
        };
        door.open_with(token);
        Ok(())
    }

    /// Ends the session that was opened.
    pub async fn take_back(&self, door: &Door) {
        if let Credentials::Password(..) = self {
            // It ends by itself within the day.
            let _ = door
                .request(Method::DELETE, "sessions/current")
                .send()
                .await;
        }
    }
}
