//! Two curves over time: to how many it had not happened yet, with the band in which each curve is
//! likely to lie.

use super::Figure;
use super::axis::Axis;
use super::recipe::{DARK, GREY, Recipe};
use super::svg::{Anchor, Canvas, FAINT, INK, MUTED, OTHERS, SMALL, TREATED, Told, WIDTH, draw};
use crate::disclosure::findings::{OutcomeFinding, SurvivalCurve, SurvivalCurves};
use crate::report::ReportError;
use crate::report::narrative::{in_sentence, survival_time, survival_written, title};
use crate::report::numbers::{count, fixed};
use crate::report::table::{Cell, Table, number};
use serde_json::json;

const LEFT: i32 = 44;
const RIGHT: i32 = WIDTH - 44;
const TOP: i32 = 62;
const BOTTOM: i32 = 252;
const HEIGHT: i32 = 306;
/// Rows of the table: a fine curve is told at every fourth time.
const ROWS: usize = 12;

/// Nothing without curves that were released.
pub fn survival(id: &str, o: &OutcomeFinding) -> Result<Option<Figure>, ReportError> {
    let Some(curves) = o.survival.as_ref().filter(|_| o.suppressed.is_none()) else {
        return Ok(None);
    };
    let n = curves.times.len();
    let whole = |c: &SurvivalCurve| [&c.surv, &c.low, &c.high].iter().all(|v| v.len() == n);
    if n < 2 || !whole(&curves.treated) || !whole(&curves.comparison) {
        return Ok(None);
    }
    let name = format!("{}: over time", title(o));
    let percent = |share: f64| fixed(100.0 * share, 0);
    let (last_t, last_c) = (curves.treated.surv[n - 1], curves.comparison.surv[n - 1]);
    let described = format!(
        "Two lines fall from 100 per cent at the start. After {}, {} per cent of the treatment group and {} per cent of the comparison group are still without it.",
        survival_time(o, curves.horizon),
        percent(last_t),
        percent(last_c)
    );
    let told = Told {
        id,
        title: &name,
        description: &described,
    };
    let plot = Plot::new(curves);
    let svg = draw("survival", told, HEIGHT, |canvas| {
        legend(canvas);
        plot.grid(canvas);
        plot.band(canvas, &curves.comparison, OTHERS);
        plot.band(canvas, &curves.treated, TREATED);
        plot.dashed(canvas, &curves.comparison);
        plot.line(canvas, &curves.treated);
        plot.ends(canvas, last_t, last_c);
        plot.foot(canvas, o);
    })?;
    Ok(Some(Figure {
        id: id.into(),
        title: name,
        svg,
        note: format!(
            "The share of each group to whom it had not happened yet. The band around a line is where it is likely to lie at that moment (95 per cent, moment by moment).{}{}",
            match n {
                // A fine curve's points lie closer than its line is thick.
                n if n <= ROWS + 1 =>
                    format!(" It is known at {n} moments; between them the lines are straight."),
                _ => String::new(),
            },
            if plot.lowest > 0.0 {
                " The scale does not start at 0."
            } else {
                ""
            }
        ),
        table: table(id, o, curves),
        recipe: recipe(curves),
    }))
}

fn recipe(curves: &SurvivalCurves) -> Recipe {
    let groups = [
        ("treatment group", &curves.treated),
        ("comparison group", &curves.comparison),
    ];
    let rows = groups.iter().flat_map(|(group, curve)| {
        curves.times.iter().enumerate().map(move |(i, time)| {
            vec![
                json!(group),
                json!(time),
                json!(curve.surv[i]),
                json!(curve.low[i]),
                json!(curve.high[i]),
            ]
        })
    });
    let colour = json!({ "field": "group", "type": "nominal", "sort": null, "title": null, "scale": { "range": [DARK, GREY] } });
    Recipe::new(
        &["group", "time", "share_without_it", "low", "high"],
        rows,
        json!({ "layer": [
            {
                "mark": { "type": "area", "opacity": 0.2 },
                "encoding": {
                    "x": { "field": "time", "type": "quantitative" },
                    "y": { "field": "low", "type": "quantitative" }, "y2": { "field": "high" },
                    "color": colour,
                },
            },
            {
                "mark": "line",
                "encoding": {
                    "x": { "field": "time", "type": "quantitative", "title": "Time" },
                    "y": { "field": "share_without_it", "type": "quantitative", "title": "Not happened yet", "axis": { "format": "%" } },
                    "strokeDash": { "field": "group", "type": "nominal", "sort": null, "title": null },
                    "color": colour,
                },
            },
        ] }),
    )
}

