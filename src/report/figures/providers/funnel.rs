//! Results by how exact they are, between the lines that chance draws.

use super::super::Figure;
use super::super::axis::{Axis, abbreviate};
use super::super::svg::{
    Anchor, Canvas, FAINT, INK, MUTED, OTHERS, PAPER, SMALL, TREATED, Told, WIDTH, draw,
};
use super::Scene;
use crate::report::ReportError;
use crate::report::figures::recipe::{DARK, GREY, Recipe};
use crate::report::numbers::fixed;
use crate::report::table::{Table, number, text};
use serde_json::json;

const LEFT: i32 = 40;
const RIGHT: i32 = WIDTH - 8;
const TOP: i32 = 104;
const BOTTOM: i32 = 340;
const HEIGHT: i32 = BOTTOM + 50;

/// Where a result lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunnelPlace {
    /// Within the 95 % limits.
    Within,
    /// Outside those only.
    Between,
    /// Outside the 99.8 % limits too.
    Outside,
}

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelMark {
    /// The programme.
    pub name: String,
    /// Its result.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// Its distance from the target in standard errors, as its place was judged.
    pub z: f64,
    /// Its place.
    pub place: FunnelPlace,
    /// The place in words.
    pub says: String,
}

/// Limits at one standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FunnelLimits {
    /// The standard error.
    pub se: f64,
    /// 95 % limits.
    pub p95: (f64, f64),
    /// 99.8 % limits.
    pub p998: (f64, f64),
}

/// What a funnel shows.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelPicture {
    /// Results, in the order given.
    pub marks: Vec<FunnelMark>,
    /// What they are held against.
    pub target: f64,
    /// Limits by chance alone, from the least standard error to the largest.
    pub by_chance: Vec<FunnelLimits>,
    /// Limits widened for over-dispersion; empty where there is none.
    pub widened: Vec<FunnelLimits>,
}

fn recipe(scene: &Scene, of: &FunnelPicture) -> Recipe {
    let by = scene.scale.factor;
    let mut rows: Vec<_> = of
        .marks
        .iter()
        .map(|m| {
            vec![
                json!(m.name),
                json!("result"),
                json!(m.se * by),
                json!(m.estimate * by),
                json!(m.says),
            ]
        })
        .collect();
    for (limits, width) in [(&of.by_chance, "by chance"), (&of.widened, "widened")] {
        for l in limits {
            for (what, x) in [
                ("95 %, low", l.p95.0),
                ("95 %, high", l.p95.1),
                ("99.8 %, low", l.p998.0),
                ("99.8 %, high", l.p998.1),
            ] {
                let what = format!("limit {width}, {what}");
                rows.push(vec![
                    json!(null),
                    json!(what),
                    json!(l.se * by),
                    json!(x * by),
                    json!(null),
                ]);
            }
        }
    }
    Recipe::new(
        &["name", "what", "standard_error", "difference", "says"],
        rows,
        json!({ "layer": [
            {
                "transform": [{ "filter": "datum.what != 'result'" }],
                "mark": { "type": "line", "color": GREY },
                "encoding": {
                    "x": { "field": "difference", "type": "quantitative" },
                    "y": { "field": "standard_error", "type": "quantitative" },
                    "order": { "field": "standard_error" },
                    "detail": { "field": "what" },
                },
            },
            {
                "transform": [{ "filter": "datum.what == 'result'" }],
                "mark": { "type": "point", "filled": true, "color": DARK },
                "encoding": {
                    "x": { "field": "difference", "type": "quantitative", "title": format!("Difference, in {}", scene.unit) },
                    "y": { "field": "standard_error", "type": "quantitative", "title": "Standard error", "scale": { "reverse": true } },
                    "tooltip": [{ "field": "name" }, { "field": "says" }],
                },
            },
        ] }),
    )
}

