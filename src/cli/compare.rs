//! `counterpart compare`: several programmes' results side by side.

use super::Failure;
use super::input::reason;
use super::output::{WholeFile, not_written, to_stdout};
use crate::comparison::input::{About, Ask, File, InputError, gather};
use crate::comparison::{
    Better as Good, CompareError, Comparison, Order, RULES, Rules, compare, page, table,
};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// No table of published results and no report comes near this.
const MOST_BYTES: u64 = 64 << 20;

/// Flags of `counterpart compare`.
#[derive(clap::Args)]
#[command(
    after_help = "A table is CSV with a heading: name, and estimate and se, or ci_low and ci_high, or n_treatment, treat_value and comp_value; also kind, published, outcome, unit (pct or share), better. sample_data/published/results.csv is one. Every row is either used or left out with its reason. Writes comparison.html and comparison.json to --out, or what --format asks for. Exit codes: 0 done; 1 the results cannot be compared (the reason is printed); 2 the flags were not understood; 3 a file cannot be read or written."
)]
pub struct Args {
    /// report.json files of this engine, or tables of published results as CSV
    #[arg(required = true, value_name = "REPORT.json|TABLE.csv")]
    files: Vec<PathBuf>,
    /// The folder to write the comparison to
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The outcome to compare, where there are several [default for reports: the deciding one]
    #[arg(long, value_name = "NAME")]
    outcome: Option<String>,
    /// Another name of the same outcome, as a published table calls it
    #[arg(long, value_name = "NAME")]
    same_as: Vec<String>,
    /// Which direction is good [default: as the files say; lower where the outcome is reoffending]
    #[arg(long, value_enum)]
    better: Option<Better>,
    /// Use rows that look like part of another row's programme as well
    #[arg(long)]
    keep_parts: bool,
    /// What to write
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Format::Html, Format::Json])]
    format: Vec<Format>,
    /// The order of the programmes; none is a ranking
    #[arg(long, value_enum, default_value_t = Sorted::Name)]
    order: Sorted,
    /// Rules for next steps [default: those of models/next_steps.toml]
    #[arg(long, value_name = "FILE")]
    steps: Option<PathBuf>,
    /// Print comparison.json to stdout instead of the finding in words
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Better {
    /// Less is better
    Lower,
    /// More is better
    Higher,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One self-contained page
    Html,
    /// Everything, for machines
    Json,
    /// A row a programme
    Csv,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Sorted {
    /// By name
    Name,
    /// By kind, then by name
    Kind,
    /// By estimate, with a warning
    Estimate,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let mut read = Vec::new();
    for path in &args.files {
        read.push((name_of(path), bytes(path)?));
    }
    let files: Vec<File<'_>> = read
        .iter()
        .map(|(name, bytes)| File {
            name,
            bytes,
            about: About::default(),
        })
        .collect();
    let ask = Ask {
        outcome: args.outcome.clone(),
        better: args.better.map(|b| match b {
            Better::Lower => Good::Lower,
            Better::Higher => Good::Higher,
        }),
        same_as: args.same_as.clone(),
        keep_parts: args.keep_parts,
    };
    let order = match args.order {
        Sorted::Name => Order::Name,
        Sorted::Kind => Order::Kind,
        Sorted::Estimate => Order::Estimate,
    };
    let gathered = gather(&files, &ask).map_err(unusable)?;
    let rules = rules(args.steps.as_deref())?;
    let found = compare(gathered, order, &rules).map_err(|e| match e {
        CompareError::Input(e) => unusable(e),
        e => Failure::refused(e.to_string(), "take the result named out and run again"),
    })?;
    let json = as_json(&found);
    let written = match &args.out {
        Some(out) => write(&found, &json, out, &args.format)?,
        None => Vec::new(),
    };
    match args.json {
        true => to_stdout(&json)?,
        false => to_stdout(&told(&found))?,
    }
    for path in written {
        eprintln!("written: {}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The rules for next steps.
fn rules(path: Option<&Path>) -> Result<Rules, Failure> {
    let text = match path {
        None => RULES.to_owned(),
        Some(path) => String::from_utf8(bytes(path)?).map_err(|_| {
            Failure::refused(
                format!("{} is not UTF-8", name_of(path)),
                "save it again as UTF-8",
            )
        })?,
    };
    Rules::read(&text).map_err(|e| Failure::refused(e.to_string(), e.remedy()))
}

fn unusable(e: InputError) -> Failure {
    Failure::refused(e.to_string(), e.problem.remedy())
}

/// What a file is called: `report.json` says nothing without its folder.
fn name_of(path: &Path) -> String {
    let part = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned());
    let name = part(path).unwrap_or_default();
    match path.parent().and_then(part) {
        Some(folder) if name == "report.json" => format!("{folder}/{name}"),
        _ => name,
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |why: String| {
        Failure::io(
            format!("cannot read {}: {why}", name_of(path)),
            "name a table of results (CSV) or a report.json",
        )
    };
    let file = std::fs::File::open(path).map_err(|e| failed(reason(&e)))?;
    let mut out = Vec::new();
    let mut limited = file.take(MOST_BYTES + 1);
    limited
        .read_to_end(&mut out)
        .map_err(|e| failed(reason(&e)))?;
    match out.len() as u64 > MOST_BYTES {
        true => Err(failed("it is larger than 64 MB".into())),
        false => Ok(out),
    }
}

/// The conclusion, what to know, and what was left out, for a terminal.
fn told(found: &Comparison) -> String {
    let mut out = format!("{}\n", found.conclusion.join(" "));
    for w in &found.warnings {
        out += &format!("- {}\n", w.message);
    }
    let c = &found.counts;
    out += &format!(
        "{} results: {} used, {} left out",
        c.rows, c.used, c.left_out
    );
    let reasons: Vec<String> = c
        .left_out_by_reason
        .iter()
        .map(|(code, n)| format!("{} {n}", code.replace('_', " ")))
        .collect();
    if !reasons.is_empty() {
        out += &format!(" ({})", reasons.join(", "));
    }
    out + "\n"
}

fn as_json(found: &Comparison) -> String {
    // Proof that this cannot fail: only strings, numbers, lists and maps with string keys.
    #[allow(clippy::expect_used)]
    let mut text = serde_json::to_string_pretty(found).expect("plain data");
    text.push('\n');
    text
}

fn write(
    found: &Comparison,
    json: &str,
    out: &Path,
    formats: &[Format],
) -> Result<Vec<PathBuf>, Failure> {
    let failed = |what: &str, e: std::io::Error| {
        Failure::io(
            format!("cannot write {what} of --out: {}", not_written(&e)),
            "choose a folder you may write to with --out",
        )
    };
    let made = |name: &str, e: String| Failure::io(format!("cannot make {name}: {e}"), None);
    std::fs::create_dir_all(out).map_err(|e| failed("the folder", e))?;
    let mut whole = Vec::new();
    for (format, name) in [
        (Format::Html, "comparison.html"),
        (Format::Json, "comparison.json"),
        (Format::Csv, "comparison.csv"),
    ] {
        if !formats.contains(&format) {
            continue;
        }
        let bytes = match format {
            Format::Html => page(found)
                .map_err(|e| made(name, e.to_string()))?
                .into_bytes(),
            Format::Json => json.as_bytes().to_vec(),
            Format::Csv => table(found).map_err(|e| made(name, e.to_string()))?,
        };
        let file = WholeFile::write(&out.join(name), |to| to.write_all(&bytes));
        whole.push((name, file.map_err(|e| failed(name, e))?));
    }
    // Every file is on the disk before the first takes its name.
    whole
        .into_iter()
        .map(|(name, file)| file.keep().map_err(|e| failed(name, e)))
        .collect()
}
