//! The design, fixed: scores, matches and balance with a digest. Nothing in here has seen an
//! outcome, and outcomes open to nothing else (Rubin 2008, doi:10.1214/08-AOAS187).

use super::{ScoreBalance, TermBalance, measure, score_balance, worst_smd};
use crate::covariates::{CovariateError, DesignMatrix};
use crate::matching::{self, MatchError, Matches, Nuisance, Scores};
use crate::numeric::frame::{Column, Frame};
use crate::propensity::{Penalty, Propensity, PropensityError, PropensityParams};
use crate::register::{FixedDesign, sealed::Sealed};
use crate::study::{
    CALIPER_GRID, Caliper, Covariate, MatchSettings, Method, PropensitySettings, SMD_BOUND,
    WeightKind,
};
use linfa::ParamGuard;
use ndarray::Array2;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A fixed design.
#[derive(Debug, Clone)]
pub struct Design {
    propensity: Propensity,
    matches: Matches,
    balance: Vec<TermBalance>,
    score_balance: ScoreBalance,
    settings: MatchSettings,
    treated: Vec<bool>,
    strata: Vec<u32>,
    sampling: Vec<f64>,
    matrix: Arc<DesignMatrix>,
    notes: Vec<String>,
    seed: u64,
    digest: String,
}

/// What a design is made from, besides the data.
pub struct Plan<'a> {
    /// Columns of the design.
    pub covariates: &'a [Covariate],
    /// How counterparts are chosen.
    pub settings: &'a MatchSettings,
    /// Where scores and sampling weights come from.
    pub propensity: &'a PropensitySettings,
    /// The model, where scores are fitted.
    pub model: PropensityParams,
    /// Seed of random choices.
    pub seed: u64,
}

