//! The counts behind the quality of the list, the register and the links.

use crate::cohort::{Cohort, Ethnicity, Field, FileQuality, Participant};
use crate::custody::PersonalDate;
use crate::identity::Dob;
use crate::linkage::{Links, Selection};
use crate::numeric::frame::{Column, Frame};
use crate::quality::{GroupCount, Measured, Share};
use crate::register::{Events, PersonKey};
use crate::study::Study;
use std::collections::{HashMap, HashSet};

/// Days within which an event is near the programme's start.
const NEAR_DAYS: i32 = 183;

/// What the file alone tells.
pub(super) fn of_file(cohort: &Cohort) -> Measured {
    let quality = &cohort.quality;
    let unreadable: u64 = cohort.unreadable.iter().map(|l| l.people).sum();
    let filled = quality.fields.iter().filter(|f| f.column);
    let cells = filled.fold((0, 0), |(v, f), field| (v + field.valid, f + field.filled));
    let identity = [Field::Forename, Field::Surname, Field::Dob];
    Measured {
        rows_usable: Share::new(cohort.submitted - unreadable, cohort.submitted),
        cells_valid: Share::new(cells.0, cells.1),
        identity_filled: Share::new(
            identity.iter().map(|f| filled_in(quality, *f)).sum(),
            identity.len() as u64 * quality.rows,
        ),
        ..Measured::default()
    }
}

fn filled_in(quality: &FileQuality, field: Field) -> u64 {
    let mut fields = quality.fields.iter();
    fields
        .find(|f| f.field == field.name())
        .map_or(0, |f| f.filled)
}

/// Adds what linkage and the choice of index events tell.
pub(super) fn add_links(
    m: &mut Measured,
    people: &[Participant],
    links: &Links,
    events: &Events,
    selection: &Selection,
) {
    let first = events.date.iter().min().copied().unwrap_or(i32::MAX);
    let covered = |p: &&Participant| (first..=events.cut_off).contains(&p.start);
    let looked_for = (people.len() - links.repeated.len()) as u64;
    let found = links.linked.len() as u64;
    let right = (found as f64 - links.expected_false).max(0.0).round() as u64;
    m.starts_covered = Share::new(
        people.iter().filter(covered).count() as u64,
        people.len() as u64,
    );
    m.links_right = Share::new(right, found);
    m.found = Share::new(found, looked_for);
    let after = |step: &str| {
        let mut steps = selection.steps.iter();
        steps.find(|s| s.step == step).map_or(0, |s| s.people)
    };
    m.with_event = Share::new(after("with_event"), found);
    m.followed_up = Share::new(selection.participants.len() as u64, after("with_event"));
    m.spoken_for = Share::new(selection.participants.len() as u64, looked_for);
    let possible = events.date.iter().filter(|d| **d <= events.cut_off);
    m.events_possible = Share::new(possible.count() as u64, events.date.len() as u64);
    let starts: HashMap<PersonKey, i32> = links
        .linked
        .iter()
        .map(|l| (l.person, people[l.participant].start))
        .collect();
    let near = selection.participants.iter().filter(|&&row| {
        let start = starts.get(&events.person[row as usize]);
        start.is_some_and(|s| (s - events.date[row as usize]).abs() <= NEAR_DAYS)
    });
    m.events_near = Share::new(near.count() as u64, selection.participants.len() as u64);
    m.groups = groups(people, links);
}

/// Adds how much is known of everybody compared.
pub(super) fn add_covariates(m: &mut Measured, frame: &Frame, study: &Study) {
    let columns = study.covariates.iter().filter_map(|c| frame.get(&c.column));
    let (known, all) = columns.fold((0, 0), |(known, all), column| {
        (known + filled(column), all + frame.rows() as u64)
    });
    m.covariates_known = Share::new(known, all);
}

fn filled(column: &Column) -> u64 {
    let filled = match column {
        Column::Number(numbers) => numbers.iter().filter(|n| !n.is_nan()).count(),
        Column::Category { codes, levels } => codes
            .iter()
            .filter(|c| (**c as usize) < levels.len())
            .count(),
    };
    filled as u64
}

