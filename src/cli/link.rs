//! `counterpart link`: who on the register is each row of a list? For the steward of the register,
//! not for the charity: what it writes says who was found.
//!
//! The name of the cohort file may itself be a person's data, so nothing here prints it.

mod people;
mod table;
mod write;

use super::Failure;
use super::input::{ListArgs, reason};
use super::output::to_stdout;
use crate::linkage::{self, LinkageModel, Scored};
use crate::register::{ParquetRegister, Register as _, RegisterIndex};
use people::People;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Flags of `counterpart link`.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "LINKS.csv says who was found: it belongs to the department that holds the \
                  register, is for its steward, and is never given to the charity.\n\nWithout \
                  --model the built-in model learns from the list and the register as far as the \
                  list is long enough; with it, the file is used as it is.\n\nExit codes: 0 done; \
                  1 nobody can be looked for, or a file cannot be used; 3 it cannot be read or \
                  written."
)]
pub struct Args {
    #[command(subcommand)]
    train: Option<Train>,
    /// The list of people, with headings: forename, surname, dob, sex, postcode, pnc_id,
    /// prison_number
    #[arg(required = true)]
    cohort: Option<PathBuf>,
    #[command(flatten)]
    list: ListArgs,
    /// Directory of the register
    #[arg(long, value_name = "DIR", required = true)]
    register: Option<PathBuf>,
    /// A linkage model trained before
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Probability from which a row counts as found
    #[arg(long, value_name = "P", default_value_t = 0.5, value_parser = probability)]
    threshold: f64,
    /// Where to write row, person_id, probability (readable by its owner alone)
    #[arg(long, value_name = "LINKS.csv", required = true)]
    out: Option<PathBuf>,
    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
    /// Print the match weights of a row and its likeliest person, or a named one
    #[arg(long, value_name = "ROW[:PERSON_ID]", value_parser = asked)]
    explain: Option<Asked>,
}

#[derive(clap::Subcommand)]
enum Train {
    /// Train a linkage model on a list and a register, and save it (it holds no personal value)
    Train(TrainArgs),
}

#[derive(clap::Args)]
struct TrainArgs {
    /// The list of people
    cohort: PathBuf,
    #[command(flatten)]
    list: ListArgs,
    /// Directory of the register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// Where to write the model
    #[arg(long, value_name = "MODEL.toml")]
    out: PathBuf,
    /// Print what it was trained on as JSON
    #[arg(long)]
    json: bool,
}

/// Which pair is to be explained.
#[derive(Clone)]
struct Asked {
    row: u32,
    person: Option<String>,
}

