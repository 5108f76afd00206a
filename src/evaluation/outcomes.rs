//! Outcomes from their columns to findings: a row each, and one a level where there are levels.

use super::{EvaluationError, bootstrapped, summary};
use crate::bootstrap::Resamples;
use crate::disclosure::findings::OutcomeFinding;
use crate::disclosure::{Cell, EachSide};
use crate::effect::survival::SurvivalFit;
use crate::effect::{self, Estimate, EstimateError, OutcomeData};
use crate::matching::Matches;
use crate::numeric::frame::{Column, Frame};
use crate::register::RegisterError;
use crate::register::own_table::Vault;
use crate::study::{OutcomeSpec, Study};
use std::borrow::Cow;

const TEXT: &str =
    "is an outcome and must hold numbers, but holds text; for levels say kind = \"categories\"";

/// One row of results.
pub(super) struct Row {
    pub finding: OutcomeFinding,
    pub estimate: Option<Estimate>,
    pub cell: Cell,
}

/// An outcome, or a level of one, with its columns.
pub(super) struct Item<'a> {
    pub spec: OutcomeSpec,
    values: Cow<'a, [f64]>,
    given: Option<&'a [f64]>,
    exposure: Option<&'a [f64]>,
}

impl Item<'_> {
    pub(super) fn data(&self) -> OutcomeData<'_> {
        OutcomeData {
            values: &self.values,
            given: self.given,
            exposure: self.exposure,
        }
    }
}

/// The outcomes with their columns; those with levels give an item for each level.
pub(super) fn items<'a>(
    specs: &[OutcomeSpec],
    outcomes: &'a Frame,
) -> Result<Vec<Item<'a>>, EvaluationError> {
    let mut items = Vec::new();
    for spec in specs {
        if !spec.kind.has_levels() {
            let data = data(spec, outcomes)?;
            items.push(Item {
                spec: spec.clone(),
                values: Cow::Borrowed(data.values),
                given: data.given,
                exposure: data.exposure,
            });
            continue;
        }
        let Some(column) = outcomes.get(&spec.column) else {
            return Err(not_numbers(&spec.column));
        };
        items.extend(effect::levels(spec, column)?.into_iter().map(|level| Item {
            spec: level.spec,
            values: Cow::Owned(level.values),
            given: None,
            exposure: None,
        }));
    }
    Ok(items)
}

/// The row of one item; `resamples` where its error is the bootstrap's.
pub(super) fn row(
    item: &Item,
    matches: &Matches,
    study: &Study,
    resamples: Option<&Resamples>,
) -> Result<Row, EvaluationError> {
    let (finding, estimate) = outcome(item, matches, study, resamples)?;
    let cell = Cell {
        each_side: estimate.as_ref().and_then(each_side),
        part_of: item.spec.part_of.clone(),
        dominated: estimate.as_ref().is_some_and(|e| e.dominated),
    };
    Ok(Row {
        finding,
        estimate,
        cell,
    })
}

/// Refuses outcomes that must be numbers and hold text before any work is done.
pub(super) fn refuse_text(specs: &[OutcomeSpec], vault: &Vault) -> Result<(), EvaluationError> {
    let columns = specs.iter().flat_map(|o| {
        let own = Some(&o.column).filter(|_| !o.kind.has_levels());
        [own, o.given.as_ref(), o.exposure.as_ref()]
    });
    match columns.flatten().find(|c| vault.holds_text(c)) {
        Some(column) => Err(not_numbers(column)),
        None => Ok(()),
    }
}

fn not_numbers(column: &str) -> EvaluationError {
    RegisterError::BadColumn {
        file: "the data".into(),
        column: column.into(),
        rule: TEXT.into(),
    }
    .into()
}

/// An outcome's column; the register and the table have read every column the study names.
fn numbers<'a>(outcomes: &'a Frame, column: &str) -> Result<&'a [f64], EvaluationError> {
    match outcomes.get(column) {
        Some(Column::Number(v)) => Ok(v),
        _ => Err(not_numbers(column)),
    }
}

pub(super) fn data<'a>(
    spec: &OutcomeSpec,
    outcomes: &'a Frame,
) -> Result<OutcomeData<'a>, EvaluationError> {
    let other = |column: &Option<String>| column.as_ref().map(|c| numbers(outcomes, c)).transpose();
    Ok(OutcomeData {
        values: numbers(outcomes, &spec.column)?,
        given: other(&spec.given)?,
        exposure: other(&spec.exposure)?,
    })
}

/// One outcome. No spread, or too few with the event, is a finding in itself; blank or impossible
/// values are the caller's to mend.
fn outcome(
    item: &Item,
    matches: &Matches,
    study: &Study,
    resamples: Option<&Resamples>,
) -> Result<(OutcomeFinding, Option<Estimate>), EvaluationError> {
    let spec = &item.spec;
    let withheld = |why: &str| (summary::outcome(spec, None, Some(why.to_owned())), None);
    match effect::estimate(spec, &item.data(), matches, study.matching.se) {
        // How far it was brought back is the longest time some one person was followed.
        Ok(estimate)
            if study.disclosure.mode.guards()
                && estimate
                    .survival
                    .as_ref()
                    .is_some_and(SurvivalFit::cut_short) =>
        {
            Ok(withheld(
                "not both groups were followed as long as the study asks",
            ))
        }
        Ok(mut estimate) => {
            if resamples.is_some_and(|r| !bootstrapped::replace(&mut estimate, r)) {
                return Ok(withheld(
                    "too few bootstrap replicates have an estimate of it for an error to go by",
                ));
            }
            let n = matches.participants.len() as u64;
            let mut finding = summary::outcome(spec, Some((&estimate, n)), None);
            if let Some(resamples) = resamples {
                bootstrapped::add_percentiles(&mut finding, resamples);
            }
            Ok((finding, Some(estimate)))
        }
        // Never which value, nor how few, nor that they are all alike: with what is known of one,
        // that would be a fact about each of them.
        Err(EstimateError::NoSpread { .. } | EstimateError::TooFew { .. })
            if study.disclosure.mode.guards() =>
        {
            Ok(withheld(
                "too few people differ on it for a result to be released",
            ))
        }
        Err(EstimateError::NoSpread { .. }) => Ok(withheld(
            "it is the same for everybody who was matched, so there is no difference to estimate",
        )),
        Err(EstimateError::TooFew { .. }) => Ok(withheld(
            "there are too few people on one side to estimate a difference",
        )),
        Err(e) => Err(e.into()),
    }
}

fn each_side(estimate: &Estimate) -> Option<EachSide> {
    let (treated_with, comparison_with) = estimate.events?;
    Some(EachSide {
        treated_with,
        treated_without: estimate.people_treated - treated_with,
        comparison_with,
        comparison_without: estimate.people_comparison - comparison_with,
    })
}
