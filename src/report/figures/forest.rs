//! Estimates with their intervals against the line of no difference: the drawing shared by the
//! picture of effects and the picture of other choices.

use super::axis::{Axis, wrap};
use super::svg::{
    Anchor, Canvas, FAINT, INK, LETTERS, MUTED, PAPER, SMALL, TEXT, TREATED, Told, WASH, WIDTH,
    draw,
};
use crate::report::ReportError;
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
    /// How it is drawn.
    pub look: Look,
}

/// How a row is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Like the others.
    Plain,
    /// The one that the others are held against: a band behind it.
    Chosen,
    /// Not sound enough to count: pale.
    Pale,
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
            look: Look::Plain,
        }
    }

    /// The same row, drawn otherwise.
    pub fn look(self, look: Look) -> Row {
        Row { look, ..self }
    }
}

/// How much is written beside each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Its name and its numbers.
    Numbers,
    /// Its name: for many rows, whose numbers are in the table.
    Names,
}

/// What the two sides of the line mean.
pub struct Sides {
    /// Left of the line.
    pub left: String,
    /// Right of it.
    pub right: String,
}

/// The whole picture, `class` its kind: told to those who cannot see it as every row's numbers.
///
/// # Errors
/// When the drawing cannot be made.
pub fn picture(
    class: &'static str,
    (id, title): (&str, &str),
    rows: &[Row],
    sides: &Sides,
    detail: Detail,
) -> Result<String, ReportError> {
    let said: Vec<String> = rows
        .iter()
        .map(|r| format!("{}: {}.", r.label, r.numbers))
        .collect();
    let description = format!(
        "Each line is the range in which the true difference is likely to lie. {}",
        said.join(" ")
    );
    let told = Told {
        id,
        title,
        description: &description,
    };
    draw(class, told, height(rows, detail), |canvas| {
        paint(canvas, rows, sides, detail);
    })
}

const HEAD: i32 = 26;
const FOOT: i32 = 52;
const LINE: i32 = 18;
const MARK: i32 = 26;
const GAP: i32 = 12;

fn lines(row: &Row) -> Vec<String> {
    wrap(&row.label, LETTERS)
}

impl Detail {
    /// Units of the words of a row.
    fn words(self, row: &Row) -> i32 {
        let numbers = match self {
            Detail::Numbers => LINE,
            Detail::Names => 0,
        };
        lines(row).len() as i32 * LINE + numbers
    }

    /// Units of the mark, and of the gap below.
    fn mark(self) -> (i32, i32) {
        match self {
            Detail::Numbers => (MARK, GAP),
            Detail::Names => (MARK - 8, GAP - 8),
        }
    }

    /// Units a row takes.
    fn tall(self, row: &Row) -> i32 {
        let (mark, gap) = self.mark();
        self.words(row) + mark + gap
    }
}

/// Units the whole picture takes.
fn height(rows: &[Row], detail: Detail) -> i32 {
    HEAD + rows.iter().map(|r| detail.tall(r)).sum::<i32>() + FOOT
}

/// Draws the rows from top to bottom. A closed diamond leaves zero out, an open ring does not.
fn paint(canvas: &mut Canvas, rows: &[Row], sides: &Sides, detail: Detail) {
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
    let bottom = height(rows, detail) - FOOT;
    let zero = axis.at(0.0);
    let mut top = HEAD;
    for row in rows {
        if row.look == Look::Chosen {
            canvas.bar((0, top - 2), (WIDTH, top + detail.tall(row) - 4), WASH);
        }
        top += detail.tall(row);
    }
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
        one(canvas, row, &axis, top, detail);
        top += detail.tall(row);
    }
    foot(canvas, &axis, bottom, sides);
}

fn one(canvas: &mut Canvas, row: &Row, axis: &Axis, top: i32, detail: Detail) {
    let mut y = top + LINE / 2;
    let labels = lines(row);
    let under = detail.words(row);
    let with_numbers = detail == Detail::Numbers;
    let numbers = Some(&row.numbers).filter(|_| with_numbers);
    let longest = labels.iter().chain(numbers).map(|l| l.chars().count());
    let letter = if with_numbers { 9 } else { 8 };
    let wide = longest.max().unwrap_or(0) as i32 * letter;
    // Paper behind the words, so that the line of no difference does not run through them.
    let behind = match row.look {
        Look::Chosen => WASH,
        _ => PAPER,
    };
    canvas.bar((0, top), (wide.min(WIDTH), top + under), behind);
    let (ink, mark) = match row.look {
        Look::Pale => (MUTED, MUTED),
        _ => (INK, TREATED),
    };
    for line in labels {
        match with_numbers || row.look == Look::Chosen {
            true => canvas.bold(&line, (0, y), Anchor::Start, TEXT, ink),
            false => canvas.text(&line, (0, y), Anchor::Start, TEXT, ink),
        }
        y += LINE;
    }
    if with_numbers {
        canvas.text(&row.numbers, (0, y), Anchor::Start, SMALL, MUTED);
    }
    let y = top + under + detail.mark().0 / 2;
    let (low, high, at) = (axis.at(row.low), axis.at(row.high), axis.at(row.estimate));
    let significant = row.low > 0.0 || row.high < 0.0;
    let width = match (significant, row.look) {
        (true, Look::Plain | Look::Chosen) => 4,
        _ => 2,
    };
    canvas.line((low, y), (high, y), mark, width);
    for end in [low, high] {
        canvas.line((end, y - 6), (end, y + 6), mark, 2);
    }
    match significant {
        true => canvas.diamond((at, y), 9, mark),
        false => canvas.ring((at, y), 6, mark, 2),
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
