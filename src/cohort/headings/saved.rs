//! How the headings of a file were understood, as a mapping file. Only headings that were recognised,
//! or that a mapping named, are written; any other could be somebody's data in a file without
//! headings, and is called by its position.

use super::mapping::{Assigned, Place, name_of};
use super::split::DateOrder;
use super::synonyms::Meaning;
use super::words::plain;
use std::fmt::Write;

/// The letter a spreadsheet shows above a column (`A` for 0).
pub(crate) fn letter(mut at: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + (at % 26) as u8));
        if at < 26 {
            break;
        }
        at = at / 26 - 1;
    }
    letters.iter().rev().collect()
}

/// A mapping's text being written.
pub(super) struct Saved(String);

impl Saved {
    pub fn new() -> Saved {
        Saved(
            "# How the columns of a list were understood. Change what is wrong, and give this file\n\
             # with --mapping for every list of the same make. Fields: forename, surname, dob, sex,\n\
             # postcode, pnc_id, prison_number, programme_start, programme_end, ethnicity,\n\
             # completed_yes_no, site, full_name, dob_day, dob_month, dob_year; or ignore. A column is named by `heading = \"...\"` or by\n\
             # `column = \"D\"`; `dates = \"day first\"` or \"month first\" says how a date is written.\n"
                .to_owned(),
        )
    }

    /// A column that is read.
    pub fn read(&mut self, heading: &str, meaning: Meaning, given: Option<&Assigned>) {
        let place = match given.map(|g| &g.place) {
            Some(Place::Heading(written, _)) => format!("heading = {}", quoted(written)),
            Some(Place::Position(at)) => format!("column = \"{}\"", letter(*at)),
            None => format!("heading = {}", quoted(&plain(heading))),
        };
        self.column(&place, name_of(meaning), given.and_then(|g| g.order));
    }

    /// A column that a mapping says is not to be read.
    pub fn ignored(&mut self, given: &Assigned) {
        let place = match &given.place {
            Place::Heading(written, _) => format!("heading = {}", quoted(written)),
            Place::Position(at) => format!("column = \"{}\"", letter(*at)),
        };
        self.column(&place, "ignore", None);
    }

    /// A column nobody has said anything of.
    pub fn unknown(&mut self, at: usize) {
        // Writing to a String cannot fail.
        let _ = write!(
            self.0,
            "\n# Column {0} is not read. To read it:\n# [[columns]]\n# column = \"{0}\"\n# field = \"...\"\n",
            letter(at)
        );
    }

    fn column(&mut self, place: &str, field: &str, order: Option<DateOrder>) {
        let _ = write!(self.0, "\n[[columns]]\n{place}\nfield = \"{field}\"\n");
        let order = match order {
            None => return,
            Some(DateOrder::DayFirst) => "day first",
            Some(DateOrder::MonthFirst) => "month first",
        };
        let _ = writeln!(self.0, "dates = \"{order}\"");
    }

    pub fn finish(self) -> String {
        self.0
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_count_as_a_spreadsheet_does() {
        for (at, name) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (51, "AZ"),
            (52, "BA"),
            (701, "ZZ"),
            (702, "AAA"),
        ] {
            assert_eq!(letter(at), name);
        }
    }
}
