//! How counterparts are chosen: the settings of propensity, matching and standard error.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whose average effect is estimated.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Default)]
#[serde(rename_all = "snake_case")]
pub enum Estimand {
    /// Average effect on the participants who were matched.
    #[default]
    Att,
    /// Average effect in the overlap: people weighed by how undecided it was whether they would
    /// take part (Li, Morgan & Zaslavsky 2018, doi:10.1080/01621459.2016.1260466).
    Ato,
}

impl Estimand {
    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Estimand::Att => "att",
            Estimand::Ato => "ato",
        }
    }
}

/// Matching method.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash, Default)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Everybody in the pool within the caliper shares the weight.
    #[default]
    Radius,
    /// Everybody within the bandwidth, the closer the heavier.
    Kernel,
    /// The k nearest.
    Nearest,
    /// The k nearest on the Mahalanobis distance, within a caliper of the score.
    Mahalanobis,
    /// Pairs of least total distance.
    Optimal,
    /// Sets of one participant and several others, or the reverse, of least total distance.
    Full,
    /// Quantiles of the score among participants.
    Subclass,
    /// Alike on every column.
    Exact,
    /// Alike on every column after coarsening.
    Cem,
    /// Weights instead of matches.
    Weighting,
}

impl Method {
    /// All of them, in the order of the documents.
    pub const ALL: [Method; 10] = [
        Method::Radius,
        Method::Kernel,
        Method::Nearest,
        Method::Mahalanobis,
        Method::Optimal,
        Method::Full,
        Method::Subclass,
        Method::Exact,
        Method::Cem,
        Method::Weighting,
    ];

    /// The word used in files, flags and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Radius => "radius",
            Method::Kernel => "kernel",
            Method::Nearest => "nearest",
            Method::Mahalanobis => "mahalanobis",
            Method::Optimal => "optimal",
            Method::Full => "full",
            Method::Subclass => "subclass",
            Method::Exact => "exact",
            Method::Cem => "cem",
            Method::Weighting => "weighting",
        }
    }

    /// Does a caliper (or bandwidth) mean anything to it?
    pub fn takes_caliper(self) -> bool {
        !matches!(
            self,
            Method::Subclass | Method::Exact | Method::Cem | Method::Weighting
        )
    }

    /// May one choose whether pool members serve several participants?
    pub fn takes_replace(self) -> bool {
        matches!(self, Method::Nearest | Method::Mahalanobis)
    }

    /// Does it work from the columns rather than the score?
    pub fn matches_on_columns(self) -> bool {
        matches!(self, Method::Exact | Method::Cem | Method::Mahalanobis)
    }
}

/// Kernel of [`Method::Kernel`], `u` the distance over the bandwidth; 0 beyond 1 but for the normal.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash, Default)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    /// 1 - u^2.
    #[default]
    Epanechnikov,
    /// 1: radius matching.
    Uniform,
    /// (1 - u^2)^2.
    Biweight,
    /// (1 - |u|^3)^3.
    Tricube,
    /// exp(-u^2 / 2), without bound.
    Normal,
}

impl Kernel {
    /// The word used in files, flags and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Kernel::Epanechnikov => "epanechnikov",
            Kernel::Uniform => "uniform",
            Kernel::Biweight => "biweight",
            Kernel::Tricube => "tricube",
            Kernel::Normal => "normal",
        }
    }
}

/// Weights of [`Method::Weighting`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash, Default)]
#[serde(rename_all = "snake_case")]
pub enum WeightKind {
    /// The pool weighs e / (1 - e).
    #[default]
    Odds,
    /// The weights nearest to even ones at which every mean is that of the participants
    /// (Hainmueller 2012, doi:10.1093/pan/mpr025).
    Entropy,
    /// Participants weigh 1 - e, the pool e; another estimand, [`Estimand::Ato`].
    Overlap,
}

