//! What follows from the scores alone: their order, their spread, how well they tell apart.

use rayon::prelude::*;

/// Rows sorted by (score, row).
pub fn sorted_by_score(score: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..score.len() as u32).collect();
    order.par_sort_unstable_by(|&a, &b| {
        score[a as usize]
            .total_cmp(&score[b as usize])
            .then(a.cmp(&b))
    });
    order
}

/// Standard deviation, n - 1.
pub fn standard_deviation(x: &[f64]) -> f64 {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    (x.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)).sqrt()
}

/// Standard deviation with weights: `sum w (x - m)^2 / (1 - sum w^2)` under the root, w summing to
/// 1; n - 1 in the denominator when they are all the same.
pub fn weighted_deviation(x: &[f64], weight: &[f64]) -> f64 {
    let total: f64 = weight.iter().sum();
    let (mut mean, mut of_squares) = (0.0, 0.0);
    for (x, w) in x.iter().zip(weight) {
        let w = w / total;
        mean += w * x;
        of_squares += w * w;
    }
    let squares: f64 = x
        .iter()
        .zip(weight)
        .map(|(x, w)| w / total * (x - mean) * (x - mean))
        .sum();
    (squares / (1.0 - of_squares)).sqrt()
}

/// Probability that a participant's score is above another's, ties counting half (the area under
/// the ROC curve). `order` sorts the rows by score.
pub fn c_statistic(score: &[f64], order: &[u32], treated: &[f64]) -> f64 {
    area(score, order, treated, |_| 1.0)
}

/// [`c_statistic`] of rows that count by `weight`, at least 0 each: with the weights of a matched
/// pool, how well the score still tells the groups apart (1/2 = not at all). `NaN` when a group
/// has no weight. O(n), once the rows are sorted.
pub fn weighted_c_statistic(score: &[f64], order: &[u32], treated: &[f64], weight: &[f64]) -> f64 {
    area(score, order, treated, |row| weight[row])
}

fn area(score: &[f64], order: &[u32], treated: &[f64], weight: impl Fn(usize) -> f64) -> f64 {
    let (mut below, mut wins) = (0.0, 0.0);
    let (mut n_treated, mut at) = (0.0, 0);
    while at < order.len() {
        let here = score[order[at] as usize];
        let (mut t, mut c) = (0.0, 0.0);
        while at < order.len() && score[order[at] as usize] == here {
            let row = order[at] as usize;
            if treated[row] > 0.5 {
                t += weight(row);
            } else {
                c += weight(row);
            }
            at += 1;
        }
        wins += t * (below + 0.5 * c);
        below += c;
        n_treated += t;
    }
    wins / (n_treated * below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_c_statistic_worked_by_hand() {
        // participants 2, 3; others 1, 2: pairs (2,1) win, (2,2) half, (3,1) win, (3,2) win
        let score = [2.0, 3.0, 1.0, 2.0];
        let treated = [1.0, 1.0, 0.0, 0.0];
        assert_eq!(
            c_statistic(&score, &sorted_by_score(&score), &treated),
            3.5 / 4.0
        );
    }

    #[test]
    fn equal_scores_keep_row_order() {
        assert_eq!(sorted_by_score(&[1.0, 0.0, 1.0, 0.0]), vec![1, 3, 0, 2]);
    }

    #[test]
    fn weights_count_as_so_many_rows() {
        let score = [2.0, 3.0, 1.0, 2.0, 0.5];
        let treated = [1.0, 1.0, 0.0, 0.0, 1.0];
        let weight = [2.0, 1.0, 3.0, 2.0, 0.0];
        let rows: Vec<usize> = (0..5)
            .flat_map(|r| std::iter::repeat_n(r, weight[r] as usize))
            .collect();
        let of = |x: &[f64]| rows.iter().map(|&r| x[r]).collect::<Vec<_>>();
        let (long, took_part) = (of(&score), of(&treated));
        let want = c_statistic(&long, &sorted_by_score(&long), &took_part);
        let got = weighted_c_statistic(&score, &sorted_by_score(&score), &treated, &weight);
        assert!((got - want).abs() < 1e-15);
        // mean 1.75, squares (2 * 1/16 + 25/16 + 3 * 9/16 + 2 * 1/16) / 8 = 7/16, less sum w^2 = 18/64
        let want = (7.0 / 16.0 / (1.0 - 18.0 / 64.0_f64)).sqrt();
        assert!((weighted_deviation(&score, &weight) - want).abs() < 1e-15);
        let same = weighted_deviation(&score, &[0.3; 5]);
        assert!((same - standard_deviation(&score)).abs() < 1e-15);
    }
}
