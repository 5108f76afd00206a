//! What the reader must know before using a result.

use crate::balance::Design;
use crate::disclosure::findings::Warning;
use crate::matching::DropReason;
use crate::propensity::Penalty;
use crate::study::{CaliperScale, Method};

/// Share of the pool's weight on one person from which weights are called heavy.
const HEAVY: f64 = 0.05;

/// Cautions that follow from the design.
pub(super) fn warnings(design: &Design) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = design
        .notes()
        .iter()
        .map(|n| Warning {
            code: "covariates".into(),
            message: n.clone(),
        })
        .collect();
    let mut warn = |code: &str, message: String| {
        warnings.push(Warning {
            code: code.into(),
            message,
        })
    };
    let matches = design.matches();
    if !matches.dropped.is_empty() {
        warn(
            "participants_dropped",
            format!(
                "{} of {} participants had no counterpart; the result speaks for the {} who had",
                matches.dropped.len(),
                matches.dropped.len() + matches.participants.len(),
                matches.participants.len()
            ),
        );
    }
    let taken = matches
        .dropped
        .iter()
        .filter(|d| d.reason == DropReason::AllTaken)
        .count();
    if taken > 0 {
        warn(
            "pool_exhausted",
            format!(
                "{taken} participants found their counterparts already taken; matching with replacement, or radius matching, would keep them"
            ),
        );
    }
    if let Penalty::Ridge(alpha) = design.propensity().penalty {
        warn(
            "ridge",
            format!(
                "the propensity model was drawn towards zero by a ridge penalty of {alpha}: its coefficients are not estimates to quote, and balance decides whether it served"
            ),
        );
    }
    if design.propensity().penalty == Penalty::Firth {
        warn(
            "firth",
            "the propensity model is Firth's penalised likelihood, which stays finite where a covariate nearly tells who took part: look at the overlap".into(),
        );
    }
    if design.propensity().terms.is_empty() {
        warn(
            "own_scores",
            "the propensity scores were supplied, not fitted here: balance decides whether they served".into(),
        );
    }
    let settings = design.settings();
    let share = matches.largest_share();
    if settings.method == Method::Weighting && share >= HEAVY {
        warn(
            "heavy_weight",
            format!(
                "one comparison person carries {:.0} % of the weight, so that the answer hangs on few; cut to common support, or take overlap weights",
                100.0 * share
            ),
        );
    }
    let tied = design.tied();
    if tied > 0 && tied * 20 >= matches.participants.len() as u64 {
        warn(
            "ties",
            format!(
                "{tied} participants could equally have been given another counterpart with the same score: one-to-one matching then depends on the order of rows; radius matching averages over ties"
            ),
        );
    }
    if settings.caliper_scale == CaliperScale::Probability && wide(design) {
        warn(
            "wide_caliper",
            "the caliper, on the probability scale, spans most of the pool's scores, so that nearly everybody counts as a counterpart; use the lp-sd scale".into(),
        );
    }
    if let Some(b) = design.score_balance().rubin_b.filter(|b| *b > 25.0) {
        warn(
            "rubin_b",
            format!(
                "Rubin's B is {b:.0} %, above 25: the scores of the two groups are still apart"
            ),
        );
    }
    warnings
}

/// Does the caliper cover more than half of the pool from its middle?
fn wide(design: &Design) -> bool {
    let score = &design.matches().pool_score;
    let mut sorted = score.clone();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted[sorted.len() / 2];
    let caliper = design.matches().caliper;
    let within = score
        .iter()
        .filter(|s| (*s - middle).abs() <= caliper)
        .count();
    2 * within > score.len()
}
