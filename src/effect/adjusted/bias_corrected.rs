//! Bias-corrected matching.

use super::regression::{Arm, Part, System};
use super::{NotGiven, Opinion, arms, checked, sound};
use crate::covariates::DesignMatrix;
use crate::effect::estimate::OutcomeData;
use crate::effect::influence::Influence;
use crate::effect::variance;
use crate::matching::Matches;
use crate::study::{OutcomeSpec, SeMethod};

/// Outcomes less what the covariates predict of them without taking part, `y - mu0(x)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Residuals {
    /// One a matched participant.
    pub participants: Vec<f64>,
    /// One a pool member in the order of [`Matches::pool`]; `NaN` without weight.
    pub pool: Vec<f64>,
    /// Coefficients of mu0.
    pub coefficients: usize,
    /// Columns dropped because they repeat earlier ones.
    pub aliased: usize,
}

/// The residuals that [`bias_corrected`] compares.
///
/// # Errors
/// As there.
pub fn residuals(
    spec: &OutcomeSpec,
    data: &OutcomeData,
    matrix: &DesignMatrix,
    matches: &Matches,
) -> Result<Residuals, NotGiven> {
    let terms = matrix.model_terms();
    let columns = checked(spec, data, &terms, matches)?;
    let (participants, pool, places) = arms(matrix, &terms, &columns, matches);
    let (b, coefficients) = fit(&pool)?;
    let residual = |arm: &Arm| -> Vec<f64> {
        let fitted = arm.predict(&b);
        arm.y.iter().zip(fitted).map(|(y, mu)| y - mu).collect()
    };
    let mut of_pool = vec![f64::NAN; matches.pool.len()];
    for (&place, e) in places.iter().zip(residual(&pool)) {
        of_pool[place as usize] = e;
    }
    Ok(Residuals {
        participants: residual(&participants),
        pool: of_pool,
        coefficients,
        aliased: pool.columns() - coefficients,
    })
}

/// Matching with the difference in covariates that it left taken off by a regression.
///
/// # Formula
/// `tau - (1/n) sum_i g_i [mu0(x_i) - sum_c w_ic mu0(x_c)]`, mu0 the linear regression of the
/// outcome on the covariates in the matched pool weighted by w_c (Abadie & Imbens 2011,
/// doi:10.1198/jbes.2009.07333; weights as `Matching::Match(BiasAdjust = TRUE)` takes them). It is
/// the matched difference of the residuals `y - mu0(x)`, and its standard error is theirs, by the
/// method of the headline; that mu0 is estimated adds nothing at the first order.
///
/// Valid for any sets and weights. For yes-or-no outcomes and counts the linear regression is a
/// working model: it need not be right for the correction to be small where balance is good.
///
/// # Errors
/// [`NotGiven`]: outcomes over time, as many columns as matched pool members, nothing to go by.
pub fn bias_corrected(
    spec: &OutcomeSpec,
    data: &OutcomeData,
    matrix: &DesignMatrix,
    matches: &Matches,
    se: SeMethod,
) -> Result<Opinion, NotGiven> {
    let Residuals {
        participants,
        pool,
        coefficients,
        aliased,
    } = residuals(spec, data, matrix, matches)?;
    let mean = |e: &[f64], w: &[f64]| {
        let known = || e.iter().zip(w).filter(|p| *p.1 > 0.0);
        known().map(|(e, w)| e * w).sum::<f64>() / known().map(|(_, w)| w).sum::<f64>()
    };
    let treated = mean(&participants, &matches.participant_weight);
    let comparison = mean(&pool, &matches.weight);
    let influence = Influence {
        participants: participants.iter().map(|e| e - treated).collect(),
        pool: pool.iter().map(|e| e - comparison).collect(),
    };
    let v = variance::of(&influence, matches, se);
    let y: Vec<f64> = matches
        .participants
        .iter()
        .map(|&r| data.values[r as usize])
        .collect();
    let mean_treated = mean(&y, &matches.participant_weight);
    Ok(Opinion {
        difference: sound(treated - comparison, v.variance.sqrt(), v.df)?,
        log_risk_ratio: None,
        mean_treated,
        mean_comparison: mean_treated - (treated - comparison),
        coefficients,
        aliased,
    })
}

/// Coefficients of the weighted linear regression, and how many are not dropped.
fn fit(pool: &Arm) -> Result<(Vec<f64>, usize), NotGiven> {
    let zero = vec![0.0; pool.columns()];
    let part = |i: usize, fitted: f64| Part {
        a: pool.weight[i],
        c: pool.weight[i] * (pool.y[i] - fitted),
    };
    let sums = pool.sums(&zero, part);
    let system = System::new(&sums.gram)
        .ok_or_else(|| NotGiven::because("the regression has no solution"))?;
    // As many coefficients as people fit any outcome at all.
    if system.kept.len() >= pool.rows.len() {
        return Err(NotGiven::because(
            "the covariates make as many columns as there are matched counterparts",
        ));
    }
    let mut b = system.solve(&sums.gradient);
    // Once more on what is left: the digits that the Gram matrix lost come back.
    let fitted = pool.predict(&b.to_vec());
    let left: Vec<f64> = (0..pool.y.len()).map(|i| part(i, fitted[i]).c).collect();
    b += &system.solve(&pool.weighted_sum(&left));
    Ok((b.to_vec(), system.kept.len()))
}