/// Everybody looked for, by kind, and how many of each were found. A row found to be another row's
/// person is nobody.
fn groups(people: &[Participant], links: &Links) -> Vec<GroupCount> {
    let found: HashSet<usize> = links.linked.iter().map(|l| l.participant).collect();
    let repeated: HashSet<usize> = links.repeated.iter().copied().collect();
    let mut groups: Vec<GroupCount> = Vec::new();
    // A list without ethnic groups has no table of them.
    let asked = |by: &str| by != ETHNICITY || people.iter().any(|p| p.ethnicity.is_some());
    for (by, kinds) in KINDS.into_iter().filter(|(by, _)| asked(by)) {
        groups.extend(kinds.iter().map(|kind| GroupCount {
            by,
            group: (*kind).into(),
            people: 0,
            found: 0,
        }));
    }
    for (i, who) in people.iter().enumerate() {
        if repeated.contains(&i) {
            continue;
        }
        for (by, kind) in kinds_of(who) {
            let mut all = groups.iter_mut();
            if let Some(group) = all.find(|g| g.by == by && g.group == kind) {
                group.people += 1;
                group.found += u64::from(found.contains(&i));
            }
        }
    }
    groups
}

const SEX: &str = "Sex";
const ETHNICITY: &str = "Ethnic group";
const AGE: &str = "Age at the start";
const DOB: &str = "Date of birth";
const POSTCODE: &str = "Postcode";
const IDENTIFIER: &str = "PNC id or prison number";
const GIVEN: [&str; 2] = ["Given", "Not given"];
const NOT_KNOWN: &str = "Not known";
const SEXES: [&str; 4] = ["Women", "Men", "Other", NOT_KNOWN];
/// Age bands: the first age above each band, and its name.
const AGES: [(u32, &str); 6] = [
    (21, "Under 21"),
    (25, "21 to 24"),
    (30, "25 to 29"),
    (40, "30 to 39"),
    (50, "40 to 49"),
    (u32::MAX, "50 and over"),
];
const ETHNICITIES: [&str; 6] = {
    let [asian, black, mixed, white, other] = Ethnicity::NAMES;
    [asian, black, mixed, white, other, NOT_KNOWN]
};
const KINDS: [(&str, &[&str]); 6] = [
    (SEX, &SEXES),
    (ETHNICITY, &ETHNICITIES),
    (
        AGE,
        &[
            AGES[0].1, AGES[1].1, AGES[2].1, AGES[3].1, AGES[4].1, AGES[5].1, NOT_KNOWN,
        ],
    ),
    (DOB, &GIVEN),
    (POSTCODE, &GIVEN),
    (IDENTIFIER, &GIVEN),
];

/// Of which kinds somebody is.
fn kinds_of(who: &Participant) -> [(&'static str, &'static str); 6] {
    let given = |is: bool| GIVEN[usize::from(!is)];
    let sex = match who.sex.as_ref().map(|s| s.expose()) {
        Some("F") => "Women",
        Some("M") => "Men",
        Some(_) => "Other",
        None => NOT_KNOWN,
    };
    let band = who.dob.map_or(NOT_KNOWN, |dob| age_band(dob, who.start));
    [
        (SEX, sex),
        (ETHNICITY, who.ethnicity.map_or(NOT_KNOWN, Ethnicity::name)),
        (AGE, band),
        (DOB, given(who.dob.is_some())),
        (POSTCODE, given(who.postcode.is_some())),
        (
            IDENTIFIER,
            given(who.pnc_id.is_some() || who.prison_number.is_some()),
        ),
    ]
}

/// The band of the age in whole years on a day (days since 1970-01-01).
fn age_band(dob: PersonalDate, on: i32) -> &'static str {
    let (born, on) = (Dob::from_days(dob.expose_days()), Dob::from_days(on));
    let before_birthday = (on.month(), on.day()) < (born.month(), born.day());
    let years = on
        .year()
        .saturating_sub(born.year())
        .saturating_sub(u32::from(before_birthday));
    let band = AGES.iter().find(|(above, _)| years < *above);
    band.map_or(NOT_KNOWN, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_21_on_the_birthday_and_not_a_day_before() {
        // 2003-03-01 is day 12112; 2024-03-01 is day 19783, after a leap day.
        let born = PersonalDate::from_days(12_112);
        assert_eq!(age_band(born, 19_783), "21 to 24");
        assert_eq!(age_band(born, 19_782), "Under 21");
        assert_eq!(
            age_band(PersonalDate::from_days(-20_000), 19_783),
            "50 and over"
        );
    }
}
