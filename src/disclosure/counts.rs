//! Counts of people found: never the exact number, since of a list of strangers and one other it
//! would tell whether that one is on the register.

use super::findings::{Findings, FlowStep};
use super::printed::digits;
use super::suppression::Cells;
use crate::quality::{
    About, Aspect, GroupCount, MatchRate, Measured, Share, confidence, fact, groups, nearest,
};
use crate::study::DisclosurePolicy;
use serde_json::{Value, json};

/// Counts go to the nearest multiple of this.
const UNIT: u64 = super::printed::UNIT;
/// Fewer than this are said to be that, and written as [`UNIT`].
pub const FEW: u64 = 10;
/// Steps of the attrition that the list alone decides: whoever sent it can count them.
const OF_THE_LIST: [&str; 3] = ["submitted", "readable", "unique"];

/// Works out the twelve answers, how often each kind of person was found, and the confidence they
/// allow; in controlled mode from rounded counts.
pub(super) fn assess(
    findings: &mut Findings,
    measured: Option<&Measured>,
    policy: &DisclosurePolicy,
) {
    let Some(measured) = measured else { return };
    let controlled = policy.mode.guards();
    let (counts, rates) = match controlled {
        true => (
            Measured {
                // Facts times people: to the nearest five it would be the number of people.
                covariates_known: coarse(measured.covariates_known),
                ..measured.banded(UNIT)
            },
            controlled_rates(&measured.groups, policy),
        ),
        false => (measured.clone(), groups::rates(&measured.groups)),
    };
    let quality = &mut findings.quality;
    quality.facts = fact::facts(&counts, &findings.study.words.event);
    let less: Vec<String> = rates
        .iter()
        .filter(|r| r.less_often && r.suppressed.is_none())
        .map(|r| confidence::kind(&r.by, &r.group))
        .collect();
    let confidence = confidence::confidence(&quality.facts, &less);
    quality.confidence = Some(confidence);
    quality.match_rates = rates;
}

/// Can nobody work out, from the kinds shown and everybody together, how many of a withheld kind
/// were found to within `width`? Of each kind the sender of the list knows how many there are.
fn hidden_well(groups: &[GroupCount], all: &[usize], gone: &[usize], width: u64) -> bool {
    let mut cells = Cells::default();
    let parts: Vec<usize> = all
        .iter()
        .map(|&i| match gone.contains(&i) {
            true => cells.hidden(groups[i].people),
            false => cells.rounded(nearest(groups[i].found, UNIT)),
        })
        .collect();
    let found: u64 = all.iter().map(|&i| groups[i].found).sum();
    let whole = cells.rounded(nearest(found, UNIT));
    cells.add_up(&parts, whole);
    let mut hidden = parts.iter().zip(all).filter(|(_, i)| gone.contains(i));
    hidden.all(|(&cell, &i)| cells.protected(cell, width.min(groups[i].people) as f64))
}

/// A share of very many, of a whole told to two digits.
fn coarse(s: Share) -> Share {
    let whole = digits(s.whole as f64, 2);
    let part = whole * s.part as f64 / s.whole.max(1) as f64;
    Share::new(part.round() as u64, whole as u64)
}

/// How often each kind was found: kinds of few, and kinds of whom few were found or few were not,
/// are withheld, and with one of them the next smallest until those withheld are two kinds and
/// `min_matched` people together, since the kinds add up to everybody. What is shown is worked out
/// from counts to the nearest five.
fn controlled_rates(groups: &[GroupCount], policy: &DisclosurePolicy) -> Vec<MatchRate> {
    let (min, side) = (
        u64::from(policy.min_matched),
        u64::from(policy.min_each_side),
    );
    let open = |g: &GroupCount| {
        g.people >= min && g.found >= side && g.people.saturating_sub(g.found) >= side
    };
    let mut withheld: Vec<bool> = groups.iter().map(|g| g.people > 0 && !open(g)).collect();
    let mut kinds: Vec<&str> = groups.iter().map(|g| g.by).collect();
    kinds.dedup();
    for by in kinds {
        let of = |i: &usize| groups[*i].by == by && groups[*i].people > 0;
        let all: Vec<usize> = (0..groups.len()).filter(of).collect();
        loop {
            let gone: Vec<usize> = all.iter().copied().filter(|&i| withheld[i]).collect();
            let people: u64 = gone.iter().map(|&i| groups[i].people).sum();
            let safe = gone.len() > 1 && people >= min && hidden_well(groups, &all, &gone, side);
            if gone.is_empty() || safe {
                break;
            }
            let rest = all.iter().copied().filter(|&i| !withheld[i]);
            match rest.min_by_key(|&i| groups[i].people) {
                Some(next) => withheld[next] = true,
                None => break,
            }
        }
    }
    let banded: Vec<GroupCount> = groups
        .iter()
        .map(|g| {
            let people = nearest(g.people, UNIT);
            GroupCount {
                people,
                found: nearest(g.found, UNIT).min(people),
                ..g.clone()
            }
        })
        .collect();
    let hidden = |r: &MatchRate| {
        let mut all = groups.iter().zip(&withheld);
        all.any(|(g, w)| *w && g.by == r.by && g.group == r.group)
    };
    let mut rates = groups::rates(&banded);
    for r in &mut rates {
        if hidden(r) {
            *r = MatchRate {
                by: std::mem::take(&mut r.by),
                group: std::mem::take(&mut r.group),
                suppressed: Some("too few people, or too few found or not found".into()),
                ..MatchRate::default()
            };
        }
    }
    rates
}

