//! One programme's results over time, the average of its kind beside them.

use super::super::Figure;
use super::super::axis::Axis;
use super::super::svg::{
    Anchor, Canvas, FAINT, INK, MUTED, OTHERS, SMALL, TREATED, Told, WIDTH, draw,
};
use super::Scene;
use crate::report::ReportError;
use crate::report::figures::recipe::{DARK, GREY, Recipe};
use crate::report::numbers::fixed;
use crate::report::table::{Table, number, text};
use serde_json::json;

const LEFT: i32 = 44;
const RIGHT: i32 = WIDTH - 26;
const TOP: i32 = 62;
const BOTTOM: i32 = 250;
const HEIGHT: i32 = BOTTOM + 58;

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub struct RunPoint {
    /// When, as it is written.
    pub when: String,
    /// When, in years and parts of a year.
    pub years: f64,
    /// The result.
    pub estimate: f64,
    /// 95 % interval.
    pub interval: (f64, f64),
    /// The average of its kind at that time.
    pub average: Option<f64>,
}

/// The run chart of `points` in order of time; `verdict` what may be said of it in a word or two.
///
/// # Errors
/// No points, numbers that are not finite, or when the drawing cannot be made.
pub fn run_chart(scene: &Scene, points: &[RunPoint], verdict: &str) -> Result<Figure, ReportError> {
    let numbers = points.iter().flat_map(|p| {
        let average = p.average.unwrap_or(p.estimate);
        [p.estimate, p.interval.0, p.interval.1, average]
    });
    let years = points.iter().map(|p| p.years);
    scene.sound("run chart", numbers.clone().chain(years.clone()))?;
    let up = scene.axis(numbers, 0, BOTTOM - TOP);
    let (first, last) = (
        years.clone().fold(f64::INFINITY, f64::min),
        years.fold(f64::NEG_INFINITY, f64::max),
    );
    // One time stands in the middle.
    let across = match last > first {
        true => Axis::new(first, last, LEFT + 20, RIGHT),
        false => Axis::new(first - 1.0, first + 1.0, LEFT + 20, RIGHT),
    };
    let plot = Plot { scene, up, across };
    let description = describe(scene, points, verdict);
    let told = Told {
        id: scene.id,
        title: scene.title,
        description: &description,
    };
    let svg = draw("run chart", told, HEIGHT, |canvas| {
        legend(canvas, points.iter().any(|p| p.average.is_some()));
        plot.frame(canvas, points);
        plot.averages(canvas, points);
        plot.results(canvas, points);
        canvas.bold(
            &format!("Change: {verdict}"),
            (0, HEIGHT - 10),
            Anchor::Start,
            SMALL,
            INK,
        );
    })?;
    Ok(Figure {
        id: scene.id.into(),
        title: scene.title.into(),
        svg,
        note: format!(
            "In {}. Each upright line is the range in which the true effect at that time is likely to lie. Change over the whole time: {verdict}.",
            scene.unit
        ),
        table: table(scene, points),
        recipe: recipe(scene, points),
    })
}

fn recipe(scene: &Scene, points: &[RunPoint]) -> Recipe {
    let by = scene.scale.factor;
    let rows = points.iter().map(|p| {
        vec![
            json!(p.when),
            json!(p.years),
            json!(p.estimate * by),
            json!(p.interval.0 * by),
            json!(p.interval.1 * by),
            json!(p.average.map(|a| a * by)),
        ]
    });
    let x = json!({ "field": "years", "type": "quantitative", "title": "Year", "scale": { "zero": false }, "axis": { "format": ".0f" } });
    Recipe::new(
        &[
            "when",
            "years",
            "estimate",
            "low",
            "high",
            "average_of_its_kind",
        ],
        rows,
        json!({ "layer": [
            { "mark": { "type": "rule", "strokeDash": [3, 3] }, "encoding": { "y": { "datum": 0 } } },
            { "mark": { "type": "rule", "size": 2, "color": DARK }, "encoding": {
                "x": x, "y": { "field": "low", "type": "quantitative", "title": format!("Difference, in {}", scene.unit) }, "y2": { "field": "high" },
            } },
            { "mark": { "type": "line", "point": true, "color": DARK }, "encoding": { "x": x, "y": { "field": "estimate", "type": "quantitative" } } },
            { "mark": { "type": "point", "color": GREY }, "encoding": { "x": x, "y": { "field": "average_of_its_kind", "type": "quantitative" } } },
        ] }),
    )
}

