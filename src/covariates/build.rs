//! From named columns to the design matrix.

use super::values::Origin;
use super::{DesignMatrix, Form, Source, Term};
use crate::numeric::frame::{Column, Frame, MISSING};
use crate::numeric::gram::BLOCK;
use crate::numeric::simd::widest;
use crate::study::{Covariate, CovariateKind};
use rayon::prelude::*;

/// A level with fewer participants than this cannot be estimated and is merged into `other`.
pub const MIN_PARTICIPANTS_PER_LEVEL: usize = 5;
/// More levels than this are not a category.
pub const MAX_LEVELS: usize = 500;
/// Larger than any measurement; squares of larger numbers leave the range of the arithmetic.
const TOO_LARGE: f64 = 1e100;

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
            origins: Vec::new(),
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

    fn add_number(
        &mut self,
        c: &Covariate,
        values: Vec<f64>,
        treated: &[bool],
    ) -> Result<(), CovariateError> {
        if let Some(row) = values.iter().position(|v| v.is_infinite()) {
            return Err(bad(
                c,
                Some(row + 1),
                "is infinite; correct it or leave it blank",
            ));
        }
        if let Some(row) = values.iter().position(|v| v.abs() > TOO_LARGE) {
            return Err(bad(
                c,
                Some(row + 1),
                "is larger than any measurement can be; correct it or leave it blank",
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
            let of_participants = values
                .iter()
                .zip(treated)
                .filter(|(v, t)| **t && v.is_nan())
                .count();
            // As with rare levels: a handful of blanks must not tell people apart perfectly.
            let estimable = of_participants >= MIN_PARTICIPANTS_PER_LEVEL;
            self.terms.push(Term {
                in_model: estimable,
                ..term(name, label, Form::Missing, true)
            });
            let blank = values.len() - n;
            self.notes.push(format!(
                "`{}` is blank in {blank} row{}: the mean of the others stands in, and an indicator is {}",
                c.column,
                if blank == 1 { "" } else { "s" },
                if estimable {
                    "in the model"
                } else {
                    "looked at in the balance only, as fewer than 5 participants are blank"
                }
            ));
        }
        self.sources.push(Source::Number(values));
        self.origins.push(Origin {
            column: c.column.clone(),
            unmerged: None,
        });
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
        if occurring(&codes, levels.len()) > MAX_LEVELS {
            return Err(bad(
                c,
                None,
                "has more than 500 levels, too many for a category; group them first, or use a number",
            ));
        }
        if codes.contains(&MISSING) {
            let missing = levels.len() as u32;
            levels.push(new_level(&levels, "missing", "not recorded"));
            for code in codes.iter_mut().filter(|c| **c == MISSING) {
                *code = missing;
            }
        }
        let given = codes.clone();
        let estimable = self.merge_rare(c, &mut codes, &mut levels, treated);
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
                in_model: estimable && l != reference,
                reference: l == reference,
                centre: 0.0,
                scale: 1.0,
                range: (0.0, 0.0),
                source,
                form: Form::Level(l as u32),
                fallback: 0.0,
            });
        }
        self.origins.push(Origin {
            column: c.column.clone(),
            unmerged: (given != codes).then_some(given),
        });
        self.sources.push(Source::Codes(codes));
        Ok(())
    }

    /// Merges levels with too few participants, and the next smallest when those are too few
    /// together, into `other`. Should that leave one level only, the covariate would be gone from
    /// model and balance alike: then no more is merged than the levels without any participant,
    /// and when even that leaves one, nothing is. False when no coefficient can be estimated.
    fn merge_rare(
        &mut self,
        c: &Covariate,
        codes: &mut [u32],
        levels: &mut Vec<String>,
        treated: &[bool],
    ) -> bool {
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
            return true;
        }
        let together: usize = by_size[..rare].iter().map(|&l| participants[l]).sum();
        if rare == 1 || together < MIN_PARTICIPANTS_PER_LEVEL {
            rare = (rare + 1).min(by_size.len());
        }
        let mut rule = format!("fewer than {MIN_PARTICIPANTS_PER_LEVEL} participants");
        if rare == by_size.len() && rare > 1 {
            let empty = by_size
                .iter()
                .take_while(|&&l| participants[l] == 0)
                .count();
            rare = if empty == 0 { 0 } else { empty + 1 };
            rule = "no participants, and the smallest other,".into();
            if rare == 0 || rare >= by_size.len() {
                let note = if rare == 0 {
                    "levels with few participants are kept: merged, they would leave one level"
                } else {
                    "left out of the model, as all participants are at one level; its balance is still looked at"
                };
                self.notes.push(format!("`{}`: {note}", c.column));
                return rare == 0;
            }
        }
        let merged = &by_size[..rare];
        let other = levels.len() as u32;
        let names: Vec<&str> = merged.iter().map(|&l| levels[l].as_str()).collect();
        self.notes.push(format!(
            "`{}`: levels with {rule} merged into `other`: {}",
            c.column,
            names.join(", ")
        ));
        let is_merged: Vec<bool> = (0..levels.len()).map(|l| merged.contains(&l)).collect();
        for code in codes.iter_mut().filter(|c| is_merged[**c as usize]) {
            *code = other;
        }
        levels.push(new_level(levels, "other", "merged"));
        true
    }

    /// Mean, standard deviation and range of every column, in one pass each, a block at a time.
    fn standardise(&mut self) {
        let moments: Vec<(f64, f64, (f64, f64))> = (0..self.terms.len())
            .into_par_iter()
            .map(|t| widest(|| self.moments(&self.terms[t])))
            .collect();
        for (term, (mean, sd, range)) in self.terms.iter_mut().zip(moments) {
            term.range = range;
            term.centre = mean;
            term.scale = if range.1 > range.0 { sd } else { 1.0 };
        }
    }

    #[inline(always)]
    fn moments(&self, term: &Term) -> (f64, f64, (f64, f64)) {
        let n = self.rows as f64;
        let mut block = [0.0; BLOCK];
        // Sums around a value of the column itself lose no digits to a far-off mean.
        let origin = if self.rows > 0 {
            self.value(term, 0)
        } else {
            0.0
        };
        let (mut sum, mut squares) = (0.0, 0.0);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for from in (0..self.rows).step_by(BLOCK) {
            let len = BLOCK.min(self.rows - from);
            self.fill(term, from..from + len, &mut block);
            let (mut s, mut q) = ([0.0; 8], [0.0; 8]);
            for part in block[..len].chunks(8) {
                for (i, &x) in part.iter().enumerate() {
                    let d = x - origin;
                    s[i] += d;
                    q[i] += d * d;
                    low = if x < low { x } else { low };
                    high = if x > high { x } else { high };
                }
            }
            sum += s.iter().sum::<f64>();
            squares += q.iter().sum::<f64>();
        }
        let mean = sum / n;
        let variance = squares / n - mean * mean;
        let centre = origin + mean;
        // An odd first row, or squares out of range: once more, around the mean and in units of
        // the range, so that no digits and no square are lost.
        let safe = variance.is_normal() && mean * mean < 1e6 * variance;
        let sd = if safe || high <= low {
            variance.max(0.0).sqrt()
        } else {
            self.spread(term, centre, high - low)
        };
        (centre, sd, (low, high))
    }

    /// Standard deviation around `centre`, computed in units of `span`.
    fn spread(&self, term: &Term, centre: f64, span: f64) -> f64 {
        let squares: f64 = (0..self.rows)
            .map(|row| {
                let d = (self.value(term, row) - centre) / span;
                d * d
            })
            .sum();
        span * (squares / self.rows as f64).sqrt()
    }
}