/// The funnel: effects across, standard errors down, the most exact on top.
///
/// # Errors
/// No results, numbers that are not finite, or when the drawing cannot be made.
pub fn funnel(scene: &Scene, of: &FunnelPicture) -> Result<Figure, ReportError> {
    let limits = of.by_chance.iter().chain(&of.widened);
    let wide = limits
        .clone()
        .flat_map(|l| [l.p998.0, l.p998.1, l.p95.0, l.p95.1]);
    let marks = of.marks.iter().map(|m| m.estimate);
    scene.sound("funnel", marks.clone())?;
    let errors = of
        .marks
        .iter()
        .map(|m| m.se)
        .chain(limits.clone().map(|l| l.se));
    scene.sound(
        "funnel",
        errors.clone().chain(wide.clone()).chain([of.target]),
    )?;
    let axis = scene.axis(marks.chain(wide).chain([of.target]), LEFT, RIGHT);
    let largest = errors.fold(0.0, f64::max) * scene.scale.factor;
    let down = Axis::new(0.0, largest, TOP, BOTTOM);
    let plot = Plot { scene, axis, down };
    let description = describe(scene, of);
    let told = Told {
        id: scene.id,
        title: scene.title,
        description: &description,
    };
    let svg = draw("funnel", told, HEIGHT, |canvas| {
        legend(canvas, !of.widened.is_empty());
        plot.frame(canvas, of.target);
        plot.cone(canvas, &of.by_chance);
        plot.limits(canvas, &of.widened, OTHERS, 2);
        plot.marks(canvas, &of.marks, of.target);
        scene.foot(canvas, &plot.axis, (LEFT, BOTTOM));
    })?;
    Ok(Figure {
        id: scene.id.into(),
        title: scene.title.into(),
        svg,
        note: format!(
            "In {}. The further down, the fewer people and the wider the spread that chance alone makes. A programme outside the outer lines is unlike the others more than chance explains: a reason to look, not a verdict, and no rank.{}",
            scene.unit,
            match of.widened.is_empty() {
                true => "",
                false =>
                    " The programmes differ more than chance explains even without the few furthest out; the thick lines allow for that.",
            }
        ),
        table: table(scene, of),
        recipe: recipe(scene, of),
    })
}

fn legend(canvas: &mut Canvas, widened: bool) {
    canvas.ring((8, 9), 5, TREATED, 2);
    canvas.text(
        "as chance would have it",
        (20, 9),
        Anchor::Start,
        SMALL,
        INK,
    );
    canvas.dot((208, 9), 5, TREATED);
    canvas.text("somewhat unlike", (220, 9), Anchor::Start, SMALL, INK);
    canvas.diamond((8, 29), 7, INK);
    canvas.text("unlike the others", (20, 29), Anchor::Start, SMALL, INK);
    canvas.dashes((150, 29), (174, 29), MUTED, (4, 4));
    canvas.text("95%", (180, 29), Anchor::Start, SMALL, INK);
    canvas.line((222, 29), (246, 29), MUTED, 1);
    canvas.text("99.8%", (252, 29), Anchor::Start, SMALL, INK);
    if widened {
        canvas.line((8, 49), (32, 49), OTHERS, 2);
        let words = "the same, as programmes really differ";
        canvas.text(words, (40, 49), Anchor::Start, SMALL, INK);
    }
}

struct Plot<'a> {
    scene: &'a Scene<'a>,
    axis: Axis,
    down: Axis,
}

