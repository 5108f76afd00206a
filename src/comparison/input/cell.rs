//! Numbers as they are printed.

use super::Problem;

/// A printed number and how finely it is printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Printed {
    /// Its value, in the unit it stands in.
    pub value: f64,
    /// One unit of its last digit: 1 for `12`, 0.1 for `12.0`.
    pub step: f64,
}

impl Printed {
    /// The same in another unit.
    pub fn times(self, factor: f64) -> Printed {
        Printed {
            value: self.value * factor,
            step: self.step * factor,
        }
    }

    /// The furthest the unrounded number may lie from this one.
    pub fn slack(self) -> f64 {
        self.step / 2.0
    }

    /// Variance of a number rounded to this step, uniform within it.
    pub fn rounding(self) -> f64 {
        self.step * self.step / 12.0
    }
}

/// A number, or nothing where the cell is empty. A true minus sign is read like a hyphen.
pub(super) fn number(text: &str) -> Result<Option<Printed>, Problem> {
    let text = text.trim().replace('\u{2212}', "-");
    if text.is_empty() {
        return Ok(None);
    }
    let digits = |c: char| c.is_ascii_digit() || ".-+eE".contains(c);
    // Rust reads `inf` and `nan` as numbers; a table must not.
    if !text.chars().all(digits) {
        return Err(Problem::NotANumber);
    }
    let value: f64 = text.parse().map_err(|_| Problem::NotANumber)?;
    let (mantissa, power) = match text.split_once(['e', 'E']) {
        Some((m, p)) => (m, p.parse::<i32>().map_err(|_| Problem::NotANumber)?),
        None => (text.as_str(), 0),
    };
    let decimals = mantissa.split_once('.').map_or(0, |(_, d)| d.len());
    let decimals = i32::try_from(decimals).map_err(|_| Problem::NotANumber)?;
    let step = 10f64.powi(power.saturating_sub(decimals));
    match value.is_finite() && step.is_finite() {
        true => Ok(Some(Printed { value, step })),
        false => Err(Problem::NotANumber),
    }
}

/// A number of people.
pub(super) fn size(text: &str) -> Result<Option<u64>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => match text.parse::<u64>() {
            Ok(n) if n > 0 => Ok(Some(n)),
            _ => Err(Problem::Size),
        },
    }
}
