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

/// Probability that a participant's score is above another's, ties counting half (the area under
/// the ROC curve). `order` sorts the rows by score.
pub fn c_statistic(score: &[f64], order: &[u32], treated: &[f64]) -> f64 {
    let (mut below, mut wins) = (0.0, 0.0);
    let (mut n_treated, mut at) = (0.0, 0);
    while at < order.len() {
        let here = score[order[at] as usize];
        let (mut t, mut c) = (0.0, 0.0);
        while at < order.len() && score[order[at] as usize] == here {
            if treated[order[at] as usize] > 0.5 {
                t += 1.0;
            } else {
                c += 1.0;
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
}
