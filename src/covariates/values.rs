//! The covariates as they were given, for methods that compare people column by column.

use super::{DesignMatrix, Source};

/// A covariate as it was given: no level merged, blanks still blank.
#[derive(Debug, Clone, Copy)]
pub enum Values<'a> {
    /// Numbers, one a row; `NaN` = missing.
    Number(&'a [f64]),
    /// Codes of a category, one a row, rare levels apart; missing is a code of its own.
    Codes(&'a [u32]),
}

impl DesignMatrix {
    /// Columns of the covariates, in the order of the study.
    pub fn covariates(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// A covariate's values; `None` when there is no such column.
    pub fn values(&self, column: &str) -> Option<Values<'_>> {
        let at = self.names.iter().position(|n| n == column)?;
        Some(match (&self.sources[at], &self.unmerged[at]) {
            (Source::Number(v), _) => Values::Number(v),
            (Source::Codes(_), Some(codes)) | (Source::Codes(codes), None) => Values::Codes(codes),
        })
    }
}
