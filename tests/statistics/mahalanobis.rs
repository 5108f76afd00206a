//! Mahalanobis matching: a table worked by hand, what must hold for any table, hostile input.

use crate::kit::{close, designed, table};
use counterpart::balance::{Design, DesignError};
use counterpart::covariates::DesignMatrix;
use counterpart::matching::{self, DropReason, MatchError, Matches, Scores};
use counterpart::numeric::frame::Column;
use counterpart::propensity::sorted_by_score;
use counterpart::study::{Caliper, CaliperScale, MatchSettings, Method, Order};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// People with a score and two measurements.
#[derive(Debug, Clone)]
struct People {
    score: Vec<f64>,
    x: [Vec<f64>; 2],
    treated: Vec<bool>,
    strata: Vec<u32>,
}

impl People {
    fn matched(&self, settings: &MatchSettings) -> Result<Matches, MatchError> {
        let columns = ["a", "b"].iter().zip(&self.x);
        let columns = columns.map(|(n, x)| (*n, Column::Number(x.clone())));
        let (mut frame, covariates) = table(columns.collect());
        let matrix = DesignMatrix::build(&mut frame, &self.treated, &covariates).unwrap();
        let scores = Scores {
            lp: &self.score,
            order: &sorted_by_score(&self.score),
            lp_sd: 1.0,
            treated: &self.treated,
            strata: &self.strata,
            sampling: &[],
            matrix: Some(&matrix),
        };
        matching::run(&scores, settings, 1)
    }

    fn rows(&self, participants: bool) -> Vec<usize> {
        let all = 0..self.treated.len();
        all.filter(|r| self.treated[*r] == participants).collect()
    }

    /// Squared distance: S of 2 x 2 pooled within groups, and its inverse written out.
    fn distance(&self, i: usize, c: usize) -> f64 {
        let (mut aa, mut ab, mut bb) = (0.0, 0.0, 0.0);
        for group in [false, true] {
            let rows = self.rows(group);
            let mean = |x: &[f64]| rows.iter().map(|r| x[*r]).sum::<f64>() / rows.len() as f64;
            let (ma, mb) = (mean(&self.x[0]), mean(&self.x[1]));
            for r in rows {
                let (a, b) = (self.x[0][r] - ma, self.x[1][r] - mb);
                aa += a * a;
                ab += a * b;
                bb += b * b;
            }
        }
        let n = self.treated.len() as f64 - 2.0;
        let (a, b) = (self.x[0][i] - self.x[0][c], self.x[1][i] - self.x[1][c]);
        n * (bb * a * a - 2.0 * ab * a * b + aa * b * b) / (aa * bb - ab * ab)
    }

    fn reach(&self, i: usize, c: usize, caliper: f64) -> bool {
        (self.score[i] - self.score[c]).abs() <= caliper
            && (self.strata.is_empty() || self.strata[i] == self.strata[c])
    }

    /// The rule, the slow way: everybody in turn takes the nearest in reach, lower rows first.
    fn by_rule(&self, settings: &MatchSettings, caliper: f64) -> BTreeMap<u32, Vec<u32>> {
        let mut turns = self.rows(true);
        if settings.order == Some(Order::Largest) {
            turns.sort_by(|&a, &b| self.score[b].total_cmp(&self.score[a]));
        }
        let mut taken = vec![false; self.treated.len()];
        let mut sets: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut order = self.rows(false);
        for _ in 0..settings.ratio {
            for &i in &turns {
                order.sort_by(|&a, &b| {
                    self.distance(i, a)
                        .total_cmp(&self.distance(i, b))
                        .then(a.cmp(&b))
                });
                let own = sets.get(&(i as u32)).cloned().unwrap_or_default();
                let free = |c: &usize| match settings.replace {
                    true => !own.contains(&(*c as u32)),
                    false => !taken[*c],
                };
                let Some(&c) = order
                    .iter()
                    .find(|c| free(c) && self.reach(i, **c, caliper))
                else {
                    continue;
                };
                taken[c] = true;
                sets.entry(i as u32).or_default().push(c as u32);
            }
        }
        sets.values_mut().for_each(|s| s.sort_unstable());
        sets
    }
}

