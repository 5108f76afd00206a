//! Overlap of the scores: did the pool hold people as likely to take part as those who did?

use super::Figure;
use super::axis::Axis;
use super::recipe::{DARK, GREY, Recipe};
use super::svg::{
    Anchor, Canvas, FAINT, INK, MUTED, OTHERS, SMALL, TREATED, Told, WASH, WIDTH, draw,
};
use crate::disclosure::findings::Overlap;
use crate::report::ReportError;
use crate::report::numbers::fixed;
use crate::report::table::{Table, number};
use serde_json::json;

const TOP: i32 = 70;
const BOTTOM: i32 = 250;
const HEIGHT: i32 = 306;

/// Three groups over one axis: an area, a thick line, a dashed line.
pub fn overlap(id: &str, o: &Overlap) -> Result<Option<Figure>, ReportError> {
    let bins = o.participants.len();
    let whole = o.edges.len() == bins + 1 && o.pool.len() == bins && o.matched.len() == bins;
    if bins == 0 || !whole {
        return Ok(None);
    }
    let name = "How likely people were to take part, in the three groups".to_owned();
    let shared = |a: &[f64]| -> f64 { a.iter().zip(&o.participants).map(|(x, y)| x.min(*y)).sum() };
    let described = format!(
        "The participants' scores overlap with {} per cent of the whole pool's and with {} per cent of the matched comparison group's.",
        fixed(100.0 * shared(&o.pool), 0),
        fixed(100.0 * shared(&o.matched), 0)
    );
    let told = Told {
        id,
        title: &name,
        description: &described,
    };
    let tallest = [&o.participants, &o.pool, &o.matched]
        .into_iter()
        .flatten()
        .fold(0.0, |a: f64, b| a.max(*b));
    let plot = Plot {
        across: Axis::new(o.edges[0], o.edges[bins], 8, WIDTH - 8),
        up: Axis::new(0.0, tallest * 1.05, 0, BOTTOM - TOP),
        edges: &o.edges,
    };
    let svg = draw("overlap", told, HEIGHT, |canvas| {
        legend(canvas);
        plot.area(canvas, &o.participants);
        plot.dashed(canvas, &o.pool);
        plot.stairs(canvas, &o.matched);
        plot.foot(canvas);
    })?;
    Ok(Some(Figure {
        id: id.into(),
        title: name,
        svg,
        note: "The matched comparison group (thick line) should follow the treatment group (shaded). Where the shading has no line over it, some participants had nobody like them.".into(),
        table: table(id, o),
        recipe: recipe(o),
    }))
}

fn recipe(o: &Overlap) -> Recipe {
    let groups = [
        ("treatment group", &o.participants),
        ("matched comparison group", &o.matched),
        ("everyone in the pool", &o.pool),
    ];
    let rows = groups.iter().flat_map(|(group, shares)| {
        shares.iter().enumerate().map(move |(i, share)| {
            vec![
                json!(group),
                json!(o.edges[i]),
                json!(o.edges[i + 1]),
                json!(share),
            ]
        })
    });
    Recipe::new(
        &["group", "from", "to", "share"],
        rows,
        json!({
            "mark": { "type": "line", "interpolate": "step-after" },
            "encoding": {
                "x": { "field": "from", "type": "quantitative", "title": "Log odds of taking part", "scale": { "zero": false } },
                "y": { "field": "share", "type": "quantitative", "title": "Share of the group" },
                "strokeDash": { "field": "group", "type": "nominal", "sort": null, "title": null },
                "color": { "field": "group", "type": "nominal", "sort": null, "title": null, "scale": { "range": [DARK, "#0b0c0c", GREY] } },
            },
        }),
    )
}

fn legend(canvas: &mut Canvas) {
    canvas.bar((0, 4), (24, 16), WASH);
    canvas.line((0, 4), (24, 4), TREATED, 1);
    canvas.text("treatment group", (32, 10), Anchor::Start, SMALL, INK);
    canvas.line((0, 31), (24, 31), INK, 3);
    canvas.text(
        "matched comparison group",
        (32, 31),
        Anchor::Start,
        SMALL,
        INK,
    );
    canvas.dashes((0, 52), (24, 52), OTHERS, (4, 3));
    canvas.dashes((0, 53), (24, 53), OTHERS, (4, 3));
    canvas.text("everyone in the pool", (32, 52), Anchor::Start, SMALL, INK);
}

