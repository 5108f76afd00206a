//! What an evaluation found: the one value all faces of a report are made from.
//! Field names are the keys of `report.json`; a key may be added, none renamed.

mod sensitivity;
mod withheld;

pub use sensitivity::*;
pub use withheld::{Control, WithheldAnalysis};

pub use crate::quality::groups::said as less_often;
pub use crate::quality::{About, Aspect, Confidence, Fact, Level, Light as Lit, MatchRate};
use crate::study::{Better, OutcomeKind};
use serde::{Deserialize, Serialize};

mod curves;

pub use curves::{QuantilesFinding, SurvivalCurve, SurvivalCurves};

/// Name and version of the JSON shape.
pub const SCHEMA: &str = "counterpart.report/1";

/// Everything found.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Findings {
    /// [`SCHEMA`].
    pub schema: String,
    /// Which study.
    pub study: StudyRef,
    /// Which run.
    pub run: Run,
    /// Attrition: first step `submitted`, last `analysed`.
    pub flow: Vec<FlowStep>,
    /// The analyses; one is the headline.
    pub analyses: Vec<Analysis>,
    /// Analyses that the study asks for and that cannot be given (added key).
    #[serde(default)]
    pub analyses_withheld: Vec<WithheldAnalysis>,
    /// How far other choices and unseen differences could change the answer.
    pub sensitivity: Sensitivity,
    /// How good the data were.
    pub quality: Quality,
    /// Policy in force and every rule applied.
    pub disclosure: DisclosureRecord,
    /// The certificate, once there is one.
    pub erasure: Option<ErasureRef>,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
    /// The result beside others, in sentences made of released and published numbers (added key).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_context: Vec<String>,
}

/// Which study.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct StudyRef {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Domain.
    pub domain: String,
    /// SHA-256 of the study file, hex.
    pub spec_digest: String,
    /// Words of the domain.
    pub words: crate::study::Words,
}

/// Which run.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Run {
    /// Version of the engine.
    pub engine_version: String,
    /// Seed of all random choices.
    pub seed: u64,
    /// RFC 3339, given by the caller.
    pub started: String,
    /// RFC 3339, given by the caller.
    pub finished: String,
    /// SHA-256 of the fixed design, hex.
    pub design_digest: String,
}

/// A step of the attrition: `people` are those left after it.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct FlowStep {
    /// `submitted`, `readable`, `unique`, `found`, `with_event`, `followed_up`, ..., `analysed`.
    pub step: String,
    /// Why people were lost at this step, in words.
    pub reason: String,
    /// People left.
    pub people: u64,
    /// Of the number submitted, 0-100.
    pub percent_of_submitted: f64,
    /// People lost here by reason (added key); adds up to the drop from the step before.
    #[serde(default)]
    pub lost: Vec<Loss>,
}

/// People lost for one reason, and what could be done about it.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Loss {
    /// In words.
    pub reason: String,
    /// How many.
    pub people: u64,
    /// What the charity could change, if anything.
    pub remedy: Option<String>,
}

/// One analysis: a design and its outcomes.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Analysis {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Is this the one the headline speaks of?
    pub headline: bool,
    /// Who the comparison pool is.
    pub pool: String,
    /// The design.
    pub design: DesignSummary,
    /// Balance, a row a term.
    pub balance: Vec<BalanceRow>,
    /// Is the design good enough to speak (no red light)? Added key.
    pub well_matched: bool,
    /// Overlap of propensity scores, for the picture (added key).
    pub overlap: Option<Overlap>,
    /// The outcomes.
    pub outcomes: Vec<OutcomeFinding>,
    /// Attrition of an analysis beside the main one, from the participants it is about to those
    /// analysed (added key; empty for the main one, whose attrition is [`Findings::flow`]).
    #[serde(default)]
    pub flow: Vec<FlowStep>,
}

/// The design in numbers.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct DesignSummary {
    /// `att`.
    pub estimand: String,
    /// Method.
    pub method: String,
    /// Caliper in units of the scale; null = none.
    pub caliper: Option<f64>,
    /// Scale.
    pub caliper_scale: String,
    /// With replacement?
    pub replace: bool,
    /// Neighbours a participant; null where it has no meaning.
    pub ratio: Option<usize>,
    /// Exact strata.
    pub exact: Vec<String>,
    /// Propensity model.
    pub propensity: PropensitySummary,
    /// Participants in the design.
    pub participants: u64,
    /// Of them, matched.
    pub participants_matched: u64,
    /// People in the pool.
    pub comparison_pool: u64,
    /// Of them, used.
    pub comparison_matched: u64,
    /// Effective sample size of the matched pool, (sum w)^2 / sum w^2.
    pub comparison_ess: f64,
    /// Pool members tied with another on the score that mattered for the choice (added key).
    #[serde(default)]
    pub tied: u64,
}

