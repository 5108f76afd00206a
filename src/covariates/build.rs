//! From named columns to the design matrix.

use super::{DesignMatrix, Form, Source, Term};
use crate::numeric::frame::{Column, Frame, MISSING};
use crate::study::{Covariate, CovariateKind};

/// A level with fewer participants than this cannot be estimated and is merged into `other`.
pub const MIN_PARTICIPANTS_PER_LEVEL: usize = 5;
/// More levels than this are not a category.
pub const MAX_LEVELS: usize = 500;

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
    /// levels with fewer than [`MIN_PARTICIPANTS_PER_LEVEL`] participants are merged; missing is
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
            match (c.kind, column) {
                (CovariateKind::Category, column) => matrix.add_category(c, column, treated)?,
                (_, Column::Number(v)) => matrix.add_number(c, v)?,
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
        Ok(matrix)
    }

    fn add_number(&mut self, c: &Covariate, values: Vec<f64>) -> Result<(), CovariateError> {
        if let Some(row) = values.iter().position(|v| v.is_infinite()) {
            return Err(bad(
                c,
                Some(row + 1),
                "is infinite; correct it or leave it blank",
            ));
        }
        let (mut sum, mut n, mut binary) = (0.0, 0usize, true);
        for &v in values.iter().filter(|v| !v.is_nan()) {
            sum += v;
            n += 1;
            binary &= v == 0.0 || v == 1.0;
        }
        if n == 0 {
            return Err(bad(
                c,
                None,
                "is blank in every row; leave it out of the design",
            ));
        }
        if c.kind == CovariateKind::Flag && !binary {
            return Err(bad(
                c,
                None,
                "is a flag but holds other numbers than 0 and 1",
            ));
        }
        let missing = n < values.len();
        let source = self.sources.len();
        let fallback = sum / n as f64;
        let term = |name: String, label: String, form, binary| Term {
            name,
            label,
            binary,
            in_model: true,
            reference: false,
            centre: 0.0,
            scale: 1.0,
            range: (0.0, 0.0),
            source,
            form,
            fallback,
        };
        self.terms.push(term(
            c.column.clone(),
            c.label.clone(),
            Form::Value,
            binary && !missing,
        ));
        if c.square {
            let (name, label) = (format!("{}^2", c.column), format!("{}, squared", c.label));
            self.terms.push(term(name, label, Form::Square, false));
        }
        if missing {
            let (name, label) = (
                format!("{} missing", c.column),
                format!("{}: not recorded", c.label),
            );
            self.terms.push(term(name, label, Form::Missing, true));
            let blank = values.len() - n;
            self.notes.push(format!(
                "`{}` is blank in {blank} rows: the mean of the others stands in, and an indicator is in the model",
                c.column
            ));
        }
        self.sources.push(Source::Number(values));
        Ok(())
    }

    fn add_category(
        &mut self,
        c: &Covariate,
        column: Column,
        treated: &[bool],
    ) -> Result<(), CovariateError> {
        let (mut codes, mut levels) = match column {
            Column::Category { codes, levels } => (codes, levels),
            Column::Number(values) => number_levels(c, &values)?,
        };
        if levels.len() > MAX_LEVELS {
            return Err(bad(
                c,
                None,
                "has more than 500 levels, too many for a category; group them first, or use a number",
            ));
        }
        if codes.contains(&MISSING) {
            let missing = levels.len() as u32;
            levels.push("missing".into());
            for code in codes.iter_mut().filter(|c| **c == MISSING) {
                *code = missing;
            }
        }
        self.merge_rare(c, &mut codes, &mut levels, treated);
        let mut counts = vec![0usize; levels.len()];
        for &code in &codes {
            counts[code as usize] += 1;
        }
        // The most frequent level; the first of equals.
        let reference =
            (0..levels.len()).fold(0, |best, l| if counts[l] > counts[best] { l } else { best });
        let source = self.sources.len();
        for (l, level) in levels.iter().enumerate() {
            if counts[l] == 0 {
                continue;
            }
            self.terms.push(Term {
                name: format!("{}={level}", c.column),
                label: format!("{}: {level}", c.label),
                binary: true,
                in_model: l != reference,
                reference: l == reference,
                centre: 0.0,
                scale: 1.0,
                range: (0.0, 0.0),
                source,
                form: Form::Level(l as u32),
                fallback: 0.0,
            });
        }
        self.sources.push(Source::Codes(codes));
        Ok(())
    }

    /// Merges levels with too few participants, and the next smallest when those are too few
    /// together, into `other`.
    fn merge_rare(
        &mut self,
        c: &Covariate,
        codes: &mut [u32],
        levels: &mut Vec<String>,
        treated: &[bool],
    ) {
        let mut participants = vec![0usize; levels.len()];
        let mut present = vec![false; levels.len()];
        for (&code, &t) in codes.iter().zip(treated) {
            present[code as usize] = true;
            participants[code as usize] += usize::from(t);
        }
        let mut by_size: Vec<usize> = (0..levels.len()).filter(|&l| present[l]).collect();
        by_size.sort_by_key(|&l| (participants[l], l));
        let mut rare = by_size
            .iter()
            .take_while(|&&l| participants[l] < MIN_PARTICIPANTS_PER_LEVEL)
            .count();
        if rare == 0 {
            return;
        }
        let together: usize = by_size[..rare].iter().map(|&l| participants[l]).sum();
        if rare == 1 || together < MIN_PARTICIPANTS_PER_LEVEL {
            rare = (rare + 1).min(by_size.len());
        }
        let merged = &by_size[..rare];
        let other = levels.len() as u32;
        let names: Vec<&str> = merged.iter().map(|&l| levels[l].as_str()).collect();
        self.notes.push(if rare == by_size.len() {
            format!(
                "`{}` is not in the model: all levels but one have fewer than {MIN_PARTICIPANTS_PER_LEVEL} participants; match on it exactly to compare like with like",
                c.column
            )
        } else {
            format!(
                "`{}`: levels with fewer than {MIN_PARTICIPANTS_PER_LEVEL} participants merged into `other`: {}",
                c.column,
                names.join(", ")
            )
        });
        let is_merged: Vec<bool> = (0..levels.len()).map(|l| merged.contains(&l)).collect();
        for code in codes.iter_mut().filter(|c| is_merged[**c as usize]) {
            *code = other;
        }
        levels.push(if levels.iter().any(|l| l == "other") {
            "other (merged)".into()
        } else {
            "other".into()
        });
    }

    /// Mean, standard deviation and range of every column, two passes a block.
    fn standardise(&mut self) {
        let mut buffer = vec![0.0; self.rows];
        for t in 0..self.terms.len() {
            let term = self.terms[t].clone();
            self.fill(&term, 0..self.rows, &mut buffer);
            let n = self.rows as f64;
            let mean = buffer.iter().sum::<f64>() / n;
            let (mut squares, mut low, mut high) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
            for &x in &buffer {
                squares += (x - mean) * (x - mean);
                low = f64::min(low, x);
                high = f64::max(high, x);
            }
            let term = &mut self.terms[t];
            term.range = (low, high);
            term.centre = mean;
            term.scale = if high > low {
                (squares / n).sqrt()
            } else {
                1.0
            };
        }
    }
}

/// Levels of a numeric column used as a category (a region code), in numeric order.
fn number_levels(c: &Covariate, values: &[f64]) -> Result<(Vec<u32>, Vec<String>), CovariateError> {
    let mut distinct: Vec<f64> = Vec::new();
    for &v in values.iter().filter(|v| !v.is_nan()) {
        if v.is_infinite() {
            return Err(bad(c, None, "holds an infinite number"));
        }
        if let Err(at) = distinct.binary_search_by(|d| d.total_cmp(&v)) {
            if distinct.len() == MAX_LEVELS {
                return Err(bad(
                    c,
                    None,
                    "has more than 500 different numbers, too many for a category; use kind = \"number\"",
                ));
            }
            distinct.insert(at, v);
        }
    }
    let codes = values
        .iter()
        .map(|v| {
            distinct
                .binary_search_by(|d| d.total_cmp(v))
                .map_or(MISSING, |i| i as u32)
        })
        .collect();
    Ok((codes, distinct.iter().map(f64::to_string).collect()))
}

fn bad(c: &Covariate, row: Option<usize>, rule: &str) -> CovariateError {
    CovariateError::BadColumn {
        column: c.column.clone(),
        row,
        rule: rule.into(),
    }
}