fn asked(text: &str) -> Result<Asked, String> {
    let (row, person) = match text.split_once(':') {
        Some((row, person)) => (row, Some(person.to_owned())),
        None => (text, None),
    };
    let row = row
        .parse()
        .map_err(|_| "must be a row number, or a row number, a colon and a person id")?;
    Ok(Asked { row, person })
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(p) if p > 0.0 && p <= 1.0 => Ok(p),
        _ => Err("must be a number above 0 and up to 1".into()),
    }
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    if let Some(Train::Train(train)) = args.train {
        return run_train(&train);
    }
    // Required by the parser.
    let (Some(cohort), Some(register), Some(out)) = (&args.cohort, &args.register, &args.out)
    else {
        return Err(Failure::refused(
            "a list, --register and --out are needed",
            None,
        ));
    };
    write::apart(out, cohort, "the links")?;
    let model = args.model.as_deref().map(model).transpose()?;
    let people = People::read(cohort, &args.list)?;
    let index = index(register)?;
    let (model, scored) = match model {
        Some(model) => {
            let scored = linkage::score(&people.identities, &index, &model);
            (model, scored)
        }
        None => {
            let base = LinkageModel::builtin();
            let (trained, scored) = linkage::train_and_score(&people.identities, &index, &base);
            (trained.model, scored)
        }
    };
    let explained = match &args.explain {
        Some(asked) => Some(explanation(asked, &people, &index, &model, &scored)?),
        None => None,
    };
    write::links(out, &people, &scored, &index, args.threshold)?;
    eprint!("{}", table::summary(&people, &scored, args.threshold));
    match (args.json, explained) {
        (true, _) => to_stdout(&as_json(&people, &scored, args.threshold)?)?,
        (false, Some(text)) => to_stdout(&text)?,
        (false, None) => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn run_train(args: &TrainArgs) -> Result<ExitCode, Failure> {
    write::apart(&args.out, &args.cohort, "the model")?;
    let people = People::read(&args.cohort, &args.list)?;
    let index = index(&args.register)?;
    let trained = linkage::train(&people.identities, &index, &LinkageModel::builtin());
    write::private(&args.out, trained.model.to_toml().as_bytes(), "the model")?;
    let on = trained.model.trained_on();
    if !trained.converged {
        eprintln!(
            "the parameters had not settled after {} iterations",
            trained.iterations
        );
    }
    if args.json {
        let told = json!({
            "people": on.people,
            "candidates": on.candidates,
            "register_people": on.register_people,
            "iterations": trained.iterations,
            "converged": trained.converged,
            "overlap": trained.model.overlap(),
        });
        to_stdout(&pretty(&told)?)?;
    } else {
        eprintln!(
            "trained on {} people and {} candidates; {:.1} % of the list are on the register",
            on.people,
            on.candidates,
            100.0 * trained.model.overlap()
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn model(path: &Path) -> Result<LinkageModel, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| {
        Failure::io(
            format!("cannot read the linkage model: {}", reason(&e)),
            "give a file that `counterpart link train` made, or models/linkage.toml",
        )
    })?;
    LinkageModel::parse(&text).map_err(|e| {
        Failure::refused(
            e.to_string(),
            "mend the file, or train it anew with `counterpart link train`",
        )
    })
}

fn index(dir: &Path) -> Result<RegisterIndex, Failure> {
    ParquetRegister::open(dir)
        .and_then(|register| register.index())
        .map_err(|e| super::register::failure(dir, e))
}

fn explanation(
    asked: &Asked,
    people: &People,
    index: &RegisterIndex,
    model: &LinkageModel,
    scored: &[Scored],
) -> Result<String, Failure> {
    let Some(at) = people.rows.iter().position(|&row| row == asked.row) else {
        return Err(Failure::refused(
            format!(
                "row {} of the list has nobody who can be looked for",
                asked.row
            ),
            "give a row of a person, as a spreadsheet numbers it (the headings are row 1)",
        ));
    };
    let (row, reported) = match &asked.person {
        None => match scored[at].best {
            Some(found) => (found.row, Some(found.probability)),
            None => {
                return Ok(format!(
                    "row {}: nobody on the register is like them\n",
                    asked.row
                ));
            }
        },
        Some(id) => {
            let row = (0..index.rows()).find(|&row| index.external_id(row) == id.as_str());
            let row = row.ok_or_else(|| {
                Failure::refused(
                    "nobody on the register has the person id given with --explain",
                    "give the id as the register's persons table has it",
                )
            })?;
            (row, probability_of(&scored[at], index, row))
        }
    };
    let waterfall = linkage::explain(&people.identities[at], index, row, model, reported);
    Ok(table::waterfall(asked.row, &waterfall))
}

/// The probability reported for a person, when it is one of the two likeliest.
fn probability_of(scored: &Scored, index: &RegisterIndex, row: u32) -> Option<f64> {
    let likeliest = [scored.best, scored.runner_up].into_iter().flatten();
    let person = index.person(row);
    likeliest
        .filter(|found| found.person == person)
        .map(|found| found.probability)
        .next()
}

fn as_json(people: &People, scored: &[Scored], threshold: f64) -> Result<String, Failure> {
    let at: Vec<_> = table::THRESHOLDS
        .iter()
        .map(|&t| json!({ "threshold": t, "found": table::found(scored, t) }))
        .collect();
    pretty(&json!({
        "rows": people.rows.len() + people.unusable.len(),
        "rows_that_can_be_looked_for": people.rows.len(),
        "threshold": threshold,
        "found": table::found(scored, threshold),
        "expected_wrong": table::expected_wrong(scored, threshold),
        "expected_on_register": scored.iter().map(|s| 1.0 - s.p_none).sum::<f64>(),
        "found_at": at,
    }))
}

fn pretty(value: &serde_json::Value) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    Ok(text.map_err(|e| Failure::io(format!("cannot write JSON: {e}"), None))? + "\n")
}
