//! The thresholds: what is withheld when too few people stand behind a number.

use super::Released;
use super::findings::{Findings, OutcomeFinding};
use crate::study::{DisclosureMode, DisclosurePolicy, OutcomeKind};

/// People with and without a binary outcome in each group; what the threshold is held against.
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

impl EachSide {
    fn smallest(self) -> u64 {
        self.treated_with
            .min(self.treated_without)
            .min(self.comparison_with)
            .min(self.comparison_without)
    }
}

/// Applies the policy and hands the findings out. `sides` has one entry an outcome of the
/// headline analysis, in order; `None` where the outcome is not binary or has no estimate.
///
/// In controlled mode: no result on fewer than `min_matched` matched participants; no binary
/// outcome with fewer than `min_each_side` people with or without it in either group; no duration
/// on fewer than `min_matched` participants with the event; when one of the parts of a total is
/// withheld, so is the smallest other part, so that it cannot be subtracted back. The findings
/// record the policy and each rule that was applied.
pub fn release(
    mut findings: Findings,
    sides: &[Option<EachSide>],
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
    let mut withheld = 0;
    for analysis in &mut findings.analyses {
        let matched = analysis.design.participants_matched;
        let small_group = (matched < u64::from(policy.min_matched))
            .then(|| format!("fewer than {} matched participants", policy.min_matched));
        if small_group.is_some() {
            // A picture of a handful of scores is a picture of people.
            analysis.overlap = None;
        }
        for (i, outcome) in analysis.outcomes.iter_mut().enumerate() {
            let side = sides.get(i).copied().flatten();
            let rule = small_group
                .clone()
                .or_else(|| too_few(outcome, side, policy));
            if let Some(rule) = rule {
                withhold(outcome, rule);
                withheld += 1;
            }
        }
        withheld += complementary(&mut analysis.outcomes);
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
        "when one of two or more outcomes of a group is withheld, a second one is too".into(),
    ];
    findings.disclosure.suppressed_cells = withheld;
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
        OutcomeKind::Binary => (side?.smallest() < u64::from(policy.min_each_side)).then(|| {
            format!(
                "fewer than {} people with or without this outcome in one of the groups",
                policy.min_each_side
            )
        }),
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

/// Binary outcomes that are parts of the primary one share its unit and direction; a single
/// withheld part could be had as the total less the rest, so the next smallest goes too.
fn complementary(outcomes: &mut [OutcomeFinding]) -> u64 {
    let is_part = |o: &OutcomeFinding| o.kind == OutcomeKind::Binary && !o.primary;
    let withheld = outcomes
        .iter()
        .filter(|o| is_part(o) && o.suppressed.is_some())
        .count();
    if withheld != 1 {
        return 0;
    }
    let next = outcomes
        .iter_mut()
        .filter(|o| is_part(o) && o.suppressed.is_none())
        .min_by(|a, b| {
            let size = |o: &OutcomeFinding| o.treated.as_ref().map_or(0.0, |t| t.mean);
            size(a).total_cmp(&size(b))
        });
    match next {
        Some(outcome) => {
            withhold(
                outcome,
                "with it, an outcome withheld for small numbers could be worked out".into(),
            );
            1
        }
        None => 0,
    }
}

fn withhold(outcome: &mut OutcomeFinding, rule: String) {
    outcome.treated = None;
    outcome.comparison = None;
    outcome.difference = None;
    outcome.ratio = None;
    outcome.adjusted = None;
    outcome.number_needed = None;
    outcome.detectable = None;
    outcome.suppressed = Some(rule);
}
