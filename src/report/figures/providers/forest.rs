//! Programmes below each other, each with its interval, and what they say together.

use super::super::Figure;
use super::super::axis::{Axis, abbreviate, wrap};
use super::super::svg::{
    Anchor, Canvas, FAINT, INK, MUTED, OTHERS, SMALL, TREATED, Told, WIDTH, draw,
};
use super::Scene;
use crate::report::ReportError;
use crate::report::figures::recipe::{DARK, Recipe};
use crate::report::numbers::fixed;
use crate::report::table::{Table, number, text};
use serde_json::json;

const LEFT: i32 = 138;
const RIGHT: i32 = WIDTH - 6;
const HEAD: i32 = 26;
const ROW: i32 = 24;
const LINE: i32 = 15;
const FOOT: i32 = 50;
const LETTERS: usize = 17;

/// One programme.
#[derive(Debug, Clone, PartialEq)]
pub struct ForestRow {
    /// Its name.
    pub name: String,
    /// Its result.
    pub estimate: f64,
    /// 95 % interval.
    pub interval: (f64, f64),
    /// Its share of the average, 0 to 1: the size of its square.
    pub weight: f64,
}

/// What all say together.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The average.
    pub estimate: f64,
    /// 95 % interval.
    pub interval: (f64, f64),
    /// Where another programme's true effect is likely to lie.
    pub prediction: Option<(f64, f64)>,
}

/// The forest, rows in the order given.
///
/// # Errors
/// No rows, numbers that are not finite, or when the drawing cannot be made.
pub fn forest(
    scene: &Scene,
    rows: &[ForestRow],
    summary: Option<&Summary>,
) -> Result<Figure, ReportError> {
    let own = rows
        .iter()
        .flat_map(|r| [r.interval.0, r.interval.1, r.estimate]);
    let weights = rows.iter().map(|r| r.weight);
    let together = summary.into_iter().flat_map(|s| {
        let wide = s.prediction.unwrap_or(s.interval);
        [s.estimate, s.interval.0, s.interval.1, wide.0, wide.1]
    });
    scene.sound("forest", own.clone().chain(weights))?;
    scene.sound("forest", own.clone().chain(together.clone()))?;
    let axis = scene.axis(own.chain(together), LEFT, RIGHT);
    let bottom = HEAD + rows.iter().map(tall).sum::<i32>() + summary.map_or(0, below);
    let description = describe(scene, rows, summary);
    let told = Told {
        id: scene.id,
        title: scene.title,
        description: &description,
    };
    let most = rows.iter().map(|r| r.weight).fold(0.0, f64::max);
    let svg = draw("forest", told, bottom + FOOT, |canvas| {
        let zero = axis.at(0.0);
        canvas.dashes((zero, HEAD - 8), (zero, bottom), MUTED, (4, 3));
        let word = zero.clamp(52, WIDTH - 52);
        canvas.bold("no difference", (word, 9), Anchor::Middle, SMALL, MUTED);
        let mut top = HEAD;
        for row in rows {
            one(canvas, scene, &axis, row, most, top);
            top += tall(row);
        }
        if let Some(s) = summary {
            together_at(canvas, scene, &axis, s, top);
        }
        scene.foot(canvas, &axis, (0, bottom));
    })?;
    Ok(Figure {
        id: scene.id.into(),
        title: scene.title.into(),
        svg,
        note: note(scene, summary),
        table: table(scene, rows, summary),
        recipe: recipe(scene, rows, summary),
    })
}

fn recipe(scene: &Scene, rows: &[ForestRow], summary: Option<&Summary>) -> Recipe {
    let by = scene.scale.factor;
    let row =
        |name: &str, what: &str, estimate: f64, (low, high): (f64, f64), weight: Option<f64>| {
            vec![
                json!(name),
                json!(what),
                json!(estimate * by),
                json!(low * by),
                json!(high * by),
                json!(weight),
            ]
        };
    let mut all: Vec<_> = rows
        .iter()
        .map(|r| row(&r.name, "programme", r.estimate, r.interval, Some(r.weight)))
        .collect();
    if let Some(s) = summary {
        all.push(row("Together", "average", s.estimate, s.interval, None));
        if let Some(wide) = s.prediction {
            all.push(row(
                "Another programme",
                "prediction",
                s.estimate,
                wide,
                None,
            ));
        }
    }
    let y = json!({ "field": "name", "type": "nominal", "sort": null, "title": null, "axis": { "labelLimit": 260 } });
    Recipe::new(
        &["name", "what", "estimate", "low", "high", "weight"],
        all,
        json!({ "layer": [
            { "mark": { "type": "rule", "strokeDash": [3, 3] }, "encoding": { "x": { "datum": 0 } } },
            { "mark": { "type": "rule", "size": 2, "color": DARK }, "encoding": {
                "y": y, "x": { "field": "low", "type": "quantitative", "title": format!("Difference, in {}", scene.unit) }, "x2": { "field": "high" },
            } },
            { "mark": { "type": "point", "filled": true, "size": 70, "color": DARK }, "encoding": {
                "y": y, "x": { "field": "estimate", "type": "quantitative" }, "shape": { "field": "what", "type": "nominal", "title": null },
            } },
        ] }),
    )
}

