//! A hundred people in each group: how many of them did it happen to?

use super::Figure;
use super::axis::abbreviate;
use super::svg::{Anchor, Canvas, INK, LETTERS, OTHERS, TEXT, TREATED, Told, WIDTH, draw};
use crate::disclosure::findings::OutcomeFinding;
use crate::report::ReportError;
use crate::report::narrative::{capital, measure, title};
use crate::report::numbers::{Scale, count};
use crate::report::table::{Table, number};
use crate::study::{OutcomeKind, Words};
use plotters::style::RGBColor;

const STEP: i32 = WIDTH / 20;
const GROUP: i32 = 156;

/// Twenty columns of five for each group, filled from the left. Only for shares of people.
pub fn hundred(id: &str, o: &OutcomeFinding, words: &Words) -> Result<Option<Figure>, ReportError> {
    let (Some(t), Some(c), OutcomeKind::Binary) = (&o.treated, &o.comparison, o.kind) else {
        return Ok(None);
    };
    let scale = Scale::of(o.kind, None);
    let (treated, others) = (scale.rounded(t.mean), scale.rounded(c.mean));
    let name = format!("Out of every 100 {}: {}", words.people, measure(o));
    let described = format!(
        "Two rows of 100 dots. Among {} who received {}, {treated} of 100 dots are filled; among similar {} who did not, {others} of 100.",
        words.people, words.support, words.people
    );
    let told = Told {
        id,
        title: &name,
        description: &described,
    };
    let svg = draw("per 100", told, 2 * GROUP, |canvas| {
        group(
            canvas,
            0,
            &format!("{} who received {}", capital(&words.people), words.support),
            treated,
            TREATED,
        );
        group(
            canvas,
            GROUP,
            &format!("Similar {} who did not", words.people),
            others,
            OTHERS,
        );
    })?;
    let mut table = Table::new(
        format!("{id}-table"),
        format!("{}, out of every 100", title(o)),
        &["Group", "Out of every 100", "People in the group"],
    );
    table.row(
        "Treatment group",
        vec![number(format!("{treated}")), number(count(t.people))],
    );
    table.row(
        "Comparison group",
        vec![number(format!("{others}")), number(count(c.people))],
    );
    Ok(Some(Figure {
        id: id.into(),
        title: name,
        svg,
        note: "Each dot stands for one person in a hundred. Filled dots are those it happened to."
            .into(),
        table,
    }))
}

fn group(canvas: &mut Canvas, top: i32, who: &str, filled: f64, colour: RGBColor) {
    canvas.text(
        &abbreviate(who, LETTERS),
        (0, top + 9),
        Anchor::Start,
        TEXT,
        INK,
    );
    let text = format!("{filled} of 100");
    canvas.bold(&text, (0, top + 33), Anchor::Start, 20.0, colour);
    for i in 0..100 {
        let at = (STEP / 2 + i / 5 * STEP, top + 60 + i % 5 * STEP);
        match f64::from(i) < filled {
            true => canvas.dot(at, 7, colour),
            false => canvas.ring(at, 6, colour, 1),
        }
    }
}
