//! What is wrong with a file: where, which rule, what to do. Never the value itself.

use serde::Serialize;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row, or the whole file, cannot be used until it is put right.
    Error,
    /// The file can be used as it is; putting it right helps.
    Warning,
}

impl Severity {
    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// One thing wrong. Its texts are fixed sentences with counts and row numbers in them, so it can
/// be shown, logged and downloaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Row as a spreadsheet shows it.
    pub row: u32,
    /// The field's own name (`dob`) or `column 4`; none when it is about the row or the file.
    pub column: Option<String>,
    /// The letter a spreadsheet shows above that column.
    pub letter: Option<String>,
    /// How bad.
    pub severity: Severity,
    /// The rule that is broken.
    pub rule: String,
    /// What to do about it.
    pub remedy: String,
}

impl Problem {
    pub(super) fn error(
        row: u32,
        column: Option<&str>,
        rule: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Problem {
            row,
            column: column.map(str::to_owned),
            letter: None,
            severity: Severity::Error,
            rule: rule.into(),
            remedy: remedy.into(),
        }
    }

    pub(super) fn warning(
        row: u32,
        column: Option<&str>,
        rule: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(row, column, rule, remedy)
        }
    }
}

/// `1 date`, `2 dates`.
pub(super) fn counted(n: u64, one: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    }
}