/// Rounds every count of people from finding them on, and everything recorded of the links.
pub(super) fn band(findings: &mut Findings) {
    let submitted = findings.flow.first().map_or(0, |s| s.people);
    for step in &mut findings.flow {
        if !OF_THE_LIST.contains(&step.step.as_str()) {
            band_step(step, submitted);
        }
    }
    for analysis in &mut findings.analyses {
        let design = &mut analysis.design;
        let dropped = design.participants - design.participants_matched;
        if analysis.headline {
            let few = findings
                .warnings
                .iter_mut()
                .filter(|w| w.code == "participants_dropped");
            few.for_each(|w| w.message = dropped_said(dropped));
        }
        design.participants = nearest(design.participants, UNIT);
        design.participants_matched = nearest(design.participants_matched, UNIT);
        let about = analysis.flow.first().map_or(0, |s| s.people);
        for step in &mut analysis.flow {
            band_step(step, about);
        }
    }
    let found = findings.quality.facts.iter();
    let mut found = found.filter(|f| (f.about, f.aspect) == (About::Links, Aspect::Complete));
    let found = found.next().and_then(|f| f.percent);
    for (key, value) in &mut findings.quality.linkage {
        match (key.ends_with('%'), found) {
            // A share exact to the whole percent would tell the count again.
            (true, Some(percent)) => *value = json!(percent.round()),
            _ => band_value(value),
        }
    }
    for (key, value) in &mut findings.quality.register {
        if key.starts_with("left out of the pool") || key.starts_with("more than one") {
            band_value(value);
        }
    }
}

fn dropped_said(dropped: u64) -> String {
    let how_many = match dropped {
        n if n < FEW => format!("fewer than {FEW}"),
        n => format!("about {}", nearest(n, UNIT)),
    };
    format!("{how_many} participants had no counterpart; the result speaks for those who had")
}

fn band_step(step: &mut FlowStep, whole: u64) {
    step.people = nearest(step.people, UNIT);
    if whole > 0 {
        step.percent_of_submitted = (100.0 * step.people as f64 / whole as f64).min(100.0);
    }
    for loss in &mut step.lost {
        loss.people = few_or_nearest(loss.people);
    }
}

fn few_or_nearest(people: u64) -> u64 {
    match people {
        0 => 0,
        n if n < FEW => UNIT,
        n => nearest(n, UNIT),
    }
}

/// A number recorded as a fact, to the nearest five.
fn band_value(value: &mut Value) {
    if let Some(n) = value.as_u64() {
        *value = json!(nearest(n, UNIT));
    } else if let Some(x) = value.as_f64() {
        *value = json!((x / UNIT as f64).round() * UNIT as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(group: &str, people: u64, found: u64) -> GroupCount {
        GroupCount {
            by: "Sex",
            group: group.into(),
            people,
            found,
        }
    }

    fn shown(groups: &[GroupCount]) -> Vec<bool> {
        let rates = controlled_rates(groups, &DisclosurePolicy::default());
        rates.iter().map(|r| r.suppressed.is_none()).collect()
    }

    #[test]
    fn a_kind_of_few_is_withheld_and_never_alone() {
        let (a, b) = (group("a", 200, 150), group("b", 100, 60));
        assert_eq!(shown(&[a.clone(), b.clone()]), [true; 2]);
        // 29 people; the next smallest goes with them.
        assert_eq!(
            shown(&[a.clone(), b.clone(), group("c", 29, 15)]),
            [true, false, false]
        );
        // Nine of a hundred not found; both of two kinds go.
        assert_eq!(shown(&[a.clone(), group("c", 100, 91)]), [false; 2]);
        // Two of few, 22 people together, take a third with them.
        let few = [group("c", 12, 6), group("d", 10, 5)];
        assert_eq!(
            shown(&[&[a.clone(), b.clone()], &few[..]].concat()),
            [true, false, false, false]
        );
        // Nobody at all is no kind.
        assert_eq!(shown(&[a, b, group("c", 0, 0)]), [true; 2]);
    }

    #[test]
    fn what_is_shown_is_worked_out_from_counts_to_the_nearest_five() {
        let groups = [group("a", 203, 148), group("b", 101, 62)];
        let rates = controlled_rates(&groups, &DisclosurePolicy::default());
        assert_eq!((rates[0].people, rates[0].found), (Some(205), Some(150)));
        assert_eq!(rates[1].percent, Some(60.0));
    }

    #[test]
    fn few_are_said_to_be_few() {
        let got: Vec<u64> = [0, 1, 9, 10, 12, 13].map(few_or_nearest).into();
        assert_eq!(got, [0, 5, 5, 10, 10, 15]);
    }
}
