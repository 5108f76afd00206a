//! One row to a participant, or to the reason why not.

use super::dates::{self, DateFault, Epoch, Order, ReadDate};
use super::ethnicity;
use super::fields::{self, Fault};
use super::headings::{Columns, Field};
use super::problem::{Problem, Severity};
use super::quality::FileQuality;
use super::reading::Reading;
use super::{AsWritten, Participant, cell, date_parts};
use crate::custody::{Personal, PersonalDate};
use crate::identity::Dob;
use std::borrow::Cow;

/// Youngest and oldest age at the start of a programme: responsibility for a crime begins at 10,
/// nobody is known to be older than the other.
const AGES: (i16, i16) = (10, 110);
/// 1990-01-01: no register this engine serves reaches back further.
const EARLIEST_START: i32 = 7_305;
/// A two-digit year of a start may lie this far ahead, so that a plan is told from the last century.
const START_AHEAD_DAYS: i32 = 3_650;

/// Why nobody can be made of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unusable {
    OutOfLine,
    NoStart,
    BadStart,
    NoIdentity,
}

impl Unusable {
    pub const ALL: [Unusable; 4] = [
        Unusable::OutOfLine,
        Unusable::NoStart,
        Unusable::BadStart,
        Unusable::NoIdentity,
    ];

    pub fn reason(self) -> &'static str {
        match self {
            Unusable::OutOfLine => "the row has more cells than there are headings",
            Unusable::NoStart => "the programme start is blank",
            Unusable::BadStart => "the programme start is not a date that can be used",
            Unusable::NoIdentity => {
                "nothing to find the person by: no valid identifier, and no full name with a date of birth"
            }
        }
    }

    pub fn remedy(self) -> &'static str {
        match self {
            Unusable::OutOfLine => {
                "put cells that contain the delimiter in quotation marks, or save as CSV again"
            }
            Unusable::NoStart => "give the first day of the programme for everybody",
            Unusable::BadStart => {
                "write the programme start as day/month/year with four digits for the year"
            }
            Unusable::NoIdentity => {
                "give forename, surname and date of birth, or a PNC id or prison number"
            }
        }
    }
}

/// Characters of an identifier that broke its rules and is kept as evidence; more is no identifier.
const LONGEST_ODD: usize = 40;

/// What rows are read by.
pub(super) struct RowReader<'s> {
    pub columns: Columns,
    pub reading: &'s Reading,
    /// What day number 0 was in the file.
    pub epoch: Epoch,
    /// Every column that is required is there; else the headings have been complained of already.
    pub complete: bool,
    pub today: i32,
    /// Birthday of a person just old enough today.
    youngest_today: i32,
    /// Date columns with more dates written month first than day first.
    pub month_first: Vec<Field>,
}

impl<'s> RowReader<'s> {
    pub fn new(
        columns: Columns,
        reading: &'s Reading,
        epoch: Epoch,
        complete: bool,
        today: i32,
    ) -> Self {
        RowReader {
            columns,
            reading,
            epoch,
            complete,
            today,
            youngest_today: dates::years_before(today, AGES.0),
            month_first: Vec::new(),
        }
    }
}

impl RowReader<'_> {
    /// The row's participant; problems go to `problems`, counts to `quality`.
    pub fn read(
        &self,
        row: u32,
        cells: &[&str],
        quality: &mut FileQuality,
        problems: &mut Vec<Problem>,
    ) -> Result<Participant, Unusable> {
        let mut sheet = Sheet {
            reader: self,
            row,
            cells,
            quality,
            problems: Vec::new(),
        };
        let read = sheet.participant();
        let mut found = sheet.problems;
        if let Err(why) = read {
            // What would have made the row usable is what has to be put right.
            let optional = [
                Field::Sex,
                Field::Postcode,
                Field::End,
                Field::Ethnicity,
                Field::Completed,
                Field::Site,
            ]
            .map(|f| Some(f.name()));
            for p in &mut found {
                if !optional.contains(&p.column.as_deref()) {
                    p.severity = Severity::Error;
                }
            }
            let said_of_the_cell = why == Unusable::BadStart;
            let said_of_the_headings = !self.complete && why != Unusable::OutOfLine;
            if !said_of_the_cell && !said_of_the_headings {
                let column = (why == Unusable::NoStart).then_some(Field::Start.name());
                let reason = match self.reading.by_likeness && why == Unusable::NoIdentity {
                    true => {
                        "nothing to find the person by: no identifier, and no name with anything else"
                    }
                    false => why.reason(),
                };
                found.push(Problem::error(row, column, reason, why.remedy()));
            }
        }
        problems.append(&mut found);
        read
    }

    /// Latest day a two-digit year may stand for.
    fn latest(&self, field: Field) -> i32 {
        match field {
            Field::Dob => self.youngest_today,
            _ => self.today.saturating_add(START_AHEAD_DAYS),
        }
    }

    /// The text of a field, none when blank or without a column.
    pub fn text<'c>(&self, field: Field, cells: &[&'c str]) -> Option<Cow<'c, str>> {
        self.columns.text(field, cells)
    }

    /// A field as a date, none when blank.
    pub fn date(&self, field: Field, cells: &[&str]) -> Option<Result<ReadDate, DateFault>> {
        let text = self.text(field, cells)?;
        Some(dates::read(&text, self.latest(field), self.epoch))
    }
}

