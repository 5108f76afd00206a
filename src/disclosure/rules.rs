//! The thresholds: what is withheld when too few people stand behind a number.

use super::Released;
use super::differencing::{self, People, Shown};
use super::findings::{Analysis, Findings, OutcomeFinding, WithheldAnalysis};
use super::noise::Noise;
use super::parts::complementary;
use super::print::{self, Tested};
use super::thresholds::AtOtherThreshold;
use super::{attrition, counts, formal, said, sensitivity, subgroups, thresholds};
use crate::quality::Measured;
use crate::study::{DisclosureMode, DisclosurePolicy, OutcomeKind};

/// People with and without a binary outcome, the event by the horizon, or any of what is counted, in each group; what the
/// threshold is held against.
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
    /// `None` where the outcome is none of binary, count and survival, or has no estimate.
    pub each_side: Option<EachSide>,
    /// Name of the outcome of which this one is a part.
    pub part_of: Option<String>,
    /// Does one person make up nearly all of a group's total?
    pub dominated: bool,
}

/// What the rules need to know beside the findings.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// A list an analysis, with an entry an outcome, in order.
    pub cells: Vec<Vec<Cell>>,
    /// An entry a placebo outcome, in order.
    pub placebos: Vec<Cell>,
    /// Who stands behind each analysis, the main one first.
    pub people: Vec<People>,
    /// Counts behind the quality of list, register and links.
    pub measured: Option<Measured>,
    /// What stands behind the answers at other thresholds of linkage.
    pub thresholds: Vec<AtOtherThreshold>,
    /// The largest share of a comparison group's weight that one person has, by analysis.
    pub largest_share: Vec<f64>,
    /// Was the release held against earlier ones?
    pub guarded: bool,
}

impl EachSide {
    pub(super) fn smallest(self) -> u64 {
        self.treated_with
            .min(self.treated_without)
            .min(self.comparison_with)
            .min(self.comparison_without)
    }
}

/// Applies the policy and hands the findings out. `evidence` has an entry for each analysis, in
/// order.
///
/// In controlled mode: no result on fewer than `min_matched` matched participants; no binary
/// outcome with fewer than `min_each_side` people with or without it in either group; no duration
/// on fewer than `min_matched` participants with the event; curves and quantiles coarsely; and
/// where outcomes add up to another, or to everybody, never one of them withheld alone, since it
/// could be worked out from the others. An analysis beside the main one goes as a whole when it
/// rests on few, or when it and others leave out few. The findings record the policy and each rule.
pub fn release(
    findings: Findings,
    evidence: &Evidence,
    policy: &DisclosurePolicy,
) -> Released<Findings> {
    release_with(findings, evidence, policy, &mut Noise::of_the_system())
}

