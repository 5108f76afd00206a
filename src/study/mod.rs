//! A study: what is asked of the register, fixed in a file before any data is seen.
//!
//! The domain (justice, employment, health) lives in the study file, never in code. A file is
//! parsed once ([`Study::load`]) into the types below; unknown keys and impossible settings are
//! refused with the line they stand on. Everything downstream trusts these types.

mod parse;
mod raw;

pub use parse::StudyError;
pub(crate) use parse::{default_phrase, default_unit};

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
    /// How counterparts are chosen.
    pub matching: MatchSettings,
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

/// The index event of a participant: the latest one dated within the window around the start.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct IndexEventRule {
    /// The event may lie this many days before the programme's start ...
    pub window_before_days: u32,
    /// ... and this many after it (support that began before release).
    pub window_after_days: u32,
}

impl Default for IndexEventRule {
    fn default() -> Self {
        IndexEventRule {
            window_before_days: 365,
            window_after_days: 0,
        }
    }
}

/// The ways of finding a person, tried in order.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Linkage {
    /// Keys in the order they are tried.
    pub keys: Vec<LinkageKey>,
}

impl Default for Linkage {
    fn default() -> Self {
        Linkage {
            keys: vec![
                LinkageKey::PncId,
                LinkageKey::PrisonNumber,
                LinkageKey::NameAndDob,
            ],
        }
    }
}

/// A way of finding a person.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "snake_case")]
pub enum LinkageKey {
    /// Police National Computer id, with a valid check letter.
    PncId,
    /// Prison number.
    PrisonNumber,
    /// Forename, surname and date of birth, exactly, after normalising.
    NameAndDob,
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

/// The estimand. One today; named so that output and code say which.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Default)]
#[serde(rename_all = "snake_case")]
pub enum Estimand {
    /// Average effect on the participants who were matched.
    #[default]
    Att,
}

/// Matching method.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash, Default)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Everybody in the pool within the caliper shares the weight.
    #[default]
    Radius,
    /// The k nearest.
    Nearest,
}

impl Method {
    /// The word used in files, flags and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Radius => "radius",
            Method::Nearest => "nearest",
        }
    }
}

/// The order in which participants choose, for nearest-neighbour matching.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Largest score first: the hardest to match, when participants have the larger scores.
    Largest,
    /// Smallest score first.
    Smallest,
    /// The closest pair first.
    Closest,
    /// Row order.
    Data,
    /// Shuffled by the run's seed.
    Random,
}

/// The scale on which distances and the caliper are measured.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash, Default)]
#[serde(rename_all = "kebab-case")]
pub enum CaliperScale {
    /// Linear predictor, in standard deviations over everyone in the table.
    #[default]
    LpSd,
    /// Linear predictor (log odds).
    Lp,
    /// Probability.
    Probability,
    /// Odds.
    Odds,
}

impl CaliperScale {
    /// The word used in files, flags and output.
    pub fn as_str(self) -> &'static str {
        match self {
            CaliperScale::LpSd => "lp-sd",
            CaliperScale::Lp => "lp",
            CaliperScale::Probability => "probability",
            CaliperScale::Odds => "odds",
        }
    }
}

/// Caliper: the widest distance at which somebody still counts as a counterpart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Caliper {
    /// The method's default ([`MatchSettings::default_caliper`]).
    Default,
    /// No limit.
    None,
    /// In units of the scale, > 0.
    Width(f64),
    /// The widest of [`CALIPER_GRID`] at which every |SMD| is under [`SMD_BOUND`]; looks at balance only.
    Search,
}

/// Calipers tried by [`Caliper::Search`], widest first, in SDs of the linear predictor.
pub const CALIPER_GRID: [f64; 7] = [0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01];
/// Bound on |SMD| for [`Caliper::Search`] and for the green light.
pub const SMD_BOUND: f64 = 0.05;

