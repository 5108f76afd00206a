//! The comparison pool: people on the register who did not take part.

use super::LinkageError;
use super::index_event::ByPerson;
use super::people::Links;
use crate::cohort::Lost;
use crate::numeric::frame::Column;
use crate::register::{Events, PersonKey};
use crate::study::Study;
use std::collections::HashSet;

/// Which events the study's eligibility rules allow. The same for participants and pool.
pub(super) struct Eligible(Option<Vec<bool>>);

impl Eligible {
    pub(super) fn new(events: &Events, study: &Study) -> Result<Eligible, LinkageError> {
        let mut eligible: Option<Vec<bool>> = None;
        for (column, allowed) in &study.eligibility.only {
            let values = events.frame.get(column).ok_or(LinkageError::NoColumn {
                column: column.clone(),
            })?;
            let met = meets(values, allowed).map_err(|rule| LinkageError::BadRule {
                column: column.clone(),
                allowed: allowed.join(", "),
                rule,
            })?;
            eligible = Some(match eligible {
                None => met,
                Some(before) => before.iter().zip(met).map(|(a, b)| *a && b).collect(),
            });
        }
        Ok(Eligible(eligible))
    }

    pub(super) fn row(&self, row: u32) -> bool {
        self.0.as_ref().is_none_or(|met| met[row as usize])
    }
}

/// Row by row: is the value one of those allowed? Missing is not.
fn meets(values: &Column, allowed: &[String]) -> Result<Vec<bool>, String> {
    match values {
        Column::Category { codes, levels } => {
            let fits: Vec<bool> = levels.iter().map(|l| allowed.contains(l)).collect();
            if !levels.is_empty() && !fits.contains(&true) {
                return Err(format!("the register has: {}", levels.join(", ")));
            }
            let fit = |code: &u32| fits.get(*code as usize).copied().unwrap_or(false);
            Ok(codes.iter().map(fit).collect())
        }
        Column::Number(numbers) => {
            let allowed: Vec<f64> = allowed
                .iter()
                .map(|text| match text.as_str() {
                    "true" | "yes" => Ok(1.0),
                    "false" | "no" => Ok(0.0),
                    number => number
                        .parse()
                        .map_err(|_| format!("the register has numbers, and {number} is none")),
                })
                .collect::<Result<_, _>>()?;
            Ok(numbers.iter().map(|n| allowed.contains(n)).collect())
        }
    }
}

/// Why somebody with an event is not in the pool, in the order in which it is asked.
#[derive(Default)]
struct PoolLosses {
    took_part: u64,
    not_eligible: u64,
    other_dates: u64,
}

/// The pool's event rows, ascending, and who is not in it.
pub(super) fn comparison_pool(
    links: &Links,
    participants: &[u32],
    events: &Events,
    by_person: &ByPerson,
    eligible: &Eligible,
    study: &Study,
) -> (Vec<u32>, Vec<Lost>) {
    let linked: HashSet<PersonKey> = links.linked.iter().map(|link| link.person).collect();
    let date = |row: u32| events.date[row as usize];
    let first = participants.iter().map(|&row| date(row)).min();
    let last = participants.iter().map(|&row| date(row)).max();
    // Every participant's follow-up is complete, so within their dates everybody's is.
    let comparable = |row: u32| Some(date(row)) >= first && last.is_some_and(|l| date(row) <= l);

    let mut pool = Vec::new();
    let mut lost = PoolLosses::default();
    for (person, rows) in by_person.groups() {
        if linked.contains(&person) || links.excluded_from_pool.contains(&person) {
            lost.took_part += 1;
            continue;
        }
        let mut open = rows.iter().copied().filter(|&r| eligible.row(r)).peekable();
        if open.peek().is_none() {
            lost.not_eligible += 1;
            continue;
        }
        let before = pool.len();
        let open = open.filter(|&row| comparable(row));
        if study.eligibility.one_event_per_person {
            pool.extend(open.max_by_key(|&row| (date(row), row)));
        } else {
            pool.extend(open);
        }
        lost.other_dates += u64::from(pool.len() == before);
    }
    pool.sort_unstable();
    (pool, lost.in_words(study))
}

impl PoolLosses {
    fn in_words(self, study: &Study) -> Vec<Lost> {
        let event = &study.words.event;
        let all = [
            ("took part, or may have".to_owned(), self.took_part),
            (format!("no {event} of the kind studied"), self.not_eligible),
            (
                format!("no {event} between the participants' first and last"),
                self.other_dates,
            ),
        ];
        all.into_iter()
            .filter(|(_, people)| *people > 0)
            .map(|(reason, people)| Lost {
                reason,
                people,
                remedy: None,
            })
            .collect()
    }
}
