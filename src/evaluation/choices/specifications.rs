//! The primary outcome under every method and caliper a careful reader would ask about.
//!
//! Cost: a matching and a pass of balance each, no model is fitted again; methods whose cost grows
//! faster than the sorting of everybody are left out, and say so, where people are many.

use super::Primary;
use crate::balance::{self, Design};
use crate::disclosure::findings::{RefusedSpecification, Specification};
use crate::effect;
use crate::matching::MatchError;
use crate::study::{Caliper, CaliperScale, MatchSettings, Method, SeMethod, Study, WeightKind};

/// Rows of the table above which the slower methods are not tried beside the chosen one.
const MANY: usize = 300_000;

/// Designs made, the chosen one first and then by method, and those that could not be.
#[derive(Default)]
pub(super) struct Tried {
    pub made: Vec<Specification>,
    pub refused: Vec<RefusedSpecification>,
}

pub(super) fn tried(study: &Study, design: &Design, primary: &Primary) -> Tried {
    let mut tried = Tried::default();
    tried.made.push(described(
        design.settings(),
        &primary.estimate.difference,
        design.matches(),
        balance::worst_smd(design.balance()),
        true,
    ));
    for settings in others(study) {
        if same(&settings, design.settings()) {
            continue;
        }
        match specification(study, design, primary, &settings) {
            Ok(made) => tried.made.push(made),
            Err(reason) => tried.refused.push(RefusedSpecification {
                method: name(&settings),
                caliper: width(&settings),
                reason,
            }),
        }
    }
    tried
}

/// Every method at its defaults, calipers for those that have one.
fn others(study: &Study) -> Vec<MatchSettings> {
    let plain = |method| MatchSettings {
        exact: study.matching.exact.clone(),
        common_support: study.matching.common_support,
        ..MatchSettings::new(method)
    };
    let wide = |method, caliper| MatchSettings {
        caliper: Caliper::Width(caliper),
        ..plain(method)
    };
    let weighting = |weights| MatchSettings {
        weights,
        ..plain(Method::Weighting)
    };
    let mut all = Vec::new();
    all.extend([0.2, 0.1, 0.05, 0.02].map(|w| wide(Method::Radius, w)));
    all.extend([0.2, 0.1, 0.05].map(|w| wide(Method::Kernel, w)));
    all.push(wide(Method::Nearest, 0.2));
    all.push(MatchSettings {
        replace: true,
        ..wide(Method::Nearest, 0.2)
    });
    all.push(MatchSettings {
        replace: true,
        ratio: 5,
        ..wide(Method::Nearest, 0.2)
    });
    all.push(MatchSettings {
        caliper: Caliper::None,
        ..plain(Method::Nearest)
    });
    all.extend([Method::Mahalanobis, Method::Optimal, Method::Full].map(|m| wide(m, 0.2)));
    all.extend([Method::Subclass, Method::Exact, Method::Cem].map(plain));
    all.extend([WeightKind::Odds, WeightKind::Entropy, WeightKind::Overlap].map(weighting));
    all
}

/// Do the two come to the same matching? The standard error is another matter.
fn same(a: &MatchSettings, b: &MatchSettings) -> bool {
    let matching = |s: &MatchSettings| MatchSettings {
        se: SeMethod::default(),
        replicates: 0,
        ..s.clone()
    };
    matching(a) == matching(b)
}

/// The primary outcome under other settings, or why not.
fn specification(
    study: &Study,
    design: &Design,
    primary: &Primary,
    settings: &MatchSettings,
) -> Result<Specification, String> {
    let slow = matches!(
        settings.method,
        Method::Optimal | Method::Full | Method::Mahalanobis
    );
    if slow && design.treated().len() > MANY {
        return Err("not tried: with this many people it takes long; choose it as the study's own method to have it".into());
    }
    let matches = design.rematched(settings).map_err(|e| match e {
        MatchError::NobodyMatched { .. } => "no participant has a counterpart".into(),
        e => e.to_string(),
    })?;
    let data = primary.item.data();
    let estimate = effect::estimate(&primary.item.spec, &data, &matches, settings.se).map_err(
        |e| match study.disclosure.mode.guards() {
            false => e.to_string(),
            true => "too few people were matched, or differ on the outcome".into(),
        },
    )?;
    let balance = balance::measure(design.matrix(), design.treated(), &matches);
    Ok(described(
        settings,
        &estimate.difference,
        &matches,
        balance::worst_smd(&balance),
        false,
    ))
}

fn described(
    settings: &MatchSettings,
    difference: &effect::Interval,
    matches: &crate::matching::Matches,
    largest_smd: f64,
    chosen: bool,
) -> Specification {
    let other_scale = chosen && settings.caliper_scale != CaliperScale::LpSd;
    let note = match (settings.estimand(), other_scale) {
        (crate::study::Estimand::Ato, _) => {
            Some("speaks for those of whom it was undecided whether they would take part".into())
        }
        (_, true) => Some(format!(
            "its caliper is measured on the {} scale",
            settings.caliper_scale.as_str()
        )),
        _ => None,
    };
    Specification {
        method: name(settings),
        caliper: width(settings),
        estimate: difference.estimate,
        ci_low: difference.ci_low,
        ci_high: difference.ci_high,
        participants_matched: matches.participants.len() as u64,
        chosen,
        estimand: settings.estimand().as_str().into(),
        largest_smd: largest_smd.is_finite().then_some(largest_smd),
        comparison_ess: Some(matches.ess()),
        note,
    }
}

fn width(settings: &MatchSettings) -> Option<f64> {
    match settings.caliper {
        Caliper::Width(w) if settings.method.takes_caliper() => Some(w),
        _ => None,
    }
}

/// For people: the method and what tells it from its kin.
fn name(settings: &MatchSettings) -> String {
    let method = settings.method.as_str();
    match settings.method {
        Method::Weighting => format!("{method}, {}", settings.weights.as_str()),
        m if m.takes_replace() => {
            let many = match settings.ratio {
                1 => String::new(),
                k => format!(", {k} each"),
            };
            let again = if settings.replace {
                ", with replacement"
            } else {
                ""
            };
            format!("{method}{many}{again}")
        }
        _ => method.to_owned(),
    }
}
