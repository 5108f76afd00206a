//! The rows on how far the answer can be trusted: other choices, and the data behind it.

use super::rows::{P, ranged, unit};
use super::{Row, plain};
use crate::disclosure::findings::Findings;
use crate::report::facts;
use crate::report::narrative::{capital, headline_analysis, primary_outcome, title};

/// How far other choices and unseen differences could change the answer.
pub fn doubt(rows: &mut Vec<Row>, findings: &Findings, p: P<'_>) {
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
                plain(e.e_value_limit)
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

/// How good the data were.
pub fn quality(rows: &mut Vec<Row>, findings: &Findings, p: P<'_>) {
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
        let measure = format!("difference, links believed from {}", plain(r.threshold));
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
