//! A study: what is asked of the register, fixed in a file before any data is seen.
//!
//! The domain (justice, employment, health) lives in the study file, never in code. A file is
//! parsed once ([`Study::load`]) into the types below; unknown keys and impossible settings are
//! refused with the line they stand on. Everything downstream trusts these types.

mod check;
mod index_event;
mod linkage;
mod matching;
mod outcome;
mod parse;
mod raw;

pub use index_event::{EVENT_DATE, IndexEventRule, Several};
pub use linkage::{Linkage, LinkageKey, LinkageMethod, ModelFile, THRESHOLD, THRESHOLDS};
pub use matching::{
    CALIPER_GRID, Caliper, CaliperScale, CommonSupport, Estimand, Kernel, MatchSettings, Method,
    Order, PenaltyChoice, PropensitySettings, SMD_BOUND, ScoreScale, SeMethod, WeightKind,
};
pub(crate) use outcome::{default_phrase, default_unit};
pub use parse::StudyError;

use serde::{Deserialize, Serialize};

/// A study as every stage uses it: checked, typed, immutable.
#[derive(Debug, Clone)]
pub struct Study {
    /// Short name, `[a-z0-9-]+`; stands in reports and file names.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// `justice`, `employment`, `health`, `education`, ... free text; chooses wording only.
    pub domain: String,
    /// What the reports call things.
    pub words: Words,
    /// Who may be a participant or a counterpart.
    pub eligibility: Eligibility,
    /// Which event of a person's is the one the programme followed.
    pub index_event: IndexEventRule,
    /// How people are found.
    pub linkage: Linkage,
    /// Columns of the design, in file order.
    pub covariates: Vec<Covariate>,
    /// How the probability of taking part is come by.
    pub propensity: PropensitySettings,
    /// How counterparts are chosen.
    pub matching: MatchSettings,
    /// Analyses beside the main one: sub-groups, other pools.
    pub analyses: Vec<AnalysisSpec>,
    /// What is compared, exactly one of them primary.
    pub outcomes: Vec<OutcomeSpec>,
    /// What may leave.
    pub disclosure: DisclosurePolicy,
    /// For studies of one's own table (`analyse`): which columns are what.
    pub table: Option<TableSpec>,
    /// SHA-256 of the file's bytes, hex.
    pub digest: String,
}

impl Study {
    /// The outcome fixed beforehand as the one that decides.
    pub fn primary(&self) -> &OutcomeSpec {
        self.outcomes
            .iter()
            .find(|o| o.primary)
            .unwrap_or(&self.outcomes[0])
    }
}

/// What the reports call people, support and the thing measured.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    /// Plural of a participant: `people`, `patients`, `learners`.
    pub people: String,
    /// What participants got: `support`, `financial aid`, `training`.
    pub support: String,
    /// What the index event is called: `release from custody`.
    pub event: String,
}

impl Default for Words {
    fn default() -> Self {
        Words {
            people: "people".into(),
            support: "support".into(),
            event: "index event".into(),
        }
    }
}

/// Who is eligible, for participants and pool alike.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Eligibility {
    /// Days of follow-up that must lie before the register's cut-off.
    pub follow_up_days: u32,
    /// Further days an outcome needs to be recorded (justice: to be proven).
    pub recording_days: u32,
    /// One event a person in the pool (the latest in the window), so that people are independent.
    pub one_event_per_person: bool,
    /// Register column -> values allowed, e.g. `sentence_type = ["custody"]`.
    pub only: std::collections::BTreeMap<String, Vec<String>>,
}

impl Default for Eligibility {
    fn default() -> Self {
        Eligibility {
            follow_up_days: 365,
            recording_days: 0,
            one_event_per_person: true,
            only: Default::default(),
        }
    }
}

/// A column of the design.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Covariate {
    /// Column in the register or table.
    pub column: String,
    /// What the report calls it.
    pub label: String,
    /// How it enters the model.
    pub kind: CovariateKind,
    /// Also enter its square (numbers only).
    pub square: bool,
    /// Enter as a natural cubic spline with this many columns (numbers only), 2 to 7.
    #[serde(default)]
    pub spline: Option<usize>,
}

/// How a covariate enters the design matrix.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum CovariateKind {
    /// As it is, one column.
    Number,
    /// 0/1 or yes/no, one column.
    Flag,
    /// One column a level, against the most frequent.
    Category,
}

