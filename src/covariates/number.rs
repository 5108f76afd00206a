//! Columns of numbers: the value, its square or spline, and where it is missing.

use super::build::{CovariateError, MIN_PARTICIPANTS_PER_LEVEL, bad};
use super::spline::NaturalSpline;
use super::{DesignMatrix, Form, Source, Term};
use crate::study::{Covariate, CovariateKind};
use rayon::prelude::*;

/// Larger than any measurement; squares of larger numbers leave the range of the arithmetic.
const TOO_LARGE: f64 = 1e100;

impl DesignMatrix {
    pub(super) fn add_number(
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
        let wanted = c.spline.unwrap_or(1);
        if let Some(spline) = spline(&values, wanted) {
            let index = self.splines.len() as u32;
            for column in 0..spline.columns() as u32 {
                let of = |name: &str| format!("{name} (spline {})", column + 1);
                let form = Form::Spline {
                    spline: index,
                    column,
                };
                let (name, label) = (of(&c.column), of(&c.label));
                self.terms.push(term(name, label, form, false));
            }
            if spline.columns() + 1 < wanted {
                self.notes.push(format!(
                    "`{}`: values repeat so much that its spline has {} columns, not {wanted}",
                    c.column,
                    spline.columns() + 1
                ));
            }
            self.splines.push(spline);
        } else if wanted > 1 {
            self.notes.push(format!(
                "`{}`: values repeat so much that there is no place for a spline; it enters as it is",
                c.column
            ));
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
        self.unmerged.push(None);
        self.sources.push(Source::Number(values));
        Ok(())
    }
}

/// A spline of the observed values, where one is asked for and has room.
fn spline(values: &[f64], columns: usize) -> Option<NaturalSpline> {
    if columns < 2 {
        return None;
    }
    let mut observed: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    observed.par_sort_unstable_by(f64::total_cmp);
    NaturalSpline::new(&observed, columns)
}
