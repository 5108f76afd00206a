//! How numbers are written: rounding, thousands, signs. One place, so that a sentence, a table and
//! a figure can never round the same number differently.

use crate::study::OutcomeKind;

/// Significance is judged at this level throughout.
pub const ALPHA: f64 = 0.05;

/// Rounds half away from zero, never to minus zero. Binary noise in the last digits (28.4999...96 for
/// 28.5) is taken off first, so that a number rounds as it reads.
pub fn round_to(x: f64, decimals: usize) -> f64 {
    let unit = 10f64.powi(decimals as i32);
    let tidy = (x * unit * 1e7).round() / 1e7;
    let rounded = tidy.round() / unit;
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// `-1234.5` to `−1,234.50`: a true minus sign (screen readers say it), commas from a thousand on.
pub fn fixed(x: f64, decimals: usize) -> String {
    if !x.is_finite() {
        return "not known".into();
    }
    let rounded = round_to(x, decimals);
    let digits = format!("{:.decimals$}", rounded.abs());
    let (integer, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut out = String::new();
    if rounded < 0.0 {
        out.push('\u{2212}');
    }
    for (i, digit) in integer.chars().enumerate() {
        if i > 0 && (integer.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A number of people.
pub fn count(n: u64) -> String {
    fixed(n as f64, 0)
}

/// A number of people known only roughly: two significant digits, rounded up so that it suffices.
pub fn about(n: u64) -> String {
    let mut unit = 1;
    while n / unit >= 100 {
        unit *= 10;
    }
    count(n.div_ceil(unit) * unit)
}

/// What disclosure control prints for any p that is not below [`ALPHA`].
const NOT_BELOW: f64 = ALPHA;

/// p to two decimals; a third one where two would say 0.05 and leave the reader unsure of the side.
/// In bands, where it was released so.
pub fn p_value(p: f64) -> String {
    if p == NOT_BELOW {
        return "0.05 or more".into();
    }
    if p == 0.000_999 {
        return "<0.001".into();
    }
    if p < 0.01 {
        return "<0.01".into();
    }
    if round_to(p, 2) != ALPHA {
        return fixed(p, 2);
    }
    match (round_to(p, 3) == ALPHA, p < ALPHA) {
        (false, _) => fixed(p, 3),
        (true, true) => "<0.05".into(),
        (true, false) => "0.05".into(),
    }
}

/// Whole per cent; `<1%` where some people would otherwise round to none.
pub fn percent(value: f64, people: u64) -> String {
    match (people > 0, round_to(value, 0)) {
        (true, r) if r < 1.0 => "<1%".into(),
        (_, r) => format!("{}%", fixed(r, 0)),
    }
}

/// How the values of an outcome are written in tables.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Multiplies the stored value: 100 for a share of people.
    pub factor: f64,
    /// Digits after the point.
    pub decimals: usize,
    /// Written after a group's value: `%` or nothing.
    pub suffix: &'static str,
}

impl Scale {
    /// Rates and days whole, frequencies to two decimals; other numbers as finely as their
    /// interval's width deserves.
    pub fn of(kind: OutcomeKind, interval_width: Option<f64>) -> Scale {
        let (factor, decimals, suffix) = match kind {
            // Levels are shown one by one, each a share of people.
            OutcomeKind::Binary | OutcomeKind::Ordered | OutcomeKind::Categories => (100.0, 0, "%"),
            OutcomeKind::Count => (1.0, 2, ""),
            OutcomeKind::Duration => (1.0, 0, ""),
            OutcomeKind::Continuous | OutcomeKind::Survival => match interval_width {
                Some(w) if w >= 20.0 => (1.0, 0, ""),
                Some(w) if w >= 2.0 => (1.0, 1, ""),
                _ => (1.0, 2, ""),
            },
        };
        Scale {
            factor,
            decimals,
            suffix,
        }
    }

    /// The value as a rounded number on this scale.
    pub fn rounded(&self, x: f64) -> f64 {
        round_to(x * self.factor, self.decimals)
    }

    /// A group's value.
    pub fn value(&self, x: f64) -> String {
        format!("{}{}", self.difference(x), self.suffix)
    }

    /// A difference between groups: no suffix, its unit stands in the heading.
    pub fn difference(&self, x: f64) -> String {
        fixed(x * self.factor, self.decimals)
    }

    /// `low to high`. A limit that is not zero but would be written so gets the digits it needs when
    /// the interval lies on one side: the writing must not blur what the interval says.
    pub fn interval(&self, low: f64, high: f64) -> String {
        let one_sided = low > 0.0 || high < 0.0;
        let write = |x: f64| {
            let mut decimals = self.decimals;
            while one_sided && round_to(x * self.factor, decimals) == 0.0 && decimals < 6 {
                decimals += 1;
            }
            match (
                one_sided && round_to(x * self.factor, decimals) == 0.0,
                x > 0.0,
            ) {
                (true, true) => "just over 0".into(),
                (true, false) => "just under 0".into(),
                _ => fixed(x * self.factor, decimals),
            }
        };
        format!("{} to {}", write(low), write(high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_as_they_read_and_never_to_minus_zero() {
        assert_eq!(fixed(-0.4, 0), "0");
        assert_eq!(fixed(-0.004, 2), "0.00");
        assert_eq!(fixed(0.285 * 100.0, 0), "29");
        assert_eq!(fixed(-1234567.5, 1), "\u{2212}1,234,567.5");
        assert_eq!(fixed(f64::NAN, 1), "not known");
    }

    #[test]
    fn p_keeps_to_its_side_of_the_line() {
        for (p, written) in [
            (0.0099, "<0.01"),
            (0.01, "0.01"),
            (0.034, "0.03"),
            (0.046, "0.046"),
            (0.0499, "<0.05"),
            (0.0501, "0.05"),
            // as disclosure control has them
            (0.000_999, "<0.001"),
            (0.009_99, "<0.01"),
            (0.049_9, "<0.05"),
            (0.05, "0.05 or more"),
            (0.052, "0.052"),
            (0.061, "0.06"),
            (1.0, "1.00"),
        ] {
            assert_eq!(p_value(p), written);
        }
    }

    #[test]
    fn rough_numbers_of_people_round_up() {
        assert_eq!(about(87), "87");
        assert_eq!(about(1231), "1,300");
        assert_eq!(about(1200), "1,200");
    }

    #[test]
    fn a_few_people_are_never_none_per_cent() {
        assert_eq!(percent(0.2, 3), "<1%");
        assert_eq!(percent(0.0, 0), "0%");
        assert_eq!(percent(99.6, 300), "100%");
    }

    #[test]
    fn an_interval_on_one_side_is_written_on_one_side() {
        let rate = Scale::of(OutcomeKind::Binary, None);
        assert_eq!(rate.interval(-0.08, -0.002), "\u{2212}8 to \u{2212}0.2");
        assert_eq!(rate.interval(-0.08, 0.002), "\u{2212}8 to 0");
    }
}