struct Plot<'a> {
    across: Axis,
    up: Axis,
    edges: &'a [f64],
}

impl Plot<'_> {
    fn y(&self, share: f64) -> i32 {
        BOTTOM - self.up.at(share)
    }

    fn x(&self, edge: usize) -> i32 {
        self.across.at(self.edges[edge])
    }

    fn area(&self, canvas: &mut Canvas, shares: &[f64]) {
        for (i, share) in shares.iter().enumerate() {
            let (x0, x1, y) = (self.x(i), self.x(i + 1), self.y(*share));
            canvas.bar((x0, y), (x1, BOTTOM), WASH);
            canvas.line((x0, y), (x1, y), TREATED, 1);
        }
    }

    fn stairs(&self, canvas: &mut Canvas, shares: &[f64]) {
        let mut last = BOTTOM;
        for (i, share) in shares.iter().enumerate() {
            let (x0, x1, y) = (self.x(i), self.x(i + 1), self.y(*share));
            canvas.line((x0, last), (x0, y), INK, 2);
            canvas.line((x0, y), (x1, y), INK, 3);
            last = y;
        }
        canvas.line(
            (self.x(shares.len()), last),
            (self.x(shares.len()), BOTTOM),
            INK,
            2,
        );
    }

    fn dashed(&self, canvas: &mut Canvas, shares: &[f64]) {
        let mut last = BOTTOM;
        for (i, share) in shares.iter().enumerate() {
            let (x0, x1, y) = (self.x(i), self.x(i + 1), self.y(*share));
            canvas.dashes((x0, last), (x0, y), OTHERS, (4, 3));
            canvas.dashes((x0, y), (x1, y), OTHERS, (4, 3));
            canvas.dashes((x0, y + 1), (x1, y + 1), OTHERS, (4, 3));
            last = y;
        }
        canvas.dashes(
            (self.x(shares.len()), last),
            (self.x(shares.len()), BOTTOM),
            OTHERS,
            (4, 3),
        );
    }

    fn foot(&self, canvas: &mut Canvas) {
        canvas.line((0, BOTTOM), (WIDTH, BOTTOM), FAINT, 1);
        let last = self.edges.len() - 1;
        for (i, anchor) in [
            (0, Anchor::Start),
            (last / 2, Anchor::Middle),
            (last, Anchor::End),
        ] {
            let x = self.x(i);
            canvas.line((x, BOTTOM), (x, BOTTOM + 5), MUTED, 1);
            canvas.text(
                &chance(self.edges[i]),
                (x, BOTTOM + 16),
                anchor,
                SMALL,
                MUTED,
            );
        }
        let y = BOTTOM + 42;
        canvas.text("\u{2190} less likely", (0, y), Anchor::Start, SMALL, INK);
        canvas.text(
            "more likely to take part \u{2192}",
            (WIDTH, y),
            Anchor::End,
            SMALL,
            INK,
        );
    }
}

/// The linear predictor as a chance of taking part, with the digits small chances need.
fn chance(lp: f64) -> String {
    let percent = 100.0 / (1.0 + (-lp).exp());
    let decimals = match percent.min(100.0 - percent) {
        p if p >= 10.0 => 0,
        p if p >= 1.0 => 1,
        p if p >= 0.1 => 2,
        _ => 3,
    };
    format!("{}%", fixed(percent, decimals))
}

fn table(id: &str, o: &Overlap) -> Table {
    let mut table = Table::new(
        format!("{id}-table"),
        "Share of each group by chance of taking part",
        &[
            "Chance of taking part",
            "Treatment group",
            "Matched comparison group",
            "Everyone in the pool",
        ],
    );
    let share = |x: f64| number(format!("{}%", fixed(100.0 * x, 1)));
    for i in 0..o.participants.len() {
        table.row(
            format!("{} to {}", chance(o.edges[i]), chance(o.edges[i + 1])),
            vec![
                share(o.participants[i]),
                share(o.matched[i]),
                share(o.pool[i]),
            ],
        );
    }
    table
}
