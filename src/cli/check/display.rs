//! The result of a check as text: summary first, then problems, quality, and what to do next.

use super::people_left;
use crate::cohort::{Cohort, Field, FileQuality, Severity, Step, Verdict, groups};
use crate::study::{LinkageKey, Study};
use std::fmt::Write;

/// Groups of problems shown.
const MAX_GROUPS: usize = 15;
/// Row numbers shown in a group.
const MAX_ROWS: usize = 8;
/// Width of the text.
const WIDTH: usize = 110;

/// The whole text.
pub(super) fn print_report(cohort: &Cohort, study: &Study, list_written: bool) -> String {
    // Writing to a String cannot fail, so results of `write!` are dropped throughout.
    let mut out = String::new();
    let flow = cohort.attrition();
    let _ = writeln!(
        out,
        "{}: {}, {} usable.\n{}\n",
        study.title,
        rows(cohort.submitted),
        people(people_left(&flow)),
        cohort.verdict.sentence()
    );
    attrition(&mut out, &flow);
    problems(&mut out, cohort, list_written);
    quality(&mut out, &cohort.quality);
    let _ = writeln!(out, "What to do next");
    for (i, step) in next_steps(cohort, study).iter().enumerate() {
        wrapped(&mut out, &format!("  {}. ", i + 1), step);
    }
    out
}

fn rows(n: u64) -> String {
    plural(n, "row", "rows")
}

fn people(n: u64) -> String {
    plural(n, "person", "people")
}