/// What is compared.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct OutcomeSpec {
    /// Short name, stands in `report.json`.
    pub name: String,
    /// Column in the register or table.
    pub column: String,
    /// Kind; decides headline, ratio and sentences.
    pub kind: OutcomeKind,
    /// Decides; exactly one a study.
    pub primary: bool,
    /// Title of its table: `Reoffending rate`.
    pub label: String,
    /// How it ends the sentence. Binary: `who reoffend within one year` ("the number who ...");
    /// count: `proven reoffences within one year` ("the number of ..."); duration: `the first
    /// reoffence` ("the time to ..."); continuous: `earnings in 1978` ("average ..."); ordered and
    /// categories: `whose first reoffence was` ("the number whose first reoffence was “theft”").
    pub phrase: String,
    /// `percentage points`, `per person`, `days`, `US dollars`, ...
    pub unit: String,
    /// Which direction is good for the person.
    pub better: Better,
    /// For [`OutcomeKind::Duration`] and [`OutcomeKind::Survival`]: the 0/1 column that says
    /// whether the event happened.
    pub given: Option<String>,
    /// For [`OutcomeKind::Count`]: the column with each person's time at risk, for the rate ratio.
    pub exposure: Option<String>,
    /// The outcome (by name) of which this one is a part: the parts add up to it, so that one
    /// withheld number could be worked out from the others.
    #[serde(default)]
    pub part_of: Option<String>,
    /// Title of the results table it is printed in; outcomes that share one stand in it together.
    #[serde(default)]
    pub table: String,
    /// Measured before the start, where no effect can be: a check on the design, no result.
    #[serde(default)]
    pub placebo: bool,
    /// For [`OutcomeKind::Survival`]: mean times are over the time up to here; `None` = as far as
    /// both groups were followed.
    #[serde(default)]
    pub horizon: Option<f64>,
    /// Names of the same outcome in tables of results that others published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub published_as: Vec<String>,
    /// For [`OutcomeKind::Ordered`] (from lowest to highest) and [`OutcomeKind::Categories`]: the
    /// levels; empty = those in the data.
    #[serde(default)]
    pub levels: Vec<String>,
}

/// An analysis beside the main one: the same study on some of the people, or another pool. It has
/// a design of its own.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct AnalysisSpec {
    /// Short name, stands in `report.json`.
    pub id: String,
    /// For people: `Women`, `Released in the North`.
    pub title: String,
    /// Participants and pool: column -> values kept, `sex = ["F"]`.
    pub only: std::collections::BTreeMap<String, Vec<String>>,
    /// Pool alone: column -> values kept.
    pub pool: std::collections::BTreeMap<String, Vec<String>>,
    /// Pool alone: columns whose values must be some participant's, `["region"]` for a regional pool.
    pub pool_shares: Vec<String>,
    /// Participants alone: those of whom the list says that they completed the programme, or that they
    /// did not.
    #[serde(default)]
    pub completed: Option<bool>,
    /// Participants alone: one such analysis for each place named in the list.
    #[serde(default)]
    pub each_site: bool,
}

/// Outcome kinds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// 0/1.
    Binary,
    /// 0, 1, 2, ...
    Count,
    /// Time to the event among those who had it.
    Duration,
    /// Any number.
    Continuous,
    /// Time to the event, or to the end of follow-up for those to whom it did not happen.
    Survival,
    /// Levels with an order: a yes-or-no row each.
    Ordered,
    /// Levels without an order: a yes-or-no row each.
    Categories,
}

impl OutcomeKind {
    /// The word used in files, flags and output.
    pub fn as_str(self) -> &'static str {
        match self {
            OutcomeKind::Binary => "binary",
            OutcomeKind::Count => "count",
            OutcomeKind::Duration => "duration",
            OutcomeKind::Continuous => "continuous",
            OutcomeKind::Survival => "survival",
            OutcomeKind::Ordered => "ordered",
            OutcomeKind::Categories => "categories",
        }
    }

    /// Are its values levels, each of which gets a row of its own?
    pub fn has_levels(self) -> bool {
        matches!(self, OutcomeKind::Ordered | OutcomeKind::Categories)
    }
}

/// Which direction of an outcome is good for the person.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash, Default)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Less is better (reoffending).
    Lower,
    /// More is better (weeks in work).
    Higher,
    /// Neither is.
    #[default]
    Neither,
}

/// What may leave the lab.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct DisclosurePolicy {
    /// The mode.
    pub mode: DisclosureMode,
    /// Fewest people submitted for an analysis.
    pub min_submitted: u32,
    /// Fewest matched people for a result.
    pub min_matched: u32,
    /// Fewest people with, and without, a binary outcome in each group.
    pub min_each_side: u32,
    /// Findings made by the service wait until a steward has approved their release.
    pub approval: bool,
    /// Formal mode: what all the noise of a report spends together.
    pub epsilon: f64,
    /// Formal mode: how many releases a held record may ever be part of.
    pub uses: u16,
}

impl Default for DisclosurePolicy {
    fn default() -> Self {
        DisclosurePolicy {
            mode: DisclosureMode::Controlled,
            min_submitted: 60,
            min_matched: 30,
            min_each_side: 10,
            approval: true,
            epsilon: 1.0,
            uses: 10,
        }
    }
}

/// Disclosure mode.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "snake_case")]
pub enum DisclosureMode {
    /// A researcher's own table: nothing withheld, and the output says so.
    None,
    /// Thresholds, rounding and suppression.
    Controlled,
    /// All of that, and noise on the outcomes.
    Formal,
}

impl DisclosureMode {
    /// Is anything withheld at all?
    pub fn guards(self) -> bool {
        self != DisclosureMode::None
    }
}

/// Columns of a researcher's own table.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// 0/1 column: took part or not.
    pub treatment: String,
    /// Row identifier, for `--matches`.
    pub id: Option<String>,
}
