//! The findings, a row a number.

use super::Row;
use crate::disclosure::findings::{
    Analysis, Difference, Findings, FlowStep, OutcomeFinding, Ratio,
};
use crate::report::facts;
use crate::report::figures::{balance_label, step_title};
use crate::report::narrative::{capital, headline_analysis, primary_outcome, sentence, title};
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
    doubt(&mut rows, findings, &p);
    quality(&mut rows, findings, &p);
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
fn unit(kind: OutcomeKind, unit: &str) -> String {
    match kind {
        OutcomeKind::Binary | OutcomeKind::Ordered | OutcomeKind::Categories => {
            "proportion of people".into()
        }
        _ => unit.into(),
    }
}

type P<'p> = &'p dyn Fn(Option<f64>) -> String;

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

fn ranged(row: Row, value: f64, low: f64, high: f64, p: String) -> Row {
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

fn doubt(rows: &mut Vec<Row>, findings: &Findings, p: P<'_>) {
    let s = &findings.sensitivity;
    for f in &s.placebo {
        let open = f.suppressed.is_none();
        let shown = |x: Option<f64>| x.filter(|_| open);
        rows.push(Row {
            part: "before the start",
            outcome: capital(if f.label.is_empty() {
                &f.name
            } else {
                &f.label
            }),
            measure: "difference".into(),
            unit: unit(f.kind, &f.unit),
            value: shown(f.estimate),
            low: shown(f.ci_low),
            high: shown(f.ci_high),
            p: p(shown(f.p)),
            p_holm: p(shown(f.p_holm)),
            note: f
                .suppressed
                .as_ref()
                .map_or(String::new(), |why| format!("withheld: {why}")),
            ..Row::default()
        });
    }
    let deciding = headline_analysis(findings).and_then(primary_outcome);
    let Some(o) = deciding.filter(|o| o.suppressed.is_none()) else {
        return;
    };
    let row = |part, measure: String| Row {
        part,
        outcome: capital(title(o)),
        measure,
        unit: unit(o.kind, &o.unit),
        ..Row::default()
    };
    for c in &s.specifications {
        let caliper = c
            .caliper
            .map_or("no caliper".into(), |x| format!("caliper {x}"));
        rows.push(Row {
            people: Some(c.participants_matched),
            note: if c.chosen { "fixed beforehand" } else { "" }.into(),
            ..ranged(
                row("other choices", format!("{}, {caliper}", c.method)),
                c.estimate,
                c.ci_low,
                c.ci_high,
                String::new(),
            )
        });
    }
    for l in &s.leave_one_out {
        let name = if l.label.is_empty() {
            &l.left_out
        } else {
            &l.label
        };
        rows.push(Row {
            people: Some(l.participants_matched),
            ..ranged(
                row("left out", name.clone()),
                l.estimate,
                l.ci_low,
                l.ci_high,
                String::new(),
            )
        });
    }
    for e in &s.e_values {
        let basis = e.basis.replace('_', " ");
        rows.push(Row {
            value: Some(e.e_value),
            unit: "ratio".into(),
            note: format!(
                "for the nearer end of the range: {}",
                super::plain(e.e_value_limit)
            ),
            ..row("unseen", format!("E-value from the {basis}"))
        });
    }
    rows.extend(s.rosenbaum.iter().map(|r| Row {
        value: Some(r.gamma),
        unit: "ratio".into(),
        note: if r.beyond { "at least" } else { "" }.into(),
        ..row(
            "unseen",
            format!("Rosenbaum's gamma, {}", r.test.replace('_', " ")),
        )
    }));
}

fn quality(rows: &mut Vec<Row>, findings: &Findings, p: P<'_>) {
    let q = &findings.quality;
    let row = |outcome: String, measure: &str| Row {
        part: "data",
        outcome,
        measure: measure.into(),
        ..Row::default()
    };
    for f in q.facts.iter().filter(|f| f.percent.is_some()) {
        rows.push(Row {
            value: f.percent,
            unit: "per cent".into(),
            people: None,
            note: f.sentence.clone(),
            ..row(f.about.title().into(), &f.measure)
        });
    }
    for r in &q.match_rates {
        let open = r.people.is_some() && r.found.is_some() && r.percent.is_some();
        let shown = |x: Option<f64>| x.filter(|_| open);
        rows.push(Row {
            value: shown(r.percent),
            unit: "per cent".into(),
            low: shown(r.low),
            high: shown(r.high),
            people: r.people.filter(|_| open),
            note: if open { "" } else { "withheld" }.into(),
            ..row(format!("{}: {}", r.by, r.group), "found in the register")
        });
    }
    for r in q.linkage_sensitivity.iter().flat_map(|s| &s.rows) {
        let measure = format!(
            "difference, links believed from {}",
            super::plain(r.threshold)
        );
        let deciding = headline_analysis(findings).and_then(primary_outcome);
        let d = r.difference.as_ref();
        rows.push(Row {
            value: d.map(|d| d.estimate),
            low: d.map(|d| d.ci_low),
            high: d.map(|d| d.ci_high),
            p: p(d.map(|d| d.p)),
            unit: deciding.map_or(String::new(), |o| unit(o.kind, &o.unit)),
            people: Some(r.found),
            note: r.why_not.clone().unwrap_or_default(),
            ..row(
                deciding.map_or(String::new(), |o| capital(title(o))),
                &measure,
            )
        });
    }
    for source in facts::sources(findings) {
        for (name, value) in facts::named(source.facts) {
            let value = value.as_f64().map_or_else(|| Err(facts::plain(value)), Ok);
            rows.push(Row {
                value: value.clone().ok(),
                note: value.err().unwrap_or_default(),
                ..row(source.caption.into(), &name)
            });
        }
    }
}
