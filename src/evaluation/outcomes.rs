//! Outcomes from their columns to findings: a row each, and one a level where there are levels.

use super::{EvaluationError, summary};
use crate::disclosure::findings::OutcomeFinding;
use crate::disclosure::{Cell, EachSide};
use crate::effect::survival::SurvivalFit;
use crate::effect::{self, Estimate, EstimateError, OutcomeData};
use crate::matching::Matches;
use crate::numeric::frame::{Column, Frame};
use crate::register::RegisterError;
use crate::register::own_table::Vault;
use crate::study::{DisclosureMode, OutcomeSpec, Study};

const TEXT: &str =
    "is an outcome and must hold numbers, but holds text; for levels say kind = \"categories\"";

/// One row of results.
pub(super) struct Row {
    pub finding: OutcomeFinding,
    pub estimate: Option<Estimate>,
    pub cell: Cell,
}

/// The rows of one outcome.
pub(super) fn rows(
    spec: &OutcomeSpec,
    outcomes: &Frame,
    matches: &Matches,
    study: &Study,
) -> Result<Vec<Row>, EvaluationError> {
    let row = |spec: &OutcomeSpec, data: &OutcomeData| {
        let (finding, estimate) = outcome(spec, data, matches, study)?;
        let cell = Cell {
            each_side: estimate.as_ref().and_then(each_side),
            part_of: spec.part_of.clone(),
        };
        Ok(Row {
            finding,
            estimate,
            cell,
        })
    };
    if !spec.kind.has_levels() {
        return Ok(vec![row(spec, &data(spec, outcomes)?)?]);
    }
    let Some(column) = outcomes.get(&spec.column) else {
        return Err(not_numbers(&spec.column));
    };
    effect::levels(spec, column)?
        .iter()
        .map(|level| {
            let data = OutcomeData {
                values: &level.values,
                given: None,
                exposure: None,
            };
            row(&level.spec, &data)
        })
        .collect()
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
    spec: &OutcomeSpec,
    data: &OutcomeData,
    matches: &Matches,
    study: &Study,
) -> Result<(OutcomeFinding, Option<Estimate>), EvaluationError> {
    let withheld = |why: &str| (summary::outcome(spec, None, Some(why.to_owned())), None);
    match effect::estimate(spec, data, matches, study.matching.se) {
        // How far it was brought back is the longest time some one person was followed.
        Ok(estimate)
            if study.disclosure.mode == DisclosureMode::Controlled
                && estimate
                    .survival
                    .as_ref()
                    .is_some_and(SurvivalFit::cut_short) =>
        {
            Ok(withheld(
                "not both groups were followed as long as the study asks",
            ))
        }
        Ok(estimate) => {
            let n = matches.participants.len() as u64;
            Ok((
                summary::outcome(spec, Some((&estimate, n)), None),
                Some(estimate),
            ))
        }
        // Never which value, nor how few, nor that they are all alike: with what is known of one,
        // that would be a fact about each of them.
        Err(EstimateError::NoSpread { .. } | EstimateError::TooFew { .. })
            if study.disclosure.mode == DisclosureMode::Controlled =>
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
