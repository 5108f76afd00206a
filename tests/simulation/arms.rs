//! The methods and standard errors that look at each cohort.

use crate::world::{Records, World};
use counterpart::study::{Caliper, MatchSettings, Method, SeMethod, WeightKind};

/// One way of matching.
pub struct Arm {
    pub name: &'static str,
    pub settings: MatchSettings,
    /// Also by the bootstrap, and by the second opinions.
    pub opinions: bool,
}

fn radius(width: f64) -> MatchSettings {
    MatchSettings {
        caliper: Caliper::Width(width),
        ..MatchSettings::default()
    }
}

fn kernel(width: f64) -> MatchSettings {
    MatchSettings {
        caliper: Caliper::Width(width),
        ..MatchSettings::new(Method::Kernel)
    }
}

fn nearest(ratio: usize, replace: bool) -> MatchSettings {
    MatchSettings {
        method: Method::Nearest,
        caliper: Caliper::Width(0.2),
        ratio,
        replace,
        ..MatchSettings::default()
    }
}

/// With its defaults.
fn method(method: Method) -> MatchSettings {
    MatchSettings::new(method)
}

fn weighting(weights: WeightKind) -> MatchSettings {
    MatchSettings {
        weights,
        ..MatchSettings::new(Method::Weighting)
    }
}

/// The methods that a world can be matched by: nobody has an exact equal where columns are numbers.
pub fn arms_of(world: &World) -> Vec<Arm> {
    let equals = world.records == Records::Categories;
    arms()
        .into_iter()
        .filter(|a| equals || a.settings.method != Method::Exact)
        .collect()
}

/// The default first.
pub fn arms() -> Vec<Arm> {
    let arm = |name, settings| Arm {
        name,
        settings,
        opinions: false,
    };
    vec![
        arm("radius 0.1", radius(0.1)),
        arm("radius 0.2", radius(0.2)),
        arm("kernel 0.2", kernel(0.2)),
        arm("nearest 1, once", nearest(1, false)),
        arm("nearest 1, reused", nearest(1, true)),
        arm("nearest 5, reused", nearest(5, true)),
        arm("mahalanobis 1, once", method(Method::Mahalanobis)),
        arm("optimal pairs", method(Method::Optimal)),
        arm("full", method(Method::Full)),
        arm("subclass", method(Method::Subclass)),
        arm("exact", method(Method::Exact)),
        arm("cem", method(Method::Cem)),
        arm("odds weights", weighting(WeightKind::Odds)),
        arm("entropy balancing", weighting(WeightKind::Entropy)),
        arm("overlap weights", weighting(WeightKind::Overlap)),
    ]
}

/// The standard errors that the method allows.
pub fn errors(arm: &Arm) -> Vec<SeMethod> {
    [
        SeMethod::Matched,
        SeMethod::Lab,
        SeMethod::Cluster,
        SeMethod::Robust,
        SeMethod::Stacked,
    ]
    .into_iter()
    .filter(|&se| {
        let settings = MatchSettings {
            se,
            ..arm.settings.clone()
        };
        settings.check().is_ok()
    })
    .collect()
}
