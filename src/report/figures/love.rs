//! How alike the groups were, before matching and after: the love plot and its table.

use super::Figure;
use super::axis::{Axis, abbreviate, wrap};
use super::recipe::{DARK, GREY, Recipe};
use super::svg::{Anchor, Canvas, FAINT, INK, MUTED, OTHERS, SMALL, TREATED, Told, WIDTH, draw};
use crate::disclosure::findings::BalanceRow;
use crate::report::ReportError;
use crate::report::narrative::capital;
use crate::report::numbers::fixed;
use crate::report::table::{Cell, Light, Table, number};
use serde_json::json;

/// More rows than this make a picture nobody reads; the table always has all.
const MOST: usize = 30;
const ROW: i32 = 24;
const LINE: i32 = 15;
const HEAD: i32 = 54;
const FOOT: i32 = 46;
const LEFT: i32 = 152;

/// The rows that differed most before matching, largest first.
pub fn love_plot(id: &str, rows: &[BalanceRow]) -> Result<Option<Figure>, ReportError> {
    let mut shown: Vec<&BalanceRow> = rows
        .iter()
        .filter(|r| r.smd_before.is_some() || r.smd_after.is_some())
        .collect();
    if shown.is_empty() {
        return Ok(None);
    }
    let size = |x: Option<f64>| x.map_or(0.0, f64::abs);
    shown.sort_by(|a, b| size(b.smd_before).total_cmp(&size(a.smd_before)));
    shown.truncate(MOST);
    let largest =
        |of: fn(&BalanceRow) -> Option<f64>| rows.iter().map(|r| size(of(r))).fold(0.0, f64::max);
    let (before, after) = (largest(|r| r.smd_before), largest(|r| r.smd_after));
    let name = "Differences between the groups, before and after matching".to_owned();
    let described = format!(
        "The largest difference was {} per cent of a standard deviation before matching and {} per cent after.",
        fixed(before * 100.0, 0),
        fixed(after * 100.0, 0)
    );
    let told = Told {
        id,
        title: &name,
        description: &described,
    };
    let axis = Axis::new(0.0, before.max(after).max(0.15) * 100.0, LEFT, WIDTH - 10);
    let height = HEAD + shown.iter().map(|r| tall(r)).sum::<i32>() + FOOT;
    let svg = draw("love plot", told, height, |canvas| {
        frame(canvas, &axis, height);
        let mut top = HEAD;
        for row in &shown {
            one(canvas, &axis, row, top);
            top += tall(row);
        }
    })?;
    let cut = match rows.len() > MOST {
        true => format!(
            " The picture has the {MOST} that differed most; the tables have all {}.",
            rows.len()
        ),
        false => String::new(),
    };
    Ok(Some(Figure {
        id: id.into(),
        title: name,
        svg,
        note: format!(
            "The further left, the more alike. Differences are in per cent of a standard deviation, so that unlike things can be set side by side. Up to 5% is good, over 10% is too much.{cut}"
        ),
        table: short_table(&format!("{id}-table"), rows),
        recipe: recipe(&shown),
    }))
}

fn recipe(shown: &[&BalanceRow]) -> Recipe {
    let rows = shown.iter().flat_map(|r| {
        let one = |when: &str, smd: Option<f64>| {
            vec![
                json!(capital(&label(r))),
                json!(when),
                json!(smd.map(|d| 100.0 * d.abs())),
            ]
        };
        [
            one("before matching", r.smd_before),
            one("after matching", r.smd_after),
        ]
    });
    Recipe::new(
        &["term", "when", "difference_percent_of_sd"],
        rows,
        json!({ "layer": [
            { "mark": { "type": "rule", "strokeDash": [3, 3] }, "encoding": { "x": { "datum": 5 } } },
            { "mark": { "type": "rule", "strokeDash": [3, 3] }, "encoding": { "x": { "datum": 10 } } },
            {
                "mark": { "type": "point", "filled": true, "size": 60 },
                "encoding": {
                    "y": { "field": "term", "type": "nominal", "sort": null, "title": null, "axis": { "labelLimit": 260 } },
                    "x": { "field": "difference_percent_of_sd", "type": "quantitative", "title": "Difference, per cent of a standard deviation" },
                    "shape": { "field": "when", "type": "nominal", "sort": null, "title": null },
                    "color": { "field": "when", "type": "nominal", "sort": null, "title": null, "scale": { "range": [GREY, DARK] } },
                },
            },
        ] }),
    )
}

