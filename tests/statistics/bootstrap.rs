//! The bootstrap of the whole design: each replicate against the same design made the long way.

use crate::kit::{close, covariate, spec};
use counterpart::balance::Design;
use counterpart::bootstrap::{Bootstrap, Refused, Resampled, Scheme, bootstrap, drawn};
use counterpart::covariates::DesignMatrix;
use counterpart::effect::{OutcomeData, estimate};
use counterpart::numeric::frame::{Column, Frame};
use counterpart::propensity::PropensityParams;
use counterpart::study::{
    Caliper, CaliperScale, CommonSupport, Covariate, CovariateKind, Kernel, MatchSettings, Method,
    OutcomeKind, OutcomeSpec, SeMethod, WeightKind,
};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rand_distr::{Distribution, StandardNormal};

/// A cohort with numbers, a flag, a category and a region, and what happened.
struct World {
    frame: Frame,
    treated: Vec<bool>,
    /// Happened within the year, how often, in how much time.
    event: Vec<f64>,
    count: Vec<f64>,
    exposure: Vec<f64>,
}

fn world(people: usize, pool: usize, seed: u64) -> World {
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    let (mut treated, mut event, mut count, mut exposure) = Default::default();
    let mut columns: [Vec<f64>; 3] = Default::default();
    let (mut kind, mut region) = (Vec::new(), Vec::new());
    for _ in 0..people + pool {
        draw_person(
            &mut random,
            people as f64 / pool as f64,
            &mut columns,
            (&mut kind, &mut region),
            (&mut treated, &mut event, &mut count, &mut exposure),
        );
    }
    let mut frame = Frame::new(people + pool);
    for (name, values) in ["a", "b", "flag"].into_iter().zip(columns) {
        frame.push(name, Column::Number(values));
    }
    frame.push("kind", Column::category(kind.iter().copied().map(Some)));
    frame.push("region", Column::category(region.iter().copied().map(Some)));
    World {
        frame,
        treated,
        event,
        count,
        exposure,
    }
}

type Outcomes<'a> = (
    &'a mut Vec<bool>,
    &'a mut Vec<f64>,
    &'a mut Vec<f64>,
    &'a mut Vec<f64>,
);

/// One person: who takes part leans on the covariates, and so does what happens.
fn draw_person(
    random: &mut ChaCha12Rng,
    odds: f64,
    columns: &mut [Vec<f64>; 3],
    (kind, region): (&mut Vec<&'static str>, &mut Vec<&'static str>),
    (treated, event, count, exposure): Outcomes,
) {
    let a: f64 = StandardNormal.sample(random);
    let b: f64 = StandardNormal.sample(random);
    let flag = f64::from(u8::from(random.random_bool(0.4)));
    let k = random.random_range(0..3usize);
    let lean = 0.6 * a - 0.4 * b + 0.5 * flag + 0.3 * k as f64 - 0.5;
    let took_part = chance(random, odds.ln() + lean);
    let happened = chance(
        random,
        -0.4 + 0.7 * lean - 0.6 * f64::from(u8::from(took_part)),
    );
    for (column, x) in columns.iter_mut().zip([a, b, flag]) {
        column.push(x);
    }
    kind.push(["burglary", "drugs", "theft"][k]);
    region.push(["north", "south"][random.random_range(0..2usize)]);
    treated.push(took_part);
    event.push(f64::from(u8::from(happened)));
    count.push(if happened {
        f64::from(random.random_range(1..5u8))
    } else {
        0.0
    });
    exposure.push(0.5 + 0.5 * random.random::<f64>());
}

fn chance(random: &mut impl Rng, log_odds: f64) -> bool {
    random.random::<f64>() < 1.0 / (1.0 + (-log_odds).exp())
}

fn covariates() -> Vec<Covariate> {
    let number = |c| covariate(c, CovariateKind::Number);
    vec![
        number("a"),
        number("b"),
        number("flag"),
        covariate("kind", CovariateKind::Category),
    ]
}

