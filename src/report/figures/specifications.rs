//! The estimate of the deciding outcome under every other choice that was tried.

use super::Figure;
use super::effect::{sides, unit};
use super::forest::{Detail, Look, Row, picture};
use super::recipe;
use crate::disclosure::findings::{
    OutcomeFinding, RefusedSpecification, Sensitivity, Specification,
};
use crate::report::ReportError;
use crate::report::narrative::{capital, comparable, in_sentence, sentence, title};
use crate::report::numbers::{Scale, count, fixed};
use crate::report::table::{Table, number, text};

/// None tried: no picture. The chosen design comes first, then those whose groups were alike
/// enough, then the others.
pub fn specifications(
    id: &str,
    o: &OutcomeFinding,
    s: &Sensitivity,
) -> Result<Option<Figure>, ReportError> {
    let tried = &s.specifications;
    let Some(d) = o.difference.as_ref().filter(|_| !tried.is_empty()) else {
        return Ok(None);
    };
    let mut tried: Vec<(&Specification, bool)> =
        tried.iter().map(|c| (c, comparable(c, s))).collect();
    tried.sort_by_key(|(c, counts)| (!c.chosen, !counts));
    let widest = tried
        .iter()
        .map(|(c, _)| c.ci_high - c.ci_low)
        .fold(0.0, f64::max);
    let scale = Scale::of(o.kind, Some(widest));
    let rows: Vec<Row> = tried
        .iter()
        .map(|&(c, counts)| row(c, counts, scale))
        .collect();
    let name = format!("{} under other choices of method", title(o));
    let svg = picture(
        "specifications",
        (id, &name),
        &rows,
        &sides(&[(o, d)]),
        Detail::Names,
    )?;
    Ok(Some(Figure {
        id: id.into(),
        title: name,
        svg,
        note: format!(
            "In {}. If the marks stand close together, the answer does not hang on one choice. Those in grey do not count: their groups were not alike enough, or they speak for other people or for few.",
            unit(o)
        ),
        table: table(id, o, &tried, &rows, &s.specifications_refused, scale),
        recipe: recipe::intervals(&rows, &unit(o)),
    }))
}

fn table(
    id: &str,
    o: &OutcomeFinding,
    tried: &[(&Specification, bool)],
    rows: &[Row],
    refused: &[RefusedSpecification],
    scale: Scale,
) -> Table {
    let mut table = Table::new(
        format!("{id}-table"),
        format!(
            "Difference in {} under other choices ({})",
            in_sentence(title(o)),
            unit(o)
        ),
        &[
            "Choice",
            "Best estimate",
            "Low to high",
            "Significant",
            "Alike enough",
            "Largest difference left (SD)",
            "Participants matched",
            "Comparison people, effective",
            "Speaks for",
        ],
    );
    for ((s, _), row) in tried.iter().zip(rows) {
        let yes = s.ci_low > 0.0 || s.ci_high < 0.0;
        let or_unknown = |x: Option<f64>, decimals| {
            x.map_or_else(|| text("not known"), |x| number(fixed(x, decimals)))
        };
        table.row(
            row.label.clone(),
            vec![
                number(scale.difference(s.estimate)),
                number(scale.interval(s.ci_low, s.ci_high)),
                text(if yes { "Yes" } else { "No" }),
                text(if s.balanced() { "Yes" } else { "No" }),
                or_unknown(s.largest_smd, 2),
                number(count(s.participants_matched)),
                or_unknown(s.comparison_ess, 0),
                text(match s.estimand.as_str() {
                    "ato" => "the overlap (ATO)",
                    _ => "participants (ATT)",
                }),
            ],
        );
        if let Some(note) = &s.note {
            table
                .notes
                .push(format!("{}: {}", row.label, sentence(note)));
        }
    }
    for r in refused {
        let label = label(&r.method, r.caliper);
        table
            .notes
            .push(format!("{label}: no answer. {}", sentence(&r.reason)));
    }
    table
}

fn row(s: &Specification, counts: bool, scale: Scale) -> Row {
    let mark = if s.chosen { " (this report)" } else { "" };
    let look = match (s.chosen, counts) {
        (true, _) => Look::Chosen,
        (false, true) => Look::Plain,
        (false, false) => Look::Pale,
    };
    let label = format!("{}{mark}", label(&s.method, s.caliper));
    Row::new(label, scale, s.estimate, (s.ci_low, s.ci_high)).look(look)
}

/// The method as people call it, with its caliper.
fn label(method: &str, caliper: Option<f64>) -> String {
    let (first, rest) = method.split_once(", ").unwrap_or((method, ""));
    let name = match first {
        "kernel" => "Kernel",
        "nearest" => "Nearest neighbour",
        "mahalanobis" => "Mahalanobis distance",
        "optimal" => "Optimal pairs",
        "full" => "Full matching",
        "subclass" => "Subclasses",
        "exact" => "Exactly alike",
        "cem" => "Coarsely alike (CEM)",
        "weighting" => "Weights",
        other => &capital(other),
    };
    let caliper = caliper.map(|width| format!("caliper {width}"));
    let parts = [Some(rest.to_owned()).filter(|r| !r.is_empty()), caliper];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.is_empty() {
        true => name.to_owned(),
        false => format!("{name}, {}", parts.join(", ")),
    }
}
