//! A service to try out: an account for each role and a programme, in a data folder that has none yet.

use crate::cli::Failure;
use crate::cli::output::to_stdout;
use crate::cohort::Field;
use crate::service::agreement::Basis;
use crate::service::config::Config;
use crate::service::model::{OrganisationId, Role};
use crate::service::sharing::{OTHER_COLUMNS, Side, Terms, day_of};
use crate::service::store::{Actor, Audit, NewAccount, Secret, Store, StoreError};
use jiff::ToSpan as _;
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
/// The charity's agreement.
const AGREEMENT: &str = "DSA-2026-014";
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
            agreement(store, account.organisation, email).await?;
        }
        // Writing to a text cannot fail.
        let _ = writeln!(table, "  {email:<26} {}   {purpose}", password.expose());
    }
    table.push('\n');
    Ok(Some(table))
}

/// A live agreement, so that a list can be handed in as it would be: it covers every column.
async fn agreement(
    store: &Store,
    organisation: OrganisationId,
    charity: &str,
) -> Result<(), StoreError> {
    let audit = Audit::new(Actor::Operator, "agreement.make", organisation);
    let starts = day_of(store.clock().now_ms());
    let fields = Field::ALL
        .into_iter()
        .map(Field::name)
        .chain([OTHER_COLUMNS]);
    let terms = Terms {
        reference: AGREEMENT.into(),
        parties: "Helping Hand shares with The Department. Both are invented.".into(),
        purpose: "To learn whether the programme works.".into(),
        lawful_basis: Basis::PublicTask,
        fields: fields.map(str::to_owned).collect(),
        retention:
            "The list is erased as soon as the answer is there. Reports and certificates are kept."
                .into(),
        starts,
        ends: starts.saturating_add(1.year()),
    };
    let made = store.add_sharing(&audit, organisation, &terms).await?;
    for (side, by) in [
        (Side::Provider, charity),
        (Side::Department, "steward@example.org"),
    ] {
        let audit = Audit::new(Actor::Operator, "agreement.sign", made.id);
        store.sign_sharing(&audit, made.id, side, by).await?;
    }
    Ok(())
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
