//! The life of a submission: one table of moves. Nothing else changes a state; the picture in
//! docs/states.md is drawn from this table by a test.
//!
//! Awaiting release, released and erased are entered with the data erased and the certificate in
//! the ledger; an incident is the one way to have none.

use super::model::{EndReason, Role, State};
use std::fmt::Write as _;

/// What happens to a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// The worker begins to compute.
    Start,
    /// The worker answered, ended, and the scan was clean.
    Answered {
        /// The study says that a steward must approve.
        needs_release: bool,
    },
    /// The worker said why there is no answer.
    NoAnswer,
    /// The worker died.
    WorkerDied,
    /// The worker took too long.
    TimedOut,
    /// The server ended; found by whoever looked after it.
    ServerEnded,
    /// Asked to erase now.
    Withdraw,
    /// A steward approves the release.
    Approve,
    /// A steward does not.
    Refuse,
    /// The scan after the end found something, or could not look.
    ScanUnclean,
    /// A steward has dealt with the incident.
    IncidentResolved,
}

impl Event {
    /// All of them.
    pub const ALL: [Event; 12] = [
        Event::Start,
        Event::Answered {
            needs_release: true,
        },
        Event::Answered {
            needs_release: false,
        },
        Event::NoAnswer,
        Event::WorkerDied,
        Event::TimedOut,
        Event::ServerEnded,
        Event::Withdraw,
        Event::Approve,
        Event::Refuse,
        Event::ScanUnclean,
        Event::IncidentResolved,
    ];

    /// As it is told.
    pub const fn name(self) -> &'static str {
        match self {
            Event::Start => "start",
            Event::Answered {
                needs_release: true,
            } => "answered, release needed",
            Event::Answered {
                needs_release: false,
            } => "answered",
            Event::NoAnswer => "no answer",
            Event::WorkerDied => "worker died",
            Event::TimedOut => "timed out",
            Event::ServerEnded => "server ended",
            Event::Withdraw => "withdraw",
            Event::Approve => "approve",
            Event::Refuse => "refuse",
            Event::ScanUnclean => "scan unclean",
            Event::IncidentResolved => "incident resolved",
        }
    }

    /// Why findings are not to be had after this; None where they may be.
    pub const fn reason(self) -> Option<EndReason> {
        match self {
            Event::NoAnswer => Some(EndReason::NoAnswer),
            Event::WorkerDied => Some(EndReason::WorkerDied),
            Event::TimedOut => Some(EndReason::TimedOut),
            Event::ServerEnded => Some(EndReason::ServerEnded),
            Event::Withdraw => Some(EndReason::Withdrawn),
            Event::Refuse => Some(EndReason::NotApproved),
            Event::ScanUnclean | Event::IncidentResolved => Some(EndReason::ScanUnclean),
            Event::Start | Event::Answered { .. } | Event::Approve => None,
        }
    }
}

/// Who makes a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mover {
    /// The service itself, that watches the worker and certifies its end.
    Service,
    /// Somebody of the organisation it belongs to.
    Submitter,
    /// A steward.
    Steward,
}

impl Mover {
    /// As it is told.
    pub const fn name(self) -> &'static str {
        match self {
            Mover::Service => "service",
            Mover::Submitter => "submitter",
            Mover::Steward => "steward",
        }
    }

    /// As whom an account moves its own organisation's submissions, or any for a steward.
    pub const fn of(role: Role) -> Option<Mover> {
        match role {
            Role::Charity | Role::Researcher => Some(Mover::Submitter),
            Role::Steward => Some(Mover::Steward),
            Role::Commissioner | Role::Auditor => None,
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Where it stands.
    pub from: State,
    /// What happens.
    pub event: Event,
    /// Who may make it happen.
    pub by: &'static [Mover],
    /// Where it stands then.
    pub to: State,
}

const SERVICE: &[Mover] = &[Mover::Service];
const STEWARD: &[Mover] = &[Mover::Steward];
/// While there is a worker the service carries the request out; afterwards whoever asks.
const ASKED: &[Mover] = &[Mover::Submitter, Mover::Steward];

const fn line(from: State, event: Event, by: &'static [Mover], to: State) -> Move {
    Move {
        from,
        event,
        by,
        to,
    }
}

/// Every move there is.
pub const MOVES: &[Move] = &[
    line(State::Received, Event::Start, SERVICE, State::Running),
    line(State::Received, Event::NoAnswer, SERVICE, State::Erased),
    line(State::Received, Event::WorkerDied, SERVICE, State::Erased),
    line(State::Received, Event::TimedOut, SERVICE, State::Erased),
    line(State::Received, Event::ServerEnded, SERVICE, State::Erased),
    line(State::Received, Event::Withdraw, SERVICE, State::Erased),
    line(
        State::Received,
        Event::ScanUnclean,
        SERVICE,
        State::Incident,
    ),
    line(
        State::Running,
        Event::Answered {
            needs_release: true,
        },
        SERVICE,
        State::AwaitingRelease,
    ),
    line(
        State::Running,
        Event::Answered {
            needs_release: false,
        },
        SERVICE,
        State::Released,
    ),
    line(State::Running, Event::NoAnswer, SERVICE, State::Erased),
    line(State::Running, Event::WorkerDied, SERVICE, State::Erased),
    line(State::Running, Event::TimedOut, SERVICE, State::Erased),
    line(State::Running, Event::ServerEnded, SERVICE, State::Erased),
    line(State::Running, Event::Withdraw, SERVICE, State::Erased),
    line(State::Running, Event::ScanUnclean, SERVICE, State::Incident),
    line(
        State::AwaitingRelease,
        Event::Approve,
        STEWARD,
        State::Released,
    ),
    line(
        State::AwaitingRelease,
        Event::Refuse,
        STEWARD,
        State::Erased,
    ),
    line(
        State::AwaitingRelease,
        Event::Withdraw,
        ASKED,
        State::Erased,
    ),
    line(State::Released, Event::Withdraw, ASKED, State::Erased),
    line(
        State::Incident,
        Event::IncidentResolved,
        STEWARD,
        State::Erased,
    ),
];

/// The move an event makes from a state; None where there is none.
pub fn moved(from: State, event: Event) -> Option<&'static Move> {
    MOVES.iter().find(|m| m.from == from && m.event == event)
}

