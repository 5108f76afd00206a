//! The events file to `events.parquet`: every event of somebody in persons, with its day; the other
//! columns as numbers, days, truths or words, by what the dictionary says or all their cells allow.

use super::day::{self, Day};
use super::dictionary::Described;
use super::ids::Ids;
use super::source::{At, Cells, Source};
use super::writer::{Values, Writer};
use super::{ImportError, headings};
use crate::register::Kind;
use crate::register::own_table::BLANK;
use crate::register::parquet::{EVENT_DATE, EVENTS_FILE, IDENTIFIERS, PERSON_ID};
use std::path::Path;

/// What was written.
pub(super) struct Events {
    pub rows: u64,
    /// Day of the last event.
    pub last: Option<i32>,
    /// Name and kind of each column that is neither key nor date, in the file's order.
    pub columns: Vec<(String, Kind)>,
    /// Those of them that nobody described.
    pub shut: Vec<String>,
}

/// Two passes: what each column holds, then the rows.
pub(super) fn import(
    source: &Source,
    ids: &Ids,
    described: &Described,
    to: &Path,
    progress: &mut dyn FnMut(&'static str, u64),
) -> Result<Events, ImportError> {
    let places = headings::places(source.file, &source.headings)?;
    let id = headings::required(source.file, &places, PERSON_ID)?;
    let date = headings::required(source.file, &places, EVENT_DATE)?;
    let columns = others(source, id, date)?;
    let mut wanted = vec![id, date];
    wanted.extend(columns.iter().map(|(_, place)| *place));

    let mut held: Vec<Held> = columns.iter().map(|_| Held::default()).collect();
    let mut last = None;
    let mut done = 0;
    let rows = source.each_row(&wanted, |at, cells| {
        let (_, day) = key_and_day(source, ids, at, cells)?;
        last = last.max(Some(day));
        for (held, cell) in held.iter_mut().zip(&cells[2..]) {
            if let Some(cell) = known(cell.as_deref()) {
                held.look(at, cell);
            }
        }
        done += 1;
        if u64::is_multiple_of(done, 65_536) {
            progress("looking at events", done);
        }
        Ok(())
    })?;

    let mut stored = vec![
        (PERSON_ID.to_owned(), Values::Key(Vec::new())),
        (EVENT_DATE.to_owned(), Values::Day(Vec::new())),
    ];
    let (mut kinds, mut shut) = (Vec::new(), Vec::new());
    for ((name, _), held) in columns.into_iter().zip(&held) {
        let entry = described.entry(&name);
        let (values, kind) = held.values(source, &name, entry.map(|e| e.kind))?;
        if entry.is_none() {
            shut.push(name.clone());
        }
        stored.push((name.clone(), values));
        kinds.push((name, kind));
    }
    let mut writer = Writer::create(to, EVENTS_FILE, stored)?;
    let mut done = 0;
    source.each_row(&wanted, |at, cells| {
        let (key, day) = key_and_day(source, ids, at, cells)?;
        push(&mut writer.values, key, day, cells);
        done += 1;
        if u64::is_multiple_of(done, 65_536) {
            progress("writing events", done);
        }
        writer.row()
    })?;
    writer.finish()?;
    Ok(Events {
        rows,
        last,
        columns: kinds,
        shut,
    })
}

/// The columns that are neither key nor date, with their places.
fn others(source: &Source, id: usize, date: usize) -> Result<Vec<(String, usize)>, ImportError> {
    let refuse = |rule: String| ImportError::Headings {
        file: source.file,
        rule,
    };
    let mut columns: Vec<(String, usize)> = Vec::new();
    for (i, heading) in source.headings.iter().enumerate() {
        // A column without a name is the row number that some programs write.
        if i == id || i == date || heading.is_empty() {
            continue;
        }
        if let Some(name) =
            headings::known(heading).filter(|n| *n != "sex" && IDENTIFIERS.contains(n))
        {
            return Err(refuse(format!(
                "column {} (`{name}`) says who somebody is; keep it in the persons file alone",
                i + 1
            )));
        }
        if let Some((_, before)) = columns.iter().find(|(name, _)| name == heading) {
            let rule = format!(
                "columns {} and {} have one name; rename one",
                before + 1,
                i + 1
            );
            return Err(refuse(rule));
        }
        columns.push((heading.clone(), i));
    }
    Ok(columns)
}

fn known(cell: Option<&str>) -> Option<&str> {
    cell.filter(|cell| !BLANK.contains(cell))
}

/// Every event is somebody's, on some day.
fn key_and_day(
    source: &Source,
    ids: &Ids,
    at: At,
    cells: &Cells<'_>,
) -> Result<(u64, i32), ImportError> {
    let Some(id) = cells[0].as_deref() else {
        return Err(source.cell(at, PERSON_ID, "it is blank; every event is somebody's"));
    };
    let Some(key) = ids.key(id) else {
        return Err(source.cell(at, PERSON_ID, "nobody in the persons file has this id"));
    };
    match cells[1].as_deref().map(day::read) {
        Some(Day::Known(day)) => Ok((key, day)),
        None => Err(source.cell(at, EVENT_DATE, "it is blank; every event needs a day")),
        Some(_) => {
            let rule = "it is no day; write it as 2024-06-30, 30/06/2024 or 20240630";
            Err(source.cell(at, EVENT_DATE, rule))
        }
    }
}

/// What the cells of a column allow.
struct Held {
    any: bool,
    zero_or_one: bool,
    whole: bool,
    decimal: bool,
    truth: bool,
    day: bool,
    /// First cell that is no number, and first that is no day.
    no_number: Option<At>,
    no_day: Option<At>,
}

impl Default for Held {
    fn default() -> Held {
        Held {
            any: false,
            zero_or_one: true,
            whole: true,
            decimal: true,
            truth: true,
            day: true,
            no_number: None,
            no_day: None,
        }
    }
}

impl Held {
    fn look(&mut self, at: At, cell: &str) {
        self.any = true;
        self.zero_or_one &= cell == "0" || cell == "1";
        self.whole &= whole(cell).is_some();
        self.decimal = self.decimal && decimal(cell).is_some();
        self.truth &= truth(cell).is_some();
        self.day = self.day && matches!(day::read(cell), Day::Known(_));
        if !self.decimal && truth(cell).is_none() && decimal(cell).is_none() {
            self.no_number.get_or_insert(at);
        }
        if !self.day {
            self.no_day.get_or_insert(at);
        }
    }

    /// How to store it, and its kind: the one given, or the one all cells allow.
    fn values(
        &self,
        source: &Source,
        name: &str,
        given: Option<Kind>,
    ) -> Result<(Values, Kind), ImportError> {
        let numbers = || match (self.truth, self.whole, self.decimal) {
            (true, ..) => Some(Values::Truth(Vec::new())),
            (_, true, _) => Some(Values::Whole(Vec::new())),
            (_, _, true) => Some(Values::Decimal(Vec::new())),
            _ => None,
        };
        let not = |at: Option<At>, what: &str| {
            let rule = format!("the dictionary says that the column holds {what}; this is none");
            source.cell(at.unwrap_or(At::Row(1)), name, rule)
        };
        match given {
            Some(kind @ (Kind::Text | Kind::Category)) => Ok((Values::Text(Vec::new()), kind)),
            Some(Kind::Date) if self.day => Ok((Values::Day(Vec::new()), Kind::Date)),
            Some(Kind::Date) => Err(not(self.no_day, "days")),
            Some(kind) => match numbers() {
                Some(values) => Ok((values, kind)),
                None => Err(not(self.no_number, "numbers")),
            },
            None if !self.any => Ok((Values::Text(Vec::new()), Kind::Category)),
            // Eight digits are a number before they are a day.
            None => Ok(match numbers() {
                Some(values) if self.truth || self.zero_or_one => (values, Kind::Flag),
                Some(values) => (values, Kind::Number),
                None if self.day => (Values::Day(Vec::new()), Kind::Date),
                None => (Values::Text(Vec::new()), Kind::Category),
            }),
        }
    }
}

/// A row, in the columns' order; each cell is what its column was found to hold.
fn push(values: &mut [Values], key: u64, day: i32, cells: &Cells<'_>) {
    let fixed = [None, None].into_iter();
    let rest = cells[2..].iter().map(|cell| known(cell.as_deref()));
    for (i, (values, cell)) in values.iter_mut().zip(fixed.chain(rest)).enumerate() {
        match values {
            Values::Key(column) => column.push(key),
            Values::Day(column) if i == 1 => column.push(Some(day)),
            Values::Day(column) => column.push(match cell.map(day::read) {
                Some(Day::Known(day)) => Some(day),
                _ => None,
            }),
            Values::Whole(column) => column.push(cell.and_then(whole)),
            Values::Decimal(column) => column.push(cell.and_then(decimal)),
            Values::Truth(column) => column.push(cell.and_then(truth)),
            Values::Digits(column) => column.push(cell.and_then(|c| c.parse().ok())),
            Values::Text(column) => column.push(cell.map(str::to_owned)),
        }
    }
}

/// Written as numbers are: `007` is a code.
fn whole(cell: &str) -> Option<i64> {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let plain = digits.bytes().all(|b| b.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0'));
    plain.then(|| cell.parse().ok())?
}

fn decimal(cell: &str) -> Option<f64> {
    let plain = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E');
    let code = cell.len() > 1 && cell.starts_with('0') && !cell.starts_with("0.");
    let number = (!code && cell.bytes().all(plain)).then(|| cell.parse().ok())?;
    number.filter(|number: &f64| number.is_finite())
}

fn truth(cell: &str) -> Option<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_codes() {
        assert_eq!(whole("-12"), Some(-12));
        assert_eq!(decimal("0.5"), Some(0.5));
        assert_eq!(decimal("1e3"), Some(1000.0));
        for text in ["007", "1,5", "", "-", "12a", "inf", "nan", "٣"] {
            assert!(whole(text).is_none() && decimal(text).is_none(), "{text}");
        }
        assert_eq!(
            (truth("Yes"), truth("FALSE"), truth("1")),
            (Some(true), Some(false), None)
        );
    }
}
