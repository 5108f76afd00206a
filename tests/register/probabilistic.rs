//! Finding people by probability: planted truth, invariants, hostile people.

use counterpart::identity::{Dob, Identity, Record};
use counterpart::linkage::{Field, LinkageModel, Scored, explain, score, train, train_and_score};
use counterpart::register::{PersonKey, RegisterIndex};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Somebody, owned, to be changed.
#[derive(Clone, Default)]
struct Somebody {
    forename: String,
    surname: String,
    dob: u32,
    sex: u8,
    postcode: String,
    pnc_id: String,
}

impl Somebody {
    fn record(&self) -> Record<'_> {
        Record {
            forename: &self.forename,
            surname: &self.surname,
            dob: date(self.dob),
            sex: self.sex,
            postcode: &self.postcode,
            pnc_id: &self.pnc_id,
            prison_number: "",
        }
    }

    fn identity(&self) -> Identity {
        Identity::of_record(&self.record())
    }
}

fn date(digits: u32) -> Dob {
    Dob::from_parts(digits / 10_000, digits / 100 % 100, digits % 100)
}

const FORENAMES: [&str; 24] = [
    "john",
    "mary",
    "david",
    "sarah",
    "paul",
    "emma",
    "mark",
    "laura",
    "james",
    "helen",
    "peter",
    "alice",
    "colin",
    "ruth",
    "gareth",
    "megan",
    "owen",
    "bethan",
    "imran",
    "aisha",
    "piotr",
    "agnieszka",
    "winston",
    "yvonne",
];
const BEGINNINGS: [&str; 30] = [
    "ather", "bram", "calder", "dun", "elms", "farns", "gris", "hather", "ing", "kel", "lang",
    "mere", "nether", "orm", "pens", "quarn", "ravens", "skel", "thorn", "ulver", "wad", "yar",
    "brent", "cox", "dray", "ever", "fenni", "hocken", "pet", "stan",
];
const ENDS: [&str; 20] = [
    "bridge", "by", "combe", "croft", "dale", "don", "fold", "ford", "gate", "hurst", "leigh",
    "ley", "more", "shaw", "stead", "stone", "thorpe", "ton", "wick", "worth",
];

/// A register of strangers.
fn strangers(n: usize, seed: u64) -> Vec<Somebody> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..n)
        .map(|_| {
            let first = rng.random_range(0..FORENAMES.len());
            let mut pick = |from: &[&str]| from[rng.random_range(0..from.len())].to_owned();
            let surname = pick(&BEGINNINGS) + &pick(&ENDS);
            let letter = |n: u32| char::from(b'A' + n as u8);
            Somebody {
                forename: FORENAMES[first].to_owned(),
                surname,
                dob: rng.random_range(1950..2003) * 10_000
                    + rng.random_range(1..13) * 100
                    + rng.random_range(1..29),
                sex: if first % 2 == 0 { b'M' } else { b'F' },
                postcode: format!(
                    "{}{}{}{}{}",
                    ["LS", "M", "B", "NE", "CF"][rng.random_range(0..5)],
                    rng.random_range(1..30),
                    rng.random_range(1..10),
                    letter(rng.random_range(0..20)),
                    letter(rng.random_range(0..20)),
                ),
                pnc_id: String::new(),
            }
        })
        .collect()
}

fn index(people: &[Somebody]) -> RegisterIndex {
    let keyed = people.iter().enumerate();
    RegisterIndex::of_records(keyed.map(|(i, p)| (PersonKey(i as u64), p.record()))).unwrap()
}

fn identities(people: &[Somebody]) -> Vec<Identity> {
    people.iter().map(Somebody::identity).collect()
}

/// The first `n` with planted errors: 30 % moved, 10 % with a wrong digit in the birthday.
fn with_errors(people: &[Somebody], n: usize, seed: u64) -> Vec<Somebody> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let others = strangers(n, seed + 1);
    let mut list = people[..n].to_vec();
    for (person, other) in list.iter_mut().zip(&others) {
        if rng.random_bool(0.3) {
            person.postcode.clone_from(&other.postcode);
        }
        if rng.random_bool(0.1) {
            let digit = person.dob % 10;
            person.dob = person.dob - digit + (digit + 1) % 10;
        }
    }
    list
}

fn right(scored: &[Scored], person: impl Fn(usize) -> Option<u64>) -> usize {
    let answers = scored.iter().enumerate();
    answers
        .filter(|(i, s)| {
            let found = s.best.filter(|b| b.probability >= 0.5);
            found.map(|b| b.person.0) == person(*i)
        })
        .count()
}

