//! The findings, a row a number.

use super::{Row, doubt};
use crate::disclosure::findings::{
    Analysis, Difference, Findings, FlowStep, OutcomeFinding, Ratio,
};
use crate::report::figures::{balance_label, step_title};
use crate::report::narrative::{capital, sentence, title};
use crate::report::numbers::p_value;
use crate::report::workbook::few;
use crate::study::OutcomeKind;

/// In the order of the report.
pub fn all(findings: &Findings) -> Vec<Row> {
    let mut rows = Vec::new();
    let banded = findings.disclosure.policy != "none";
    let p = |p: Option<f64>| match (p, banded) {
        (None, _) => String::new(),
        (Some(p), true) => p_value(p),
        (Some(p), false) => super::plain(p),
    };
    for a in &findings.analyses {
        for o in &a.outcomes {
            outcome(&mut rows, a, o, &p);
        }
    }
    people(&mut rows, findings);
    for a in &findings.analyses {
        design(&mut rows, a);
    }
    doubt::doubt(&mut rows, findings, &p);
    doubt::quality(&mut rows, findings, &p);
    for w in &findings.analyses_withheld {
        rows.push(Row {
            part: "withheld",
            analysis: capital(&w.title),
            note: sentence(&w.reason),
            ..Row::default()
        });
    }
    rows
}

/// In what the numbers of an outcome are written here.
pub fn unit(kind: OutcomeKind, unit: &str) -> String {
    match kind {
        OutcomeKind::Binary | OutcomeKind::Ordered | OutcomeKind::Categories => {
            "proportion of people".into()
        }
        _ => unit.into(),
    }
}

/// How p is written.
pub type P<'p> = &'p dyn Fn(Option<f64>) -> String;

fn outcome(rows: &mut Vec<Row>, a: &Analysis, o: &OutcomeFinding, p: P<'_>) {
    let row = |measure: &str| Row {
        part: "results",
        analysis: capital(&a.title),
        outcome: capital(title(o)),
        measure: measure.into(),
        unit: unit(o.kind, &o.unit),
        ..Row::default()
    };
    let deciding = if o.primary { "deciding outcome" } else { "" };
    if let Some(why) = &o.suppressed {
        rows.push(Row {
            note: format!("withheld: {why}"),
            ..row("difference")
        });
        return;
    }
    for (group, value) in [("treatment", &o.treated), ("comparison", &o.comparison)] {
        rows.extend(value.iter().map(|v| Row {
            group,
            value: Some(v.mean),
            people: Some(v.people),
            ..row("mean")
        }));
    }
    let d = |measure: &str, d: &Difference| Row {
        p_holm: p(d.p_holm),
        ..ranged(row(measure), d.estimate, d.ci_low, d.ci_high, p(Some(d.p)))
    };
    rows.extend(o.difference.iter().map(|found| Row {
        note: match a.well_matched {
            true => deciding.into(),
            false => "the groups were not well enough matched to say".into(),
        },
        ..d("difference", found)
    }));
    rows.extend(o.adjusted.iter().map(|x| d("difference, adjusted", x)));
    for s in &o.second_opinions {
        rows.push(Row {
            value: s.estimate,
            low: s.ci_low,
            high: s.ci_high,
            p: p(s.p),
            note: s.note.clone().unwrap_or_default(),
            ..row(&format!("difference, {}", s.method.replace('_', " ")))
        });
    }
    let mut ratio: Option<&Ratio> = o.ratio.as_ref();
    while let Some(r) = ratio {
        rows.push(Row {
            unit: "ratio".into(),
            ..ranged(
                row(&r.kind.replace('_', " ")),
                r.estimate,
                r.ci_low,
                r.ci_high,
                String::new(),
            )
        });
        ratio = r.odds_ratio.as_deref();
    }
    rows.extend(o.detectable.map(|x| Row {
        value: Some(x),
        ..row("smallest difference these numbers could show")
    }));
    rows.extend(o.number_needed.map(|n| Row {
        value: Some(n as f64),
        unit: "people".into(),
        ..row("people needed for such a difference to be significant")
    }));
    distributions(rows, o, &row);
}

/// The row with a value and its range.
pub fn ranged(row: Row, value: f64, low: f64, high: f64, p: String) -> Row {
    Row {
        value: Some(value),
        low: Some(low),
        high: Some(high),
        p,
        ..row
    }
}

