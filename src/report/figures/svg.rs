//! Drawing: a thin layer over plotters' SVG backend that gives each picture its title, description
//! and role, lets it scale, and knows the house's few colours, sizes and shapes.

use crate::report::ReportError;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle};

/// Every picture is this many units wide: on a phone 320 px wide its texts are still 12 px tall.
pub const WIDTH: i32 = 340;
/// Size of texts.
pub const TEXT: f64 = 14.0;
/// Size of lesser texts.
pub const SMALL: f64 = 13.0;
/// Letters that fit in the whole width at [`TEXT`], in a wide typeface.
pub const LETTERS: usize = 37;

/// Colours: few, calm, and apart in grey too.
pub const INK: RGBColor = RGBColor(0x1b, 0x27, 0x30);
/// Lesser texts; 6:1 against white.
pub const MUTED: RGBColor = RGBColor(0x52, 0x5f, 0x69);
/// Lines that should not be noticed.
pub const FAINT: RGBColor = RGBColor(0xc9, 0xd1, 0xd6);
/// Participants.
pub const TREATED: RGBColor = RGBColor(0x0b, 0x55, 0x6b);
/// Their counterparts.
pub const OTHERS: RGBColor = RGBColor(0x9a, 0x6a, 0x1c);
/// Areas.
pub const WASH: RGBColor = RGBColor(0xd8, 0xe6, 0xea);
/// Behind open shapes.
pub const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);

/// Where a text hangs.
#[derive(Clone, Copy)]
pub enum Anchor {
    /// The point is its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// A picture being drawn. The backend writes to memory; its first error, if ever, is kept for the end.
pub struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    failed: Option<String>,
}

/// What a reader who cannot see the picture is told.
pub struct Told<'a> {
    /// Unique on the page.
    pub id: &'a str,
    /// A short name.
    pub title: &'a str,
    /// What it shows, numbers included.
    pub description: &'a str,
}

/// Draws a picture and dresses it.
pub fn draw(
    figure: &'static str,
    told: Told,
    height: i32,
    paint: impl FnOnce(&mut Canvas),
) -> Result<String, ReportError> {
    let mut drawn = String::new();
    let mut canvas = Canvas {
        area: SVGBackend::with_string(&mut drawn, (WIDTH as u32, height as u32))
            .into_drawing_area(),
        failed: None,
    };
    paint(&mut canvas);
    let finished = canvas.area.present().map_err(|e| e.to_string());
    let failed = canvas.failed.take().or(finished.err());
    drop(canvas);
    if let Some(reason) = failed {
        return Err(ReportError::Figure { figure, reason });
    }
    let inside = drawn.split_once('>').map_or("", |(_, rest)| rest);
    let Told {
        id,
        title,
        description,
    } = told;
    let (title, description) = (escape(title), escape(description));
    let inside = inside.replace(" opacity=\"1\"", "");
    Ok(format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n<title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-desc\">{description}</desc>{inside}"
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

impl Canvas<'_> {
    fn keep<E: std::fmt::Display>(&mut self, done: Result<(), E>) {
        if let (Err(e), None) = (done, &self.failed) {
            self.failed = Some(e.to_string());
        }
    }

    /// A filled rectangle.
    pub fn bar(&mut self, (x0, y0): (i32, i32), (x1, y1): (i32, i32), colour: RGBColor) {
        let done = self
            .area
            .draw(&Rectangle::new([(x0, y0), (x1, y1)], colour.filled()));
        self.keep(done);
    }

    /// A line.
    pub fn line(&mut self, from: (i32, i32), to: (i32, i32), colour: RGBColor, width: u32) {
        let style = colour.stroke_width(width);
        let done = self.area.draw(&PathElement::new([from, to], style));
        self.keep(done);
    }

    /// A line of dashes `on` long with `off` between, straight across or straight down.
    pub fn dashes(
        &mut self,
        from: (i32, i32),
        to: (i32, i32),
        colour: RGBColor,
        (on, off): (i32, i32),
    ) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.abs().max(dy.abs());
        let mut at = 0;
        while at < length {
            let end = (at + on).min(length);
            let point = |t: i32| (from.0 + dx * t / length, from.1 + dy * t / length);
            self.line(point(at), point(end), colour, 1);
            at += on + off;
        }
    }

    /// Slanting lines in a rectangle: people who are gone.
    pub fn hatch(&mut self, (x0, y0): (i32, i32), (x1, y1): (i32, i32), colour: RGBColor) {
        let height = y1 - y0;
        let mut x = x0 - height;
        while x < x1 {
            let left = x.max(x0);
            let right = (x + height).min(x1);
            self.line(
                (left, y1 - (left - x)),
                (right, y1 - (right - x)),
                colour,
                1,
            );
            x += 6;
        }
    }

    /// A full dot.
    pub fn dot(&mut self, at: (i32, i32), radius: i32, colour: RGBColor) {
        let done = self.area.draw(&Circle::new(at, radius, colour.filled()));
        self.keep(done);
    }

    /// An open ring.
    pub fn ring(&mut self, at: (i32, i32), radius: i32, colour: RGBColor, width: u32) {
        self.dot(at, radius, PAPER);
        let style = colour.stroke_width(width);
        let done = self.area.draw(&Circle::new(at, radius, style));
        self.keep(done);
    }

    /// A full diamond.
    pub fn diamond(&mut self, (x, y): (i32, i32), radius: i32, colour: RGBColor) {
        let corners = vec![
            (x - radius, y),
            (x, y - radius),
            (x + radius, y),
            (x, y + radius),
        ];
        let done = self.area.draw(&Polygon::new(corners, colour.filled()));
        self.keep(done);
    }

    /// A full diamond from `low` to `high` across, its point of balance at `x`: an average and its interval.
    pub fn lozenge(
        &mut self,
        (low, x, high): (i32, i32, i32),
        y: i32,
        half: i32,
        colour: RGBColor,
    ) {
        let corners = vec![(low, y), (x, y - half), (high, y), (x, y + half)];
        let done = self.area.draw(&Polygon::new(corners, colour.filled()));
        self.keep(done);
    }

    /// An area that what lies behind it shines through.
    pub fn veil(&mut self, corners: Vec<(i32, i32)>, colour: RGBColor) {
        let done = self.area.draw(&Polygon::new(corners, colour.mix(0.18)));
        self.keep(done);
    }

    /// A text, its middle height at y.
    pub fn text(
        &mut self,
        text: &str,
        at: (i32, i32),
        anchor: Anchor,
        size: f64,
        colour: RGBColor,
    ) {
        self.write(text, at, anchor, size, colour, FontStyle::Normal);
    }

    /// A text in bold.
    pub fn bold(
        &mut self,
        text: &str,
        at: (i32, i32),
        anchor: Anchor,
        size: f64,
        colour: RGBColor,
    ) {
        self.write(text, at, anchor, size, colour, FontStyle::Bold);
    }

    fn write(
        &mut self,
        text: &str,
        at: (i32, i32),
        anchor: Anchor,
        size: f64,
        colour: RGBColor,
        style: FontStyle,
    ) {
        let across = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        // The backend divides sizes by 1.24.
        let font = FontDesc::new(FontFamily::SansSerif, size * 1.24, style);
        let style = TextStyle::from(font)
            .color(&colour)
            .pos(Pos::new(across, VPos::Center));
        let done = self.area.draw(&Text::new(text.to_owned(), at, style));
        self.keep(done);
    }
}