/// The propensity model.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct PropensitySummary {
    /// Always true: out of iterations is an error.
    pub converged: bool,
    /// Newton steps; 0 where the fit does not say (ridge).
    pub iterations: u32,
    /// Area under the ROC curve.
    pub c_statistic: f64,
    /// Coefficients.
    pub terms: Vec<Term>,
    /// Columns left out as constant or collinear (added key).
    #[serde(default)]
    pub removed: Vec<String>,
}

/// A coefficient.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Term {
    /// Column of the design matrix.
    pub term: String,
    /// Estimate, log odds.
    pub estimate: f64,
    /// Standard error.
    pub se: f64,
}

/// Balance of one term.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct BalanceRow {
    /// Column of the design matrix.
    pub term: String,
    /// Label for people (added key).
    #[serde(default)]
    pub label: String,
    /// Participants (matched ones).
    pub mean_treated: f64,
    /// Whole pool, unweighted.
    pub mean_pool: f64,
    /// Matched pool, weighted.
    pub mean_matched: f64,
    /// Standardised mean difference before (fraction, not percent).
    pub smd_before: Option<f64>,
    /// After.
    pub smd_after: Option<f64>,
    /// After, numbers only.
    pub variance_ratio: Option<f64>,
    /// Kolmogorov-Smirnov distance after.
    pub ks: f64,
    /// `green`, `amber`, `red`.
    pub light: String,
}

/// Histogram of the linear predictor, densities that sum to 1 in each group.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Overlap {
    /// Bin edges, one more than bins, on the probability scale as labels: linear predictor.
    pub edges: Vec<f64>,
    /// Share of participants in each bin.
    pub participants: Vec<f64>,
    /// Share of the whole pool.
    pub pool: Vec<f64>,
    /// Weighted share of the matched pool.
    pub matched: Vec<f64>,
}

/// What was found on one outcome.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct OutcomeFinding {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: OutcomeKind,
    /// Fixed beforehand as the deciding one?
    pub primary: bool,
    /// Unit.
    pub unit: String,
    /// Label for tables (added key).
    #[serde(default)]
    pub label: String,
    /// Title of the results table it is printed in, with the others of that title (added key).
    #[serde(default)]
    pub table: String,
    /// See [`crate::study::OutcomeSpec::phrase`] (added key).
    #[serde(default)]
    pub phrase: String,
    /// Which direction is good (added key).
    #[serde(default)]
    pub better: Better,
    /// Participants: n and mean (a fraction for binary).
    pub treated: Option<GroupValue>,
    /// Matched pool: n used and weighted mean.
    pub comparison: Option<GroupValue>,
    /// Participants minus comparison (a fraction for binary).
    pub difference: Option<Difference>,
    /// Risk, rate or no ratio.
    pub ratio: Option<Ratio>,
    /// Why a kind that has ratios has none here (added key).
    #[serde(default)]
    pub no_ratio: Option<String>,
    /// Survival: both curves (added key).
    #[serde(default)]
    pub survival: Option<SurvivalCurves>,
    /// Continuous: where each group's values lie (added key).
    #[serde(default)]
    pub quantiles: Option<QuantilesFinding>,
    /// Second opinion: bias-corrected matching.
    pub adjusted: Option<Difference>,
    /// The same difference worked out in other ways (added key).
    #[serde(default)]
    pub second_opinions: Vec<SecondOpinion>,
    /// Participants for the observed difference to be significant, when it is not.
    pub number_needed: Option<u64>,
    /// Smallest difference that could have been detected (80 % power, 5 %).
    pub detectable: Option<f64>,
    /// Filled by the report.
    #[serde(default)]
    pub can_say: String,
    /// Filled by the report.
    #[serde(default)]
    pub cannot_say: String,
    /// Why it is withheld, when it is.
    pub suppressed: Option<String>,
}