#[test]
fn training_recovers_the_planted_error_rates_and_overlap() {
    let register = strangers(20_000, 1);
    let mut list = with_errors(&register, 1_600, 2);
    list.extend(strangers(400, 99));
    let trained = train(
        &identities(&list),
        &index(&register),
        &LinkageModel::builtin(),
    );
    assert!(trained.converged);
    let m = |field: Field, name: &str| {
        let level = field.levels().iter().position(|l| *l == name).unwrap();
        trained.model.m(field, level as u8, false)
    };
    for (found, planted) in [
        (trained.model.overlap(), 0.8),
        (m(Field::Postcode, "exact"), 0.7),
        (m(Field::Dob, "exact"), 0.9),
        (m(Field::Dob, "one_digit"), 0.1),
    ] {
        assert!((found - planted).abs() < 0.03, "{found} for {planted}");
    }
}

#[test]
fn each_iteration_raises_the_posterior_density() {
    let register = strangers(5_000, 3);
    let list = with_errors(&register, 500, 4);
    let trained = train(
        &identities(&list),
        &index(&register),
        &LinkageModel::builtin(),
    );
    assert!(trained.log_posterior.len() > 2);
    for step in trained.log_posterior.windows(2) {
        assert!(step[1] >= step[0] - 1e-7, "{} then {}", step[0], step[1]);
    }
}

#[test]
fn thirty_people_stay_near_the_model_they_start_from() {
    let register = strangers(5_000, 5);
    let base = LinkageModel::builtin();
    let list = identities(&register[..30]);
    let model = train(&list, &index(&register), &base).model;
    let (before, after) = (base.m(Field::Dob, 1, false), model.m(Field::Dob, 1, false));
    assert!(after > before && after < (1.0 + before) / 2.0 + 0.02);
}

#[test]
fn the_order_of_rows_and_the_number_of_threads_change_nothing() {
    let register = strangers(5_000, 6);
    let held = index(&register);
    let list = with_errors(&register, 300, 7);
    let base = LinkageModel::builtin();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| train_and_score(&identities(&list), &held, &base))
    };
    let ((one, first), (two, second)) = (on(1), on(2));
    assert_eq!(one.model.to_toml(), two.model.to_toml());
    assert!(
        first == second,
        "another answer with another number of threads"
    );
    let mut turned = list.clone();
    turned.reverse();
    let mut backwards = score(&identities(&turned), &held, &base);
    backwards.reverse();
    for (a, b) in score(&identities(&list), &held, &base)
        .iter()
        .zip(&backwards)
    {
        let (a, b) = (a.best.unwrap(), b.best.unwrap());
        assert!(a.person == b.person && (a.probability - b.probability).abs() < 1e-9);
    }
}

#[test]
fn names_swapped_married_or_dates_turned_about_are_found() {
    let register = strangers(5_000, 8);
    let held = index(&register);
    let swap = |p: &mut Somebody| std::mem::swap(&mut p.forename, &mut p.surname);
    let marry = |p: &mut Somebody| p.surname = "featherstonehaugh".into();
    let turn = |p: &mut Somebody| {
        p.dob = p.dob / 10_000 * 10_000 + p.dob % 100 * 100 + p.dob / 100 % 100;
    };
    for change in [swap as fn(&mut Somebody), marry, turn] {
        let women: Vec<usize> = (0..300)
            .filter(|&i| register[i].sex == b'F' && register[i].dob % 100 <= 12)
            .collect();
        let mut list: Vec<Somebody> = women.iter().map(|&i| register[i].clone()).collect();
        list.iter_mut().for_each(change);
        let scored = score(&identities(&list), &held, &LinkageModel::builtin());
        let found = right(&scored, |i| Some(women[i] as u64));
        assert!(
            found * 100 >= women.len() * 95,
            "{found} of {}",
            women.len()
        );
    }
}

#[test]
fn nobody_is_taken_for_a_relative_who_is_on_the_register() {
    let register = strangers(5_000, 10);
    let held = index(&register);
    // Brothers: name and address, another forename and birthday.
    let mut brothers = register[..100].to_vec();
    for person in &mut brothers {
        person.forename = "zebedee".into();
        person.dob = person.dob % 10_000 + 19_490_000;
    }
    let sons: Vec<Somebody> = register[100..200]
        .iter()
        .map(|p| Somebody {
            dob: 20_050_000 + p.dob % 10_000 / 100 % 6 * 100 + 617,
            ..p.clone()
        })
        .collect();
    for (list, most) in [(brothers, 0), (sons, 5)] {
        let scored = score(&identities(&list), &held, &LinkageModel::builtin());
        let linked = scored
            .iter()
            .filter(|s| s.best.is_some_and(|b| b.probability >= 0.95))
            .count();
        assert!(linked <= most, "{linked} taken for their relatives");
    }
}

