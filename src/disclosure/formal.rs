//! Formal mode: noise on the numbers of people with each outcome, before anything else sees them.
//!
//! What is promised, and of what: let two lists be the same people, one of whom had an outcome in
//! one and had it not in the other. Whatever this report prints of outcomes is a function of the
//! noised counts, the sizes and the weights, so that no two such reports differ in probability by
//! more than a factor `exp(epsilon)`, all outcomes together (Dwork, McSherry, Nissim & Smith 2006,
//! doi:10.1007/11681878_14). Who is on the list is no part of the promise.

use super::findings::{Findings, OutcomeFinding, Sensitivity, WithheldAnalysis};
use super::noise::{Noise, variance};
use super::outcome::is_share;
use super::rules::{Cell, EachSide, Evidence, withhold};
use crate::study::DisclosurePolicy;

/// Share of the budget that the deciding outcome has, where there are others.
const PRIMARY: f64 = 0.5;
/// The error is at least that of so many more people's variance; see `outcome`.
const TOO_FINE: f64 = 1e-12;

/// What the noise of one outcome adds to the variance of its difference.
pub(super) type Added = Vec<f64>;

/// Noises the main analysis and takes out what cannot be; the variance added to each outcome of it.
pub(super) fn control(
    findings: &mut Findings,
    evidence: &mut Evidence,
    policy: &DisclosurePolicy,
    noise: &mut Noise,
) -> Added {
    only_the_main_analysis(findings, evidence);
    findings.sensitivity = Sensitivity {
        notes: vec![
            "Other designs, outcomes from before the start and bounds were not worked out: each would spend of what may be told of the outcomes.".into(),
        ],
        ..Sensitivity::default()
    };
    findings.quality.linkage_sensitivity = None;
    let largest = evidence.largest_share.first().copied().unwrap_or(1.0);
    let Some(analysis) = findings.analyses.first_mut() else {
        return Vec::new();
    };
    let ess = analysis.design.comparison_ess;
    for o in &mut analysis.outcomes {
        if o.suppressed.is_none() && !is_share(o.kind) {
            withhold(
                o,
                "noise can hide one person in a number of people only: what one person adds to a mean has no bound".into(),
            );
        }
    }
    let budgets = shares(&analysis.outcomes, policy.epsilon);
    let cells = evidence.cells.first_mut();
    let cells = cells.map_or(&mut [][..], |c| c.as_mut_slice());
    let mut added = Vec::new();
    for (i, o) in analysis.outcomes.iter_mut().enumerate() {
        added.push(match budgets[i] {
            Some(epsilon) => one(o, cells.get_mut(i), (epsilon, largest, ess), noise),
            None => 0.0,
        });
    }
    added
}

fn only_the_main_analysis(findings: &mut Findings, evidence: &mut Evidence) {
    let all = std::mem::take(&mut findings.analyses);
    let (main, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|a| a.headline);
    let main_at = 0..main.len();
    findings.analyses = main;
    for a in others {
        findings.analyses_withheld.push(WithheldAnalysis {
            id: a.id,
            title: a.title,
            reason: "what may be told of the outcomes is spent on everybody together".into(),
        });
    }
    evidence.cells.truncate(main_at.end);
    evidence.people.truncate(main_at.end);
    evidence.thresholds.clear();
}

/// The budget of each outcome: half for the deciding one, the rest in equal parts.
fn shares(outcomes: &[OutcomeFinding], epsilon: f64) -> Vec<Option<f64>> {
    let counted = |o: &OutcomeFinding| o.treated.is_some() && o.suppressed.is_none();
    let others = outcomes.iter().filter(|o| counted(o) && !o.primary).count();
    let primary = outcomes.iter().any(|o| counted(o) && o.primary);
    let of = |o: &OutcomeFinding| match (o.primary, primary, others) {
        (true, _, 0) => epsilon,
        (true, _, _) => epsilon * PRIMARY,
        (false, true, n) => epsilon * (1.0 - PRIMARY) / n as f64,
        (false, false, n) => epsilon / n as f64,
    };
    outcomes.iter().map(|o| counted(o).then(|| of(o))).collect()
}

/// Noises both groups' counts. Participants and pool are different people: each group's count may
/// have the whole of the outcome's budget. The pool's is counted in the largest weight that one of
/// its people has.
fn one(
    o: &mut OutcomeFinding,
    cell: Option<&mut Cell>,
    (epsilon, largest, ess): (f64, f64, f64),
    noise: &mut Noise,
) -> f64 {
    let (Some(t), Some(c), Some(d)) = (&mut o.treated, &mut o.comparison, &mut o.difference) else {
        return 0.0;
    };
    let n = t.people.max(1) as f64;
    let unit = largest.clamp(TOO_FINE, 1.0);
    let with = (t.mean * n).round() as i64 + noise.laplace(epsilon);
    let of_pool = (c.mean / unit).round() as i64 + noise.laplace(epsilon);
    let with = with.clamp(0, t.people as i64);
    t.mean = with as f64 / n;
    c.mean = (of_pool as f64 * unit).clamp(0.0, 1.0);
    if let Some(cell) = cell {
        // The thresholds see what the noise left, nothing else.
        let side = |share: f64, of: u64| (share * of as f64).round() as u64;
        cell.each_side = Some(EachSide {
            treated_with: with as u64,
            treated_without: t.people - with as u64,
            comparison_with: side(c.mean, c.people),
            comparison_without: side(1.0 - c.mean, c.people),
        });
    }
    // The exact error tells of the exact counts: that of the noised ones stands in for it.
    let spread = |p: f64, n: f64| p * (1.0 - p) / n.max(1.0);
    d.estimate = t.mean - c.mean;
    d.se = (spread(t.mean, n - 1.0) + spread(c.mean, ess))
        .sqrt()
        .max(TOO_FINE);
    d.df = n - 1.0;
    o.adjusted = None;
    o.second_opinions.clear();
    o.no_ratio = None;
    variance(epsilon) * (1.0 / (n * n) + unit * unit)
}
