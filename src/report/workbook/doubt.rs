//! Would other choices, or something unseen, change the answer?

use super::{Missing, Sheet, Shown, Value, filled, results, yes};
use crate::disclosure::findings::{Findings, OutcomeFinding};
use crate::report::narrative::{capital, headline_analysis, primary_outcome, sentence, title};
use Missing::{Confidential, NotApplicable, NotAvailable};

/// The deciding outcome, where its number may be spoken of.
fn deciding(findings: &Findings) -> Option<&OutcomeFinding> {
    let outcome = headline_analysis(findings).and_then(primary_outcome)?;
    outcome.suppressed.is_none().then_some(outcome)
}

fn scale(o: &OutcomeFinding) -> Shown {
    Shown::of(o.kind, o.difference.as_ref().map(|d| d.ci_high - d.ci_low))
}

/// The deciding outcome under every design tried.
pub(super) fn choices(findings: &Findings) -> Option<Sheet> {
    let o = deciding(findings)?;
    let mut sheet = Sheet::new(
        "Other_choices",
        "The deciding outcome under other choices",
        &[
            ("Method", 34),
            ("Caliper (standard deviations)", 14),
            ("Fixed beforehand", 12),
            ("Estimand", 12),
            ("Difference", 12),
            ("Low", 12),
            ("High", 12),
            ("Participants matched", 12),
            ("Effective comparison people", 14),
            ("Largest difference left (standard deviations)", 18),
            ("Note", 60),
        ],
    )
    .about(&unit_line(o));
    let s = &findings.sensitivity;
    for c in &s.specifications {
        let number = |x| Value::number(x, scale(o));
        sheet.row(vec![
            Value::text(&capital(&c.method.replace('_', " "))),
            Value::maybe(c.caliper, Shown::Plain, NotApplicable),
            yes(c.chosen),
            Value::text(&c.estimand.to_uppercase()),
            number(c.estimate),
            number(c.ci_low),
            number(c.ci_high),
            Value::count(c.participants_matched),
            Value::maybe(c.comparison_ess, Shown::Whole, NotAvailable),
            Value::maybe(c.largest_smd, Shown::Decimals(3), NotAvailable),
            Value::text(&c.note.as_deref().map(sentence).unwrap_or_default()),
        ]);
    }
    for r in &s.specifications_refused {
        let mut cells = vec![
            Value::text(&capital(&r.method.replace('_', " "))),
            Value::maybe(r.caliper, Shown::Plain, NotApplicable),
            yes(false),
        ];
        cells.extend(std::iter::repeat_n(Value::Missing(NotAvailable), 7));
        cells.push(Value::text(&sentence(&r.reason)));
        sheet.row(cells);
    }
    filled(sheet)
}

fn unit_line(o: &OutcomeFinding) -> String {
    let name = capital(title(o));
    match results::unit(o) {
        unit @ "per cent of people" => {
            format!("{name}, {unit}; differences are in percentage points.")
        }
        unit => format!("{name}, {unit}."),
    }
}

/// The deciding outcome with each covariate left out.
pub(super) fn without(findings: &Findings) -> Option<Sheet> {
    let o = deciding(findings)?;
    let mut sheet = Sheet::new(
        "Left_out",
        "The deciding outcome, with each covariate left out of the design",
        &[
            ("Left out", 44),
            ("Difference", 12),
            ("Low", 12),
            ("High", 12),
            ("Its own difference then (standard deviations)", 18),
            ("Participants matched", 12),
        ],
    )
    .about(&unit_line(o));
    for l in &findings.sensitivity.leave_one_out {
        let number = |x| Value::number(x, scale(o));
        let name = if l.label.is_empty() {
            &l.left_out
        } else {
            &l.label
        };
        sheet.row(vec![
            Value::text(name),
            number(l.estimate),
            number(l.ci_low),
            number(l.ci_high),
            Value::maybe(l.smd, Shown::Decimals(3), NotApplicable),
            Value::count(l.participants_matched),
        ]);
    }
    filled(sheet)
}

/// How strong something unseen would have to be.
pub(super) fn unseen(findings: &Findings) -> Option<Sheet> {
    deciding(findings)?;
    let mut sheet = Sheet::new(
        "Unseen",
        "How strong something unseen would have to be to explain the deciding outcome away",
        &[
            ("Measure", 44),
            ("Made from", 34),
            ("Value", 12),
            ("Value for the nearer end of the range", 16),
            ("Ratio it was made from", 14),
            ("Ratio, low", 12),
            ("Ratio, high", 12),
        ],
    );
    let two = |x| Value::number(x, Shown::Decimals(2));
    for e in &findings.sensitivity.e_values {
        sheet.row(vec![
            Value::text("E-value"),
            Value::text(&capital(&e.basis.replace('_', " "))),
            two(e.e_value),
            two(e.e_value_limit),
            two(e.risk_ratio),
            two(e.ci_low),
            two(e.ci_high),
        ]);
    }
    if let Some(r) = &findings.sensitivity.rosenbaum {
        let most = if r.beyond { " (at least)" } else { "" };
        let mut cells = vec![
            Value::text(&format!("Rosenbaum\u{2019}s gamma{most}")),
            Value::text(&capital(&r.test.replace('_', " "))),
            two(r.gamma),
        ];
        cells.extend(std::iter::repeat_n(Value::Missing(NotApplicable), 4));
        sheet.row(cells);
    }
    filled(sheet)
}

/// Outcomes from before the start, on which there can be no effect.
pub(super) fn before(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Before_the_start",
        "Differences from before the start, where there can be no effect",
        &[
            ("Outcome", 44),
            ("Unit", 20),
            ("Difference", 12),
            ("Low", 12),
            ("High", 12),
            ("p", 12),
            ("p (Holm)", 12),
            ("Why it is withheld", 40),
        ],
    );
    let banded = results::banded(findings);
    for f in &findings.sensitivity.placebo {
        let open = f.suppressed.is_none();
        let missing = if open { NotAvailable } else { Confidential };
        let width = f.ci_high.zip(f.ci_low).map(|(high, low)| high - low);
        let number =
            |x: Option<f64>| Value::maybe(x.filter(|_| open), Shown::of(f.kind, width), missing);
        let p = |p: Option<f64>| match open {
            true => Value::p(p, banded),
            false => Value::Missing(Confidential),
        };
        let name = if f.label.is_empty() {
            &f.name
        } else {
            &f.label
        };
        sheet.row(vec![
            Value::text(&capital(name)),
            Value::text(&f.unit),
            number(f.estimate),
            number(f.ci_low),
            number(f.ci_high),
            p(f.p),
            p(f.p_holm),
            Value::text(&f.suppressed.as_deref().map(sentence).unwrap_or_default()),
        ]);
    }
    filled(sheet)
}
