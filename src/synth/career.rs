//! A person's index events with their covariates.
//!
//! The two hidden traits of a person (pull and disadvantage) shape what is recorded; outcomes and
//! selection then look at the records alone, so that a study that holds these columns can be right.

use super::names::Heritage;
use super::person::{FIRST_DAY, Person, civil, gamma, standard_normal};
use super::random::{Purpose, Streams, choose, logistic};
use rand::{Rng, RngExt};
use rand_distr::{Binomial, Distribution, Poisson};

/// Index events lie from 2021-01-01 to 2023-12-31.
pub const LAST_DAY: i32 = FIRST_DAY + 1_094;
/// Two index events of a person's lie at least this many days apart.
const DAYS_APART: i32 = 45;

/// Index offences, with their share, how the pull towards offending moves it, and what each adds
/// to the log-rate of reoffending.
pub const OFFENCES: [(&str, f64, f64, f64); 9] = [
    ("violence", 26.0, 0.0, 0.0),
    ("theft", 17.0, 0.7, 0.35),
    ("drugs", 14.0, 0.1, -0.10),
    ("motoring", 13.0, -0.2, -0.15),
    ("public_order", 10.0, 0.1, 0.10),
    ("burglary", 6.0, 0.6, 0.25),
    ("fraud", 5.0, -0.6, -0.30),
    ("sexual", 5.0, -0.5, -0.55),
    ("robbery", 4.0, 0.4, 0.05),
];

/// What a sentence can be.
pub const SENTENCES: [&str; 3] = ["community", "suspended", "custody"];

/// One index event, as it truly was.
#[derive(Debug, Clone)]
pub struct Event {
    /// Days since 1970-01-01.
    pub date: i32,
    /// Age in whole years.
    pub age: i32,
    /// Woman?
    pub female: bool,
    /// Recorded ethnic group.
    pub ethnicity: &'static str,
    /// UK national?
    pub uk_national: bool,
    /// Index into [`OFFENCES`].
    pub offence: usize,
    /// Index into [`SENTENCES`].
    pub sentence: usize,
    /// Length of the sentence, days.
    pub sentence_days: i32,
    /// Convictions before this one.
    pub previous_convictions: i32,
    /// Custodial sentences before this one.
    pub previous_custody: i32,
    /// Age at first offence, years.
    pub age_first_offence: i32,
    /// Predicted risk, 0-100.
    pub risk_score: i32,
    /// Nowhere settled to live.
    pub accommodation_need: bool,
    /// Drug misuse.
    pub drugs_need: bool,
    /// Alcohol misuse.
    pub alcohol_need: bool,
    /// Mental health.
    pub mental_health_need: bool,
    /// Weeks in work in the year before.
    pub weeks_employed_before: i32,
    /// Weeks on out-of-work benefit in the year before.
    pub benefit_weeks_before: i32,
    /// Region of the address.
    pub region: &'static str,
    /// Values the register lacks.
    pub missing: Missing,
}

/// Which values of an event the register lacks. By chance alone; selection treats a value that is
/// not recorded as an average one, because whoever selects cannot see it either.
#[derive(Debug, Clone, Copy, Default)]
pub struct Missing {
    /// Ethnic group.
    pub ethnicity: bool,
    /// Risk score.
    pub risk_score: bool,
    /// Weeks in work before.
    pub weeks_employed: bool,
    /// Weeks on benefit before.
    pub benefit_weeks: bool,
    /// Age at first offence.
    pub age_first_offence: bool,
}

/// The index events of a person, oldest first; at least one.
pub fn events(streams: &Streams, index: u64, person: &Person) -> Vec<Event> {
    let mut rng = streams.at(Purpose::Career, index);
    let mut gaps = streams.at(Purpose::Missing, index);
    let further = poisson(0.27 * (0.3 * person.pull).exp(), &mut rng).min(5);
    let mut dates: Vec<i32> = (0..=further)
        .map(|_| rng.random_range(FIRST_DAY..=LAST_DAY))
        .collect();
    dates.sort_unstable();
    dates.dedup_by(|later, earlier| *later - *earlier < DAYS_APART);
    let ethnicity = ethnicity(person.heritage, &mut rng);
    let uk_national = rng.random_bool(national_share(person.heritage));
    dates
        .into_iter()
        .enumerate()
        .map(|(earlier, date)| {
            let mut event = event(person, date, earlier as i32, &mut rng);
            event.ethnicity = ethnicity;
            event.uk_national = uk_national;
            event.missing = Missing {
                ethnicity: gaps.random_bool(0.015),
                risk_score: gaps.random_bool(0.03),
                weeks_employed: gaps.random_bool(0.02),
                benefit_weeks: gaps.random_bool(0.02),
                age_first_offence: gaps.random_bool(0.005),
            };
            event
        })
        .collect()
}

