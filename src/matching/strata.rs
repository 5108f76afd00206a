//! Exact strata: one number a row, equal where every exact column is.

use super::MatchError;
use crate::numeric::frame::{Column, Frame};
use std::collections::HashMap;

/// Numbers the combinations of the `exact` columns, in order of first appearance; missing is a
/// value of its own. Empty when there are no exact columns.
///
/// # Errors
/// When a column is absent.
pub fn strata(frame: &Frame, exact: &[String]) -> Result<Vec<u32>, MatchError> {
    let mut strata: Vec<u32> = Vec::new();
    for name in exact {
        let column = frame.get(name).ok_or_else(|| MatchError::NoColumn {
            column: name.clone(),
        })?;
        let value = |row: usize| match column {
            Column::Number(v) if v[row].is_nan() => u64::MAX,
            // + 0.0 makes -0 and 0 one value.
            Column::Number(v) => (v[row] + 0.0).to_bits(),
            Column::Category { codes, .. } => u64::from(codes[row]),
        };
        let mut numbers: HashMap<(u32, u64), u32> = HashMap::new();
        strata = (0..frame.rows())
            .map(|row| {
                let before = strata.get(row).copied().unwrap_or(0);
                let next = numbers.len() as u32;
                *numbers.entry((before, value(row))).or_insert(next)
            })
            .collect();
    }
    Ok(strata)
}
