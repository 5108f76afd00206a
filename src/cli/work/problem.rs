//! Why there is no answer, for the person who handed in the list: a code for programs, a sentence,
//! what to do next, and the rows that broke a rule. Never what stands in them.

use crate::cli::output;
use crate::cohort::{self, Cohort, CohortError, Severity, Verdict};
use crate::disclosure::releases::ReleaseError;
use crate::evaluation::EvaluationError;
use crate::service::sharing::OTHER_COLUMNS;
use crate::service::worker::protocol::MOST_PROBLEMS;
use crate::service::worker::{CHECKED, Problem, RowProblem};

fn problem(code: &str, message: String, hint: &str) -> Problem {
    Problem {
        code: code.into(),
        message,
        hint: hint.into(),
        problems: Vec::new(),
        problems_unlisted: 0,
    }
}

/// The bytes are no table of people.
pub fn unreadable(e: CohortError) -> Problem {
    let (code, hint) = match e {
        CohortError::NoHeadings => (
            "no_headings",
            "make the first row headings such as forename, surname, dob, postcode, pnc_id, programme_start; the template has them",
        ),
        CohortError::SeveralSheets { .. } => (
            "several_sheets",
            "copy everybody into one sheet and hand the file in again",
        ),
        _ => ("unreadable_file", e.hint()),
    };
    problem(code, e.to_string(), hint)
}

/// What came sealed could not be opened.
pub fn sealed() -> Problem {
    problem(
        "sealed_file",
        "the sealed file cannot be opened: it was not sealed to this submission's key, or it was changed on its way".into(),
        "ask for a new key, seal the file to it, and hand it in again",
    )
}

/// The table holds people, and cannot be used.
pub fn unusable(cohort: Cohort) -> Problem {
    let (code, hint) = match cohort.verdict {
        Verdict::TooFew { .. } => (
            "too_few_people",
            match cohort.problems.is_empty() {
                true => {
                    "add people: earlier and later cohorts of the same programme can be handed in together"
                }
                false => {
                    "add people: earlier and later cohorts of the same programme can be handed in together; the rows that could not be used are listed"
                }
            },
        ),
        Verdict::Headings => (
            "headings",
            "put the headings right that are listed, and hand the file in again",
        ),
        _ => (
            "nobody_usable",
            "correct the rows that are listed, and hand the file in again",
        ),
    };
    with_rows(problem(code, cohort.verdict.sentence(), hint), cohort)
}

/// Columns that the agreement does not cover are refused, whatever stands in them: they should not have
/// been shared. Nothing of the list has been looked at beside its headings and shape.
///
/// # Errors
/// The columns that are missing from the agreement, by the names of the empty list.
pub fn not_covered(file: &cohort::FileQuality, covered: &[String]) -> Result<(), Problem> {
    let is = |name: &str| covered.iter().any(|c| c == name);
    let there = file.fields.iter().filter(|f| f.column);
    let mut missing: Vec<String> = there
        .filter(|f| !is(f.field))
        .map(|f| f.field.to_owned())
        .collect();
    let others = file.ignored_columns.len();
    if others > 0 && !is(OTHER_COLUMNS) {
        missing.push(format!("{others} more that the empty list does not have"));
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(problem(
            "agreement_columns",
            format!(
                "the data-sharing agreement does not cover these columns: {}",
                missing.join(", ")
            ),
            "take these columns out of the file and hand it in again, or make an agreement that covers them",
        )),
    }
}

/// The table can be used, and was only to be checked.
pub fn checked(cohort: Cohort) -> Problem {
    let hint = match cohort.problems.is_empty() {
        true => "hand the file in again for the report",
        false => {
            "correct the rows that are listed if you can, and hand the file in again for the report; rows that cannot be used are left out"
        }
    };
    with_rows(problem(CHECKED, cohort.verdict.sentence(), hint), cohort)
}

/// The same, with the rows that broke a rule.
fn with_rows(mut told: Problem, cohort: Cohort) -> Problem {
    // What stops rows from being used comes first where not all can be listed.
    let mut problems = cohort.problems;
    let beyond = problems.len().saturating_sub(MOST_PROBLEMS);
    if beyond > 0 {
        problems.sort_by_key(|p| (p.severity, p.row));
        problems.truncate(MOST_PROBLEMS);
        problems.sort_by_key(|p| p.row);
    }
    told.problems_unlisted = cohort.problems_unlisted + beyond as u64;
    told.problems = problems.into_iter().map(row).collect();
    told
}

fn row(p: cohort::Problem) -> RowProblem {
    RowProblem {
        row: p.row,
        column: p.column,
        letter: p.letter,
        severity: match p.severity {
            Severity::Error => "error".into(),
            Severity::Warning => "warning".into(),
        },
        rule: p.rule,
        remedy: p.remedy,
    }
}

/// The evaluation has no answer.
pub fn no_answer(e: EvaluationError) -> Problem {
    let code = match &e {
        EvaluationError::Release(e) => return not_released(e),
        EvaluationError::NoReleases => "no_releases",
        EvaluationError::TooFewFound { .. } => "too_few_found",
        EvaluationError::TooFew { .. } => "too_few_people",
        EvaluationError::Register(_) => "register",
        EvaluationError::Linkage(_) => "linkage",
        EvaluationError::Design(_) => "no_design",
        EvaluationError::Outcome(_) => "outcome",
        EvaluationError::Bootstrap(_) => "standard_error",
    };
    let failure = output::no_answer(e);
    let hint = failure.hint.unwrap_or_default();
    problem(code, failure.message, &hint)
}

/// There is an answer, and it may not leave. Nothing is said of other people's lists.
fn not_released(e: &ReleaseError) -> Problem {
    let (code, hint) = match e {
        ReleaseError::NearRepeat => (
            "near_repeat",
            "hand in a list that differs by more people, such as the next cohort of the programme; for another study of the same people ask the department",
        ),
        ReleaseError::Overtaken => ("overtaken", "hand the file in again"),
        ReleaseError::Store(_) => (
            "not_recorded",
            "hand the file in again later, and tell the department if that ends the same way",
        ),
    };
    let message = match e {
        ReleaseError::Store(_) => {
            "the release could not be recorded, and nothing leaves before it is".into()
        }
        said => said.to_string(),
    };
    problem(code, message, hint)
}
