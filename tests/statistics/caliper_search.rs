//! The caliper is searched for on balance alone, whatever the method that has one.

use crate::kit::designed;
use counterpart::balance::{Design, DesignError, worst_smd};
use counterpart::matching::MatchError;
use counterpart::numeric::frame::Column;
use counterpart::study::{CALIPER_GRID, Caliper, MatchSettings, Method, SMD_BOUND};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rand_distr::{Distribution, StandardNormal};

fn fixed(method: Method, caliper: Caliper) -> Result<Design, DesignError> {
    let mut rng = ChaCha12Rng::seed_from_u64(11);
    let (mut a, mut b, mut treated) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..1200 {
        let [x1, x2]: [f64; 2] = std::array::from_fn(|_| StandardNormal.sample(&mut rng));
        treated.push(rng.random::<f64>() < 1.0 / (1.0 + (1.6 - 0.8 * x1 - 0.5 * x2).exp()));
        a.push(x1);
        b.push(x2);
    }
    let settings = MatchSettings {
        caliper,
        ..MatchSettings::new(method)
    };
    let columns = vec![("a", Column::Number(a)), ("b", Column::Number(b))];
    designed(columns, &treated, &settings)
}

#[test]
fn the_widest_caliper_that_balances_is_taken_else_the_best() {
    for method in Method::ALL.into_iter().filter(|m| m.takes_caliper()) {
        let found = fixed(method, Caliper::Search).unwrap();
        let Caliper::Width(width) = found.settings().caliper else {
            panic!("{method:?}: no width");
        };
        let worst_at = |w: f64| {
            let design = fixed(method, Caliper::Width(w)).ok();
            design.map_or(f64::INFINITY, |d| worst_smd(d.balance()))
        };
        let worst = worst_smd(found.balance());
        assert_eq!(worst, worst_at(width), "{method:?}");
        if worst <= SMD_BOUND {
            let wider = CALIPER_GRID.into_iter().filter(|w| *w > width);
            assert!(wider.map(worst_at).all(|w| w > SMD_BOUND), "{method:?}");
        } else {
            assert!(
                CALIPER_GRID.into_iter().all(|w| worst_at(w) >= worst),
                "{method:?}"
            );
        }
    }
}

#[test]
fn methods_without_a_caliper_refuse_the_search() {
    for method in Method::ALL.into_iter().filter(|m| !m.takes_caliper()) {
        match fixed(method, Caliper::Search) {
            Err(DesignError::Matching(MatchError::Settings { setting, rule })) => {
                assert_eq!(setting, "caliper");
                assert!(rule.contains("knows no caliper"), "{rule}");
            }
            Err(e) => panic!("{method:?}: {e}"),
            Ok(_) => panic!("{method:?} searched"),
        }
    }
}
