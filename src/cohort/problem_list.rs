//! The problems of a file as a list to hand on: grouped by rule, and row by row; as CSV, workbook or
//! page. Sorted by row; O(problems).

use super::Cohort;
use super::problem::{Problem, counted};
use super::spreadsheet::{self, Column, Holds, NotMade, Sheet};
use askama::Template;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Problems of one kind, with the rows they are in.
pub struct Group<'p> {
    /// The first of them: the others differ in their row alone.
    pub first: &'p Problem,
    /// Rows, ascending.
    pub rows: Vec<u32>,
}

/// Errors before warnings, the most frequent first; one rule broken in many rows is one group.
pub fn groups(problems: &[Problem]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known = HashMap::new();
    for p in problems {
        let next = groups.len();
        let at = *known
            .entry((p.severity, &p.column, &p.rule))
            .or_insert(next);
        match groups.get_mut(at) {
            Some(group) => group.rows.push(p.row),
            None => groups.push(Group {
                first: p,
                rows: vec![p.row],
            }),
        }
    }
    groups.sort_by_key(|g| (g.first.severity, Reverse(g.rows.len()), g.rows[0]));
    groups
}

impl Problem {
    /// Field and column letter: `dob (column C)`.
    pub fn place(&self) -> String {
        match (&self.column, &self.letter) {
            (Some(name), Some(letter)) if name.starts_with("column ") => format!("column {letter}"),
            (Some(name), Some(letter)) => format!("{name} (column {letter})"),
            (Some(name), None) => name.clone(),
            (None, _) => String::new(),
        }
    }
}

/// A list of problems could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot make the list of problems")]
pub struct NoList;

impl From<NotMade> for NoList {
    fn from(_: NotMade) -> Self {
        NoList
    }
}

/// Headings of the list.
const HEADINGS: [&str; 6] = ["row", "column", "letter", "severity", "rule", "remedy"];

fn cells(p: &Problem) -> [String; 6] {
    [
        p.row.to_string(),
        p.column.clone().unwrap_or_default(),
        p.letter.clone().unwrap_or_default(),
        p.severity.as_str().into(),
        p.rule.clone(),
        p.remedy.clone(),
    ]
}

/// A CSV file: row, column, letter, severity, rule, remedy.
///
/// # Errors
/// Never in memory.
pub fn problems_csv(problems: &[Problem]) -> Result<Vec<u8>, NoList> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut write = |record: &[String]| out.write_record(record).map_err(|_| NoList);
    write(&HEADINGS.map(str::to_owned))?;
    for p in problems {
        write(&cells(p).map(no_formula))?;
    }
    out.into_inner().map_err(|_| NoList)
}

/// A cell that a spreadsheet program would take for a formula gets an apostrophe before it.
fn no_formula(cell: String) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell,
    }
}

/// An XLSX workbook: a sheet by rule, a sheet row by row.
///
/// # Errors
/// When the library refuses.
pub fn problems_xlsx(problems: &[Problem]) -> Result<Vec<u8>, NoList> {
    Ok(spreadsheet::xlsx(&sheets(problems))?)
}

/// The same as an ODS spreadsheet.
///
/// # Errors
/// When the library refuses.
pub fn problems_ods(problems: &[Problem]) -> Result<Vec<u8>, NoList> {
    Ok(spreadsheet::ods(&sheets(problems))?)
}

fn sheets(problems: &[Problem]) -> [Sheet; 2] {
    let columns = |widths: &[(&str, u16)]| -> Vec<Column> {
        let column = |&(heading, width): &(&str, u16)| Column {
            heading: heading.into(),
            width,
            holds: Holds::Text,
        };
        widths.iter().map(column).collect()
    };
    let by_rule = groups(problems).into_iter().map(|g| {
        let [_, column, letter, severity, rule, remedy] = cells(g.first);
        vec![
            g.rows.len().to_string(),
            severity,
            column,
            letter,
            rule,
            remedy,
        ]
    });
    let wide = [("rule", 60), ("remedy", 60)];
    [
        Sheet {
            name: "by_rule",
            columns: columns(&[
                ("rows", 8),
                ("severity", 10),
                ("column", 18),
                ("letter", 8),
                wide[0],
                wide[1],
            ]),
            rows: by_rule.collect(),
        },
        Sheet {
            name: "by_row",
            columns: columns(&[
                ("row", 8),
                ("column", 18),
                ("letter", 8),
                ("severity", 10),
                wide[0],
                wide[1],
            ]),
            rows: problems.iter().map(|p| cells(p).into()).collect(),
        },
    ]
}

#[derive(Template)]
#[template(path = "problems.html")]
struct Page<'p> {
    said: String,
    groups: Vec<Group<'p>>,
    problems: &'p [Problem],
}

/// A page of its own, without scripts.
///
/// # Errors
/// Never: everything is in memory.
pub fn problems_html(cohort: &Cohort) -> Result<String, NoList> {
    let listed = counted(cohort.problems.len() as u64, "problem");
    let more = match cohort.problems_unlisted {
        0 => String::new(),
        n => format!(", and {n} more that are not listed"),
    };
    let page = Page {
        said: format!("{} {listed}{more}.", cohort.verdict.sentence()),
        groups: groups(&cohort.problems),
        problems: &cohort.problems,
    };
    page.render().map_err(|_| NoList)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_could_be_a_formula_is_made_text() {
        for cell in ["=1+1", "+1", "-1", "@x", "\tx", "\rx"] {
            assert_eq!(no_formula(cell.into()), format!("'{cell}"));
        }
        assert_eq!(no_formula("the date".into()), "the date");
    }
}