/// Quantiles, and curves over time.
fn distributions(rows: &mut Vec<Row>, o: &OutcomeFinding, row: &dyn Fn(&str) -> Row) {
    if let Some(q) = &o.quantiles {
        for (group, values) in [("treatment", &q.treated), ("comparison", &q.comparison)] {
            for (share, value) in q.shares.iter().zip(values) {
                rows.push(Row {
                    group,
                    value: Some(*value),
                    ..row(&format!(
                        "value below which a share of {} lies",
                        super::plain(*share)
                    ))
                });
            }
        }
    }
    let Some(s) = &o.survival else { return };
    for (group, curve) in [("treatment", &s.treated), ("comparison", &s.comparison)] {
        for (i, time) in s.times.iter().enumerate() {
            rows.push(Row {
                group,
                value: curve.surv.get(i).copied(),
                low: curve.low.get(i).copied(),
                high: curve.high.get(i).copied(),
                unit: "proportion of people".into(),
                people: curve.events.get(i).copied(),
                note: "people: to whom it has happened so far".into(),
                ..row(&format!("not happened yet after {}", super::plain(*time)))
            });
        }
    }
}

fn people(rows: &mut Vec<Row>, findings: &Findings) {
    let mut flows: Vec<(String, &[FlowStep])> = vec![("Everybody".into(), &findings.flow)];
    let further = findings.analyses.iter();
    flows.extend(further.map(|a| (capital(&a.title), a.flow.as_slice())));
    for (name, flow) in flows {
        for step in flow {
            let row = |measure: &str, people: Option<u64>, note: &str| Row {
                part: "people",
                analysis: name.clone(),
                outcome: step_title(&step.step, &findings.study.words.event),
                measure: measure.into(),
                value: people.map(|n| n as f64),
                unit: "people".into(),
                note: note.into(),
                ..Row::default()
            };
            rows.push(row("left", Some(step.people), &step.reason));
            for loss in step.lost.iter().filter(|l| l.people > 0) {
                rows.push(match few(findings, step, loss) {
                    true => row("lost", None, &format!("fewer than 10: {}", loss.reason)),
                    false => row("lost", Some(loss.people), &loss.reason),
                });
            }
        }
    }
}

fn design(rows: &mut Vec<Row>, a: &Analysis) {
    let row = |outcome: &str, measure: &str, unit: &str, value: Option<f64>| Row {
        part: "design",
        analysis: capital(&a.title),
        outcome: outcome.into(),
        measure: measure.into(),
        unit: unit.into(),
        value,
        ..Row::default()
    };
    let d = &a.design;
    for (measure, n) in [
        ("participants", d.participants),
        ("participants matched", d.participants_matched),
        ("people in the comparison pool", d.comparison_pool),
        ("of them used", d.comparison_matched),
    ] {
        rows.push(row("", measure, "people", Some(n as f64)));
    }
    let ess = "effective number of comparison people";
    rows.push(row("", ess, "people", Some(d.comparison_ess)));
    let c = "area under the curve of the propensity model";
    rows.push(row("", c, "", Some(d.propensity.c_statistic)));
    for b in &a.balance {
        let name = balance_label(b);
        let mut add = |group, measure: &str, unit: &str, value: Option<f64>| {
            rows.push(Row {
                part: "balance",
                group,
                note: b.light.clone(),
                ..row(&name, measure, unit, value)
            });
        };
        add("treatment", "mean", "", Some(b.mean_treated));
        add("pool", "mean", "", Some(b.mean_pool));
        add("comparison", "mean", "", Some(b.mean_matched));
        add("", "difference before", "standard deviations", b.smd_before);
        add("", "difference after", "standard deviations", b.smd_after);
        add("", "variance ratio", "ratio", b.variance_ratio);
        add("", "greatest gap (Kolmogorov-Smirnov)", "", Some(b.ks));
    }
    for t in &d.propensity.terms {
        rows.push(Row {
            part: "model",
            ..row(&t.term, "estimate", "log odds", Some(t.estimate))
        });
        rows.push(Row {
            part: "model",
            ..row(&t.term, "standard error", "log odds", Some(t.se))
        });
    }
}
