//! What a workbook could not give, or hides, as problems of the file.

use super::headings::{Columns, Field};
use super::problem::{Problem, counted};
use super::table::{NoteKind, Table};

/// Adds them to `problems`: cells of columns that are read one by one, the rest in counts.
pub(super) fn report(table: &Table, columns: &Columns, problems: &mut Vec<Problem>) {
    let field_at = |at: u32| {
        let holds = |f: &Field| columns.position(*f) == Some(at as usize);
        Field::ALL.into_iter().find(holds)
    };
    for note in table.notes.iter().filter(|n| n.row > columns.row) {
        let Some(field) = field_at(note.column) else {
            continue;
        };
        let (rule, remedy) = match note.kind {
            NoteKind::Formula => (
                "a formula without the value it comes to; read as blank",
                "open the workbook in a spreadsheet program and save it again, or replace the formula by its value",
            ),
            NoteKind::Error => (
                "the cell shows an error in place of a value; read as blank",
                "correct the cell, or leave it blank",
            ),
        };
        problems.push(Problem::warning(note.row, Some(field.name()), rule, remedy));
    }
    let mut of_the_file = |count: u32, what: String, remedy: &str| {
        if count > 0 {
            problems.push(Problem::warning(columns.row, None, what, remedy));
        }
    };
    let about = &table.about;
    of_the_file(
        about.hidden_rows,
        format!(
            "{} in the workbook: read like the others",
            counted(about.hidden_rows.into(), "hidden row")
        ),
        "nothing to do; or delete hidden rows that should not be handed in",
    );
    of_the_file(
        about.hidden_columns,
        format!(
            "{} in the workbook: read like the others",
            counted(about.hidden_columns.into(), "hidden column")
        ),
        "nothing to do; or delete hidden columns that should not be handed in",
    );
    of_the_file(
        about.hidden_sheets,
        format!(
            "{} in the workbook: not chosen unasked",
            counted(about.hidden_sheets.into(), "hidden sheet")
        ),
        "nothing to do; or delete hidden sheets: they are handed in with the file",
    );
    of_the_file(
        about.notes_unlisted,
        format!(
            "more cells without a value, not listed: {}",
            about.notes_unlisted
        ),
        "save the workbook again in a spreadsheet program",
    );
}
