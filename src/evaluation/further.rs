//! Analyses beside the main one: sub-groups and other pools, each with a design of its own. Who
//! they are about is chosen, and their designs are fixed, before any outcome is opened; the outcomes
//! of each open to its own design.

use super::{Context, fixed};
use crate::balance::Design;
use crate::cohort::Field;
use crate::covariates::CovariateError;
use crate::custody::Personal;
use crate::numeric::frame::{Column, Frame};
use crate::study::{AnalysisSpec, Study};
use std::collections::BTreeMap;

/// Most places that are looked at one by one.
const MOST_SITES: usize = 20;

/// What the list itself says of the participants, in their order; empty where it says nothing.
#[derive(Default)]
pub(super) struct Listed {
    /// Went through with the programme.
    pub completed: Vec<Option<bool>>,
    /// Where they took part: a place of [`Listed::places`].
    pub site: Vec<Option<usize>>,
    /// Names of places, each as it is first written.
    pub places: Vec<Personal>,
}

/// People chosen for an analysis, with the columns of their design.
pub(super) struct Chosen {
    spec: AnalysisSpec,
    /// The list lacks the column it goes by.
    unsaid: bool,
    /// It leaves out nobody of the main analysis.
    everybody: bool,
    rows: Vec<u32>,
    treated: Vec<bool>,
    frame: Frame,
}

/// An analysis with its design, or why there is none.
pub(super) struct Further {
    pub spec: AnalysisSpec,
    /// Rows of the whole table, in the order of the design's.
    pub rows: Vec<u32>,
    pub design: Result<Design, String>,
}

/// Chooses people for each analysis of the study.
///
/// # Errors
/// A column that is not there.
pub(super) fn choose(
    frame: &Frame,
    treated: &[bool],
    study: &Study,
    listed: &Listed,
) -> Result<Vec<Chosen>, CovariateError> {
    let of = |(spec, site): &(AnalysisSpec, Option<usize>)| {
        let mut keep = vec![true; treated.len()];
        // Participants come first: what the list says of each stands at its own row.
        if let Some(wanted) = spec.completed {
            let said = |r: usize| listed.completed.get(r).copied().flatten();
            for r in (0..keep.len()).filter(|&r| treated[r]) {
                keep[r] &= said(r) == Some(wanted);
            }
        }
        if let Some(site) = site {
            for r in (0..keep.len()).filter(|&r| treated[r]) {
                keep[r] &= listed.site.get(r).copied().flatten() == Some(*site);
            }
        }
        for (column, values) in &spec.only {
            narrow(&mut keep, &having(frame, column, values)?, |_| true);
        }
        for (column, values) in &spec.pool {
            narrow(&mut keep, &having(frame, column, values)?, |r| !treated[r]);
        }
        for column in &spec.pool_shares {
            let shared = shared(get(frame, column)?, treated, &keep);
            narrow(&mut keep, &shared, |r| !treated[r]);
        }
        let rows: Vec<u32> = (0..keep.len() as u32)
            .filter(|&r| keep[r as usize])
            .collect();
        Ok(Chosen {
            spec: spec.clone(),
            unsaid: spec.completed.is_some() && listed.completed.iter().all(Option::is_none),
            everybody: rows.len() == treated.len(),
            treated: rows.iter().map(|&r| treated[r as usize]).collect(),
            frame: frame.take(&rows),
            rows,
        })
    };
    one_a_site(study, listed).iter().map(of).collect()
}

/// The analyses asked for, and one for each place that enough people of the list share: a text that
/// so many share says nothing of any one of them. Fewer than two such places are no comparison.
fn one_a_site(study: &Study, listed: &Listed) -> Vec<(AnalysisSpec, Option<usize>)> {
    let enough = study.disclosure.min_matched.max(2) as usize;
    let people = |place: usize| listed.site.iter().filter(|s| **s == Some(place)).count();
    let mut places: Vec<usize> = (0..listed.places.len())
        .filter(|&p| people(p) >= enough)
        .collect();
    places.sort_by(|&a, &b| listed.places[a].expose().cmp(listed.places[b].expose()));
    places.truncate(MOST_SITES);
    let mut all = Vec::new();
    for spec in &study.analyses {
        match spec.each_site {
            false => all.push((spec.clone(), None)),
            true => all.extend(places.iter().enumerate().map(|(i, &place)| {
                let own = AnalysisSpec {
                    id: format!("{}-{}", spec.id, i + 1),
                    title: format!("{}: {}", spec.title, listed.places[place].expose()),
                    ..spec.clone()
                };
                (own, Some(place))
            })),
        }
    }
    all
}

impl Chosen {
    /// Fixes its design.
    pub(super) fn fix(self, study: &Study, context: &Context) -> Further {
        let participants = self.treated.iter().filter(|t| **t).count();
        let controlled = study.disclosure.mode.guards();
        let needed = study.disclosure.min_matched;
        let design = if self.unsaid {
            Err(format!(
                "the list does not say who completed it: fill in its column {}",
                Field::Completed.name()
            ))
        } else if self.everybody {
            Err(
                "it has the same people on both sides as the main analysis, and so the same answer"
                    .into(),
            )
        } else if controlled && participants < needed as usize {
            Err(format!("it has fewer than {needed} participants"))
        } else if participants == 0 {
            Err("no participant has what it asks for; check how the value is written".into())
        } else if participants == self.treated.len() {
            Err("nobody in the comparison pool has what it asks for".into())
        } else {
            fixed(self.frame, self.treated, study, context).map_err(|e| match controlled {
                // What sets a small group apart is a fact about its people.
                true => "no comparison group as alike as the study asks for could be made".into(),
                false => e.to_string(),
            })
        };
        Further {
            spec: self.spec,
            rows: self.rows,
            design,
        }
    }
}

