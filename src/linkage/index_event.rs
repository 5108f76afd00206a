//! From the person to the right index event: the latest one in the study's window around the
//! start, eligible, with its follow-up complete.

use super::LinkageError;
use super::people::Links;
use super::pool::{self, Eligible};
use crate::cohort::{Lost, Participant, Step};
use crate::register::{Events, PersonKey};
use crate::study::Study;
use std::collections::BTreeMap;

/// Who enters the design: rows of the events, one a participant, and the comparison pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// Event rows of the participants, in the cohort's order.
    pub participants: Vec<u32>,
    /// Event rows of the comparison pool, ascending.
    pub pool: Vec<u32>,
    /// `found`, `with_event`, `followed_up`: adds up from the cohort to the participants.
    pub steps: Vec<Step>,
    /// People with an event who are not in the pool, by reason: with the pool's people they add
    /// up to everybody with an event.
    pub pool_lost: Vec<Lost>,
}

/// Why a person found has no row in the design; in the order in which it is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lacking {
    NoEvent,
    OutsideWindow,
    NotEligible,
    FollowUp,
}

/// Finds the index event of everybody linked, and the comparison pool.
///
/// The index event is the latest eligible one dated from `window_before_days` before the start to
/// `window_after_days` after it. Its follow-up must end by the register's cut-off; an earlier
/// event does not stand in for one that is too recent. The pool are the eligible events, dated
/// within the range of the participants' index events, of people who did not take part and cannot
/// be mistaken for one who did; the latest of each person when the study asks for one.
///
/// # Errors
/// When an eligibility rule names a column that is not in the events, or that nobody can meet.
pub fn index_events(
    links: &Links,
    cohort: &[Participant],
    events: &Events,
    study: &Study,
) -> Result<Selection, LinkageError> {
    let eligible = Eligible::new(events, study)?;
    let by_person = ByPerson::new(&events.person);
    let mut participants = Vec::new();
    let mut lost: BTreeMap<Lacking, u64> = BTreeMap::new();
    for link in &links.linked {
        let rows = by_person.rows(link.person);
        let start = i64::from(cohort[link.participant].start);
        match index_event(rows, start, events, &eligible, study) {
            Ok(row) => participants.push(row),
            Err(lacking) => *lost.entry(lacking).or_default() += 1,
        }
    }
    let found = links.step();
    let before_follow_up = [
        Lacking::NoEvent,
        Lacking::OutsideWindow,
        Lacking::NotEligible,
    ];
    let with_event = step(
        "with_event",
        format!("with the {} that the programme followed", study.words.event),
        found.people,
        in_words(&before_follow_up, &lost, study),
    );
    let followed_up = step(
        "followed_up",
        "long enough ago for the outcomes to be known".into(),
        with_event.people,
        in_words(&[Lacking::FollowUp], &lost, study),
    );
    let (pool, pool_lost) =
        pool::comparison_pool(links, &participants, events, &by_person, &eligible, study);
    Ok(Selection {
        participants,
        pool,
        steps: vec![found, with_event, followed_up],
        pool_lost,
    })
}

fn index_event(
    rows: &[u32],
    start: i64,
    events: &Events,
    eligible: &Eligible,
    study: &Study,
) -> Result<u32, Lacking> {
    let window = start - i64::from(study.index_event.window_before_days)
        ..=start + i64::from(study.index_event.window_after_days);
    let date = |row: u32| i64::from(events.date[row as usize]);
    if rows.is_empty() {
        return Err(Lacking::NoEvent);
    }
    let mut in_window = rows
        .iter()
        .filter(|row| window.contains(&date(**row)))
        .peekable();
    if in_window.peek().is_none() {
        return Err(Lacking::OutsideWindow);
    }
    let latest = in_window
        .filter(|row| eligible.row(**row))
        .max_by_key(|row| (date(**row), **row));
    let row = *latest.ok_or(Lacking::NotEligible)?;
    let needed =
        i64::from(study.eligibility.follow_up_days) + i64::from(study.eligibility.recording_days);
    if date(row) + needed <= i64::from(events.cut_off) {
        Ok(row)
    } else {
        Err(Lacking::FollowUp)
    }
}

/// Event rows grouped by person.
pub(super) struct ByPerson<'a> {
    person: &'a [PersonKey],
    order: Vec<u32>,
}

impl<'a> ByPerson<'a> {
    pub(super) fn new(person: &'a [PersonKey]) -> ByPerson<'a> {
        let mut order: Vec<u32> = (0..person.len() as u32).collect();
        if !person.is_sorted() {
            order.sort_unstable_by_key(|&row| (person[row as usize], row));
        }
        ByPerson { person, order }
    }

    /// The rows of one person, ascending.
    pub(super) fn rows(&self, key: PersonKey) -> &[u32] {
        let from = self
            .order
            .partition_point(|&row| self.person[row as usize] < key);
        let rest = &self.order[from..];
        &rest[..rest.partition_point(|&row| self.person[row as usize] == key)]
    }

    /// Every person with their rows.
    pub(super) fn groups(&self) -> impl Iterator<Item = (PersonKey, &[u32])> {
        self.order
            .chunk_by(|&a, &b| self.person[a as usize] == self.person[b as usize])
            .map(|rows| (self.person[rows[0] as usize], rows))
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

fn in_words(reasons: &[Lacking], lost: &BTreeMap<Lacking, u64>, study: &Study) -> Vec<Lost> {
    let counted = reasons.iter().filter_map(|r| lost.get(r).map(|n| (*r, *n)));
    counted
        .map(|(lacking, people)| {
            let (reason, remedy) = lacking.in_words(study);
            Lost {
                reason,
                people,
                remedy,
            }
        })
        .collect()
}

impl Lacking {
    fn in_words(self, study: &Study) -> (String, Option<String>) {
        let event = &study.words.event;
        let window = &study.index_event;
        match self {
            Lacking::NoEvent => (format!("no {event} on the register"), None),
            Lacking::OutsideWindow => (
                format!(
                    "no {event} from {} days before the start to {} days after it",
                    window.window_before_days, window.window_after_days
                ),
                Some("check the programme's start dates".into()),
            ),
            Lacking::NotEligible => {
                let columns: Vec<&str> =
                    study.eligibility.only.keys().map(String::as_str).collect();
                (
                    format!(
                        "the {event} is not of the kind studied ({})",
                        columns.join(", ")
                    ),
                    None,
                )
            }
            Lacking::FollowUp => (
                format!(
                    "fewer than {} days from the {event} to the last day the register has recorded",
                    u64::from(study.eligibility.follow_up_days)
                        + u64::from(study.eligibility.recording_days)
                ),
                Some("submit these people again when the register has recorded further".into()),
            ),
        }
    }
}