fn lines(row: &ForestRow) -> Vec<String> {
    let mut lines = wrap(&row.name, LETTERS);
    if lines.len() > 2 {
        lines[1] = abbreviate(&lines[1..].join(" "), LETTERS);
        lines.truncate(2);
    }
    lines
}

fn tall(row: &ForestRow) -> i32 {
    ROW + (lines(row).len().max(1) as i32 - 1) * LINE
}

/// Units of what stands below the rows.
fn below(summary: &Summary) -> i32 {
    8 + ROW + summary.prediction.map_or(0, |_| ROW)
}

fn one(canvas: &mut Canvas, scene: &Scene, axis: &Axis, row: &ForestRow, most: f64, top: i32) {
    for (i, line) in lines(row).iter().enumerate() {
        let y = top + ROW / 2 + i as i32 * LINE;
        canvas.text(line, (0, y), Anchor::Start, SMALL, INK);
    }
    let y = top + tall(row) / 2;
    let at = |x| scene.at(axis, x);
    let (low, high, x) = (at(row.interval.0), at(row.interval.1), at(row.estimate));
    canvas.line((low, y), (high, y), TREATED, 2);
    for end in [low, high] {
        canvas.line((end, y - 4), (end, y + 4), TREATED, 2);
    }
    // Areas, not sides, go with weights.
    let share = if most > 0.0 {
        (row.weight / most).max(0.0)
    } else {
        1.0
    };
    let half = 2 + (5.0 * share.sqrt()).round() as i32;
    canvas.bar((x - half, y - half), (x + half, y + half), TREATED);
}

fn together_at(canvas: &mut Canvas, scene: &Scene, axis: &Axis, s: &Summary, top: i32) {
    let at = |x| scene.at(axis, x);
    canvas.line((0, top + 3), (WIDTH, top + 3), FAINT, 1);
    let y = top + 8 + ROW / 2;
    canvas.bold("All together", (0, y), Anchor::Start, SMALL, INK);
    let corners = (at(s.interval.0), at(s.estimate), at(s.interval.1));
    canvas.lozenge(corners, y, 8, OTHERS);
    let Some((low, high)) = s.prediction else {
        return;
    };
    let y = y + ROW;
    canvas.text("Another like these", (0, y), Anchor::Start, SMALL, INK);
    let (low, high) = (at(low), at(high));
    canvas.dashes((low, y), (high, y), OTHERS, (5, 3));
    for end in [low, high] {
        canvas.line((end, y - 6), (end, y + 6), OTHERS, 3);
    }
}

fn describe(scene: &Scene, rows: &[ForestRow], summary: Option<&Summary>) -> String {
    let mut said = vec![format!(
        "One line for each of {} programmes, in {}, in no order of merit.",
        rows.len(),
        scene.unit
    )];
    said.extend(rows.iter().map(|r| {
        let likely = scene.range(r.interval);
        format!("{}: {}, likely {likely}.", r.name, scene.value(r.estimate))
    }));
    if let Some(s) = summary {
        let likely = scene.range(s.interval);
        said.push(format!(
            "All together: {}, likely {likely}.",
            scene.value(s.estimate)
        ));
        said.extend(
            s.prediction
                .map(|p| format!("Another programme like these: likely {}.", scene.range(p))),
        );
    }
    said.join(" ")
}

fn note(scene: &Scene, summary: Option<&Summary>) -> String {
    let mut note = format!(
        "In {}. Each line is the range in which a programme's true effect is likely to lie; the larger the square, the more it counts. Lines that overlap cannot be told apart. The order says nothing.",
        scene.unit
    );
    if let Some(s) = summary {
        note.push_str(" The diamond is the average of all.");
        if s.prediction.is_some() {
            note.push_str(" The dashed line below is where the true effect of another programme like these is likely to lie.");
        }
    }
    note
}

fn table(scene: &Scene, rows: &[ForestRow], summary: Option<&Summary>) -> Table {
    let mut table = Table::new(
        format!("{}-table", scene.id),
        format!("{} ({})", scene.title, scene.unit),
        &[
            "Programme",
            "Best estimate",
            "Low to high",
            "Share of the average",
        ],
    );
    for r in rows {
        let cells = vec![
            number(scene.value(r.estimate)),
            number(scene.range(r.interval)),
            number(format!("{}%", fixed(100.0 * r.weight, 1))),
        ];
        table.row(r.name.clone(), cells);
    }
    if let Some(s) = summary {
        let cells = vec![
            number(scene.value(s.estimate)),
            number(scene.range(s.interval)),
            text(""),
        ];
        table.row("All together", cells);
        if let Some(p) = s.prediction {
            let cells = vec![text(""), number(scene.range(p)), text("")];
            table.row("Another like these", cells);
        }
    }
    table
}
