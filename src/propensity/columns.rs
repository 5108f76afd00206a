//! Which columns the model keeps.

use super::PropensityError;
use super::pass::{Part, Rows, SUBSAMPLE_ABOVE, evaluate};
use super::problem::{MAX_COLUMNS, Problem};
use crate::numeric::symmetric::redundant_columns;

/// A column is redundant when this share of its sum of squares is left beside the earlier ones.
const REDUNDANT: f64 = 1e-11;

/// The model's columns less those that repeat earlier ones, and the latter.
///
/// At the intercept-only start every row has the same variance, so the information there is the
/// (weighted) Gram of the columns. A part of the rows can only make more columns look redundant,
/// never fewer: what it suspects, all rows confirm.
///
/// # Errors
/// No columns; more than [`MAX_COLUMNS`], asked before anything is allocated; as many coefficients
/// as rows, which fit any answer at all.
pub(super) fn kept(problem: &Problem) -> Result<(Vec<usize>, Vec<usize>), PropensityError> {
    let terms = problem.matrix.model_terms();
    if terms.is_empty() {
        return Err(PropensityError::NoColumns);
    }
    if terms.len() > MAX_COLUMNS {
        return Err(PropensityError::TooManyColumns {
            columns: terms.len(),
            most: MAX_COLUMNS,
            rule: "a model has at most 1000",
        });
    }
    let start = problem.intercept_only(terms.len());
    let redundant = |rows: &Rows| {
        let at = evaluate(problem, &terms, &start, rows);
        redundant_columns(&at.information, REDUNDANT)
    };
    let mut suspects = match Part::draw(problem, &terms) {
        Some(part) => redundant(&part.rows()),
        None => redundant(&Rows::All),
    };
    if !suspects.is_empty() && problem.treated.len() > SUBSAMPLE_ABOVE {
        suspects = redundant(&Rows::All);
    }
    let (mut kept, mut removed) = (Vec::new(), Vec::new());
    for (j, &t) in terms.iter().enumerate() {
        if suspects.contains(&(j + 1)) {
            removed.push(t)
        } else {
            kept.push(t)
        }
    }
    if kept.is_empty() {
        return Err(PropensityError::NoColumns);
    }
    let rows = match problem.weight {
        None => problem.treated.len(),
        Some(w) => w.iter().filter(|w| **w > 0.0).count(),
    };
    // Columns that differ leave at least one row to judge them by.
    if kept.len() + 1 >= rows {
        return Err(PropensityError::TooManyColumns {
            columns: terms.len(),
            most: rows.saturating_sub(2),
            rule: "with the intercept they must be fewer than the people",
        });
    }
    Ok((kept, removed))
}
