//! The study file as it is written: TOML tables with the place of every setting that is checked.

use super::{
    Better, CaliperScale, CommonSupport, CovariateKind, DisclosurePolicy, Eligibility,
    IndexEventRule, Linkage, Method, Order, OutcomeKind, SeMethod, TableSpec, Words,
};
use serde::Deserialize;
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
    pub linkage: Option<Spanned<Linkage>>,
    pub covariates: Vec<Spanned<RawCovariate>>,
    #[serde(default)]
    pub matching: RawMatching,
    pub outcomes: Vec<Spanned<RawOutcome>>,
    pub disclosure: Option<Spanned<DisclosurePolicy>>,
    pub table: Option<Spanned<TableSpec>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCovariate {
    pub column: Spanned<String>,
    pub label: Option<String>,
    pub kind: CovariateKind,
    #[serde(default)]
    pub square: bool,
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
    pub se: Option<Spanned<SeMethod>>,
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
}
