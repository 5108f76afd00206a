//! A charity's file, drawn from the participants of a synthetic register.

pub mod dirt;
mod held;

use super::person::civil;
use super::random::{Purpose, Streams};
use super::truth::{OutcomeTruth, TruthSums};
use super::{SynthError, table, write_text};
use dirt::Dirt;
use held::{People, Worlds, keys, numbers};
use rand::Rng;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// How the charity keeps its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// As in the template: UTF-8, commas, dd/mm/yyyy.
    Clean,
    /// As charities have them.
    Messy,
    /// Clean, and too small to evaluate.
    Small,
}

impl Style {
    /// People, unless told otherwise.
    pub fn default_people(self) -> usize {
        match self {
            Style::Clean => 1_000,
            Style::Messy => 400,
            Style::Small => 25,
        }
    }
}

/// What cohort to draw.
#[derive(Debug, Clone, Copy)]
pub struct CohortPlan {
    /// How the charity keeps its records.
    pub style: Style,
    /// People in the file.
    pub people: usize,
    /// Seed: same seed, same bytes.
    pub seed: u64,
}

/// What was made; also the content of the truth file. Holds nothing about any one person.
#[derive(Debug, Clone, Serialize)]
pub struct CohortSummary {
    /// Style.
    pub style: Style,
    /// Seed.
    pub seed: u64,
    /// Rows below the header.
    pub rows: usize,
    /// People in the file.
    pub people: usize,
    /// Of these, participants on the register.
    pub on_register: usize,
    /// What is wrong with the file, by kind and number of rows.
    pub dirt: Dirt,
    /// Truth by outcome, over those on the register.
    pub outcomes: BTreeMap<&'static str, OutcomeTruth>,
}

/// One invented person as the charity knows them.
#[derive(Clone)]
pub struct Record {
    /// Forename.
    pub forename: String,
    /// Surname.
    pub surname: String,
    /// Day of birth, days since 1970-01-01.
    pub dob: Option<i32>,
    /// `F` or `M`.
    pub sex: String,
    /// Postcode.
    pub postcode: Option<String>,
    /// PNC id.
    pub pnc_id: Option<String>,
    /// Prison number.
    pub prison_number: Option<String>,
    /// Ethnic group, as the charity writes it; none when it never asked.
    pub ethnicity: Option<String>,
    /// First day in the programme.
    pub start: i32,
    /// Last day.
    pub end: i32,
}

/// Header of a clean file.
const HEADER: [&str; 10] = [
    "Forename",
    "Surname",
    "Date of birth",
    "Sex",
    "Postcode",
    "PNC ID",
    "Prison number",
    "Programme start",
    "Programme end",
    "Ethnic group",
];

/// Draws the cohort and writes it to `out`, its truth beside it (`NAME.truth.json`).
///
/// # Errors
/// When the register is not a synthetic one, holds too few participants, or a file fails.
pub fn make(plan: &CohortPlan, register: &Path, out: &Path) -> Result<CohortSummary, SynthError> {
    if plan.people == 0 {
        return Err(SynthError::Impossible(
            "a cohort has at least one person".into(),
        ));
    }
    insist_on_invented_people(register)?;
    let streams = Streams::new(plan.seed);
    let strangers = match plan.style {
        Style::Messy => plan.people * dirt::STRANGERS_PERCENT / 100,
        Style::Clean | Style::Small => 0,
    };
    let (known, truth) = draw(register, plan, strangers, &streams)?;
    let (bytes, rows, dirt) = match plan.style {
        Style::Messy => dirt::file(&known, strangers, &streams),
        Style::Clean | Style::Small => clean_file(&known, &streams),
    }
    .map_err(|e| SynthError::io(&out.display().to_string(), e))?;
    std::fs::write(out, bytes).map_err(|e| SynthError::io(&out.display().to_string(), e))?;
    let summary = CohortSummary {
        style: plan.style,
        seed: plan.seed,
        rows,
        people: plan.people,
        on_register: known.len(),
        dirt,
        outcomes: truth.outcomes(),
    };
    // A summary of numbers under plain keys always serialises.
    let json = serde_json::to_string_pretty(&summary).unwrap_or_default() + "\n";
    write_text(&out.with_extension("truth.json"), &json)?;
    Ok(summary)
}

