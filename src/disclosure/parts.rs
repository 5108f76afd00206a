//! Where outcomes add up: what is withheld must not be worked out from what is shown.

use super::findings::OutcomeFinding;
use super::printed::UNIT;
use super::rules::{Cell, withhold};
use super::suppression::Cells;
use crate::quality::nearest;
use crate::study::OutcomeKind;

/// Why a part that could stand alone is withheld.
const RULE: &str = "with it, an outcome withheld for small numbers could be worked out";

/// Where parts add up to a whole (another outcome, or for the levels of one in categories
/// everybody), one number withheld alone is the whole less the others: the smallest parts still
/// shown go too, until there are two and, where the whole is known, until those withheld are
/// `min_each_side` people together in each group, since their sum can still be worked out. Of counts
/// it is totals that add up, and one person can have some of several parts: two withheld parts are
/// some of as many people as the larger at least.
pub(super) fn complementary(outcomes: &mut [OutcomeFinding], cells: &[Cell], min_each_side: u32) {
    let part_of = |i: usize| cells.get(i).and_then(|c| c.part_of.as_deref());
    let mut wholes: Vec<&str> = (0..outcomes.len()).filter_map(part_of).collect();
    wholes.sort_unstable();
    wholes.dedup();
    for name in wholes {
        let parts: Vec<usize> = (0..outcomes.len())
            .filter(|&i| part_of(i) == Some(name))
            .collect();
        let whole = outcomes.iter().position(|o| o.name == name);
        while let Some(next) = unprotected(outcomes, cells, &parts, whole, min_each_side)
            .or_else(|| not_hidden(outcomes, cells, (&parts, whole), min_each_side))
        {
            withhold(&mut outcomes[next], RULE.into());
        }
    }
}

/// Who must go next for the numbers withheld to stay unknown to within `width` people, from all that
/// is printed of the participants; nobody when they do.
fn not_hidden(
    outcomes: &[OutcomeFinding],
    cells: &[Cell],
    (parts, whole): (&[usize], Option<usize>),
    width: u32,
) -> Option<usize> {
    let people_add_up = |&i: &usize| outcomes[i].kind != OutcomeKind::Count;
    if !parts.iter().all(people_add_up) {
        return None;
    }
    let shown = |i: usize| outcomes[i].treated.is_some();
    let people = cells.iter().filter_map(|c| c.each_side.as_ref());
    let most = people.map(|s| s.treated_with + s.treated_without).max()?;
    let mut lp = Cells::default();
    let mut cell = |i: usize| match (shown(i), &cells[i].each_side) {
        (true, Some(s)) => lp.rounded(nearest(s.treated_with, UNIT)),
        _ => lp.hidden(most),
    };
    let of_parts: Vec<usize> = parts.iter().map(|&i| cell(i)).collect();
    let of_whole = whole.map(&mut cell);
    // Parts of everybody add up to everybody.
    let of_whole = of_whole.unwrap_or_else(|| lp.rounded(nearest(most, UNIT)));
    lp.add_up(&of_parts, of_whole);
    let hidden: Vec<usize> = (0..parts.len()).filter(|&p| !shown(parts[p])).collect();
    if hidden.is_empty()
        || hidden
            .iter()
            .all(|&p| lp.protected(of_parts[p], width.into()))
    {
        return None;
    }
    let size = |i: usize| outcomes[i].treated.as_ref().map_or(0.0, |t| t.mean);
    let left = parts.iter().copied().filter(|&i| shown(i));
    left.min_by(|&a, &b| size(a).total_cmp(&size(b)))
        .or(whole.filter(|&w| shown(w)))
}