impl Further {
    /// Participants the analysis is about, as rows of the whole table.
    pub(super) fn entered(&self, design: &Design) -> Vec<u32> {
        let rows = self.rows.iter().zip(design.treated());
        rows.filter(|p| *p.1).map(|p| *p.0).collect()
    }

    /// Those of them who were matched.
    pub(super) fn matched(&self, design: &Design) -> Vec<u32> {
        let rows = &design.matches().participants;
        rows.iter().map(|&r| self.rows[r as usize]).collect()
    }

    /// Who is compared, in words: "only where sex is F; of the pool only where region is North".
    /// Columns go by the covariates' labels where they are covariates.
    pub(super) fn condition(&self, study: &Study) -> String {
        let label = |column: &str| {
            let covariate = study.covariates.iter().find(|c| c.column == column);
            let label = covariate.map_or(column, |c| &c.label);
            format!("\u{201c}{label}\u{201d}")
        };
        let is = |chosen: &BTreeMap<String, Vec<String>>| {
            let each = chosen
                .iter()
                .map(|(column, values)| format!("{} is {}", label(column), values.join(" or ")));
            each.collect::<Vec<_>>().join(" and ")
        };
        let mut said = Vec::new();
        match self.spec.completed {
            Some(true) => said.push("participants who, by the list, completed it".to_owned()),
            Some(false) => {
                said.push("participants who, by the list, did not complete it".to_owned())
            }
            None => {}
        }
        if self.spec.each_site {
            said.push("participants of one place".to_owned());
        }
        if !self.spec.only.is_empty() {
            said.push(format!("only where {}", is(&self.spec.only)));
        }
        if !self.spec.pool.is_empty() {
            said.push(format!("of the pool only where {}", is(&self.spec.pool)));
        }
        if !self.spec.pool_shares.is_empty() {
            said.push(format!(
                "of the pool only those whose {} is also some participant\u{2019}s",
                self.spec
                    .pool_shares
                    .iter()
                    .map(|c| label(c))
                    .collect::<Vec<_>>()
                    .join(" and ")
            ));
        }
        said.join("; ")
    }
}

fn narrow(keep: &mut [bool], has: &[bool], concerns: impl Fn(usize) -> bool) {
    for (r, keep) in keep.iter_mut().enumerate() {
        *keep &= has[r] || !concerns(r);
    }
}

fn get<'a>(frame: &'a Frame, column: &str) -> Result<&'a Column, CovariateError> {
    frame.get(column).ok_or_else(|| CovariateError::NoColumn {
        column: column.to_owned(),
        have: frame.names().join(", "),
    })
}

/// Which rows have one of the values; numbers are compared as numbers, so that "1" is 1.0.
fn having(frame: &Frame, column: &str, values: &[String]) -> Result<Vec<bool>, CovariateError> {
    Ok(match get(frame, column)? {
        Column::Number(numbers) => {
            let wanted: Vec<f64> = values
                .iter()
                .filter_map(|v| v.trim().parse().ok())
                .collect();
            numbers.iter().map(|v| wanted.contains(v)).collect()
        }
        Column::Category { codes, levels } => {
            let wanted: Vec<bool> = levels.iter().map(|l| values.contains(l)).collect();
            let has = |&c: &u32| wanted.get(c as usize).copied().unwrap_or(false);
            codes.iter().map(has).collect()
        }
    })
}

/// Which rows have a value that a participant kept has; what is not recorded is shared by nobody.
fn shared(column: &Column, treated: &[bool], keep: &[bool]) -> Vec<bool> {
    let theirs = |r: usize| treated[r] && keep[r];
    match column {
        Column::Number(numbers) => {
            let mut held: Vec<f64> = (0..numbers.len())
                .filter(|&r| theirs(r) && !numbers[r].is_nan())
                .map(|r| numbers[r])
                .collect();
            held.sort_by(f64::total_cmp);
            let has = |v: &f64| held.binary_search_by(|h| h.total_cmp(v)).is_ok();
            numbers.iter().map(has).collect()
        }
        Column::Category { codes, levels } => {
            let mut held = vec![false; levels.len()];
            for (r, &code) in codes.iter().enumerate() {
                if theirs(r) && (code as usize) < held.len() {
                    held[code as usize] = true;
                }
            }
            let has = |&c: &u32| held.get(c as usize).copied().unwrap_or(false);
            codes.iter().map(has).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_as_numbers_and_as_words() {
        let mut frame = Frame::new(4);
        frame.push("n", Column::Number(vec![1.0, 2.0, f64::NAN, 1.0]));
        let words = [Some("F"), None, Some("M"), Some("F")];
        frame.push("w", Column::category(words));
        let one = having(&frame, "n", &["1".into()]).unwrap();
        assert_eq!(one, [true, false, false, true]);
        let either = having(&frame, "w", &["M".into(), "x".into()]).unwrap();
        assert_eq!(either, [false, false, true, false]);
        assert!(having(&frame, "gone", &[]).is_err());
        let treated = [true, false, false, false];
        let kept = [true; 4];
        let shares = |c: &str| shared(frame.get(c).unwrap(), &treated, &kept);
        assert_eq!(shares("n"), [true, false, false, true]);
        assert_eq!(shares("w"), [true, false, false, true]);
    }
}