/// A level of the engine's own making: `name`, or with `what` it is behind it where the data have
/// a level of that name.
fn new_level(levels: &[String], name: &str, what: &str) -> String {
    let mut level = name.to_owned();
    while levels.contains(&level) {
        level = format!("{level} ({what})");
    }
    level
}

/// How many of the levels occur: a register declares more than a cohort's pool shows.
fn occurring(codes: &[u32], levels: usize) -> usize {
    let mut present = vec![false; levels];
    for &code in codes.iter().filter(|c| **c != MISSING) {
        present[code as usize] = true;
    }
    present.into_iter().filter(|p| *p).count()
}

/// Levels of a numeric column used as a category (a region code), in numeric order.
fn number_levels(c: &Covariate, values: &[f64]) -> Result<(Vec<u32>, Vec<String>), CovariateError> {
    let mut distinct: Vec<f64> = Vec::new();
    // + 0.0 makes -0 and 0 one value.
    for v in values.iter().filter(|v| !v.is_nan()).map(|v| v + 0.0) {
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
                .binary_search_by(|d| d.total_cmp(&(v + 0.0)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_the_engines_making_never_share_a_name_with_the_datas() {
        let levels = |names: &[&str]| names.iter().map(|n| n.to_string()).collect::<Vec<_>>();
        let (none, one) = (levels(&["a"]), levels(&["a", "missing"]));
        assert_eq!(new_level(&none, "missing", "not recorded"), "missing");
        let second = new_level(&one, "missing", "not recorded");
        assert_eq!(second, "missing (not recorded)");
        let both = levels(&["missing", "missing (not recorded)"]);
        let third = new_level(&both, "missing", "not recorded");
        assert!(!both.contains(&third));
    }

    #[test]
    fn a_level_called_missing_and_real_blanks_are_two_terms() {
        let values = (0..60).map(|i| match i % 3 {
            0 => None,
            1 => Some("missing"),
            _ => Some("here"),
        });
        let mut frame = Frame::new(60);
        frame.push("place", Column::category(values));
        let treated: Vec<bool> = (0..60).map(|i| i % 2 == 0).collect();
        let place = Covariate {
            column: "place".into(),
            label: "Place".into(),
            kind: CovariateKind::Category,
            square: false,
            spline: None,
        };
        let matrix = DesignMatrix::build(&mut frame, &treated, &[place]).unwrap();
        let mut names: Vec<&str> = matrix.terms().iter().map(|t| t.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "place=here",
                "place=missing",
                "place=missing (not recorded)"
            ]
        );
    }
}
