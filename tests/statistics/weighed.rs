//! People who stand for several. A sampling weight of 3 says what three rows would say: answers are
//! those of the table with rows repeated. Standard errors are not, and should not be: a row repeated
//! would count as more people asked, so that the repeated table claims the smaller error.

use crate::kit::{close, covariate, estimated, pairs};
use counterpart::covariates::DesignMatrix;
use counterpart::matching::{self, MatchError, Matches, Scores};
use counterpart::numeric::frame::{Column, Frame};
use counterpart::propensity::sorted_by_score;
use counterpart::study::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Scores, columns and sampling weights of people.
#[derive(Debug, Clone, Default)]
pub struct People {
    pub score: Vec<f64>,
    pub treated: Vec<bool>,
    pub strata: Vec<u32>,
    pub sampling: Vec<f64>,
    pub columns: Vec<(&'static str, Column)>,
}

impl People {
    pub fn matched(&self, settings: &MatchSettings) -> Result<Matches, MatchError> {
        let mut frame = Frame::new(self.score.len());
        let mut covariates = Vec::new();
        for (name, column) in &self.columns {
            covariates.push(covariate(
                name,
                match column {
                    Column::Number(_) => CovariateKind::Number,
                    Column::Category { .. } => CovariateKind::Category,
                },
            ));
            frame.push(*name, column.clone());
        }
        let matrix = (!covariates.is_empty())
            .then(|| DesignMatrix::build(&mut frame, &self.treated, &covariates).unwrap());
        let scores = Scores {
            lp: &self.score,
            order: &sorted_by_score(&self.score),
            lp_sd: 1.0,
            treated: &self.treated,
            strata: &self.strata,
            sampling: &self.sampling,
            matrix: matrix.as_ref(),
        };
        matching::run(&scores, settings, 1)
    }

