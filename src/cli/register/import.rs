//! `counterpart register import` and `counterpart register index`.

use super::{Failure, failure, grouped};
use crate::cli::{input, output::to_stdout};
use crate::register::import::{Import, ImportError, Imported, Input, import};
use crate::register::{INDEX_FILE, ParquetRegister};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Flags of `counterpart register import`.
#[derive(clap::Args)]
#[command(
    after_help = "The persons file has a row a record, with the columns person_id, forename and surname, and\nwhat there is of dob, sex, postcode, pnc_id and prison_number; several rows of one\nperson_id are aliases. The events file has person_id, event_date and whatever is known of\neach event; a column that no dictionary describes is an outcome, shut until a design is\nfixed. CSV may be separated by commas, semicolons, tabs or bars."
)]
pub(super) struct ImportArgs {
    /// Who people are: CSV, or Parquet when the name ends in .parquet
    #[arg(long, value_name = "FILE")]
    persons: PathBuf,
    /// What happened to them: CSV or Parquet; without it people can be found, and nothing compared
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// A register.toml that describes columns of events
    #[arg(long, value_name = "FILE")]
    dictionary: Option<PathBuf>,
    /// Folder to make the register in
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Take the place of a register that is there
    #[arg(long)]
    replace: bool,
    /// Print a summary as JSON
    #[arg(long)]
    json: bool,
}

/// Flags of `counterpart register index`.
#[derive(clap::Args)]
pub(super) struct IndexArgs {
    /// Directory of the register
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Print a summary as JSON
    #[arg(long)]
    json: bool,
}

/// Makes a register of a department's own tables.
pub(super) fn run_import(args: &ImportArgs) -> Result<(), Failure> {
    let what = Import {
        persons: args.persons.clone(),
        events: args.events.clone(),
        dictionary: args.dictionary.clone(),
        out: args.out.clone(),
        replace: args.replace,
        today: input::today(),
    };
    let bar = spinner();
    let mut progress = |what: &'static str, rows: u64| {
        bar.set_message(match rows {
            0 => what.to_owned(),
            rows => format!("{what}: {} rows", grouped(rows)),
        });
    };
    let imported = import(&what, &mut progress);
    bar.finish_and_clear();
    let imported = imported.map_err(|e| refusal(&args.out, e))?;
    eprint!("{}", said(&imported, &args.out));
    json(args.json, &imported)
}

/// Makes the index of a register anew.
pub(super) fn run_index(args: &IndexArgs) -> Result<(), Failure> {
    let bar = spinner();
    bar.set_message("indexing persons");
    let made = ParquetRegister::open(&args.dir).and_then(|register| register.reindex());
    bar.finish_and_clear();
    let index = made.map_err(|e| failure(&args.dir, e))?;
    let summary = Indexed {
        people: index.people(),
        records: index.rows().into(),
        index_bytes: index.to_bytes().len() as u64,
    };
    eprintln!(
        "index: {} people in {} records, {} bytes, in {}",
        grouped(summary.people),
        grouped(summary.records),
        grouped(summary.index_bytes),
        args.dir.join(INDEX_FILE).display()
    );
    json(args.json, &summary)
}

#[derive(Serialize)]
struct Indexed {
    people: u64,
    records: u64,
    index_bytes: u64,
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    // The template is a constant that the tests have rendered.
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn json(wanted: bool, summary: &impl Serialize) -> Result<(), Failure> {
    if !wanted {
        return Ok(());
    }
    let json = serde_json::to_string_pretty(summary);
    let json = json.map_err(|e| Failure::io(format!("cannot write JSON: {e}"), None))?;
    to_stdout(&(json + "\n"))
}

fn said(i: &Imported, out: &Path) -> String {
    let mut lines = vec![format!(
        "register: {} people in {} records{}, in {}",
        grouped(i.people),
        grouped(i.records),
        match i.events {
            Some(events) => format!(", {} events", grouped(events)),
            None => ", no events (people can be found in it, nothing can be compared)".into(),
        },
        out.display()
    )];
    let mut note = |count: u64, words: &str| {
        if count > 0 {
            lines.push(format!("note: {} {words}", grouped(count)));
        }
    };
    note(i.aliases, "rows are further records of a person (aliases)");
    note(
        i.dob_in_no_calendar,
        "dates of birth are in no calendar; they are kept as evidence",
    );
    note(
        i.dob_unreadable,
        "dates of birth could not be read; they are blank",
    );
    note(
        i.persons_columns_left_out,
        "columns of persons are no identifier; they are left out",
    );
    if i.text_ids {
        lines.push("note: person ids are texts; they are kept beside numbers of their own".into());
    }
    if !i.events_columns_shut.is_empty() {
        lines.push(format!(
            "note: nobody described {}: outcomes, shut until a design is fixed; describe them in \
             register.toml",
            i.events_columns_shut.join(", ")
        ));
    }
    lines.join("\n") + "\n"
}

/// Why there is no register, and what to do about it.
fn refusal(out: &Path, error: ImportError) -> Failure {
    let message = error.to_string();
    match error {
        ImportError::Register(e) => failure(out, e),
        ImportError::Exists => Failure::refused(
            message,
            "choose another folder with --out, or --replace to put this one in its place",
        ),
        ImportError::Unreadable { file, .. } => Failure::io(
            message,
            match file {
                Input::Persons => "give a CSV or Parquet file with person_id, forename and surname",
                Input::Events => "give a CSV or Parquet file with person_id and event_date",
            },
        ),
        ImportError::Headings { .. } => Failure::refused(
            message,
            "`counterpart register import --help` names the columns of each file",
        ),
        ImportError::Row { .. } => Failure::refused(message, "mend that row and import again"),
        ImportError::Dictionary(_) => Failure::refused(
            message,
            "`counterpart synth register` writes a register.toml to look at",
        ),
        ImportError::Unwritable { .. } => Failure::io(
            message,
            "choose a folder you may write to with --out, with room enough",
        ),
    }
}
