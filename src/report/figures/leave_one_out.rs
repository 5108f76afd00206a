//! The estimate of the deciding outcome without each of the facts that people were matched on.

use super::Figure;
use super::effect::{sides, unit};
use super::forest::{Detail, Look, Row, picture};
use super::recipe;
use crate::disclosure::findings::{LeftOut, OutcomeFinding};
use crate::report::ReportError;
use crate::report::narrative::{in_sentence, title};
use crate::report::numbers::{Scale, count, fixed};
use crate::report::table::{Table, number, text};

/// Nothing when none was left out.
pub fn leave_one_out(
    id: &str,
    o: &OutcomeFinding,
    without: &[LeftOut],
) -> Result<Option<Figure>, ReportError> {
    let Some(d) = o.difference.as_ref().filter(|_| !without.is_empty()) else {
        return Ok(None);
    };
    let widest = without
        .iter()
        .map(|l| l.ci_high - l.ci_low)
        .fold(d.ci_high - d.ci_low, f64::max);
    let scale = Scale::of(o.kind, Some(widest));
    let all = Row::new(
        "With everything (this report)".into(),
        scale,
        d.estimate,
        (d.ci_low, d.ci_high),
    );
    let mut rows = vec![all.look(Look::Chosen)];
    rows.extend(without.iter().map(|l| {
        let label = format!("Without {}", in_sentence(&l.label));
        Row::new(label, scale, l.estimate, (l.ci_low, l.ci_high))
    }));
    let name = format!("{} with each fact left out", title(o));
    let svg = picture(
        "leave_one_out",
        (id, &name),
        &rows,
        &sides(&[(o, d)]),
        Detail::Names,
    )?;
    let mut table = Table::new(
        format!("{id}-table"),
        format!(
            "Difference in {} with each fact left out ({})",
            in_sentence(title(o)),
            unit(o)
        ),
        &[
            "Left out",
            "Best estimate",
            "Low to high",
            "Participants matched",
            "How unlike on it then (SD)",
        ],
    );
    for l in without {
        table.row(
            l.label.clone(),
            vec![
                number(scale.difference(l.estimate)),
                number(scale.interval(l.ci_low, l.ci_high)),
                number(count(l.participants_matched)),
                l.smd
                    .map_or_else(|| text("not known"), |d| number(fixed(d, 2))),
            ],
        );
    }
    Ok(Some(Figure {
        id: id.into(),
        title: name,
        svg,
        note: format!(
            "In {}. Each line is the answer had that fact not been recorded. Where leaving out what we know hardly moves the answer, something of the same kind that we do not know is unlikely to move it far.",
            unit(o)
        ),
        table,
        recipe: recipe::intervals(&rows, &unit(o)),
    }))
}
