//! From what may be shown to what is printed: every number of the findings by its rule.

use super::curves;
use super::findings::{Analysis, Difference, EValueFinding, Findings, OutcomeFinding, Sensitivity};
use super::leaves;
use super::outcome::{self, Anchor, Room};
use super::printed::digits;
use super::tables;
use crate::effect::{Basis, COMMON, EValue, from_difference, from_ratio, holm};
use crate::quality::nearest;
use crate::study::DisclosurePolicy;

/// Tests there were of each family before anything was withheld: what is not shown was tested too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tested {
    main: usize,
    further: usize,
    placebo: usize,
}

impl Tested {
    /// Counted before anything is withheld.
    pub fn of(findings: &Findings) -> Tested {
        let adjusted = |o: &&OutcomeFinding| {
            let p = o.difference.as_ref().and_then(|d| d.p_holm);
            p.is_some()
        };
        let count = |headline: bool| {
            let of = findings
                .analyses
                .iter()
                .filter(move |a| a.headline == headline);
            of.flat_map(|a| &a.outcomes).filter(adjusted).count()
        };
        let placebo = &findings.sensitivity.placebo;
        Tested {
            main: count(true),
            further: count(false),
            placebo: placebo.iter().filter(|p| p.p.is_some()).count(),
        }
    }
}

/// Makes everything that is still shown ready to print; numbers of people must still be exact.
/// `added` is the variance that noise has added to each outcome of the main analysis.
pub(super) fn everything(
    findings: &mut Findings,
    tested: Tested,
    added: &[f64],
    policy: &DisclosurePolicy,
) {
    let mut primary = None;
    let mut matched = 0;
    for analysis in &mut findings.analyses {
        let headline = analysis.headline;
        let made = one(analysis, if headline { added } else { &[] }, policy);
        if headline && primary.is_none() {
            matched = analysis.design.participants_matched;
            primary = made;
        }
    }
    let s = &mut findings.sensitivity;
    match &primary {
        Some(anchor) => beside(s, anchor),
        None => s.e_values.clear(),
    }
    for p in &mut s.placebo {
        outcome::placebo(p, matched);
    }
    let main = findings.analyses.iter().find(|a| a.headline);
    let main = main.and_then(|a| a.outcomes.iter().find(|o| o.primary));
    e_values(s, main);
    if let Some(l) = &mut findings.quality.linkage_sensitivity {
        for d in l.rows.iter_mut().filter_map(|r| r.difference.as_mut()) {
            match &primary {
                Some(anchor) => *d = anchor.beside(d),
                // Withheld with the result, as `thresholds` sees to; never exact.
                None => d.p = 1.0,
            }
        }
    }
    adjust(findings, tested);
    messages(findings);
}

/// One analysis; the anchor of its deciding outcome.
fn one(analysis: &mut Analysis, added: &[f64], policy: &DisclosurePolicy) -> Option<Anchor> {
    tables::control(analysis);
    let design = &analysis.design;
    let mut room = Room {
        noise: 0.0,
        matched: design.participants_matched,
        used: design.comparison_matched,
        ess: digits(design.comparison_ess, 2),
    };
    let decides = analysis.outcomes.iter().position(|o| o.primary);
    let mut anchors = Vec::new();
    for (i, o) in analysis.outcomes.iter_mut().enumerate() {
        room.noise = added.get(i).copied().unwrap_or(0.0);
        let people = o.comparison.as_ref().map_or(0, |c| c.people);
        curves::coarsen(o, policy.min_each_side, room.ess(people));
        anchors.push(outcome::control(o, &room));
    }
    match decides.unwrap_or(0) {
        i if i < anchors.len() => anchors.swap_remove(i),
        _ => None,
    }
}

/// What other designs found, beside what was printed of this one.
fn beside(s: &mut Sensitivity, anchor: &Anchor) {
    for c in &mut s.specifications {
        (c.estimate, c.ci_low, c.ci_high) = anchor.beside_limits(c.estimate, c.ci_low, c.ci_high);
    }
    for c in &mut s.leave_one_out {
        (c.estimate, c.ci_low, c.ci_high) = anchor.beside_limits(c.estimate, c.ci_low, c.ci_high);
    }
}

/// E-values of the printed ratios and differences.
fn e_values(s: &mut Sensitivity, primary: Option<&OutcomeFinding>) {
    let found = std::mem::take(&mut s.e_values);
    let made = found.iter().filter_map(|e| e_value(e, primary?));
    s.e_values = made.collect();
    s.e_value = s.e_values.first().map(|e| e.e_value);
}

