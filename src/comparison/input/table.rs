//! Tables of published results, as CSV.

use super::cell::{Printed, number, size};
use super::recover::{Numbers, agree, recover};
use super::{Better, File, InputError, Place, Problem, Read, Reason};
use std::collections::HashMap;

/// What a column is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Column {
    Name,
    Kind,
    Published,
    Outcome,
    Unit,
    Better,
    Treated,
    Compared,
    TreatedRate,
    ComparedRate,
    Headline,
    WellMatched,
    Estimate,
    Error,
    Low,
    High,
    /// Known and not used.
    Aside,
}

fn column(heading: &str) -> Option<Column> {
    Some(match heading.trim().to_ascii_lowercase().as_str() {
        "name" | "programme" | "provider" => Column::Name,
        "kind" => Column::Kind,
        "published" => Column::Published,
        "outcome" => Column::Outcome,
        "unit" => Column::Unit,
        "better" => Column::Better,
        "n_treatment" => Column::Treated,
        "n_comparison" => Column::Compared,
        "treat_value" => Column::TreatedRate,
        "comp_value" => Column::ComparedRate,
        "estimate" | "published_diff" => Column::Estimate,
        "headline" => Column::Headline,
        "well_matched" => Column::WellMatched,
        "se" => Column::Error,
        "ci_low" => Column::Low,
        "ci_high" => Column::High,
        "id" | "lab" | "n_submitted" | "p_value" | "significant" | "source_url"
        | "organisation" | "study" | "analysis" | "label" | "primary" | "outcome_kind" | "p"
        | "withheld" | "provider_says" | "licence" => Column::Aside,
        _ => return None,
    })
}

/// A table while it is read: what is needed to say where something is wrong.
struct Table<'a> {
    file: &'a str,
    /// Place and heading of each column.
    columns: HashMap<Column, (usize, String)>,
}

impl Table<'_> {
    fn wrong(&self, row: Option<usize>, column: Option<&str>, problem: Problem) -> InputError {
        InputError {
            file: self.file.to_owned(),
            row,
            column: column.map(str::to_owned),
            problem,
        }
    }

    fn has(&self, column: Column) -> bool {
        self.columns.contains_key(&column)
    }

    /// The heading as the file has it.
    fn heading(&self, column: Column) -> Option<&str> {
        self.columns.get(&column).map(|(_, h)| h.as_str())
    }

    fn text<'r>(&self, record: &'r csv::StringRecord, column: Column) -> &'r str {
        self.columns
            .get(&column)
            .and_then(|(i, _)| record.get(*i))
            .map_or("", str::trim)
    }

    fn words(&self, record: &csv::StringRecord, column: Column) -> Option<String> {
        let text = self.text(record, column);
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The column a rule blames: its heading, or where the file has none the nearest that it has.
    fn blamed(&self, name: &str) -> Option<&str> {
        let column = column(name)?;
        let near = match column {
            Column::Estimate if !self.has(Column::Estimate) => Column::TreatedRate,
            c => c,
        };
        self.heading(near)
    }
}

/// Reads a table, a [`Read`] a row, in the order of the file.
///
/// # Errors
/// The first thing that is wrong, with its row and column.
pub(super) fn read(file: File<'_>) -> Result<Vec<Read>, InputError> {
    let mut table = Table {
        file: file.name,
        columns: HashMap::new(),
    };
    let text = match std::str::from_utf8(file.bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}'),
        Err(e) => {
            let before = &file.bytes[..e.valid_up_to()];
            let row = before.iter().filter(|b| **b == b'\n').count() + 1;
            return Err(table.wrong(Some(row), None, Problem::NotUtf8));
        }
    };
    if text.trim().is_empty() {
        return Err(table.wrong(None, None, Problem::Empty));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut width = 0;
    let mut out = Vec::new();
    for (i, record) in reader.records().enumerate() {
        let row = i + 1;
        let record = record.map_err(|_| table.wrong(Some(row), None, Problem::NotUtf8))?;
        if row == 1 {
            headings(&mut table, &record)?;
            width = record.len();
            continue;
        }
        if record.len() != width {
            let found = record.len();
            let problem = Problem::Width {
                found,
                wanted: width,
            };
            return Err(table.wrong(Some(row), None, problem));
        }
        out.push(result(&table, &record, row)?);
    }
    match out.is_empty() {
        true => Err(table.wrong(None, None, Problem::NoRows)),
        false => Ok(out),
    }
}

fn headings(table: &mut Table<'_>, record: &csv::StringRecord) -> Result<(), InputError> {
    for (i, heading) in record.iter().enumerate() {
        let Some(known) = column(heading) else {
            return Err(table.wrong(Some(1), Some(heading), Problem::UnknownColumn));
        };
        if known == Column::Aside {
            continue;
        }
        if table.has(known) {
            return Err(table.wrong(Some(1), Some(heading), Problem::ColumnTwice));
        }
        table.columns.insert(known, (i, heading.trim().to_owned()));
    }
    if !table.has(Column::Name) {
        return Err(table.wrong(Some(1), None, Problem::MissingColumn("name")));
    }
    let both = |a, b| table.has(a) && table.has(b);
    let pairs = [
        (Column::Estimate, Column::Error),
        (Column::Low, Column::High),
        (Column::TreatedRate, Column::ComparedRate),
    ];
    if !pairs.into_iter().any(|(a, b)| both(a, b)) {
        let needed = "a result and how sure it is";
        return Err(table.wrong(Some(1), None, Problem::MissingColumn(needed)));
    }
    Ok(())
}

