//! The whole table: headings, every row, duplicates, verdict.

use super::body::{each_row, read_body};
use super::dates::{self, DateFault, Epoch, Order};
use super::error::CohortError;
use super::headings::{self, Columns, Field, Mapping};
use super::limits::MAX_PROBLEMS;
use super::problem::{Problem, counted};
use super::quality::{FieldQuality, FileQuality};
use super::reading::Reading;
use super::row::RowReader;
use super::table::{FileKind, Table};
use super::verdict::Verdict;
use super::{Cohort, Participant, delimited, duplicates, notes};

/// Reads a table of people. `today` (days since 1970-01-01) is the day no programme can have
/// started after: today, or the last day a register has recorded.
///
/// # Errors
/// When no row has a heading that is known. Anything short of that is in [`Cohort::problems`], and
/// whether the file can be used in [`Cohort::verdict`].
pub fn read(table: &Table, reading: &Reading, today: i32) -> Result<Cohort, CohortError> {
    let mut problems = Vec::new();
    let columns = heading_columns(table, reading.mapping.as_ref(), &mut problems)?;
    let complete = require(&columns, reading, &mut problems);
    let headings_good = complete && !columns.ambiguous;
    notes::report(table, &columns, &mut problems);
    let mut quality = empty_quality(table, &columns);
    let mut reader = RowReader::new(columns, reading, epoch(table), complete, today);
    reader.month_first = month_first_columns(table, &reader, &mut problems);
    let body = read_body(table, &reader, &mut quality, problems);
    let mut problems = body.problems;
    let (participants, duplicates) = duplicates::fold(body.people, &mut problems);
    note_dates(&quality, epoch(table), &mut problems);
    if reading.needs_start {
        start_range(&participants, &mut quality);
    }
    let unlisted = problems.len().saturating_sub(MAX_PROBLEMS);
    if unlisted > 0 {
        problems.sort_by_key(|p| p.severity);
        problems.truncate(MAX_PROBLEMS);
    }
    problems.sort_by_key(|p| p.row);
    reader.columns.locate(&mut problems);
    Ok(Cohort {
        mapping: saved_mapping(table, reader.columns.saved),
        verdict: verdict(
            headings_good,
            quality.rows,
            participants.len() as u64,
            reading,
        ),
        participants,
        problems,
        problems_unlisted: body.unlisted + unlisted as u64,
        submitted: quality.rows,
        unreadable: body.unreadable,
        duplicates,
        needs_start: reading.needs_start,
        quality,
    })
}

/// The columns' mapping, and before it the sheet of a workbook that they are of.
fn saved_mapping(table: &Table, columns: String) -> String {
    match table.about.kind {
        FileKind::Csv => columns,
        _ => format!(
            "# The sheet of the workbook, from 1 on the left, hidden sheets too.\nsheet = {}\n\n{columns}",
            table.about.sheet
        ),
    }
}

fn epoch(table: &Table) -> Epoch {
    match table.about.epoch_1904 {
        true => Epoch::Y1904,
        false => Epoch::Y1900,
    }
}

/// Every row of people by itself, none folded into another. Not printable.
pub struct PeopleRows {
    /// Whom a person could be made of, in row order.
    pub participants: Vec<Participant>,
    /// Rows of people who cannot be looked for, ascending.
    pub unusable: Vec<u32>,
}

/// Reads a table of people row by row, for an answer to each row; `today` as for [`read`].
///
/// # Errors
/// When no row has a heading that is known.
pub fn rows(table: &Table, reading: &Reading, today: i32) -> Result<PeopleRows, CohortError> {
    let mut problems = Vec::new();
    let columns = heading_columns(table, reading.mapping.as_ref(), &mut problems)?;
    let complete = require(&columns, reading, &mut problems);
    let mut quality = empty_quality(table, &columns);
    let mut reader = RowReader::new(columns, reading, epoch(table), complete, today);
    reader.month_first = month_first_columns(table, &reader, &mut problems);
    let body = read_body(table, &reader, &mut quality, problems);
    Ok(PeopleRows {
        participants: body.people,
        unusable: body.unusable,
    })
}

fn heading_columns(
    table: &Table,
    mapping: Option<&Mapping>,
    problems: &mut Vec<Problem>,
) -> Result<Columns, CohortError> {
    let (at, _) = headings::find(table, mapping).ok_or(CohortError::NoHeadings)?;
    let mut cells = Vec::new();
    let row = table.row(at, &mut cells);
    if row > 1 && at > 0 {
        problems.push(Problem::warning(
            row,
            None,
            format!(
                "skipped above the headings: {}",
                counted(u64::from(row - 1), "row")
            ),
            "nothing to do; or delete them, so that the headings are the first row",
        ));
    }
    let mut columns = Columns::read(row, &cells, mapping, problems);
    if table.about.kind != FileKind::Csv {
        // No cell of a workbook slips out of its column.
        columns.width = usize::MAX;
    }
    Ok(columns)
}