/// Who must go next; nobody when what is withheld is safe.
fn unprotected(
    outcomes: &[OutcomeFinding],
    cells: &[Cell],
    parts: &[usize],
    whole: Option<usize>,
    min_each_side: u32,
) -> Option<usize> {
    let shown = |i: &usize| outcomes[*i].suppressed.is_none();
    let withheld: Vec<usize> = parts.iter().copied().filter(|i| !shown(i)).collect();
    let whole_shown = whole.is_none_or(|w| shown(&w));
    let count = withheld.len() + usize::from(!whole_shown);
    if count == 0 {
        return None;
    }
    // With the whole withheld nothing is left to subtract from.
    let small = whole_shown && {
        let with = |of: fn(&super::EachSide) -> u64| -> u64 {
            let sides = withheld.iter().filter_map(|&i| cells[i].each_side.as_ref());
            match outcomes[parts[0]].kind {
                OutcomeKind::Count => sides.map(of).max().unwrap_or(0),
                _ => sides.map(of).sum(),
            }
        };
        // Nobody at all at a level leaves no count: it is as good as none.
        let min = u64::from(min_each_side);
        with(|s| s.treated_with) < min || with(|s| s.comparison_with) < min
    };
    if count > 1 && !small {
        return None;
    }
    let size = |i: usize| outcomes[i].treated.as_ref().map_or(0.0, |t| t.mean);
    let smallest = parts
        .iter()
        .copied()
        .filter(shown)
        .min_by(|&a, &b| size(a).total_cmp(&size(b)));
    // A whole with a single part is that part: then the whole goes.
    smallest.or(whole.filter(|_| whole_shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclosure::EachSide;
    use crate::disclosure::findings::GroupValue;
    use crate::study::Better;

    fn outcome(name: &str, mean: f64) -> OutcomeFinding {
        OutcomeFinding {
            name: name.into(),
            kind: OutcomeKind::Binary,
            primary: name == "any",
            unit: String::new(),
            label: name.into(),
            table: name.into(),
            phrase: String::new(),
            better: Better::Lower,
            treated: Some(GroupValue { people: 100, mean }),
            comparison: None,
            difference: None,
            ratio: None,
            no_ratio: None,
            survival: None,
            quantiles: None,
            adjusted: None,
            second_opinions: Vec::new(),
            number_needed: None,
            detectable: None,
            can_say: String::new(),
            cannot_say: String::new(),
            suppressed: None,
        }
    }

    fn side(with: u64) -> EachSide {
        EachSide {
            treated_with: with,
            treated_without: 100 - with,
            comparison_with: with,
            comparison_without: 100 - with,
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
        let cells = means.map(|(n, mean)| Cell {
            part_of: ["a", "b", "c"].contains(&n).then(|| "any".to_owned()),
            each_side: Some(side((100.0 * mean) as u64)),
            ..Cell::default()
        });
        for o in outcomes
            .iter_mut()
            .filter(|o| withheld.contains(&o.name.as_str()))
        {
            withhold(o, "small".into());
        }
        complementary(&mut outcomes, &cells, 10);
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

    #[test]
    fn levels_add_up_to_everybody_and_are_never_withheld_alone() {
        // 50, 40, 7 and 3 of 100 at four levels.
        let levels = |withheld: &[usize]| {
            let sizes = [50, 40, 7, 3];
            let mut outcomes: Vec<OutcomeFinding> = sizes
                .map(|n| outcome(&format!("severity: {n}"), n as f64 / 100.0))
                .into();
            let cells = sizes.map(|n| Cell {
                part_of: Some("severity".into()),
                each_side: Some(side(n)),
                ..Cell::default()
            });
            for &i in withheld {
                withhold(&mut outcomes[i], "small".into());
            }
            complementary(&mut outcomes, &cells, 10);
            let shown = |o: &&OutcomeFinding| o.suppressed.is_none();
            outcomes.iter().filter(shown).count()
        };
        assert_eq!(levels(&[]), 4);
        // 7 and 3 are 10 together.
        assert_eq!(levels(&[2, 3]), 2);
        assert_eq!(levels(&[2]), 2);
        assert_eq!(levels(&[3]), 2);
        // 50 alone: its neighbour in size goes with it.
        assert_eq!(levels(&[0]), 2);
    }

    #[test]
    fn two_small_levels_whose_sum_is_small_take_a_third_with_them() {
        let sizes = [60, 34, 4, 2];
        let mut outcomes: Vec<OutcomeFinding> = sizes
            .map(|n| outcome(&format!("l{n}"), n as f64 / 100.0))
            .into();
        let cells = sizes.map(|n| Cell {
            part_of: Some("severity".into()),
            each_side: Some(side(n)),
            ..Cell::default()
        });
        withhold(&mut outcomes[2], "small".into());
        withhold(&mut outcomes[3], "small".into());
        complementary(&mut outcomes, &cells, 10);
        let shown: Vec<bool> = outcomes.iter().map(|o| o.suppressed.is_none()).collect();
        assert_eq!(shown, [true, false, false, false]);
    }
}
