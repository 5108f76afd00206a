//! Odds weights: the pool weighs `e / (1 - e) = exp(lp)`, participants 1 (Hirano, Imbens & Ridder
//! 2003, doi:10.1111/1468-0262.00442).

use super::{Metric, Tilt};
use std::borrow::Cow;

pub(super) fn tilt<'a>(metric: &'a Metric) -> Tilt<'a> {
    Tilt {
        of: Cow::Borrowed(&metric.score),
        nuisance: None,
    }
}