/// Is there a column for the start where one is needed, and one way at least of finding people?
fn require(columns: &Columns, reading: &Reading, problems: &mut Vec<Problem>) -> bool {
    let findable = reading.can_find(|f| columns.has(f));
    let startable = !reading.needs_start || columns.has(Field::Start);
    if !startable {
        problems.push(Problem::error(
            columns.row,
            Some(Field::Start.name()),
            "there is no column for the programme start",
            "add a column programme_start with the first day of the programme for everybody",
        ));
    }
    if !findable {
        problems.push(Problem::error(
            columns.row,
            None,
            "no columns to find people by",
            format!("add {}", reading.ways_to_find()),
        ));
    }
    startable && findable
}

/// Date columns in which more dates are surely month first than surely day first: there, a date
/// that could be either must not be guessed.
fn month_first_columns(
    table: &Table,
    reader: &RowReader<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Field> {
    let fields = [Field::Dob, Field::Start, Field::End];
    let mut month_first = [0_u64; 3];
    let mut day_first = [0_u64; 3];
    each_row(table, reader.columns.row, |_, cells| {
        for (i, &field) in fields.iter().enumerate() {
            match reader.date(field, cells) {
                Some(Err(DateFault::MonthFirst)) => month_first[i] += 1,
                Some(Ok(d)) if d.order == Order::DayFirst => day_first[i] += 1,
                _ => {}
            }
        }
    });
    let mut suspect = Vec::new();
    for (i, &field) in fields.iter().enumerate() {
        if month_first[i] > day_first[i] {
            suspect.push(field);
            problems.push(Problem::warning(
                reader.columns.row,
                Some(field.name()),
                format!("month first in this column: {}",
                    counted(month_first[i], "date")),
                "write all dates as day/month/year or as YYYY-MM-DD; in a spreadsheet, format the column as a date",
            ));
        }
    }
    suspect
}

fn empty_quality(table: &Table, columns: &Columns) -> FileQuality {
    let fields = Field::ALL.map(|f| FieldQuality {
        field: f.name(),
        column: columns.has(f),
        filled: 0,
        valid: 0,
    });
    FileQuality {
        kind: table.about.kind.name(),
        encoding: table.about.encoding.name(),
        delimiter: table.about.delimiter.and_then(delimited::name_of),
        sheet: table.about.sheet,
        sheets: table.about.sheets,
        heading_row: columns.row,
        columns: columns.count as u64,
        ignored_columns: columns.ignored.clone(),
        rows: 0,
        blank_rows: 0,
        other_rows: 0,
        fields: fields.to_vec(),
        two_digit_years: 0,
        spreadsheet_dates: 0,
        first_start: None,
        last_start: None,
    }
}

/// How dates were read where the file left it open.
fn note_dates(quality: &FileQuality, epoch: Epoch, problems: &mut Vec<Problem>) {
    if quality.two_digit_years > 0 {
        problems.push(Problem::warning(
            quality.heading_row,
            None,
            format!(
                "{} with a year of two digits: read as the latest year that leaves a person at least 10 years old today, and a programme no more than 10 years ahead",
                counted(quality.two_digit_years, "date")
            ),
            "write years with four digits",
        ));
    }
    if quality.spreadsheet_dates > 0 {
        problems.push(Problem::warning(
            quality.heading_row,
            None,
            format!(
                "{} as the day number of a spreadsheet, read with {}",
                counted(quality.spreadsheet_dates, "date"),
                match epoch {
                    Epoch::Y1900 => "1 as 1 January 1900",
                    Epoch::Y1904 => "0 as 1 January 1904",
                }
            ),
            "format the column as a date before saving",
        ));
    }
}

fn start_range(people: &[Participant], quality: &mut FileQuality) {
    let starts = || people.iter().map(|p| p.start);
    quality.first_start = starts().min().map(dates::iso);
    quality.last_start = starts().max().map(dates::iso);
}

fn verdict(headings_good: bool, rows: u64, people: u64, reading: &Reading) -> Verdict {
    let needed = reading.min_people;
    match people {
        _ if !headings_good => Verdict::Headings,
        0 if rows == 0 => Verdict::NoRows,
        0 => Verdict::NobodyUsable,
        _ if people < needed => Verdict::TooFew { people, needed },
        _ => Verdict::Usable { people },
    }
}
