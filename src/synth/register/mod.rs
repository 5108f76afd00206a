//! A whole register: persons, events, dictionary, and the truth beside them.

mod tables;

use super::career::{self, Event};
use super::outcome::{self, Expected, Happened};
use super::person::{MOST_PEOPLE, People, Person};
use super::programme::{self, Spell};
use super::random::{Purpose, Streams};
use super::truth::OutcomeTruth;
use super::{Progress, SynthError, check_effect, dictionary, write_text};
use rand::RngExt;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use tables::Tables;

/// Fewest people a register can have: with fewer, no participant may come of it.
const FEWEST_PEOPLE: u64 = 100;

/// What register to make.
#[derive(Debug, Clone, Copy)]
pub struct RegisterPlan {
    /// People.
    pub people: u64,
    /// Seed: same seed, same bytes.
    pub seed: u64,
    /// Planted effect on the log-rate of reoffending.
    pub effect: f64,
    /// People made at a time; changes memory and speed, never a byte.
    pub chunk: u64,
}

impl RegisterPlan {
    /// A plan with the default effect and chunk.
    pub fn new(people: u64, seed: u64) -> Self {
        RegisterPlan {
            people,
            seed,
            effect: super::DEFAULT_EFFECT,
            chunk: 8_192,
        }
    }
}

/// What was made; also the content of `truth/truth.json`.
#[derive(Debug, Clone, Serialize)]
pub struct RegisterSummary {
    /// People.
    pub people: u64,
    /// Index events.
    pub events: u64,
    /// Programme participants.
    pub participants: u64,
    /// Seed.
    pub seed: u64,
    /// Planted effect on the log-rate of reoffending.
    pub effect: f64,
    /// Days of follow-up.
    pub follow_up_days: u32,
    /// Truth by outcome.
    pub outcomes: BTreeMap<&'static str, OutcomeTruth>,
}

/// A person with everything that happens to them.
struct Life {
    person: Person,
    blanks: Blanks,
    events: Vec<(Event, Happened)>,
    spell: Option<(Spell, Expected, Expected)>,
}

/// Identifiers the register lacks.
struct Blanks {
    dob: bool,
    postcode: bool,
    pnc_id: bool,
    prison_number: bool,
}

/// Makes the register in `dir`.
///
/// # Errors
/// When the plan is impossible or a file cannot be written.
pub fn make(
    plan: &RegisterPlan,
    dir: &Path,
    progress: Progress<'_>,
) -> Result<RegisterSummary, SynthError> {
    check(plan)?;
    let truth_dir = dir.join("truth");
    std::fs::create_dir_all(&truth_dir)
        .map_err(|e| SynthError::io(&truth_dir.display().to_string(), e))?;
    let mut tables = Tables::create(dir, &truth_dir)?;
    let (streams, mut first) = (Streams::new(plan.seed), 0);
    let people = People::new(streams);
    while first < plan.people {
        let next = (first + plan.chunk).min(plan.people);
        let lives: Vec<Life> = (first..next)
            .into_par_iter()
            .map(|index| life(&streams, &people, index, plan.effect))
            .collect();
        for life in &lives {
            tables.push(life)?;
        }
        first = next;
        progress(first);
    }
    let summary = tables.finish(plan)?;
    write_text(&dir.join("register.toml"), &dictionary::text(plan))?;
    // A summary of numbers under plain keys always serialises.
    let json = serde_json::to_string_pretty(&summary).unwrap_or_default() + "\n";
    write_text(&truth_dir.join("truth.json"), &json)?;
    Ok(summary)
}

fn check(plan: &RegisterPlan) -> Result<(), SynthError> {
    check_effect(plan.effect)?;
    if !(FEWEST_PEOPLE..=MOST_PEOPLE).contains(&plan.people) {
        return Err(SynthError::Impossible(format!(
            "a register has {FEWEST_PEOPLE} to {MOST_PEOPLE} people; {} were asked for",
            plan.people
        )));
    }
    if plan.chunk == 0 {
        return Err(SynthError::Impossible(
            "a chunk has at least one person".into(),
        ));
    }
    Ok(())
}

fn life(streams: &Streams, people: &People, index: u64, effect: f64) -> Life {
    let person = people.person(index);
    let events = career::events(streams, index, &person);
    let spell = programme::spell(streams, index, &events);
    let mut rng = streams.at(Purpose::Blanks, index);
    let jailed = events
        .iter()
        .any(|e| e.sentence == 2 || e.previous_custody > 0);
    let blanks = Blanks {
        dob: rng.random_bool(0.003),
        postcode: rng.random_bool(0.07),
        pnc_id: rng.random_bool(0.04),
        prison_number: rng.random_bool(0.01) || !jailed,
    };
    let mut draws = outcome::Draws {
        justice: streams.at(Purpose::Reoffending, index),
        work: streams.at(Purpose::Employment, index),
        court: streams.at(Purpose::Court, index),
    };
    let spell = spell.map(|s| {
        let e = &events[s.event];
        (s, outcome::expected(e, effect), outcome::expected(e, 0.0))
    });
    let events = events
        .into_iter()
        .enumerate()
        .map(|(k, e)| {
            let helped = spell.is_some_and(|(s, ..)| s.event == k);
            let planted = if helped { effect } else { 0.0 };
            let happened = outcome::happen(&e, planted, &mut draws);
            (e, happened)
        })
        .collect();
    Life {
        person,
        blanks,
        events,
        spell,
    }
}
