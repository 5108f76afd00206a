//! Published results and reports, read into results on one scale: a difference of shares (0.01 is one
//! percentage point), programme minus comparison.
//!
//! Nothing is dropped in silence: every row of every file ends either among the used, with how its
//! numbers came about ([`Provenance`]), or among the left out, with why ([`Reason`]).

mod cell;
mod error;
mod gather;
mod recover;
mod report;
mod series;
mod table;

pub use error::{InputError, Problem};
pub use gather::{Gathered, gather};
pub use recover::{LAB_RATIO, Provenance};
pub use series::{Series, SeriesPoint};

/// Whether a table of published results can be read, before it is compared with anything.
///
/// # Errors
/// The first row that breaks a rule.
pub fn read_table(file: File<'_>) -> Result<(), InputError> {
    table::read(file).map(|_| ())
}

use super::{Better, Clients, Span, When};
use serde::Serialize;

/// A file as it was given: what it is called and its bytes.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// All of it. Text that begins with `{` is a report, anything else a table.
    pub bytes: &'a [u8],
    /// What is known of a report that it does not say itself.
    pub about: About<'a>,
}

/// What a report does not say of itself; a table's rows say it in columns.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// The programme. Reports of one programme are its results over time, and count once.
    pub programme: Option<&'a str>,
    /// What kind of programme.
    pub kind: Option<&'a str>,
    /// When it was released, as [`When::read`] reads it.
    pub published: Option<&'a str>,
}

/// What is asked of the files.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// The outcome to compare, by name; capitals do not matter. Needed where there are several.
    pub outcome: Option<String>,
    /// Which direction is good, where the files do not say.
    pub better: Option<Better>,
    /// Other names of the same outcome: published tables call it otherwise than reports do.
    pub same_as: Vec<String>,
    /// Use rows that look like part of another row's programme as well.
    pub keep_parts: bool,
}

/// Who said which direction is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodFrom {
    /// The person who ran the command.
    Asked,
    /// The files themselves.
    Files,
    /// Nobody: the outcome's name is about offending, where less is better.
    Name,
}

/// What sort of file a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A table of published results.
    Table,
    /// A `report.json` of this engine.
    Report,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    /// Its name.
    pub file: String,
    /// What it is.
    pub kind: SourceKind,
    /// Results in it, used or not.
    pub rows: usize,
    /// Reports: which study, and the SHA-256 of its file.
    pub study: Option<String>,
    /// SHA-256 of the study file, hex.
    pub spec_digest: Option<String>,
}

/// Where a result stands: file and row (the heading is row 1; a report is its only row).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// The row.
    pub row: usize,
}

/// A result that is used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Used {
    /// The programme.
    pub name: String,
    /// What kind of programme, where the file says.
    pub kind: Option<String>,
    /// When it was published, as printed.
    pub published: Option<String>,
    /// Where it stands.
    pub place: Place,
    /// Participants, where known.
    pub n_treatment: Option<u64>,
    /// Comparison people, where known.
    pub n_comparison: Option<u64>,
    /// Participants minus comparison, as a share.
    pub estimate: f64,
    /// Standard error of the estimate, rounding in print included.
    pub se: f64,
    /// Part of [`Used::se`] that is rounding alone; 0 where nothing was worked out from rounded numbers.
    pub rounding_se: f64,
    /// The 95 % interval: as given where it was, else 1.96 standard errors either side.
    pub interval: Span,
    /// How the numbers came about.
    pub provenance: Provenance,
    /// The same in words, with what is assumed.
    pub note: String,
    /// Whom the programme worked with, where its report says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clients: Option<Clients>,
}

/// A result that is not used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// The programme.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Why.
    pub reason: Reason,
}

/// Why a result is not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// About something else.
    AnotherOutcome {
        /// What it is about.
        outcome: String,
    },
    /// Not a share of people: days, weeks, numbers of offences.
    NotARate {
        /// Its unit; empty where none is given.
        unit: String,
    },
    /// About some of the programme's people only.
    SomeOnly,
    /// Neither a difference nor both groups' rates.
    NoRates,
    /// A difference without its interval, and no number of participants to work one out from.
    NoSizeOrInterval,
    /// The same numbers again.
    Duplicate {
        /// Where they stand first.
        of: Place,
    },
    /// The programme is counted already, in a row about more people.
    PartOf {
        /// That row.
        of: Place,
    },
    /// The report withholds it.
    Withheld,
    /// The report's groups were not alike enough to say anything.
    NotWellMatched,
}

impl Reason {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::AnotherOutcome { .. } => "another_outcome",
            Reason::NotARate { .. } => "not_a_rate",
            Reason::SomeOnly => "some_only",
            Reason::NoRates => "no_rates",
            Reason::NoSizeOrInterval => "no_size_or_interval",
            Reason::Duplicate { .. } => "duplicate",
            Reason::PartOf { .. } => "part_of",
            Reason::Withheld => "withheld",
            Reason::NotWellMatched => "not_well_matched",
        }
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Reason::AnotherOutcome { outcome } => format!("it is about something else: {outcome}"),
            Reason::NotARate { unit } if unit.is_empty() => {
                "no unit is given, so it may not be a share of people".into()
            }
            Reason::NotARate { unit } => format!("it is not a share of people, but in {unit}"),
            Reason::SomeOnly => "it is about some of the programme's people only".into(),
            Reason::NoRates => "neither the difference nor both groups' rates are given".into(),
            Reason::NoSizeOrInterval => {
                "no interval and no number of people: how sure it is cannot be known".into()
            }
            Reason::Duplicate { of } => {
                format!("the same numbers as {}, row {}", of.file, of.row)
            }
            Reason::PartOf { of } => format!(
                "the same programme is counted already, with more people, in {}, row {}",
                of.file, of.row
            ),
            Reason::Withheld => "its report holds the number back".into(),
            Reason::NotWellMatched => "its groups were not alike enough to compare".into(),
        }
    }
}

/// A row as it was read, before it is known whether it can be used.
#[derive(Debug, Clone)]
struct Read {
    name: String,
    kind: Option<String>,
    published: Option<String>,
    place: Place,
    /// The outcome; none where the file does not say (it then counts as the outcome asked for).
    outcome: Option<String>,
    good: Option<Better>,
    n_treatment: Option<u64>,
    n_comparison: Option<u64>,
    /// What the numbers allow.
    found: Result<recover::Recovered, Reason>,
    /// Every number of the row, to tell a repetition from a contradiction.
    numbers: String,
    /// A report: told apart by its design, not by name and date.
    report: bool,
    /// Whose programme a report is of, where that is known.
    programme: Option<String>,
    /// Whom it worked with.
    clients: Option<Clients>,
}

impl Read {
    /// When it is of, where that is known and in a form that is read.
    fn when(&self) -> Option<When> {
        When::read(self.published.as_deref()?)
    }
}