    /// The rows named, in that order.
    pub fn rows(&self, rows: &[u32]) -> People {
        let pick = |v: &[f64]| -> Vec<f64> {
            let of = |r: &u32| v.get(*r as usize).copied();
            rows.iter().filter_map(of).collect()
        };
        let strata = |r: &u32| self.strata.get(*r as usize).copied();
        let column = |(name, column): &(&'static str, Column)| (*name, column.take(rows));
        People {
            score: pick(&self.score),
            treated: rows.iter().map(|&r| self.treated[r as usize]).collect(),
            strata: rows.iter().filter_map(strata).collect(),
            sampling: pick(&self.sampling),
            columns: self.columns.iter().map(column).collect(),
        }
    }

    /// With a pool member at every participant's side, weighing the same.
    fn with_company(&self) -> People {
        let everybody = 0..self.score.len() as u32;
        let company = everybody.clone().filter(|&r| self.treated[r as usize]);
        let mut people = self.rows(&everybody.chain(company).collect::<Vec<u32>>());
        people.treated[self.score.len()..].fill(false);
        people
    }

    /// Rows, each as often as its weight says.
    fn repeated(&self) -> (People, Vec<u32>) {
        let times = |r: usize| std::iter::repeat_n(r as u32, self.sampling[r] as usize);
        let rows: Vec<u32> = (0..self.score.len()).flat_map(times).collect();
        let mut people = self.rows(&rows);
        people.sampling.clear();
        (people, rows)
    }
}

/// Weights of 1 to 3, tied scores, two columns; the second half of the strategy adds strata.
fn people() -> impl Strategy<Value = People> {
    let person = (
        0i32..40,
        prop::bool::weighted(0.35),
        0u32..2,
        1u8..4,
        0u32..3,
        0i8..3,
    );
    (prop::collection::vec(person, 8..50), any::<bool>()).prop_map(|(people, stratified)| People {
        score: people.iter().map(|p| f64::from(p.0) / 16.0).collect(),
        treated: people.iter().map(|p| p.1).collect(),
        strata: match stratified {
            true => people.iter().map(|p| p.2).collect(),
            false => Vec::new(),
        },
        sampling: people.iter().map(|p| f64::from(p.3)).collect(),
        columns: vec![
            (
                "place",
                Column::Category {
                    codes: people.iter().map(|p| p.4).collect(),
                    levels: ["east", "north", "west"].map(String::from).to_vec(),
                },
            ),
            (
                "visits",
                Column::Number(people.iter().map(|p| f64::from(p.5)).collect()),
            ),
        ],
    })
}

fn methods() -> Vec<MatchSettings> {
    let on_score = |method| MatchSettings {
        caliper: Caliper::Width(0.25),
        caliper_scale: CaliperScale::Lp,
        ..MatchSettings::new(method)
    };
    let with = |kernel| MatchSettings {
        kernel,
        ..on_score(Method::Kernel)
    };
    vec![
        on_score(Method::Radius),
        with(Kernel::Epanechnikov),
        with(Kernel::Biweight),
        with(Kernel::Tricube),
        with(Kernel::Normal),
        MatchSettings::new(Method::Exact),
        MatchSettings {
            cutpoints: BTreeMap::from([("visits".to_owned(), vec![1.0])]),
            ..MatchSettings::new(Method::Cem)
        },
        MatchSettings {
            subclasses: 3,
            ..MatchSettings::new(Method::Subclass)
        },
    ]
}

/// Sums by row of the original table.
fn by_row(rows: &[u32], of: &[u32], weight: &[f64]) -> BTreeMap<u32, f64> {
    let mut sums = BTreeMap::new();
    for (&place, w) in of.iter().zip(weight).filter(|p| *p.1 > 0.0) {
        *sums.entry(rows[place as usize]).or_insert(0.0) += w;
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_weights_are_repeated_rows(people in people(), y in prop::collection::vec(-9i32..9, 100)) {
        for settings in methods() {
            // A subclass without pool is lent a person, who is no copy of one.
            let people = match settings.method {
                Method::Subclass => people.with_company(),
                _ => people.clone(),
            };
            let (repeated, rows) = people.repeated();
            let own: Vec<u32> = (0..people.score.len() as u32).collect();
            let (a, b) = match (people.matched(&settings), repeated.matched(&settings)) {
                (Ok(a), Ok(b)) => (a, b),
                (a, b) => {
                    prop_assert!(a.is_err() && b.is_err(), "{settings:?}");
                    continue;
                }
            };
            // Those of one table add up to its matched rows: a share of all is what both can say.
            let share = |m: &Matches, rows: &[u32]| {
                let n = m.participants.len() as f64;
                let mut w = by_row(rows, &m.pool, &m.weight);
                w.append(&mut by_row(rows, &m.participants, &m.participant_weight));
                w.values_mut().for_each(|w| *w /= n);
                w
            };
            let (got, want) = (share(&a, &own), share(&b, &rows));
            prop_assert!(got.keys().eq(want.keys()), "{settings:?}: others were matched");
            for (row, w) in &got {
                prop_assert!((w - want[row]).abs() < 1e-12, "{settings:?}: {w}, not {}", want[row]);
            }
            let y: Vec<f64> = y[..own.len()].iter().map(|v| f64::from(*v)).collect();
            let of_rows: Vec<f64> = rows.iter().map(|&r| y[r as usize]).collect();
            let kind = OutcomeKind::Continuous;
            // Two copies of one person have an error between them, and one person has none.
            if let (Ok(a), Ok(b)) = (estimated(kind, &y, &a, SeMethod::Matched), estimated(kind, &of_rows, &b, SeMethod::Matched)) {
                prop_assert!((a.difference.estimate - b.difference.estimate).abs() < 1e-10, "{settings:?}");
            }
        }
    }

    #[test]
    fn within_a_set_members_count_by_their_weight(people in people(), ratio in 1usize..4, replace in any::<bool>()) {
        let settings = MatchSettings {
            ratio,
            replace,
            caliper: Caliper::None,
            caliper_scale: CaliperScale::Lp,
            ..MatchSettings::new(Method::Nearest)
        };
        let Ok(m) = people.matched(&settings) else { return Ok(()) };
        let b = |row: u32| people.sampling[row as usize];
        let mut total: BTreeMap<u32, f64> = BTreeMap::new();
        for (t, c, _) in pairs(&m) {
            *total.entry(t).or_default() += b(c);
        }
        let counted: f64 = m.participants.iter().map(|&r| b(r)).sum();
        let n = m.participants.len() as f64;
        let mut weight: BTreeMap<u32, f64> = BTreeMap::new();
        for (t, c, w) in pairs(&m) {
            prop_assert!((w - b(c) / total[&t]).abs() < 1e-12);
            *weight.entry(c).or_default() += b(t) * n / counted * w;
        }
        for (row, w) in m.pool.iter().zip(&m.weight) {
            prop_assert!((w - weight.get(row).copied().unwrap_or(0.0)).abs() < 1e-12);
        }
    }

    #[test]
    fn the_unit_of_weights_changes_nothing(people in people(), power in -1000i32..1000) {
        let mut other = people.clone();
        other.sampling.iter_mut().for_each(|w| *w *= 2f64.powi(power));
        // Subclasses take weights below 1 in sum for shares: see the method.
        for settings in methods().into_iter().filter(|s| s.method != Method::Subclass) {
            match (people.matched(&settings), other.matched(&settings)) {
                (Ok(a), Ok(b)) => {
                    for (a, b) in a.weight.iter().zip(&b.weight).chain(a.weight_squared.iter().zip(&b.weight_squared)) {
                        prop_assert!((a - b).abs() < 1e-12, "{settings:?}: {a} {b}");
                    }
                }
                (a, b) => prop_assert!(a.is_err() && b.is_err()),
            }
        }
    }
}

#[test]
fn three_and_one_by_hand() {
    // One participant at 0; members at -0.5, 0 and 0.5 that stand for 2, 1 and 1. Epanechnikov with
    // h = 1: k = 3/4, 1, 3/4, by weight 3/2, 1, 3/4, K = 13/4. Participant 1 at 5 stands for 3 and
    // has one member, at 5. g = 1/2 and 3/2.
    let people = People {
        score: vec![0.0, 5.0, -0.5, 0.0, 0.5, 5.0],
        treated: [true, true, false, false, false, false].to_vec(),
        sampling: vec![1.0, 3.0, 2.0, 1.0, 1.0, 7.0],
        ..People::default()
    };
    let settings = MatchSettings {
        caliper: Caliper::Width(1.0),
        caliper_scale: CaliperScale::Lp,
        ..MatchSettings::new(Method::Kernel)
    };
    let m = people.matched(&settings).unwrap();
    let want = [3.0 / 13.0, 2.0 / 13.0, 1.5 / 13.0, 1.5];
    for (w, want) in m.weight.iter().zip(want) {
        close("w", *w, want, 1e-15);
    }
    // Radius: shares of 2, 1 and 1 in four, of a participant that counts for a half.
    let radius = MatchSettings {
        caliper: Caliper::Width(1.0),
        caliper_scale: CaliperScale::Lp,
        ..MatchSettings::default()
    };
    let m = people.matched(&radius).unwrap();
    for (w, want) in m.weight.iter().zip([0.25, 0.125, 0.125, 1.5]) {
        close("w", *w, want, 1e-15);
    }
}
