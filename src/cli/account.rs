//! `counterpart account`: who may sign in to the service. Passwords never stand on a command line,
//! where every user of the machine could read them.

use super::Failure;
use super::output::to_stdout;
use crate::service::model::Role;
use crate::service::store::{Account, Actor, Audit, NewAccount, Secret, Store, StoreError};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;
use zeroize::Zeroizing;

/// Where the database's address is looked for when no flag gives it.
const DATABASE_VARIABLE: &str = "COUNTERPART_DATABASE";
const DAY_MS: i64 = 24 * 3_600_000;

/// Flags of `counterpart account`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
    /// The service's data folder
    #[arg(long, global = true, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// A PostgreSQL address instead [default: $COUNTERPART_DATABASE]; the password goes into
    /// $PGPASSWORD or ~/.pgpass
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// Print the result as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum What {
    /// Make an account, and its organisation where it is new; prints a password once
    Add {
        /// Who signs in
        email: String,
        /// Whose account it is
        #[arg(long, value_name = "NAME")]
        organisation: String,
        /// What it may do
        #[arg(long, value_enum)]
        role: RoleName,
        /// Take the password from the first line of stdin instead of making one
        #[arg(long)]
        password_stdin: bool,
    },
    /// List every account
    List,
    /// End an account's sessions and tokens; it can no longer sign in
    Disable {
        /// Whose account
        email: String,
    },
    /// Let an account sign in again
    Enable {
        /// Whose account
        email: String,
    },
    /// Give an account another password; its sessions and tokens end
    Password {
        /// Whose account
        email: String,
        /// Take the password from the first line of stdin instead of making one
        #[arg(long)]
        password_stdin: bool,
    },
    /// Make an API token; prints it once
    Token {
        /// Whose account
        email: String,
        /// What the token is for
        #[arg(long, value_name = "NAME")]
        name: String,
        /// How long it can be used
        #[arg(long, value_name = "N", default_value_t = 90,
            value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: u16,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum RoleName {
    /// Hands in lists and reads its own reports
    Charity,
    /// Reads what is released
    Commissioner,
    /// The department: approves releases, sees every submission
    Steward,
    /// Runs studies; reads the register's dictionary
    Researcher,
    /// Reads the ledger and the audit trail
    Auditor,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Role {
        match name {
            RoleName::Charity => Role::Charity,
            RoleName::Commissioner => Role::Commissioner,
            RoleName::Steward => Role::Steward,
            RoleName::Researcher => Role::Researcher,
            RoleName::Auditor => Role::Auditor,
        }
    }
}

/// What is told: for people, for machines, and what next.
struct Told {
    text: String,
    json: Value,
    next: Option<&'static str>,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let database = match args.database {
        Some(url) if has_password(&url) => {
            return Err(Failure::refused(
                "the address has a password in it, which every user of this machine could read",
                "put the password into $PGPASSWORD or ~/.pgpass, or the whole address into $COUNTERPART_DATABASE",
            ));
        }
        Some(url) => Some(url),
        None => std::env::var(DATABASE_VARIABLE).ok(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| Failure::io("this program cannot start its runtime", None))?;
    let told = runtime.block_on(async {
        let store = Store::open(&args.data, database.as_deref())
            .await
            .map_err(failure)?;
        let told = answer(&store, args.what).await;
        store.close().await;
        told
    })?;
    match args.json {
        true => to_stdout(&format!("{:#}\n", told.json))?,
        false => to_stdout(&told.text)?,
    }
    if let Some(next) = told.next {
        eprintln!("hint: {next}");
    }
    Ok(ExitCode::SUCCESS)
}

/// `postgres://user:password@host/name`.
fn has_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    // A password may hold a slash: whatever stands before the last @ is user and password.
    let user = before.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || query.split('&').any(|p| p.starts_with("password="))
}

