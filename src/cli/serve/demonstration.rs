//! A service to try out: an account for each role and a programme, in a data folder that has none yet.

use crate::cli::Failure;
use crate::cli::output::to_stdout;
use crate::service::config::Config;
use crate::service::model::Role;
use crate::service::store::{Actor, Audit, NewAccount, Secret, Store, StoreError};
use std::fmt::Write as _;
use std::io;
use std::net::TcpListener;

/// Who there is: e-mail, organisation, role, and what it is for.
const PEOPLE: [(&str, &str, Role, &str); 5] = [
    (
        "charity@example.org",
        "Helping Hand",
        Role::Charity,
        "hands in lists, reads its reports",
    ),
    (
        "steward@example.org",
        "The Department",
        Role::Steward,
        "checks reports and releases them",
    ),
    (
        "commissioner@example.org",
        "The Council",
        Role::Commissioner,
        "reads what is released",
    ),
    (
        "researcher@example.org",
        "The University",
        Role::Researcher,
        "hands in lists, reads its reports",
    ),
    (
        "auditor@example.org",
        "The Inspectorate",
        Role::Auditor,
        "reads ledger and audit trail",
    ),
];
/// The charity's programme.
const PROGRAMME: &str = "Mentoring after release";

/// Makes the accounts where there are none, and prints their passwords: once, and kept nowhere.
pub(super) async fn people(config: &Config) -> Result<(), Failure> {
    let store = Store::open(&config.data, config.database.as_deref()).await;
    let store = store.map_err(|e| failure(&e))?;
    let made = accounts(&store).await;
    store.close().await;
    match made.map_err(|e| failure(&e))? {
        Some(table) => to_stdout(&table),
        None => {
            eprintln!(
                "note: there are accounts already; `counterpart account password EMAIL` gives one a new password"
            );
            Ok(())
        }
    }
}

/// The table to print; None where there are accounts already.
async fn accounts(store: &Store) -> Result<Option<String>, StoreError> {
    if !store.accounts().await?.is_empty() {
        return Ok(None);
    }
    let mut table =
        String::from("Accounts to try it with (the passwords are shown this once):\n\n");
    for (email, organisation, role, purpose) in PEOPLE {
        let password = Secret::password();
        let new = NewAccount {
            email,
            organisation,
            role,
            password: password.expose(),
        };
        let audit = Audit::new(Actor::Operator, "account.add", "new");
        let account = store.add_account(&audit, &new).await?;
        if role == Role::Charity {
            let audit = Audit::new(Actor::Operator, "programme.make", account.organisation);
            let made = store.add_programme(&audit, account.organisation, PROGRAMME);
            made.await?;
        }
        // Writing to a text cannot fail.
        let _ = writeln!(table, "  {email:<26} {}   {purpose}", password.expose());
    }
    table.push('\n');
    Ok(Some(table))
}

/// Where somebody else listens already, any port that is free.
pub(super) fn free_address(config: &mut Config) {
    let taken = TcpListener::bind(config.listen).err();
    if taken.is_some_and(|e| e.kind() == io::ErrorKind::AddrInUse) {
        config.listen.set_port(0);
    }
}

fn failure(e: &StoreError) -> Failure {
    Failure::io(e.to_string(), "look at --data and --database")
}
