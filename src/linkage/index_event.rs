//! From the person to the right index event: the one in the study's window around the start that
//! the study's rule names, eligible, with its follow-up complete.

use super::LinkageError;
use super::losses::{Lacking, Losses};
use super::people::Links;
use super::pool::{self, Eligible};
use crate::cohort::{Lost, Participant, Step};
use crate::numeric::frame::Column;
use crate::register::{Events, PersonKey};
use crate::study::{IndexEventRule, Several, Study};
use std::cmp::Reverse;

/// Who enters the design: rows of the events, one a participant, and the comparison pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// Event rows of the participants, in the cohort's order.
    pub participants: Vec<u32>,
    /// Event rows of the comparison pool, ascending.
    pub pool: Vec<u32>,
    /// `found`, `with_event`, `followed_up`: adds up from the cohort to the participants.
    pub steps: Vec<Step>,
    /// People found who had more than one eligible event in the window, whichever was taken.
    pub several: u64,
    /// People with an event who are not in the pool, by reason: with the pool's people they add
    /// up to everybody with an event.
    pub pool_lost: Vec<Lost>,
}

/// Finds the index event of everybody linked, and the comparison pool.
///
/// The index event is an eligible one dated from `window_before_days` before the start to
/// `window_after_days` after it; of several, the one the study's rule names. Its follow-up must end
/// by the register's cut-off; another event stands in for one that is too recent only where the
/// rule says so. The pool are the eligible events, dated within the range of the participants' index
/// events, of people who did not take part and cannot be mistaken for one who did; the latest of
/// each person when the study asks for one.
///
/// # Errors
/// When a rule names a column that is not in the events, or that nobody can meet.
pub fn index_events(
    links: &Links,
    cohort: &[Participant],
    events: &Events,
    study: &Study,
) -> Result<Selection, LinkageError> {
    let eligible = Eligible::new(events, study)?;
    let chooser = Chooser::new(events, &eligible, study)?;
    let by_person = ByPerson::new(&events.person);
    let mut participants = Vec::new();
    let mut several = 0;
    let mut losses = Losses::default();
    for link in &links.linked {
        let start = i64::from(cohort[link.participant].start);
        let choice = chooser.choose(by_person.rows(link.person), start);
        several += u64::from(choice.several);
        match choice.row {
            Ok(row) => participants.push(row),
            Err(lacking) => losses.add(lacking),
        }
    }
    let found = links.step();
    let [with_event, followed_up] = losses.steps(found.people, study);
    let (pool, pool_lost) =
        pool::comparison_pool(links, &participants, events, &by_person, &eligible, study);
    Ok(Selection {
        participants,
        pool,
        steps: vec![found, with_event, followed_up],
        several,
        pool_lost,
    })
}

/// The rule of the study over the events of one register.
struct Chooser<'a> {
    events: &'a Events,
    eligible: &'a Eligible,
    rule: &'a IndexEventRule,
    /// The other date the window looks at, `NaN` where an event has none.
    other: Option<&'a [f64]>,
    /// Days an event's follow-up takes.
    needed: i64,
}

/// What came of one person's events.
struct Choice {
    row: Result<u32, Lacking>,
    /// More than one was eligible in the window.
    several: bool,
}

impl<'a> Chooser<'a> {
    fn new(
        events: &'a Events,
        eligible: &'a Eligible,
        study: &'a Study,
    ) -> Result<Self, LinkageError> {
        let rule = &study.index_event;
        let other = match rule.other_date() {
            None => None,
            Some(column) => match events.frame.get(column) {
                Some(Column::Number(days)) => Some(days.as_slice()),
                Some(_) => {
                    let column = column.to_owned();
                    return Err(LinkageError::NoDates { column });
                }
                None => {
                    let column = column.to_owned();
                    return Err(LinkageError::NoColumn { column });
                }
            },
        };
        let follow_up = &study.eligibility;
        Ok(Chooser {
            events,
            eligible,
            rule,
            other,
            needed: i64::from(follow_up.follow_up_days) + i64::from(follow_up.recording_days),
        })
    }

    /// The day the window looks at.
    fn day(&self, row: u32) -> Option<i64> {
        let row = row as usize;
        match self.other {
            None => Some(i64::from(self.events.date[row])),
            Some(days) => days[row].is_finite().then(|| days[row] as i64),
        }
    }

    /// Is everything that happened within the follow-up recorded?
    fn followed_up(&self, row: u32) -> bool {
        i64::from(self.events.date[row as usize]) + self.needed <= i64::from(self.events.cut_off)
    }

    /// The index event among one person's rows. Linear in them.
    fn choose(&self, rows: &[u32], start: i64) -> Choice {
        let earliest = start - i64::from(self.rule.window_before_days);
        let latest = start + i64::from(self.rule.window_after_days);
        let in_window = |row: u32| {
            self.day(row)
                .is_some_and(|d| (earliest..=latest).contains(&d))
        };
        let inside: Vec<u32> = rows.iter().copied().filter(|&row| in_window(row)).collect();
        let eligible = |&row: &u32| self.eligible.row(row);
        let mut open: Vec<u32> = inside.iter().copied().filter(eligible).collect();
        let several = open.len() > 1;
        let lost = |lacking| Choice {
            row: Err(lacking),
            several,
        };
        if inside.is_empty() {
            return lost(self.outside(rows, earliest, latest));
        }
        if open.is_empty() {
            return lost(Lacking::NotEligible);
        }
        if several && self.rule.several == Several::Refuse {
            return lost(Lacking::Several);
        }
        if self.rule.fall_back {
            open.retain(|&row| self.followed_up(row));
        }
        match self.best(&open, start).filter(|&row| self.followed_up(row)) {
            Some(row) => Choice {
                row: Ok(row),
                several,
            },
            None => lost(Lacking::FollowUp),
        }
    }

    /// The row the rule names. Of two on one day, the later row; earliest: the earlier row.
    fn best(&self, open: &[u32], start: i64) -> Option<u32> {
        let rows = open.iter().copied();
        let day = |row: u32| self.day(row).unwrap_or(i64::MIN);
        match self.rule.several {
            Several::Latest | Several::Refuse => rows.max_by_key(|&row| (day(row), row)),
            Several::Earliest => rows.min_by_key(|&row| (day(row), row)),
            Several::Nearest => {
                rows.min_by_key(|&row| ((day(row) - start).abs(), day(row), Reverse(row)))
            }
        }
    }

    /// Why no event of these rows lies in the window.
    fn outside(&self, rows: &[u32], earliest: i64, latest: i64) -> Lacking {
        let days = || rows.iter().filter_map(|&row| self.day(row));
        let before = days().any(|d| d < earliest);
        let after = days().any(|d| d > latest);
        match (before, after) {
            _ if rows.is_empty() => Lacking::NoEvent,
            (true, false) => Lacking::OnlyBefore,
            (false, true) => Lacking::OnlyAfter,
            (true, true) => Lacking::BeforeAndAfter,
            (false, false) => Lacking::Undated,
        }
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