fn plural(n: u64, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

fn attrition(out: &mut String, flow: &[Step]) {
    let _ = writeln!(out, "From the file to people");
    for step in flow {
        let _ = writeln!(
            out,
            "  {:>7}  {:<10} {}",
            step.people, step.step, step.reason
        );
        for lost in &step.lost {
            wrapped(out, &format!("           -{} ", lost.people), &lost.reason);
        }
    }
    out.push('\n');
}

fn problems(out: &mut String, cohort: &Cohort, list_written: bool) {
    let count = |s| cohort.problems.iter().filter(|p| p.severity == s).count() as u64;
    if cohort.problems.is_empty() {
        let _ = writeln!(out, "No problems found.\n");
        return;
    }
    let _ = writeln!(
        out,
        "Problems: {} (the row, or the file, cannot be used), {}",
        plural(count(Severity::Error), "error", "errors"),
        plural(count(Severity::Warning), "warning", "warnings"),
    );
    let groups = groups(&cohort.problems);
    let _ = writeln!(
        out,
        "  {:>6}  {:<8} {:<28} rule, and what to do",
        "rows", "severity", "column"
    );
    for group in groups.iter().take(MAX_GROUPS) {
        let p = group.first;
        let n = group.rows.len();
        let head = format!("  {n:>6}  {:<8} {:<28} ", p.severity.as_str(), p.place());
        wrapped(out, &head, &p.rule);
        let under = " ".repeat(head.chars().count());
        wrapped(out, &under, &row_list(&group.rows));
        wrapped(out, &under, &format!("-> {}", p.remedy));
    }
    let shown: usize = groups
        .iter()
        .take(MAX_GROUPS)
        .map(|g| g.rows.len().min(MAX_ROWS))
        .sum();
    let more = cohort.problems.len() - shown + cohort.problems_unlisted as usize;
    if more > 0 {
        let _ = match list_written {
            true => writeln!(out, "  and {more} more, in the list of problems"),
            false => writeln!(out, "  and {more} more; use --problems FILE for all"),
        };
    }
    out.push('\n');
}

fn row_list(rows: &[u32]) -> String {
    let shown: Vec<String> = rows.iter().take(MAX_ROWS).map(u32::to_string).collect();
    let word = if rows.len() == 1 { "row" } else { "rows" };
    match rows.len().saturating_sub(MAX_ROWS) {
        0 => format!("{word} {}", shown.join(", ")),
        more => format!("{word} {} and {more} more", shown.join(", ")),
    }
}

fn quality(out: &mut String, q: &FileQuality) {
    let form = match q.delimiter {
        Some(delimiter) => format!("{}, {delimiter} between cells", q.encoding),
        None if q.sheets > 1 => format!("{}, sheet {} of {}", q.kind, q.sheet, q.sheets),
        None => q.kind.to_owned(),
    };
    let _ = writeln!(
        out,
        "The file: {form}, {}, headings in row {}",
        plural(q.columns, "column", "columns"),
        q.heading_row
    );
    let _ = writeln!(out, "  {:<16} {:>10} {:>12}", "field", "complete", "valid");
    for f in &q.fields {
        let _ = match (f.column, f.filled) {
            (false, _) => writeln!(out, "  {:<16} {:>10} {:>12}", f.field, "no column", "-"),
            (true, 0) => writeln!(out, "  {:<16} {:>10} {:>12}", f.field, percent(0.0), "-"),
            (true, _) => writeln!(
                out,
                "  {:<16} {:>10} {:>12}",
                f.field,
                percent(f.complete_percent(q.rows)),
                percent(f.valid_percent())
            ),
        };
    }
    let _ = writeln!(
        out,
        "  complete: of all rows; valid: of the cells that are filled in"
    );
    if let (Some(first), Some(last)) = (&q.first_start, &q.last_start) {
        let _ = writeln!(out, "  programme starts from {first} to {last}");
    }
    if !q.ignored_columns.is_empty() {
        let list = format!("not read: {}", q.ignored_columns.join(", "));
        wrapped(out, "  ", &list);
    }
    out.push('\n');
}

/// Whole percentages, but never 100 for less than all, nor 0 for some.
fn percent(p: f64) -> String {
    let whole = match p.round() {
        r if r >= 100.0 && p < 100.0 => 99.0,
        r if r <= 0.0 && p > 0.0 => 1.0,
        r => r,
    };
    format!("{whole:.0}%")
}

/// What the charity can do, the most useful first.
pub(super) fn next_steps(cohort: &Cohort, study: &Study) -> Vec<String> {
    let mut steps = Vec::new();
    let errors = cohort
        .problems
        .iter()
        .filter(|p| p.severity == Severity::Error)
        .count() as u64;
    match cohort.verdict {
        Verdict::Headings => steps.push(
            "Put the headings right as said above; `--template FILE.csv` writes a file with the right ones.".to_owned(),
        ),
        Verdict::NoRows => steps.push("Fill in one row a person below the headings.".into()),
        Verdict::NobodyUsable | Verdict::TooFew { .. } if errors > 0 => {
            steps.push("Put the errors right, row by row: each such row is a person who is not counted now.".into());
        }
        Verdict::Usable { .. } if errors > 0 => steps.push(
            "The file can be used now; put the errors right first if you can, as those rows are left out.".into(),
        ),
        _ => {}
    }
    if let Verdict::TooFew { needed, .. } = cohort.verdict {
        steps.push(format!(
            "Add people until {needed} can be used, for example an earlier year of the programme: below that, results could tell something about one person."
        ));
    }
    let rows_read = !matches!(cohort.verdict, Verdict::Headings | Verdict::NoRows);
    if rows_read && !identified(cohort, study) {
        steps.push(
            "Add PNC ids or prison numbers where you have them: people with an identifier are found far more often.".into(),
        );
    }
    if cohort.verdict.is_usable() {
        steps.push("See what size of difference this many people can show: counterpart power --people N --rate P".into());
        steps.push(
            "Evaluate: counterpart evaluate COHORT --study FILE --register DIR --out DIR".into(),
        );
    } else {
        steps.push("Then check the file again.".into());
    }
    steps
}

/// Do half the rows or more have an identifier, where the study uses any?
fn identified(cohort: &Cohort, study: &Study) -> bool {
    let uses = |k| study.linkage.keys.contains(&k);
    let valid = |f: Field| {
        cohort
            .quality
            .fields
            .iter()
            .find(|q| q.field == f.name())
            .map_or(0, |q| q.valid)
    };
    if !uses(LinkageKey::PncId) && !uses(LinkageKey::PrisonNumber) {
        return true;
    }
    2 * (valid(Field::PncId) + valid(Field::PrisonNumber)) >= cohort.submitted
}

/// Writes `text` behind `head`, further lines under its first word.
fn wrapped(out: &mut String, head: &str, text: &str) {
    let indent = head.chars().count();
    let mut column = indent;
    out.push_str(head);
    for (i, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if i > 0 && column + 1 + length > WIDTH {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if i > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
}