fn event(person: &Person, date: i32, earlier: i32, rng: &mut impl Rng) -> Event {
    let (pull, hardship) = (person.pull, person.disadvantage);
    let age = age_on(person.dob, date);
    let years_since_first = f64::from((age - person.age_first_offence).max(0));
    let pace = 0.22 * (0.75 * pull).exp() * gamma(2.0, 0.5, rng);
    let previous_convictions = (poisson(pace * years_since_first, rng) as i32 + earlier).min(60);
    let jail = logistic(-1.7 + 0.3 * pull + 0.4 * standard_normal(rng));
    let previous_custody = binomial(previous_convictions, jail, rng);
    let offence = choose(
        &OFFENCES.map(|(_, share, by_pull, _)| share * (by_pull * pull).exp()),
        rng,
    );
    let serious = matches!(OFFENCES[offence].0, "robbery" | "burglary" | "sexual");
    let custody_odds = -1.0 + 0.12 * f64::from(previous_custody.min(12)) + 1.1 * f64::from(serious);
    let sentence = match logistic(custody_odds) {
        p if rng.random_bool(p) => 2,
        _ if rng.random_bool(0.3) => 1,
        _ => 0,
    };
    let accommodation_need = rng.random_bool(logistic(-1.1 + 0.7 * hardship + 0.3 * pull));
    let drugs_need = rng.random_bool(logistic(-0.7 + 0.7 * pull + 0.3 * hardship));
    let alcohol_need = rng.random_bool(logistic(-0.9 + 0.2 * pull + 0.3 * hardship));
    let mental_health_need = rng.random_bool(logistic(-0.6 + 0.5 * hardship));
    let weeks_employed_before = weeks_employed(hardship, pull, rng);
    let mut event = Event {
        date,
        age,
        female: person.female,
        ethnicity: "",
        uk_national: true,
        offence,
        sentence,
        sentence_days: sentence_days(sentence, serious, rng),
        previous_convictions,
        previous_custody,
        age_first_offence: person.age_first_offence,
        risk_score: 0,
        accommodation_need,
        drugs_need,
        alcohol_need,
        mental_health_need,
        weeks_employed_before,
        benefit_weeks_before: benefit_weeks(52 - weeks_employed_before, hardship, rng),
        region: person.region.name,
        missing: Missing::default(),
    };
    event.risk_score = risk_score(&event, rng);
    event
}

/// A score in the manner of the probation service's: age, record and offence, with some noise.
fn risk_score(e: &Event, rng: &mut impl Rng) -> i32 {
    let log_odds = -0.9 + 0.75 * f64::from(e.previous_convictions + 1).ln()
        - 0.045 * f64::from(e.age - 30)
        - 0.04 * f64::from(e.age_first_offence - 16)
        + 0.9 * OFFENCES[e.offence].3
        - 0.2 * f64::from(e.female)
        + 0.25 * standard_normal(rng);
    (100.0 * logistic(log_odds)).round() as i32
}

/// Custody: months, sometimes years. Community and suspended sentences: six months to two years.
fn sentence_days(sentence: usize, serious: bool, rng: &mut impl Rng) -> i32 {
    if sentence == 2 {
        let middle: f64 = if serious { 500.0 } else { 150.0 };
        let length = (middle.ln() + 0.9 * standard_normal(rng)).exp();
        (length.round() as i32).clamp(7, 3_650)
    } else {
        [183, 274, 365, 365, 365, 548, 730][rng.random_range(0..7)]
    }
}

fn weeks_employed(hardship: f64, pull: f64, rng: &mut impl Rng) -> i32 {
    if rng.random_bool(logistic(0.1 + 0.6 * hardship + 0.3 * pull)) {
        return 0;
    }
    let share = logistic(0.5 - 0.3 * hardship + 0.9 * standard_normal(rng));
    1 + binomial(51, share, rng)
}

fn benefit_weeks(free: i32, hardship: f64, rng: &mut impl Rng) -> i32 {
    if rng.random_bool(logistic(-0.2 - 0.4 * hardship)) {
        return 0;
    }
    binomial(
        free,
        logistic(0.4 + 0.3 * hardship + 0.8 * standard_normal(rng)),
        rng,
    )
}

fn ethnicity(heritage: Heritage, rng: &mut impl Rng) -> &'static str {
    let mixed = rng.random_bool(0.04);
    match heritage {
        Heritage::African | Heritage::Caribbean if rng.random_bool(0.15) => "mixed",
        _ if mixed => "mixed",
        Heritage::British | Heritage::Welsh | Heritage::Irish | Heritage::European => "white",
        Heritage::Muslim | Heritage::Indian => "asian",
        Heritage::African | Heritage::Caribbean => "black",
        Heritage::Chinese => "other",
    }
}

fn national_share(heritage: Heritage) -> f64 {
    match heritage {
        Heritage::British | Heritage::Welsh => 0.995,
        Heritage::Caribbean => 0.95,
        Heritage::Irish => 0.8,
        Heritage::Muslim | Heritage::Indian => 0.85,
        Heritage::African | Heritage::Chinese => 0.65,
        Heritage::European => 0.15,
    }
}

fn age_on(dob: i32, date: i32) -> i32 {
    let (born, now) = (civil(dob), civil(date));
    let before_birthday = (now.month(), now.day()) < (born.month(), born.day());
    i32::from(now.year() - born.year()) - i32::from(before_birthday)
}

/// A Poisson number; 0 for a mean that is not positive.
pub fn poisson(mean: f64, rng: &mut impl Rng) -> u32 {
    Poisson::new(mean).map_or(0, |p| {
        let n: f64 = p.sample(rng);
        n as u32
    })
}

/// A binomial number; 0 for no trials.
pub fn binomial(trials: i32, chance: f64, rng: &mut impl Rng) -> i32 {
    let trials = u64::try_from(trials).unwrap_or(0);
    // No more than `trials`, which came from an i32.
    Binomial::new(trials, chance.clamp(0.0, 1.0)).map_or(0, |b| b.sample(rng) as i32)
}
