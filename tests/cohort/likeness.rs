//! Where a study finds people by probability, a row is kept for what an exact key could not use.

use crate::kit::*;
use counterpart::cohort::{self, Cohort};
use counterpart::study::LinkageMethod;

fn read_for_likeness(text: &str) -> Cohort {
    let mut study = study_asking_for(1);
    study.linkage.method = LinkageMethod::Probabilistic;
    cohort::read_bytes(text.as_bytes(), &study, TODAY).unwrap_or_else(|e| panic!("refused: {e}"))
}

#[test]
fn a_mistyped_identifier_is_evidence_and_no_lost_row() {
    // A wrong check letter, and nothing else: B would be right.
    let text = format!("{HEAD},,,79/163001C,2023-01-05\n");
    assert_eq!(read(&text).participants.len(), 0);
    let kept = read_for_likeness(&text);
    assert_eq!(kept.participants.len(), 1);
    assert!(kept.participants[0].identity().record().pnc_id == "79163001C");
    assert!(about(&kept, "pnc_id").len() == 1 && says(&kept, "check letter"));
    assert_adds_up(&kept);
}

#[test]
fn a_day_no_calendar_has_keeps_its_digits() {
    let kept = read_for_likeness(&format!("{HEAD}Ada,Quux,31/02/1980,,2023-01-05\n"));
    assert_eq!(kept.participants.len(), 1);
    assert_eq!(
        kept.participants[0].identity().record().dob.expose(),
        19_800_231
    );
    assert_eq!(about(&kept, "dob").len(), 1);
}

#[test]
fn two_things_known_will_do_and_one_will_not() {
    let head = "forename,surname,dob,postcode,programme_start\n";
    let usable = |row: &str| {
        let cohort = read_for_likeness(&format!("{head}{row},2023-01-05\n"));
        assert_adds_up(&cohort);
        cohort.participants.len() == 1
    };
    assert!(usable("Ada,Quux,,"));
    assert!(usable(",Quux,1980-05-01,"));
    assert!(usable(",Quux,,SW1A 1AA"));
    assert!(!usable(",Quux,,"));
    assert!(!usable(",,1980-05-01,SW1A 1AA"));
    assert!(!usable(",,,"));
}
