//! A list that could not be used, and why: row by row, never what stands in a row.

use super::page::{Failed, Frame, download};
use super::submission::Head;
use super::upload::FileForm;
use super::visitor::SignedIn;
use super::words::{number, sentence};
use crate::cohort::{self, Severity};
use crate::service::api::App;
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use crate::service::worker::{CHECKED, Problem as WhyNot, RowProblem};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

/// Rows on the page; the file has them all.
const MOST_ROWS: usize = 200;
/// Row numbers that are named for one rule.
const MOST_NAMED: usize = 12;

#[derive(Template)]
#[template(path = "templates/problems.html")]
pub struct ProblemsPage {
    /// Around it.
    pub frame: Frame,
    /// What it is about.
    pub head: Head,
    /// What is the matter.
    pub problems: Problems,
    /// There is a certificate.
    pub certificate: bool,
    /// To hand it in again; None where the reader may not.
    pub form: Option<FileForm>,
}

/// Rows that broke one rule.
pub struct Group {
    /// The rule, and where.
    pub rule: String,
    /// What to do.
    pub remedy: String,
    /// Which rows, in words.
    pub rows: String,
}

/// A line of the table.
pub struct Row {
    /// As a spreadsheet shows it.
    pub row: u32,
    /// Column, with its letter.
    pub column: String,
    /// The rule.
    pub rule: String,
    /// What to do.
    pub remedy: String,
    /// The row can be used all the same.
    pub warning: bool,
}

/// Everything that is the matter.
pub struct Problems {
    /// The list can be used: it was only checked.
    pub usable: bool,
    /// In one sentence.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// Rules that were broken, the most often broken first.
    pub groups: Vec<Group>,
    /// Rows, in their order.
    pub rows: Vec<Row>,
    /// Not on the page.
    pub unlisted: u64,
    /// There is a list to keep.
    pub list: bool,
}

impl Problems {
    /// As the worker told it.
    pub fn of(told: WhyNot) -> Problems {
        let all: Vec<cohort::Problem> = told.problems.into_iter().map(as_problem).collect();
        let groups = cohort::groups(&all).into_iter().map(|g| Group {
            rule: in_place(g.first),
            remedy: sentence(&g.first.remedy),
            rows: rows_in_words(&g.rows),
        });
        let row = |p: &cohort::Problem| Row {
            row: p.row,
            column: place(p),
            rule: sentence(&p.rule),
            remedy: sentence(&p.remedy),
            warning: p.severity == Severity::Warning,
        };
        Problems {
            usable: told.code == CHECKED,
            message: sentence(&told.message),
            hint: sentence(&told.hint),
            groups: groups.collect(),
            rows: all.iter().take(MOST_ROWS).map(row).collect(),
            unlisted: told.problems_unlisted + all.len().saturating_sub(MOST_ROWS) as u64,
            list: !all.is_empty(),
        }
    }

    /// How many are not on the page.
    pub fn unlisted_words(&self) -> String {
        number(self.unlisted)
    }
}

/// A row as the reader of lists has it.
fn as_problem(row: RowProblem) -> cohort::Problem {
    cohort::Problem {
        row: row.row,
        column: row.column,
        letter: row.letter,
        severity: match row.severity.as_str() {
            "warning" => Severity::Warning,
            _ => Severity::Error,
        },
        rule: row.rule,
        remedy: row.remedy,
    }
}

/// Where in the row: what people call the field, and its letter.
fn place(p: &cohort::Problem) -> String {
    let field = p.column.as_deref().unwrap_or("");
    let words = match field {
        "dob" => "Date of birth".into(),
        "pnc_id" => "PNC ID".into(),
        "ethnicity" => "Ethnic group".into(),
        _ if field.starts_with("column ") => String::new(),
        _ => sentence(&field.replace('_', " "))
            .trim_end_matches('.')
            .to_owned(),
    };
    match (&p.letter, words.is_empty()) {
        (Some(letter), true) => format!("Column {letter}"),
        (Some(letter), false) => format!("{words} (column {letter})"),
        (None, _) => words,
    }
}

fn in_place(p: &cohort::Problem) -> String {
    match place(p) {
        place if place.is_empty() => sentence(&p.rule),
        place => format!("{place}: {}", sentence(&p.rule)),
    }
}

/// `row 3`, `rows 3, 7 and 9`, `rows 3, 7, 9 and 40 more`.
fn rows_in_words(rows: &[u32]) -> String {
    let named: Vec<String> = rows.iter().take(MOST_NAMED).map(u32::to_string).collect();
    let more = rows.len() - named.len();
    match (named.split_last(), more) {
        (None, _) => String::new(),
        (Some((only, [])), 0) => format!("Row {only}"),
        (Some((last, first)), 0) => format!("Rows {} and {last}", first.join(", ")),
        (Some(_), more) => format!("Rows {} and {more} more", named.join(", ")),
    }
}

/// The list of problems as a file.
pub async fn list(
    State(app): State<App>,
    user: SignedIn,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Failed> {
    let found = user
        .caller
        .submission(&app, Route::SeeSubmission, &id)
        .await?;
    let told = found.problem.clone();
    let told = told.and_then(|p| serde_json::from_value::<WhyNot>(p).ok());
    let told = told.ok_or_else(|| Problem::not_found("list of problems"))?;
    let all: Vec<cohort::Problem> = told.problems.into_iter().map(as_problem).collect();
    let (made, kind) = match name.as_str() {
        "problems.csv" => (cohort::problems_csv(&all), "text/csv; charset=utf-8"),
        "problems.xlsx" => (
            cohort::problems_xlsx(&all),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        "problems.ods" => (
            cohort::problems_ods(&all),
            "application/vnd.oasis.opendocument.spreadsheet",
        ),
        _ => return Err(Problem::not_found("address").into()),
    };
    let bytes = made.map_err(|_| Problem::fault())?;
    Ok(download(bytes, kind, &name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_named_until_there_are_too_many() {
        assert_eq!(rows_in_words(&[3]), "Row 3");
        assert_eq!(rows_in_words(&[3, 7, 9]), "Rows 3, 7 and 9");
        let many: Vec<u32> = (2..42).collect();
        assert!(rows_in_words(&many).ends_with(", 13 and 28 more"));
    }

    #[test]
    fn the_most_frequent_rule_comes_first_and_rows_beyond_the_page_are_counted() {
        let row = |row: u32, rule: &str| RowProblem {
            row,
            column: Some("dob".into()),
            letter: Some("C".into()),
            severity: "error".into(),
            rule: rule.into(),
            remedy: "write it".into(),
        };
        let mut problems = vec![row(2, "the date is missing")];
        problems.extend((3..303).map(|n| row(n, "this is no date")));
        let told = Problems::of(WhyNot {
            code: "x".into(),
            message: "nobody can be used".into(),
            hint: "correct it".into(),
            problems,
            problems_unlisted: 5,
        });
        assert_eq!(told.groups.len(), 2);
        assert_eq!(
            told.groups[0].rule,
            "Date of birth (column C): This is no date."
        );
        assert_eq!((told.rows.len(), told.unlisted), (200, 106));
        assert_eq!(told.message, "Nobody can be used.");
    }
}
