//! Sums along the sorted pool: of everything so far, and of the runs that are open at a place.

use super::sets::Matches;

/// w_c and q_c of runs: along the pool, each participant's part is added where its run begins and
/// taken away behind its end. Where no run is open the sums begin anew, so that a place that none
/// covers has weight 0 exactly. O(n_T log n_T + n_C).
pub(super) fn run_weights(matches: &Matches, low: &[u32], high: &[u32]) -> (Vec<f64>, Vec<f64>) {
    let n = matches.pool.len();
    let bases = match matches.pool_base.is_empty() {
        true => Vec::new(),
        false => prefix_sums(matches.pool_base.iter().copied()),
    };
    let runs = low.iter().zip(high).zip(&matches.participant_weight);
    let part: Vec<f64> = runs
        .map(|((&l, &h), g)| match bases.is_empty() {
            true => g / f64::from(h - l),
            false => g / (bases[h as usize] - bases[l as usize]),
        })
        .collect();
    let by = |ends: &[u32]| {
        let mut order: Vec<u32> = (0..ends.len() as u32).collect();
        order.sort_by_key(|&i| ends[i as usize]);
        order
    };
    let (begin, end) = (by(low), by(high));
    let (mut begun, mut ended) = (0, 0);
    let (mut w, mut q) = (Running::default(), Running::default());
    let (mut weight, mut squared) = (vec![0.0; n], vec![0.0; n]);
    for c in 0..n {
        while let Some(&i) = end.get(ended).filter(|&&i| high[i as usize] as usize <= c) {
            w.add(-part[i as usize]);
            q.add(-part[i as usize] * part[i as usize]);
            ended += 1;
        }
        if begun == ended {
            (w, q) = (Running::default(), Running::default());
        }
        while let Some(&i) = begin.get(begun).filter(|&&i| low[i as usize] as usize <= c) {
            w.add(part[i as usize]);
            q.add(part[i as usize] * part[i as usize]);
            begun += 1;
        }
        if begun > ended {
            let base = matches.base(c as u32);
            (weight[c], squared[c]) = (base * w.value(), base * base * q.value());
        }
    }
    (weight, squared)
}

/// Running sums from 0, one more than values.
pub(super) fn prefix_sums(values: impl ExactSizeIterator<Item = f64>) -> Vec<f64> {
    let mut sums = Vec::with_capacity(values.len() + 1);
    let mut running = Running::default();
    sums.push(0.0);
    for term in values {
        running.add(term);
        sums.push(running.value());
    }
    sums
}

/// A sum to which terms are added one by one; the rounding of each addition is carried along
/// (Neumaier 1974, doi:10.1002/zamm.19740540106), so that what has been added and taken away again
/// leaves nothing beside small terms that stay.
#[derive(Clone, Copy, Default)]
struct Running {
    sum: f64,
    carry: f64,
}

impl Running {
    fn add(&mut self, term: f64) {
        let next = self.sum + term;
        self.carry += if self.sum.abs() >= term.abs() {
            (self.sum - next) + term
        } else {
            (term - next) + self.sum
        };
        self.sum = next;
    }

    fn value(self) -> f64 {
        self.sum + self.carry
    }
}