async fn answer(store: &Store, what: What) -> Result<Told, Failure> {
    match what {
        What::Add {
            email,
            organisation,
            role,
            password_stdin,
        } => {
            let (password, made) = password(password_stdin)?;
            let new = NewAccount {
                email: &email,
                organisation: &organisation,
                role: role.into(),
                password: &password,
            };
            let audit = Audit::new(Actor::Operator, "account.add", "new");
            let account = store.add_account(&audit, &new).await.map_err(failure)?;
            Ok(with_password(
                &account,
                &password,
                made,
                "hand the password over in person; it is kept nowhere. Start the service with `counterpart serve`",
            ))
        }
        What::List => list(store).await,
        What::Disable { email } => set_active(store, &email, false).await,
        What::Enable { email } => set_active(store, &email, true).await,
        What::Password {
            email,
            password_stdin,
        } => {
            let account = store.account_of_email(&email).await.map_err(failure)?;
            let (password, made) = password(password_stdin)?;
            let audit = Audit::new(Actor::Operator, "account.password", account.id);
            let changed = store.set_password(&audit, account.id, &password).await;
            changed.map_err(failure)?;
            Ok(with_password(
                &account,
                &password,
                made,
                "hand the password over in person; its sessions and tokens have ended",
            ))
        }
        What::Token { email, name, days } => {
            let account = store.account_of_email(&email).await.map_err(failure)?;
            let audit = Audit::new(Actor::Operator, "token.make", account.id);
            let lasts = i64::from(days) * DAY_MS;
            let made = store.make_token(&audit, account.id, &name, lasts).await;
            let (info, token) = made.map_err(failure)?;
            Ok(Told {
                text: format!("{}\n", token.expose()),
                json: json!({"token": token.expose(), "id": info.id, "expires_at": info.expires_at}),
                next: Some("send it as `Authorization: Bearer ...`; it is shown this once"),
            })
        }
    }
}

/// The password, and whether it was made here.
fn password(from_stdin: bool) -> Result<(Zeroizing<String>, bool), Failure> {
    if !from_stdin {
        return Ok((Zeroizing::new(Secret::password().expose().to_owned()), true));
    }
    let mut line = Zeroizing::new(String::with_capacity(4096));
    // More than the longest password, so that one that is too long is refused and not cut.
    let read = std::io::stdin().take(4000).read_to_string(&mut line);
    read.map_err(|_| Failure::io("the password on stdin cannot be read as UTF-8", None))?;
    let first = line.lines().next().unwrap_or("");
    Ok((Zeroizing::new(first.to_owned()), false))
}

fn as_json(account: &Account) -> Value {
    json!({
        "id": account.id,
        "email": account.email,
        "organisation": account.organisation,
        "role": account.role,
        "active": account.active,
    })
}

fn with_password(account: &Account, password: &str, made: bool, next: &'static str) -> Told {
    let mut json = as_json(account);
    if made {
        json["password"] = password.into();
    }
    Told {
        text: match made {
            true => format!("{password}\n"),
            false => String::new(),
        },
        json,
        next: Some(next),
    }
}

async fn list(store: &Store) -> Result<Told, Failure> {
    let accounts = store.accounts().await.map_err(failure)?;
    let mut text = String::new();
    let mut json = Vec::new();
    for account in &accounts {
        let organisation = store
            .organisation(account.organisation)
            .await
            .map_err(failure)?;
        let state = if account.active { "active" } else { "disabled" };
        let mut entry = as_json(account);
        let role = entry["role"].as_str().unwrap_or("").to_owned();
        text += &format!(
            "{}\t{role}\t{}\t{state}\n",
            account.email, organisation.name
        );
        entry["organisation_name"] = organisation.name.into();
        json.push(entry);
    }
    Ok(Told {
        text,
        json: Value::Array(json),
        next: accounts.is_empty().then_some(
            "there are no accounts yet: counterpart account add EMAIL --organisation NAME --role steward",
        ),
    })
}

async fn set_active(store: &Store, email: &str, active: bool) -> Result<Told, Failure> {
    let mut account = store.account_of_email(email).await.map_err(failure)?;
    let (action, done) = match active {
        true => ("account.enable", "it can sign in again"),
        false => ("account.disable", "its sessions and tokens have ended"),
    };
    let audit = Audit::new(Actor::Operator, action, account.id);
    store
        .set_active(&audit, account.id, active)
        .await
        .map_err(failure)?;
    account.active = active;
    Ok(Told {
        text: format!("{done}\n"),
        json: as_json(&account),
        next: None,
    })
}

fn failure(e: StoreError) -> Failure {
    let hint = match &e {
        StoreError::Exists { .. } => {
            "`counterpart account list` shows it; `counterpart account password` gives it another password"
        }
        StoreError::NotFound { .. } => "`counterpart account list` shows all there are",
        StoreError::Unavailable { .. } => "see whether the database runs, and try again",
        StoreError::Open { .. } => "check --data or --database",
        _ => "nothing was changed",
    };
    match e {
        StoreError::Exists { .. } | StoreError::NotFound { .. } | StoreError::Invalid { .. } => {
            Failure::refused(e.to_string(), hint)
        }
        other => Failure::io(other.to_string(), hint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_is_seen() {
        assert!(has_password("postgres://me:secret@host/db"));
        assert!(has_password("postgres://me@host/db?password=x"));
        assert!(has_password("postgres://me:p/w@host/db"));
        for fine in [
            "postgres://me@host:5432/db",
            "postgres://host:5432/db",
            "postgres:///db?host=/run",
        ] {
            assert!(!has_password(fine), "{fine}");
        }
    }
}
