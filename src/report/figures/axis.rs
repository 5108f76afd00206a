//! Where a number stands, and how a text is broken to fit.

/// A straight scale from numbers to units.
#[derive(Clone, Copy)]
pub struct Axis {
    low: f64,
    high: f64,
    left: i32,
    right: i32,
}

impl Axis {
    /// Numbers `low` to `high` between two places.
    pub fn new(low: f64, high: f64, left: i32, right: i32) -> Axis {
        let high = if high > low { high } else { low + 1.0 };
        Axis {
            low,
            high,
            left,
            right,
        }
    }

    /// Where a number stands; kept inside.
    pub fn at(&self, x: f64) -> i32 {
        let share = ((x - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.left + (share * f64::from(self.right - self.left)).round() as i32
    }

    /// Three to six round numbers.
    pub fn ticks(&self) -> Vec<f64> {
        let rough = (self.high - self.low) / 4.0;
        let magnitude = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .iter()
            .map(|m| m * magnitude)
            .find(|s| *s >= rough)
            .unwrap_or(rough);
        let first = (self.low / step - 1e-9).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last).map(|i| i as f64 * step).collect()
    }

    /// Digits after the point that tell the ticks apart.
    pub fn decimals(&self) -> usize {
        let ticks = self.ticks();
        let step = match ticks.as_slice() {
            [a, b, ..] => b - a,
            _ => 1.0,
        };
        (-(step.log10() + 1e-9).floor()).clamp(0.0, 6.0) as usize
    }
}

/// Breaks a text into lines of at most `letters` where it can; a longer word is cut.
pub fn wrap(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = abbreviate(word, letters);
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= letters => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// At most `letters`, ending in an ellipsis if something was cut.
pub fn abbreviate(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let kept: String = text.chars().take(letters.saturating_sub(1)).collect();
    format!("{}\u{2026}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let axis = Axis::new(-12.3, 4.9, 0, 100);
        assert_eq!(axis.ticks(), [-10.0, -5.0, 0.0]);
        assert_eq!(axis.decimals(), 0);
        assert_eq!(Axis::new(0.0, 0.41, 0, 100).decimals(), 1);
        assert_eq!((axis.at(-99.0), axis.at(99.0)), (0, 100));
    }

    #[test]
    fn texts_break_at_words_and_long_words_are_cut() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("incomprehensibilities", 8), ["incompr\u{2026}"]);
        assert_eq!(
            abbreviate("\u{e9}t\u{e9} longer", 4),
            "\u{e9}t\u{e9}\u{2026}"
        );
    }
}
