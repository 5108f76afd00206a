//! A whole register: persons, events, dictionary, and the truth beside them.

use super::career::{self, Event};
use super::outcome::{self, Expected, FOLLOW_UP, Happened};
use super::person::{MOST_PEOPLE, People, Person};
use super::programme::{self, Spell};
use super::random::{Purpose, Streams};
use super::table::{Cell, Kind, TableWriter};
use super::truth::{self, OutcomeTruth, TruthSums};
use super::{Progress, SynthError, check_effect, dictionary, write_text};
use rand::RngExt;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

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
    let mut justice = streams.at(Purpose::Reoffending, index);
    let mut work = streams.at(Purpose::Employment, index);
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
            let happened = outcome::happen(&e, planted, &mut justice, &mut work);
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

/// The three tables and the running truth.
struct Tables {
    persons: TableWriter,
    events: TableWriter,
    participants: TableWriter,
    truth: TruthSums,
    people_done: u64,
    events_done: u64,
}

impl Tables {
    fn create(dir: &Path, truth_dir: &Path) -> Result<Self, SynthError> {
        let columns = |table: &'static str| {
            dictionary::COLUMNS
                .iter()
                .filter(move |c| c.table == table)
                .map(|c| (c.name, c.stored()))
        };
        let days = ["event_date", "programme_start", "programme_end"];
        let spells = std::iter::once(("person_id".to_owned(), Kind::Key))
            .chain(days.map(|d| (d.to_owned(), Kind::Date)))
            .chain(
                truth::names()
                    .flat_map(|n| ["y1", "y0"].map(|world| (format!("{world}_{n}"), Kind::Real))),
            );
        Ok(Tables {
            persons: TableWriter::create(&dir.join("persons.parquet"), columns("persons"))?,
            events: TableWriter::create(&dir.join("events.parquet"), columns("events"))?,
            participants: TableWriter::create(&truth_dir.join("participants.parquet"), spells)?,
            truth: TruthSums::default(),
            people_done: 0,
            events_done: 0,
        })
    }

    fn push(&mut self, life: &Life) -> Result<(), SynthError> {
        self.people_done += 1;
        self.events_done += life.events.len() as u64;
        self.persons.push(person_row(&life.person, &life.blanks))?;
        for (event, happened) in &life.events {
            self.events
                .push(event_row(life.person.id, event, happened))?;
        }
        let counted = match &life.spell {
            Some((spell, with, without)) => {
                let (with, without) = (truth::row(with), truth::row(without));
                let date = life.events[spell.event].0.date;
                self.truth.add_participant(&with, &without);
                let days = [date, spell.start, spell.end].map(|d| Cell::Date(Some(d)));
                let worlds = with.iter().zip(&without).flat_map(|(a, b)| [*a, *b]);
                self.participants.push(
                    std::iter::once(Cell::Key(life.person.id))
                        .chain(days)
                        .chain(worlds.map(|x| Cell::Real(Some(x)))),
                )?;
                life.events.get(spell.event)
            }
            // Like the pool of a study: one event a person, the latest.
            None => life.events.last(),
        };
        if let Some((_, happened)) = counted {
            self.truth.add_observed(life.spell.is_some(), happened);
        }
        Ok(())
    }

    fn finish(self, plan: &RegisterPlan) -> Result<RegisterSummary, SynthError> {
        self.persons.finish()?;
        self.events.finish()?;
        self.participants.finish()?;
        Ok(RegisterSummary {
            people: self.people_done,
            events: self.events_done,
            participants: self.truth.participants(),
            seed: plan.seed,
            effect: plan.effect,
            follow_up_days: FOLLOW_UP as u32,
            outcomes: self.truth.outcomes(),
        })
    }
}

/// A row of `persons`, in the order of [`dictionary::COLUMNS`].
fn person_row(p: &Person, blank: &Blanks) -> [Cell; 8] {
    let unless = |blank: bool, text: &str| Cell::text((!blank).then(|| text.to_owned()));
    [
        Cell::Key(p.id),
        Cell::word(p.forename),
        unless(false, &p.surname),
        Cell::Date((!blank.dob).then_some(p.dob)),
        Cell::word(if p.female { "F" } else { "M" }),
        unless(blank.postcode, &p.postcode),
        unless(blank.pnc_id, &p.pnc_id),
        unless(blank.prison_number, &p.prison_number),
    ]
}

/// A row of `events`, in the order of [`dictionary::COLUMNS`].
fn event_row(id: u64, e: &Event, h: &Happened) -> Vec<Cell> {
    let known = |missing: bool, x: i32| Cell::Int((!missing).then_some(x));
    let ethnicity = (!e.missing.ethnicity).then_some(e.ethnicity.into());
    let mut row = vec![
        Cell::Key(id),
        Cell::Date(Some(e.date)),
        Cell::int(e.age),
        Cell::word(if e.female { "F" } else { "M" }),
        Cell::Text(ethnicity),
        Cell::int(e.uk_national),
        Cell::word(career::OFFENCES[e.offence].0),
        Cell::word(career::SENTENCES[e.sentence]),
        Cell::int(e.sentence_days),
        Cell::int(e.previous_convictions),
        Cell::int(e.previous_custody),
        known(e.missing.age_first_offence, e.age_first_offence),
        known(e.missing.risk_score, e.risk_score),
        Cell::int(e.accommodation_need),
        Cell::int(e.drugs_need),
        Cell::int(e.alcohol_need),
        Cell::int(e.mental_health_need),
        known(e.missing.weeks_employed, e.weeks_employed_before),
        known(e.missing.benefit_weeks, e.benefit_weeks_before),
        Cell::word(e.region),
    ];
    // Counts, grades, weeks and pounds: whole and far below an i32's range.
    row.extend(h.values.iter().map(|&x| Cell::int(x as i32)));
    row.push(Cell::Int(h.days_to_first));
    row
}
