//! Canary people among the real ones: they go the same way, through the same code, and nothing
//! comes of them. Whoever looks for them finds them in this process while it runs (which shows that
//! the search can see) and nowhere afterwards.

use super::lines::Lines;
use super::sources::Opened;
use crate::cli::input;
use crate::cohort::{self, Cohort, Participant, Reading};
use crate::custody::Personal;
use crate::custody::marks::{Canaries, MarkKey, Prints, is_distinctive};
use crate::register::RegisterIndex;
use crate::service::worker::CANARIES;
use crate::service::worker::protocol::Order;
use crate::study::Study;

/// People of the list whose identifiers are fingerprinted, at most.
const MOST_PRINTS: usize = 1_000;
/// Of the canaries' list. A programme that every one of them is old enough for.
const HEADINGS: &str = "forename,surname,dob,postcode,pnc_id,programme_start\n";
const START: &str = "2022-01-03";

/// Canaries and lines of the list that are in memory until dropped, and fingerprints of the list.
pub struct Planted {
    canaries: Option<Cohort>,
    /// Held so that they can be found while the list is here.
    _lines: Lines,
    prints: Prints,
}

impl Planted {
    /// Walks canaries the way of the list's people, and takes fingerprints of the list.
    pub fn plant(
        order: &Order,
        study: &Study,
        list: &Cohort,
        mut lines: Lines,
        register: &Opened,
    ) -> Planted {
        let canaries = canaries(order, study);
        if let Some(canaries) = &canaries {
            register.with_index(|index| look_up(&canaries.participants, index));
        }
        let prints = prints(order, &list.participants, &lines.pieces());
        Planted {
            canaries,
            _lines: lines,
            prints,
        }
    }

    /// How many canaries there are.
    pub fn canaries(&self) -> u32 {
        // As many as were made at most.
        let people = self.canaries.as_ref().map_or(0, |c| c.participants.len());
        people as u32
    }

    /// Of the list.
    pub fn prints(&self) -> &[u64] {
        self.prints.numbers()
    }
}

/// A list of canaries, read as every list is.
fn canaries(order: &Order, study: &Study) -> Option<Cohort> {
    let mut list = String::from(HEADINGS);
    for canary in Canaries::derive(&order.canary_seed, CANARIES) {
        let fields = [
            &canary.forename,
            &canary.surname,
            &canary.dob,
            &canary.postcode,
            &canary.pnc_id,
        ];
        for field in fields {
            list.push_str(field.expose());
            list.push(',');
        }
        list.push_str(START);
        list.push('\n');
    }
    let table = cohort::decode(list.as_bytes(), None).ok()?;
    cohort::read(&table, &Reading::of(study), input::today()).ok()
}

/// Looks for people as linkage does; whom it finds is forgotten.
fn look_up(people: &[Participant], index: &RegisterIndex) {
    let mut rows = Vec::new();
    for person in people {
        index.candidates(&person.identity().record(), &mut rows);
    }
}

/// Fingerprints of texts that stand in the list and, most likely, nowhere else: identifiers of people
/// all over it, so that no part of it is without, and pieces of its lines as they came.
fn prints(order: &Order, people: &[Participant], pieces: &[&str]) -> Prints {
    let key = MarkKey::from_bytes(order.mark_key);
    let every = people.len().div_ceil(MOST_PRINTS).max(1);
    let ids = people.iter().step_by(every).filter_map(|person| {
        let fields = [&person.pnc_id, &person.as_written.pnc_id];
        let mut texts = fields.into_iter().flatten().map(Personal::expose);
        // One a person. (A name alone may be a programme's or an account's too.)
        texts.find(|text| is_distinctive(text))
    });
    Prints::of_texts(&key, ids.chain(pieces.iter().copied()))
}
