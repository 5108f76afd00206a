//! What was found: every outcome of every analysis.

use super::{Missing, Sheet, Shown, Value, filled, of, yes};
use crate::disclosure::findings::{Analysis, Findings, OutcomeFinding, SurvivalCurve};
use crate::report::narrative::{self, capital, sentence, title};
use crate::report::numbered;
use crate::study::OutcomeKind;
use Missing::{Confidential, NotApplicable, NotAvailable};

/// Said wherever shares of people stand beside other numbers.
const SHARES: &str =
    "Where the unit is per cent of people, differences are differences in percentage points.";

/// Every outcome with its analysis.
pub(super) fn outcomes(findings: &Findings) -> impl Iterator<Item = (&Analysis, &OutcomeFinding)> {
    let analyses = findings.analyses.iter();
    analyses.flat_map(|a| a.outcomes.iter().map(move |o| (a, o)))
}

fn shown(findings: &Findings) -> impl Iterator<Item = (&Analysis, &OutcomeFinding)> {
    outcomes(findings).filter(|(_, o)| o.suppressed.is_none())
}

/// Is p one of a few bands?
pub(super) fn banded(findings: &Findings) -> bool {
    findings.disclosure.policy != "none"
}

/// In what the numbers of an outcome are.
pub(in crate::report) fn unit(o: &OutcomeFinding) -> &str {
    match o.kind {
        OutcomeKind::Binary | OutcomeKind::Ordered | OutcomeKind::Categories => {
            "per cent of people"
        }
        _ if o.unit.is_empty() => "not named",
        _ => &o.unit,
    }
}

fn scale(o: &OutcomeFinding) -> Shown {
    Shown::of(o.kind, o.difference.as_ref().map(|d| d.ci_high - d.ci_low))
}

/// Every outcome of every analysis.
pub(super) fn results(findings: &Findings) -> Sheet {
    let mut sheet = Sheet::new(
        "Results",
        "Every result",
        &[
            ("Analysis", 34),
            ("Outcome", 34),
            ("Deciding outcome", 10),
            ("Unit", 20),
            ("People in treatment group", 12),
            ("People in comparison group", 12),
            ("Treatment group", 12),
            ("Comparison group", 12),
            ("Difference", 12),
            ("Difference, low", 12),
            ("Difference, high", 12),
            ("Significant", 14),
            ("p", 12),
            ("p (Holm)", 12),
            ("Smallest difference these numbers could show", 16),
            ("People needed for such a difference to be significant", 18),
            ("Groups matched well enough", 12),
        ],
    )
    .about(
        "Low and high are the ends of the 95% range. A result that is not significant does not \
         mean that there is no difference.",
    )
    .about(SHARES);
    for (a, o) in outcomes(findings) {
        sheet.row(result(a, o, banded(findings)));
    }
    sheet
}

/// Names of the sheets of numbered tables; a study with more measures has the rest in `Results`.
const NUMBERED: [&str; 16] = [
    "Table_1", "Table_2", "Table_3", "Table_4", "Table_5", "Table_6", "Table_7", "Table_8",
    "Table_9", "Table_10", "Table_11", "Table_12", "Table_13", "Table_14", "Table_15", "Table_16",
];

/// A sheet a measure, a row an analysis.
pub(super) fn numbered(findings: &Findings) -> Vec<Sheet> {
    let tables = numbered::numbered(findings);
    let sheet = |(name, table): (&&'static str, &numbered::Numbered)| {
        let mut sheet = Sheet::new(
            name,
            &table.heading(),
            &[
                ("Analysis", 34),
                ("Outcome", 34),
                ("Unit", 20),
                ("People in treatment group", 12),
                ("People in comparison group", 12),
                ("Treatment group", 12),
                ("Comparison group", 12),
                ("Estimated difference, low", 12),
                ("Estimated difference, high", 12),
                ("Significant", 14),
                ("p", 12),
                ("Groups matched well enough", 12),
            ],
        )
        .about(SHARES);
        for (a, o) in &table.rows {
            // The same cells as in `Results`, so that the two can never differ.
            let all = result(a, o, banded(findings));
            let kept = [0, 1, 3, 4, 5, 6, 7, 9, 10, 11, 12, 16];
            sheet.row(kept.iter().map(|&i| all[i].clone()).collect());
        }
        sheet
    };
    NUMBERED.iter().zip(&tables).map(sheet).collect()
}

fn result(a: &Analysis, o: &OutcomeFinding, banded: bool) -> Vec<Value> {
    let open = o.suppressed.is_none();
    let missing = if open { NotAvailable } else { Confidential };
    let d = o.difference.as_ref().filter(|_| open);
    let shown = scale(o);
    let number = |x: Option<f64>| Value::maybe(x.filter(|_| open), shown, missing);
    let p = |p: Option<f64>| match d {
        Some(_) => Value::p(p, banded),
        None => Value::Missing(missing),
    };
    let people = |n: Option<u64>, none| n.map_or(Value::Missing(none), Value::count);
    vec![
        of(a),
        Value::text(&capital(title(o))),
        yes(o.primary),
        Value::text(unit(o)),
        people(o.treated.as_ref().map(|g| g.people), missing),
        people(o.comparison.as_ref().map(|g| g.people), missing),
        number(o.treated.as_ref().map(|g| g.mean)),
        number(o.comparison.as_ref().map(|g| g.mean)),
        number(d.map(|d| d.estimate)),
        number(d.map(|d| d.ci_low)),
        number(d.map(|d| d.ci_high)),
        d.map_or(Value::Missing(missing), |d| {
            Value::text(narrative::significant(d))
        }),
        p(d.map(|d| d.p)),
        p(d.and_then(|d| d.p_holm)),
        number(o.detectable),
        people(
            o.number_needed.filter(|_| open),
            if open { NotApplicable } else { Confidential },
        ),
        yes(a.well_matched),
    ]
}

