//! How good the data were.

use super::{Missing, Sheet, Shown, Value, filled, results, yes};
use crate::disclosure::findings::{Findings, Lit};
use crate::report::facts;
use crate::report::narrative::{capital, headline_analysis, primary_outcome};
use Missing::{Confidential, NotApplicable, NotAvailable};

/// Four questions to the list, the register and the links.
pub(super) fn lights(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Data_quality",
        "Four questions to the list, the register and the links between them",
        &[
            ("About", 34),
            ("Question", 20),
            ("Answer", 14),
            ("What was measured", 44),
            ("How many have it", 12),
            ("Of how many", 12),
            ("Per cent", 10),
            ("In a sentence", 70),
        ],
    );
    for f in &findings.quality.facts {
        let answer = match f.light {
            Some(Lit::Green) => "Good",
            Some(Lit::Amber) => "Take care",
            Some(Lit::Red) => "Poor",
            None => "Not measured",
        };
        // Nothing of nothing was measured.
        let measured = |n: u64| match f.percent {
            Some(_) => Value::count(n),
            None => Value::Missing(NotAvailable),
        };
        sheet.row(vec![
            Value::text(f.about.title()),
            Value::text(f.aspect.title()),
            Value::text(answer),
            Value::text(&capital(&f.measure)),
            measured(f.part),
            measured(f.whole),
            Value::maybe(f.percent, Shown::Decimals(1), NotAvailable),
            Value::text(&f.sentence),
        ]);
    }
    filled(sheet)
}

/// How often each kind of person was found.
pub(super) fn found(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Found",
        "How often each kind of person was found",
        &[
            ("What tells them apart", 24),
            ("Kind of people", 24),
            ("Looked for", 12),
            ("Found", 12),
            ("Per cent found", 12),
            ("Low", 12),
            ("High", 12),
            ("Clearly less often than the others", 16),
        ],
    );
    for r in &findings.quality.match_rates {
        let all = [r.percent, r.low, r.high];
        let open = r.people.is_some() && r.found.is_some() && all.iter().all(Option::is_some);
        let count = |n: Option<u64>| {
            n.filter(|_| open)
                .map_or(Value::Missing(Confidential), Value::count)
        };
        let mut cells = vec![
            Value::text(&r.by),
            Value::text(&r.group),
            count(r.people),
            count(r.found),
        ];
        cells.extend(
            all.map(|x| Value::maybe(x.filter(|_| open), Shown::Decimals(0), Confidential)),
        );
        cells.push(match open {
            true => yes(r.less_often),
            false => Value::Missing(Confidential),
        });
        sheet.row(cells);
    }
    filled(sheet)
}

/// The deciding outcome, had links been believed sooner or later.
pub(super) fn thresholds(findings: &Findings) -> Option<Sheet> {
    let s = findings.quality.linkage_sensitivity.as_ref()?;
    let o = headline_analysis(findings).and_then(primary_outcome)?;
    let mut sheet = Sheet::new(
        "Linkage",
        "The answer, had links been believed sooner or later",
        &[
            ("Links believed from", 12),
            ("This report\u{2019}s", 12),
            ("People found", 12),
            ("Against this report\u{2019}s", 12),
            ("Participants matched", 12),
            ("Unit", 20),
            ("Difference", 12),
            ("Low", 12),
            ("High", 12),
            ("Why there is none", 44),
        ],
    )
    .about(&s.sentence);
    for r in &s.rows {
        let d = r.difference.as_ref();
        let scale = Shown::of(o.kind, d.map(|d| d.ci_high - d.ci_low));
        let number = |x: Option<f64>| Value::maybe(x, scale, NotAvailable);
        sheet.row(vec![
            Value::number(r.threshold, Shown::Percent(1)),
            yes(r.main),
            Value::count(r.found),
            Value::number(r.against_main as f64, Shown::Whole),
            r.matched.map_or(Value::Missing(NotAvailable), Value::count),
            Value::text(results::unit(o)),
            number(d.map(|d| d.estimate)),
            number(d.map(|d| d.ci_low)),
            number(d.map(|d| d.ci_high)),
            Value::text(&r.why_not.as_deref().map(capital).unwrap_or_default()),
        ]);
    }
    filled(sheet)
}

/// Facts recorded as name and value.
pub(super) fn facts(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Facts",
        "Facts recorded about the data",
        &[("About", 34), ("Fact", 60), ("Value", 34)],
    );
    for source in facts::sources(findings) {
        for (name, value) in facts::named(source.facts) {
            let value = match value {
                serde_json::Value::Number(n) => {
                    Value::maybe(n.as_f64(), Shown::Plain, NotAvailable)
                }
                serde_json::Value::Null => Value::Missing(NotApplicable),
                other => Value::text(&facts::plain(other)),
            };
            sheet.row(vec![Value::text(source.caption), Value::text(&name), value]);
        }
    }
    filled(sheet)
}