fn e_value(e: &EValueFinding, o: &OutcomeFinding) -> Option<EValueFinding> {
    let d = o.difference.as_ref()?;
    let ratios = [
        o.ratio.as_ref(),
        o.ratio.as_ref().and_then(|r| r.odds_ratio.as_deref()),
    ];
    let made: EValue = match e.basis.as_str() {
        "standardised_difference" => {
            // The deviation, from what an exact difference of that size would be.
            let sd = 0.91 * d.estimate / e.risk_ratio.ln();
            from_difference(d.estimate, d.se, digits(sd.abs().max(f64::MIN_POSITIVE), 2))?
        }
        basis => {
            let of = |kind: &str| ratios.into_iter().flatten().find(|r| r.kind == kind);
            let kind = match basis {
                "square_root_of_odds_ratio" => "odds_ratio",
                "hazard_ratio_as_risk_ratio" => "hazard_ratio",
                same => same,
            };
            let r = of(kind)?;
            let common = match (&o.treated, &o.comparison) {
                (Some(t), Some(c)) if outcome::is_share(o.kind) => t.mean.max(c.mean) > COMMON,
                _ => basis != kind,
            };
            from_ratio(Basis::of(kind, common)?, r.estimate, r.ci_low, r.ci_high)?
        }
    };
    Some(EValueFinding {
        basis: made.basis.as_str().into(),
        risk_ratio: digits(made.risk_ratio, 3),
        ci_low: digits(made.ci_low, 3),
        ci_high: digits(made.ci_high, 3),
        e_value: digits(made.value, 3),
        e_value_limit: digits(made.limit, 3),
    })
}

/// Holm over the printed p, as many tests as there were.
fn adjust(findings: &mut Findings, tested: Tested) {
    for (headline, tests) in [(true, tested.main), (false, tested.further)] {
        let of = findings
            .analyses
            .iter_mut()
            .filter(|a| a.headline == headline);
        let of = of.flat_map(|a| &mut a.outcomes);
        let of = of.filter(|o| !headline || !o.primary);
        let mut family: Vec<&mut Difference> = of.filter_map(|o| o.difference.as_mut()).collect();
        let p: Vec<f64> = family.iter().map(|d| d.p).collect();
        for (d, adjusted) in family.iter_mut().zip(holm_of(p, tests)) {
            d.p_holm = Some(adjusted);
        }
    }
    let placebo = &mut findings.sensitivity.placebo;
    let p: Vec<f64> = placebo.iter().filter_map(|p| p.p).collect();
    let shown = placebo.iter_mut().filter(|p| p.p.is_some());
    for (p, adjusted) in shown.zip(holm_of(p, tested.placebo)) {
        p.p_holm = Some(adjusted);
    }
}

/// Holm's adjusted p of these among so many tests, the others not better than chance.
fn holm_of(mut p: Vec<f64>, tests: usize) -> Vec<f64> {
    let shown = p.len();
    p.resize(tests.max(shown), 1.0);
    let mut adjusted = holm(&p);
    adjusted.truncate(shown);
    adjusted
}

/// Numbers of people in what is said in words.
fn messages(findings: &mut Findings) {
    for w in &mut findings.warnings {
        if ["covariates", "pool_exhausted", "ties"].contains(&w.code.as_str()) {
            w.message = about(&w.message);
        }
    }
}

/// A text with numbers of people, rows and participants to the nearest five.
fn about(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let of_people = |next: Option<&&str>| {
        next.is_some_and(|w| {
            ["people", "participants", "row", "rows"]
                .iter()
                .any(|of| w.trim_end_matches([':', ',']) == *of)
        })
    };
    let said = words
        .iter()
        .enumerate()
        .map(|(i, w)| match w.parse::<u64>() {
            Ok(n) if of_people(words.get(i + 1)) => match n < super::counts::FEW {
                true => format!("fewer than {}", super::counts::FEW),
                false => format!("about {}", nearest(n, 5)),
            },
            _ => (*w).to_owned(),
        });
    said.collect::<Vec<_>>().join(" ")
}

/// Puts the table of rules over everything; what cannot be taken apart and put together again is
/// not released.
pub(super) fn by_the_table(findings: &mut Findings) {
    let kept = serde_json::to_value(&*findings).map(|mut all| {
        leaves::enforce(&mut all, &mut Vec::new());
        all
    });
    match kept.and_then(serde_json::from_value) {
        Ok(kept) => *findings = kept,
        // A number that is none (not finite) where one must be.
        Err(_) => {
            findings.analyses.clear();
            findings.sensitivity = Sensitivity::default();
            findings.quality = Default::default();
            findings.flow.truncate(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people_in_words_are_rounded_and_others_are_not() {
        assert_eq!(
            about("`age` is blank in 123 rows: its spline has 3 columns"),
            "`age` is blank in about 125 rows: its spline has 3 columns"
        );
        assert_eq!(
            about("7 participants could"),
            "fewer than 10 participants could"
        );
    }

    #[test]
    fn what_was_withheld_counts_as_a_test() {
        let p = holm_of(vec![0.01, 0.02], 4);
        assert!((p[0] - 0.04).abs() < 1e-12 && (p[1] - 0.06).abs() < 1e-12);
        assert_eq!(holm_of(vec![0.5], 0), [0.5]);
    }
}
