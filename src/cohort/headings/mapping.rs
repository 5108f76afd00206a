//! A saved mapping: which column holds what, said once by the charity and used for every file of the
//! same make. TOML:
//!
//! ```toml
//! sheet = 1                                # optional: which sheet of a workbook
//! [[columns]]
//! heading = "Vorname"                      # the heading in the file, or
//! field = "forename"                       # forename, surname, dob ..., full_name, dob_day, dob_month,
//!                                          # dob_year, or ignore
//! [[columns]]
//! column = 4                               # its position: 4 or "D"
//! field = "programme_start"
//! dates = "month first"                    # or "day first"; optional
//! ```
//!
//! Headings it does not name are recognised as without it; a field it assigns is taken from there and
//! from nowhere else.

use super::Field;
use super::split::DateOrder;
use super::synonyms::Meaning;
use super::words::squeeze;
use crate::cohort::MAX_COLUMNS;
use serde::Deserialize;
use std::collections::HashMap;
use std::ops::Range;
use toml::Spanned;

/// A mapping of columns to fields, checked. Not printable: its headings are somebody's own words.
#[derive(Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The sheet, from 1.
    pub sheet: Option<u32>,
    pub(super) columns: Vec<Assigned>,
}

impl std::fmt::Debug for Mapping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mapping of {} columns", self.columns.len())
    }
}

/// One column assigned.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Assigned {
    /// Line of the mapping file, for messages.
    pub line: usize,
    pub place: Place,
    /// `None`: the column is not to be read.
    pub meaning: Option<Meaning>,
    pub order: Option<DateOrder>,
}

/// Which column.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The one with this heading: as written, and without case, spaces, punctuation, brackets.
    Heading(String, String),
    /// The one at this position, from 0.
    Position(usize),
}

/// What is wrong with a mapping file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("mapping file, line {line}: {message}")]
pub struct MappingError {
    /// 1-based line.
    pub line: usize,
    /// The rule it breaks.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    sheet: Option<Spanned<u32>>,
    #[serde(default)]
    columns: Vec<Spanned<RawColumn>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawColumn {
    heading: Option<String>,
    column: Option<RawPlace>,
    field: String,
    dates: Option<String>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "`column` must be a number from 1 or letters like \"D\""
)]
enum RawPlace {
    Number(usize),
    Letters(String),
}

type Broken = (Range<usize>, String);

impl Mapping {
    /// Reads a mapping file's text.
    ///
    /// # Errors
    /// With the line: unknown keys and fields, two columns for one field, one column twice.
    pub fn parse(text: &str) -> Result<Mapping, MappingError> {
        let at = |span: Range<usize>, message: String| MappingError {
            line: line_of(text, span.start),
            message,
        };
        let raw: Raw = toml::from_str(text).map_err(|e| {
            let words = e.message().replace("unknown field", "unknown setting");
            at(e.span().unwrap_or(0..0), words.trim().replace('\n', "; "))
        })?;
        let sheet = match raw.sheet {
            Some(s) if *s.get_ref() == 0 => {
                return Err(at(s.span(), "`sheet` is the sheet's place, from 1".into()));
            }
            other => other.map(Spanned::into_inner),
        };
        let mut columns: Vec<Assigned> = Vec::new();
        for raw in raw.columns {
            let line = line_of(text, raw.span().start);
            let column = assigned(raw, line).map_err(|(span, rule)| at(span, rule))?;
            let twice = columns.iter().find(|c| c.clashes(&column));
            if let Some(first) = twice {
                let rule = format!(
                    "the same column or the same field as on line {}; keep one of them",
                    first.line
                );
                return Err(MappingError {
                    line,
                    message: rule,
                });
            }
            columns.push(column);
        }
        Ok(Mapping { sheet, columns })
    }

    /// Does it name this heading?
    pub(super) fn names(&self, heading: &str) -> bool {
        let squeezed = squeeze(heading);
        self.columns.iter().any(|c| match &c.place {
            Place::Heading(_, h) => *h == squeezed,
            Place::Position(_) => false,
        })
    }

    /// Does it assign any field by position?
    pub(super) fn by_position(&self) -> bool {
        let by_position =
            |c: &Assigned| c.meaning.is_some() && matches!(c.place, Place::Position(_));
        self.columns.iter().any(by_position)
    }
}

