//! Several analyses of overlapping people: what is known of some, taken from what is known of all,
//! must not be about a few.

use super::curves;
use super::findings::{Analysis, OutcomeFinding};

/// Who stands behind an analysis: rows of the table of the main one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// Participants it is about.
    pub entered: Vec<u32>,
    /// Of them, matched.
    pub matched: Vec<u32>,
}

/// What may be shown of an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// All of it.
    Whole,
    /// Differences alone: its groups' own values, with those of the others, would be about a few
    /// people, while each analysis has another comparison group to hide the difference in.
    Differences,
    /// Nothing.
    Nothing,
}

/// Most combinations looked at; with more, the analysis is withheld unseen.
const MOST: usize = 20_000;

/// What may be shown of each analysis, in order, the first being the main one. An analysis is
/// withheld when the people it leaves out (of another analysis, or of it less others that share
/// nobody) are some, but fewer than `min`.
pub(super) fn shown(people: &[People], min: u32) -> Vec<Shown> {
    let (mut entered, mut matched): (Vec<Bits>, Vec<Bits>) = (Vec::new(), Vec::new());
    let safe = |family: &mut Vec<Bits>, rows: &[u32]| {
        family.push(Bits::of(rows));
        let safe = !a_few_can_be_worked_out(family, min);
        if !safe {
            family.pop();
        }
        safe
    };
    people
        .iter()
        .map(|p| match safe(&mut entered, &p.entered) {
            false => Shown::Nothing,
            true if safe(&mut matched, &p.matched) => Shown::Whole,
            true => Shown::Differences,
        })
        .collect()
}

/// Takes out what an analysis shown in differences alone may not say.
pub(super) fn differences_only(analysis: &mut Analysis) {
    let take_out = |o: &mut OutcomeFinding| {
        o.treated = None;
        o.comparison = None;
        // A ratio and a difference together are the two values.
        o.ratio = None;
        o.no_ratio = None;
        o.survival = None;
        o.quantiles = None;
        o.second_opinions.clear();
    };
    analysis.outcomes.iter_mut().for_each(take_out);
    for row in &mut analysis.balance {
        // Participants' means would tell the same of the covariates: two digits blur whose.
        row.mean_treated = curves::two_digits(row.mean_treated);
        row.mean_matched = curves::two_digits(row.mean_matched);
    }
}

fn a_few_can_be_worked_out(family: &[Bits], min: u32) -> bool {
    let mut left = MOST;
    let min = min as usize;
    // The newest is either the whole or one of the parts; every whole is asked again.
    (0..family.len()).any(|whole| {
        let others: Vec<&Bits> = (0..family.len())
            .filter(|&i| i != whole)
            .map(|i| &family[i])
            .collect();
        search(&family[whole], &Bits::default(), &others, min, &mut left)
    })
}

/// Can the rest, less some of the parts that share nobody with one another, be about 1 to min - 1
/// people?
fn search(rest: &Bits, used: &Bits, parts: &[&Bits], min: usize, left: &mut usize) -> bool {
    if *left == 0 {
        return true;
    }
    *left -= 1;
    if (1..min).contains(&rest.count()) {
        return true;
    }
    for (i, part) in parts.iter().enumerate() {
        // A part with little in common with the rest only adds people to it.
        let common = part.and(rest);
        if used.and(part) > 0 || 2 * common <= part.count() {
            continue;
        }
        if search(&rest.xor(part), &used.or(part), &parts[i + 1..], min, left) {
            return true;
        }
        let alone = parts[i + 1..].iter().all(|other| other.and(part) == 0);
        if alone && common >= min {
            // Without it at least `common` people stay: it has to be taken off.
            return false;
        }
    }
    false
}

/// A set of rows.
#[derive(Debug, Clone, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn of(rows: &[u32]) -> Bits {
        let words = rows.iter().max().map_or(0, |m| *m as usize / 64 + 1);
        let mut bits = vec![0u64; words];
        for &r in rows {
            bits[r as usize / 64] |= 1 << (r % 64);
        }
        Bits(bits)
    }

    fn count(&self) -> usize {
        self.0.iter().map(|w| w.count_ones() as usize).sum()
    }

    fn and(&self, other: &Bits) -> usize {
        let both = self.0.iter().zip(&other.0);
        both.map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    fn merged(&self, other: &Bits, f: fn(u64, u64) -> u64) -> Bits {
        let at = |v: &[u64], i: usize| v.get(i).copied().unwrap_or(0);
        let n = self.0.len().max(other.0.len());
        Bits((0..n).map(|i| f(at(&self.0, i), at(&other.0, i))).collect())
    }

    fn xor(&self, other: &Bits) -> Bits {
        self.merged(other, |a, b| a ^ b)
    }

    fn or(&self, other: &Bits) -> Bits {
        self.merged(other, |a, b| a | b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(entered: impl IntoIterator<Item = u32>) -> People {
        let entered: Vec<u32> = entered.into_iter().collect();
        People {
            matched: entered.clone(),
            entered,
        }
    }

    #[test]
    fn a_part_whose_complement_is_small_is_withheld() {
        let all = of(0..100);
        let asked = |part: People| shown(&[all.clone(), part], 30)[1];
        assert_eq!(asked(of(0..71)), Shown::Nothing); // leaves out 29
        assert_eq!(asked(of(0..70)), Shown::Whole); // leaves out 30
        assert_eq!(asked(of(0..100)), Shown::Whole); // leaves out nobody
    }

    #[test]
    fn parts_together_leave_no_few_out() {
        // Women, men, and 3 of whom it is not known: either alone may be shown, not both.
        let got = shown(&[of(0..100), of(0..50), of(50..97)], 30);
        assert_eq!(got, [Shown::Whole, Shown::Whole, Shown::Nothing]);
        // A part of a part.
        let got = shown(&[of(0..200), of(0..100), of(0..90)], 30);
        assert_eq!(got[2], Shown::Nothing);
        // Overlapping ones of which nothing can be taken off.
        let got = shown(&[of(0..200), of(0..100), of(50..150)], 30);
        assert_eq!(got, [Shown::Whole; 3]);
        // Many parts that share nobody are not too many to look at.
        let regions: Vec<People> = (0..30).map(|r| of(40 * r..40 * r + 40)).collect();
        let people: Vec<People> = std::iter::once(of(0..1200)).chain(regions).collect();
        assert_eq!(shown(&people, 30), vec![Shown::Whole; 31]);
    }

    #[test]
    fn matched_people_who_differ_by_a_few_leave_the_differences() {
        // Another pool: the same participants, three of them no longer matched.
        let other = People {
            entered: (0..100).collect(),
            matched: (3..100).collect(),
        };
        assert_eq!(shown(&[of(0..100), other], 30)[1], Shown::Differences);
    }
}
