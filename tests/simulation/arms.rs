//! The methods and standard errors that look at each cohort.

use counterpart::study::{Caliper, MatchSettings, Method, SeMethod, WeightKind};

/// One way of matching.
pub struct Arm {
    pub name: &'static str,
    pub settings: MatchSettings,
}

fn radius(width: f64) -> MatchSettings {
    MatchSettings {
        caliper: Caliper::Width(width),
        ..MatchSettings::default()
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

/// The default first.
pub fn arms() -> Vec<Arm> {
    let arm = |name, settings| Arm { name, settings };
    vec![
        arm("radius 0.1", radius(0.1)),
        arm("radius 0.2", radius(0.2)),
        arm("nearest 1, once", nearest(1, false)),
        arm("nearest 1, reused", nearest(1, true)),
        arm("nearest 5, reused", nearest(5, true)),
        arm("mahalanobis 1, once", method(Method::Mahalanobis)),
        arm("optimal pairs", method(Method::Optimal)),
        arm("full", method(Method::Full)),
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
