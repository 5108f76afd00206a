//! Estimates with their intervals against the line of no difference: the drawing shared by the
//! picture of effects and the picture of other choices.

use super::axis::{Axis, wrap};
use super::svg::{Anchor, Canvas, FAINT, INK, LETTERS, MUTED, PAPER, SMALL, TEXT, TREATED, WIDTH};
use crate::report::numbers::{Scale, fixed};

/// One estimate.
pub struct Row {
    /// What it is.
    pub label: String,
    /// Its numbers in words.
    pub numbers: String,
    /// Point.
    pub estimate: f64,
    /// 95 % interval, low.
    pub low: f64,
    /// 95 % interval, high.
    pub high: f64,
}

impl Row {
    /// A row of the estimate and its interval, on the scale.
    pub fn new(label: String, scale: Scale, estimate: f64, (low, high): (f64, f64)) -> Row {
        Row {
            label,
            numbers: format!(
                "{} at best guess, likely {}",
                scale.difference(estimate),
                scale.interval(low, high)
            ),
            estimate: estimate * scale.factor,
            low: low * scale.factor,
            high: high * scale.factor,
        }
    }
}

/// What the two sides of the line mean.
pub struct Sides {
    /// Left of the line.
    pub left: String,
    /// Right of it.
    pub right: String,
}

const HEAD: i32 = 26;
const FOOT: i32 = 52;
const LINE: i32 = 18;
const MARK: i32 = 26;
const GAP: i32 = 12;

fn lines(row: &Row) -> Vec<String> {
    wrap(&row.label, LETTERS)
}

/// Units a row takes.
fn tall(row: &Row) -> i32 {
    lines(row).len() as i32 * LINE + LINE + MARK + GAP
}

/// Units the whole picture takes.
pub fn height(rows: &[Row]) -> i32 {
    HEAD + rows.iter().map(tall).sum::<i32>() + FOOT
}

/// Draws the rows from top to bottom. A closed diamond leaves zero out, an open ring does not.
pub fn paint(canvas: &mut Canvas, rows: &[Row], sides: &Sides) {
    let low = rows.iter().map(|r| r.low).fold(0.0, f64::min);
    let high = rows.iter().map(|r| r.high).fold(0.0, f64::max);
    // Zero never stands at the very edge, so that both sides have room for their word.
    let room = 0.28 * (high - low);
    let axis = Axis::new(
        low.min(-room) - 0.02 * room,
        high.max(room) + 0.02 * room,
        12,
        WIDTH - 12,
    );
    let bottom = height(rows) - FOOT;
    let zero = axis.at(0.0);
    canvas.dashes((zero, HEAD - 6), (zero, bottom), MUTED, (4, 3));
    canvas.bold(
        "no difference",
        (zero.clamp(52, WIDTH - 52), 9),
        Anchor::Middle,
        SMALL,
        MUTED,
    );
    let mut top = HEAD;
    for row in rows {
        one(canvas, row, &axis, top);
        top += tall(row);
    }
    foot(canvas, &axis, bottom, sides);
}

fn one(canvas: &mut Canvas, row: &Row, axis: &Axis, top: i32) {
    let mut y = top + LINE / 2;
    let labels = lines(row);
    // White behind the words, so that the line of no difference does not run through them.
    let under = labels.len() as i32 * LINE + LINE;
    let longest = labels
        .iter()
        .chain([&row.numbers])
        .map(|l| l.chars().count());
    let wide = longest.max().unwrap_or(0) as i32 * 9;
    canvas.bar((0, top), (wide.min(WIDTH), top + under), PAPER);
    for line in labels {
        canvas.bold(&line, (0, y), Anchor::Start, TEXT, INK);
        y += LINE;
    }
    canvas.text(&row.numbers, (0, y), Anchor::Start, SMALL, MUTED);
    let y = top + under + MARK / 2;
    let (low, high, at) = (axis.at(row.low), axis.at(row.high), axis.at(row.estimate));
    let significant = row.low > 0.0 || row.high < 0.0;
    canvas.line(
        (low, y),
        (high, y),
        TREATED,
        if significant { 4 } else { 2 },
    );
    for end in [low, high] {
        canvas.line((end, y - 6), (end, y + 6), TREATED, 2);
    }
    match significant {
        true => canvas.diamond((at, y), 9, TREATED),
        false => canvas.ring((at, y), 6, TREATED, 2),
    }
}

fn foot(canvas: &mut Canvas, axis: &Axis, y: i32, sides: &Sides) {
    canvas.line((0, y), (WIDTH, y), FAINT, 1);
    for tick in axis.ticks() {
        let x = axis.at(tick);
        canvas.line((x, y), (x, y + 5), MUTED, 1);
        canvas.text(
            &fixed(tick, axis.decimals()),
            (x, y + 15),
            Anchor::Middle,
            SMALL,
            MUTED,
        );
    }
    let (left, right) = (
        format!("\u{2190} {}", sides.left),
        format!("{} \u{2192}", sides.right),
    );
    canvas.text(&left, (0, y + 40), Anchor::Start, SMALL, INK);
    canvas.text(&right, (WIDTH, y + 40), Anchor::End, SMALL, INK);
}
