//! Second opinions on an outcome, beside the headline.

use super::outcomes::Item;
use super::summary;
use crate::balance::Design;
use crate::disclosure::findings::{OutcomeFinding, SecondOpinion};
use crate::effect::adjusted::{Clusters, NotGiven, Opinion, bias_corrected, g_computation};
use crate::study::SeMethod;

/// Fills them in where the outcome has a headline for them to stand beside. The bootstrap's errors
/// are the headline's alone; beside it the default's are given.
pub(super) fn add(finding: &mut OutcomeFinding, item: &Item, design: &Design, se: SeMethod) {
    if finding.difference.is_none() {
        return;
    }
    let (spec, data) = (&item.spec, item.data());
    let (matrix, matches) = (design.matrix(), design.matches());
    let se = match se {
        SeMethod::Bootstrap => SeMethod::default_of(design.settings().method),
        se => se,
    };
    let se = matches.error_in_force(se);
    let corrected = bias_corrected(spec, &data, matrix, matches, se);
    finding.adjusted = corrected
        .as_ref()
        .ok()
        .map(|o| summary::difference(&o.difference, se));
    finding.second_opinions = vec![written("bias_corrected", corrected)];
    // A model of every covariate in both groups costs more than all the rest: the deciding outcome
    // alone is worth it.
    if item.spec.primary {
        let predicted = g_computation(spec, &data, matrix, matches, Clusters::Usual);
        finding
            .second_opinions
            .push(written("g_computation", predicted));
    }
}

fn written(method: &str, opinion: Result<Opinion, NotGiven>) -> SecondOpinion {
    let (interval, note) = match opinion {
        Ok(o) => (Some(o.difference), None),
        Err(why) => (None, Some(why.reason)),
    };
    let number = |f: fn(&crate::effect::Interval) -> f64| interval.as_ref().map(f);
    SecondOpinion {
        method: method.into(),
        estimate: number(|i| i.estimate),
        se: number(|i| i.se),
        ci_low: number(|i| i.ci_low),
        ci_high: number(|i| i.ci_high),
        p: number(|i| i.p),
        note,
    }
}
