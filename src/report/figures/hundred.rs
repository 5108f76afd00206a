//! A hundred people in each group: how many of them did it happen to?

use super::Figure;
use super::axis::abbreviate;
use super::recipe::{DARK, GREY, Recipe};
use super::svg::{Anchor, Canvas, INK, LETTERS, OTHERS, TEXT, TREATED, Told, WIDTH, draw};
use crate::disclosure::findings::OutcomeFinding;
use crate::report::ReportError;
use crate::report::narrative::{capital, measure, title};
use crate::report::numbers::{Scale, count};
use crate::report::table::{Table, number};
use crate::study::{OutcomeKind, Words};
use plotters::style::RGBColor;
use serde_json::json;

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
    let told_of = (
        format!("{} who received {}", capital(&words.people), words.support),
        format!("Similar {} who did not", words.people),
    );
    let svg = draw("per 100", told, 2 * GROUP, |canvas| {
        group(canvas, 0, &told_of.0, treated, TREATED);
        group(canvas, GROUP, &told_of.1, others, OTHERS);
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
        recipe: recipe(
            [&told_of.0, &told_of.1],
            [(treated, t.people), (others, c.people)],
        ),
    }))
}

fn recipe(who: [&str; 2], found: [(f64, u64); 2]) -> Recipe {
    Recipe::new(
        &["group", "out_of_100", "people"],
        who.iter()
            .zip(found)
            .map(|(who, (of_100, people))| vec![json!(who), json!(of_100), json!(people)]),
        json!({
            "mark": "bar",
            "encoding": {
                "y": { "field": "group", "type": "nominal", "sort": null, "title": null, "axis": { "labelLimit": 260 } },
                "x": { "field": "out_of_100", "type": "quantitative", "title": "Out of every 100", "scale": { "domain": [0, 100] } },
                "color": { "field": "group", "type": "nominal", "sort": null, "legend": null, "scale": { "range": [DARK, GREY] } },
            },
        }),
    )
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
