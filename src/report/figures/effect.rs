//! The difference with its interval, against no difference.

use super::Figure;
use super::forest::{Detail, Row, Sides, picture};
use super::recipe;
use crate::disclosure::findings::{Difference, OutcomeFinding};
use crate::report::ReportError;
use crate::report::narrative::{Direction, title};
use crate::report::numbers::Scale;
use crate::report::table::{Table, number, text};
use crate::study::{Better, OutcomeKind};

/// One picture of the outcomes given; they must share kind and unit. None of them released: no picture.
pub fn effect(
    id: &str,
    name: &str,
    outcomes: &[&OutcomeFinding],
) -> Result<Option<Figure>, ReportError> {
    let shown: Vec<(&OutcomeFinding, &Difference)> = outcomes
        .iter()
        .filter_map(|o| {
            Some((
                *o,
                o.difference.as_ref().filter(|_| o.suppressed.is_none())?,
            ))
        })
        .collect();
    let Some((first, _)) = shown.first() else {
        return Ok(None);
    };
    let widest = shown
        .iter()
        .map(|(_, d)| d.ci_high - d.ci_low)
        .fold(0.0, f64::max);
    let scale = Scale::of(first.kind, Some(widest));
    let rows: Vec<Row> = shown.iter().map(|(o, d)| row(o, d, scale)).collect();
    let svg = picture("effect", (id, name), &rows, &sides(&shown), Detail::Numbers)?;
    let unit = unit(first);
    Ok(Some(Figure {
        id: id.into(),
        title: name.into(),
        svg,
        note: format!(
            "In {unit}. The line is the likely range of the true difference. A filled diamond: the range leaves out \u{201c}no difference\u{201d}. An open ring: it does not."
        ),
        table: table(id, name, &shown, scale, &unit),
        recipe: recipe::intervals(&rows, &unit),
    }))
}

/// One picture for each kind and unit, in the order of the outcomes.
pub fn effects_by_unit(id: &str, outcomes: &[&OutcomeFinding]) -> Result<Vec<Figure>, ReportError> {
    let mut groups: Vec<Vec<&OutcomeFinding>> = Vec::new();
    for o in outcomes {
        match groups
            .iter_mut()
            .find(|g| (g[0].kind, &g[0].unit) == (o.kind, &o.unit))
        {
            Some(group) => group.push(o),
            None => groups.push(vec![o]),
        }
    }
    let mut figures = Vec::new();
    for (i, group) in groups.iter().enumerate() {
        let name = match group.as_slice() {
            [one] => format!(
                "Difference in {}",
                crate::report::narrative::in_sentence(title(one))
            ),
            many => format!("Differences in {}", unit(many[0])),
        };
        figures.extend(effect(&format!("{id}-{}", i + 1), &name, group)?);
    }
    Ok(figures)
}

/// The unit of the difference.
pub fn unit(o: &OutcomeFinding) -> String {
    match (o.kind, o.unit.as_str()) {
        (OutcomeKind::Binary | OutcomeKind::Ordered | OutcomeKind::Categories, "") => {
            "percentage points".into()
        }
        (OutcomeKind::Count, "") => "number per person".into(),
        (OutcomeKind::Duration | OutcomeKind::Survival, "") => "days".into(),
        (OutcomeKind::Continuous, "") => "its own unit".into(),
        (_, unit) => unit.into(),
    }
}

fn row(o: &OutcomeFinding, d: &Difference, scale: Scale) -> Row {
    let interval = (d.ci_low, d.ci_high);
    Row::new(title(o).to_owned(), scale, d.estimate, interval)
}

/// "lower (better)": only where all outcomes agree on what is good.
pub(super) fn sides(shown: &[(&OutcomeFinding, &Difference)]) -> Sides {
    let (o, _) = shown[0];
    let agreed = shown.iter().all(|(other, _)| other.better == o.better);
    let (left, right) = match o.kind {
        OutcomeKind::Duration | OutcomeKind::Survival => ("shorter", "longer"),
        _ => ("lower", "higher"),
    };
    let good = |is: bool, word: &str| match is && agreed {
        true => format!("{word} (better)"),
        false => word.to_owned(),
    };
    Sides {
        left: good(o.better == Better::Lower, left),
        right: good(o.better == Better::Higher, right),
    }
}

fn table(
    id: &str,
    name: &str,
    shown: &[(&OutcomeFinding, &Difference)],
    scale: Scale,
    unit: &str,
) -> Table {
    let mut table = Table::new(
        format!("{id}-table"),
        if name.contains(unit) {
            format!("{name}: the numbers")
        } else {
            format!("{name}, in {unit}")
        },
        &["Outcome", "Best estimate", "Low to high", "Significant"],
    );
    for (o, d) in shown {
        let yes = Direction::of(d).significant();
        table.row(
            title(o),
            vec![
                number(scale.difference(d.estimate)),
                number(scale.interval(d.ci_low, d.ci_high)),
                text(if yes { "Yes" } else { "No" }),
            ],
        );
    }
    table
}
