//! The flags of `counterpart analyse`, and the study they amount to.

use crate::cli::input;
use crate::cli::output::{Format, USUAL};
use crate::study::{
    Caliper, CaliperScale, CommonSupport, Kernel, Method, Order, PenaltyChoice, ScoreScale,
    SeMethod, WeightKind,
};
use clap::ValueEnum;
use std::path::PathBuf;

/// Flags of `counterpart analyse`.
#[derive(clap::Args)]
#[command(
    after_help = "Without --out, report.json goes to stdout. Exit codes: 0 done; 1 there is no answer (the reason is printed); 2 the flags were not understood; 3 a file cannot be read or written."
)]
pub struct Args {
    /// A CSV or Parquet table, a row a person
    pub table: PathBuf,
    /// A study file with a [table] part, instead of the flags below
    #[arg(long, value_name = "FILE", conflicts_with_all = ["treatment", "outcome", "covariates", "category", "exact", "method", "ratio", "replace", "order", "caliper", "caliper_scale", "common_support", "se", "square", "spline", "kernel", "weights", "subclasses", "match_on", "cutpoints", "replicates", "penalty", "backward", "scores", "score_scale", "sampling_weights", "placebo", "subgroup"])]
    pub study: Option<PathBuf>,
    /// The 0/1 column that says who took part
    #[arg(long, value_name = "COL", required_unless_present = "study")]
    pub treatment: Option<String>,
    /// An outcome, the first is primary: COL, or COL:binary, COL:count[:EXPOSURE], COL:continuous,
    /// COL:duration:EVENT, COL:survival:EVENT[:HORIZON], COL:ordered[:LOW,...,HIGH] or
    /// COL:categories[:A,B,...]. Without a kind, 0/1 columns are binary and others continuous
    #[arg(long, value_name = "COL[:KIND]", required_unless_present = "study")]
    pub outcome: Vec<String>,
    /// Columns to match on (default: every column without another role)
    #[arg(long, value_delimiter = ',', value_name = "A,B,..", value_parser = column)]
    pub covariates: Vec<String>,
    /// Number columns to take as categories
    #[arg(long, value_delimiter = ',', value_name = "A,B,..", value_parser = column)]
    pub category: Vec<String>,
    /// Number columns to enter with their square
    #[arg(long, value_delimiter = ',', value_name = "A,B,..", value_parser = column)]
    pub square: Vec<String>,
    /// Number columns to enter as natural cubic splines: A or A:DF (2 to 7 columns; 4 when not said)
    #[arg(long, value_delimiter = ',', value_name = "A[:DF],..", value_parser = spline)]
    pub spline: Vec<(String, usize)>,
    /// The column that names rows, for --matches
    #[arg(long, value_name = "COL")]
    pub id: Option<String>,
    /// Columns on which counterparts must agree exactly
    #[arg(long, value_delimiter = ',', value_name = "A,B,..", value_parser = column)]
    pub exact: Vec<String>,
    /// How counterparts are chosen
    #[arg(long, value_enum, default_value_t = MethodFlag::Radius)]
    pub method: MethodFlag,
    /// How closeness turns into weight (kernel)
    #[arg(long, value_enum, default_value_t = KernelFlag::Epanechnikov)]
    pub kernel: KernelFlag,
    /// Which weights (weighting)
    #[arg(long, value_enum, default_value_t = WeightFlag::Odds)]
    pub weights: WeightFlag,
    /// How many subclasses (subclass)
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub subclasses: usize,
    /// Columns that exact, cem and mahalanobis work on (default: every covariate)
    #[arg(long, value_delimiter = ',', value_name = "A,B,..", value_parser = column)]
    pub match_on: Vec<String>,
    /// Where to cut a column (cem): COL=18,25,40; others are cut by Sturges' rule
    #[arg(long, value_name = "COL=A,B,..", value_parser = cutpoints)]
    pub cutpoints: Vec<(String, Vec<f64>)>,
    /// Neighbours a participant (nearest, mahalanobis, optimal)
    #[arg(
        long,
        default_value_t = 1,
        value_name = "K",
        allow_negative_numbers = true
    )]
    pub ratio: usize,
    /// A pool member may serve several participants (nearest, mahalanobis; radius and kernel always
    /// do)
    #[arg(long)]
    pub replace: bool,
    /// Who chooses first (nearest, mahalanobis) [default: largest, data with --replace]
    #[arg(long, value_enum)]
    pub order: Option<OrderFlag>,
    /// Widest distance, a kernel's bandwidth: a number, none, or search [default: 0.1 for radius and
    /// kernel, 0.2 for nearest, mahalanobis, optimal and full]
    #[arg(long, value_parser = caliper, value_name = "X|none|search", allow_hyphen_values = true)]
    pub caliper: Option<Caliper>,
    /// Scale on which distances and the caliper are measured
    #[arg(long, value_enum, default_value_t = ScaleFlag::LpSd)]
    pub caliper_scale: ScaleFlag,
    /// Drop who has a score outside the other group's range
    #[arg(long, value_enum, default_value_t = SupportFlag::None)]
    pub common_support: SupportFlag,
    /// Standard error: matched allows for reuse of the pool, lab takes weights as fixed, cluster is
    /// the sandwich by matched set, robust the sandwich by person, stacked counts in what estimating
    /// the weights costs (weighting), bootstrap redoes the whole design [default: matched; stacked
    /// for weighting]
    #[arg(long, value_enum)]
    pub se: Option<SeFlag>,
    /// Replicates of the bootstrap
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub replicates: u32,
    /// Penalty of the propensity model: firth stays finite where a covariate predicts perfectly
    #[arg(long, value_enum, default_value_t = PenaltyFlag::None, conflicts_with = "ridge")]
    pub penalty: PenaltyFlag,
    /// Drop covariates whose Wald p is above this, one at a time
    #[arg(long, value_name = "P", value_parser = share)]
    pub backward: Option<f64>,
    /// A column of propensity scores of your own: no model is fitted
    #[arg(long, value_name = "COL", conflicts_with_all = ["ridge", "penalty", "backward"])]
    pub scores: Option<String>,
    /// The scale of --scores
    #[arg(long, value_enum, default_value_t = ScoreScaleFlag::Probability)]
    pub score_scale: ScoreScaleFlag,
    /// A column of sampling weights
    #[arg(long, value_name = "COL")]
    pub sampling_weights: Option<String>,
    /// Ridge penalty of the propensity model, where maximum likelihood has no answer
    #[arg(long, value_name = "ALPHA", value_parser = input::ridge, allow_hyphen_values = true)]
    pub ridge: Option<f64>,
    /// Also estimate the primary outcome under other methods and calipers
    #[arg(long)]
    pub specifications: bool,
    /// Also estimate the primary outcome with each covariate left out of the design
    #[arg(long)]
    pub leave_one_out: bool,
    /// An outcome measured before the start, COL[:KIND], on which there can be no effect
    #[arg(long, value_name = "COL[:KIND]")]
    pub placebo: Vec<String>,
    /// A further analysis of the people whose column has the value, with a design of its own
    #[arg(long, value_name = "COL=VALUE", value_parser = subgroup)]
    pub subgroup: Vec<(String, String)>,
    /// Seed of every random choice: the same seed gives the same report
    #[arg(
        long,
        default_value_t = 1,
        value_name = "N",
        allow_negative_numbers = true
    )]
    pub seed: u64,
    /// Write the matches: treated_id, comparison_id, weight; under weighting, where everybody shares
    /// one pool, the weights: id, group, weight
    #[arg(long, value_name = "FILE")]
    pub matches: Option<PathBuf>,
    /// The folder to write the report to
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What to write to --out
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = USUAL, requires = "out")]
    pub format: Vec<Format>,
    /// Print report.json to stdout even with --out
    #[arg(long)]
    pub json: bool,
}

