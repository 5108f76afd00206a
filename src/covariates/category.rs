//! Columns of categories: levels, the rare ones merged, the most frequent one for reference.

use super::build::{CovariateError, MIN_PARTICIPANTS_PER_LEVEL, bad};
use super::{DesignMatrix, Form, Source, Term};
use crate::numeric::frame::{Column, MISSING};
use crate::study::Covariate;

/// More levels than this are not a category.
const MAX_LEVELS: usize = 500;

impl DesignMatrix {
    pub(super) fn add_category(
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
        self.unmerged.push((given != codes).then_some(given));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::frame::Frame;
    use crate::study::CovariateKind;

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