impl Plot<'_> {
    fn place(&self, x: f64, se: f64) -> (i32, i32) {
        let y = self.down.at(se * self.scene.scale.factor);
        (self.scene.at(&self.axis, x), y)
    }

    fn frame(&self, canvas: &mut Canvas, target: f64) {
        canvas.text("standard error", (0, TOP - 20), Anchor::Start, SMALL, MUTED);
        for tick in self.down.ticks() {
            let y = self.down.at(tick);
            canvas.line((LEFT, y), (RIGHT, y), FAINT, 1);
            let written = fixed(tick, self.down.decimals());
            canvas.text(&written, (LEFT - 6, y), Anchor::End, SMALL, MUTED);
        }
        let (x, _) = self.place(target, 0.0);
        canvas.line((x, TOP - 6), (x, BOTTOM), INK, 1);
        let (zero, _) = self.place(0.0, 0.0);
        canvas.dashes((zero, TOP - 6), (zero, BOTTOM), MUTED, (2, 4));
    }

    /// Limits by chance: straight lines from the target, the inner as dashes.
    fn cone(&self, canvas: &mut Canvas, limits: &[FunnelLimits]) {
        let (Some(a), Some(b)) = (limits.first(), limits.last()) else {
            return;
        };
        for (from, to) in [(a.p998.0, b.p998.0), (a.p998.1, b.p998.1)] {
            canvas.line(self.place(from, a.se), self.place(to, b.se), MUTED, 1);
        }
        for (from, to) in [(a.p95.0, b.p95.0), (a.p95.1, b.p95.1)] {
            let (from, to) = (self.place(from, a.se), self.place(to, b.se));
            canvas.dashes(from, to, MUTED, (4, 4));
        }
    }

    /// Limits that bend: the inner as dashes, the outer as a line.
    fn limits(&self, canvas: &mut Canvas, limits: &[FunnelLimits], colour: Colour, width: u32) {
        for (i, pair) in limits.windows(2).enumerate() {
            let [a, b] = pair else { continue };
            let mut draw = |from: f64, to: f64| {
                canvas.line(self.place(from, a.se), self.place(to, b.se), colour, width);
            };
            draw(a.p998.0, b.p998.0);
            draw(a.p998.1, b.p998.1);
            if i % 2 == 0 {
                draw(a.p95.0, b.p95.0);
                draw(a.p95.1, b.p95.1);
            }
        }
    }

    fn marks(&self, canvas: &mut Canvas, marks: &[FunnelMark], target: f64) {
        for m in marks {
            let at = self.place(m.estimate, m.se);
            match m.place {
                FunnelPlace::Within => canvas.ring(at, 5, TREATED, 2),
                FunnelPlace::Between => canvas.dot(at, 5, TREATED),
                FunnelPlace::Outside => canvas.diamond(at, 7, INK),
            }
        }
        // Names last, on paper, so that lines do not run through them.
        for m in marks.iter().filter(|m| m.place == FunnelPlace::Outside) {
            let (x, y) = self.place(m.estimate, m.se);
            let name = abbreviate(&m.name, 18);
            let wide = name.chars().count() as i32 * 8;
            let (right, left) = (x + 12 + wide <= WIDTH, x - 12 - wide >= 0);
            // Outwards, where nobody else is.
            let outwards_right = m.estimate >= target;
            let (from, to, text, anchor) = match right && (outwards_right || !left) {
                true => (x + 10, x + 12 + wide, x + 12, Anchor::Start),
                false => (x - 12 - wide, x - 10, x - 12, Anchor::End),
            };
            canvas.bar((from.max(0), y - 8), (to, y + 8), PAPER);
            canvas.text(&name, (text, y), anchor, SMALL, INK);
        }
    }
}

type Colour = plotters::style::RGBColor;

fn describe(scene: &Scene, of: &FunnelPicture) -> String {
    let of_place = |place| of.marks.iter().filter(move |m| m.place == place);
    let mut said = vec![format!(
        "{} programmes about {} {}. {} lie within the 95 per cent limits, {} outside those only.",
        of.marks.len(),
        scene.value(of.target),
        scene.unit,
        of_place(FunnelPlace::Within).count(),
        of_place(FunnelPlace::Between).count()
    )];
    let outside: Vec<String> = of_place(FunnelPlace::Outside)
        .map(|m| format!("{} at {}", m.name, scene.value(m.estimate)))
        .collect();
    said.push(match outside.is_empty() {
        true => "None is unlike the others more than chance explains.".into(),
        false => format!(
            "Unlike the others more than chance explains: {}.",
            outside.join("; ")
        ),
    });
    if !of.widened.is_empty() {
        said.push("The limits allow for programmes that really differ.".into());
    }
    said.join(" ")
}

fn table(scene: &Scene, of: &FunnelPicture) -> Table {
    let mut table = Table::new(
        format!("{}-table", scene.id),
        format!("{} ({})", scene.title, scene.unit),
        &[
            "Programme",
            "Best estimate",
            "Standard error",
            "Distance in standard errors",
            "What that says",
        ],
    );
    for m in &of.marks {
        let error = fixed(m.se * scene.scale.factor, scene.scale.decimals + 1);
        let cells = vec![
            number(scene.value(m.estimate)),
            number(error),
            number(fixed(m.z, 2)),
            text(m.says.clone()),
        ];
        table.row(m.name.clone(), cells);
    }
    table.notes.push(format!(
        "Held against {} {}.",
        scene.value(of.target),
        scene.unit
    ));
    table
}
