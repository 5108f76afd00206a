//! Second opinions: by hand, what must hold, planted truth, hostile tables.

use crate::kit::{Line, nearest, radius, spec, table};
use counterpart::covariates::DesignMatrix;
use counterpart::effect::adjusted::{Clusters, NotGiven, Opinion, bias_corrected, g_computation};
use counterpart::effect::{OutcomeData, estimate};
use counterpart::matching::Matches;
use counterpart::numeric::frame::Column;
use counterpart::study::{MatchSettings, Method, OutcomeKind, SeMethod};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

struct Case {
    matrix: DesignMatrix,
    matches: Matches,
    y: Vec<f64>,
}

impl Case {
    /// Participants first; matched on `score`.
    fn new(n: usize, x: &[Vec<f64>], score: &[f64], y: Vec<f64>, settings: &MatchSettings) -> Case {
        let line = Line::new(&score[..n], &score[n..]);
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let columns = names.iter().zip(x);
        let (mut frame, covariates) = table(
            columns
                .map(|(&n, x)| (n, Column::Number(x.clone())))
                .collect(),
        );
        Case {
            matrix: DesignMatrix::build(&mut frame, &line.treated, &covariates).unwrap(),
            matches: line.matched(settings, 1).unwrap(),
            y,
        }
    }

    fn data(&self) -> OutcomeData<'_> {
        OutcomeData {
            values: &self.y,
            given: None,
            exposure: None,
        }
    }

    fn corrected(&self, kind: OutcomeKind) -> Result<Opinion, NotGiven> {
        let se = SeMethod::Matched;
        bias_corrected(&spec(kind), &self.data(), &self.matrix, &self.matches, se)
    }

    fn predicted(&self, kind: OutcomeKind) -> Result<Opinion, NotGiven> {
        let usual = Clusters::Usual;
        g_computation(
            &spec(kind),
            &self.data(),
            &self.matrix,
            &self.matches,
            usual,
        )
    }

    fn headline(&self, kind: OutcomeKind) -> f64 {
        let se = SeMethod::Matched;
        estimate(&spec(kind), &self.data(), &self.matches, se)
            .unwrap()
            .difference
            .estimate
    }
}

fn near(got: f64, want: f64) {
    assert!((got - want).abs() < 1e-9, "{got} is not {want}");
}

const NUMBER: OutcomeKind = OutcomeKind::Continuous;

#[test]
fn a_correction_worked_by_hand() {
    // Pairs (1,0), (3,2), (5,4), (8,7) in x. Pool y = 0, 3, 3, 8 at x = 0, 2, 4, 7:
    // means 3.25 and 3.5; Sxx = 26.75, Sxy = 28.5, so that mu0 rises by 28.5 / 26.75 a unit of x.
    // Every gap is 1: the correction is one slope. Participants' mean is 5, the difference 1.5.
    let x = vec![1.0, 3.0, 5.0, 8.0, 0.0, 2.0, 4.0, 7.0];
    let y = vec![2.0, 4.0, 5.0, 9.0, 0.0, 3.0, 3.0, 8.0];
    let score = vec![0.0, 10.0, 20.0, 30.0, 0.0, 10.0, 20.0, 30.0];
    let case = Case::new(4, &[x], &score, y, &nearest());
    near(case.headline(NUMBER), 1.5);
    let got = case.corrected(NUMBER).unwrap();
    near(got.difference.estimate, 1.5 - 28.5 / 26.75);
    assert_eq!((got.coefficients, got.aliased), (2, 0));
    // The residuals' gaps differ from the outcomes' by the same for all: 2, 1, 2, 1 around 1.5.
    near(got.difference.se, (4.0 * 0.25f64).sqrt() / 4.0);
    // One regression an arm says the same of the comparison.
    let predicted = case.predicted(NUMBER).unwrap();
    near(predicted.difference.estimate, 1.5 - 28.5 / 26.75);
    near(predicted.mean_treated, 5.0);
}

