//! Rows that are the same person: the same identifier, or the same name and date of birth. They
//! become one participant with the earliest start, and with what any of the rows knows.

use super::Participant;
use super::problem::Problem;
use crate::custody::Personal;
use crate::identity::normalise_name;
use std::collections::HashMap;

/// One participant a person, in the order of first rows, and how many rows were folded away.
/// `people` are in row order.
pub(super) fn fold(
    people: Vec<Participant>,
    problems: &mut Vec<Problem>,
) -> (Vec<Participant>, u64) {
    let mut kept: Vec<Option<Participant>> = Vec::with_capacity(people.len());
    // Where a kept person has gone, when a later row showed two of them to be one.
    let mut gone_to: Vec<usize> = Vec::with_capacity(people.len());
    let mut known: HashMap<Personal, usize> = HashMap::new();
    let mut folded = 0;
    for person in people {
        let keys = keys(&person);
        let mut same: Vec<usize> = Vec::new();
        for key in &keys {
            let Some(&at) = known.get(key) else { continue };
            let at = home(&gone_to, at);
            let Some(other) = &kept[at] else { continue };
            if same.contains(&at) {
                continue;
            }
            match contradiction(&person, other) {
                None => same.push(at),
                Some(rule) => problems.push(contradicts(person.row, other.row, rule)),
            }
        }
        same.sort_unstable();
        let at = match same.first() {
            Some(&first) => {
                folded += 1;
                problems.push(same_person(person.row, kept[first].as_ref()));
                absorb(&mut kept[first], person);
                first
            }
            None => {
                kept.push(Some(person));
                gone_to.push(kept.len() - 1);
                kept.len() - 1
            }
        };
        for &other in same.iter().skip(1) {
            // Each join needs a look of its own: the row agrees with both, they may not agree.
            let agree = match (&kept[at], &kept[other]) {
                (Some(a), Some(b)) => contradiction(a, b).is_none(),
                _ => false,
            };
            if let Some(second) = kept[other].take_if(|_| agree) {
                folded += 1;
                problems.push(same_person(second.row, kept[at].as_ref()));
                absorb(&mut kept[at], second);
                gone_to[other] = at;
            }
        }
        for key in keys {
            known.entry(key).or_insert(at);
        }
    }
    (kept.into_iter().flatten().collect(), folded)
}

/// Follows a person to where it was folded into.
fn home(gone_to: &[usize], mut at: usize) -> usize {
    while gone_to[at] != at {
        at = gone_to[at];
    }
    at
}

/// What identifies a row: each identifier, and name with date of birth.
fn keys(p: &Participant) -> Vec<Personal> {
    let tagged = |tag: char, id: &Personal| Personal::new(format!("{tag}{}", id.expose()));
    let mut keys = Vec::with_capacity(3);
    keys.extend(p.pnc_id.as_ref().map(|id| tagged('c', id)));
    keys.extend(p.prison_number.as_ref().map(|id| tagged('n', id)));
    if let (Some(forename), Some(surname), Some(dob)) = (&p.forename, &p.surname, p.dob) {
        let (forename, surname) = (
            normalise_name(forename.expose()),
            normalise_name(surname.expose()),
        );
        keys.push(Personal::new(format!(
            "d{forename}/{surname}/{}",
            dob.expose_days()
        )));
    }
    keys
}

/// What speaks against two rows being one person, although something identifies them as one.
fn contradiction(a: &Participant, b: &Participant) -> Option<&'static str> {
    let differ = |a: &Option<Personal>, b: &Option<Personal>| a.is_some() && b.is_some() && a != b;
    let names_differ = |a: &Option<Personal>, b: &Option<Personal>| match (a, b) {
        (Some(a), Some(b)) => normalise_name(a.expose()) != normalise_name(b.expose()),
        _ => false,
    };
    if differ(&a.pnc_id, &b.pnc_id) {
        Some("the same person by another key, but a different PNC id")
    } else if differ(&a.prison_number, &b.prison_number) {
        Some("the same person by another key, but a different prison number")
    } else if a.dob.is_some()
        && b.dob.is_some()
        && a.dob != b.dob
        && names_differ(&a.surname, &b.surname)
    {
        Some("the same identifier, but a different surname and date of birth")
    } else {
        None
    }
}

/// Earliest start; blanks filled. A name goes over as a whole, never forename and surname of two rows.
fn absorb(into: &mut Option<Participant>, from: Participant) {
    let Some(into) = into else { return };
    into.start = into.start.min(from.start);
    into.row = into.row.min(from.row);
    if into.forename.is_none() && into.surname.is_none() {
        into.forename = from.forename;
        into.surname = from.surname;
    }
    into.dob = into.dob.or(from.dob);
    into.sex = into.sex.take().or(from.sex);
    into.postcode = into.postcode.take().or(from.postcode);
    into.pnc_id = into.pnc_id.take().or(from.pnc_id);
    into.prison_number = into.prison_number.take().or(from.prison_number);
    let (odd, more) = (&mut into.as_written, from.as_written);
    odd.dob = odd.dob.or(more.dob);
    odd.postcode = odd.postcode.take().or(more.postcode);
    odd.pnc_id = odd.pnc_id.take().or(more.pnc_id);
    odd.prison_number = odd.prison_number.take().or(more.prison_number);
}

fn same_person(row: u32, first: Option<&Participant>) -> Problem {
    let first = first.map_or(row, |p| p.row);
    Problem::warning(
        row,
        None,
        "the same person as in an earlier row; counted once, from the earliest start",
        format!("nothing to do; or delete the row if it repeats row {first} by mistake"),
    )
}

fn contradicts(row: u32, other: u32, rule: &str) -> Problem {
    Problem::warning(
        row,
        None,
        format!("row contradicts another: {rule}"),
        format!("compare this row with row {other}; both are kept as two people"),
    )
}