/// Who is dropped for having a score outside the other group's range.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash, Default)]
#[serde(rename_all = "snake_case")]
pub enum CommonSupport {
    /// Nobody (a caliper does the work).
    #[default]
    None,
    /// Participants outside the pool's range.
    Participants,
    /// Pool members outside the participants' range.
    Pool,
    /// Both.
    Both,
}

/// Standard error of the difference.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash, Default)]
#[serde(rename_all = "snake_case")]
pub enum SeMethod {
    /// Abadie & Imbens (2006), for reuse of the pool.
    #[default]
    Matched,
    /// Fixed weights, the form the published labs use.
    Lab,
    /// Matched sets as clusters (sandwich).
    Cluster,
}

impl SeMethod {
    /// The word used in files, flags and output.
    pub fn as_str(self) -> &'static str {
        match self {
            SeMethod::Matched => "matched",
            SeMethod::Lab => "lab",
            SeMethod::Cluster => "cluster",
        }
    }
}

/// How counterparts are chosen and the standard error computed.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchSettings {
    /// Method.
    pub method: Method,
    /// Widest distance.
    pub caliper: Caliper,
    /// Scale of distance and caliper.
    pub caliper_scale: CaliperScale,
    /// Neighbours a participant (nearest only).
    pub ratio: usize,
    /// May a pool member serve more than one participant? Radius always replaces.
    pub replace: bool,
    /// Order of choosing; `None` = `largest` without replacement, `data` with.
    pub order: Option<Order>,
    /// Columns on which counterparts must agree exactly.
    pub exact: Vec<String>,
    /// Common support.
    pub common_support: CommonSupport,
    /// Standard error.
    pub se: SeMethod,
}

impl Default for MatchSettings {
    fn default() -> Self {
        MatchSettings {
            method: Method::Radius,
            caliper: Caliper::Default,
            caliper_scale: CaliperScale::LpSd,
            ratio: 1,
            replace: true,
            order: None,
            exact: Vec::new(),
            common_support: CommonSupport::None,
            se: SeMethod::Matched,
        }
    }
}

impl MatchSettings {
    /// Default caliper in SDs of the linear predictor: 0.1 for radius, 0.2 for nearest
    /// (Austin 2011, doi:10.1002/pst.433).
    pub fn default_caliper(method: Method) -> f64 {
        match method {
            Method::Radius => 0.1,
            Method::Nearest => 0.2,
        }
    }

    /// The order in force.
    pub fn resolved_order(&self) -> Order {
        self.order.unwrap_or(if self.replace {
            Order::Data
        } else {
            Order::Largest
        })
    }
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
    /// reoffence` ("the time to ..."); continuous: `earnings in 1978` ("average ...").
    pub phrase: String,
    /// `percentage points`, `per person`, `days`, `US dollars`, ...
    pub unit: String,
    /// Which direction is good for the person.
    pub better: Better,
    /// For [`OutcomeKind::Duration`]: the 0/1 column that says whether the event happened.
    pub given: Option<String>,
    /// For [`OutcomeKind::Count`]: the column with each person's time at risk, for the rate ratio.
    pub exposure: Option<String>,
    /// The outcome (by name) of which this one is a part: the parts add up to it, so that one
    /// withheld number could be worked out from the others.
    #[serde(default)]
    pub part_of: Option<String>,
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
}

impl OutcomeKind {
    /// The word used in files, flags and output.
    pub fn as_str(self) -> &'static str {
        match self {
            OutcomeKind::Binary => "binary",
            OutcomeKind::Count => "count",
            OutcomeKind::Duration => "duration",
            OutcomeKind::Continuous => "continuous",
        }
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
}

impl Default for DisclosurePolicy {
    fn default() -> Self {
        DisclosurePolicy {
            mode: DisclosureMode::Controlled,
            min_submitted: 60,
            min_matched: 30,
            min_each_side: 10,
        }
    }
}

/// Disclosure mode.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "snake_case")]
pub enum DisclosureMode {
    /// A researcher's own table: nothing withheld, and the output says so.
    None,
    /// Thresholds and suppression.
    Controlled,
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
