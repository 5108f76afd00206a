//! The answer at other thresholds of linkage: groups that hold one another, and differ by few.

use super::differencing::{self, People, Shown};
use super::findings::{AtThreshold, LinkageSensitivity};
use super::rules::Cell;
use crate::quality::nearest;
use crate::study::DisclosurePolicy;

/// What the rules need to know of the answer at a threshold that is not the study's.
#[derive(Debug, Clone, Default)]
pub struct AtOtherThreshold {
    /// Which.
    pub threshold: f64,
    /// Exactly the people of the main analysis: what may be said of it may be said here.
    pub same_people: bool,
    /// Who stands behind it, numbered as in the main design; others after everybody of that.
    pub people: People,
    /// The outcome's cell.
    pub cell: Cell,
}

/// Applies the policy. `before` are the people of the analyses already shown, the main one first.
///
/// Counts of links go to the nearest five. An answer goes when it rests on few, or when with it an
/// answer about fewer than `min_matched` people could be worked out from it and those shown.
pub(super) fn control(
    s: &mut LinkageSensitivity,
    others: &[AtOtherThreshold],
    mut before: Vec<People>,
    primary_withheld: bool,
    policy: &DisclosurePolicy,
) {
    let min = policy.min_matched;
    for other in others {
        let Some(row) = s.rows.iter_mut().find(|r| r.threshold == other.threshold) else {
            continue;
        };
        if other.same_people || row.difference.is_none() {
            continue;
        }
        let side = other.cell.each_side;
        let few = row.matched.is_none_or(|m| m < u64::from(min))
            || side.is_some_and(|e| e.smallest() < u64::from(policy.min_each_side));
        if few {
            withhold(row, "it rests on too few people");
            continue;
        }
        before.push(other.people.clone());
        if differencing::shown(&before, min).last() == Some(&Shown::Nothing) {
            before.pop();
            withhold(
                row,
                &format!(
                    "the people found at it and at another threshold differ by some, but fewer than {min}"
                ),
            );
        }
    }
    let main = s.rows.iter().find(|r| r.main);
    let main = main.map_or(0, |r| nearest(r.found, 5));
    for row in &mut s.rows {
        if primary_withheld {
            withhold(row, "the result itself is withheld");
        }
        row.found = nearest(row.found, 5);
        row.against_main = row.found as i64 - main as i64;
        row.matched = row.matched.map(|m| nearest(m, 5));
    }
}

fn withhold(row: &mut AtThreshold, why: &str) {
    row.matched = None;
    row.difference = None;
    row.why_not = Some(why.into());
}

/// Does the answer depend on the threshold?
pub(super) fn said(s: &LinkageSensitivity) -> String {
    let answers: Vec<i8> = s.rows.iter().filter_map(direction).collect();
    let Some(first) = answers.first().filter(|_| answers.len() > 1) else {
        return "Whether the answer depends on how sure a link has to be cannot be said: an answer \
                can be shown at one threshold only."
            .into();
    };
    match answers.iter().all(|a| a == first) {
        true => {
            "The answer does not depend on how sure a link has to be: at every threshold shown \
                 it is the same."
                .into()
        }
        false => "The answer depends on how sure a link has to be: treat it as a first indication."
            .into(),
    }
}

/// -1, 0 or 1: the interval is below zero, holds it, or is above.
fn direction(row: &AtThreshold) -> Option<i8> {
    let d = row.difference.as_ref()?;
    Some(i8::from(d.ci_low > 0.0) - i8::from(d.ci_high < 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclosure::findings::Difference;

    fn row(threshold: f64, main: bool, found: u64, low: f64) -> AtThreshold {
        AtThreshold {
            threshold,
            main,
            found,
            against_main: 0,
            matched: Some(found),
            difference: Some(Difference {
                estimate: low + 0.05,
                se: 0.02,
                se_method: "matched".into(),
                df: 100.0,
                ci_low: low,
                ci_high: low + 0.1,
                p: 0.5,
                p_holm: None,
                percentile: None,
            }),
            why_not: None,
        }
    }

    fn people(n: u32) -> People {
        People {
            entered: (0..n).collect(),
            matched: (0..n).collect(),
        }
    }

    fn controlled(others: [(f64, u32); 2]) -> LinkageSensitivity {
        let mut s = LinkageSensitivity {
            threshold: 0.95,
            rows: vec![
                row(others[0].0, false, others[0].1.into(), -0.2),
                row(0.95, true, 203, -0.2),
                row(others[1].0, false, others[1].1.into(), -0.2),
            ],
            sentence: String::new(),
        };
        let evidence = others.map(|(threshold, n)| AtOtherThreshold {
            threshold,
            people: people(n),
            ..AtOtherThreshold::default()
        });
        let policy = DisclosurePolicy::default();
        control(&mut s, &evidence, vec![people(203)], false, &policy);
        s
    }

    #[test]
    fn groups_that_differ_by_few_are_not_both_answered() {
        let shown = |s: &LinkageSensitivity| -> Vec<bool> {
            s.rows.iter().map(|r| r.difference.is_some()).collect()
        };
        let s = controlled([(0.8, 233), (0.99, 173)]);
        assert_eq!(shown(&s), [true; 3], "30 more, 30 fewer");
        let s = controlled([(0.8, 232), (0.99, 174)]);
        assert_eq!(shown(&s), [false, true, false], "29 more, 29 fewer");
        assert_eq!(s.rows[0].matched, None);
        // Counts of links are told, to the nearest five.
        let found: Vec<(u64, i64)> = s.rows.iter().map(|r| (r.found, r.against_main)).collect();
        assert_eq!(found, [(230, 25), (205, 0), (175, -30)]);
    }

    #[test]
    fn the_sentence_says_whether_the_direction_stays() {
        let mut s = controlled([(0.8, 303), (0.99, 103)]);
        assert!(said(&s).contains("does not depend"));
        s.rows[2] = row(0.99, false, 100, -0.05);
        assert!(said(&s).contains("depends on how sure"));
        s.rows.truncate(1);
        assert!(said(&s).contains("cannot be said"));
    }
}
