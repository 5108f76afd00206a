//! What came of a worker, told in the words of the store, of the certificate and of the person who
//! handed in the file.

use crate::custody::evidence::{End, Kept};
use crate::service::states::Event;
use crate::service::worker::{Ended, Face, Outcome, Problem, Why};

/// How one submission ends, if the scan is clean.
pub struct Ending {
    /// The move; none for a file that never came whole: nothing was accepted.
    pub event: Option<Event>,
    /// For the certificate.
    pub end: End,
    /// Why there is no answer, for the person who handed in the file.
    pub problem: Option<Problem>,
    /// The released report.
    pub faces: Vec<Face>,
}

impl Ending {
    /// `needs_release`: the study says that a steward must approve.
    pub fn of(ended: &mut Ended, needs_release: bool) -> Ending {
        let nothing = Outcome::Killed(Why::Stopped);
        let (event, end, problem, faces) = match std::mem::replace(&mut ended.outcome, nothing) {
            Outcome::Answer { faces, .. } => {
                let event = Event::Answered { needs_release };
                (Some(event), End::Finished, None, faces)
            }
            Outcome::NoAnswer(problem) => {
                (Some(Event::NoAnswer), End::Refused, Some(problem), vec![])
            }
            Outcome::Died { .. } => {
                let told = told(
                    "worker_died",
                    "this file could not be worked through: the process that held it ended",
                    "hand it in again; if that ends the same way, run a check on the file, or save it again as CSV, and tell the department",
                );
                (Some(Event::WorkerDied), End::Died, Some(told), vec![])
            }
            Outcome::TimedOut => {
                let told = told(
                    "timed_out",
                    "this file took longer than a submission may",
                    "hand it in again at a quieter time; a list of fewer people takes less",
                );
                (Some(Event::TimedOut), End::TimedOut, Some(told), vec![])
            }
            Outcome::Killed(Why::Withdrawn) => {
                (Some(Event::Withdraw), End::Withdrawn, None, vec![])
            }
            Outcome::Killed(Why::Stopped) => {
                let told = told(
                    "server_ended",
                    "the service was stopped before this file was worked through",
                    "hand it in again",
                );
                (
                    Some(Event::ServerEnded),
                    End::ServerEnded,
                    Some(told),
                    vec![],
                )
            }
            Outcome::Killed(Why::Abandoned) => (None, End::Withdrawn, None, vec![]),
        };
        Ending {
            event,
            end,
            problem,
            faces,
        }
    }
}

impl Ending {
    /// Of one that is on record although nobody was told: the database did not answer in time.
    pub fn unanswered() -> Ending {
        Ending {
            event: Some(Event::WorkerDied),
            end: End::Died,
            problem: Some(told(
                "not_recorded",
                "this file could not be put on record in time, and was erased without being worked through",
                "hand it in again, as a new submission",
            )),
            faces: vec![],
        }
    }
}

/// What stays after an end.
pub fn kept(end: End) -> Vec<Kept> {
    let line = |what: &str, how_long: &str| Kept {
        what: what.into(),
        how_long: how_long.into(),
    };
    let mut kept = vec![line(
        "this certificate, and that there was a submission: when, by which organisation, of which study, how it ended",
        "as long as the ledger",
    )];
    match end {
        End::Finished => {
            kept.push(line(
                "the report, after disclosure control: no row of anybody",
                "until its organisation or the department withdraws it",
            ));
            kept.push(line(
                "release counters: of each held record that the report is about, under a tag made with a key that is not in the database, how often it was part of a release; and of this submission a sketch, from which nobody can be read, that tells whether a later list is nearly the same",
                "as long as the register is held, also when the report is withdrawn",
            ));
        }
        End::Refused => kept.push(line(
            "which rows and columns of the file broke which rule: none of their values",
            "until its organisation or the department withdraws it",
        )),
        _ => {}
    }
    kept
}

fn told(code: &str, message: &str, hint: &str) -> Problem {
    Problem {
        code: code.into(),
        message: message.into(),
        hint: hint.into(),
        problems: Vec::new(),
        problems_unlisted: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::custody::evidence::Moment;
    use crate::service::worker::Facts;

    fn ended(outcome: Outcome) -> Ended {
        let now = Moment {
            wall: "2026-01-01T00:00:00.000Z".into(),
            monotonic_ns: Some(1),
        };
        Ended {
            outcome,
            exit: "exit 0".into(),
            gone: true,
            facts: Facts::default(),
            held: true,
            received: Some(now.clone()),
            erased: now,
        }
    }

    #[test]
    fn only_an_answer_brings_faces_and_only_an_abandoned_file_leaves_no_trace() {
        let face = Face {
            name: "report.json".into(),
            media_type: "application/json",
            bytes: b"{}".to_vec(),
        };
        let answer = Outcome::Answer {
            faces: vec![face],
            headline: "h".into(),
            submitted: 60,
        };
        for needs_release in [true, false] {
            let ending = Ending::of(&mut ended(answer.clone()), needs_release);
            assert_eq!(ending.event, Some(Event::Answered { needs_release }));
            assert_eq!(ending.faces.len(), 1);
        }
        let others = [
            Outcome::NoAnswer(told("c", "m", "h")),
            Outcome::Died { how: "x".into() },
            Outcome::TimedOut,
            Outcome::Killed(Why::Withdrawn),
            Outcome::Killed(Why::Stopped),
        ];
        for outcome in others {
            let ending = Ending::of(&mut ended(outcome), true);
            assert!(ending.event.is_some() && ending.faces.is_empty());
        }
        let abandoned = Ending::of(&mut ended(Outcome::Killed(Why::Abandoned)), true);
        assert!(abandoned.event.is_none());
    }

    #[test]
    fn whoever_handed_in_a_file_that_failed_is_told_what_to_do() {
        for outcome in [Outcome::Died { how: "x".into() }, Outcome::TimedOut] {
            let problem = Ending::of(&mut ended(outcome), true).problem.unwrap();
            assert!(!problem.hint.is_empty() && !problem.message.contains('.'));
        }
    }
}
