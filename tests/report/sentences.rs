//! Sentences written by hand for each case and kind.

use crate::fixtures::*;
use crate::report;
use counterpart::disclosure::findings::OutcomeFinding;
use counterpart::report::narrative::{could_be, estimate, observed, power_words, rounding_note};
use counterpart::study::{OutcomeKind::*, Words};

fn words() -> Words {
    Words {
        people: "people".into(),
        support: "support".into(),
        event: "release".into(),
    }
}

/// An outcome whose interval is exactly `low` to `high`.
fn with(mut o: OutcomeFinding, low: f64, high: f64) -> OutcomeFinding {
    let d = o.difference.as_mut().unwrap();
    (d.ci_low, d.ci_high) = (low, high);
    d.estimate = (low + high) / 2.0;
    o
}

fn sentence(o: &OutcomeFinding) -> String {
    estimate(o, o.difference.as_ref().unwrap(), &words())
}

fn range(o: &OutcomeFinding) -> String {
    could_be(o, o.difference.as_ref().unwrap(), &words())
}

#[test]
fn a_rate_that_is_lower() {
    let o = with(outcome(Binary, 0.38, 0.46, 0.02), -0.119, -0.036);
    assert_eq!(
        sentence(&o),
        "For 100 typical people who receive support, compared with 100 similar people who do not receive it, the number who reoffend within one year could be lower by between 4 and 12 people. This is a statistically significant result."
    );
}

#[test]
fn a_rate_that_could_go_either_way() {
    let o = with(outcome(Binary, 0.44, 0.46, 0.03), -0.087, 0.051);
    assert_eq!(
        sentence(&o),
        "For 100 typical people who receive support, compared with 100 similar people who do not receive it, the number who reoffend within one year could be lower by as many as 9 people, or higher by as many as 5 people. More people would need to be available for analysis in order to determine the direction of this difference."
    );
}

#[test]
fn ranges_of_every_kind_on_every_side() {
    let rate = || outcome(Binary, 0.4, 0.4, 0.02);
    let often = || outcome(Count, 1.2, 1.4, 0.1);
    let days = || outcome(Duration, 120.0, 110.0, 5.0);
    let pay = || outcome(Continuous, 6000.0, 5000.0, 500.0);
    for (o, expected) in [
        (
            with(rate(), 0.014, 0.118),
            "higher by between 1 and 12 people",
        ),
        (
            with(rate(), -0.08, -0.003),
            "lower by between less than 1 and 8 people",
        ),
        (with(rate(), -0.052, -0.048), "lower by about 5 people"),
        (with(rate(), -0.004, -0.001), "lower by less than 1 person"),
        (
            with(rate(), -0.012, 0.004),
            "lower by as many as 1 person, or higher by less than 1 person",
        ),
        (
            with(often(), -0.41, -0.09),
            "lower by between 9 and 41 (between 0.09 and 0.41 reoffences per person)",
        ),
        (
            with(often(), -0.12, 0.2),
            "lower by as many as 12 (0.12 reoffences per person), or higher by as many as 20 (0.20 reoffences per person)",
        ),
        (with(days(), 2.7, 17.2), "longer by between 3 and 17 days"),
        (
            with(days(), -17.2, -2.7),
            "shorter by between 3 and 17 days",
        ),
        (
            with(days(), -1.2, 9.4),
            "shorter by as many as 1 day, or longer by as many as 9 days",
        ),
        (
            with(pay(), 471.6, 3117.4),
            "higher by between 472 and 3,117 US dollars",
        ),
        (
            with(pay(), -0.31, 1.26),
            "lower by as many as 0.31 US dollars, or higher by as many as 1.26 US dollars",
        ),
    ] {
        assert_eq!(range(&o), expected);
    }
}

#[test]
fn what_was_seen_is_said_beside_the_comparison_group() {
    for (o, expected) in [
        (
            outcome(Binary, 0.3774, 0.4551, 0.02),
            "For 100 typical people in the treatment group, the number who reoffend within one year is 38. That is 8 fewer than in the comparison group.",
        ),
        (
            outcome(Binary, 0.384, 0.381, 0.02),
            "For 100 typical people in the treatment group, the number who reoffend within one year is 38. That is similar to the comparison group.",
        ),
        (
            outcome(Count, 1.462, 1.214, 0.08),
            "For 100 typical people in the treatment group, the number of proven reoffences within one year is 146 (1.46 reoffences per person). That is 25 more (0.25 reoffences per person) than in the comparison group.",
        ),
        (
            outcome(Duration, 125.3, 117.4, 9.0),
            "For typical people in the treatment group, the average time to the first reoffence, for those to whom it happens, is 125 days. That is 8 days longer than in the comparison group.",
        ),
        (
            outcome(Continuous, 6349.1, 4554.8, 600.0),
            "For typical people in the treatment group, average earnings in 1978 is 6,349 US dollars. That is 1,794 US dollars higher than in the comparison group.",
        ),
    ] {
        assert_eq!(observed(&o, &words()).unwrap(), expected);
    }
}