fn settings() -> MatchSettings {
    MatchSettings {
        caliper: Caliper::None,
        caliper_scale: CaliperScale::Lp,
        order: Some(Order::Data),
        ..MatchSettings::new(Method::Mahalanobis)
    }
}

fn sets(matches: &Matches) -> BTreeMap<u32, Vec<u32>> {
    let mut sets: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    matches.for_each_pair(|t, c, _| sets.entry(t).or_default().push(c));
    sets.values_mut().for_each(|s| s.sort_unstable());
    sets
}

#[test]
fn the_nearest_once_the_columns_correlation_is_taken_into_account() {
    // Within the groups a and b go together: participants (0,0), (2,2); pool (0,1), (1,0), (4,4),
    // (5,5). S = [[2 + 17, 2 + 16], [2 + 16, 2 + 17]] / 4 = [[4.75, 4.5], [4.5, 4.75]], its inverse
    // [[4.75, -4.5], [-4.5, 4.75]] / 2.3125. From (2,2) to (4,4): 2 * 4 * 0.25 / 2.3125 = 0.865;
    // to (1,0): (4.75 - 18 + 19) / 2.3125 = 2.49; in plain distance (1,0) would be the nearer.
    let people = People {
        score: vec![0.0, 0.1, 0.0, 0.0, 0.0, 0.0],
        x: [
            vec![0.0, 2.0, 0.0, 1.0, 4.0, 5.0],
            vec![0.0, 2.0, 1.0, 0.0, 4.0, 5.0],
        ],
        treated: vec![true, true, false, false, false, false],
        strata: vec![],
    };
    close("(2,2) to (4,4)", people.distance(1, 4), 2.0 / 2.3125, 1e-12);
    close(
        "(2,2) to (1,0)",
        people.distance(1, 3),
        5.75 / 2.3125,
        1e-12,
    );
    let matches = people.matched(&settings()).unwrap();
    assert_eq!(sets(&matches)[&1], [4]);
}

#[test]
fn the_caliper_on_the_score_comes_before_the_distance() {
    let people = People {
        score: vec![0.0, 5.0, 0.3, 1.0, 0.9],
        x: [vec![1.0, 2.0, 9.0, 1.0, 3.0], vec![4.0, 1.0, 2.0, 4.0, 8.0]],
        treated: vec![true, true, false, false, false],
        strata: vec![],
    };
    let within = MatchSettings {
        caliper: Caliper::Width(0.5),
        ..settings()
    };
    let matches = people.matched(&within).unwrap();
    // Row 3 is the same person but for the score.
    assert_eq!(sets(&matches), BTreeMap::from([(0, vec![2])]));
    assert_eq!(matches.dropped[0].reason, DropReason::NobodyWithinCaliper);
    assert_eq!(sets(&people.matched(&settings()).unwrap())[&0], [3]);
}

