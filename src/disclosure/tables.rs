//! Balance, overlap and the propensity model, whose means would tell what is known of whom.

use super::findings::{Analysis, BalanceRow, Overlap, Term};
use super::outcome::share_of;
use super::printed::{UNIT, digits, ladder_up, neat_up, on_grid, tidy};
use crate::quality::nearest;

/// Share of the pool below which an outer bin joins the next.
const TAIL: f64 = 0.005;

/// Makes an analysis's tables ready to print; its numbers of people are still exact.
pub(super) fn control(analysis: &mut Analysis) {
    let (n, matched) = (
        analysis.design.participants,
        analysis.design.participants_matched,
    );
    for row in &mut analysis.balance {
        balance(row, matched);
    }
    for term in &mut analysis.design.propensity.terms {
        coefficient(term, n);
    }
    if let Some(overlap) = &mut analysis.overlap {
        histogram(overlap, n);
    }
}

/// A share leaves as a rounded count of the rounded number, a mean to five people's worth of it. The
/// matched pool's stands as far from it as it did; before matching, the difference is that of the
/// printed means.
fn balance(row: &mut BalanceRow, n: u64) {
    let constant = [0.0, 1.0].contains(&row.mean_pool) && row.mean_pool == row.mean_treated;
    if constant {
        // Of everybody compared: what the analysis is about, not who is in it.
        return;
    }
    let unit = |x: f64| (-1e-9..=1.0 + 1e-9).contains(&x);
    let share = row.variance_ratio.is_none() && unit(row.mean_treated) && unit(row.mean_pool);
    let apart = row.mean_matched - row.mean_treated;
    let sd = match share {
        true => {
            let p = share_of(row.mean_treated * n as f64, n);
            Some((p * (1.0 - p)).sqrt())
        }
        false => deviation(row, n),
    };
    let Some(sd) = sd.filter(|sd| sd.is_finite() && *sd > 0.0) else {
        let means = [
            &mut row.mean_treated,
            &mut row.mean_pool,
            &mut row.mean_matched,
        ];
        means.into_iter().for_each(|m| *m = digits(*m, 2));
        row.smd_before = row.smd_before.map(|d| on_grid(d, 0.1));
        return;
    };
    let beside = on_grid(apart, neat_up(sd / 100.0));
    if share {
        row.mean_treated = share_of(row.mean_treated * n as f64, n);
        row.mean_pool = on_grid(row.mean_pool, 0.001);
        row.mean_matched = tidy(row.mean_treated + beside).clamp(0.001, 0.999);
    } else {
        row.mean_treated = on_grid(
            row.mean_treated,
            neat_up(UNIT as f64 * sd / n.max(1) as f64),
        );
        row.mean_pool = digits(row.mean_pool, 3);
        row.mean_matched = tidy(row.mean_treated + beside);
    }
    if row.smd_before.is_some() {
        let d = (row.mean_treated - row.mean_pool) / sd;
        row.smd_before = Some(on_grid(d, 0.01));
    }
}

/// The participants' standard deviation, up to a rung of the ladder, from a standardised difference.
fn deviation(row: &BalanceRow, n: u64) -> Option<f64> {
    let of = |apart: f64, smd: Option<f64>| {
        let smd = smd.filter(|d| d.abs() > 1e-9)?;
        Some((apart / smd).abs())
    };
    of(row.mean_treated - row.mean_pool, row.smd_before)
        .or_else(|| of(row.mean_treated - row.mean_matched, row.smd_after))
        .map(|sd| ladder_up(sd, n))
}

/// A coefficient to five people's worth of it.
fn coefficient(term: &mut Term, n: u64) {
    if term.se > 0.0 {
        let step = neat_up(UNIT as f64 * term.se / (n.max(1) as f64).sqrt());
        term.estimate = on_grid(term.estimate, step);
        term.se = ladder_up(term.se, n);
    } else {
        term.estimate = digits(term.estimate, 2);
    }
}

/// Participants in a bin to the nearest five; outer bins without any join the next.
fn histogram(o: &mut Overlap, n: u64) {
    let of = nearest(n, UNIT).max(UNIT) as f64;
    for share in &mut o.participants {
        *share = nearest((*share * n as f64).round() as u64, UNIT) as f64 / of;
    }
    let bare = |o: &Overlap, i: usize| o.participants[i] == 0.0 && o.pool[i] < TAIL;
    while o.participants.len() > 2 && bare(o, 0) {
        o.participants.remove(0);
        o.edges.remove(1);
        for bins in [&mut o.pool, &mut o.matched] {
            let outer = bins.remove(0);
            bins[0] += outer;
        }
        o.edges[0] = tidy(2.0 * o.edges[1] - o.edges[2]);
    }
    while o.participants.len() > 2 && bare(o, o.participants.len() - 1) {
        o.participants.pop();
        o.edges.pop();
        for bins in [&mut o.pool, &mut o.matched] {
            let outer = bins.pop().unwrap_or(0.0);
            if let Some(last) = bins.last_mut() {
                *last += outer;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(treated: f64, pool: f64, matched: f64, sd: f64, number: bool) -> BalanceRow {
        BalanceRow {
            term: "x".into(),
            label: "X".into(),
            mean_treated: treated,
            mean_pool: pool,
            mean_matched: matched,
            smd_before: Some((treated - pool) / sd),
            smd_after: Some((treated - matched) / sd),
            variance_ratio: number.then_some(1.07),
            ks: 0.0,
            light: "green".into(),
        }
    }

    #[test]
    fn a_share_of_a_few_is_told_as_five_and_none_is_never_told() {
        for few in [0, 1, 4, 7] {
            let mut r = row(
                f64::from(few) / 100.0,
                0.1,
                f64::from(few) / 100.0,
                0.2,
                false,
            );
            balance(&mut r, 100);
            assert_eq!((r.mean_treated, r.mean_matched), (0.05, 0.05), "{few}");
        }
    }

    #[test]
    fn no_mean_can_be_worked_out_from_the_difference_before() {
        // 98, 99, ... 102 of 250: all print the same.
        let printed: Vec<String> = (98..103)
            .map(|k| {
                let p = f64::from(k) / 250.0;
                let mut r = row(p, 0.32, p + 0.004, (p * (1.0 - p)).sqrt(), false);
                balance(&mut r, 250);
                format!(
                    "{} {} {} {:?}",
                    r.mean_treated, r.mean_pool, r.mean_matched, r.smd_before
                )
            })
            .collect();
        assert!(printed.iter().all(|p| *p == printed[0]), "{printed:?}");
    }

    #[test]
    fn outer_bins_without_participants_are_not_told() {
        let mut o = Overlap {
            edges: vec![-2.0, -1.5, -1.0, -0.5, 0.0, 0.5],
            participants: vec![0.01, 0.4, 0.4, 0.18, 0.01],
            pool: vec![0.004, 0.5, 0.3, 0.194, 0.002],
            matched: vec![0.0, 0.4, 0.4, 0.2, 0.0],
        };
        histogram(&mut o, 100);
        assert_eq!(o.edges, [-1.5, -1.0, -0.5, 0.0]);
        assert_eq!(o.participants, [0.4, 0.4, 0.2]);
        assert!((o.pool[0] - 0.504).abs() < 1e-12);
    }
}
