//! The persons file to `persons.parquet`: identifiers as written, days as days.

use super::day::{self, Day};
use super::ids::Ids;
use super::source::{Cells, Source};
use super::writer::{Values, Writer};
use super::{ImportError, headings};
use crate::register::own_table::BLANK;
use crate::register::parquet::{DOB_DIGITS, EXTERNAL_ID, IDENTIFIERS, PERSON_ID, PERSONS_FILE};
use std::path::Path;

/// What was written.
#[derive(Default)]
pub(super) struct Persons {
    pub rows: u64,
    pub dob_in_no_calendar: u64,
    pub dob_unreadable: u64,
    pub left_out: u64,
    /// In the file's order, the key first.
    pub columns: Vec<&'static str>,
}

/// Two passes: ids, then rows.
pub(super) fn import(
    source: &Source,
    to: &Path,
    progress: &mut dyn FnMut(&'static str, u64),
) -> Result<(Ids, Persons), ImportError> {
    let places = headings::places(source.file, &source.headings)?;
    let id = headings::required(source.file, &places, PERSON_ID)?;
    for name in ["forename", "surname"] {
        headings::required(source.file, &places, name)?;
    }
    let ids = Ids::read(source, id, progress)?;
    let given: Vec<(&'static str, usize)> = IDENTIFIERS
        .iter()
        .filter_map(|name| places.iter().find(|(n, _)| n == name).copied())
        .collect();
    let mut columns = vec![(PERSON_ID, Values::Key(Vec::new()))];
    if ids.are_texts() {
        columns.push((EXTERNAL_ID, Values::Text(Vec::new())));
    }
    for (name, _) in &given {
        if *name == "dob" {
            columns.push((name, Values::Day(Vec::new())));
            columns.push((DOB_DIGITS, Values::Digits(Vec::new())));
        } else {
            columns.push((name, Values::Text(Vec::new())));
        }
    }
    let mut persons = Persons {
        left_out: (source.headings.len() - 1 - given.len()) as u64,
        columns: columns.iter().map(|(name, _)| *name).collect(),
        ..Persons::default()
    };
    let columns = columns
        .into_iter()
        .map(|(n, v)| (n.to_owned(), v))
        .collect();
    let mut writer = Writer::create(to, PERSONS_FILE, columns)?;
    let mut wanted = vec![id];
    wanted.extend(given.iter().map(|(_, column)| *column));
    let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    persons.rows = source.each_row(&wanted, |at, cells| {
        let key = cells[0].as_ref().and_then(|id| ids.key(id));
        // It was there a pass ago.
        let key = key.ok_or_else(|| source.cell(at, PERSON_ID, "it changed while it was read"))?;
        persons.push(&mut writer.values, key, ids.are_texts(), &names, cells);
        persons.rows += 1;
        if persons.rows.is_multiple_of(65_536) {
            progress("writing persons", persons.rows);
        }
        writer.row()
    })?;
    writer.finish()?;
    Ok((ids, persons))
}

impl Persons {
    /// A row, in the columns' order.
    fn push(
        &mut self,
        values: &mut [Values],
        key: u64,
        text_ids: bool,
        names: &[&str],
        cells: &Cells<'_>,
    ) {
        let mut values = values.iter_mut();
        if let Some(Values::Key(column)) = values.next() {
            column.push(key);
        }
        if text_ids && let Some(Values::Text(column)) = values.next() {
            column.push(cells[0].as_deref().map(str::to_owned));
        }
        for (name, cell) in names.iter().zip(&cells[1..]) {
            let cell = cell
                .as_deref()
                .filter(|c| name.ends_with("name") || !BLANK.contains(c));
            match values.next() {
                Some(Values::Text(column)) => column.push(cell.map(str::to_owned)),
                Some(Values::Day(days)) => {
                    let (day, digits) = self.dob(cell);
                    days.push(day);
                    if let Some(Values::Digits(column)) = values.next() {
                        column.push(digits);
                    }
                }
                _ => {}
            }
        }
    }

    /// Days, or the digits of a day that no calendar has.
    fn dob(&mut self, cell: Option<&str>) -> (Option<i32>, Option<u32>) {
        match cell.map(day::read) {
            None => (None, None),
            Some(Day::Known(days)) => (Some(days), None),
            Some(Day::NoCalendar(digits)) => {
                self.dob_in_no_calendar += 1;
                (None, Some(digits))
            }
            Some(Day::Unreadable) => {
                self.dob_unreadable += 1;
                (None, None)
            }
        }
    }
}
