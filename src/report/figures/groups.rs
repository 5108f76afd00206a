//! The deciding outcome in each analysis: everybody, sub-groups, other pools.

use super::Figure;
use super::effect::{sides, unit};
use super::forest::{Detail, Look, Row, picture};
use super::recipe;
use crate::disclosure::findings::{Analysis, Difference, OutcomeFinding};
use crate::report::ReportError;
use crate::report::narrative::{capital, significant, title};
use crate::report::numbers::{Scale, count, p_value};
use crate::report::table::{Table, number, text};

/// Nothing with fewer than two analyses that have an answer.
pub fn groups(id: &str, analyses: &[&Analysis]) -> Result<Option<Figure>, ReportError> {
    let shown: Vec<(&Analysis, &OutcomeFinding, &Difference)> = analyses
        .iter()
        .filter_map(|a| {
            let o = a.outcomes.iter().find(|o| o.primary)?;
            let d = o.difference.as_ref().filter(|_| o.suppressed.is_none())?;
            Some((*a, o, d))
        })
        .collect();
    let Some((_, o, d)) = shown.first().filter(|_| shown.len() > 1) else {
        return Ok(None);
    };
    let widest = shown
        .iter()
        .map(|(_, _, d)| d.ci_high - d.ci_low)
        .fold(0.0, f64::max);
    let scale = Scale::of(o.kind, Some(widest));
    let rows: Vec<Row> = shown.iter().map(|(a, _, d)| row(a, d, scale)).collect();
    let name = format!("{} in each analysis", title(o));
    let svg = picture(
        "groups",
        (id, &name),
        &rows,
        &sides(&[(*o, *d)]),
        Detail::Numbers,
    )?;
    let mut table = Table::new(
        format!("{id}-table"),
        format!("{} in each analysis ({})", title(o), unit(o)),
        &[
            "Analysis",
            "Participants matched",
            "Comparison people",
            "Best estimate",
            "Low to high",
            "Significant",
            "p",
            "p (Holm)",
            "Alike enough",
        ],
    );
    for (a, _, d) in &shown {
        table.row(
            capital(&a.title),
            vec![
                number(count(a.design.participants_matched)),
                number(count(a.design.comparison_matched)),
                number(scale.difference(d.estimate)),
                number(scale.interval(d.ci_low, d.ci_high)),
                text(significant(d)),
                number(p_value(d.p)),
                number(d.p_holm.map_or("\u{2013}".into(), p_value)),
                text(if a.well_matched { "Yes" } else { "No" }),
            ],
        );
    }
    Ok(Some(Figure {
        id: id.into(),
        title: name.clone(),
        svg,
        note: format!(
            "In {}. Each analysis has comparison people of its own. A small group has a wide range: that two ranges differ, or that one leaves out \u{201c}no difference\u{201d} and the other does not, is no evidence that the programme does more for one than for the other. Those in grey were not alike enough to say.",
            unit(o)
        ),
        table,
        recipe: recipe::intervals(&rows, &unit(o)),
    }))
}

fn row(a: &Analysis, d: &Difference, scale: Scale) -> Row {
    let (name, look) = match (a.headline, a.well_matched) {
        (true, _) => ("Everybody (this report)".to_owned(), Look::Chosen),
        (false, true) => (capital(&a.title), Look::Plain),
        (false, false) => (
            format!("{}: not alike enough", capital(&a.title)),
            Look::Pale,
        ),
    };
    Row::new(name, scale, d.estimate, (d.ci_low, d.ci_high)).look(look)
}
