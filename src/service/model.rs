//! The service's words: who there is, what a submission is and where it stands.

use crate::custody::hex;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 32 hexadecimal digits are expected")]
pub struct NotAnId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A new one, of 128 random bits.
            pub fn random() -> $name {
                $name(rand::random())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(&self.0))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<$name, NotAnId> {
                let bytes = hex::decode(text).ok_or(NotAnId)?;
                Ok($name(bytes.try_into().map_err(|_| NotAnId)?))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// Of a submission: says nothing about who made it or when.
    SubmissionId
);
id!(
    /// Of an account.
    AccountId
);
id!(
    /// Of an organisation: the tenant. What one has, no other sees.
    OrganisationId
);
id!(
    /// Of a programme.
    ProgrammeId
);
id!(
    /// Of a data-sharing agreement in the register.
    AgreementId
);
id!(
    /// Of a server process, for as long as it runs.
    NodeId
);

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(utoipa::ToSchema)]
pub enum Role {
    /// Hands in lists and reads its own reports.
    Charity,
    /// Reads what is released.
    Commissioner,
    /// The department: approves releases, sees every submission, keeps the accounts.
    Steward,
    /// Runs studies on the sample register; reads the register's dictionary.
    Researcher,
    /// Reads the ledger and the audit trail; no report.
    Auditor,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 5] = [
        Role::Charity,
        Role::Commissioner,
        Role::Steward,
        Role::Researcher,
        Role::Auditor,
    ];
}

/// Where a submission stands. The moves between them are in [`super::states`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(utoipa::ToSchema)]
pub enum State {
    /// The file is in its worker, whole, and waits for its turn.
    Received,
    /// The worker computes.
    Running,
    /// The data is erased and certified; the findings wait for a steward.
    AwaitingRelease,
    /// The findings may be read; the data is erased and certified.
    Released,
    /// There are no findings (any more); the data is erased and certified. Why is beside it.
    Erased,
    /// The scan after the end was not clean: no certificate, intake stops, the operator is told.
    Incident,
}

/// Why a submission ended without findings that may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(utoipa::ToSchema)]
pub enum EndReason {
    /// The file could not be used, or there is no answer; a problem document says why.
    NoAnswer,
    /// The worker died.
    WorkerDied,
    /// The worker took too long.
    TimedOut,
    /// The server ended.
    ServerEnded,
    /// Its organisation, or a steward, withdrew it.
    Withdrawn,
    /// A steward did not approve its release.
    NotApproved,
    /// The scan after the end was not clean: an incident, that a steward has to resolve.
    ScanUnclean,
}