fn frame(canvas: &mut Canvas, axis: &Axis, height: i32) {
    canvas.ring((8, 10), 5, OTHERS, 2);
    canvas.text("before matching", (20, 10), Anchor::Start, SMALL, INK);
    canvas.diamond((180, 10), 7, TREATED);
    canvas.text("after matching", (192, 10), Anchor::Start, SMALL, INK);
    let bottom = height - FOOT;
    canvas.line((LEFT, HEAD), (LEFT, bottom), FAINT, 1);
    canvas.line((LEFT, bottom), (WIDTH - 10, bottom), FAINT, 1);
    for bound in [5.0, 10.0] {
        let x = axis.at(bound);
        canvas.dashes((x, HEAD - 4), (x, bottom), MUTED, (3, 3));
    }
    // Where the two bounds stand close, their words would collide: set them apart to both sides.
    canvas.text(
        "5%",
        (axis.at(5.0) + 2, HEAD - 13),
        Anchor::End,
        SMALL,
        MUTED,
    );
    canvas.text(
        "10%",
        (axis.at(10.0) - 2, HEAD - 13),
        Anchor::Start,
        SMALL,
        MUTED,
    );
    for tick in axis.ticks() {
        let at = (axis.at(tick), bottom + 14);
        canvas.text(
            &format!("{}%", fixed(tick, 0)),
            at,
            Anchor::Middle,
            SMALL,
            MUTED,
        );
    }
    canvas.text(
        "size of difference",
        ((LEFT + WIDTH - 10) / 2, bottom + 34),
        Anchor::Middle,
        SMALL,
        MUTED,
    );
}

/// A label in two lines at most.
fn lines(row: &BalanceRow) -> Vec<String> {
    let mut lines = wrap(&label(row), 18);
    if lines.len() > 2 {
        lines[1] = abbreviate(&lines[1..].join(" "), 18);
        lines.truncate(2);
    }
    lines
}

fn tall(row: &BalanceRow) -> i32 {
    ROW + (lines(row).len().max(1) as i32 - 1) * LINE
}

fn one(canvas: &mut Canvas, axis: &Axis, row: &BalanceRow, top: i32) {
    for (i, line) in lines(row).iter().enumerate() {
        let y = top + ROW / 2 + i as i32 * LINE;
        canvas.text(line, (0, y), Anchor::Start, SMALL, INK);
    }
    let y = top + tall(row) / 2;
    let place = |x: Option<f64>| x.map(|x| axis.at(x.abs() * 100.0));
    let (before, after) = (place(row.smd_before), place(row.smd_after));
    if let (Some(a), Some(b)) = (before, after) {
        canvas.line((a, y), (b, y), FAINT, 2);
    }
    if let Some(x) = before {
        canvas.ring((x, y), 5, OTHERS, 2);
    }
    if let Some(x) = after {
        canvas.diamond((x, y), 7, TREATED);
    }
}

/// What was compared, for people.
pub fn label(row: &BalanceRow) -> String {
    match row.label.is_empty() {
        true => capital(&row.term.replace('_', " ")),
        false => row.label.clone(),
    }
}

/// What the picture shows, and the lights.
fn short_table(id: &str, rows: &[BalanceRow]) -> Table {
    let mut table = Table::new(
        id,
        "Differences before and after matching",
        &["What was compared", "Before", "After", "Alike?"],
    );
    for row in rows {
        let light = Cell::Light(Light::of(&row.light));
        table.row(
            label(row),
            vec![per_cent(row.smd_before), per_cent(row.smd_after), light],
        );
    }
    table
}

/// A standardised difference as per cent of a standard deviation.
fn per_cent(smd: Option<f64>) -> Cell {
    number(smd.map_or("none".into(), |x| format!("{}%", fixed(x * 100.0, 1))))
}

/// Every row with its light.
pub fn balance_table(id: &str, rows: &[BalanceRow]) -> Table {
    let mut table = Table::new(
        id,
        "How alike the groups were",
        &[
            "What was compared",
            "Alike?",
            "Treatment group",
            "Everyone in the pool",
            "Matched comparison group",
            "Difference before",
            "Difference after",
            "Variance ratio",
            "Greatest gap (KS)",
        ],
    );
    for row in rows {
        let mean = |x: f64| number(fixed(x, if x.abs() >= 100.0 { 0 } else { 2 }));
        table.row(
            label(row),
            vec![
                Cell::Light(Light::of(&row.light)),
                mean(row.mean_treated),
                mean(row.mean_pool),
                mean(row.mean_matched),
                per_cent(row.smd_before),
                per_cent(row.smd_after),
                number(
                    row.variance_ratio
                        .map_or("\u{2013}".into(), |v| fixed(v, 2)),
                ),
                number(fixed(row.ks, 2)),
            ],
        );
    }
    table
}
