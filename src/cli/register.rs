//! `counterpart register`: what a register holds, and whether it can serve.

mod import;

use super::Failure;
use super::output::to_stdout;
use crate::register::{
    ColumnDescription, Description, IndexState, Kind, ParquetRegister, RegisterError, Role, Table,
};
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Flags of `counterpart register`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print the dictionary, sizes, dates, completeness and quality
    Describe(Of),
    /// The same, with exit code 1 when the register cannot serve
    Check(Of),
    /// Make a register of a department's own tables, CSV or Parquet
    Import(import::ImportArgs),
    /// Make the index that people are found by anew
    Index(import::IndexArgs),
}

#[derive(clap::Args)]
struct Of {
    /// Directory with persons.parquet, events.parquet and register.toml
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Print JSON for machines
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let (of, must_serve) = match args.command {
        Command::Describe(of) => (of, false),
        Command::Check(of) => (of, true),
        Command::Import(args) => return import::run_import(&args).map(|()| ExitCode::SUCCESS),
        Command::Index(args) => return import::run_index(&args).map(|()| ExitCode::SUCCESS),
    };
    let description = describe(&of.dir).map_err(|e| failure(&of.dir, e))?;
    let text = if of.json {
        let json = serde_json::to_string_pretty(&description);
        json.map_err(|e| Failure::io(format!("cannot write JSON: {e}"), None))? + "\n"
    } else {
        Page(&description).to_string()
    };
    to_stdout(&text)?;
    if must_serve && !description.usable() {
        return Err(Failure::refused(
            "the register cannot serve: see the facts marked unusable",
            "fill both tables, then check again",
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(dir: &Path) -> Result<Description, RegisterError> {
    ParquetRegister::open(dir)?.describe()
}

/// A register that cannot be used, and what to do about it.
pub(super) fn failure(dir: &Path, error: RegisterError) -> Failure {
    // A file given by mistake may be somebody's list, whose name is not printed.
    let message = match dir.is_file() {
        true => format!("what was given as the register is a file, not a folder: {error}"),
        false => format!("register {}: {error}", dir.display()),
    };
    match error {
        RegisterError::Unreadable { .. } => Failure::io(
            message,
            "a register is a directory with persons.parquet, events.parquet and register.toml; \
             `counterpart register import` makes one of your own tables, `counterpart synth \
             register` one to look at",
        ),
        RegisterError::Unwritable { .. } => Failure::io(
            message,
            "choose a folder you may write to, with room enough",
        ),
        RegisterError::Index(_) => Failure::refused(
            message,
            "`counterpart register index DIR` makes it anew from the persons table",
        ),
        RegisterError::Dictionary { .. } => Failure::refused(message, "mend that line"),
        RegisterError::NoColumn { .. } => Failure::refused(
            message,
            "add the column to the file, or take it out of register.toml",
        ),
        RegisterError::BadColumn { .. } => Failure::refused(
            message,
            "store the column as register.toml describes it: text, 32- or 64-bit numbers, true or \
             false, or dates",
        ),
        RegisterError::Outcome { .. } => Failure::refused(message, None),
    }
}

/// A description as people read it.
struct Page<'a>(&'a Description);

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let d = self.0;
        writeln!(f, "{}", d.title)?;
        writeln!(f, "source: {}", d.source)?;
        if d.synthetic {
            writeln!(f, "SYNTHETIC: every person in it is invented")?;
        }
        writeln!(f)?;
        writeln!(f, "people                    {:>12}", grouped(d.persons))?;
        writeln!(f, "events                    {:>12}", grouped(d.events))?;
        if !d.events_table {
            writeln!(
                f,
                "(no events table: people can be found, nothing can be compared)"
            )?;
        }
        let with = grouped(d.people_with_events);
        writeln!(f, "people with an event      {with:>12}")?;
        let several = grouped(d.people_with_several_events);
        writeln!(f, "people with several       {several:>12}")?;
        let none = "none";
        let first = d.first_event.as_deref().unwrap_or(none);
        let last = d.last_event.as_deref().unwrap_or(none);
        writeln!(f, "first event               {first:>12}")?;
        writeln!(f, "last event                {last:>12}")?;
        writeln!(f, "recorded until (cut-off)  {:>12}", d.cut_off)?;
        writeln!(f, "made                      {:>12}", d.made)?;
        writeln!(f, "index for finding people: {}", index(d.linkage_index))?;
        for (table, title) in [(Table::Persons, "Persons"), (Table::Events, "Events")] {
            let columns = d.columns.iter().filter(|c| c.table == table).collect();
            dictionary(f, title, columns)?;
        }
        writeln!(f, "\nQuality")?;
        for fact in &d.quality {
            let (count, of) = (grouped(fact.count), grouped(fact.of));
            let mark = if fact.fatal { "  UNUSABLE" } else { "" };
            writeln!(f, "  {count:>12} of {of:>12}  {}{mark}", fact.label)?;
        }
        Ok(())
    }
}

fn index(state: IndexState) -> &'static str {
    match state {
        IndexState::Fresh => "there, made from this persons table",
        IndexState::Absent => "none (`counterpart register index` makes one)",
        IndexState::Stale => {
            "of another persons table or version, so not used (`counterpart register index` makes \
             it anew)"
        }
        IndexState::Damaged => "DAMAGED (`counterpart register index` makes it anew)",
    }
}

fn dictionary(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    columns: Vec<&ColumnDescription>,
) -> fmt::Result {
    let widest = columns.iter().map(|c| c.name.chars().count()).max();
    let width = widest.unwrap_or(0).max("column".len());
    writeln!(
        f,
        "\n{title}\n  {:<width$}  kind      role        complete  label",
        "column"
    )?;
    for c in columns {
        let complete = c
            .complete_percent
            .map_or("-".into(), |p| format!("{p:.1} %"));
        let (kind, role) = (kind(c.kind), role(c.role));
        write!(
            f,
            "  {:<width$}  {kind:<8}  {role:<10}  {complete:>8}  {}",
            c.name, c.label
        )?;
        writeln!(f, "{}", summary(c))?;
    }
    Ok(())
}

/// Levels, or mean and quartiles, in brackets.
fn summary(c: &ColumnDescription) -> String {
    let mut text = String::new();
    if let Some(unit) = &c.unit {
        // Writing to a string cannot fail.
        let _ = write!(text, " ({unit})");
    }
    if let Some(levels) = c.levels {
        let _ = write!(text, " [{levels} levels]");
    }
    match (c.mean, c.quartiles) {
        (Some(mean), Some([q1, q2, q3])) => {
            let _ = write!(text, " [mean {mean}, quartiles {q1}, {q2}, {q3}]");
        }
        (Some(share), None) => {
            let _ = write!(text, " [{:.0} % yes]", share * 100.0);
        }
        _ => {}
    }
    text
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Date => "date",
        Kind::Number => "number",
        Kind::Flag => "flag",
        Kind::Category => "category",
        Kind::Count => "count",
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Key => "key",
        Role::Identifier => "identifier",
        Role::Date => "date",
        Role::Covariate => "covariate",
        Role::Outcome => "outcome",
    }
}

/// 1234567 as `1,234,567`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(n), text);
        }
    }
}
