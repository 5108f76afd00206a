//! How alike the groups were.

use super::{Missing, Sheet, Shown, Value, filled, of};
use crate::disclosure::findings::Findings;
use crate::report::figures::balance_label;
use crate::report::table::Light;
use Missing::NotApplicable;

/// Averages before and after matching, a row a covariate and analysis.
pub(super) fn balance(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Balance",
        "How alike the groups were",
        &[
            ("Analysis", 34),
            ("What was compared", 44),
            ("Alike", 14),
            ("Treatment group", 12),
            ("Everyone in the pool", 12),
            ("Matched comparison group", 14),
            ("Difference before, in standard deviations", 16),
            ("Difference after, in standard deviations", 16),
            ("Variance ratio", 12),
            ("Greatest gap (Kolmogorov-Smirnov)", 16),
        ],
    )
    .about(
        "Alike: at most 0.05 standard deviations apart after matching; nearly alike: at most 0.1.",
    );
    for a in &findings.analyses {
        for row in &a.balance {
            let two = |x: f64| Value::number(x, Shown::Decimals(2));
            let apart = |x| Value::maybe(x, Shown::Decimals(3), NotApplicable);
            sheet.row(vec![
                of(a),
                Value::text(&balance_label(row)),
                Value::text(Light::of(&row.light).text()),
                two(row.mean_treated),
                two(row.mean_pool),
                two(row.mean_matched),
                apart(row.smd_before),
                apart(row.smd_after),
                Value::maybe(row.variance_ratio, Shown::Decimals(2), NotApplicable),
                two(row.ks),
            ]);
        }
    }
    filled(sheet)
}

/// Where the propensity scores of the groups lie.
pub(super) fn overlap(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Overlap",
        "Where the propensity scores of the groups lie",
        &[
            ("Analysis", 34),
            ("Score from (log odds)", 14),
            ("Score below (log odds)", 14),
            ("Share of the treatment group", 14),
            ("Share of the pool", 14),
            ("Share of the matched comparison group", 18),
        ],
    );
    for a in &findings.analyses {
        let Some(o) = &a.overlap else { continue };
        for (i, edge) in o.edges.windows(2).enumerate() {
            let share = |of: &[f64]| {
                Value::maybe(of.get(i).copied(), Shown::Percent(1), Missing::NotAvailable)
            };
            sheet.row(vec![
                of(a),
                Value::number(edge[0], Shown::Decimals(2)),
                Value::number(edge[1], Shown::Decimals(2)),
                share(&o.participants),
                share(&o.pool),
                share(&o.matched),
            ]);
        }
    }
    filled(sheet)
}

/// The propensity model.
pub(super) fn terms(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Model",
        "Terms of the propensity model",
        &[
            ("Analysis", 34),
            ("Term", 44),
            ("Estimate (log odds)", 14),
            ("Standard error", 14),
        ],
    );
    for a in &findings.analyses {
        for t in &a.design.propensity.terms {
            let three = |x| Value::number(x, Shown::Decimals(3));
            sheet.row(vec![
                of(a),
                Value::text(&t.term),
                three(t.estimate),
                three(t.se),
            ]);
        }
    }
    filled(sheet)
}
