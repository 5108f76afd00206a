//! How far other choices and unseen differences could change the answer.

use crate::study::OutcomeKind;
use serde::{Deserialize, Serialize};

/// Sensitivity.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
pub struct Sensitivity {
    /// Smallest Gamma at which p > 0.05 (two-sided); 1 = already without hidden bias.
    pub rosenbaum_gamma: Option<f64>,
    /// E-value of the primary outcome: the first of `e_values`.
    pub e_value: Option<f64>,
    /// Outcomes measured before the start, on which there can be no effect.
    #[serde(default)]
    pub placebo: Vec<PlaceboFinding>,
    /// The primary outcome under other designs, the chosen one among them.
    pub specifications: Vec<Specification>,
    /// Designs that could not be made (added key).
    #[serde(default)]
    pub specifications_refused: Vec<RefusedSpecification>,
    /// What stands behind `rosenbaum_gamma` (added key).
    #[serde(default)]
    pub rosenbaum: Option<RosenbaumFinding>,
    /// E-values of the primary outcome, one a measure, each with what it rests on (added key).
    #[serde(default)]
    pub e_values: Vec<EValueFinding>,
    /// The primary outcome with each covariate left out of the design (added key).
    #[serde(default)]
    pub leave_one_out: Vec<LeftOut>,
    /// What was not tried, and why (added key).
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Rosenbaum's bounds.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct RosenbaumFinding {
    /// Smallest Gamma, to 0.001, at which the two-sided p may exceed `alpha`.
    pub gamma: f64,
    /// The result still stands at `gamma`, the largest that was tried.
    pub beyond: bool,
    /// Two-sided level.
    pub alpha: f64,
    /// Two-sided p without hidden bias, by the bounds' own test.
    pub p_without: f64,
    /// `mcnemar`, `mantel_haenszel`, `signed_rank`, `aligned_rank`.
    pub test: String,
    /// Matched sets.
    pub sets: u64,
    /// Of them, those whose people differ on the outcome.
    pub informative: u64,
    /// The design's own sets overlap, so that the bounds are those of one-to-one pairs matched for
    /// them (nearest, without replacement, caliper 0.2).
    pub rematched: bool,
}

/// An E-value.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct EValueFinding {
    /// What the risk ratio was made from: `risk_ratio`, `rate_ratio`, `odds_ratio` (rare outcome),
    /// `square_root_of_odds_ratio` (common), `hazard_ratio` (rare), `hazard_ratio_as_risk_ratio`
    /// (common), `standardised_difference`.
    pub basis: String,
    /// The (approximate) risk ratio.
    pub risk_ratio: f64,
    /// Its 95 % interval, low.
    pub ci_low: f64,
    /// High.
    pub ci_high: f64,
    /// E-value of the point.
    pub e_value: f64,
    /// E-value of the limit nearest to no difference; 1 when the interval holds no difference.
    pub e_value_limit: f64,
}

/// An outcome on which there can be no effect.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct PlaceboFinding {
    /// Name.
    pub name: String,
    /// Label.
    pub label: String,
    /// Kind.
    pub kind: OutcomeKind,
    /// Unit.
    pub unit: String,
    /// Participants minus comparison; null when withheld.
    pub estimate: Option<f64>,
    /// 95 % interval, low.
    pub ci_low: Option<f64>,
    /// High.
    pub ci_high: Option<f64>,
    /// Two-sided.
    pub p: Option<f64>,
    /// Holm-adjusted over the placebo outcomes.
    pub p_holm: Option<f64>,
    /// Why it is withheld, when it is.
    pub suppressed: Option<String>,
}

impl PlaceboFinding {
    /// Does it show a difference where none can be (Holm-adjusted p below 0.05)?
    pub fn warns(&self) -> bool {
        self.p_holm.or(self.p).is_some_and(|p| p < 0.05)
    }
}

/// The primary outcome under another design.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Specification {
    /// Method.
    pub method: String,
    /// Caliper in SDs of the linear predictor; null = none.
    pub caliper: Option<f64>,
    /// Point.
    pub estimate: f64,
    /// Low.
    pub ci_low: f64,
    /// High.
    pub ci_high: f64,
    /// Participants matched (added key).
    #[serde(default)]
    pub participants_matched: u64,
    /// Is this the design that the study fixed beforehand? (added key)
    #[serde(default)]
    pub chosen: bool,
    /// `att`, `ato` (added key).
    #[serde(default)]
    pub estimand: String,
    /// Largest |standardised mean difference| after matching (added key).
    #[serde(default)]
    pub largest_smd: Option<f64>,
    /// Effective sample size of the matched pool (added key).
    #[serde(default)]
    pub comparison_ess: Option<f64>,
    /// What else to know of it (added key).
    #[serde(default)]
    pub note: Option<String>,
}

impl Specification {
    /// No red light: every |standardised mean difference| is at most 0.1. One that is not known is
    /// no pass.
    pub fn balanced(&self) -> bool {
        self.largest_smd.is_some_and(|d| d <= 0.1)
    }
}

/// A design that could not be made.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct RefusedSpecification {
    /// Method.
    pub method: String,
    /// Caliper in SDs of the linear predictor; null = none.
    pub caliper: Option<f64>,
    /// Why, in words.
    pub reason: String,
}

/// The primary outcome with one covariate left out of the design.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct LeftOut {
    /// Column.
    pub left_out: String,
    /// For people.
    pub label: String,
    /// Point.
    pub estimate: f64,
    /// Low.
    pub ci_low: f64,
    /// High.
    pub ci_high: f64,
    /// Standardised mean difference of the covariate that was left out, of its column that is most
    /// apart; null when it has none.
    pub smd: Option<f64>,
    /// Participants matched.
    pub participants_matched: u64,
}
