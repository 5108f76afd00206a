//! The rows below the headings: people, and what is no person.

use super::limits::MAX_PROBLEMS;
use super::problem::{Problem, counted};
use super::quality::FileQuality;
use super::row::{RowReader, Unusable};
use super::table::Table;
use super::{Lost, Participant, cell, headings};

/// What the rows came to.
pub(super) struct Body {
    pub people: Vec<Participant>,
    pub problems: Vec<Problem>,
    pub unlisted: u64,
    pub unreadable: Vec<Lost>,
    /// Rows of people whom nobody could be made of.
    pub unusable: Vec<u32>,
}

/// Reads every row below the headings.
pub(super) fn read_body(
    table: &Table,
    reader: &RowReader<'_>,
    quality: &mut FileQuality,
    mut problems: Vec<Problem>,
) -> Body {
    let mut people = Vec::new();
    let mut unlisted = 0;
    let mut lost = [0_u64; Unusable::ALL.len()];
    let mut unusable = Vec::new();
    let mut first_blank = None;
    let mut above = reader.columns.row;
    each_row(table, reader.columns.row, |row, cells| {
        // Rows without anything in them are not in the table.
        if row > above + 1 {
            quality.blank_rows += u64::from(row - above - 1);
            first_blank.get_or_insert(above + 1);
        }
        above = row;
        match kind_of_row(cells) {
            RowKind::Blank => {
                quality.blank_rows += 1;
                first_blank.get_or_insert(row);
                return;
            }
            RowKind::Headings => {
                quality.other_rows += 1;
                problems.push(skipped(
                    row,
                    "the headings are repeated; the row is skipped",
                ));
                return;
            }
            RowKind::Footer => {
                quality.other_rows += 1;
                problems.push(skipped(
                    row,
                    "a total or a note, not a person; the row is skipped",
                ));
                return;
            }
            RowKind::Person => quality.rows += 1,
        }
        match reader.read(row, cells, quality, &mut problems) {
            Ok(person) => people.push(person),
            Err(why) => {
                lost[why as usize] += 1;
                unusable.push(row);
            }
        }
        // A file that is wrong throughout must not fill the memory with complaints.
        unlisted += problems.len().saturating_sub(MAX_PROBLEMS) as u64;
        problems.truncate(MAX_PROBLEMS);
    });
    if let Some(row) = first_blank {
        let rule = format!(
            "skipped: {}, beginning here",
            counted(quality.blank_rows, "blank row")
        );
        problems.push(skipped(row, &rule));
    }
    let unreadable = Unusable::ALL
        .into_iter()
        .filter(|&why| lost[why as usize] > 0)
        .map(|why| Lost {
            reason: why.reason().into(),
            people: lost[why as usize],
            remedy: Some(why.remedy().into()),
        })
        .collect();
    Body {
        people,
        problems,
        unlisted,
        unreadable,
        unusable,
    }
}

fn skipped(row: u32, rule: &str) -> Problem {
    Problem::warning(row, None, rule, "nothing to do; or delete the row")
}

enum RowKind {
    Blank,
    Headings,
    Footer,
    Person,
}

/// How notes and totals under a list begin.
const FOOTERS: [&str; 14] = [
    "total",
    "totals",
    "subtotal",
    "sum",
    "count",
    "average",
    "mean",
    "source",
    "note",
    "notes",
    "printed",
    "page",
    "confidential",
    "end",
];

/// A row is a note only when it begins with a word for one and has at most one cell more (a sum):
/// such a row lacks too much to be anybody.
fn kind_of_row(cells: &[&str]) -> RowKind {
    let mut filled = cells
        .iter()
        .map(|c| cell::clean(c))
        .filter(|c| !cell::is_blank(c));
    let Some(first) = filled.next() else {
        return RowKind::Blank;
    };
    let others = filled.count();
    let word = first
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    if others <= 1 && FOOTERS.iter().any(|f| word.eq_ignore_ascii_case(f)) {
        return RowKind::Footer;
    }
    match headings::known_in(cells) {
        n if n >= 2 && n > others / 2 => RowKind::Headings,
        _ => RowKind::Person,
    }
}

/// Every row below the headings.
pub(super) fn each_row<'t>(
    table: &'t Table,
    heading_row: u32,
    mut see: impl FnMut(u32, &[&'t str]),
) {
    let mut cells = Vec::new();
    for at in 0..table.len() {
        let row = table.row(at, &mut cells);
        if row > heading_row {
            see(row, &cells);
        }
    }
}
