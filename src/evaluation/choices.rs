//! How far the answer rests on the choices made: the primary outcome under other designs, and what
//! something unseen would have to be.

use super::outcomes::data;
use super::{Context, Stage};
use crate::balance::Design;
use crate::disclosure::findings::{Sensitivity, Specification};
use crate::effect::{self, Estimate};
use crate::numeric::frame::Frame;
use crate::study::{Caliper, MatchSettings, Method, Study};

/// E-value and specifications of the primary outcome.
pub(super) fn sensitivity(
    study: &Study,
    design: &Design,
    outcomes: &Frame,
    primary: Option<&Estimate>,
    context: &Context,
) -> Sensitivity {
    let e_value = primary
        .and_then(|e| e.ratios.iter().find(|r| r.kind == "risk_ratio"))
        .map(|r| effect::e_value(r.log.estimate.exp()));
    let mut specifications = Vec::new();
    if context.specifications && primary.is_some() {
        (context.progress)(Stage::Checking);
        specifications = other_designs(study)
            .iter()
            .filter_map(|s| specification(study, design, outcomes, s))
            .collect();
    }
    Sensitivity {
        e_value,
        specifications,
        ..Sensitivity::default()
    }
}

/// The designs a careful reader would ask about.
fn other_designs(study: &Study) -> Vec<MatchSettings> {
    let with = |method, caliper, replace| MatchSettings {
        caliper,
        replace,
        exact: study.matching.exact.clone(),
        common_support: study.matching.common_support,
        ..MatchSettings::new(method)
    };
    let radius = |w| with(Method::Radius, Caliper::Width(w), true);
    vec![
        radius(0.2),
        radius(0.1),
        radius(0.05),
        radius(0.02),
        with(Method::Nearest, Caliper::Width(0.2), false),
        with(Method::Nearest, Caliper::Width(0.2), true),
        with(Method::Nearest, Caliper::None, false),
    ]
}

/// The primary outcome under other settings; nothing when they match nobody.
fn specification(
    study: &Study,
    design: &Design,
    outcomes: &Frame,
    settings: &MatchSettings,
) -> Option<Specification> {
    let matches = design.rematched(settings).ok()?;
    let spec = study.primary();
    let estimate =
        effect::estimate(spec, &data(spec, outcomes).ok()?, &matches, settings.se).ok()?;
    let method = match settings.method.takes_replace() && settings.replace {
        true => format!("{}, with replacement", settings.method.as_str()),
        false => settings.method.as_str().to_owned(),
    };
    Some(Specification {
        method,
        caliper: match settings.caliper {
            Caliper::Width(w) => Some(w),
            _ => None,
        },
        estimate: estimate.difference.estimate,
        ci_low: estimate.difference.ci_low,
        ci_high: estimate.difference.ci_high,
        participants_matched: matches.participants.len() as u64,
    })
}
