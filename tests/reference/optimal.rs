//! Optimal pairs, optimal full matching, Mahalanobis matching.
//!
//! R's optmatch rounds distances to integers and stops at a tolerance (1e-3), so that its total may
//! be a little above the least there is; ours may never be above R's. Where several optima exist
//! the sets differ and only totals are comparable; effects are compared where the sets agree.

use crate::support::{Case, case, close, tolerance};
use counterpart::covariates::DesignMatrix;
use counterpart::matching::{Matches, Scores, run};
use counterpart::numeric::frame::Column;
use counterpart::propensity::sorted_by_score;
use counterpart::study::{Caliper, MatchSettings, Method, Order};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn designed(case: &Case, settings: &MatchSettings) -> Matches {
    let lp = case.numbers("matchit_logit");
    let order = sorted_by_score(&lp);
    let matrix =
        DesignMatrix::build(&mut case.frame(&[]), &case.treated, &case.covariates).unwrap();
    let scores = Scores {
        lp: &lp,
        order: &order,
        lp_sd: sd(&lp),
        treated: &case.treated,
        strata: &[],
        sampling: &[],
        matrix: Some(&matrix),
    };
    run(&scores, settings, 1).unwrap()
}

fn sd(x: &[f64]) -> f64 {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (x.len() as f64 - 1.0)).sqrt()
}

fn without_caliper(method: Method) -> MatchSettings {
    MatchSettings {
        caliper: Caliper::None,
        ..MatchSettings::new(method)
    }
}

/// R's pairs, (participant, pool member) counted from 1, in file order.
fn pairs_of(design: &Value) -> Vec<(u32, u32)> {
    let number = |v: &Value| v.as_u64().unwrap() as u32;
    let pairs = design["pairs"].as_array().unwrap();
    pairs
        .iter()
        .map(|p| (number(&p[0]), number(&p[1])))
        .collect()
}

/// Least sums may differ by the rounding of sums only; R's by its tolerance of 1e-3 a person.
fn no_dearer(what: &str, ours: f64, theirs: f64, people: usize) {
    assert!(
        ours <= theirs * (1.0 + 1e-12),
        "{what}: {ours} above R's {theirs}"
    );
    let tolerated = 1e-3 * people as f64;
    assert!(
        theirs - ours <= tolerated,
        "{what}: {ours} far below R's {theirs}"
    );
}

/// Mean of the participants less the weighted mean of the pool, against R's. How many were compared.
fn effects_agree(what: &str, case: &Case, matches: &Matches, design: &Value) -> usize {
    let mut seen = 0;
    for effect in design["effects"].as_array().unwrap() {
        let Some(want) = effect["att"].as_f64() else {
            continue;
        };
        let outcome = effect["outcome"].as_str().unwrap();
        let y = case.column(outcome);
        let n = matches.participants.len() as f64;
        let of_participants: f64 = matches.participants.iter().map(|&t| y[t as usize]).sum();
        let weighed = matches.pool.iter().zip(&matches.weight);
        let of_pool: f64 = weighed.map(|(&c, w)| w * y[c as usize]).sum();
        let got = (of_participants - of_pool) / n;
        close(&format!("{what} {outcome}"), got, want, tolerance::EFFECT);
        seen += 1;
    }
    seen
}

#[test]
fn optimal_pairs_cost_no_more_than_those_of_optmatch() {
    let mut compared = 0;
    for name in ["rossi", "lalonde", "lalonde_psid"] {
        let case = case(name);
        let lp = case.numbers("matchit_logit");
        let distance = |t: u32, c: u32| (lp[t as usize - 1] - lp[c as usize - 1]).abs();
        let total = |pairs: &[(u32, u32)]| pairs.iter().map(|p| distance(p.0, p.1)).sum::<f64>();
        let design = &case.expected["matchit"]["optimal_logit"];
        let theirs = pairs_of(design);
        let matches = designed(&case, &without_caliper(Method::Optimal));
        let mut ours = Vec::new();
        matches.for_each_pair(|t, c, _| ours.push((t + 1, c + 1)));
        assert_eq!(ours.len(), theirs.len(), "{name}");
        no_dearer(name, total(&ours), total(&theirs), lp.len());
        // As many in the pool as participants (rossi): whoever is paired with whom, all are used.
        let used = |pairs: &[(u32, u32)]| pairs.iter().map(|p| p.1).collect::<BTreeSet<u32>>();
        if used(&ours) == used(&theirs) {
            compared += effects_agree(name, &case, &matches, design);
        } else {
            let apart = ours.iter().filter(|p| !theirs.contains(p)).count();
            assert!(apart <= 2, "{name}: {apart} pairs are not R's");
        }
    }
    assert_eq!(compared, 2, "rossi's rearrests and weeks in work");
}

