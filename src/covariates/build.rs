//! From named columns to the design matrix.

use super::{DesignMatrix, Form};
use crate::numeric::frame::{Column, Frame};
use crate::study::{Covariate, CovariateKind};

/// A level with fewer participants than this cannot be estimated and is merged into `other`.
pub const MIN_PARTICIPANTS_PER_LEVEL: usize = 5;

/// What can go wrong with covariates.
#[derive(Debug, thiserror::Error)]
pub enum CovariateError {
    /// A column the design needs is not there.
    #[error("there is no column `{column}` among: {have}")]
    NoColumn {
        /// Which.
        column: String,
        /// The columns there are.
        have: String,
    },
    /// A column breaks a rule.
    #[error("column `{column}`{}: {rule}", row.map(|r| format!(", row {r}")).unwrap_or_default())]
    BadColumn {
        /// Which.
        column: String,
        /// Data row (first = 1), where one is at fault.
        row: Option<usize>,
        /// The rule and what to do.
        rule: String,
    },
    /// Nothing to match on.
    #[error("no covariates: name at least one column that was measured before the start")]
    Empty,
}

impl DesignMatrix {
    /// Builds the matrix. Columns are taken out of the frame as they are used.
    ///
    /// `treated` has one entry a row. Categories are coded against their most frequent level;
    /// levels with fewer than five participants are merged; missing is
    /// a level of a category, and for a number an indicator beside the mean of the observed.
    ///
    /// # Errors
    /// When a column is absent, empty, infinite or of the wrong kind.
    pub fn build(
        frame: &mut Frame,
        treated: &[bool],
        covariates: &[Covariate],
    ) -> Result<DesignMatrix, CovariateError> {
        if covariates.is_empty() {
            return Err(CovariateError::Empty);
        }
        let mut matrix = DesignMatrix {
            sources: Vec::new(),
            names: Vec::new(),
            unmerged: Vec::new(),
            splines: Vec::new(),
            terms: Vec::new(),
            rows: frame.rows(),
            notes: Vec::new(),
        };
        for c in covariates {
            let column = frame
                .remove(&c.column)
                .ok_or_else(|| CovariateError::NoColumn {
                    column: c.column.clone(),
                    have: frame.names().join(", "),
                })?;
            matrix.names.push(c.column.clone());
            match (c.kind, column) {
                (CovariateKind::Category, column) => matrix.add_category(c, column, treated)?,
                (_, Column::Number(v)) => matrix.add_number(c, v, treated)?,
                (_, Column::Category { .. }) => {
                    return Err(bad(
                        c,
                        None,
                        "holds text where the study says numbers; say kind = \"category\"",
                    ));
                }
            }
        }
        matrix.standardise();
        let constant: Vec<usize> = (0..matrix.terms.len())
            .filter(|&t| {
                let t = &matrix.terms[t];
                t.in_model && t.range.0 == t.range.1
            })
            .collect();
        matrix.remove_from_model(&constant, "it is the same for everybody");
        let one_sided: Vec<usize> = (0..matrix.terms.len())
            .filter(|&t| matrix.is_one_sided(t, treated))
            .collect();
        matrix.remove_from_model(
            &one_sided,
            "all participants are alike on it and the others are not, so that it has no coefficient; its balance is still looked at",
        );
        Ok(matrix)
    }

    /// Is this a 0/1 number on which all participants are alike, and the others are not? A small
    /// cohort easily holds nobody with a rare need; its coefficient would run away, and no study
    /// would be left. (When the others are alike too, the column is who took part: that is refused.)
    fn is_one_sided(&self, term: usize, treated: &[bool]) -> bool {
        let t = &self.terms[term];
        if !t.in_model || !t.binary || matches!(t.form, Form::Level(_)) {
            return false;
        }
        let (mut seen, x) = ([[false; 2]; 2], self.column(term));
        for (x, &took_part) in x.iter().zip(treated) {
            seen[usize::from(took_part)][usize::from(*x > 0.5)] = true;
        }
        seen[1] != [true, true] && seen[0] == [true, true]
    }
}

pub(super) fn bad(c: &Covariate, row: Option<usize>, rule: &str) -> CovariateError {
    CovariateError::BadColumn {
        column: c.column.clone(),
        row,
        rule: rule.into(),
    }
}
