//! The nearest by a k-d tree.

use super::{LANES, Near, Query, Search};
use linfa_nn::{KdTree, NearestNeighbour, distance::L2Dist};
use ndarray::{Array2, ArrayView1};
use rayon::prelude::*;

impl Search<'_> {
    /// As [`Self::scan`] over everybody. The tree says how far the last wanted is; whoever is no
    /// further is measured as in a scan, so that ties and the last digit fall the same way.
    pub(super) fn by_tree(&self, queries: &[Query], wanted: usize) -> Vec<Vec<Near>> {
        let dims = self.people.dims();
        let points = Array2::from_shape_fn((self.pool.len(), dims), |(place, d)| {
            self.blocks[(place / LANES * dims + d) * LANES + place % LANES]
        });
        let Ok(tree) = KdTree::new().from_batch(&points, L2Dist) else {
            // Only without coordinates; then there is nothing to measure either.
            return vec![Vec::new(); queries.len()];
        };
        queries
            .par_iter()
            .map(|query| {
                let here = ArrayView1::from(self.people.of(query.row));
                let furthest = tree
                    .k_nearest(here, wanted)
                    .unwrap_or_default()
                    .iter()
                    .map(|(_, place)| self.square(query.row, *place))
                    .fold(0.0, f64::max);
                let mut list = Vec::with_capacity(wanted + 1);
                let range = furthest.sqrt() * (1.0 + 1e-9) + f64::MIN_POSITIVE;
                for (_, place) in tree.within_range(here, range).unwrap_or_default() {
                    self.offer(&mut list, wanted, self.square(query.row, place), place);
                }
                list
            })
            .collect()
    }

    /// Squared distance, with the bits that a scan gives.
    fn square(&self, row: u32, place: usize) -> f64 {
        let mut sum = 0.0;
        for (x, q) in self
            .people
            .of(self.pool[place])
            .iter()
            .zip(self.people.of(row))
        {
            let d = x - q;
            sum += d * d;
        }
        sum
    }
}
