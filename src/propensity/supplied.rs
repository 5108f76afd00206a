//! Scores that somebody else has estimated.

use super::fitted::from_scores;
use super::problem::{Problem, unit_weights};
use super::{Propensity, PropensityError};
use crate::study::ScoreScale;

impl Propensity {
    /// Takes scores as they are, one a row: probabilities, turned into `ln(p / (1 - p))`, or log
    /// odds. `treated` is 0 or 1 a row; `weight` as in a fit. There are no terms, no covariance and
    /// no steps, as nothing was fitted.
    ///
    /// # Errors
    /// A score that is missing, infinite or, as a probability, not strictly between 0 and 1; one
    /// group empty.
    pub fn supplied(
        scores: &[f64],
        scale: ScoreScale,
        treated: &[f64],
        weight: Option<&[f64]>,
    ) -> Result<Propensity, PropensityError> {
        Problem::check_groups(treated, weight, scores.len())?;
        let unit = weight.map(unit_weights).transpose()?;
        let mut lp = Vec::with_capacity(scores.len());
        for (row, &score) in scores.iter().enumerate() {
            let refused = |rule| PropensityError::Score { row: row + 1, rule };
            if score.is_nan() {
                return Err(refused("is missing; everybody needs a score"));
            }
            if score.is_infinite() {
                return Err(refused(
                    "is infinite; give finite log odds or leave the row out",
                ));
            }
            if scale == ScoreScale::Lp {
                lp.push(score);
                continue;
            }
            if !(0.0..=1.0).contains(&score) {
                return Err(refused(
                    "is not between 0 and 1; if these are log odds say score_scale = \"lp\"",
                ));
            }
            if score == 0.0 || score == 1.0 {
                return Err(refused(
                    "is 0 or 1: such a person has no counterpart; leave the row out, or supply log odds with more digits and say score_scale = \"lp\"",
                ));
            }
            // ln_1p keeps the digits of small probabilities, which is where scores live.
            lp.push(score.ln() - (-score).ln_1p());
        }
        let weight = unit.as_ref().map(|u| u.0.as_slice());
        let mut propensity = from_scores(lp, treated, weight);
        propensity.deviance *= unit.as_ref().map_or(1.0, |u| u.1);
        Ok(propensity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_become_log_odds_worked_by_hand() {
        let treated = [1.0, 0.0, 0.0];
        let p = Propensity::supplied(&[0.75, 0.5, 0.2], ScoreScale::Probability, &treated, None)
            .unwrap();
        for (lp, want) in p.lp.iter().zip([3f64.ln(), 0.0, 0.25f64.ln()]) {
            assert!((lp - want).abs() < 1e-15, "{lp} {want}");
        }
        assert_eq!(p.order, [2, 1, 0]);
        assert_eq!(p.c_statistic, 1.0);
        assert!(p.terms.is_empty() && p.covariance.is_none() && p.model_terms.is_empty());
        let deviance = -2.0 * (0.75f64 * 0.5 * 0.8).ln();
        assert!((p.deviance - deviance).abs() < 1e-14);
        let same = Propensity::supplied(&p.lp, ScoreScale::Lp, &treated, None).unwrap();
        assert_eq!((same.lp_sd, same.order), (p.lp_sd, p.order));
    }

    #[test]
    fn scores_that_are_none_are_refused_by_row() {
        let rule = |score: f64, scale| {
            Propensity::supplied(&[0.3, score], scale, &[1.0, 0.0], None)
                .unwrap_err()
                .to_string()
        };
        let lp = ScoreScale::Lp;
        for (score, scale, says) in [
            (0.0, ScoreScale::Probability, "0 or 1"),
            (-0.0, ScoreScale::Probability, "0 or 1"),
            (1.0, ScoreScale::Probability, "0 or 1"),
            (1.5, ScoreScale::Probability, "between 0 and 1"),
            (-0.1, ScoreScale::Probability, "between 0 and 1"),
            (f64::NAN, ScoreScale::Probability, "missing"),
            (f64::NAN, lp, "missing"),
            (f64::INFINITY, ScoreScale::Probability, "infinite"),
            (f64::NEG_INFINITY, lp, "infinite"),
        ] {
            let text = rule(score, scale);
            assert!(text.contains("row 2") && text.contains(says), "{text}");
            assert!(!text.contains("1.5") && !text.contains("0.1"), "{text}");
        }
    }
}
