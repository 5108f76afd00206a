//! What something nobody recorded would have to be, and what a difference before the start says.

use super::{Direction, capital, in_sentence};
use crate::disclosure::findings::{
    EValueFinding, OutcomeFinding, PlaceboFinding, RosenbaumFinding, Sensitivity, Warning,
};
use crate::report::numbers::{count, fixed, p_value};
use crate::report::table::{Table, number, text};
use crate::study::Words;

/// What unseen differences could do to a clear result; nothing to explain away where it is not.
pub fn robustness(o: &OutcomeFinding, s: &Sensitivity, words: &Words) -> Vec<String> {
    let clear = o
        .difference
        .as_ref()
        .is_some_and(|d| Direction::of(d).significant());
    if !clear {
        return Vec::new();
    }
    let mut said = Vec::new();
    match (&s.rosenbaum, s.rosenbaum_gamma) {
        (Some(r), _) => said.push(bounds(r, words)),
        (None, Some(gamma)) => said.push(odds(gamma, words)),
        (None, None) => {}
    }
    match (s.e_values.first(), s.e_value) {
        (Some(e), _) => said.push(e_value(e)),
        (None, Some(e)) => said.push(format!("{} (the E-value).", risk(e))),
        (None, None) => {}
    }
    said
}

fn odds(gamma: f64, words: &Words) -> String {
    format!(
        "Something nobody recorded would have to multiply the odds that one of two alike {} took part by about {} before this result could be due to chance (Rosenbaum\u{2019}s gamma; two-sided, at 5 per cent).",
        words.people,
        fixed(gamma, 2)
    )
}

fn bounds(r: &RosenbaumFinding, words: &Words) -> String {
    let on = match r.rematched {
        true => format!(
            " The bound is that of {} one-to-one pairs made for it, as here one person may stand for several.",
            count(r.sets)
        ),
        false => String::new(),
    };
    let said = if r.p_without > r.alpha {
        format!(
            "Compared one to one, the result could be due to chance already (p {}), so that nothing unseen is needed to explain it (Rosenbaum\u{2019}s gamma is 1).",
            p_value(r.p_without)
        )
    } else if r.beyond {
        format!(
            "Even something unseen that multiplied the odds that one of two alike {} took part by {} could not make this result one of chance (Rosenbaum\u{2019}s gamma; two-sided, at 5 per cent).",
            words.people,
            fixed(r.gamma, 0)
        )
    } else {
        odds(r.gamma, words)
    };
    format!("{said}{on}")
}

fn risk(e: f64) -> String {
    format!(
        "Something nobody recorded would have to be linked to both taking part and the outcome by a risk ratio of at least {} each to explain the whole of the best estimate away",
        fixed(e, 2)
    )
}

fn e_value(e: &EValueFinding) -> String {
    let limit = match e.e_value_limit > 1.0 {
        true => format!(
            "; one of {} each would do to make its direction unclear",
            fixed(e.e_value_limit, 2)
        ),
        false => String::new(),
    };
    let how = match e.basis.as_str() {
        "risk_ratio" => "",
        "rate_ratio" => ", from the ratio of rates",
        "odds_ratio" => ", from the odds ratio, as the outcome is rare",
        "square_root_of_odds_ratio" => ", from the square root of the odds ratio",
        "hazard_ratio" => ", from the hazard ratio, as the event is rare",
        "hazard_ratio_as_risk_ratio" => ", from the hazard ratio brought to a risk ratio",
        "standardised_difference" => {
            ", an approximation from the difference in standard deviations"
        }
        _ => ", an approximation",
    };
    format!("{}{limit} (the E-value{how}).", risk(e.e_value))
}

/// E-values of every measure, where there are several.
pub fn e_values_table(s: &Sensitivity) -> Option<Table> {
    if s.e_values.len() < 2 {
        return None;
    }
    let mut table = Table::new(
        "e-values",
        "E-values, by measure",
        &[
            "Measure",
            "Risk ratio",
            "Low to high",
            "E-value",
            "E-value of the nearer limit",
        ],
    );
    for e in &s.e_values {
        table.row(
            capital(&e.basis.replace('_', " ")),
            vec![
                number(fixed(e.risk_ratio, 2)),
                number(format!("{} to {}", fixed(e.ci_low, 2), fixed(e.ci_high, 2))),
                number(fixed(e.e_value, 2)),
                number(fixed(e.e_value_limit, 2)),
            ],
        );
    }
    Some(table)
}

/// Differences in what was measured before the start.
pub fn placebo_table(s: &Sensitivity) -> Option<Table> {
    if s.placebo.is_empty() {
        return None;
    }
    let several = s.placebo.len() > 1;
    let mut head = vec![
        "Measured before the start",
        "Best estimate",
        "Low to high",
        "p",
    ];
    head.extend(several.then_some("p (Holm)"));
    let mut table = Table::new(
        "placebo",
        "A check on something the programme cannot have changed",
        &head,
    );
    for p in &s.placebo {
        let width = p.ci_high.zip(p.ci_low).map(|(high, low)| high - low);
        let scale = crate::report::numbers::Scale::of(p.kind, width);
        let withheld = || number("withheld");
        let mut cells = match (p.estimate, p.ci_low, p.ci_high) {
            (Some(e), Some(low), Some(high)) => vec![
                number(scale.difference(e)),
                number(scale.interval(low, high)),
            ],
            _ => vec![withheld(), withheld()],
        };
        let ps = [Some(p.p), several.then_some(p.p_holm)];
        cells.extend(
            ps.into_iter()
                .flatten()
                .map(|p| p.map_or_else(|| text("\u{2013}"), |p| number(p_value(p)))),
        );
        let unit = if p.unit.is_empty() {
            String::new()
        } else {
            format!(" ({})", p.unit)
        };
        table.row(format!("{}{unit}", p.label), cells);
    }
    Some(table)
}

/// What the check came to.
pub fn placebo_sentence(s: &Sensitivity) -> Option<String> {
    let shown: Vec<&PlaceboFinding> = s.placebo.iter().filter(|p| p.p.is_some()).collect();
    if shown.is_empty() {
        return None;
    }
    Some(match unlike(s) {
        Some(what) => format!(
            "The groups already differed in {what} before the start, where the programme cannot have made a difference. So they may differ in other ways too, and the result above may owe something to that."
        ),
        None => "The groups did not clearly differ in what was measured before the start and was not used to choose the comparison people. Had they differed there, where the programme cannot have made a difference, they would have been unlike.".into(),
    })
}

/// Names of the placebo outcomes that show a difference.
fn unlike(s: &Sensitivity) -> Option<String> {
    let names: Vec<String> = s
        .placebo
        .iter()
        .filter(|p| p.warns())
        .map(|p| in_sentence(&p.label))
        .collect();
    let (last, first) = names.split_last()?;
    Some(match first {
        [] => last.clone(),
        _ => format!("{} and {last}", first.join(", ")),
    })
}

/// The warning, for the headline box and the list.
pub fn placebo_warning(s: &Sensitivity) -> Option<Warning> {
    unlike(s).map(|what| Warning {
        code: "placebo".into(),
        message: format!(
            "The two groups already differed in {what} before the start, where the programme cannot have made a difference: they may be unlike in ways that change the result."
        ),
    })
}