fn design(world: &World, settings: &MatchSettings) -> Design {
    Design::fix(
        world.frame.clone(),
        world.treated.clone(),
        &covariates(),
        settings,
        PropensityParams::new(),
        1,
    )
    .unwrap()
}

fn outcomes(world: &World) -> Vec<(OutcomeSpec, OutcomeData<'_>)> {
    let data = |values, given, exposure| OutcomeData {
        values,
        given,
        exposure,
    };
    vec![
        (spec(OutcomeKind::Binary), data(&world.event, None, None)),
        (
            spec(OutcomeKind::Count),
            data(&world.count, None, Some(&world.exposure)),
        ),
        (
            spec(OutcomeKind::Duration),
            data(&world.count, Some(&world.event), None),
        ),
        (
            spec(OutcomeKind::Continuous),
            data(&world.count, None, None),
        ),
    ]
}

fn boot(world: &World, design: &Design, n: u32, seed: u64) -> Result<Bootstrap, Refused> {
    let outcomes = outcomes(world);
    let outcomes: Vec<_> = outcomes.into_iter().collect();
    let borrowed: Vec<(&OutcomeSpec, OutcomeData)> =
        outcomes.iter().map(|(s, d)| (s, copy(d))).collect();
    bootstrap(&Resampled::from(design), &borrowed, n, seed)
}

fn copy<'a>(d: &OutcomeData<'a>) -> OutcomeData<'a> {
    OutcomeData {
        values: d.values,
        given: d.given,
        exposure: d.exposure,
    }
}

/// The table that a replicate drew, people drawn twice in it twice.
fn written_out(world: &World, counts: &[u16]) -> World {
    let rows: Vec<u32> = (0..counts.len() as u32)
        .flat_map(|r| std::iter::repeat_n(r, usize::from(counts[r as usize])))
        .collect();
    let pick = |v: &[f64]| rows.iter().map(|&r| v[r as usize]).collect();
    World {
        frame: world.frame.take(&rows),
        treated: rows.iter().map(|&r| world.treated[r as usize]).collect(),
        event: pick(&world.event),
        count: pick(&world.count),
        exposure: pick(&world.exposure),
    }
}

/// Every replicate's differences and ratios are those of the design made afresh on its table.
fn agrees_with_the_long_way(world: &World, settings: &MatchSettings) {
    const SEED: u64 = 11;
    // Radius sets are the same people or not. A kernel follows the score's last digits: where all of
    // a participant's counterparts lie at its edge, what the refit left is multiplied.
    let tolerance = match settings.method {
        Method::Kernel => 1e-7,
        _ => 1e-9,
    };
    let design = design(world, settings);
    let made = boot(world, &design, 50, SEED).unwrap();
    assert_eq!((made.unfitted, made.unmatched), (0, 0));
    for k in [0, 1, 7, 31, 32, 49] {
        let table = written_out(world, &drawn(&world.treated, SEED, k));
        let again = self::design(&table, settings);
        for (o, (spec, data)) in outcomes(&table).iter().enumerate() {
            let want = estimate(spec, data, again.matches(), SeMethod::Lab).unwrap();
            let got = &made.outcomes[o];
            let what = format!("{:?} in replicate {k}", spec.kind);
            close(
                &what,
                got.difference.estimates[k as usize],
                want.difference.estimate,
                tolerance,
            );
            for (ratio, (kind, spread)) in want.ratios.iter().zip(&got.ratios) {
                assert_eq!(ratio.kind, *kind);
                close(
                    kind,
                    spread.estimates[k as usize],
                    ratio.log.estimate,
                    tolerance,
                );
            }
        }
    }
}

#[test]
fn a_replicate_is_the_design_made_afresh_on_the_people_it_drew() {
    agrees_with_the_long_way(&world(200, 1_200, 1), &MatchSettings::default());
}

