//! What the service remembers: every test runs on SQLite and on a PostgreSQL of its own.

#[path = "store/cluster.rs"]
mod cluster;
#[path = "store/kit.rs"]
#[macro_use]
mod kit;

#[path = "store/accounts.rs"]
mod accounts;
#[path = "store/audit.rs"]
mod audit;
#[path = "store/command.rs"]
mod command;
#[path = "store/content.rs"]
mod content;
#[path = "store/ledger.rs"]
mod ledger;
#[path = "store/nodes.rs"]
mod nodes;
#[path = "store/notarised.rs"]
mod notarised;
#[path = "store/outage.rs"]
mod outage;
#[path = "store/permissions.rs"]
mod permissions;
#[path = "store/releases.rs"]
mod releases;
#[path = "store/sessions.rs"]
mod sessions;
#[path = "store/sharing.rs"]
mod sharing;
#[path = "store/states.rs"]
mod states;
#[path = "store/submissions.rs"]
mod submissions;

#[path = "verify/sound.rs"]
mod sound;
