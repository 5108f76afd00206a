//! Times to an event, levels and quantiles on the page.

use crate::fixtures::*;
use crate::{between, plain, report};
use counterpart::disclosure::findings::{
    Findings, OutcomeFinding, QuantilesFinding, SurvivalCurve, SurvivalCurves,
};
use counterpart::report::Report;
use counterpart::report::narrative::{can_say, cannot_say, could_be, free_of_it, observed};
use counterpart::study::{OutcomeKind, Words};

fn words() -> Words {
    Words {
        people: "people".into(),
        support: "support".into(),
        event: "release".into(),
    }
}

fn curve(daily: f64, times: &[f64], followed: bool) -> SurvivalCurve {
    let surv: Vec<f64> = times.iter().map(|t| (-daily * t).exp()).collect();
    SurvivalCurve {
        low: surv.iter().map(|s| s * 0.95).collect(),
        high: surv.iter().map(|s| (s * 1.04).min(1.0)).collect(),
        events: surv.iter().map(|s| (400.0 * (1.0 - s)) as u64).collect(),
        at_risk: surv
            .iter()
            .filter(|_| followed)
            .map(|s| 212.0 * s)
            .collect(),
        surv,
    }
}

/// Participants wait longer: 262.4 of 365 days against 241.1, and the interval.
fn waiting(low: f64, high: f64) -> OutcomeFinding {
    let mut o = outcome(OutcomeKind::Survival, 262.4, 241.1, 1.0);
    let d = o.difference.as_mut().unwrap();
    (d.ci_low, d.ci_high) = (low, high);
    let times: Vec<f64> = (0..=12).map(|k| 365.0 * f64::from(k) / 12.0).collect();
    o.survival = Some(SurvivalCurves {
        horizon: 365.0,
        asked: None,
        treated: curve(0.0013, &times, true),
        comparison: curve(0.0017, &times, true),
        times,
    });
    o
}

fn page(outcomes: Vec<OutcomeFinding>) -> Findings {
    let mut findings = better();
    findings.analyses[0].outcomes = outcomes;
    findings.analyses[0].outcomes[0].primary = true;
    findings
}

#[test]
fn waiting_longer_is_said_with_the_horizon() {
    let o = waiting(5.6, 37.0);
    assert_eq!(
        can_say(&o, true, &words()),
        "The results give evidence that support lengthens the average time to the first proven reoffence (counting at most 365 days). For typical people who receive support, compared with similar people who do not receive it, the average time to the first proven reoffence (counting at most 365 days) could be longer by between 6 and 37 days. This is a statistically significant result."
    );
    assert!(
        cannot_say(&o, true, &words()).ends_with("Nothing is known of the time after 365 days.")
    );
    assert_eq!(
        observed(&o, &words()).unwrap(),
        "For typical people in the treatment group, the average time to the first proven reoffence (counting at most 365 days) is 262 days. That is 21 days longer than in the comparison group."
    );
    // exp(-0.0013 x 365) = 0.62, exp(-0.0017 x 365) = 0.54.
    assert_eq!(
        free_of_it(&o, &words()).unwrap(),
        "Within 365 days it had happened to 38 of 100 typical people in the treatment group, and to 46 of 100 in the comparison group."
    );
}

#[test]
fn what_is_not_clear_is_not_said_to_be() {
    let mut o = waiting(-3.2, 9.4);
    let said = can_say(&o, true, &words());
    assert!(
        said.contains("do not yet show whether support shortens or lengthens"),
        "{said}"
    );
    let range = |o: &OutcomeFinding| could_be(o, o.difference.as_ref().unwrap(), &words());
    assert_eq!(
        range(&o),
        "shorter by as many as 3.2 days, or longer by as many as 9.4 days"
    );
    assert!(
        free_of_it(&o, &words())
            .unwrap()
            .ends_with("may be due to chance.")
    );
    o.unit = "weeks".into();
    let d = o.difference.as_mut().unwrap();
    (d.ci_low, d.ci_high) = (0.6, 1.0);
    assert_eq!(range(&o), "longer by between 0.60 and 1.00 weeks");
    // The study asked for more than there was to see.
    o.survival.as_mut().unwrap().asked = Some(730.0);
    let said = free_of_it(&o, &words()).unwrap();
    assert!(said.contains("The study asked for 730 weeks"), "{said}");
}

#[test]
fn the_curves_are_drawn_with_their_bands_and_told_in_a_table() {
    let r = report(page(vec![waiting(5.6, 37.0)]));
    let html = r.html().unwrap();
    let svg = between(&html, "aria-labelledby=\"over-time-title", "</svg>")[0];
    assert_eq!(svg.matches("<polygon").count(), 2, "a band each");
    assert!(
        svg.contains("opacity=\"0.18\""),
        "what lies behind a band shines through"
    );
    assert!(svg.contains("62 per cent of the treatment group and 54 per cent of the comparison"));
    let table = between(&html, "<table id=\"over-time-table\"", "</table>")[0];
    // A heading, thirteen times.
    assert_eq!(table.matches("<tr").count(), 14, "{table}");
    assert!(
        plain(table).contains("62.2% 59.1 to 64.7"),
        "{}",
        plain(table)
    );
    assert!(plain(&html).contains("Within 365 days it had happened to 38 of 100"));
}

#[test]
fn a_withheld_time_draws_nothing_and_says_nothing_of_its_curves() {
    let mut o = waiting(5.6, 37.0);
    o.suppressed = Some("fewer than 10 people".into());
    let html = report(page(vec![o])).html().unwrap();
    assert!(!html.contains("over-time") && !html.contains("it had happened to"));
}

#[test]
fn levels_are_rows_of_shares_and_quantiles_a_table() {
    let mut level = outcome(OutcomeKind::Binary, 0.12, 0.17, 0.02);
    level.name = "severity: high".into();
    level.label = "Severity: high".into();
    level.phrase = "whose severity was \u{201c}high\u{201d}".into();
    let mut pay = outcome(OutcomeKind::Continuous, 6349.1, 4554.8, 671.0);
    pay.quantiles = Some(QuantilesFinding {
        shares: vec![0.25, 0.5, 0.75],
        treated: vec![485.2, 4232.3, 9643.0],
        comparison: vec![0.0, 3746.7, 7824.1],
        median_difference: Some(difference(485.6, 500.0, 211.0)),
    });
    pay.no_ratio = Some("in one group nobody had the outcome, so that there is no ratio".into());
    let html = Report::new(controlled(page(vec![level, pay])));
    let html = html.html().unwrap();
    let text = plain(&html);
    assert!(
        text.contains("the number whose severity was \u{201c}high\u{201d}"),
        "{text}"
    );
    // Released under control: to two digits, without the difference that would bring them back.
    let table = plain(between(&html, "<table id=\"quantiles-1\"", "</table>")[0]);
    assert!(table.contains("50% 4,200 3,700 \u{2013}"), "{table}");
    assert!(text.contains("In one group nobody had the outcome"));
}