#[test]
fn a_note_says_when_rounded_parts_do_not_add_up() {
    // 37.6 and 46.4 round to 38 and 46, which differ by 8; the difference, 8.8, rounds to 9.
    let o = outcome(Binary, 0.376, 0.464, 0.02);
    assert_eq!(
        rounding_note(&o).unwrap(),
        "The difference (\u{2212}9) is worked out before rounding, so it does not match the rounded values (38% and 46%)."
    );
    assert_eq!(rounding_note(&outcome(Binary, 0.38, 0.46, 0.02)), None);
}

#[test]
fn the_people_needed_and_the_smallest_difference_are_said_in_words() {
    let mut o = outcome(Binary, 0.44, 0.46, 0.035);
    o.number_needed = Some(1231);
    assert_eq!(
        power_words(&o, &words()).unwrap(),
        "If the true difference is as large as the one seen, about 1,300 people in the treatment group would be needed to be sure of its direction. There were 212. With this many people, the smallest difference we could expect to find is about 10 in every 100 people."
    );
    assert_eq!(
        power_words(&outcome(Binary, 0.3, 0.46, 0.02), &words()),
        None
    );
}

#[test]
fn the_pair_of_sentences_keeps_to_the_case() {
    let said = |f, i: usize| {
        let r = report(f);
        let o = &r.findings().analyses[0].outcomes[i];
        (o.can_say.clone(), o.cannot_say.clone())
    };
    let (can, cannot) = said(better(), 0);
    assert!(can.starts_with("The results give evidence that support lowers the number who reoffend within one year. For 100 typical"));
    assert!(cannot.starts_with(
        "That support lowers the number who reoffend within one year by an exact amount"
    ));
    let (can, _) = said(worse(), 0);
    assert!(can.starts_with("The results give evidence that support raises the number"));
    let (can, cannot) = said(cannot_tell(), 0);
    assert!(can.starts_with("The results do not yet show whether support lowers or raises the number who reoffend within one year."));
    assert_eq!(
        cannot,
        "That support lowers, raises or makes no difference to the number who reoffend within one year. All three are still possible."
    );
    let (can, cannot) = said(too_small(), 0);
    assert_eq!(
        can,
        "No result can be given for reoffending rate. Fewer than 30 people could be matched."
    );
    // Few people is one reason of several: the reason stands in the other sentence.
    assert!(
        cannot
            .ends_with("That there is no result says nothing about how well the programme works.")
    );
    assert!(!cannot.contains("few"));
    let (can, _) = said(not_matched(), 0);
    assert!(can.starts_with(
        "The two groups were not well enough matched to say whether support lowers or raises"
    ));
    let (_, cannot) = said(cannot_tell(), 2);
    assert!(cannot.ends_with(
        "Only those to whom it happened are compared here, so the two sides may not be alike."
    ));
}

#[test]
fn the_headline_says_the_case_in_one_sentence() {
    for (f, expected) in [
        (
            better(),
            "People who received support did better than similar people who did not: for every 100 people, the number who reoffend within one year could be lower by between 4 and 12 people.",
        ),
        (
            worse(),
            "People who received support did worse than similar people who did not: for every 100 people, the number who reoffend within one year could be higher by between 1 and 12 people.",
        ),
        (
            cannot_tell(),
            "We cannot tell yet whether support made a difference: for every 100 people, the number who reoffend within one year could be lower by as many as 9 people, or higher by as many as 5 people.",
        ),
        (
            too_small(),
            "No result can be given for reoffending rate: fewer than 30 people could be matched.",
        ),
        (
            not_matched(),
            "Not well enough matched to say: the people who received support and those they are compared with still differed in risk of reoffending score (0-100) and drug misuse need.",
        ),
        (
            employment(),
            "Workers who received training did better than similar workers who did not: average earnings in 1978 could be higher by between 472 and 3,117 US dollars.",
        ),
    ] {
        assert_eq!(report(f).headline(), expected);
    }
}

#[test]
fn more_is_better_where_the_study_says_so_and_neither_where_it_does_not() {
    use counterpart::study::Better;
    let mut f = worse();
    f.analyses[0].outcomes[0].better = Better::Higher;
    assert!(
        report(f.clone())
            .headline()
            .starts_with("People who received support did better")
    );
    f.analyses[0].outcomes[0].better = Better::Neither;
    assert!(
        report(f)
            .headline()
            .starts_with("People who received support had different results")
    );
}

#[test]
fn a_result_that_does_not_survive_holm_says_so() {
    let mut f = better();
    f.analyses[0].outcomes[1]
        .difference
        .as_mut()
        .unwrap()
        .p_holm = Some(0.09);
    let r = report(f);
    assert!(
        r.findings().analyses[0].outcomes[1]
            .can_say
            .ends_with("after allowing for that this one could be due to chance.")
    );
}

#[test]
fn without_a_clear_direction_no_sentence_speaks_of_explaining_it_away() {
    assert!(report(better()).html().unwrap().contains("E-value"));
    let mut unclear = cannot_tell();
    unclear.sensitivity.e_value = Some(1.9);
    assert!(!report(unclear).html().unwrap().contains("E-value"));
}