impl WeightKind {
    /// The word used in files, flags and output.
    pub fn as_str(self) -> &'static str {
        match self {
            WeightKind::Odds => "odds",
            WeightKind::Entropy => "entropy",
            WeightKind::Overlap => "overlap",
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

/// Caliper: the widest distance at which somebody still counts as a counterpart; a kernel's
/// bandwidth.
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
    /// Weights taken as known, a variance a person (sandwich, HC1).
    Robust,
    /// The equations of estimated weights and of the means, stacked (M-estimation).
    Stacked,
    /// The whole design redone on resampled people.
    Bootstrap,
}

impl SeMethod {
    /// The word used in files, flags and output.
    pub fn as_str(self) -> &'static str {
        match self {
            SeMethod::Matched => "matched",
            SeMethod::Lab => "lab",
            SeMethod::Cluster => "cluster",
            SeMethod::Robust => "robust",
            SeMethod::Stacked => "stacked",
            SeMethod::Bootstrap => "bootstrap",
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
    /// Neighbours a participant (nearest, mahalanobis, optimal).
    pub ratio: usize,
    /// May a pool member serve more than one participant? Radius and kernel always replace.
    pub replace: bool,
    /// Order of choosing; `None` = `largest` without replacement, `data` with.
    pub order: Option<Order>,
    /// Columns on which counterparts must agree exactly, with any method.
    pub exact: Vec<String>,
    /// Common support.
    pub common_support: CommonSupport,
    /// Kernel (kernel only).
    pub kernel: Kernel,
    /// Weights (weighting only).
    pub weights: WeightKind,
    /// Subclasses (subclass only), 2 to 100.
    pub subclasses: usize,
    /// Columns that exact, coarsened and Mahalanobis matching work on; empty = every covariate.
    pub columns: Vec<String>,
    /// Inner cut points of coarsened columns, ascending; a column not named is cut by Sturges' rule.
    pub cutpoints: BTreeMap<String, Vec<f64>>,
    /// Standard error.
    pub se: SeMethod,
    /// Replicates of the bootstrap.
    pub replicates: u32,
}

impl Default for MatchSettings {
    fn default() -> Self {
        MatchSettings::new(Method::Radius)
    }
}

impl MatchSettings {
    /// A method with its defaults.
    pub fn new(method: Method) -> Self {
        MatchSettings {
            method,
            caliper: Caliper::Default,
            caliper_scale: CaliperScale::LpSd,
            ratio: 1,
            replace: matches!(method, Method::Radius | Method::Kernel),
            order: None,
            exact: Vec::new(),
            common_support: CommonSupport::None,
            kernel: Kernel::Epanechnikov,
            weights: WeightKind::Odds,
            subclasses: 5,
            columns: Vec::new(),
            cutpoints: BTreeMap::new(),
            se: SeMethod::default_of(method),
            replicates: 1000,
        }
    }

    /// Default caliper in SDs of the linear predictor: 0.1 for radius and kernel, 0.2 for nearest
    /// and its kin (Austin 2011, doi:10.1002/pst.433), none where none has a meaning.
    pub fn default_caliper(method: Method) -> f64 {
        match method {
            Method::Radius | Method::Kernel => 0.1,
            Method::Nearest | Method::Mahalanobis | Method::Optimal | Method::Full => 0.2,
            Method::Subclass | Method::Exact | Method::Cem | Method::Weighting => f64::INFINITY,
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

    /// Whose effect these settings estimate.
    pub fn estimand(&self) -> Estimand {
        match (self.method, self.weights) {
            (Method::Weighting, WeightKind::Overlap) => Estimand::Ato,
            _ => Estimand::Att,
        }
    }
}

impl SeMethod {
    /// The standard error used when none is asked for.
    pub fn default_of(method: Method) -> SeMethod {
        match method {
            Method::Weighting => SeMethod::Stacked,
            _ => SeMethod::Matched,
        }
    }
}

/// Penalty on the propensity model's coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum PenaltyChoice {
    /// Maximum likelihood.
    #[default]
    None,
    /// Firth's (doi:10.1093/biomet/80.1.27): finite under separation.
    Firth,
    /// Ridge: `alpha / 2` times the squared length of the standardised coefficients.
    Ridge(f64),
}

/// Scale of scores that the user supplies.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Default)]
#[serde(rename_all = "snake_case")]
pub enum ScoreScale {
    /// Between 0 and 1, both excluded.
    #[default]
    Probability,
    /// Log odds.
    Lp,
}

/// How the probability of taking part is come by.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PropensitySettings {
    /// Penalty.
    pub penalty: PenaltyChoice,
    /// Drop covariates whose Wald p is above this, the largest first; `None` = keep all.
    pub backward: Option<f64>,
    /// A column that holds the scores: no model is fitted.
    pub scores: Option<String>,
    /// Its scale.
    pub score_scale: ScoreScale,
    /// A column of sampling weights, > 0, by which people count in model, matching and effects.
    pub sampling_weights: Option<String>,
}
