//! The bootstrap's errors in place of the formulas', where the study asks for them.

use super::EvaluationError;
use super::outcomes::Item;
use crate::balance::Design;
use crate::bootstrap::{Bootstrap, LEAST_SHARE, Resampled, Resamples, Scheme, bootstrap};
use crate::disclosure::findings::{OutcomeFinding, Warning};
use crate::effect::{Estimate, OutcomeData};
use crate::study::{OutcomeSpec, SeMethod, Study};

/// Replicates of every outcome; nothing where the study has another standard error.
pub(super) fn run(
    study: &Study,
    design: &Design,
    items: &[Item],
    seed: u64,
) -> Result<Option<Bootstrap>, EvaluationError> {
    if study.matching.se != SeMethod::Bootstrap {
        return Ok(None);
    }
    let columns: Vec<(&OutcomeSpec, OutcomeData)> =
        items.iter().map(|i| (&i.spec, i.data())).collect();
    let replicates = study.matching.replicates;
    let made = bootstrap(&Resampled::from(design), &columns, replicates, seed)?;
    Ok(Some(made))
}

/// Puts the replicates' standard errors into an estimate; false when too few replicates have one,
/// or all have the same.
pub(super) fn replace(estimate: &mut Estimate, found: &Resamples) -> bool {
    let spread = &found.difference;
    let all = spread.estimates.len() as f64 + f64::from(spread.without);
    let enough = spread.estimates.len() as f64 >= LEAST_SHARE * all;
    if !enough || spread.se.is_nan() || spread.se <= 0.0 {
        return false;
    }
    let df = estimate.difference.df;
    estimate.difference = spread.interval(estimate.difference.estimate, df);
    estimate.ratios.retain_mut(|ratio| {
        let of_ratio = found.ratios.iter().find(|(kind, _)| *kind == ratio.kind);
        let Some((_, spread)) = of_ratio.filter(|(_, s)| s.without == 0 && s.se > 0.0) else {
            return false;
        };
        ratio.log = spread.interval(ratio.log.estimate, ratio.log.df);
        true
    });
    true
}

/// Adds the percentile interval to a finding.
pub(super) fn add_percentiles(finding: &mut OutcomeFinding, found: &Resamples) {
    if let Some(difference) = &mut finding.difference {
        difference.percentile = Some(found.difference.percentile);
    }
}

/// What was drawn, how often, and how often in vain.
pub(super) fn said(made: &Bootstrap) -> Warning {
    let drew = match made.scheme {
        Scheme::WholeDesign => {
            "participants and pool were drawn anew, and score, matching and estimate redone; the columns of the model, merged levels and the caliper's width are the full design's"
        }
        Scheme::MatchedSets => {
            "matched sets were drawn anew as they are, since drawing people anew is not valid for matching without replacement (Austin & Small 2014)"
        }
    };
    let failed = match (made.unfitted, made.unmatched) {
        (0, 0) => String::new(),
        (unfitted, unmatched) => format!(
            "; {} of them have no estimate ({unfitted} without a propensity model, {unmatched} with nobody matched) and are left out",
            unfitted + unmatched
        ),
    };
    Warning {
        code: "bootstrap".into(),
        message: format!(
            "standard errors are the spread of {} bootstrap replicates: {drew}{failed}",
            made.replicates
        ),
    }
}
