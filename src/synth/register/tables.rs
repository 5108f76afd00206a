//! The register's tables, written life by life, and the running truth.

use super::{Blanks, Life, RegisterPlan, RegisterSummary};
use crate::synth::career::{self, Event};
use crate::synth::outcome::{FOLLOW_UP, Happened};
use crate::synth::person::Person;
use crate::synth::table::{Cell, Kind, TableWriter};
use crate::synth::truth::{self, TruthSums};
use crate::synth::{SynthError, dictionary};
use std::path::Path;

/// The three tables and the running truth.
pub(super) struct Tables {
    persons: TableWriter,
    events: TableWriter,
    participants: TableWriter,
    truth: TruthSums,
    people_done: u64,
    events_done: u64,
}

impl Tables {
    pub fn create(dir: &Path, truth_dir: &Path) -> Result<Self, SynthError> {
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

    pub fn push(&mut self, life: &Life) -> Result<(), SynthError> {
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

    pub fn finish(self, plan: &RegisterPlan) -> Result<RegisterSummary, SynthError> {
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
