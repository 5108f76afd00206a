//! Who takes part in the programme, and when.
//!
//! Services take those who need them most, so participants reoffend more than others do, with
//! support or without. Selection looks only at columns that the studies hold, as they are recorded.

use super::career::Event;
use super::random::{Purpose, Streams, logistic};
use rand::RngExt;

/// Days between the event and the start, at most.
const LATEST_START: i32 = 180;

/// A participant's time in the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spell {
    /// Which of the person's events it followed, counted from 0.
    pub event: usize,
    /// First day, days since 1970-01-01.
    pub start: i32,
    /// Last day.
    pub end: i32,
}

/// The log odds of taking part after an event.
pub fn log_odds(e: &Event) -> f64 {
    let flag = |b: bool| f64::from(u8::from(b));
    let recorded = |missing: bool, value: i32, mean: f64| {
        if missing {
            0.0
        } else {
            f64::from(value) - mean
        }
    };
    -4.03
        + 0.022 * recorded(e.missing.risk_score, e.risk_score, 45.0)
        + 0.02 * f64::from(e.previous_convictions - 6)
        + 0.5 * flag(e.drugs_need)
        + 0.6 * flag(e.accommodation_need)
        + 0.2 * flag(e.mental_health_need)
        - 0.012 * recorded(e.missing.weeks_employed, e.weeks_employed_before, 15.0)
        + 0.008 * recorded(e.missing.benefit_weeks, e.benefit_weeks_before, 15.0)
        + 0.35 * flag(e.sentence == 2)
        - 0.15 * flag(e.female)
}

/// The person's spell in the programme, if any: once in a life, after the first event that leads to it.
pub fn spell(streams: &Streams, index: u64, events: &[Event]) -> Option<Spell> {
    let mut rng = streams.at(Purpose::Programme, index);
    let event = events
        .iter()
        .position(|e| rng.random_bool(logistic(log_odds(e))))?;
    let date = events[event].date;
    // A next event before the start would be the one the programme followed.
    let latest = events
        .get(event + 1)
        .map_or(LATEST_START, |next| next.date - date - 1)
        .min(LATEST_START);
    let start = date + rng.random_range(0..=latest);
    let end = start + rng.random_range(4..=40) * 7;
    Some(Spell { event, start, end })
}
