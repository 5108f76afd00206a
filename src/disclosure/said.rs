//! The rules in words, and the policy for a machine.

use super::findings::Control;
use super::leaves;
use super::printed::UNIT;
use super::{counts, curves, sensitivity};
use crate::study::{DisclosureMode, DisclosurePolicy};

/// Every rule applied, in words.
pub(super) fn rules(policy: &DisclosurePolicy) -> Vec<String> {
    let (matched, side) = (policy.min_matched, policy.min_each_side);
    let mut rules = vec![
        format!("a cohort of at least {} people", policy.min_submitted),
        format!("results only on {matched} or more matched participants"),
        format!(
            "a yes-or-no outcome only with {side} or more people with it, and without it, in each group"
        ),
        format!("a time to an event only with {matched} or more participants who had it"),
        format!(
            "an average of what is counted only with {side} or more people in each group who have any of it; no average where the person with the second largest value could work out the largest to within a tenth of it"
        ),
        format!(
            "numbers of people to the nearest {UNIT}, and rates worked out from those, so never 0 % or 100 %; of the pool, to two digits"
        ),
        "differences, ranges, ratios, what could be detected and what would explain a result away worked out from the printed rates and sizes; means of other kinds to steps of five people\u{2019}s worth and their errors rounded up; every range is widened by what rounding adds, and its ends are rounded outwards".into(),
        "p as one of four bands (below 0.001, 0.01 or 0.05, or not), from the printed numbers".into(),
        format!(
            "bounds on what is unseen (Rosenbaum) only on {} or more matched sets, downwards to a tenth",
            sensitivity::SETS
        ),
        "in the tables of how alike the groups were, shares of fewer than 10 as 5, and means to steps of five people\u{2019}s worth".into(),
        "where outcomes add up to another one, or to everybody, never one of them withheld alone"
            .into(),
        format!(
            "of a number withheld, nobody can work out from everything printed in which range of {side} people it lies (checked by linear programming)"
        ),
        format!(
            "a curve over time at no more than {} steps, each with {side} or more events in each group",
            curves::STEPS,
        ),
        format!(
            "a quantile only with {side} or more people on each side of it in each group, to two digits"
        ),
        format!(
            "how often a kind of people was found only where {matched} or more of them were looked for, with {side} or more found and not found, and never one kind withheld alone"
        ),
        format!(
            "people lost from finding them on, and everything about links, to the nearest {UNIT}; fewer than {} of a reason as {UNIT}, so that they may not add up",
            counts::FEW
        ),
        format!(
            "the answer at another threshold of linkage only where the people it is about differ by none or {matched} or more from those of every other answer shown"
        ),
        format!(
            "an analysis of some of the people only where those it leaves out, and those that several such analyses leave out together, are none or {matched} or more, and none of its outcomes where those left out would be seen to have fewer than {side} with it or without it"
        ),
    ];
    if policy.mode == DisclosureMode::Formal {
        rules.push(format!(
            "random noise (discrete Laplace, exactly sampled) on the number of people with each outcome in each group before anything else, spending {} in all for this report; ranges are widened by it; other kinds of outcome, other analyses and all checks that would need the exact outcomes are left out",
            policy.epsilon
        ));
        rules.push(format!(
            "each person\u{2019}s record may be part of {} releases in its life; after that it is left out without a word",
            policy.uses
        ));
    }
    rules
}

/// The same for a machine.
pub(super) fn control(policy: &DisclosurePolicy, guarded: bool) -> Control {
    Control {
        min_submitted: policy.min_submitted,
        min_matched: policy.min_matched,
        min_each_side: policy.min_each_side,
        count_unit: UNIT,
        epsilon: (policy.mode == DisclosureMode::Formal).then_some(policy.epsilon),
        repeats_guarded: guarded,
        numbers: leaves::table(),
        limits: limits(policy.mode, guarded),
    }
}

fn limits(mode: DisclosureMode, guarded: bool) -> Vec<String> {
    let mut limits: Vec<String> = Vec::new();
    match mode {
        DisclosureMode::Formal => limits.push(
            "Whether a person of the list has a record is rounded, not noised: somebody who knows of all others on the list can learn it.".into(),
        ),
        _ => limits.push(
            "Somebody who chose the list, and knows what happened to everybody on it but one, can often tell from a rounded count what happened to that one.".into(),
        ),
    }
    if !guarded {
        limits.push(
            "No record of earlier releases was kept: that nearly the same people were not asked about before is for whoever releases this to see to.".into(),
        );
    }
    limits
}