#[test]
fn kernels_are_redone_in_each_replicate() {
    let world = world(150, 600, 20);
    for kernel in [Kernel::Epanechnikov, Kernel::Uniform, Kernel::Normal] {
        let settings = MatchSettings {
            kernel,
            ..MatchSettings::new(Method::Kernel)
        };
        agrees_with_the_long_way(&world, &settings);
    }
}

#[test]
fn strata_support_and_scales_are_redone_in_each_replicate() {
    let world = world(200, 900, 2);
    let exact = MatchSettings {
        exact: vec!["region".into()],
        common_support: CommonSupport::Both,
        ..MatchSettings::default()
    };
    agrees_with_the_long_way(&world, &exact);
    for weights in [WeightKind::Odds, WeightKind::Overlap] {
        let weighed = MatchSettings {
            exact: vec!["region".into()],
            weights,
            ..MatchSettings::new(Method::Weighting)
        };
        agrees_with_the_long_way(&world, &weighed);
    }
    for (scale, width) in [
        (CaliperScale::Lp, 0.1),
        (CaliperScale::Probability, 0.02),
        (CaliperScale::Odds, 0.03),
    ] {
        let scaled = MatchSettings {
            caliper: Caliper::Width(width),
            caliper_scale: scale,
            common_support: CommonSupport::Pool,
            ..MatchSettings::default()
        };
        agrees_with_the_long_way(&world, &scaled);
    }
}

