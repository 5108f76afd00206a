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

/// What the rules need to know of an outcome beside its finding.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// `None` where the outcome is not binary or has no estimate.
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
/// on fewer than `min_matched` participants with the event; and where outcomes add up to another,
/// never one of them withheld alone, since it could be worked out from the others. The findings
/// record the policy and each rule.
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
        complementary(&mut analysis.outcomes, cells);
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
        "where outcomes add up to another one, never one of them withheld alone".into(),
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

/// Where parts add up to a whole, one number withheld alone could be worked out from the others:
/// the smallest part still shown goes too.
fn complementary(outcomes: &mut [OutcomeFinding], cells: &[Cell]) {
    let part_of = |i: usize| cells.get(i).and_then(|c| c.part_of.as_deref());
    for whole in 0..outcomes.len() {
        let name = outcomes[whole].name.clone();
        let parts: Vec<usize> = (0..outcomes.len())
            .filter(|&i| part_of(i) == Some(&name))
            .collect();
        let shown = |o: &OutcomeFinding| o.suppressed.is_none();
        let withheld = parts
            .iter()
            .chain([&whole])
            .filter(|&&i| !shown(&outcomes[i]))
            .count();
        if parts.is_empty() || withheld != 1 {
            continue;
        }
        let size = |i: usize| outcomes[i].treated.as_ref().map_or(0.0, |t| t.mean);
        let smallest = parts
            .iter()
            .copied()
            .filter(|&i| shown(&outcomes[i]))
            .min_by(|&a, &b| size(a).total_cmp(&size(b)));
        // A whole with a single part is that part: then the whole goes.
        let next = smallest.unwrap_or(whole);
        withhold(
            &mut outcomes[next],
            "with it, an outcome withheld for small numbers could be worked out".into(),
        );
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclosure::findings::GroupValue;
    use crate::study::Better;

    fn outcome(name: &str, mean: f64) -> OutcomeFinding {
        OutcomeFinding {
            name: name.into(),
            kind: OutcomeKind::Binary,
            primary: name == "any",
            unit: String::new(),
            label: name.into(),
            phrase: String::new(),
            better: Better::Lower,
            treated: Some(GroupValue { people: 100, mean }),
            comparison: None,
            difference: None,
            ratio: None,
            adjusted: None,
            number_needed: None,
            detectable: None,
            can_say: String::new(),
            cannot_say: String::new(),
            suppressed: None,
        }
    }

    /// Names still shown after `withheld` ones were withheld, of a whole, its three parts and an
    /// outcome that has nothing to do with them.
    fn shown(withheld: &[&str]) -> Vec<String> {
        let means = [
            ("any", 0.5),
            ("a", 0.2),
            ("b", 0.25),
            ("c", 0.05),
            ("custody", 0.01),
        ];
        let mut outcomes: Vec<OutcomeFinding> = means.map(|(n, m)| outcome(n, m)).into();
        let cells = means.map(|(n, _)| Cell {
            part_of: ["a", "b", "c"].contains(&n).then(|| "any".to_owned()),
            ..Cell::default()
        });
        for o in outcomes
            .iter_mut()
            .filter(|o| withheld.contains(&o.name.as_str()))
        {
            withhold(o, "small".into());
        }
        complementary(&mut outcomes, &cells);
        outcomes
            .iter()
            .filter(|o| o.suppressed.is_none())
            .map(|o| o.name.clone())
            .collect()
    }

    #[test]
    fn no_part_and_no_whole_is_withheld_alone() {
        // the smallest part still shown goes with it
        assert_eq!(shown(&["c"]), ["any", "b", "custody"]);
        assert_eq!(shown(&["any"]), ["a", "b", "custody"]);
        // one unrelated outcome withheld beside it protects nothing
        assert_eq!(shown(&["c", "custody"]), ["any", "b"]);
        // two withheld protect each other
        assert_eq!(shown(&["a", "c"]), ["any", "b", "custody"]);
        // an unrelated outcome alone takes nobody with it
        assert_eq!(shown(&["custody"]), ["any", "a", "b", "c"]);
        assert_eq!(shown(&[]).len(), 5);
    }
}
