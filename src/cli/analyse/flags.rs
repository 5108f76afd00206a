//! The flags of `counterpart analyse`, and the study they amount to.

use crate::cli::{Failure, input};
use crate::cohort::Field;
use crate::numeric::frame::Column;
use crate::register::own_table::{Roles, Table, column_names, require};
use crate::study::{
    Better, Caliper, CaliperScale, CommonSupport, Covariate, CovariateKind, DisclosureMode,
    DisclosurePolicy, MatchSettings, Method, Order, OutcomeKind, OutcomeSpec, SeMethod, Study,
    TableSpec, Words,
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
    #[arg(long, value_name = "FILE", conflicts_with_all = ["treatment", "outcome", "covariates", "category", "exact", "method", "ratio", "replace", "order", "caliper", "caliper_scale", "common_support", "se", "square"])]
    pub study: Option<PathBuf>,
    /// The 0/1 column that says who took part
    #[arg(long, value_name = "COL", required_unless_present = "study")]
    pub treatment: Option<String>,
    /// An outcome, the first is primary: COL, or COL:binary, COL:count[:EXPOSURE], COL:continuous,
    /// COL:duration:EVENT. Without a kind, 0/1 columns are binary and others continuous
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
    /// The column that names rows, for --matches
    #[arg(long, value_name = "COL")]
    pub id: Option<String>,
    /// Columns on which counterparts must agree exactly
    #[arg(long, value_delimiter = ',', value_name = "A,B,..", value_parser = column)]
    pub exact: Vec<String>,
    /// How counterparts are chosen
    #[arg(long, value_enum, default_value_t = MethodFlag::Radius)]
    pub method: MethodFlag,
    /// Neighbours a participant (nearest)
    #[arg(
        long,
        default_value_t = 1,
        value_name = "K",
        allow_negative_numbers = true
    )]
    pub ratio: usize,
    /// A pool member may serve several participants (nearest; radius always does)
    #[arg(long)]
    pub replace: bool,
    /// Who chooses first (nearest) [default: largest, data with --replace]
    #[arg(long, value_enum)]
    pub order: Option<OrderFlag>,
    /// Widest distance: a number, none, or search [default: 0.1 for radius, 0.2 for nearest]
    #[arg(long, value_parser = caliper, value_name = "X|none|search", allow_hyphen_values = true)]
    pub caliper: Option<Caliper>,
    /// Scale on which distances and the caliper are measured
    #[arg(long, value_enum, default_value_t = ScaleFlag::LpSd)]
    pub caliper_scale: ScaleFlag,
    /// Drop who has a score outside the other group's range
    #[arg(long, value_enum, default_value_t = SupportFlag::None)]
    pub common_support: SupportFlag,
    /// Standard error: matched allows for reuse of the pool, lab takes weights as fixed, cluster is
    /// the sandwich by matched set
    #[arg(long, value_enum, default_value_t = SeFlag::Matched)]
    pub se: SeFlag,
    /// Ridge penalty of the propensity model, where maximum likelihood has no answer
    #[arg(long, value_name = "ALPHA", value_parser = input::ridge, allow_hyphen_values = true)]
    pub ridge: Option<f64>,
    /// Also estimate the primary outcome under other methods and calipers
    #[arg(long)]
    pub specifications: bool,
    /// Seed of every random choice: the same seed gives the same report
    #[arg(
        long,
        default_value_t = 1,
        value_name = "N",
        allow_negative_numbers = true
    )]
    pub seed: u64,
    /// Write the matches: treated_id, comparison_id, weight
    #[arg(long, value_name = "FILE")]
    pub matches: Option<PathBuf>,
    /// The folder to write report.html and report.json to
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
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
    MethodFlag => Method { Radius => Method::Radius, Nearest => Method::Nearest }
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
    SeFlag => SeMethod { Matched => SeMethod::Matched, Lab => SeMethod::Lab, Cluster => SeMethod::Cluster }
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

/// An outcome flag taken apart.
struct OutcomeFlag {
    column: String,
    kind: Option<OutcomeKind>,
    other: Option<String>,
}

impl OutcomeFlag {
    fn parse(text: &str) -> Result<OutcomeFlag, Failure> {
        let refuse = |rule: String| Failure {
            message: format!("--outcome {text}: {rule}"),
            hint: Some(
                "write COL, COL:binary, COL:count[:EXPOSURE], COL:continuous or COL:duration:EVENT"
                    .into(),
            ),
            code: 2,
        };
        let mut parts = text.split(':');
        let column = parts.next().unwrap_or_default().to_owned();
        let kind = match parts.next() {
            None => None,
            Some("binary") => Some(OutcomeKind::Binary),
            Some("count") => Some(OutcomeKind::Count),
            Some("continuous") => Some(OutcomeKind::Continuous),
            Some("duration") => Some(OutcomeKind::Duration),
            Some(other) => return Err(refuse(format!("there is no kind `{other}`"))),
        };
        let other = parts.next().map(str::to_owned);
        if column.is_empty() || parts.next().is_some() {
            return Err(refuse("it is not of the form COL[:KIND]".into()));
        }
        match (kind, &other) {
            (Some(OutcomeKind::Duration), None) => Err(refuse(
                "a duration needs the 0/1 column that says whether the event happened".into(),
            )),
            (Some(OutcomeKind::Binary | OutcomeKind::Continuous), Some(_)) => Err(refuse(
                "only counts and durations take a second column".into(),
            )),
            _ => Ok(OutcomeFlag {
                column,
                kind,
                other,
            }),
        }
    }
}

