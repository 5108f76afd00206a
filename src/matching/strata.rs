//! Exact strata: one number a row, equal where every exact column is.

use super::MatchError;
use crate::covariates::{DesignMatrix, Values};
use crate::numeric::frame::{Column, Frame};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// What stands for a missing number; no number has these bits.
pub(super) const MISSING: u64 = u64::MAX;

/// Numbers the combinations of the `exact` columns, in order of first appearance; missing is a
/// value of its own. Empty when there are no exact columns.
///
/// # Errors
/// When a column is absent.
pub fn strata(frame: &Frame, exact: &[String]) -> Result<Vec<u32>, MatchError> {
    let mut strata: Vec<u32> = Vec::new();
    for name in exact {
        let column = frame.get(name).ok_or_else(|| no_column(name))?;
        strata = match column {
            Column::Number(v) => cross(&strata, v.iter().map(|&v| bits(v))),
            Column::Category { codes, .. } => cross(&strata, codes.iter().map(|&c| u64::from(c))),
        };
    }
    Ok(strata)
}

/// The named covariates as they were given; every one where none is named.
pub(super) fn columns<'a>(
    matrix: &'a DesignMatrix,
    named: &'a [String],
) -> Result<Vec<(&'a str, Values<'a>)>, MatchError> {
    let of = |name: &'a str| match matrix.values(name) {
        Some(values) => Ok((name, values)),
        None => Err(no_column(name)),
    };
    match named {
        [] => matrix.covariates().map(of).collect(),
        names => names.iter().map(|n| of(n)).collect(),
    }
}

/// A number as a value to agree on exactly.
pub(super) fn bits(v: f64) -> u64 {
    // + 0.0 makes -0 and 0 one value.
    if v.is_nan() {
        MISSING
    } else {
        (v + 0.0).to_bits()
    }
}

/// Numbers the combinations of `before` (empty = all alike) and the values, in order of first
/// appearance: fewer than rows, whatever the values.
pub(super) fn cross(before: &[u32], values: impl ExactSizeIterator<Item = u64>) -> Vec<u32> {
    let mut numbers: HashMap<(u32, u64), u32, BuildHasherDefault<Mix>> = HashMap::default();
    values
        .enumerate()
        .map(|(row, value)| {
            let before = before.get(row).copied().unwrap_or(0);
            let next = numbers.len() as u32;
            *numbers.entry((before, value)).or_insert(next)
        })
        .collect()
}

fn no_column(name: &str) -> MatchError {
    MatchError::NoColumn {
        column: name.to_owned(),
    }
}

/// Mixes two words: one look-up a row and column wants no more than a few multiplications.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        let x = (self.0 ^ (self.0 >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        x ^ (x >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&b| self.write_u64(u64::from(b)));
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