fn legend(canvas: &mut Canvas) {
    canvas.line((0, 10), (24, 10), TREATED, 3);
    canvas.text("treatment group", (32, 10), Anchor::Start, SMALL, INK);
    for y in [31, 32] {
        canvas.dashes((0, y), (24, y), OTHERS, (5, 3));
    }
    canvas.text("comparison group", (32, 31), Anchor::Start, SMALL, INK);
}

struct Plot<'a> {
    times: &'a [f64],
    across: Axis,
    up: Axis,
    lowest: f64,
}

impl<'a> Plot<'a> {
    fn new(curves: &'a SurvivalCurves) -> Plot<'a> {
        let least = [&curves.treated.low, &curves.comparison.low]
            .into_iter()
            .flatten()
            .fold(1.0, |a: f64, b| a.min(*b));
        // From 0 where the curves come near it; the upper half alone would hide nothing otherwise.
        let lowest = if least > 0.55 { 0.5 } else { 0.0 };
        Plot {
            times: &curves.times,
            across: Axis::new(0.0, curves.horizon, LEFT, RIGHT),
            up: Axis::new(lowest, 1.0, 0, BOTTOM - TOP),
            lowest,
        }
    }

    fn at(&self, i: usize, share: f64) -> (i32, i32) {
        (self.across.at(self.times[i]), BOTTOM - self.up.at(share))
    }

    fn grid(&self, canvas: &mut Canvas) {
        for k in 0..=4 {
            let share = self.lowest + (1.0 - self.lowest) * f64::from(k) / 4.0;
            let y = BOTTOM - self.up.at(share);
            canvas.line((LEFT, y), (RIGHT, y), FAINT, 1);
            if k % 2 == 0 {
                let label = format!("{}%", fixed(100.0 * share, 0));
                canvas.text(&label, (LEFT - 6, y), Anchor::End, SMALL, MUTED);
            }
        }
    }

    fn band(&self, canvas: &mut Canvas, c: &SurvivalCurve, colour: plotters::style::RGBColor) {
        let upper = (0..self.times.len()).map(|i| self.at(i, c.high[i]));
        let lower = (0..self.times.len()).rev().map(|i| self.at(i, c.low[i]));
        canvas.veil(upper.chain(lower).collect(), colour);
    }

    fn line(&self, canvas: &mut Canvas, c: &SurvivalCurve) {
        for i in 1..self.times.len() {
            canvas.line(
                self.at(i - 1, c.surv[i - 1]),
                self.at(i, c.surv[i]),
                TREATED,
                3,
            );
        }
    }

    /// Dashes along a broken line: every stretch of a few units is drawn, the next left out.
    fn dashed(&self, canvas: &mut Canvas, c: &SurvivalCurve) {
        let (mut along, mut last) = (0.0, self.at(0, c.surv[0]));
        let points = (RIGHT - LEFT) / 2;
        for p in 1..=points {
            let share = f64::from(p) / f64::from(points);
            let next = self.between(share, c);
            let (dx, dy) = (f64::from(next.0 - last.0), f64::from(next.1 - last.1));
            if along % 9.0 < 5.5 {
                canvas.line(last, next, OTHERS, 2);
            }
            along += dx.hypot(dy);
            last = next;
        }
    }

    /// The point of a curve at a share of the time.
    fn between(&self, share: f64, c: &SurvivalCurve) -> (i32, i32) {
        let t = share * self.times[self.times.len() - 1];
        let i = self
            .times
            .partition_point(|x| *x <= t)
            .clamp(1, self.times.len() - 1);
        let (a, b) = (self.times[i - 1], self.times[i]);
        let part = if b > a {
            ((t - a) / (b - a)).clamp(0.0, 1.0)
        } else {
            1.0
        };
        let s = c.surv[i - 1] + part * (c.surv[i] - c.surv[i - 1]);
        (self.across.at(t), BOTTOM - self.up.at(s))
    }

    /// Each curve's last value beside its end, moved apart where they would touch.
    fn ends(&self, canvas: &mut Canvas, treated: f64, comparison: f64) {
        let y = |share: f64| BOTTOM - self.up.at(share);
        let (mut t, mut c) = (y(treated), y(comparison));
        let gap = 15 - (t - c).abs();
        if gap > 0 {
            let up = if treated >= comparison { 1 } else { -1 };
            t -= up * (gap + 1) / 2;
            c += up * (gap + 1) / 2;
        }
        let label = |share: f64| format!("{}%", fixed(100.0 * share, 0));
        canvas.bold(
            &label(treated),
            (RIGHT + 5, t),
            Anchor::Start,
            SMALL,
            TREATED,
        );
        canvas.text(
            &label(comparison),
            (RIGHT + 5, c),
            Anchor::Start,
            SMALL,
            OTHERS,
        );
    }

    fn foot(&self, canvas: &mut Canvas, o: &OutcomeFinding) {
        canvas.line((LEFT, BOTTOM), (RIGHT, BOTTOM), MUTED, 1);
        for t in self.across.ticks() {
            let x = self.across.at(t);
            canvas.line((x, BOTTOM), (x, BOTTOM + 5), MUTED, 1);
            let label = fixed(t, self.across.decimals());
            canvas.text(&label, (x, BOTTOM + 16), Anchor::Middle, SMALL, MUTED);
        }
        let unit = if o.unit.is_empty() { "days" } else { &o.unit };
        let below = format!("{unit} from the start");
        canvas.text(
            &below,
            ((LEFT + RIGHT) / 2, BOTTOM + 38),
            Anchor::Middle,
            SMALL,
            INK,
        );
    }
}

fn table(id: &str, o: &OutcomeFinding, curves: &SurvivalCurves) -> Table {
    let followed = !curves.treated.at_risk.is_empty();
    let mut head = vec![
        "Time",
        "Treatment group",
        "Low to high",
        "Comparison group",
        "Low to high",
    ];
    if followed {
        head.extend([
            "Still followed, treatment",
            "Still followed, comparison (weighted)",
        ]);
    }
    let mut table = Table::new(
        format!("{id}-table"),
        format!(
            "Share without it yet: {}, in {}",
            in_sentence(title(o)),
            if o.unit.is_empty() { "days" } else { &o.unit }
        ),
        &head,
    );
    let every = (curves.times.len() - 1).div_ceil(ROWS).max(1);
    for i in (0..curves.times.len()).step_by(every) {
        let mut cells = of(&curves.treated, i);
        cells.extend(of(&curves.comparison, i));
        if followed {
            let rest = [&curves.treated, &curves.comparison];
            cells.extend(rest.map(|c| number(count(c.at_risk[i].round() as u64))));
        }
        table.row(survival_written(curves.times[i]), cells);
    }
    table
}

fn of(c: &SurvivalCurve, i: usize) -> Vec<Cell> {
    let percent = |share: f64| fixed(100.0 * share, 1);
    vec![
        number(format!("{}%", percent(c.surv[i]))),
        number(format!("{} to {}", percent(c.low[i]), percent(c.high[i]))),
    ]
}