#[test]
fn a_wrong_identifier_alone_makes_no_link_and_a_right_one_finds_a_spoilt_row() {
    let mut register = strangers(5_000, 11);
    for (i, person) in register.iter_mut().enumerate() {
        let letter = counterpart::identity::pnc::check_letter(2000, i as u32);
        person.pnc_id = format!("2000/{i:07}{letter}");
    }
    let held = index(&register);
    let mut wrong = register[..50].to_vec();
    for (i, person) in wrong.iter_mut().enumerate() {
        person.pnc_id.clone_from(&register[1_000 + i].pnc_id);
    }
    let scored = score(&identities(&wrong), &held, &LinkageModel::builtin());
    assert_eq!(right(&scored, |i| Some(i as u64)), 50);
    let mut spoilt = register[..50].to_vec();
    for person in &mut spoilt {
        person.dob = 0;
        person.surname = "featherstonehaugh".into();
        person.postcode.clear();
    }
    let scored = score(&identities(&spoilt), &held, &LinkageModel::builtin());
    assert!(right(&scored, |i| Some(i as u64)) >= 48);
}

#[test]
fn two_rows_of_one_person_share_an_answer_and_two_people_do_not() {
    let register = strangers(2_000, 12);
    let held = index(&register);
    let twice = vec![register[0].clone(), register[0].clone()];
    let scored = score(&identities(&twice), &held, &LinkageModel::builtin());
    assert_eq!(right(&scored, |_| Some(0)), 2);
    let mut other = register[0].clone();
    other.forename = "zebedee".into();
    other.dob = 19_551_123;
    let rivals = vec![register[0].clone(), other];
    let scored = score(&identities(&rivals), &held, &LinkageModel::builtin());
    assert!(scored[0].best.unwrap().probability > 0.99);
    assert!(scored[1].best.is_none_or(|b| b.probability < 0.01));
}

#[test]
fn the_bits_of_an_explanation_add_up_to_the_probability() {
    let register = strangers(3_000, 13);
    let held = index(&register);
    let list = with_errors(&register, 40, 14);
    let people = identities(&list);
    let model = LinkageModel::builtin();
    for (identity, scored) in people.iter().zip(score(&people, &held, &model)) {
        let best = scored.best.unwrap();
        let w = explain(identity, &held, best.row, &model, Some(best.probability));
        let fields: f64 = w.steps.iter().map(|s| s.bits + s.frequency_bits).sum();
        let sum = w.prior_bits + fields + w.both_names_bits + w.relatives_bits + w.competition_bits;
        assert!((sum - w.total_bits).abs() < 1e-9);
        let odds = w.total_bits.exp2();
        assert!((odds / (1.0 + odds) - best.probability).abs() < 1e-6);
        // Rivals only ever take away, and strangers have hardly any: every other bit is accounted for.
        let rivals = w.competition_bits;
        assert!((-1.0..=1e-6).contains(&rivals), "{rivals} bits to rivals");
    }
}

#[test]
fn nobody_and_an_empty_register_are_no_trouble() {
    let register = strangers(3, 15);
    let nobody = [Identity::of_record(&Somebody::default().record())];
    let scored = score(&nobody, &index(&register), &LinkageModel::builtin());
    assert!(scored[0].best.is_none() && scored[0].p_none == 1.0);
    let empty = index(&[]);
    let (trained, scored) =
        train_and_score(&identities(&register), &empty, &LinkageModel::builtin());
    assert!(scored.iter().all(|s| s.best.is_none()));
    assert!(trained.model.overlap() < 0.85);
    assert!(
        train_and_score(&[], &empty, &LinkageModel::builtin())
            .1
            .is_empty()
    );
}

#[test]
fn a_model_is_read_as_it_was_written() {
    let register = strangers(2_000, 16);
    let list = identities(&register[..100]);
    let text = train(&list, &index(&register), &LinkageModel::builtin())
        .model
        .to_toml();
    assert_eq!(LinkageModel::parse(&text).unwrap().to_toml(), text);
}

#[test]
fn a_model_that_is_none_is_refused_with_its_place() {
    let good = LinkageModel::builtin().to_toml();
    let first = good.lines().find(|l| l.starts_with("exact")).unwrap();
    let zero = first.replacen("m = 0.", "m = 7.", 1);
    for (from, to, says) in [
        ("schema = 2", "schema = 9", "schema"),
        ("overlap = 0.85", "overlap = 1.0", "overlap"),
        ("overlap = 0.85", "overlap = nan", "overlap"),
        ("slope = 1.0", "slope = -1.0", "calibration"),
        ("[borrowed]", "[borrowed]\nfriends = 1.0", "line"),
        ("[kin]", "[kin]\nsex-dob = 0.1", "kin"),
        (
            "[levels.dob]",
            "[levels.dob]\nlucky = { m = 0.1, u = 0.1 }",
            "levels.dob",
        ),
        ("[levels.dob]", "[levels.mood]", "levels.dob"),
        (first, zero.as_str(), "levels.forename.exact"),
        (first, "", "levels.forename.exact"),
        (first, "exact = { m = 0.5, u = 0.5 }", "levels.forename"),
        ("schema = 2", "schema = ", "line 1"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from} is not in the file");
        let told = LinkageModel::parse(&bad).unwrap_err().to_string();
        assert!(told.contains(says), "{told} for {to}");
    }
    for bad in ["", "\0", "[", "schema = 2"] {
        assert!(LinkageModel::parse(bad).is_err());
    }
}
