//! The estimate of the deciding outcome under every other choice that was tried.

use super::Figure;
use super::forest::{Row, Sides, height, paint};
use super::svg::{Told, draw};
use crate::disclosure::findings::{Analysis, OutcomeFinding, Specification};
use crate::report::ReportError;
use crate::report::narrative::{in_sentence, title};
use crate::report::numbers::{Scale, count};
use crate::report::table::{Table, number, text};

/// None tried: no picture.
pub fn specifications(
    id: &str,
    analysis: &Analysis,
    o: &OutcomeFinding,
    tried: &[Specification],
) -> Result<Option<Figure>, ReportError> {
    if tried.is_empty() {
        return Ok(None);
    }
    let widest = tried
        .iter()
        .map(|s| s.ci_high - s.ci_low)
        .fold(0.0, f64::max);
    let scale = Scale::of(o.kind, Some(widest));
    let rows: Vec<Row> = tried.iter().map(|s| row(s, analysis, scale)).collect();
    let name = format!("{} under other choices of method", title(o));
    let said: Vec<String> = rows
        .iter()
        .map(|r| format!("{}: {}.", r.label, r.numbers))
        .collect();
    let told = Told {
        id,
        title: &name,
        description: &said.join(" "),
    };
    let sides = Sides {
        left: "lower".into(),
        right: "higher".into(),
    };
    let svg = draw("specifications", told, height(&rows), |canvas| {
        paint(canvas, &rows, &sides);
    })?;
    let unit = super::effect::unit(o);
    let mut table = Table::new(
        format!("{id}-table"),
        format!(
            "Difference in {} under other choices ({unit})",
            in_sentence(title(o))
        ),
        &[
            "Choice",
            "Best estimate",
            "Low to high",
            "Significant",
            "Participants matched",
        ],
    );
    for (s, row) in tried.iter().zip(&rows) {
        let yes = s.ci_low > 0.0 || s.ci_high < 0.0;
        table.row(
            row.label.clone(),
            vec![
                number(scale.difference(s.estimate)),
                number(scale.interval(s.ci_low, s.ci_high)),
                text(if yes { "Yes" } else { "No" }),
                number(count(s.participants_matched)),
            ],
        );
    }
    Ok(Some(Figure {
        id: id.into(),
        title: name,
        svg,
        note: format!(
            "In {unit}. If the marks stand close together, the answer does not hang on one choice."
        ),
        table,
    }))
}

fn row(s: &Specification, analysis: &Analysis, scale: Scale) -> Row {
    let caliper = match s.caliper {
        Some(width) => format!("caliper {width}"),
        None => "no caliper".into(),
    };
    let same = s.method == analysis.design.method && s.caliper == analysis.design.caliper;
    let mark = if same { " (this report)" } else { "" };
    let method = crate::report::narrative::capital(&s.method);
    Row::new(
        format!("{method}, {caliper}{mark}"),
        scale,
        s.estimate,
        (s.ci_low, s.ci_high),
    )
}