#[test]
fn full_sets_cost_no_more_than_those_of_optmatch() {
    let mut reached = 0;
    for name in ["rossi", "lalonde", "lalonde_psid"] {
        let case = case(name);
        let lp = case.numbers("matchit_logit");
        let design = &case.expected["matchit"]["full_logit"];
        let mut sets: BTreeMap<&str, [Vec<usize>; 2]> = BTreeMap::new();
        for (row, set) in design["subclass"].as_object().unwrap() {
            let row: usize = row.parse::<usize>().unwrap() - 1;
            sets.entry(set.as_str().unwrap()).or_default()[usize::from(case.treated[row])]
                .push(row);
        }
        let across = |[c, t]: &[Vec<usize>; 2]| -> f64 {
            let from = |i: &usize| c.iter().map(|j| (lp[*i] - lp[*j]).abs()).sum::<f64>();
            t.iter().map(from).sum()
        };
        let theirs: f64 = sets.values().map(across).sum();
        let matches = designed(&case, &without_caliper(Method::Full));
        let mut ours = 0.0;
        matches.for_each_pair(|t, c, _| ours += (lp[t as usize] - lp[c as usize]).abs());
        no_dearer(name, ours, theirs, lp.len());
        assert_eq!(
            matches.pool_matched(),
            case.treated.iter().filter(|t| !**t).count()
        );
        let want = design["control_weights"].as_object().unwrap();
        let scale = matches.pool_matched() as f64 / matches.participants.len() as f64;
        let apart = matches.pool.iter().zip(&matches.weight).filter(|(row, w)| {
            (want[&(*row + 1).to_string()].as_f64().unwrap() - *w * scale).abs() > 1e-9
        });
        // Where R reached the optimum too, the sets are R's but for one exact tie.
        if theirs - ours <= 1e-12 * theirs {
            assert!(apart.count() <= 2, "{name}: weights are not R's");
            reached += 1;
        }
    }
    assert!(reached >= 1);
}

/// Squared Mahalanobis distances, worked out anew: S pooled within the two groups, S^-1 by
/// elimination, columns that repeat others (one level of each category) left out.
struct Distances {
    rows: Vec<Vec<f64>>,
    /// S^-1 x of each row.
    solved: Vec<Vec<f64>>,
}

impl Distances {
    fn new(case: &Case, columns: &[String]) -> Distances {
        let frame = case.frame(&[]);
        let mut rows = vec![Vec::new(); case.treated.len()];
        for name in columns {
            match frame.get(name).unwrap() {
                Column::Number(v) => rows.iter_mut().zip(v).for_each(|(r, x)| r.push(*x)),
                Column::Category { codes, levels } => {
                    for level in 1..levels.len() as u32 {
                        let is = codes.iter().map(|c| f64::from(u8::from(*c == level)));
                        rows.iter_mut().zip(is).for_each(|(r, x)| r.push(x));
                    }
                }
            }
        }
        let p = rows[0].len();
        // In units of each column's SD, so that elimination keeps its digits.
        for j in 0..p {
            let scale = sd(&rows.iter().map(|r| r[j]).collect::<Vec<_>>());
            rows.iter_mut().for_each(|r| r[j] /= scale);
        }
        let mut s = vec![vec![0.0; p]; p];
        for group in [false, true] {
            let of: Vec<&Vec<f64>> = rows
                .iter()
                .zip(&case.treated)
                .filter(|r| *r.1 == group)
                .map(|r| r.0)
                .collect();
            let mean: Vec<f64> = (0..p)
                .map(|j| of.iter().map(|r| r[j]).sum::<f64>() / of.len() as f64)
                .collect();
            for r in of {
                for i in 0..p {
                    for j in 0..p {
                        s[i][j] += (r[i] - mean[i]) * (r[j] - mean[j]) / (rows.len() as f64 - 2.0);
                    }
                }
            }
        }
        let inverse = inverse(s);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let solve = |x: &Vec<f64>| inverse.iter().map(|row| dot(row, x)).collect();
        let solved = rows.iter().map(solve).collect();
        Distances { rows, solved }
    }

    /// (x_a - x_b)' S^-1 (x_a - x_b).
    fn between(&self, a: usize, b: usize) -> f64 {
        let x = self.rows[a].iter().zip(&self.rows[b]);
        let solved = self.solved[a].iter().zip(&self.solved[b]);
        x.zip(solved).map(|(x, s)| (x.0 - x.1) * (s.0 - s.1)).sum()
    }
}

/// Gauss and Jordan, with the largest pivot of the column.
fn inverse(mut a: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let p = a.len();
    for (i, row) in a.iter_mut().enumerate() {
        row.extend((0..p).map(|j| f64::from(u8::from(i == j))));
    }
    for j in 0..p {
        let pivot = (j..p)
            .max_by(|&x, &y| a[x][j].abs().total_cmp(&a[y][j].abs()))
            .unwrap();
        a.swap(j, pivot);
        let by = a[j][j];
        a[j].iter_mut().for_each(|x| *x /= by);
        let top = a[j].clone();
        for (_, row) in a.iter_mut().enumerate().filter(|r| r.0 != j) {
            let by = row[j];
            row.iter_mut().zip(&top).for_each(|(x, t)| *x -= by * t);
        }
    }
    a.into_iter().map(|row| row[p..].to_vec()).collect()
}