#[test]
fn risks_of_one_yes_or_no_covariate_worked_by_hand() {
    // With one yes-or-no covariate the logistic model is the table of shares. Participants: 2 of 6
    // with x = 1. Pool: 1 of 4 at x = 0, 2 of 4 at x = 1. So 4/6 of 1/4 and 2/6 of 2/4.
    let x = [
        0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0,
    ];
    let y = [
        1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0,
    ];
    let score = [0.0; 14];
    let mut everybody = radius(1.0);
    everybody.se = SeMethod::Matched;
    let case = Case::new(6, &[x.to_vec()], &score, y.to_vec(), &everybody);
    let got = case.predicted(OutcomeKind::Binary).unwrap();
    near(got.mean_treated, 4.0 / 6.0);
    near(got.mean_comparison, (4.0 * 0.25 + 2.0 * 0.5) / 6.0);
    let ratio = got.log_risk_ratio.unwrap().estimate;
    near(ratio, (got.mean_treated / got.mean_comparison).ln());
}

/// Participants who are `shift` further along two covariates, matched coarsely; the outcome rises
/// with both, by `noise`, and by 2 for taking part.
fn drawn(seed: u64, shift: f64, noise: f64, settings: &MatchSettings) -> Case {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (n, pool) = (60, 240);
    // The sum of twelve is near enough to a normal draw.
    let mut normal = move || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
    let (mut a, mut b, mut y) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..n + pool {
        let by = if i < n { shift } else { 0.0 };
        a.push(normal() + by);
        b.push(normal() + by);
        let effect = if i < n { 2.0 } else { 0.0 };
        y.push(1.5 * a[i] - 0.5 * b[i] + effect + noise * normal());
    }
    let score: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
    Case::new(n, &[a, b], &score, y, settings)
}

fn designs() -> Vec<MatchSettings> {
    let mut reused = nearest();
    reused.replace = true;
    reused.ratio = 3;
    let mut kernel = MatchSettings::new(Method::Kernel);
    kernel.caliper = radius(0.8).caliper;
    let strata = MatchSettings::new(Method::Subclass);
    let full = MatchSettings::new(Method::Full);
    vec![radius(0.8), nearest(), reused, kernel, strata, full]
}

#[test]
fn a_linear_truth_is_found_whatever_matching_left_over() {
    for settings in designs() {
        // So little noise that the answer is exact to six digits.
        let case = drawn(5, 0.8, 1e-9, &settings);
        let plain = case.headline(NUMBER);
        for got in [case.corrected(NUMBER), case.predicted(NUMBER)] {
            let got = got.unwrap().difference.estimate;
            assert!((got - 2.0).abs() < 1e-6, "{:?}: {got}", settings.method);
        }
        assert!((plain - 2.0).abs() > 1e-3, "nothing was left over: {plain}");
    }
}

#[test]
fn in_perfect_balance_both_are_the_headline() {
    // The pool holds everybody's double, at the same score.
    let a: Vec<f64> = (0..20).map(|i| f64::from(i * i % 7)).collect();
    let b: Vec<f64> = (0..20).map(|i| f64::from(i % 3)).collect();
    let twice = |v: &[f64]| [v, v].concat();
    let score: Vec<f64> = (0..20).map(|i| f64::from(i) * 9.0).collect();
    let y = (0..40).map(|i| f64::from(i * 13 % 11)).collect();
    let case = Case::new(20, &[twice(&a), twice(&b)], &twice(&score), y, &nearest());
    let tau = case.headline(NUMBER);
    near(case.corrected(NUMBER).unwrap().difference.estimate, tau);
    near(case.predicted(NUMBER).unwrap().difference.estimate, tau);
}

#[test]
fn a_constant_added_to_everybody_changes_nothing() {
    for settings in designs() {
        let mut case = drawn(6, 0.6, 1.0, &settings);
        let before = [case.corrected(NUMBER), case.predicted(NUMBER)].map(Result::unwrap);
        case.y.iter_mut().for_each(|y| *y += 1000.0);
        let after = [case.corrected(NUMBER), case.predicted(NUMBER)].map(Result::unwrap);
        for (before, after) in before.iter().zip(&after) {
            near(before.difference.estimate, after.difference.estimate);
            near(before.difference.se, after.difference.se);
        }
    }
}

