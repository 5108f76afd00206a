//! The optional column of ethnic groups: read in any of the ways charities write it, never needed,
//! never in the way of a person, and never repeated.

use super::kit::*;
use counterpart::cohort::{Cohort, Ethnicity, Severity, Verdict};
use counterpart::cohort::{template, template_ods, template_xlsx};

fn of(heading: &str, values: &[&str]) -> Cohort {
    let mut text = format!("forename;surname;dob;programme_start;{heading}\n");
    for (i, value) in values.iter().enumerate() {
        // People who differ, or all but one would be somebody counted twice.
        let name: String = i.to_string().bytes().map(|b| char::from(b + 49)).collect();
        text += &format!("Ada{name};Quux{name};03/04/1980;05/06/2023;{value}\n");
    }
    read(text)
}

fn groups(values: &[&str]) -> Vec<Option<&'static str>> {
    let cohort = of("Ethnic group", values);
    assert_eq!(cohort.participants.len(), values.len());
    let people = cohort.participants.iter();
    people.map(|p| p.ethnicity.map(Ethnicity::name)).collect()
}

#[test]
fn the_census_and_the_police_codes_come_to_five_groups() {
    let written = [
        (
            "Asian or Asian British",
            "asian|A1|a9 - other|Indian|Asian/Asian British - Pakistani|BANGLADESHI|Chinese|A4|O1|\
             Any other Asian background|British Asian|Other Asian",
        ),
        (
            "Black, Black British, Caribbean or African",
            "Black|B1|B2 Black African|Black - Caribbean|African|African-Caribbean|Afro Caribbean|\
             Black, Black British, Caribbean or African|Black or Black British|Any other Black background",
        ),
        (
            "Mixed or multiple",
            "mixed|M1|M9|Mixed / multiple ethnic groups|White and Black Caribbean|White & Asian|\
             White/Black African|Mixed White and Asian|dual heritage",
        ),
        (
            "White",
            "white|W1|W9: any other White background|White British|White: Irish|\
             English/Welsh/Scottish/Northern Irish/British White|Gypsy or Irish Traveller|Roma",
        ),
        (
            "Other",
            "Other|Arab|O9|O2|Any other ethnic group|other ethnic group",
        ),
    ];
    for (group, ways) in written {
        let ways: Vec<&str> = ways.split('|').collect();
        for (way, read) in ways.iter().zip(groups(&ways)) {
            assert_eq!(read, Some(group), "{way}");
        }
    }
}

#[test]
fn not_said_is_missing_and_no_problem() {
    let ways = [
        "",
        "not stated",
        "Prefer not to say",
        "Refused",
        "N/A",
        "Unknown",
        "NS",
    ];
    assert!(groups(&ways).iter().all(Option::is_none));
    assert!(about(&of("Ethnic group", &ways), "ethnicity").is_empty());
}

#[test]
fn an_unknown_word_is_a_note_that_loses_nobody_and_repeats_nothing() {
    let ways = [
        "Zorblaxian",
        "British",
        "Black Asian",
        "Chinese or other",
        "White",
    ];
    let cohort = of("Ethnic group", &ways);
    let notes = about(&cohort, "ethnicity");
    assert_eq!(
        notes.iter().map(|p| p.row).collect::<Vec<_>>(),
        [2, 3, 4, 5]
    );
    for note in notes {
        assert!(note.severity == Severity::Warning);
        assert!(!format!("{note:?}").contains("Zorblax"));
    }
    assert_eq!(cohort.participants.len(), 5);
    assert!(cohort.participants[0].ethnicity.is_none());
    assert_eq!(cohort.verdict, Verdict::Usable { people: 5 });
}

#[test]
fn a_row_lost_for_another_reason_is_not_lost_for_this_one() {
    let cohort = read("forename,surname,dob,start,ethnicity\n,,,05/06/2023,Zorblaxian\n");
    assert!(cohort.participants.is_empty());
    assert!(about(&cohort, "ethnicity")[0].severity == Severity::Warning);
}

#[test]
fn charities_call_the_column_many_things() {
    for heading in [
        "ethnicity",
        "Ethnic group",
        "Ethnic Origin",
        "Ethnic background",
        "ETHNICITY CODE",
        "Self-defined ethnicity",
        "Ethnicity (self defined)",
        "Race",
    ] {
        let cohort = of(heading, &["White"]);
        assert!(cohort.participants[0].ethnicity.is_some(), "{heading}");
        assert!(
            cohort.mapping.contains("field = \"ethnicity\""),
            "{heading}"
        );
    }
}

#[test]
fn it_tells_nothing_of_who_somebody_is() {
    let cohort = of("Ethnic group", &["White", "Black"]);
    let mut identity = cohort.participants.iter().map(|p| p.identity());
    let (a, b) = (identity.next().unwrap(), identity.next().unwrap());
    let other = of("Ethnic group", &["Arab", "Mixed"]);
    let mut same = other.participants.iter().map(|p| p.identity());
    assert!(a.record() == same.next().unwrap().record());
    assert!(b.record() == same.next().unwrap().record());
    let nothing_else = read("ethnicity,start\nWhite,05/06/2023\n");
    assert!(nothing_else.participants.is_empty());
}

#[test]
fn every_template_offers_it_with_choices_that_are_read_back() {
    let study = study_asking_for(1);
    assert!(template(&study).contains(",ethnicity"));
    assert!(template_xlsx(&study).is_ok() && template_ods(&study).is_ok());
    let read: Vec<_> = groups(&Ethnicity::CHOICES).into_iter().flatten().collect();
    assert_eq!(read, Ethnicity::NAMES);
    assert!(Ethnicity::CHOICES.iter().all(|c| !c.contains(',')));
    assert!(Ethnicity::CHOICES.join(",").len() <= 255);
}