/// A row being read.
struct Sheet<'r, 's, 'c> {
    reader: &'r RowReader<'s>,
    row: u32,
    cells: &'r [&'c str],
    quality: &'r mut FileQuality,
    problems: Vec<Problem>,
}

impl Sheet<'_, '_, '_> {
    fn participant(&mut self) -> Result<Participant, Unusable> {
        let extra = self.cells.iter().skip(self.reader.columns.width);
        if extra.into_iter().any(|c| !cell::clean(c).is_empty()) {
            return Err(Unusable::OutOfLine);
        }
        let start = match self.reader.reading.needs_start {
            true => self.start(),
            false => Ok(0),
        };
        let asked = start.ok().filter(|_| self.reader.reading.needs_start);
        let mut odd = AsWritten::default();
        let dob = self.dob(asked, &mut odd);
        if self.reader.reading.needs_start {
            self.end(asked);
        }
        let some = |text: String| Some(Personal::new(text));
        let asks = |field| self.reader.reading.of_list.contains(&field);
        let (completed, site) = (asks(Field::Completed), asks(Field::Site));
        let person = Participant {
            row: self.row,
            forename: self.field(Field::Forename, fields::name).and_then(some),
            surname: self.field(Field::Surname, fields::name).and_then(some),
            dob,
            sex: self.field(Field::Sex, fields::sex).and_then(some),
            ethnicity: self.field(Field::Ethnicity, ethnicity::read).flatten(),
            completed: completed
                .then(|| self.field(Field::Completed, fields::yes_or_no))
                .flatten(),
            site: site
                .then(|| self.field(Field::Site, fields::site))
                .flatten()
                .and_then(some),
            postcode: self
                .or_odd(Field::Postcode, fields::postcode, &mut odd.postcode)
                .flatten()
                .and_then(some),
            pnc_id: self
                .or_odd(Field::PncId, fields::pnc_id, &mut odd.pnc_id)
                .and_then(some),
            prison_number: self
                .or_odd(
                    Field::PrisonNumber,
                    fields::prison_number,
                    &mut odd.prison_number,
                )
                .and_then(some),
            as_written: odd,
            start: start?,
        };
        let likeness = self.reader.reading.by_likeness;
        match self
            .reader
            .reading
            .can_find(|f| knows(&person, f, likeness))
        {
            true => Ok(person),
            false => Err(Unusable::NoIdentity),
        }
    }

    /// A text field like [`Sheet::field`]; what breaks its rules goes to `odd` if it may be an
    /// identifier all the same.
    fn or_odd<T>(
        &mut self,
        field: Field,
        read: fn(&str) -> Result<T, Fault>,
        odd: &mut Option<Personal>,
    ) -> Option<T> {
        let valid = self.field(field, read);
        if valid.is_none()
            && let Some(text) = self.reader.text(field, self.cells)
            && text.chars().any(char::is_alphanumeric)
            && text.chars().count() <= LONGEST_ODD
        {
            *odd = Some(Personal::new(text.into_owned()));
        }
        valid
    }

    /// A text field, none when blank or against its rules.
    fn field<T>(&mut self, field: Field, read: fn(&str) -> Result<T, Fault>) -> Option<T> {
        let text = self.reader.text(field, self.cells)?;
        self.quality.of_field(field).filled += 1;
        match read(&text) {
            Ok(value) => {
                self.quality.of_field(field).valid += 1;
                Some(value)
            }
            Err(fault) => {
                self.problem(field, fault.rule, fault.remedy);
                None
            }
        }
    }

    fn start(&mut self) -> Result<i32, Unusable> {
        let today = self.reader.today;
        let start = self.date(Field::Start, |d| match d {
            d if d > today => Some("lies in the future"),
            d if d < EARLIEST_START => Some("lies before 1990"),
            _ => None,
        });
        match start {
            Some(found) => found.ok_or(Unusable::BadStart),
            None => Err(Unusable::NoStart),
        }
    }

    /// A date that cannot be this person's, or that no calendar has, goes to `odd`.
    fn dob(&mut self, start: Option<i32>, odd: &mut AsWritten) -> Option<PersonalDate> {
        let today = self.reader.today;
        let at = start.unwrap_or(today);
        let youngest = dates::years_before(at, AGES.0);
        let oldest = dates::years_before(at, AGES.1);
        // Without a programme nobody's age is wrong: records are of any time.
        let ages = self.reader.reading.needs_start;
        let dob = self.date(Field::Dob, |d| match d {
            _ if !ages => None,
            d if d > today => Some("lies in the future"),
            d if d > youngest => Some("makes the person younger than 10 at the programme start"),
            d if d < oldest => Some("makes the person older than 110 at the programme start"),
            _ => None,
        });
        if dob == Some(None)
            && let Some(text) = self.reader.text(Field::Dob, self.cells)
        {
            odd.dob = match self.reader.date(Field::Dob, self.cells) {
                Some(Ok(d)) => Some(Dob::from_days(d.days)),
                _ => date_parts::parts(&text).map(|(y, m, d)| Dob::from_parts(y, m, d)),
            };
        }
        dob.flatten().map(PersonalDate::from_days)
    }

    /// The end is checked and not kept: nothing downstream needs it.
    fn end(&mut self, start: Option<i32>) {
        self.date(Field::End, |d| match start {
            Some(start) if d < start => Some("lies before the programme start"),
            _ => None,
        });
    }

    /// A date field: none when blank, `Some(None)` when it cannot be used.
    fn date(
        &mut self,
        field: Field,
        implausible: impl Fn(i32) -> Option<&'static str>,
    ) -> Option<Option<i32>> {
        let read = self.reader.date(field, self.cells)?;
        self.quality.of_field(field).filled += 1;
        let rule = match read {
            Err(fault) => fault.to_string(),
            Ok(d) if d.order == Order::Swappable && self.reader.month_first.contains(&field) => {
                "may be day first or month first: other dates of this column are month first".into()
            }
            Ok(d) => match implausible(d.days) {
                Some(rule) => rule.to_owned(),
                None => {
                    self.quality.of_field(field).valid += 1;
                    self.quality.two_digit_years += u64::from(d.two_digit_year);
                    self.quality.spreadsheet_dates += u64::from(d.serial);
                    return Some(Some(d.days));
                }
            },
        };
        let remedy =
            "write the date as day/month/year with four digits for the year, or as YYYY-MM-DD";
        self.problem(field, &format!("the date {rule}"), remedy);
        Some(None)
    }

    fn problem(&mut self, field: Field, rule: &str, remedy: &str) {
        let found = Problem::warning(self.row, Some(field.name()), rule, remedy);
        self.problems.push(found);
    }
}

/// Is a field known of a person; `as_written` will do where people are found by likeness.
fn knows(person: &Participant, field: Field, as_written: bool) -> bool {
    let odd = &person.as_written;
    match field {
        Field::Forename => person.forename.is_some(),
        Field::Surname => person.surname.is_some(),
        Field::Dob => person.dob.is_some() || as_written && odd.dob.is_some(),
        Field::Postcode => person.postcode.is_some() || as_written && odd.postcode.is_some(),
        Field::PncId => person.pnc_id.is_some() || as_written && odd.pnc_id.is_some(),
        Field::PrisonNumber => {
            person.prison_number.is_some() || as_written && odd.prison_number.is_some()
        }
        Field::Sex
        | Field::Start
        | Field::End
        | Field::Ethnicity
        | Field::Completed
        | Field::Site => false,
    }
}