/// How numbers of this unit become shares, and the largest a rate may be; none for what is no share.
fn scale(unit: Option<&str>, has_units: bool) -> Option<(f64, &'static str)> {
    match unit.map(str::to_ascii_lowercase).as_deref() {
        Some("pct" | "pp" | "%" | "percent" | "percentage points") => Some((0.01, "100")),
        Some("share" | "proportion" | "rate") => Some((1.0, "1")),
        // A table that says units must say one here too.
        None if !has_units => Some((1.0, "1")),
        _ => None,
    }
}

fn result(table: &Table<'_>, record: &csv::StringRecord, row: usize) -> Result<Read, InputError> {
    let at = |c: Column, p: Problem| table.wrong(Some(row), table.heading(c), p);
    let name = table
        .words(record, Column::Name)
        .ok_or_else(|| at(Column::Name, Problem::NoName))?;
    let good = match table
        .text(record, Column::Better)
        .to_ascii_lowercase()
        .as_str()
    {
        "" => None,
        "lower" => Some(Better::Lower),
        "higher" => Some(Better::Higher),
        _ => return Err(at(Column::Better, Problem::Direction)),
    };
    let people = |c| size(table.text(record, c)).map_err(|p| at(c, p));
    let (n_treatment, n_comparison) = (people(Column::Treated)?, people(Column::Compared)?);
    let printed = |c| number(table.text(record, c)).map_err(|p| at(c, p));
    let (low, high) = (printed(Column::Low)?, printed(Column::High)?);
    let ends = match (low, high) {
        (Some(low), Some(high)) => Some((low, high)),
        (None, None) => None,
        (None, _) => return Err(at(Column::Low, Problem::HalfInterval)),
        (_, None) => return Err(at(Column::High, Problem::HalfInterval)),
    };
    let (treated, compared) = (
        printed(Column::TreatedRate)?,
        printed(Column::ComparedRate)?,
    );
    let (estimate, se) = (printed(Column::Estimate)?, printed(Column::Error)?);
    if se.is_some_and(|se| se.value <= 0.0) {
        return Err(at(Column::Error, Problem::ErrorNotPositive));
    }
    let unit = table.words(record, Column::Unit);
    let says_no = |c| table.text(record, c).eq_ignore_ascii_case("no");
    let found = match scale(unit.as_deref(), table.has(Column::Unit)) {
        None => {
            // What is not a share may be of any size; its ends must be in order all the same.
            if ends.is_some_and(|(low, high)| low.value > high.value) {
                return Err(at(Column::Low, Problem::UpsideDown));
            }
            Err(Reason::NotARate {
                unit: unit.unwrap_or_default(),
            })
        }
        Some((factor, most)) => {
            let rate = |c, rate: Option<Printed>| match rate.map(|r| r.times(factor)) {
                Some(r) if !(0.0..=1.0).contains(&r.value) => Err(at(c, Problem::RateRange(most))),
                rate => Ok(rate),
            };
            let difference = |c, d: Option<Printed>| match d.map(|d| d.times(factor)) {
                Some(d) if !(-1.0..=1.0).contains(&d.value) => {
                    Err(at(c, Problem::DifferenceRange(most)))
                }
                d => Ok(d),
            };
            let treated = rate(Column::TreatedRate, treated)?;
            let compared = rate(Column::ComparedRate, compared)?;
            let low = difference(Column::Low, low)?;
            let high = difference(Column::High, high)?;
            let numbers = Numbers {
                estimate: difference(Column::Estimate, estimate)?,
                se: se.map(|se| se.times(factor)),
                ends: low.zip(high),
                rates: treated.zip(compared),
                n_treatment,
                n_comparison,
            };
            let wrong = |(name, p): (&str, Problem)| table.wrong(Some(row), table.blamed(name), p);
            agree(&numbers).map_err(wrong)?;
            recover(&numbers).map_err(wrong)?
        }
    };
    let found = match (says_no(Column::Headline), says_no(Column::WellMatched)) {
        (true, _) => Err(Reason::SomeOnly),
        (_, true) => Err(Reason::NotWellMatched),
        _ => found,
    };
    let values = [
        Column::Unit,
        Column::Treated,
        Column::Compared,
        Column::TreatedRate,
        Column::ComparedRate,
        Column::Estimate,
        Column::Error,
        Column::Low,
        Column::High,
    ];
    let values: Vec<&str> = values.map(|c| table.text(record, c)).to_vec();
    Ok(Read {
        name,
        kind: table.words(record, Column::Kind),
        published: table.words(record, Column::Published),
        place: Place {
            file: table.file.to_owned(),
            row,
        },
        outcome: table.words(record, Column::Outcome),
        good,
        n_treatment,
        n_comparison,
        found,
        numbers: values.join("|"),
        report: false,
        programme: None,
        clients: None,
    })
}
