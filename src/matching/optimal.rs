//! Optimal pair matching on the score, without replacement (Rosenbaum 1989,
//! doi:10.1080/01621459.1989.10478868).
//!
//! Among all ways of giving every participant up to `ratio` pool members of its own, none further
//! away than the caliper: as many pairs as there can be, and among those the least sum of
//! |score_i - score_c|. The optimum is exact (up to the rounding of sums), not found to a
//! tolerance. Pairs are counted, not participants: where the pool is short of `ratio` for everybody,
//! one participant may have several and another none. Where several are optimal the rules of [`super::pairing`] choose one; pairs are in
//! the order of the score.
//!
//! Cost O((ratio n_T + n_C) log n).

use super::Metric;
use super::pairing::{Alone, cheapest};
use super::participants::{Participants, kept_and_dropped};
use super::sets::{Found, Matches, Pool};

pub(super) fn run(metric: &Metric, ratio: usize) -> Matches {
    let pool = Pool::sort(metric);
    let participants = Participants::sort(metric, &pool);
    let mut sets: Vec<(u32, Vec<u32>)> =
        participants.rows.iter().map(|&r| (r, Vec::new())).collect();
    for (here, places) in &participants.strata {
        let copies: Vec<f64> = participants.score[here.clone()]
            .iter()
            .flat_map(|&s| std::iter::repeat_n(s, ratio))
            .collect();
        let pairs = cheapest(
            &copies,
            &pool.score[places.clone()],
            metric.caliper,
            |_| Alone::Forbidden,
            |_| Alone::Costs(0.0),
        );
        for (copy, c) in pairs {
            let set = &mut sets[here.start + copy as usize / ratio].1;
            set.push(places.start as u32 + c);
        }
    }
    let (sets, dropped) = kept_and_dropped(metric, &pool, sets);
    Found::lists(sets, dropped).weigh(metric, pool)
}