fn people() -> impl Strategy<Value = People> {
    let person = (
        -2.0f64..2.0,
        -3.0f64..3.0,
        0.0f64..50.0,
        prop::bool::weighted(0.35),
        0u32..2,
    );
    let many = prop::collection::vec(person, 9..60);
    (many, any::<bool>()).prop_map(|(people, stratified)| People {
        score: people.iter().map(|p| p.0).collect(),
        x: [
            people.iter().map(|p| p.1).collect(),
            people.iter().map(|p| p.2 + 3.0 * p.1).collect(),
        ],
        // Three participants and three others whatever is drawn.
        treated: people
            .iter()
            .enumerate()
            .map(|(i, p)| i < 3 || (i > 5 && p.3))
            .collect(),
        strata: people.iter().filter(|_| stratified).map(|p| p.4).collect(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sets_are_those_of_the_rule(
        people in people(), replace in any::<bool>(), largest in any::<bool>(),
        ratio in 1usize..4, caliper in prop::option::of(0.1f64..2.0),
    ) {
        let settings = MatchSettings {
            caliper: caliper.map_or(Caliper::None, Caliper::Width),
            order: Some(if largest { Order::Largest } else { Order::Data }),
            replace,
            ratio,
            ..settings()
        };
        let want = people.by_rule(&settings, caliper.unwrap_or(f64::INFINITY));
        let got = match people.matched(&settings) {
            Ok(matches) => sets(&matches),
            Err(MatchError::NobodyMatched { .. }) => BTreeMap::new(),
            Err(e) => panic!("{e}"),
        };
        prop_assert_eq!(got, want);
    }

    #[test]
    fn the_closest_pair_goes_first(people in people()) {
        let settings = MatchSettings { order: Some(Order::Closest), ..settings() };
        let Ok(matches) = people.matched(&settings) else { return Ok(()) };
        let got = sets(&matches);
        let mut free = people.rows(false);
        let mut left = people.rows(true);
        let mut want: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        loop {
            let pairs = left.iter().flat_map(|&i| free.iter().map(move |&c| (i, c)));
            let in_reach = pairs.filter(|p| people.reach(p.0, p.1, f64::INFINITY));
            let measured = in_reach.map(|(i, c)| (people.distance(i, c), i, c));
            let Some((_, i, c)) = measured.min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
            left.retain(|r| *r != i);
            free.retain(|r| *r != c);
            want.insert(i as u32, vec![c as u32]);
        }
        prop_assert_eq!(got, want);
    }
}

#[test]
fn units_and_the_levels_named_change_nothing() {
    let n = 400;
    let numbers = |step: usize, of: usize| -> Vec<f64> {
        (0..n)
            .map(|i| ((i * step) % of) as f64 + 0.01 * (i % 7) as f64)
            .collect()
    };
    let treated: Vec<bool> = (0..n).map(|i| (i * 7) % 10 < 3).collect();
    let place =
        Column::category((0..n).map(|i| Some(["north", "south", "west"][(i * i + i / 5) % 3])));
    let with = |scale: f64| -> Design {
        let a: Vec<f64> = numbers(37, 101).iter().map(|x| 5.0 + scale * x).collect();
        let columns = vec![
            ("a", Column::Number(a)),
            ("b", Column::Number(numbers(53, 67))),
            ("place", place.clone()),
        ];
        designed(
            columns,
            &treated,
            &MatchSettings {
                caliper: Caliper::None,
                ..settings()
            },
        )
        .unwrap()
    };
    assert_eq!(sets(with(1.0).matches()), sets(with(1000.0).matches()));
}

#[test]
fn columns_that_mean_nothing_are_refused_in_words() {
    let ten = |f: &dyn Fn(usize) -> f64| (0..40).map(f).collect::<Vec<f64>>();
    let treated: Vec<bool> = (0..40).map(|i| i % 4 == 0).collect();
    let try_with = |columns: &[&str]| {
        let table = vec![
            ("a", Column::Number(ten(&|i| ((i * 7) % 11) as f64))),
            ("same", Column::Number(ten(&|_| 3.0))),
        ];
        let settings = MatchSettings {
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
            ..settings()
        };
        designed(table, &treated, &settings)
    };
    let setting = |e: DesignError| match e {
        DesignError::Matching(MatchError::Settings { setting, rule }) => (setting, rule),
        e => panic!("{e}"),
    };
    let (at, rule) = setting(try_with(&["shoe_size"]).unwrap_err());
    assert!(
        at == "columns" && rule.contains("`shoe_size` is not among the covariates"),
        "{rule}"
    );
    let (at, rule) = setting(try_with(&["same"]).unwrap_err());
    assert!(
        at == "columns" && rule.contains("none of the columns differs"),
        "{rule}"
    );
    assert!(try_with(&["a", "same"]).is_ok());
    let alone = People {
        score: vec![0.0, 0.0],
        x: [vec![1.0, 2.0], vec![1.0, 5.0]],
        treated: vec![true, false],
        strata: vec![],
    };
    // Two people: nothing varies within a group.
    assert!(matches!(
        alone.matched(&settings()),
        Err(MatchError::Settings { .. })
    ));
}
