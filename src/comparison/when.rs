//! Dates as reports write them, kept as exact as they were given.

use jiff::civil::{Date, date};

/// How exact a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// A day.
    Day,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
    /// April to March, as public bodies count.
    FinancialYear,
}

/// When a result is of: a day, month or year, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    first: Date,
    last: Date,
    precision: Precision,
}

impl When {
    /// Reads `2014-01-31`, `2014-01`, `2014`, or `2013/14` (also `2013/2014`, `2013-2014`, `2013\u{2013}14`); none for anything
    /// else. `2013-14` with a hyphen is no date: a fourteenth month cannot be told from a financial year meant.
    pub fn read(text: &str) -> Option<When> {
        let text = text.trim();
        if let Some((from, to)) = text.split_once(['/', '\u{2013}']) {
            return When::financial(from, to);
        }
        let parts: Vec<&str> = text.split('-').collect();
        match parts.as_slice() {
            [year] => {
                let year = digits(year, 4)?;
                Some(When {
                    first: Date::new(year, 1, 1).ok()?,
                    last: Date::new(year, 12, 31).ok()?,
                    precision: Precision::Year,
                })
            }
            [from, to] if to.len() == 4 => When::financial(from, to),
            [year, month] => {
                let first = Date::new(digits(year, 4)?, digits(month, 2)? as i8, 1).ok()?;
                Some(When {
                    first,
                    last: first.last_of_month(),
                    precision: Precision::Month,
                })
            }
            [year, month, day] => {
                let (month, day) = (digits(month, 2)? as i8, digits(day, 2)? as i8);
                let day = Date::new(digits(year, 4)?, month, day).ok()?;
                Some(When {
                    first: day,
                    last: day,
                    precision: Precision::Day,
                })
            }
            _ => None,
        }
    }

    fn financial(from: &str, to: &str) -> Option<When> {
        let start = digits(from, 4)?;
        let end = match to.len() {
            2 => start / 100 * 100 + digits(to, 2)? + if start % 100 == 99 { 100 } else { 0 },
            _ => digits(to, 4)?,
        };
        if end != start + 1 {
            return None;
        }
        Some(When {
            first: Date::new(start, 4, 1).ok()?,
            last: Date::new(end, 3, 31).ok()?,
            precision: Precision::FinancialYear,
        })
    }

    /// How exact it is.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Its middle in years and parts of a year; a calendar year's is its half.
    pub fn years(&self) -> f64 {
        let start = |d: Date| {
            let year = date(d.year(), 1, 1);
            let day = f64::from(d.day_of_year()) - 1.0;
            f64::from(year.year()) + day / f64::from(year.days_in_year())
        };
        // The end of the last day: its start and one day of its year.
        let end = start(self.last) + 1.0 / f64::from(self.last.days_in_year());
        (start(self.first) + end) / 2.0
    }
}

/// A number of exactly so many digits and nothing else.
fn digits(text: &str, count: usize) -> Option<i16> {
    let plain = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let (year, month) = (self.first.year(), self.first.month());
        match self.precision {
            Precision::Day => write!(f, "{year:04}-{month:02}-{:02}", self.first.day()),
            Precision::Month => write!(f, "{year:04}-{month:02}"),
            Precision::Year => write!(f, "{year:04}"),
            Precision::FinancialYear => write!(f, "{year:04}/{:02}", self.last.year() % 100),
        }
    }
}
