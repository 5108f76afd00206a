//! `counterpart analyse`: the researcher's door. One table of one's own, no linkage, nothing withheld.

mod flags;
mod outcome;
mod own_study;
mod roles;

use super::output::{Progress, WholeFile, no_answer, not_written, to_stdout, write_report};
use super::{Failure, input};
use crate::balance::Design;
use crate::evaluation::{self, Context};
use crate::matching::{Matches, Sets};
use crate::register::RegisterError;
use crate::register::own_table::{Table, identifiers};
use crate::report::Report;
pub use flags::Args;
use std::process::ExitCode;

/// Covariates named when nobody chose them.
const MOST_NAMED: usize = 30;

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let progress = Progress::new(false);
    progress.say("reading the table");
    let given = args.study.as_deref().map(input::study).transpose()?;
    let roles = args.roles(given.as_ref())?;
    if let Some(matches) = &args.matches
        && input::same_file(matches, &args.table)
    {
        return Err(Failure::refused(
            "the matches would overwrite the table",
            "give --matches another file name",
        ));
    }
    let table = Table::read(&args.table, &roles).map_err(unusable)?;
    let study = match given {
        Some(study) => input::with_ridge(study, args.ridge),
        None => args.study_of(&table)?,
    };
    if args.study.is_none() && args.covariates.is_empty() && !study.covariates.is_empty() {
        let all = study.covariates.len();
        let first = study.covariates.iter().take(MOST_NAMED);
        let mut names: Vec<&str> = first.map(|c| c.column.as_str()).collect();
        let more = format!("and {} more", all.saturating_sub(MOST_NAMED));
        if all > MOST_NAMED {
            names.push(&more);
        }
        eprintln!(
            "covariates: every other column ({}); name them with --covariates if some were measured after the start",
            names.join(", ")
        );
    }
    let id = args.id.clone().or_else(|| study.table.as_ref()?.id.clone());
    // Read although no matches are asked for: an identifier twice is one person taken for two.
    let names = id
        .map(|column| identifiers(&args.table, &column))
        .transpose()
        .map_err(unusable)?;
    let context = Context {
        seed: args.seed,
        now: &input::now,
        progress: &|stage| progress.stage(stage),
        specifications: args.specifications,
        leave_one_out: args.leave_one_out,
    };
    let (released, design) = evaluation::analyse(table, &study, &context).map_err(no_answer)?;
    if let Some(path) = &args.matches {
        progress.say("writing the matches");
        write_matches(path, names.as_deref(), &design)?;
    }
    let report = Report::new(released);
    let written = match &args.out {
        Some(out) => write_report(&report, out, &args.format)?,
        None => Vec::new(),
    };
    progress.finish();
    if args.out.is_some() && !args.json {
        to_stdout(&format!("{}\n", report.headline()))?;
    } else {
        to_stdout(&report.json())?;
    }
    for path in written {
        eprintln!("written: {}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// A table that cannot be used, and what to do about it.
pub(super) fn unusable(error: RegisterError) -> Failure {
    let message = error.to_string();
    match error {
        RegisterError::Unreadable { .. } => Failure::io(
            message,
            "give a CSV (UTF-8, commas) or Parquet file with the columns' names first and a row a person",
        ),
        RegisterError::NoColumn { .. } => Failure::refused(
            message,
            "names must be as in the table's first line, capitals included",
        ),
        _ => Failure::refused(message, "mend the table and run again"),
    }
}

/// `treated_id, comparison_id, weight`, a row a pair; where everybody shares one pool `id, group,
/// weight`, a row a person with weight, since pairs would be participants times pool. Rows are named by the id column, else by
/// their number (first data row = 1).
fn write_matches(
    path: &std::path::Path,
    names: Option<&[String]>,
    design: &Design,
) -> Result<(), Failure> {
    let name = |row: u32| match names {
        Some(names) => names[row as usize].clone(),
        None => (row + 1).to_string(),
    };
    let failed = |e: std::io::Error| {
        Failure::io(
            format!("cannot write the matches: {}", not_written(&e)),
            "give --matches a file in a folder you may write to",
        )
    };
    let file = WholeFile::write(path, |to| {
        let mut out = csv::Writer::from_writer(to);
        if let Sets::Common | Sets::CommonWithin { .. } = design.matches().sets {
            write_weights(&mut out, design.matches(), name)?;
            return out.flush();
        }
        out.write_record(["treated_id", "comparison_id", "weight"])?;
        let mut result = Ok(());
        design.matches().for_each_pair(|t, c, w| {
            if result.is_ok() {
                result = out.write_record([name(t), name(c), format!("{w:?}")]);
            }
        });
        result?;
        out.flush()
    });
    file.and_then(WholeFile::keep).map_err(failed)?;
    Ok(())
}

/// `id, group, weight`: participants, then the pool, those that weigh something.
fn write_weights<W: std::io::Write>(
    out: &mut csv::Writer<W>,
    matches: &Matches,
    name: impl Fn(u32) -> String,
) -> csv::Result<()> {
    out.write_record(["id", "group", "weight"])?;
    let participants = matches.participants.iter().zip(&matches.participant_weight);
    let pool = matches.pool.iter().zip(&matches.weight);
    let people = participants.map(|p| ("treated", p));
    for (group, (&row, w)) in people.chain(pool.map(|p| ("comparison", p))) {
        if *w > 0.0 {
            out.write_record([name(row), group.to_owned(), format!("{w:?}")])?;
        }
    }
    Ok(())
}