fn insist_on_invented_people(register: &Path) -> Result<(), SynthError> {
    let path = register.join("register.toml");
    let file = path.display().to_string();
    let text = std::fs::read_to_string(&path).map_err(|e| SynthError::io(&file, e))?;
    let synthetic = toml::from_str::<toml::Table>(&text)
        .ok()
        .and_then(|t| t.get("synthetic").and_then(toml::Value::as_bool));
    match synthetic {
        Some(true) => Ok(()),
        _ => Err(SynthError::NotSynthetic { file }),
    }
}

/// The people drawn, in the file's order, and the truth about them.
fn draw(
    register: &Path,
    plan: &CohortPlan,
    strangers: usize,
    streams: &Streams,
) -> Result<(Vec<Record>, TruthSums), SynthError> {
    let path = register.join("truth").join("participants.parquet");
    let spells = table::read(&path, None)?;
    let held = People::read(register)?;
    let wrong = |e| SynthError::table(&path.display().to_string(), e);
    let ids = keys(&spells).map_err(wrong)?;
    let starts = numbers(&spells, "programme_start").map_err(wrong)?;
    let ends = numbers(&spells, "programme_end").map_err(wrong)?;
    let worlds = Worlds::read(&spells).map_err(wrong)?;
    // A clean file has every date of birth; the register lacks a few.
    let candidates: Vec<usize> = (0..ids.len())
        .filter(|&i| plan.style == Style::Messy || held.dob(ids[i]).is_some())
        .collect();
    let wanted = plan.people - strangers;
    if wanted > candidates.len() {
        return Err(SynthError::Impossible(format!(
            "the register has {} participants to draw from; {wanted} were asked for",
            candidates.len()
        )));
    }
    let mut rng = streams.at(Purpose::Cohort, 0);
    let mut truth = TruthSums::default();
    let mut records = Vec::with_capacity(wanted);
    for k in rand::seq::index::sample(&mut rng, candidates.len(), wanted) {
        let i = candidates[k];
        let (with, without) = worlds.rows(i);
        truth.add_participant(&with, &without);
        // Every participant is one of the register's people, and spells have both their days.
        if let (Some(mut record), Some(start), Some(end)) =
            (held.record(ids[i]), starts[i], ends[i])
        {
            (record.start, record.end) = (start, end);
            records.push(record);
        }
    }
    Ok((records, truth))
}

/// A clean file: what the charity knows, it knows as the register does.
fn clean_file(people: &[Record], streams: &Streams) -> std::io::Result<(Vec<u8>, usize, Dirt)> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for (i, r) in people.iter().enumerate() {
        let mut rng = streams.at(Purpose::Dirt, i as u64);
        let known = |share, value: &Option<String>, rng: &mut _| {
            value
                .clone()
                .filter(|_| chance(share, rng))
                .unwrap_or_default()
        };
        writer.write_record([
            r.forename.clone(),
            r.surname.clone(),
            r.dob.map(slashed).unwrap_or_default(),
            r.sex.clone(),
            known(0.95, &r.postcode, &mut rng),
            known(0.80, &r.pnc_id, &mut rng),
            known(0.85, &r.prison_number, &mut rng),
            slashed(r.start),
            slashed(r.end),
            // Drawn last, so that what stands before is as it was without the column.
            known(0.92, &r.ethnicity, &mut rng),
        ])?;
    }
    let bytes = writer.into_inner().map_err(|e| e.into_error())?;
    Ok((bytes, people.len(), Dirt::default()))
}

/// True with the probability given.
pub fn chance(probability: f64, rng: &mut impl Rng) -> bool {
    rand::RngExt::random_bool(rng, probability)
}

/// dd/mm/yyyy
pub fn slashed(day: i32) -> String {
    let d = civil(day);
    format!("{:02}/{:02}/{:04}", d.day(), d.month(), d.year())
}
