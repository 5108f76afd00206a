//! Kolmogorov-Smirnov distance between participants and the weighted pool.

/// Largest distance between two empirical distribution functions: `treated` with equal weights,
/// `pool` with `weight` (both non-negative, pool rows without weight are passed over).
///
/// The participants' function is flat between their values and the pool's only rises, so the
/// largest distance lies at a participant's value, on it or just below it. It is enough to count
/// the pool into the gaps between the participants' values: O(n_C log n_T), no sort of the pool.
pub(super) fn weighted(treated: &[f64], pool: impl Iterator<Item = (f64, f64)>) -> f64 {
    let mut values = treated.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len() as f64;
    values.dedup();
    // gap[k]: pool weight strictly between value k-1 and value k; on[k]: exactly at value k.
    let mut gap = vec![0.0; values.len() + 1];
    let mut on = vec![0.0; values.len()];
    let mut total = 0.0;
    for (x, w) in pool {
        if w > 0.0 {
            total += w;
            let k = values.partition_point(|&v| v < x);
            if values.get(k) == Some(&x) {
                on[k] += w;
            } else {
                gap[k] += w;
            }
        }
    }
    if total == 0.0 || values.is_empty() {
        return 0.0;
    }
    let mut count = vec![0.0; values.len()];
    for t in treated {
        count[values.partition_point(|v| v < t)] += 1.0;
    }
    let (mut of_treated, mut of_pool, mut largest) = (0.0, 0.0, 0.0f64);
    for k in 0..values.len() {
        of_pool += gap[k] / total;
        largest = largest.max((of_pool - of_treated).abs());
        of_treated += count[k] / n;
        of_pool += on[k] / total;
        largest = largest.max((of_pool - of_treated).abs());
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_worked_by_hand() {
        // participants 1, 2, 3, 4; pool 2.5 (weight 1), 5 (weight 1):
        // just below 2.5 the participants are at 1/2, the pool at 0; at 4 they are at 1, the pool at 1/2
        let pool = [(2.5, 1.0), (5.0, 1.0), (0.0, 0.0)];
        assert_eq!(weighted(&[1.0, 2.0, 3.0, 4.0], pool.into_iter()), 0.5);
        // all of the pool below everybody
        assert_eq!(weighted(&[1.0, 2.0], [(0.0, 3.0)].into_iter()), 1.0);
        assert_eq!(
            weighted(&[1.0, 2.0], [(1.0, 3.0), (2.0, 3.0)].into_iter()),
            0.0
        );
    }
}