/// A difference worked out in another way, in the units of the headline; numbers are null where it
/// is not given.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct SecondOpinion {
    /// `bias_corrected` or `g_computation`.
    pub method: String,
    /// Participants minus comparison.
    pub estimate: Option<f64>,
    /// Standard error.
    pub se: Option<f64>,
    /// 95 % interval, low.
    pub ci_low: Option<f64>,
    /// 95 % interval, high.
    pub ci_high: Option<f64>,
    /// Two-sided, from the same statistic.
    pub p: Option<f64>,
    /// Why it is not given, when it is not.
    pub note: Option<String>,
}

/// A group's value.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct GroupValue {
    /// People the value rests on.
    pub people: u64,
    /// Mean (weighted for the comparison group).
    pub mean: f64,
}

/// An estimated difference.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Difference {
    /// Point.
    pub estimate: f64,
    /// Standard error.
    pub se: f64,
    /// `matched`, `lab`, `cluster`, `robust`, `bootstrap`.
    pub se_method: String,
    /// Degrees of freedom of t.
    pub df: f64,
    /// 95 % interval, low.
    pub ci_low: f64,
    /// 95 % interval, high.
    pub ci_high: f64,
    /// Two-sided, from the same statistic.
    pub p: f64,
    /// Holm-adjusted over the outcomes that are not primary; null for the primary.
    pub p_holm: Option<f64>,
    /// 2.5 and 97.5 percentiles of the bootstrap's replicates, beside the interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentile: Option<(f64, f64)>,
}

/// An estimated ratio.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Ratio {
    /// `risk_ratio`, `odds_ratio`, `rate_ratio`, `hazard_ratio`.
    pub kind: String,
    /// Point.
    pub estimate: f64,
    /// Standard error of its logarithm.
    pub log_se: f64,
    /// 95 % interval, low.
    pub ci_low: f64,
    /// 95 % interval, high.
    pub ci_high: f64,
    /// Binary outcomes: the odds ratio as well.
    pub odds_ratio: Option<Box<Ratio>>,
}

/// How good the data were: facts as name -> value, for people.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
pub struct Quality {
    /// The file.
    pub cohort: serde_json::Map<String, serde_json::Value>,
    /// The register.
    pub register: serde_json::Map<String, serde_json::Value>,
    /// The links.
    pub linkage: serde_json::Map<String, serde_json::Value>,
    /// Fit for purpose, accurate, complete, timely: twelve answers (added key; empty where nobody
    /// was looked for in a register).
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// How much confidence the data allow (added key).
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// How often each kind of person was found (added key).
    #[serde(default)]
    pub match_rates: Vec<MatchRate>,
    /// The deciding outcome at other thresholds of linkage (added key).
    #[serde(default)]
    pub linkage_sensitivity: Option<LinkageSensitivity>,
}

/// The deciding outcome, with everybody who is believed found at each of three thresholds.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct LinkageSensitivity {
    /// The threshold of the study.
    pub threshold: f64,
    /// A row a threshold, ascending.
    pub rows: Vec<AtThreshold>,
    /// Does the answer depend on the threshold?
    pub sentence: String,
}

/// The answer at one threshold.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct AtThreshold {
    /// Links are believed from this probability on.
    pub threshold: f64,
    /// Is it the study's?
    pub main: bool,
    /// People believed found.
    pub found: u64,
    /// Against the study's threshold: people found beside those, or fewer (negative).
    pub against_main: i64,
    /// Participants matched; null where there is no design or it is withheld.
    pub matched: Option<u64>,
    /// The difference; null where there is none or it is withheld.
    pub difference: Option<Difference>,
    /// Why there is none.
    pub why_not: Option<String>,
}

/// Policy in force and every rule applied.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
pub struct DisclosureRecord {
    /// `none`, `controlled` or `formal`.
    pub policy: String,
    /// Rules applied, in words.
    pub rules_applied: Vec<String>,
    /// Cells withheld.
    pub suppressed_cells: u64,
    /// The policy in force for a machine (added key); null where nothing is withheld or rounded.
    #[serde(default)]
    pub control: Option<Control>,
}

/// The certificate.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct ErasureRef {
    /// Id.
    pub certificate_id: String,
    /// SHA-256, hex.
    pub digest: String,
}

/// What the reader must know.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Warning {
    /// Stable code, `snake_case`.
    pub code: String,
    /// In words.
    pub message: String,
}