impl Assigned {
    fn clashes(&self, other: &Assigned) -> bool {
        let same_field = self.meaning.is_some() && self.meaning == other.meaning;
        same_field
            || match (&self.place, &other.place) {
                (Place::Heading(_, a), Place::Heading(_, b)) => a == b,
                (a, b) => a == b,
            }
    }
}

fn assigned(raw: Spanned<RawColumn>, line: usize) -> Result<Assigned, Broken> {
    let span = raw.span();
    let raw = raw.into_inner();
    let broken = |rule: String| (span.clone(), rule);
    let place = match (raw.heading, raw.column) {
        (Some(heading), None) => {
            let squeezed = squeeze(&heading);
            if squeezed.is_empty() {
                let rule = "`heading` has no letters or digits outside brackets; give the position with `column`";
                return Err(broken(rule.into()));
            }
            Place::Heading(heading, squeezed)
        }
        (None, Some(place)) => {
            let position = position(&place).ok_or_else(|| {
                broken(format!(
                    "`column` must be a number from 1 to {MAX_COLUMNS} or letters like \"D\""
                ))
            })?;
            Place::Position(position)
        }
        _ => {
            let rule = "each of `columns` needs either `heading` or `column`";
            return Err(broken(rule.into()));
        }
    };
    let meaning = match raw.field.as_str() {
        "ignore" => None,
        name => Some(by_name(name).ok_or_else(|| {
            let known: Vec<&str> = NAMES.iter().map(|(n, _)| *n).collect();
            broken(format!(
                "unknown `field`; one of {} or ignore",
                known.join(", ")
            ))
        })?),
    };
    let is_date = matches!(
        meaning,
        Some(Meaning::Field(Field::Dob | Field::Start | Field::End))
    );
    let order = match raw.dates.as_deref() {
        None => None,
        Some(_) if !is_date => {
            let rule = "`dates` is for dob, programme_start and programme_end";
            return Err(broken(rule.into()));
        }
        Some("day first") => Some(DateOrder::DayFirst),
        Some("month first") => Some(DateOrder::MonthFirst),
        Some(_) => {
            let rule = "`dates` must be \"day first\" or \"month first\"";
            return Err(broken(rule.into()));
        }
    };
    Ok(Assigned {
        line,
        place,
        meaning,
        order,
    })
}

/// What a mapping calls each meaning.
const NAMES: [(&str, Meaning); 16] = [
    ("forename", Meaning::Field(Field::Forename)),
    ("surname", Meaning::Field(Field::Surname)),
    ("dob", Meaning::Field(Field::Dob)),
    ("sex", Meaning::Field(Field::Sex)),
    ("postcode", Meaning::Field(Field::Postcode)),
    ("pnc_id", Meaning::Field(Field::PncId)),
    ("prison_number", Meaning::Field(Field::PrisonNumber)),
    ("programme_start", Meaning::Field(Field::Start)),
    ("programme_end", Meaning::Field(Field::End)),
    ("ethnicity", Meaning::Field(Field::Ethnicity)),
    ("completed_yes_no", Meaning::Field(Field::Completed)),
    ("site", Meaning::Field(Field::Site)),
    ("full_name", Meaning::FullName),
    ("dob_day", Meaning::DobDay),
    ("dob_month", Meaning::DobMonth),
    ("dob_year", Meaning::DobYear),
];

fn by_name(name: &str) -> Option<Meaning> {
    NAMES.iter().find(|(n, _)| *n == name).map(|(_, m)| *m)
}

/// What messages and mappings call it.
pub(super) fn name_of(meaning: Meaning) -> &'static str {
    let names: HashMap<Meaning, &str> = NAMES.iter().map(|&(n, m)| (m, n)).collect();
    names.get(&meaning).copied().unwrap_or("ignore")
}

fn position(place: &RawPlace) -> Option<usize> {
    let from_one = match place {
        RawPlace::Number(n) => *n,
        RawPlace::Letters(letters) => {
            let all = letters.chars().all(|c| c.is_ascii_alphabetic());
            if !all || letters.is_empty() || letters.len() > 3 {
                return None;
            }
            let digit = |c: u8| usize::from(c.to_ascii_uppercase() - b'A') + 1;
            letters.bytes().fold(0, |n, c| 26 * n + digit(c))
        }
    };
    (1..=MAX_COLUMNS).contains(&from_one).then(|| from_one - 1)
}

fn line_of(text: &str, byte: usize) -> usize {
    let before = &text.as_bytes()[..byte.min(text.len())];
    1 + before.iter().filter(|&&b| b == b'\n').count()
}