/// What can and cannot be said.
pub(super) fn said(findings: &Findings) -> Sheet {
    let mut sheet = Sheet::new(
        "What_to_say",
        "What you can say, and what you cannot",
        &[
            ("Analysis", 34),
            ("Outcome", 34),
            ("What you can say", 70),
            ("What you cannot say", 70),
            ("Why it is withheld", 40),
        ],
    );
    for (a, o) in outcomes(findings) {
        let why = o.suppressed.as_deref().map(sentence).unwrap_or_default();
        sheet.row(vec![
            of(a),
            Value::text(&capital(title(o))),
            Value::text(&o.can_say),
            Value::text(&o.cannot_say),
            Value::text(&why),
        ]);
    }
    sheet
}

/// Ratios of risks, rates, odds and hazards.
pub(super) fn ratios(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Ratios",
        "Ratios between the groups",
        &[
            ("Analysis", 34),
            ("Outcome", 34),
            ("Ratio", 16),
            ("Estimate", 12),
            ("Low", 12),
            ("High", 12),
        ],
    )
    .about("A ratio of 1 means no difference. Low and high are the ends of the 95% range.");
    for (a, o) in shown(findings) {
        let mut ratio = o.ratio.as_ref();
        while let Some(r) = ratio {
            let two = |x| Value::number(x, Shown::Decimals(2));
            sheet.row(vec![
                of(a),
                Value::text(&capital(title(o))),
                Value::text(&capital(&r.kind.replace('_', " "))),
                two(r.estimate),
                two(r.ci_low),
                two(r.ci_high),
            ]);
            ratio = r.odds_ratio.as_deref();
        }
    }
    filled(sheet)
}

/// The same differences worked out in other ways.
pub(super) fn opinions(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Second_opinions",
        "The same differences, worked out in other ways",
        &[
            ("Analysis", 34),
            ("Outcome", 34),
            ("How it was worked out", 40),
            ("Unit", 20),
            ("Difference", 12),
            ("Low", 12),
            ("High", 12),
            ("p", 12),
        ],
    )
    .about(SHARES);
    for (a, o) in shown(findings) {
        let mut row = |how: &str, numbers: [Option<f64>; 3], p: Option<f64>| {
            let mut cells = vec![
                of(a),
                Value::text(&capital(title(o))),
                Value::text(how),
                Value::text(unit(o)),
            ];
            cells.extend(numbers.map(|x| Value::maybe(x, scale(o), NotAvailable)));
            cells.push(Value::p(p, banded(findings)));
            sheet.row(cells);
        };
        if let Some(d) = &o.adjusted {
            let numbers = [d.estimate, d.ci_low, d.ci_high].map(Some);
            row(
                "After taking off what matching left over",
                numbers,
                Some(d.p),
            );
        }
        for s in &o.second_opinions {
            let how = crate::report::opinions::said(&s.method);
            row(how, [s.estimate, s.ci_low, s.ci_high], s.p);
        }
    }
    filled(sheet)
}

/// Where the values lie.
pub(super) fn quantiles(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Quantiles",
        "Where the values lie",
        &[
            ("Analysis", 34),
            ("Outcome", 34),
            ("Unit", 20),
            ("Share of people below", 12),
            ("Treatment group", 12),
            ("Comparison group", 12),
        ],
    );
    for (a, o) in shown(findings) {
        let Some(q) = &o.quantiles else { continue };
        let values = q.treated.iter().zip(&q.comparison);
        for (share, (treated, comparison)) in q.shares.iter().zip(values) {
            let two = |x: &f64| Value::number(*x, Shown::Decimals(2));
            sheet.row(vec![
                of(a),
                Value::text(&capital(title(o))),
                Value::text(unit(o)),
                Value::number(*share, Shown::Percent(0)),
                two(treated),
                two(comparison),
            ]);
        }
    }
    filled(sheet)
}

/// Curves over time, a row a time and group.
pub(super) fn curves(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Over_time",
        "To how many it has not happened yet, over time",
        &[
            ("Analysis", 34),
            ("Outcome", 34),
            ("Group", 18),
            ("Time", 10),
            ("Unit of time", 12),
            ("Not happened yet", 12),
            ("Low", 12),
            ("High", 12),
            ("Happened so far", 12),
            ("Still followed", 12),
        ],
    )
    .about("Low and high are the ends of the 95% range at each time.");
    for (a, o) in shown(findings) {
        let Some(s) = &o.survival else { continue };
        for (group, curve) in [
            ("Treatment group", &s.treated),
            ("Comparison group", &s.comparison),
        ] {
            for (i, t) in s.times.iter().enumerate() {
                let mut cells = vec![
                    of(a),
                    Value::text(&capital(title(o))),
                    Value::text(group),
                    Value::number(*t, Shown::Plain),
                    Value::text(unit(o)),
                ];
                cells.extend(at(curve, i));
                sheet.row(cells);
            }
        }
    }
    filled(sheet)
}

fn at(curve: &SurvivalCurve, i: usize) -> [Value; 5] {
    let share = |v: &[f64]| Value::maybe(v.get(i).copied(), Shown::Percent(1), Confidential);
    let events = curve.events.get(i).copied();
    [
        share(&curve.surv),
        share(&curve.low),
        share(&curve.high),
        events.map_or(Value::Missing(Confidential), Value::count),
        Value::maybe(curve.at_risk.get(i).copied(), Shown::Whole, Confidential),
    ]
}