impl State {
    /// All of them.
    pub const ALL: [State; 6] = [
        State::Received,
        State::Running,
        State::AwaitingRelease,
        State::Released,
        State::Erased,
        State::Incident,
    ];

    /// As it is kept and told.
    pub const fn name(self) -> &'static str {
        match self {
            State::Received => "received",
            State::Running => "running",
            State::AwaitingRelease => "awaiting_release",
            State::Released => "released",
            State::Erased => "erased",
            State::Incident => "incident",
        }
    }

    /// Whose turn it is. Nothing is left lying: a finished submission is its organisation's, to
    /// keep or to withdraw.
    pub const fn owner(self) -> Mover {
        match self {
            State::Received | State::Running => Mover::Service,
            State::AwaitingRelease | State::Incident => Mover::Steward,
            State::Released | State::Erased => Mover::Submitter,
        }
    }

    /// A worker may hold data: whoever looks after a dead server ends these.
    pub const fn has_worker(self) -> bool {
        matches!(self, State::Received | State::Running)
    }

    /// Nothing moves it any more.
    pub fn is_last(self) -> bool {
        !MOVES.iter().any(|m| m.from == self)
    }

    /// Entered only with a certificate, unless out of an incident.
    pub const fn is_certified(self) -> bool {
        matches!(
            self,
            State::AwaitingRelease | State::Released | State::Erased
        )
    }

    /// Findings are kept; they are deleted with the move to any other state.
    pub const fn keeps_findings(self) -> bool {
        matches!(self, State::AwaitingRelease | State::Released)
    }
}

/// The page docs/states.md: picture and table.
pub fn as_markdown() -> String {
    let mut page = String::from(
        "# The states of a submission\n\n\
         Drawn from the table in `src/service/states.rs` by a test; change it there.\n\n\
         Awaiting release, released and erased are entered only with the data erased and its\n\
         certificate in the ledger. An incident is the one way to have no certificate.\n\n\
         ```mermaid\nstateDiagram-v2\n    [*] --> received\n",
    );
    for m in MOVES {
        // Writing to a String cannot fail.
        let _ = writeln!(
            page,
            "    {} --> {}: {}",
            m.from.name(),
            m.to.name(),
            m.event.name()
        );
    }
    for s in State::ALL.iter().filter(|s| s.is_last()) {
        let _ = writeln!(page, "    {} --> [*]", s.name());
    }
    page.push_str("```\n\n| state | whose turn it is |\n|---|---|\n");
    for s in State::ALL {
        let _ = writeln!(page, "| {} | {} |", s.name(), s.owner().name());
    }
    page.push_str("\n| from | what happens | who makes it happen | to |\n|---|---|---|---|\n");
    for m in MOVES {
        let by: Vec<&str> = m.by.iter().map(|b| b.name()).collect();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            m.from.name(),
            m.event.name(),
            by.join(" or "),
            m.to.name()
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_leads_from_a_state_to_one_state_only() {
        for (i, a) in MOVES.iter().enumerate() {
            for b in &MOVES[..i] {
                assert!((a.from, a.event) != (b.from, b.event), "{a:?}");
            }
            assert!(!a.by.is_empty() && a.from != a.to);
        }
    }

    #[test]
    fn every_state_can_be_reached_and_has_an_owner_who_can_go_on() {
        for state in State::ALL {
            let reached = state == State::Received || MOVES.iter().any(|m| m.to == state);
            assert!(reached, "{state:?}");
            let owner = state.owner();
            let can = MOVES
                .iter()
                .any(|m| m.from == state && m.by.contains(&owner));
            assert!(can || state.is_last(), "{state:?}");
        }
        let last: Vec<State> = State::ALL.into_iter().filter(|s| s.is_last()).collect();
        assert_eq!(last, [State::Erased]);
    }

    #[test]
    fn whatever_ends_without_findings_says_why() {
        for m in MOVES {
            assert_eq!(
                m.event.reason().is_some(),
                matches!(m.to, State::Erased | State::Incident),
                "{m:?}"
            );
        }
    }

    #[test]
    fn only_a_steward_releases_what_waits_and_only_the_service_ends_a_worker() {
        for m in MOVES {
            if m.from == State::AwaitingRelease && m.to == State::Released {
                assert_eq!(m.by, [Mover::Steward]);
            }
            if m.from.has_worker() {
                assert_eq!(m.by, [Mover::Service]);
            }
        }
    }

    #[test]
    fn the_page_on_states_is_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/states.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, as_markdown()).unwrap();
        }
        let page = std::fs::read_to_string(path).unwrap();
        assert!(
            page == as_markdown(),
            "UPDATE_DOCS=1 writes docs/states.md anew"
        );
    }
}
