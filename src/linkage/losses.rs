//! Why a person found has no index event: every case a reason of its own, with what to do.

use crate::cohort::{Lost, Step};
use crate::study::Study;
use std::collections::BTreeMap;

/// Why a person found has no row in the design; in the order of the attrition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lacking {
    NoEvent,
    Undated,
    OnlyBefore,
    OnlyAfter,
    BeforeAndAfter,
    NotEligible,
    Several,
    FollowUp,
}

/// People lost, by reason.
#[derive(Default)]
pub(super) struct Losses(BTreeMap<Lacking, u64>);

impl Losses {
    pub(super) fn add(&mut self, lacking: Lacking) {
        *self.0.entry(lacking).or_default() += 1;
    }

    /// `with_event` and `followed_up`, from the people found.
    pub(super) fn steps(&self, found: u64, study: &Study) -> [Step; 2] {
        let with_event = step(
            "with_event",
            format!("with the {} that the programme followed", study.words.event),
            found,
            self.in_words(|lacking| lacking != Lacking::FollowUp, study),
        );
        let followed_up = step(
            "followed_up",
            "long enough ago for the outcomes to be known".into(),
            with_event.people,
            self.in_words(|lacking| lacking == Lacking::FollowUp, study),
        );
        [with_event, followed_up]
    }

    fn in_words(&self, of: impl Fn(Lacking) -> bool, study: &Study) -> Vec<Lost> {
        let counted = self.0.iter().filter(|(lacking, _)| of(**lacking));
        counted
            .map(|(lacking, &people)| {
                let (reason, remedy) = lacking.in_words(study);
                Lost {
                    reason,
                    people,
                    remedy,
                }
            })
            .collect()
    }
}

fn step(name: &'static str, reason: String, before: u64, lost: Vec<Lost>) -> Step {
    Step {
        step: name,
        reason,
        people: before - lost.iter().map(|l| l.people).sum::<u64>(),
        lost,
    }
}

impl Lacking {
    fn in_words(self, study: &Study) -> (String, Option<String>) {
        let event = &study.words.event;
        let rule = &study.index_event;
        let window = format!(
            "no {event} from {} days before the start to {} days after it",
            rule.window_before_days, rule.window_after_days
        );
        let some = |remedy: &str| Some(remedy.to_owned());
        match self {
            Lacking::NoEvent => (
                format!("no {event} on the register"),
                some(
                    "check that they belong in the list: the register knows them and holds no such event of theirs",
                ),
            ),
            Lacking::Undated => (
                format!(
                    "the {event} has no {} on the register",
                    rule.date.replace('_', " ")
                ),
                some("submit these people again when the register has recorded it"),
            ),
            Lacking::OnlyBefore => (
                format!("{window}, only earlier"),
                some(
                    "check the programme's start dates; if they are right, the programme began too long afterwards for this study",
                ),
            ),
            Lacking::OnlyAfter => (
                format!("{window}, only later"),
                some(
                    "check the programme's start dates; if they are right, the programme began too early for this study",
                ),
            ),
            Lacking::BeforeAndAfter => (
                format!("{window}, only earlier and later"),
                some("check the programme's start dates"),
            ),
            Lacking::NotEligible => {
                let columns: Vec<&str> =
                    study.eligibility.only.keys().map(String::as_str).collect();
                (
                    format!(
                        "the {event} is not of the kind studied ({})",
                        columns.join(", ")
                    ),
                    some("nothing to correct; another study may take these people in"),
                )
            }
            Lacking::Several => (
                format!(
                    "more than one {event} in that time, and the study does not choose between them"
                ),
                some(
                    "check the programme's start dates; the study file can say which one counts (`several`)",
                ),
            ),
            Lacking::FollowUp => (
                format!(
                    "fewer than {} days from the {event} to the last day the register has recorded",
                    u64::from(study.eligibility.follow_up_days)
                        + u64::from(study.eligibility.recording_days)
                ),
                some("submit these people again when the register has recorded further"),
            ),
        }
    }
}