/// Defines a flag's values once, with the study's type they stand for.
macro_rules! flag {
    ($(#[$doc:meta])* $name:ident => $to:ty { $($value:ident => $of:expr),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
        #[allow(missing_docs)]
        pub enum $name { $($value),+ }

        impl From<$name> for $to {
            fn from(flag: $name) -> $to {
                match flag { $($name::$value => $of),+ }
            }
        }
    };
}

flag!(
    /// `--method`.
    MethodFlag => Method {
        Radius => Method::Radius, Kernel => Method::Kernel, Nearest => Method::Nearest,
        Mahalanobis => Method::Mahalanobis, Optimal => Method::Optimal, Full => Method::Full,
        Subclass => Method::Subclass, Exact => Method::Exact, Cem => Method::Cem,
        Weighting => Method::Weighting,
    }
);
flag!(
    /// `--kernel`.
    KernelFlag => Kernel {
        Epanechnikov => Kernel::Epanechnikov, Uniform => Kernel::Uniform,
        Biweight => Kernel::Biweight, Tricube => Kernel::Tricube, Normal => Kernel::Normal,
    }
);
flag!(
    /// `--weights`.
    WeightFlag => WeightKind {
        Odds => WeightKind::Odds, Entropy => WeightKind::Entropy, Overlap => WeightKind::Overlap,
    }
);
flag!(
    /// `--penalty`.
    PenaltyFlag => PenaltyChoice { None => PenaltyChoice::None, Firth => PenaltyChoice::Firth }
);
flag!(
    /// `--score-scale`.
    ScoreScaleFlag => ScoreScale { Probability => ScoreScale::Probability, Lp => ScoreScale::Lp }
);
flag!(
    /// `--order`.
    OrderFlag => Order {
        Largest => Order::Largest, Smallest => Order::Smallest, Closest => Order::Closest,
        Data => Order::Data, Random => Order::Random,
    }
);
flag!(
    /// `--caliper-scale`.
    ScaleFlag => CaliperScale {
        LpSd => CaliperScale::LpSd, Lp => CaliperScale::Lp,
        Probability => CaliperScale::Probability, Odds => CaliperScale::Odds,
    }
);
flag!(
    /// `--common-support`.
    SupportFlag => CommonSupport {
        None => CommonSupport::None, Participants => CommonSupport::Participants,
        Pool => CommonSupport::Pool, Both => CommonSupport::Both,
    }
);
flag!(
    /// `--se`.
    SeFlag => SeMethod {
        Matched => SeMethod::Matched, Lab => SeMethod::Lab, Cluster => SeMethod::Cluster,
        Robust => SeMethod::Robust, Stacked => SeMethod::Stacked,
        Bootstrap => SeMethod::Bootstrap,
    }
);

fn caliper(text: &str) -> Result<Caliper, String> {
    match text {
        "none" => Ok(Caliper::None),
        "search" => Ok(Caliper::Search),
        _ => match text.parse::<f64>() {
            Ok(w) if w.is_finite() && w > 0.0 => Ok(Caliper::Width(w)),
            _ => Err("must be a number above 0, `none` or `search`".into()),
        },
    }
}

fn column(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("a column name is empty; write A,B without a comma at the end".into()),
        name => Ok(name.to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(p) if p > 0.0 && p < 1.0 => Ok(p),
        _ => Err("must be a number between 0 and 1".into()),
    }
}

fn spline(text: &str) -> Result<(String, usize), String> {
    let (name, columns) = match text.rsplit_once(':') {
        None => (text, 4),
        Some((name, df)) => match df.parse() {
            Ok(df @ 2..=7) => (name, df),
            _ => return Err("the number after the colon must be from 2 to 7".into()),
        },
    };
    Ok((column(name)?, columns))
}

fn cutpoints(text: &str) -> Result<(String, Vec<f64>), String> {
    let Some((name, cuts)) = text.split_once('=') else {
        return Err("write COL=A,B,..".into());
    };
    let cuts: Result<Vec<f64>, _> = cuts.split(',').map(|c| c.trim().parse()).collect();
    match cuts {
        Ok(cuts) => Ok((column(name)?, cuts)),
        Err(_) => Err("cut points are numbers; write COL=18,25,40".into()),
    }
}

fn subgroup(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !value.trim().is_empty() => {
            Ok((column(name)?, value.trim().to_owned()))
        }
        _ => Err("write COL=VALUE".into()),
    }
}