/// [`release`] with noise of one's own, for tests: with noise that can be foretold formal mode
/// promises nothing.
pub fn release_with(
    mut findings: Findings,
    evidence: &Evidence,
    policy: &DisclosurePolicy,
    noise: &mut Noise,
) -> Released<Findings> {
    findings.disclosure.policy = match policy.mode {
        DisclosureMode::None => "none".into(),
        DisclosureMode::Controlled => "controlled".into(),
        DisclosureMode::Formal => "formal".into(),
    };
    if policy.mode == DisclosureMode::None {
        findings.disclosure.rules_applied = vec![
            "none: this is the analyst's own table, and nothing was rounded or withheld".into(),
        ];
        counts::assess(&mut findings, evidence.measured.as_ref(), policy);
        if let Some(s) = &mut findings.quality.linkage_sensitivity {
            s.sentence = thresholds::said(s);
        }
        return Released(findings);
    }
    let tested = Tested::of(&findings);
    let mut noised = None;
    let mut added = Vec::new();
    if policy.mode == DisclosureMode::Formal {
        let mut own = evidence.clone();
        added = formal::control(&mut findings, &mut own, policy, noise);
        noised = Some(own);
    }
    let evidence = noised.as_ref().unwrap_or(evidence);
    let gone = withhold_further(&mut findings, evidence, policy);
    let kept = (0..).filter(|i| !gone.contains(i));
    for (analysis, place) in findings.analyses.iter_mut().zip(kept) {
        let cells = evidence.cells.get(place).map_or(&[][..], Vec::as_slice);
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
                .or_else(|| too_few(outcome, side, policy))
                .or_else(|| dominated(outcome, cells.get(i)));
            if let Some(rule) = rule {
                withhold(outcome, rule);
            }
        }
        complementary(&mut analysis.outcomes, cells, policy.min_each_side);
    }
    let main = findings.analyses.iter().find(|a| a.headline);
    let group_is_small =
        main.is_none_or(|a| a.design.participants_matched < u64::from(policy.min_matched));
    let primary_withheld = main.is_none_or(|a| {
        a.outcomes
            .iter()
            .any(|o| o.primary && o.suppressed.is_some())
    });
    if let Some(s) = &mut findings.quality.linkage_sensitivity {
        let shown = evidence.people.iter().enumerate();
        let shown = shown.filter(|(i, _)| !gone.contains(i));
        let before = shown.map(|(_, people)| people.clone()).collect();
        thresholds::control(s, &evidence.thresholds, before, primary_withheld, policy);
    }
    counts::assess(&mut findings, evidence.measured.as_ref(), policy);
    let placebos = sensitivity::control(
        &mut findings.sensitivity,
        &evidence.placebos,
        primary_withheld,
        group_is_small,
        policy,
    );
    subgroups::control(&mut findings, evidence, &gone, policy);
    print::everything(&mut findings, tested, &added, policy);
    if let Some(s) = &mut findings.quality.linkage_sensitivity {
        s.sentence = thresholds::said(s);
    }
    counts::band(&mut findings);
    attrition::control(&mut findings.flow);
    print::by_the_table(&mut findings);
    findings.disclosure.rules_applied = said::rules(policy);
    findings.disclosure.control = Some(said::control(policy, evidence.guarded));
    let withheld = |a: &super::findings::Analysis| {
        a.outcomes.iter().filter(|o| o.suppressed.is_some()).count() as u64
    };
    findings.disclosure.suppressed_cells =
        findings.analyses.iter().map(withheld).sum::<u64>() + placebos;
    Released(findings)
}

/// Takes out the analyses beside the main one that may not be shown, and gives their places.
fn withhold_further(
    findings: &mut Findings,
    evidence: &Evidence,
    policy: &DisclosurePolicy,
) -> Vec<usize> {
    let min = policy.min_matched;
    // One that rests on few shows nothing that others could be taken from.
    let few = |a: &Analysis| !a.headline && a.design.participants_matched < u64::from(min);
    // Of whom it is not said who stands behind it, an analysis cannot be judged.
    let known = |i: usize| evidence.people.len() > i || findings.analyses[i].headline;
    let places: Vec<usize> = (0..findings.analyses.len())
        .filter(|&i| !few(&findings.analyses[i]) && known(i))
        .collect();
    let people: Vec<People> = places
        .iter()
        .map(|&i| evidence.people.get(i).cloned().unwrap_or_default())
        .collect();
    let shown = differencing::shown(&people, min);
    let mut gone = Vec::new();
    let mut kept = Vec::new();
    for (i, mut analysis) in std::mem::take(&mut findings.analyses)
        .into_iter()
        .enumerate()
    {
        let of = places.iter().position(|&p| p == i).map(|p| shown[p]);
        let reason = match of {
            _ if analysis.headline => None,
            None => Some(format!("fewer than {min} matched participants")),
            Some(Shown::Nothing) => Some(format!(
                "with it, results of fewer than {min} people could be worked out from the other analyses"
            )),
            Some(Shown::Differences) => {
                differencing::differences_only(&mut analysis);
                None
            }
            Some(Shown::Whole) => None,
        };
        match reason {
            None => kept.push(analysis),
            Some(reason) => {
                gone.push(i);
                findings.analyses_withheld.push(WithheldAnalysis {
                    id: analysis.id,
                    title: analysis.title,
                    reason,
                });
            }
        }
    }
    findings.analyses = kept;
    gone
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
        // Without it, counts rest on everybody.
        OutcomeKind::Count => {
            let with = side?.treated_with.min(side?.comparison_with);
            (with < u64::from(policy.min_each_side)).then(|| {
                format!(
                    "fewer than {} people with any of it in one of the groups",
                    policy.min_each_side
                )
            })
        }
        OutcomeKind::Continuous => None,
    }
}

/// A total that is nearly one person's tells that person's value.
fn dominated(outcome: &OutcomeFinding, cell: Option<&Cell>) -> Option<String> {
    let open = outcome.suppressed.is_none();
    cell.filter(|c| open && c.dominated)
        .map(|_| "nearly all of a group\u{2019}s total is one person\u{2019}s".into())
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
