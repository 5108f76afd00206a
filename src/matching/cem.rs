//! Coarsened exact matching (Iacus, King & Porro 2012, doi:10.1093/pan/mpr013): numbers are cut
//! into bins, and people match who share every bin and category. How far apart counterparts may be
//! is then known beforehand, column by column; how many find one is not.
//!
//! # Formula
//! A column is cut at its `cutpoints` where the settings name it, else into `ceil(log2 n + 1)` bins
//! of equal width over its range (Sturges 1926, doi:10.1080/01621459.1926.10502161), n the rows in
//! which it is known. A bin holds its lower end, the last one both. Missing is a bin of its own;
//! categories stay as they came. These are the bins of R's MatchIt 4.7. Weights are those of
//! [`cells`].
//!
//! Bins count rows, and so do not know sampling weights: a person who stands for many moves no cut.
//!
//! Cost: two passes a column.

use super::sets::Matches;
use super::{MatchError, Metric, cells, strata};
use crate::covariates::Values;
use crate::study::MatchSettings;

pub(super) fn run(metric: &Metric, settings: &MatchSettings) -> Result<Matches, MatchError> {
    let matrix = metric
        .matrix
        .ok_or(MatchError::NoColumns { method: "cem" })?;
    let columns = strata::columns(matrix, &settings.columns)?;
    for name in settings.cutpoints.keys() {
        let number = |c: &(&str, Values)| c.0 == name && matches!(c.1, Values::Number(_));
        if !columns.iter().any(number) {
            return Err(MatchError::Settings {
                setting: "cutpoints",
                rule: format!(
                    "`{name}` is no number among the columns matched on; categories are matched as they are"
                ),
            });
        }
    }
    let mut cell = metric.strata.to_vec();
    for (name, values) in columns {
        cell = match values {
            Values::Codes(codes) => strata::cross(&cell, codes.iter().map(|&c| u64::from(c))),
            Values::Number(v) => {
                let sturges;
                let cuts = match settings.cutpoints.get(name) {
                    Some(cuts) => cuts,
                    None => {
                        sturges = sturges_cuts(v);
                        &sturges
                    }
                };
                strata::cross(&cell, v.iter().map(|&x| bin(cuts, x)))
            }
        };
    }
    Ok(cells::matched(metric, &cell))
}

/// Inner cuts of equal bins, ascending; none where all values are the same.
fn sturges_cuts(values: &[f64]) -> Vec<f64> {
    let known = values.iter().filter(|v| !v.is_nan());
    let (mut n, mut low, mut high) = (0.0f64, f64::INFINITY, f64::NEG_INFINITY);
    for &v in known {
        n += 1.0;
        low = low.min(v);
        high = high.max(v);
    }
    if n == 0.0 || low == high {
        return Vec::new();
    }
    let bins = (n.log2() + 1.0).ceil();
    let width = (high - low) / bins;
    (1..bins as usize).map(|k| low + k as f64 * width).collect()
}

fn bin(cuts: &[f64], x: f64) -> u64 {
    match x.is_nan() {
        true => strata::MISSING,
        false => cuts.partition_point(|&cut| cut <= x) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_values_are_cut_into_four_bins_that_hold_their_lower_ends() {
        // ceil(log2 8 + 1) = 4 bins over 0..8: cuts at 2, 4, 6.
        let v = [0.0, 1.0, 2.0, 3.9, 4.0, 6.0, 7.0, 8.0];
        let cuts = sturges_cuts(&v);
        assert_eq!(cuts, [2.0, 4.0, 6.0]);
        let bins: Vec<u64> = v.iter().map(|&x| bin(&cuts, x)).collect();
        assert_eq!(bins, [0, 0, 1, 1, 2, 3, 3, 3]);
        assert_eq!(bin(&cuts, f64::NAN), strata::MISSING);
    }

    #[test]
    fn one_value_or_none_is_one_bin() {
        assert!(sturges_cuts(&[3.0, 3.0, f64::NAN]).is_empty());
        assert!(sturges_cuts(&[f64::NAN]).is_empty());
        assert!(sturges_cuts(&[]).is_empty());
    }
}