impl Args {
    /// Which columns are what, from the study or the flags.
    pub fn roles(&self, study: Option<&Study>) -> Result<Roles, Failure> {
        if let Some(study) = study {
            let table = study.table.as_ref().ok_or_else(|| {
                Failure::refused(
                    "the study has no [table] part, so it cannot be run on a table",
                    "add [table] with treatment = \"COLUMN\", or use `counterpart evaluate` with a register",
                )
            })?;
            return Ok(Roles {
                treatment: table.treatment.clone(),
                design: Some(crate::register::event_columns(study)),
                outcomes: crate::register::outcome_columns(study),
                id: table.id.clone(),
            });
        }
        let mut outcomes = Vec::new();
        for text in &self.outcome {
            let flag = OutcomeFlag::parse(text)?;
            outcomes.push(flag.column);
            outcomes.extend(flag.other);
        }
        // clap requires --treatment when there is no study.
        let treatment = self.treatment.clone().unwrap_or_default();
        self.refuse_clashes(&outcomes, &treatment)?;
        self.refuse_unknown()?;
        let have = column_names(&self.table).map_err(super::unusable)?;
        let id = self
            .id
            .clone()
            .or_else(|| have.iter().find(|n| *n == "id").cloned());
        let design = match self.covariates.is_empty() {
            true => {
                let others = [
                    &outcomes,
                    &Vec::from_iter(id.clone()),
                    &vec![treatment.clone()],
                ];
                let free = |c: &String| others.iter().all(|names| !names.contains(c));
                self.unasked(have.into_iter().filter(free).collect())
            }
            false => Some(self.covariates.iter().chain(&self.exact).cloned().collect()),
        };
        Ok(Roles {
            treatment,
            design,
            outcomes,
            id,
        })
    }

    /// The covariates when none is named: every column free for it, `None`; but for those that say
    /// who somebody is, as a covariate's levels stand in the report.
    fn unasked(&self, free: Vec<String>) -> Option<Vec<String>> {
        let chosen = [&self.exact, &self.category, &self.square];
        let (names, others): (Vec<String>, Vec<String>) = free.into_iter().partition(|column| {
            Field::of_heading(column).is_some_and(Field::identifies)
                && !chosen.iter().any(|flag| flag.contains(column))
        });
        if names.is_empty() {
            return None;
        }
        eprintln!(
            "left out, as they seem to say who somebody is: {}; name covariates with --covariates",
            names.join(", ")
        );
        // A column without a name is the row number that some programs write.
        Some(
            others
                .into_iter()
                .filter(|c| !c.trim().is_empty())
                .collect(),
        )
    }

    /// Every column has one role.
    fn refuse_clashes(&self, outcomes: &[String], treatment: &str) -> Result<(), Failure> {
        let refuse = |message: String, hint: &str| {
            Err(Failure {
                message,
                hint: Some(hint.into()),
                code: 2,
            })
        };
        for column in self.covariates.iter().chain(&self.exact) {
            if outcomes.contains(column) || column == treatment {
                return refuse(
                    format!("`{column}` cannot be matched on: it is the treatment or an outcome"),
                    "take it out of --covariates and --exact",
                );
            }
            if Some(column) == self.id.as_ref() {
                return refuse(
                    format!("`{column}` cannot be matched on: --id says it names the rows"),
                    "take it out of --covariates and --exact",
                );
            }
        }
        if outcomes.iter().any(|o| o == treatment) {
            return refuse(
                format!("`{treatment}` cannot be both the treatment and an outcome"),
                "name another column with --outcome",
            );
        }
        if let Some(id) = &self.id
            && (id == treatment || outcomes.contains(id))
        {
            return refuse(
                format!("`{id}` cannot name the rows: it is the treatment or an outcome"),
                "name another column with --id",
            );
        }
        let main: Vec<&str> = self
            .outcome
            .iter()
            .map(|o| o.split(':').next().unwrap_or_default())
            .collect();
        for (flag, names) in [
            ("--outcome", main),
            (
                "--covariates",
                self.covariates.iter().map(String::as_str).collect(),
            ),
        ] {
            if let Some(twice) = (1..names.len()).find(|&i| names[..i].contains(&names[i])) {
                return refuse(
                    format!("{flag} names `{}` twice", names[twice]),
                    "name every column once",
                );
            }
        }
        Ok(())
    }

