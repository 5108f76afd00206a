//! The whole file: layout, headings, every row, duplicates, verdict.

use super::body::{each_row, read_body};
use super::dates::{self, DateFault, Order};
use super::error::CohortError;
use super::headings::{Columns, Field};
use super::layout::{self, Layout};
use super::limits::MAX_PROBLEMS;
use super::problem::{Problem, counted};
use super::quality::{FieldQuality, FileQuality};
use super::row::RowReader;
use super::table::Rows;
use super::text::{self, Text};
use super::verdict::Verdict;
use super::{Cohort, Participant, duplicates};
use crate::study::{DisclosureMode, LinkageKey, Study};

/// Reads a cohort file. `today` (days since 1970-01-01) is the day no programme can have started
/// after: today, or the last day a register has recorded.
///
/// # Errors
/// When the bytes are no table of people at all. Anything short of that is in
/// [`Cohort::problems`], and whether the file can be used in [`Cohort::verdict`].
pub fn read(bytes: &[u8], study: &Study, today: i32) -> Result<Cohort, CohortError> {
    let text = text::decode(bytes)?;
    let layout = layout::find(&text.text)?;
    let mut problems = Vec::new();
    let columns = heading_columns(&text.text, layout, &mut problems)?;
    let complete = require(&columns, &study.linkage.keys, &mut problems);
    let headings_good = complete && !columns.ambiguous;
    let mut quality = empty_quality(&text, layout, &columns);
    let mut reader = RowReader::new(columns, &study.linkage.keys, complete, today);
    reader.month_first = month_first_columns(&text.text, layout, &reader, &mut problems)?;
    let body = read_body(&text.text, layout, &reader, &mut quality, problems)?;
    let mut problems = body.problems;
    let (participants, duplicates) = duplicates::fold(body.people, &mut problems);
    note_dates(&quality, &mut problems);
    start_range(&participants, &mut quality);
    let unlisted = problems.len().saturating_sub(MAX_PROBLEMS);
    if unlisted > 0 {
        problems.sort_by_key(|p| p.severity);
        problems.truncate(MAX_PROBLEMS);
    }
    problems.sort_by_key(|p| p.row);
    Ok(Cohort {
        verdict: verdict(
            headings_good,
            quality.rows,
            participants.len() as u64,
            study,
        ),
        participants,
        problems,
        problems_unlisted: body.unlisted + unlisted as u64,
        submitted: quality.rows,
        unreadable: body.unreadable,
        duplicates,
        quality,
    })
}

fn heading_columns(
    text: &str,
    layout: Layout,
    problems: &mut Vec<Problem>,
) -> Result<Columns, CohortError> {
    let mut cells = Vec::new();
    let mut rows = Rows::new(text, layout.delimiter);
    let mut above = 0_u64;
    while let Some(row) = rows.next(&mut cells)? {
        if row == layout.heading_row {
            if above > 0 {
                problems.push(Problem::warning(
                    row,
                    None,
                    format!("skipped above the headings: {}", counted(above, "row")),
                    "nothing to do; or delete them, so that the headings are the first row",
                ));
            }
            return Ok(Columns::read(row, &cells, problems));
        }
        above += 1;
    }
    Err(CohortError::NoHeadings)
}

/// Is there a column for the start, and one way at least of finding people?
fn require(columns: &Columns, keys: &[LinkageKey], problems: &mut Vec<Problem>) -> bool {
    let has = |fields: &[Field]| fields.iter().all(|&f| columns.has(f));
    let findable = keys.iter().any(|key| match key {
        LinkageKey::PncId => has(&[Field::PncId]),
        LinkageKey::PrisonNumber => has(&[Field::PrisonNumber]),
        LinkageKey::NameAndDob => has(&[Field::Forename, Field::Surname, Field::Dob]),
    });
    if !columns.has(Field::Start) {
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
            format!("add {}", ways_to_find(keys)),
        ));
    }
    columns.has(Field::Start) && findable
}

fn ways_to_find(keys: &[LinkageKey]) -> String {
    let ways: Vec<&str> = keys
        .iter()
        .map(|key| match key {
            LinkageKey::PncId => "pnc_id",
            LinkageKey::PrisonNumber => "prison_number",
            LinkageKey::NameAndDob => "forename, surname and dob",
        })
        .collect();
    ways.join(", or ")
}

/// Date columns in which more dates are surely month first than surely day first: there, a date
/// that could be either must not be guessed.
fn month_first_columns(
    text: &str,
    layout: Layout,
    reader: &RowReader<'_>,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Field>, CohortError> {
    let fields = [Field::Dob, Field::Start, Field::End];
    let mut month_first = [0_u64; 3];
    let mut day_first = [0_u64; 3];
    each_row(text, layout, |_, cells| {
        for (i, &field) in fields.iter().enumerate() {
            match reader.date(field, cells) {
                Some(Err(DateFault::MonthFirst)) => month_first[i] += 1,
                Some(Ok(d)) if d.order == Order::DayFirst => day_first[i] += 1,
                _ => {}
            }
        }
    })?;
    let mut suspect = Vec::new();
    for (i, &field) in fields.iter().enumerate() {
        if month_first[i] > day_first[i] {
            suspect.push(field);
            problems.push(Problem::warning(
                layout.heading_row,
                Some(field.name()),
                format!("month first in this column: {}",
                    counted(month_first[i], "date")),
                "write all dates as day/month/year or as YYYY-MM-DD; in a spreadsheet, format the column as a date",
            ));
        }
    }
    Ok(suspect)
}

fn empty_quality(text: &Text<'_>, layout: Layout, columns: &Columns) -> FileQuality {
    let fields = Field::ALL.map(|f| FieldQuality {
        field: f.name(),
        column: columns.has(f),
        filled: 0,
        valid: 0,
    });
    FileQuality {
        encoding: text.encoding,
        delimiter: layout.delimiter_name,
        heading_row: layout.heading_row,
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
fn note_dates(quality: &FileQuality, problems: &mut Vec<Problem>) {
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
                "{} as the day number of a spreadsheet, read with 1 as 1 January 1900",
                counted(quality.spreadsheet_dates, "date")
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

fn verdict(headings_good: bool, rows: u64, people: u64, study: &Study) -> Verdict {
    let needed = match study.disclosure.mode {
        DisclosureMode::None => 1,
        DisclosureMode::Controlled => u64::from(study.disclosure.min_submitted),
    };
    match people {
        _ if !headings_good => Verdict::Headings,
        0 if rows == 0 => Verdict::NoRows,
        0 => Verdict::NobodyUsable,
        _ if people < needed => Verdict::TooFew { people, needed },
        _ => Verdict::Usable { people },
    }
}