#[test]
fn a_ridge_is_fitted_again_as_a_ridge() {
    let world = world(150, 600, 3);
    let ridge = PropensityParams::new().penalty(counterpart::propensity::Penalty::Ridge(30.0));
    let of = |w: &World| {
        let settings = MatchSettings::default();
        let (frame, treated) = (w.frame.clone(), w.treated.clone());
        Design::fix(frame, treated, &covariates(), &settings, ridge.clone(), 1).unwrap()
    };
    let made = boot(&world, &of(&world), 50, 5).unwrap();
    let table = written_out(&world, &drawn(&world.treated, 5, 3));
    let again = of(&table);
    let (spec, data) = &outcomes(&table)[0];
    let want = estimate(spec, data, again.matches(), SeMethod::Lab).unwrap();
    // linfa stops a little short of the maximum, and standardises by the replicate's own spread.
    let got = made.outcomes[0].difference.estimates[3];
    assert!(
        (got - want.difference.estimate).abs() < 0.02,
        "{got} {want:?}"
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let world = world(150, 700, 4);
    let design = design(&world, &MatchSettings::default());
    let on = |threads| {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        threads
            .unwrap()
            .install(|| boot(&world, &design, 120, 9).unwrap())
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(5));
    assert_ne!(one, boot(&world, &design, 120, 10).unwrap());
    // more replicates begin with the same ones
    let longer = boot(&world, &design, 200, 9).unwrap();
    let (short, long) = (&one.outcomes[0].difference, &longer.outcomes[0].difference);
    for (a, b) in short.estimates.iter().zip(&long.estimates) {
        close("a replicate of a longer run", *b, *a, 1e-12);
    }
}

#[test]
fn pairs_are_drawn_as_they_are() {
    let world = world(120, 800, 5);
    let settings = MatchSettings {
        caliper: Caliper::Width(0.2),
        ..MatchSettings::new(Method::Nearest)
    };
    let design = design(&world, &settings);
    let made = boot(&world, &design, 4_000, 6).unwrap();
    assert_eq!(made.scheme, Scheme::MatchedSets);
    // The bootstrap of a mean of pair differences is known: sqrt(sum (d - mean)^2) / n.
    let mut gaps = Vec::new();
    design.matches().for_each_pair(|t, c, _| {
        gaps.push(world.count[t as usize] - world.count[c as usize]);
    });
    let n = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / n;
    let want = gaps
        .iter()
        .map(|g| (g - mean) * (g - mean))
        .sum::<f64>()
        .sqrt()
        / n;
    let got = made.outcomes[3].difference.se;
    assert!((got / want - 1.0).abs() < 0.05, "{got} {want}");
}

#[test]
fn designs_it_does_not_describe_are_refused_with_the_reason() {
    let world = world(100, 500, 6);
    let refusal = |method, replace| {
        let settings = MatchSettings {
            replace,
            ..MatchSettings::new(method)
        };
        Scheme::of(&settings).unwrap_err().to_string()
    };
    for method in [Method::Nearest, Method::Mahalanobis] {
        assert!(refusal(method, true).contains("Abadie & Imbens 2008"));
    }
    for method in [Method::Full, Method::Subclass, Method::Exact, Method::Cem] {
        assert!(refusal(method, false).contains("has not been shown"));
    }
    let design = design(&world, &MatchSettings::default());
    let few = boot(&world, &design, 9, 1).unwrap_err();
    assert_eq!(few, Refused::TooFew { asked: 9 });
    let weights = vec![1.0; world.treated.len()];
    let sampled = Resampled {
        sampling: &weights,
        ..Resampled::from(&design)
    };
    let refused = bootstrap(&sampled, &[], 100, 1).unwrap_err();
    assert_eq!(refused, Refused::SamplingWeights);
}

#[test]
fn a_blank_outcome_costs_its_replicates_and_is_counted() {
    let mut world = world(100, 500, 7);
    let design = design(&world, &MatchSettings::default());
    let served = design.matches().weight.iter().position(|w| *w == 0.0);
    // Somebody nobody was matched to: the estimate stands, a few replicates do match that person.
    let Some(idle) = served else {
        panic!("everybody serves: choose another world")
    };
    world.event[design.matches().pool[idle] as usize] = f64::NAN;
    let made = boot(&world, &design, 100, 8).unwrap();
    let event = &made.outcomes[0].difference;
    assert_eq!(event.estimates.len() as u32 + event.without, 100);
    assert!(event.se.is_finite());
}

#[test]
fn replicates_that_lose_a_column_leave_it_out_as_the_design_does() {
    // Five of 60 participants have the need: about one replicate in 150 draws none of them.
    let mut world = world(60, 400, 8);
    let participants: Vec<usize> = (0..world.treated.len())
        .filter(|&r| world.treated[r])
        .collect();
    let needy: Vec<f64> = (0..world.treated.len())
        .map(|r| match participants.iter().position(|&p| p == r) {
            Some(k) => f64::from(u8::from(k < 2)),
            None => f64::from(u8::from(r % 7 == 0)),
        })
        .collect();
    world.frame.push("need", Column::Number(needy));
    let mut covariates = covariates();
    covariates.push(covariate("need", CovariateKind::Number));
    let of = |w: &World| {
        let (frame, treated) = (w.frame.clone(), w.treated.clone());
        let settings = MatchSettings::default();
        Design::fix(
            frame,
            treated,
            &covariates,
            &settings,
            PropensityParams::new(),
            1,
        )
        .unwrap()
    };
    let made = boot(&world, &of(&world), 60, 12).unwrap();
    let without: Vec<u32> = (0..60)
        .filter(|&k| {
            let counts = drawn(&world.treated, 12, k);
            participants[..2].iter().all(|&p| counts[p] == 0)
        })
        .collect();
    assert!(without.len() > 3, "{without:?}");
    assert_eq!(made.unfitted, 0);
    for &k in without.iter().take(3) {
        let table = written_out(&world, &drawn(&world.treated, 12, k));
        let again = of(&table);
        let (spec, data) = &outcomes(&table)[0];
        let want = estimate(spec, data, again.matches(), SeMethod::Lab).unwrap();
        let got = made.outcomes[0].difference.estimates[k as usize];
        close("without the column", got, want.difference.estimate, 1e-9);
    }
}

#[test]
fn separation_in_many_replicates_is_a_refusal() {
    // A number that all but separates: many replicates separate wholly.
    let n = 60;
    let treated: Vec<bool> = (0..n).map(|i| i >= 40).collect();
    let x: Vec<f64> = (0..n)
        .map(|i| match i {
            39 => 45.5,
            _ => f64::from(i),
        })
        .collect();
    let mut frame = Frame::new(n as usize);
    frame.push("x", Column::Number(x));
    let covariates = [covariate("x", CovariateKind::Number)];
    let settings = MatchSettings {
        caliper: Caliper::Width(5.0),
        ..MatchSettings::default()
    };
    let model = PropensityParams::new();
    let design = Design::fix(frame, treated, &covariates, &settings, model, 1).unwrap();
    let y: Vec<f64> = (0..n).map(|i| f64::from(i % 2)).collect();
    let data = OutcomeData {
        values: &y,
        given: None,
        exposure: None,
    };
    let binary = spec(OutcomeKind::Binary);
    let refused = bootstrap(&Resampled::from(&design), &[(&binary, data)], 100, 1).unwrap_err();
    assert!(
        matches!(refused, Refused::Failed { unfitted, .. } if unfitted > 10),
        "{refused}"
    );
}

/// SD of the estimates over cohorts of one world against the bootstrap's SE, and how often its
/// interval holds the truth; without an effect the truth is 0.
#[test]
fn the_error_is_the_spread_of_estimates_over_cohorts_planted() {
    let draws: u64 = std::env::var("DRAWS").map_or(24, |d| d.parse().unwrap());
    let mut random = ChaCha12Rng::seed_from_u64(77);
    let (mut estimates, mut errors, mut covered) = (Vec::new(), Vec::new(), 0u32);
    let settings = MatchSettings::default();
    for seed in 0..draws {
        let mut world = world(150, 1_500, 1_000 + seed);
        // A continuous outcome with an effect of -0.3 on everybody.
        let a = match world.frame.get("a") {
            Some(Column::Number(a)) => a.clone(),
            _ => Vec::new(),
        };
        for (r, y) in world.count.iter_mut().enumerate() {
            let noise: f64 = StandardNormal.sample(&mut random);
            *y = 0.8 * a[r] + noise - 0.3 * f64::from(u8::from(world.treated[r]));
        }
        let design = design(&world, &settings);
        let data = OutcomeData {
            values: &world.count,
            given: None,
            exposure: None,
        };
        let spec = spec(OutcomeKind::Continuous);
        let found = estimate(&spec, &data, design.matches(), SeMethod::Matched).unwrap();
        let made = bootstrap(&Resampled::from(&design), &[(&spec, data)], 200, seed).unwrap();
        let spread = &made.outcomes[0].difference;
        let interval = spread.interval(found.difference.estimate, found.difference.df);
        covered += u32::from(interval.ci_low <= -0.3 && -0.3 <= interval.ci_high);
        estimates.push(found.difference.estimate);
        errors.push(spread.se);
    }
    let n = estimates.len() as f64;
    let mean = estimates.iter().sum::<f64>() / n;
    let sd = (estimates
        .iter()
        .map(|e| (e - mean) * (e - mean))
        .sum::<f64>()
        / (n - 1.0))
        .sqrt();
    let se = (errors.iter().map(|e| e * e).sum::<f64>() / n).sqrt();
    let coverage = f64::from(covered) / n;
    println!(
        "bias {:.4} sd {sd:.4} bootstrap se {se:.4} coverage {coverage:.3}",
        mean + 0.3
    );
    // An SD of n draws is known to 1 / sqrt(2 n) of itself; coverage to a binomial's error.
    let slack = 3.0 / (2.0 * n).sqrt() + 0.05;
    assert!((se / sd - 1.0).abs() < slack, "se {se}, sd {sd}");
    assert!(
        (coverage - 0.95).abs() < 3.0 * (0.95 * 0.05 / n).sqrt() + 0.01,
        "{coverage}"
    );
}

#[test]
fn the_matrix_is_borrowed_not_copied() {
    let world = world(80, 300, 9);
    let design = design(&world, &MatchSettings::default());
    let parts = Resampled::from(&design);
    assert!(std::ptr::eq::<DesignMatrix>(parts.matrix, design.matrix()));
}
