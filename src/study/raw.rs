//! The study file as it is written: TOML tables with the place of every setting that is checked.

use super::{
    Better, CaliperScale, CommonSupport, CovariateKind, DisclosurePolicy, Eligibility,
    IndexEventRule, Kernel, LinkageKey, LinkageMethod, Method, Order, OutcomeKind, ScoreScale,
    SeMethod, TableSpec, WeightKind, Words,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStudy {
    pub id: Spanned<String>,
    pub title: Spanned<String>,
    pub domain: Spanned<String>,
    #[serde(default)]
    pub words: Words,
    pub eligibility: Option<Spanned<Eligibility>>,
    pub index_event: Option<Spanned<IndexEventRule>>,
    pub linkage: Option<Spanned<RawLinkage>>,
    pub covariates: Vec<Spanned<RawCovariate>>,
    #[serde(default)]
    pub propensity: RawPropensity,
    #[serde(default)]
    pub matching: RawMatching,
    #[serde(default)]
    pub analyses: Vec<Spanned<RawAnalysis>>,
    pub outcomes: Vec<Spanned<RawOutcome>>,
    pub disclosure: Option<Spanned<DisclosurePolicy>>,
    pub table: Option<Spanned<TableSpec>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLinkage {
    pub keys: Option<Vec<LinkageKey>>,
    pub method: Option<LinkageMethod>,
    pub threshold: Option<Spanned<f64>>,
    pub thresholds: Option<Spanned<Vec<f64>>>,
    pub model: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCovariate {
    pub column: Spanned<String>,
    pub label: Option<String>,
    pub kind: CovariateKind,
    #[serde(default)]
    pub square: bool,
    pub spline: Option<Spanned<usize>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPropensity {
    pub penalty: Option<Spanned<RawPenalty>>,
    pub backward: Option<Spanned<f64>>,
    pub scores: Option<Spanned<String>>,
    #[serde(default)]
    pub score_scale: ScoreScale,
    pub sampling_weights: Option<Spanned<String>>,
}

/// `"none"`, `"firth"`, or `{ ridge = 0.1 }`.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "`penalty` must be \"none\", \"firth\" or { ridge = 0.1 }"
)]
pub(super) enum RawPenalty {
    Word(String),
    Ridge { ridge: f64 },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAnalysis {
    pub id: Spanned<String>,
    pub title: Option<String>,
    #[serde(default)]
    pub only: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub pool: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub pool_shares: Vec<String>,
    pub completed: Option<bool>,
    #[serde(default)]
    pub each_site: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMatching {
    #[serde(default)]
    pub method: Method,
    pub caliper: Option<Spanned<RawCaliper>>,
    #[serde(default)]
    pub caliper_scale: CaliperScale,
    pub ratio: Option<Spanned<usize>>,
    pub replace: Option<Spanned<bool>>,
    pub order: Option<Spanned<Order>>,
    #[serde(default)]
    pub exact: Vec<Spanned<String>>,
    #[serde(default)]
    pub common_support: CommonSupport,
    #[serde(default)]
    pub kernel: Kernel,
    #[serde(default)]
    pub weights: WeightKind,
    pub subclasses: Option<Spanned<usize>>,
    #[serde(default)]
    pub columns: Vec<Spanned<String>>,
    #[serde(default)]
    pub cutpoints: BTreeMap<String, Vec<f64>>,
    pub se: Option<Spanned<SeMethod>>,
    pub replicates: Option<Spanned<u32>>,
}

/// A number, or `"none"`, or `"search"`.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "`caliper` must be a number above 0, \"none\" or \"search\""
)]
pub(super) enum RawCaliper {
    Width(f64),
    Word(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOutcome {
    pub name: Spanned<String>,
    pub column: Option<String>,
    pub kind: OutcomeKind,
    #[serde(default)]
    pub primary: bool,
    pub label: Option<String>,
    pub phrase: Option<String>,
    pub unit: Option<String>,
    #[serde(default)]
    pub better: Better,
    pub given: Option<Spanned<String>>,
    pub exposure: Option<Spanned<String>>,
    pub part_of: Option<Spanned<String>>,
    pub table: Option<String>,
    #[serde(default)]
    pub placebo: bool,
    pub horizon: Option<Spanned<f64>>,
    #[serde(default)]
    pub published_as: Vec<String>,
    pub levels: Option<Spanned<Vec<String>>>,
}
