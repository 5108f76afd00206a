//! Many programmes in one picture: the forest, the funnel, and one programme over time. They take plain
//! numbers, in the order the caller chose; none of them sorts.

mod forest;
mod funnel;
mod run;

pub use forest::{ForestRow, Summary, forest};
pub use funnel::{FunnelLimits, FunnelMark, FunnelPicture, FunnelPlace, funnel};
pub use run::{RunPoint, run_chart};

use super::axis::Axis;
use super::svg::{Anchor, Canvas, FAINT, INK, MUTED, SMALL, WIDTH};
use crate::report::ReportError;
use crate::report::numbers::{Scale, fixed};

/// What every such picture is told.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Unique on the page.
    pub id: &'a str,
    /// Above the picture.
    pub title: &'a str,
    /// How the numbers are written.
    pub scale: Scale,
    /// Their unit, as in "percentage points".
    pub unit: &'a str,
    /// What lower numbers mean, in a word or two.
    pub lower: &'a str,
    /// What higher numbers mean.
    pub higher: &'a str,
}

impl Scene<'_> {
    fn value(&self, x: f64) -> String {
        self.scale.difference(x)
    }

    fn range(&self, (low, high): (f64, f64)) -> String {
        self.scale.interval(low, high)
    }

    /// A picture of nothing, or of what is no number, is not drawn.
    fn sound(
        &self,
        figure: &'static str,
        numbers: impl IntoIterator<Item = f64>,
    ) -> Result<(), ReportError> {
        let mut none = true;
        for x in numbers {
            none = false;
            if !(x * self.scale.factor).is_finite() {
                let reason = "one of its numbers is not finite".into();
                return Err(ReportError::Figure { figure, reason });
            }
        }
        match none {
            true => Err(ReportError::Figure {
                figure,
                reason: "it has nothing to show".into(),
            }),
            false => Ok(()),
        }
    }

    /// An axis of effects from `left` to `right` with a little room at either end; a line through no difference
    /// included.
    fn axis(&self, numbers: impl IntoIterator<Item = f64>, left: i32, right: i32) -> Axis {
        let (mut low, mut high) = (0.0f64, 0.0f64);
        for x in numbers {
            low = low.min(x * self.scale.factor);
            high = high.max(x * self.scale.factor);
        }
        let room = 0.04 * (high - low);
        Axis::new(low - room, high + room, left, right)
    }

    /// Where an effect stands.
    fn at(&self, axis: &Axis, x: f64) -> i32 {
        axis.at(x * self.scale.factor)
    }

    /// Ticks below a picture and what its two sides mean.
    fn foot(&self, canvas: &mut Canvas, axis: &Axis, (left, y): (i32, i32)) {
        canvas.line((left, y), (WIDTH, y), FAINT, 1);
        for tick in axis.ticks() {
            let x = axis.at(tick);
            canvas.line((x, y), (x, y + 5), MUTED, 1);
            let written = fixed(tick, axis.decimals());
            let x = x.clamp(left + 8, WIDTH - 12);
            canvas.text(&written, (x, y + 15), Anchor::Middle, SMALL, MUTED);
        }
        let (lower, higher) = (
            format!("\u{2190} {}", self.lower),
            format!("{} \u{2192}", self.higher),
        );
        canvas.text(&lower, (0, y + 38), Anchor::Start, SMALL, INK);
        canvas.text(&higher, (WIDTH, y + 38), Anchor::End, SMALL, INK);
    }
}
