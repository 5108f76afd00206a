//! What every fit is given, checked once: columns, who took part, how much each row counts.

use super::PropensityError;
use crate::covariates::DesignMatrix;
use ndarray::{Array1, Array2};

/// A model has no more columns than this: the information matrix and its sixteen partial sums
/// then stay within 140 MB, and its factorisation within seconds.
pub(super) const MAX_COLUMNS: usize = 1_000;

/// Rows, targets and weights of a fit.
#[derive(Clone, Copy)]
pub(super) struct Problem<'a> {
    pub matrix: &'a DesignMatrix,
    pub treated: &'a [f64],
    /// Of mean 1, so that stopping rules mean the same whatever the unit of the weights.
    pub weight: Option<&'a [f64]>,
    /// Ridge penalty on the slopes of the standardised columns; 0 = none.
    pub alpha: f64,
}

/// Where a fit ended.
pub(super) struct Optimum {
    /// Intercept, then a coefficient a standardised column.
    pub gamma: Array1<f64>,
    pub iterations: u32,
    /// Of the likelihood there; `None` under a ridge penalty.
    pub information: Option<Array2<f64>>,
}

impl Problem<'_> {
    /// The model without covariates: ln(p / (1 - p)), then zeros.
    pub fn intercept_only(&self, columns: usize) -> Array1<f64> {
        let n = self.treated.len() as f64;
        let taking_part = match self.weight {
            None => self.treated.iter().sum::<f64>(),
            Some(w) => self.treated.iter().zip(w).map(|(t, w)| t * w).sum(),
        };
        let p = taking_part / n;
        let mut start = Array1::zeros(columns + 1);
        start[0] = (p / (1.0 - p)).ln();
        start
    }

    /// Both groups present, 0 and 1 only.
    pub fn check_groups(
        treated: &[f64],
        weight: Option<&[f64]>,
        rows: usize,
    ) -> Result<(), PropensityError> {
        for (what, len) in [
            ("entries that say who took part", treated.len()),
            ("weights", weight.map_or(rows, <[f64]>::len)),
        ] {
            if len != rows {
                return Err(PropensityError::Length { what, len, rows });
            }
        }
        if let Some(row) = treated.iter().position(|&t| t != 0.0 && t != 1.0) {
            return Err(PropensityError::Treatment { row: row + 1 });
        }
        let counts = |row: usize| weight.is_none_or(|w| w[row] > 0.0);
        let (mut participants, mut pool) = (0, 0);
        for (row, &t) in treated.iter().enumerate() {
            let n = if t > 0.5 {
                &mut participants
            } else {
                &mut pool
            };
            *n += usize::from(counts(row));
        }
        if participants == 0 || pool == 0 {
            return Err(PropensityError::OneGroup { participants, pool });
        }
        Ok(())
    }
}

/// The weights scaled to a mean of 1, and the mean they had.
///
/// # Errors
/// A weight that is negative, `NaN` or infinite, by row; weights that are all 0.
pub(super) fn unit_weights(weight: &[f64]) -> Result<(Vec<f64>, f64), PropensityError> {
    if let Some(row) = weight.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        return Err(PropensityError::Weight { row: row + 1 });
    }
    // By the largest first: the sum of huge weights would leave the range of the arithmetic.
    let largest = weight.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return Err(PropensityError::OneGroup {
            participants: 0,
            pool: 0,
        });
    }
    let mean = weight.iter().map(|w| w / largest).sum::<f64>() / weight.len() as f64;
    let scaled = weight.iter().map(|w| w / largest / mean).collect();
    Ok((scaled, mean * largest))
}