    /// A column that the table does not have is refused whichever flag names it.
    fn refuse_unknown(&self) -> Result<(), Failure> {
        let named = self.id.iter().chain(&self.exact);
        for column in named.chain(&self.category).chain(&self.square) {
            require(&self.table, column).map_err(super::unusable)?;
        }
        let listed = |c: &String| self.covariates.is_empty() || self.covariates.contains(c);
        match self
            .category
            .iter()
            .chain(&self.square)
            .find(|c| !listed(c))
        {
            Some(column) => Err(Failure {
                message: format!("`{column}` is in --category or --square but not in --covariates"),
                hint: Some("add it to --covariates too".into()),
                code: 2,
            }),
            None => Ok(()),
        }
    }

    /// The covariates named, else every column that is left, except one that names people.
    fn covariates_of(&self, table: &Table) -> Result<Vec<String>, Failure> {
        let (names, others): (Vec<String>, Vec<String>) = match self.covariates.is_empty() {
            true => table.design.names().to_vec(),
            false => self.covariates.clone(),
        }
        .into_iter()
        .partition(|c| names_rows(table.design.get(c)) && !self.category.contains(c));
        match names.first() {
            Some(column) if !self.covariates.is_empty() => Err(Failure::refused(
                format!(
                    "`{column}` holds text that differs in most rows: it names people, and is nothing to match on"
                ),
                "take it out of --covariates; if it names the rows, say so with --id",
            )),
            _ => {
                for column in names {
                    eprintln!(
                        "left out: `{column}`, text that differs in most rows; if it names the rows, say so with --id"
                    );
                }
                Ok(others)
            }
        }
    }

    /// The study that the flags amount to.
    pub fn study_of(&self, table: &Table) -> Result<Study, Failure> {
        let covariates = self.covariates_of(table)?;
        let covariates = covariates
            .into_iter()
            .map(|column| {
                let text = matches!(table.design.get(&column), Some(Column::Category { .. }));
                let category = text || self.category.contains(&column);
                if category && self.square.contains(&column) {
                    return Err(Failure {
                        message: format!(
                            "--square: `{column}` is a category; only numbers have squares"
                        ),
                        hint: Some("take it out of --square".into()),
                        code: 2,
                    });
                }
                Ok(Covariate {
                    label: column.clone(),
                    kind: if category {
                        CovariateKind::Category
                    } else {
                        CovariateKind::Number
                    },
                    square: self.square.contains(&column),
                    column,
                })
            })
            .collect::<Result<_, _>>()?;
        let outcomes = self
            .outcome
            .iter()
            .enumerate()
            .map(|(i, text)| Ok(outcome_spec(OutcomeFlag::parse(text)?, i == 0, table)))
            .collect::<Result<_, Failure>>()?;
        let method = Method::from(self.method);
        let matching = MatchSettings {
            method,
            caliper: self.caliper.unwrap_or(Caliper::Default),
            caliper_scale: self.caliper_scale.into(),
            ratio: self.ratio,
            replace: self.replace || method == Method::Radius,
            order: self.order.map(Order::from),
            exact: self.exact.clone(),
            common_support: self.common_support.into(),
            se: self.se.into(),
        };
        matching.check().map_err(|(setting, rule)| Failure {
            message: format!("--{}: {rule}", setting.replace('_', "-")),
            hint: Some("`counterpart analyse --help` says what belongs together".into()),
            code: 2,
        })?;
        Ok(Study {
            id: "own-table".into(),
            title: "Analysis of a table".into(),
            domain: "general".into(),
            words: Words {
                support: "the treatment".into(),
                event: "row".into(),
                ..Words::default()
            },
            eligibility: Default::default(),
            index_event: Default::default(),
            linkage: Default::default(),
            covariates,
            matching,
            outcomes,
            disclosure: DisclosurePolicy {
                mode: DisclosureMode::None,
                ..DisclosurePolicy::default()
            },
            table: Some(TableSpec {
                treatment: self.treatment.clone().unwrap_or_default(),
                id: self.id.clone(),
            }),
            digest: String::new(),
        })
    }
}

/// Text that differs in most rows names people, and is nothing to match on.
fn names_rows(column: Option<&Column>) -> bool {
    match column {
        Some(Column::Category { codes, levels }) => {
            levels.len() > 20 && 2 * levels.len() > codes.len()
        }
        _ => false,
    }
}

fn outcome_spec(flag: OutcomeFlag, primary: bool, table: &Table) -> OutcomeSpec {
    let binary = table.vault.is_binary(&flag.column);
    let kind = flag.kind.unwrap_or(if binary {
        OutcomeKind::Binary
    } else {
        OutcomeKind::Continuous
    });
    let (given, exposure) = match kind {
        OutcomeKind::Duration => (flag.other, None),
        _ => (None, flag.other),
    };
    OutcomeSpec {
        name: flag.column.clone(),
        label: flag.column.clone(),
        phrase: crate::study::default_phrase(kind, &flag.column),
        unit: crate::study::default_unit(kind).into(),
        column: flag.column,
        kind,
        primary,
        better: Better::Neither,
        given,
        exposure,
        part_of: None,
    }
}
