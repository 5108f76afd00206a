//! Analyses of some of the people beside one of all: those left out have outcomes too, which are the
//! one less the other.

use super::findings::Findings;
use super::printed::UNIT;
use super::rules::{Cell, EachSide, Evidence, withhold};
use super::suppression::Cells;
use crate::quality::nearest;
use crate::study::DisclosurePolicy;

/// Withholds an outcome of an analysis of some where few of the others have it, or have it not, and
/// what is printed tells that it is few: nobody could have been shown them by themselves. `gone` are
/// the analyses withheld already; numbers of people are still exact.
pub(super) fn control(
    findings: &mut Findings,
    evidence: &Evidence,
    gone: &[usize],
    policy: &DisclosurePolicy,
) {
    let kept: Vec<usize> = (0..evidence.cells.len())
        .filter(|i| !gone.contains(i))
        .collect();
    let Some(main) = kept.first().and_then(|&i| evidence.cells.get(i)) else {
        return;
    };
    let few = u64::from(policy.min_each_side);
    for (analysis, place) in findings.analyses.iter_mut().zip(kept).skip(1) {
        let own: &[Cell] = evidence.cells.get(place).map_or(&[], Vec::as_slice);
        for (i, o) in analysis.outcomes.iter_mut().enumerate() {
            let of = |cells: &[Cell]| cells.get(i).and_then(|c| c.each_side);
            let (Some(all), Some(some)) = (of(main), of(own)) else {
                continue;
            };
            if o.treated.is_some() && seen_to_be_few(all, some, few) {
                withhold(
                    o,
                    "with it, what happened to a few people it leaves out could be worked out"
                        .into(),
                );
            }
        }
    }
}

/// Are those of all who are not of some few on a side, and can it be seen?
fn seen_to_be_few(all: EachSide, some: EachSide, few: u64) -> bool {
    let sides = [
        (all.treated_with, some.treated_with),
        (all.treated_without, some.treated_without),
    ];
    let left_out: u64 = sides.iter().map(|(a, s)| a.saturating_sub(*s)).sum();
    left_out > 0
        && sides.iter().any(|&(all, some)| {
            let mut cells = Cells::default();
            let whole = cells.rounded(nearest(all, UNIT));
            let part = cells.rounded(nearest(some, UNIT));
            let rest = cells.hidden(left_out);
            cells.add_up(&[part, rest], whole);
            // As far above as rounding reaches: at the threshold itself it would still be seen.
            all.saturating_sub(some) < few && cells.interval(rest).1 < (few + UNIT) as f64
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(with: u64, without: u64) -> EachSide {
        EachSide {
            treated_with: with,
            treated_without: without,
            comparison_with: 500,
            comparison_without: 500,
        }
    }

    #[test]
    fn a_few_left_out_are_not_told_by_subtraction() {
        // 140 people of whom 45 have it; of 100 of them, 43.
        assert!(seen_to_be_few(side(45, 95), side(43, 57), 10));
        // 45 less 30: between 10 and 20.
        assert!(!seen_to_be_few(side(45, 95), side(30, 70), 10));
        // Nobody is left out.
        assert!(!seen_to_be_few(side(45, 95), side(45, 95), 10));
    }
}
