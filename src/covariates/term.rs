//! A column of the design matrix.

/// How a column is made from its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The number itself; missing = mean of the observed.
    Value,
    /// Its square.
    Square,
    /// One of the nonlinear columns of its natural cubic spline.
    Spline {
        /// Which spline of the matrix.
        spline: u32,
        /// Which of its columns, first = 0.
        column: u32,
    },
    /// 1 where the number is missing.
    Missing,
    /// 1 where the category is this level (code after merging).
    Level(u32),
}

/// A column of the design matrix.
#[derive(Debug, Clone)]
pub struct Term {
    /// `age`, `age^2`, `age (spline 1)`, `ethnicity=White`, `risk_score missing`.
    pub name: String,
    /// For people.
    pub label: String,
    /// Only 0 and 1 occur.
    pub binary: bool,
    /// Enters the propensity model (a category's reference level does not, nor do constant or
    /// collinear columns).
    pub in_model: bool,
    /// The reference level of a category.
    pub reference: bool,
    /// Mean over all rows.
    pub centre: f64,
    /// Standard deviation over all rows; 1 for a constant column.
    pub scale: f64,
    /// Smallest and largest value.
    pub range: (f64, f64),
    pub(super) source: usize,
    pub(super) form: Form,
    pub(super) fallback: f64,
}
