//! The primary outcome with each covariate left out of the design in turn: its columns leave the
//! propensity model (and what columns methods match on), and score, matching and estimate are made
//! anew.
//!
//! Cost: a design a covariate; not done above [`MOST_CELLS`] cells of all designs together.

use super::Primary;
use crate::balance::{self, Design};
use crate::disclosure::findings::LeftOut;
use crate::effect;
use crate::matching::{self, Scores};
use crate::propensity::PropensityParams;
use crate::study::{Covariate, MatchSettings, PenaltyChoice, SeMethod, Study};
use linfa::ParamGuard;

/// Rows times columns of the model times covariates above which it is skipped ...
const MOST_CELLS: usize = 500_000_000;
/// ... and how many times as dear a cell is where the model has a penalty.
const PENALTY_COST: usize = 40;

/// A row a covariate, and what was not done.
pub(super) fn rows(
    study: &Study,
    design: &Design,
    primary: &Primary,
) -> (Vec<LeftOut>, Vec<String>) {
    let not_done = |why: &str| {
        let note = format!("The answer without each fact in turn was not worked out: {why}.");
        (Vec::new(), vec![note])
    };
    if study.propensity.scores.is_some() {
        return not_done("the scores were supplied, so there is no model to leave a fact out of");
    }
    if study.covariates.len() < 2 {
        return not_done("there is only one fact to match on");
    }
    let matrix = design.matrix();
    let cost = match study.propensity.penalty {
        PenaltyChoice::None => 1,
        PenaltyChoice::Firth | PenaltyChoice::Ridge(_) => PENALTY_COST,
    };
    let cells = matrix.rows() * matrix.model_terms().len() * study.covariates.len();
    if cells.saturating_mul(cost) > MOST_CELLS {
        return not_done("with this many people and facts, and this model, it would take long");
    }
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for covariate in &study.covariates {
        match without(study, design, primary, covariate) {
            Ok(Some(row)) => rows.push(row),
            Ok(None) => notes.push(format!(
                "\u{201c}{}\u{201d} was not in the model, so leaving it out changes nothing.",
                covariate.label
            )),
            Err(why) => notes.push(format!(
                "Without \u{201c}{}\u{201d} there is no design: {why}.",
                covariate.label
            )),
        }
    }
    (rows, notes)
}

/// The design without one covariate; `None` when it had no part in it.
fn without(
    study: &Study,
    design: &Design,
    primary: &Primary,
    covariate: &Covariate,
) -> Result<Option<LeftOut>, String> {
    let mut matrix = design.matrix().clone();
    let terms = matrix.terms_of(&covariate.column);
    let in_model: Vec<usize> = terms
        .iter()
        .copied()
        .filter(|&t| matrix.terms()[t].in_model)
        .collect();
    let by_columns = design.settings().method.matches_on_columns();
    if in_model.is_empty() && !by_columns {
        return Ok(None);
    }
    matrix.remove_from_model(&in_model, "left out to see whether the answer rests on it");
    let treated = design.treated();
    let targets: Vec<f64> = treated.iter().map(|&t| f64::from(u8::from(t))).collect();
    let weight = Some(design.sampling()).filter(|w| !w.is_empty());
    let model = PropensityParams::of(&study.propensity)
        .check()
        .and_then(|m| m.fit_weighted(&matrix, &targets, weight))
        .map_err(|e| e.to_string())?;
    let scores = Scores {
        lp: &model.lp,
        order: &model.order,
        lp_sd: model.lp_sd,
        treated,
        strata: design.strata(),
        sampling: design.sampling(),
        matrix: Some(&matrix),
    };
    let settings = settings_without(study, design.settings(), covariate);
    let matches = matching::run(&scores, &settings, design.seed()).map_err(|e| e.to_string())?;
    let se = match study.matching.se {
        SeMethod::Bootstrap => SeMethod::default_of(settings.method),
        se => se,
    };
    let estimate = effect::estimate(&primary.item.spec, &primary.item.data(), &matches, se)
        .map_err(|_| "too few people differ on the outcome".to_owned())?;
    let balance = balance::measure(&matrix, treated, &matches);
    let smd = terms
        .iter()
        .filter_map(|&t| balance.get(t).and_then(|b| b.smd_after))
        .max_by(|a, b| a.abs().total_cmp(&b.abs()));
    Ok(Some(LeftOut {
        left_out: covariate.column.clone(),
        label: covariate.label.clone(),
        estimate: estimate.difference.estimate,
        ci_low: estimate.difference.ci_low,
        ci_high: estimate.difference.ci_high,
        smd,
        participants_matched: matches.participants.len() as u64,
    }))
}

/// Methods that work from columns must not see it either. What has to agree exactly still has to.
fn settings_without(
    study: &Study,
    settings: &MatchSettings,
    covariate: &Covariate,
) -> MatchSettings {
    let mut settings = settings.clone();
    if settings.method.matches_on_columns() {
        if settings.columns.is_empty() {
            settings.columns = study.covariates.iter().map(|c| c.column.clone()).collect();
        }
        settings.columns.retain(|c| *c != covariate.column);
        settings.cutpoints.remove(&covariate.column);
    }
    settings
}
