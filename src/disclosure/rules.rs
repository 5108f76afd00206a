//! The thresholds: what is withheld when too few people stand behind a number.

use super::Released;
use super::curves;
use super::findings::{Findings, OutcomeFinding};
use super::parts::complementary;
use crate::study::{DisclosureMode, DisclosurePolicy, OutcomeKind};

/// People with and without a binary outcome, or the event by the horizon, in each group; what the threshold is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EachSide {
    /// Participants with the outcome.
    pub treated_with: u64,
    /// Participants without.
    pub treated_without: u64,
    /// Counterparts with.
    pub comparison_with: u64,
    /// Counterparts without.
    pub comparison_without: u64,
}

/// What the rules need to know of an outcome beside its finding.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// `None` where the outcome is neither binary nor survival, or has no estimate.
    pub each_side: Option<EachSide>,
    /// Name of the outcome of which this one is a part.
    pub part_of: Option<String>,
}

impl EachSide {
    fn smallest(self) -> u64 {
        self.treated_with
            .min(self.treated_without)
            .min(self.comparison_with)
            .min(self.comparison_without)
    }
}

/// Applies the policy and hands the findings out. `cells` has one entry an outcome of the headline
/// analysis, in order.
///
/// In controlled mode: no result on fewer than `min_matched` matched participants; no binary
/// outcome with fewer than `min_each_side` people with or without it in either group; no duration
/// on fewer than `min_matched` participants with the event; curves and quantiles coarsely; and
/// where outcomes add up to another, or to everybody, never one of them withheld alone, since it
/// could be worked out from the others. The findings record the policy and each rule.
pub fn release(
    mut findings: Findings,
    cells: &[Cell],
    policy: &DisclosurePolicy,
) -> Released<Findings> {
    findings.disclosure.policy = match policy.mode {
        DisclosureMode::None => "none".into(),
        DisclosureMode::Controlled => "controlled".into(),
    };
    if policy.mode == DisclosureMode::None {
        findings.disclosure.rules_applied = vec![
            "none: this is the analyst's own table, and nothing was rounded or withheld".into(),
        ];
        return Released(findings);
    }
    for analysis in &mut findings.analyses {
        let matched = analysis.design.participants_matched;
        let small_group = (matched < u64::from(policy.min_matched))
            .then(|| format!("fewer than {} matched participants", policy.min_matched));
        if small_group.is_some() {
            // A picture of a handful of scores is a picture of people.
            analysis.overlap = None;
        }
        for (i, outcome) in analysis.outcomes.iter_mut().enumerate() {
            let side = cells.get(i).and_then(|c| c.each_side);
            let rule = small_group
                .clone()
                .or_else(|| too_few(outcome, side, policy));
            if let Some(rule) = rule {
                withhold(outcome, rule);
            }
        }
        complementary(&mut analysis.outcomes, cells, policy.min_each_side);
        for outcome in &mut analysis.outcomes {
            curves::coarsen(outcome, policy.min_each_side);
        }
        let primary_withheld = analysis
            .outcomes
            .iter()
            .any(|o| o.primary && o.suppressed.is_some());
        if primary_withheld {
            findings.sensitivity.e_value = None;
            findings.sensitivity.specifications.clear();
        }
    }
    findings.disclosure.rules_applied = vec![
        format!("a cohort of at least {} people", policy.min_submitted),
        format!(
            "results only on {} or more matched participants",
            policy.min_matched
        ),
        format!(
            "a yes-or-no outcome only with {} or more people with it, and without it, in each group",
            policy.min_each_side
        ),
        format!(
            "a time to an event only with {} or more participants who had it",
            policy.min_matched
        ),
        "where outcomes add up to another one, or to everybody, never one of them withheld alone"
            .into(),
        format!(
            "a curve over time at no more than {} steps, each with {} or more events in each group",
            curves::STEPS,
            policy.min_each_side
        ),
        format!(
            "a quantile only with {} or more people on each side of it in each group, to two digits",
            policy.min_each_side
        ),
    ];
    let withheld = |a: &super::findings::Analysis| {
        a.outcomes.iter().filter(|o| o.suppressed.is_some()).count() as u64
    };
    findings.disclosure.suppressed_cells = findings.analyses.iter().map(withheld).sum();
    Released(findings)
}

fn too_few(
    outcome: &OutcomeFinding,
    side: Option<EachSide>,
    policy: &DisclosurePolicy,
) -> Option<String> {
    if outcome.suppressed.is_some() {
        return None;
    }
    match outcome.kind {
        // A mean time on a handful of events would tell when each of them was.
        OutcomeKind::Binary
        | OutcomeKind::Survival
        | OutcomeKind::Ordered
        | OutcomeKind::Categories => {
            (side?.smallest() < u64::from(policy.min_each_side)).then(|| {
                format!(
                    "fewer than {} people with or without this outcome in one of the groups",
                    policy.min_each_side
                )
            })
        }
        OutcomeKind::Duration => (outcome.treated.as_ref()?.people < u64::from(policy.min_matched))
            .then(|| {
                format!(
                    "fewer than {} participants had the event",
                    policy.min_matched
                )
            }),
        OutcomeKind::Count | OutcomeKind::Continuous => None,
    }
}

pub(super) fn withhold(outcome: &mut OutcomeFinding, rule: String) {
    outcome.treated = None;
    outcome.comparison = None;
    outcome.difference = None;
    outcome.ratio = None;
    outcome.no_ratio = None;
    outcome.survival = None;
    outcome.quantiles = None;
    outcome.adjusted = None;
    outcome.second_opinions.clear();
    outcome.number_needed = None;
    outcome.detectable = None;
    outcome.suppressed = Some(rule);
}