fn legend(canvas: &mut Canvas, averages: bool) {
    canvas.dot((8, 9), 5, TREATED);
    canvas.text("this programme", (20, 9), Anchor::Start, SMALL, INK);
    if averages {
        canvas.ring((158, 9), 5, OTHERS, 2);
        canvas.text("average of its kind", (170, 9), Anchor::Start, SMALL, INK);
    }
}

struct Plot<'a> {
    scene: &'a Scene<'a>,
    /// Effects, counted from the bottom.
    up: Axis,
    across: Axis,
}

impl Plot<'_> {
    fn height(&self, x: f64) -> i32 {
        BOTTOM - self.scene.at(&self.up, x)
    }

    fn frame(&self, canvas: &mut Canvas, points: &[RunPoint]) {
        let higher = format!("\u{2191} {}", self.scene.higher);
        canvas.text(&higher, (0, TOP - 20), Anchor::Start, SMALL, INK);
        for tick in self.up.ticks() {
            let y = BOTTOM - self.up.at(tick);
            canvas.line((LEFT, y), (WIDTH, y), FAINT, 1);
            let written = fixed(tick, self.up.decimals());
            canvas.text(&written, (LEFT - 6, y), Anchor::End, SMALL, MUTED);
        }
        let zero = self.height(0.0);
        canvas.dashes((LEFT, zero), (WIDTH, zero), MUTED, (4, 3));
        let lower = format!("\u{2193} {}", self.scene.lower);
        canvas.text(&lower, (0, BOTTOM + 34), Anchor::Start, SMALL, INK);
        // A date that would run into the one before is left to the table.
        let mut free = 0;
        for p in points {
            let x = self.across.at(p.years);
            canvas.line((x, BOTTOM), (x, BOTTOM + 4), MUTED, 1);
            let half = p.when.chars().count() as i32 * 4;
            let middle = x.min(WIDTH - half);
            if middle - half >= free {
                canvas.text(&p.when, (middle, BOTTOM + 14), Anchor::Middle, SMALL, MUTED);
                free = middle + half + 6;
            }
        }
    }

    fn averages(&self, canvas: &mut Canvas, points: &[RunPoint]) {
        let known: Vec<(i32, i32)> = points
            .iter()
            .filter_map(|p| Some((self.across.at(p.years), self.height(p.average?))))
            .collect();
        for pair in known.windows(2) {
            if pair[0] != pair[1] {
                canvas.dashes(pair[0], pair[1], OTHERS, (3, 3));
            }
        }
        for at in known {
            canvas.ring(at, 5, OTHERS, 2);
        }
    }

    fn results(&self, canvas: &mut Canvas, points: &[RunPoint]) {
        let place = |p: &RunPoint| (self.across.at(p.years), self.height(p.estimate));
        for pair in points.windows(2) {
            canvas.line(place(&pair[0]), place(&pair[1]), TREATED, 1);
        }
        for p in points {
            let (x, y) = place(p);
            let (low, high) = (self.height(p.interval.0), self.height(p.interval.1));
            canvas.line((x, low), (x, high), TREATED, 2);
            for end in [low, high] {
                canvas.line((x - 4, end), (x + 4, end), TREATED, 2);
            }
            canvas.dot((x, y), 5, TREATED);
        }
    }
}

fn describe(scene: &Scene, points: &[RunPoint], verdict: &str) -> String {
    let mut said = vec![format!("Results over time, in {}.", scene.unit)];
    said.extend(points.iter().map(|p| {
        let beside = p
            .average
            .map(|a| format!(" (average of its kind {})", scene.value(a)));
        format!(
            "{}: {}, likely {}{}.",
            p.when,
            scene.value(p.estimate),
            scene.range(p.interval),
            beside.unwrap_or_default()
        )
    }));
    said.push(format!("Change over the whole time: {verdict}."));
    said.join(" ")
}

fn table(scene: &Scene, points: &[RunPoint]) -> Table {
    let mut table = Table::new(
        format!("{}-table", scene.id),
        format!("{} ({})", scene.title, scene.unit),
        &[
            "When",
            "Best estimate",
            "Low to high",
            "Average of its kind",
        ],
    );
    for p in points {
        let average = match p.average {
            Some(a) => number(scene.value(a)),
            None => text("not known"),
        };
        let cells = vec![
            number(scene.value(p.estimate)),
            number(scene.range(p.interval)),
            average,
        ];
        table.row(p.when.clone(), cells);
    }
    table
}