/// What came of going through somebody's choices.
#[derive(Default, Debug, PartialEq)]
struct Replay {
    /// Choices with a rival at the same distance.
    ties: usize,
    /// Choices with somebody nearer still free.
    further: usize,
}

/// Goes through choices in their order, measuring those still free and within the caliper anew.
fn replay(
    what: &str,
    case: &Case,
    distances: &Distances,
    pairs: &[(u32, u32)],
    settings: &MatchSettings,
) -> Replay {
    let lp = case.numbers("matchit_logit");
    let caliper = match settings.caliper {
        Caliper::Width(w) => w * sd(&lp),
        _ => f64::INFINITY,
    };
    let chosen: BTreeMap<u32, u32> = pairs.iter().copied().collect();
    let mut turns: Vec<usize> = (0..lp.len()).filter(|r| case.treated[*r]).collect();
    if settings.order == Some(Order::Largest) {
        turns.sort_by(|&a, &b| lp[b].total_cmp(&lp[a]));
    }
    let mut free: Vec<bool> = case.treated.iter().map(|t| !t).collect();
    let mut replay = Replay::default();
    for t in turns {
        let within: Vec<(f64, usize)> = (0..lp.len())
            .filter(|&c| free[c] && (lp[c] - lp[t]).abs() <= caliper)
            .map(|c| (distances.between(t, c), c))
            .collect();
        let least = within.iter().map(|d| d.0).fold(f64::INFINITY, f64::min);
        let Some(&c) = chosen.get(&(t as u32 + 1)) else {
            assert!(
                within.is_empty(),
                "{what}: {t} alone beside somebody in reach"
            );
            continue;
        };
        let c = c as usize - 1;
        let at = within.iter().find(|d| d.1 == c).expect("free, in reach").0;
        // Coincident people are at 0, give or take rounding.
        let same = |d: f64| d - least <= 1e-9 * (1.0 + least);
        replay.further += usize::from(!same(at));
        replay.ties += usize::from(within.iter().filter(|d| same(d.0)).count() > 1);
        free[c] = false;
    }
    replay
}

/// With whole-number covariates several people are at the very same distance, and R settles it by
/// the order of its own search, we by the row: from the first tie on the pool left over differs.
/// So each choice of R's is measured given those before it: it is a nearest, or ties with one. In
/// one design R errs: `chol(pivot = TRUE)` leaves numbers in the rows beyond the rank, and with two
/// or more categories (all levels of each, so that the rank is short) MatchIt adds these to the
/// distance; with the rows set to 0 R itself finds the same five people nearer as we do.
#[test]
fn each_choice_on_the_mahalanobis_distance_is_that_of_matchit_or_tied_with_it() {
    let mut agreed = 0;
    for name in crate::REAL {
        let case = case(name);
        let every: Vec<String> = case.covariates.iter().map(|c| c.column.clone()).collect();
        for key in ["nn_mahalanobis", "nn_mahvars_cal02"] {
            let what = format!("{name} {key}");
            let design = &case.expected["matchit"][key];
            let args = design["args"].as_str().unwrap();
            let named: Vec<String> = args.split("mahvars = ~").nth(1).map_or(Vec::new(), |rest| {
                let list = rest.split(',').next().unwrap();
                list.split('+').map(|s| s.trim().to_owned()).collect()
            });
            let (caliper, order) = if args.contains("caliper = 0.2") {
                (Caliper::Width(0.2), Order::Largest)
            } else {
                (Caliper::None, Order::Data)
            };
            let settings = MatchSettings {
                caliper,
                order: Some(order),
                columns: named.clone(),
                ..MatchSettings::new(Method::Mahalanobis)
            };
            let distances = Distances::new(&case, if named.is_empty() { &every } else { &named });
            let theirs = pairs_of(design);
            let of_r = replay(&what, &case, &distances, &theirs, &settings);
            let errs = if what == "justice_sim nn_mahalanobis" {
                5
            } else {
                0
            };
            assert_eq!(of_r.further, errs, "{what}: R passes somebody nearer by");
            let matches = designed(&case, &settings);
            let mut ours = Vec::new();
            matches.for_each_pair(|t, c, _| ours.push((t + 1, c + 1)));
            let of_ours = replay(&what, &case, &distances, &ours, &settings);
            assert_eq!(of_ours.further, 0, "{what}: we pass somebody nearer by");
            if of_r == Replay::default() {
                assert_eq!(ours, theirs, "{what}");
                assert!(effects_agree(&what, &case, &matches, design) > 0);
                agreed += 1;
            }
        }
    }
    assert!(agreed >= 1, "no design without ties");
}