/// What can go wrong on the way to a design.
#[derive(Debug, thiserror::Error)]
pub enum DesignError {
    /// Covariates.
    #[error(transparent)]
    Covariates(#[from] CovariateError),
    /// Propensity.
    #[error(transparent)]
    Propensity(#[from] PropensityError),
    /// Matching.
    #[error(transparent)]
    Matching(#[from] MatchError),
}

impl Design {
    /// From covariates to a fixed design: matrix, propensity, matches, balance, digest.
    ///
    /// `frame` holds the covariates and exact columns, one row a person; `treated` says who took
    /// part. With [`Caliper::Search`] the widest caliper of the grid is taken at which every |SMD|
    /// is within the bound, else the one with the smallest largest |SMD|.
    ///
    /// # Errors
    /// Whatever a stage refuses.
    pub fn fix(
        frame: Frame,
        treated: Vec<bool>,
        covariates: &[Covariate],
        settings: &MatchSettings,
        model: PropensityParams,
        seed: u64,
    ) -> Result<Design, DesignError> {
        let plan = Plan {
            covariates,
            settings,
            propensity: &PropensitySettings::default(),
            model,
            seed,
        };
        Design::plan(frame, treated, plan)
    }

    /// As [`Self::fix`], with the user's own scores or sampling weights where the plan names them.
    ///
    /// # Errors
    /// Whatever a stage refuses.
    pub fn plan(mut frame: Frame, treated: Vec<bool>, plan: Plan) -> Result<Design, DesignError> {
        let mut strata = matching::strata(&frame, &plan.settings.exact)?;
        let sampling = match &plan.propensity.sampling_weights {
            Some(column) => sampling_weights(&mut frame, column)?,
            None => Vec::new(),
        };
        let scores = match &plan.propensity.scores {
            Some(column) => Some(supplied_scores(&mut frame, column)?),
            None => None,
        };
        let matrix = DesignMatrix::build(&mut frame, &treated, plan.covariates)?;
        drop(frame);
        let mut notes = matrix.notes().to_vec();
        let targets: Vec<f64> = treated.iter().map(|&t| f64::from(u8::from(t))).collect();
        let weight = (!sampling.is_empty()).then_some(sampling.as_slice());
        let propensity = match &scores {
            Some(scores) => {
                Propensity::supplied(scores, plan.propensity.score_scale, &targets, weight)?
            }
            None => {
                // People whom no coefficient can speak for; supplied scores speak for everybody.
                if let Some(unlike) = matrix.unlike_every_participant(&treated) {
                    notes.push(set_apart(&mut strata, &unlike));
                }
                (plan.model.check()?).fit_weighted(&matrix, &targets, weight)?
            }
        };
        let scores = Scores {
            lp: &propensity.lp,
            order: &propensity.order,
            lp_sd: propensity.lp_sd,
            treated: &treated,
            strata: &strata,
            sampling: &sampling,
            matrix: Some(&matrix),
        };
        let (settings, mut matches, balance) = matched(&scores, &matrix, plan.settings, plan.seed)?;
        let matrix = Arc::new(matrix);
        matches.nuisance = nuisance(&settings, &propensity, &matrix, &sampling, &treated);
        let score_balance = score_balance(&propensity.lp, &matches);
        notes.extend(propensity.notes());
        let digest = digest(&matches, &settings, plan.seed);
        Ok(Design {
            propensity,
            matches,
            balance,
            score_balance,
            settings,
            treated,
            strata,
            sampling,
            matrix,
            notes,
            seed: plan.seed,
            digest,
        })
    }

    /// The same people and scores under other settings: a design of its own, for the table of the
    /// answer under other choices.
    ///
    /// # Errors
    /// When nobody is matched, or the settings mean nothing.
    pub fn rematched(&self, settings: &MatchSettings) -> Result<Matches, MatchError> {
        let mut matches = matching::run(&self.scores(), settings, self.seed)?;
        matches.nuisance = nuisance(
            settings,
            &self.propensity,
            &self.matrix,
            &self.sampling,
            &self.treated,
        );
        Ok(matches)
    }

    fn scores(&self) -> Scores<'_> {
        Scores {
            lp: &self.propensity.lp,
            order: &self.propensity.order,
            lp_sd: self.propensity.lp_sd,
            treated: &self.treated,
            strata: &self.strata,
            sampling: &self.sampling,
            matrix: Some(self.matrix.as_ref()),
        }
    }

    /// The covariates.
    pub fn matrix(&self) -> &DesignMatrix {
        &self.matrix
    }

    /// Exact stratum, one a row; empty when there are none.
    pub fn strata(&self) -> &[u32] {
        &self.strata
    }

    /// Sampling weight, one a row; empty when there are none.
    pub fn sampling(&self) -> &[f64] {
        &self.sampling
    }

    /// Seed of random choices.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The propensity model.
    pub fn propensity(&self) -> &Propensity {
        &self.propensity
    }

    /// Who got whom.
    pub fn matches(&self) -> &Matches {
        &self.matches
    }

    /// Balance, a row a column.
    pub fn balance(&self) -> &[TermBalance] {
        &self.balance
    }

    /// Balance of the score.
    pub fn score_balance(&self) -> ScoreBalance {
        self.score_balance
    }

    /// Settings in force, the caliper resolved.
    pub fn settings(&self) -> &MatchSettings {
        &self.settings
    }

    /// Who took part, one a row.
    pub fn treated(&self) -> &[bool] {
        &self.treated
    }

    /// What was merged or left out, in words.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Participants whose nearest counterpart ties with another on the score: with one-to-one
    /// matching row order then chooses.
    pub fn tied(&self) -> u64 {
        if self.settings.method != Method::Nearest {
            return 0;
        }
        let score = &self.matches.pool_score;
        let place_of: std::collections::HashMap<u32, u32> = self
            .matches
            .pool
            .iter()
            .enumerate()
            .map(|(i, &r)| (r, i as u32))
            .collect();
        let mut tied = 0;
        let mut last = None;
        self.matches.for_each_pair(|participant, member, _| {
            let c = place_of[&member] as usize;
            let ties = (c > 0 && score[c - 1] == score[c]) || score.get(c + 1) == Some(&score[c]);
            if ties && last != Some(participant) {
                tied += 1;
                last = Some(participant);
            }
        });
        tied
    }
}

impl Sealed for Design {}

impl FixedDesign for Design {
    fn digest(&self) -> &str {
        &self.digest
    }
}

/// How the weights were estimated, where these settings weigh: entropy balancing needs no score,
/// the others one fitted by maximum likelihood.
fn nuisance(
    settings: &MatchSettings,
    propensity: &Propensity,
    matrix: &Arc<DesignMatrix>,
    sampling: &[f64],
    treated: &[bool],
) -> Option<Nuisance> {
    if settings.method != Method::Weighting {
        return None;
    }
    let (terms, covariance) = match (settings.weights, &propensity.covariance) {
        (WeightKind::Entropy, _) => (matrix.model_terms(), Array2::zeros((0, 0))),
        (_, Some(covariance)) if propensity.penalty == Penalty::None => {
            (propensity.model_terms.clone(), covariance.clone())
        }
        _ => return None,
    };
    Some(Nuisance {
        weights: settings.weights,
        matrix: Arc::clone(matrix),
        terms,
        covariance,
        lp: propensity.lp.clone(),
        sampling: sampling.to_vec(),
        treated: treated.to_vec(),
    })
}

/// Takes the sampling weights out of the frame: finite and above 0, one a row.
fn sampling_weights(frame: &mut Frame, column: &str) -> Result<Vec<f64>, CovariateError> {
    let bad = |row, rule: &str| CovariateError::BadColumn {
        column: column.to_owned(),
        row,
        rule: rule.to_owned(),
    };
    match frame.remove(column) {
        Some(Column::Number(weights)) => {
            match weights.iter().position(|w| !(w.is_finite() && *w > 0.0)) {
                Some(row) => Err(bad(
                    Some(row + 1),
                    "a sampling weight must be a finite number above 0; leave people without weight out of the table",
                )),
                None => Ok(weights),
            }
        }
        Some(Column::Category { .. }) => Err(bad(None, "holds text; sampling weights are numbers")),
        None => Err(CovariateError::NoColumn {
            column: column.to_owned(),
            have: frame.names().join(", "),
        }),
    }
}

/// Takes the user's own scores out of the frame.
fn supplied_scores(frame: &mut Frame, column: &str) -> Result<Vec<f64>, CovariateError> {
    match frame.remove(column) {
        Some(Column::Number(scores)) => Ok(scores),
        Some(Column::Category { .. }) => Err(CovariateError::BadColumn {
            column: column.to_owned(),
            row: None,
            rule: "holds text; scores are numbers".to_owned(),
        }),
        None => Err(CovariateError::NoColumn {
            column: column.to_owned(),
            have: frame.names().join(", "),
        }),
    }
}

/// Puts rows into a stratum of their own, where no participant can meet them; says how many.
fn set_apart(strata: &mut Vec<u32>, rows: &[bool]) -> String {
    if strata.is_empty() {
        *strata = vec![0; rows.len()];
    }
    let apart = strata.iter().max().map_or(0, |m| m + 1);
    for (stratum, _) in strata.iter_mut().zip(rows).filter(|p| *p.1) {
        *stratum = apart;
    }
    let n = rows.iter().filter(|r| **r).count();
    format!(
        "{n} people of the pool differ from every participant on a column left out of the model, and cannot be counterparts"
    )
}

fn matched(
    scores: &Scores,
    matrix: &DesignMatrix,
    settings: &MatchSettings,
    seed: u64,
) -> Result<(MatchSettings, Matches, Vec<TermBalance>), MatchError> {
    let run = |settings: MatchSettings| {
        let matches = matching::run(scores, &settings, seed)?;
        let balance = measure(matrix, scores.treated, &matches);
        Ok((settings, matches, balance))
    };
    if settings.caliper != Caliper::Search {
        let mut settings = settings.clone();
        if settings.caliper == Caliper::Default
            && settings.caliper_scale == crate::study::CaliperScale::LpSd
            && settings.method.takes_caliper()
        {
            settings.caliper = Caliper::Width(MatchSettings::default_caliper(settings.method));
        }
        return run(settings);
    }
    let mut best = None;
    let mut refusal = None;
    for width in CALIPER_GRID {
        let tried = run(MatchSettings {
            caliper: Caliper::Width(width),
            ..settings.clone()
        });
        let found = match tried {
            Ok(found) => found,
            Err(e) => {
                refusal = Some(e);
                continue;
            }
        };
        let worst = worst_smd(&found.2);
        if worst <= SMD_BOUND {
            return Ok(found);
        }
        if best.as_ref().is_none_or(|(smallest, _)| worst < *smallest) {
            best = Some((worst, found));
        }
    }
    match (best, refusal) {
        (Some((_, found)), _) => Ok(found),
        (None, Some(e)) => Err(e),
        // The grid is not empty, so one of the two above is set.
        (None, None) => Err(MatchError::FlatScore),
    }
}

/// SHA-256 over settings, seed, participants, pool and weights.
fn digest(matches: &Matches, settings: &MatchSettings, seed: u64) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{settings:?} {seed}").as_bytes());
    let mut bytes = Vec::with_capacity(12 * matches.pool.len().max(matches.participants.len()));
    for &row in &matches.participants {
        bytes.extend(row.to_le_bytes());
    }
    for (&row, &w) in matches.pool.iter().zip(&matches.weight) {
        if w > 0.0 {
            bytes.extend(row.to_le_bytes());
            bytes.extend(w.to_bits().to_le_bytes());
        }
    }
    hash.update(&bytes);
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}