#[test]
fn they_are_less_biased_than_the_headline_and_cover_as_promised() {
    let (draws, mut plain) = (200, 0.0);
    let mut bias = [0.0; 2];
    let mut covered = [0; 2];
    for seed in 0..draws {
        let case = drawn(seed, 0.7, 1.0, &radius(1.6));
        plain += case.headline(NUMBER) - 2.0;
        let both = [case.corrected(NUMBER), case.predicted(NUMBER)];
        for (k, got) in both.into_iter().enumerate() {
            let i = got.unwrap().difference;
            bias[k] += i.estimate - 2.0;
            covered[k] += u32::from(i.ci_low <= 2.0 && 2.0 <= i.ci_high);
        }
    }
    println!("bias {plain} {bias:?} of {draws}, covered {covered:?}");
    for k in 0..2 {
        assert!(
            bias[k].abs() < 0.25 * plain.abs(),
            "{bias:?} beside {plain}"
        );
        // 95 % of 200 less three Monte-Carlo errors.
        assert!(covered[k] >= 181, "{covered:?}");
    }
}

#[test]
fn a_column_that_repeats_others_changes_nothing() {
    let case = drawn(7, 0.5, 1.0, &nearest());
    let (a, b) = (case.matrix.column(0), case.matrix.column(1));
    let score: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
    let more = [a, b, score.clone()];
    let again = Case::new(60, &more, &score, case.y.clone(), &nearest());
    let pairs = [
        (case.corrected(NUMBER), again.corrected(NUMBER), 1),
        (case.predicted(NUMBER), again.predicted(NUMBER), 2),
    ];
    for (once, again, aliased) in pairs {
        let (once, again) = (once.unwrap(), again.unwrap());
        near(once.difference.estimate, again.difference.estimate);
        near(once.difference.se, again.difference.se);
        assert_eq!(again.aliased, aliased);
        assert_eq!(again.coefficients, once.coefficients);
    }
}

#[test]
fn hostile_tables_get_a_reason_and_never_a_number() {
    let refused = |got: Result<Opinion, NotGiven>, why: &str| {
        let reason = got.unwrap_err().reason;
        assert!(reason.contains(why), "{reason}");
    };
    // Everybody has the same outcome.
    let mut case = drawn(8, 0.5, 1.0, &nearest());
    case.y.fill(1.0);
    refused(
        case.corrected(OutcomeKind::Binary),
        "the same for everybody",
    );
    refused(
        case.predicted(OutcomeKind::Binary),
        "the same for everybody",
    );
    // All participants have it: a risk of 1 has no log odds.
    for (i, y) in case.y.iter_mut().enumerate() {
        *y = f64::from(u8::from(i < 60 || i % 2 == 0));
    }
    refused(case.predicted(OutcomeKind::Binary), "did not settle");
    assert!(case.corrected(OutcomeKind::Binary).is_ok());
    // One participant.
    let x = vec![0.1, 0.0, 1.0, 2.0, 3.0];
    let one = Case::new(
        1,
        std::slice::from_ref(&x),
        &x,
        vec![1.0, 0.0, 2.0, 1.0, 0.0],
        &nearest(),
    );
    refused(one.corrected(NUMBER), "fewer than two");
    refused(one.predicted(NUMBER), "fewer than two");
    // As many columns as people.
    let score: Vec<f64> = (0..8).map(f64::from).collect();
    let wide: Vec<Vec<f64>> = (1..5)
        .map(|k| score.iter().map(|x| (x * f64::from(k)).sin()).collect())
        .collect();
    let y = score.iter().map(|x| (x * 7.0).cos()).collect();
    let wide = Case::new(4, &wide, &score, y, &nearest());
    refused(wide.corrected(NUMBER), "as many columns");
    refused(wide.predicted(NUMBER), "as many columns");
    // Over time, and among those with the event.
    let case = drawn(9, 0.5, 1.0, &nearest());
    for kind in [OutcomeKind::Survival, OutcomeKind::Duration] {
        assert!(case.corrected(kind).is_err() && case.predicted(kind).is_err());
    }
}
