//! The variance of an outcome near each pool member's score, from its nearest pool members.
//!
//! Members tied on the score share one answer, found from sums per distinct score, so that heavy
//! ties cost nothing extra. Cost O(n * neighbours) for a pool of n sorted by score.

use crate::matching::Matches;

/// Neighbours behind each pool member's local variance.
pub const NEIGHBOURS: usize = 1;

/// For each pool member (in the order of `Matches::pool`) the sample variance of `v` over it and
/// its `neighbours` nearest pool members of the same stratum on the score; everybody at the last
/// distance counts. A member alone in its stratum has its neighbours in the whole pool: without
/// them it would seem to have no variance, however many participants rest on it. A blank (`NaN`)
/// value is nobody's neighbour.
pub fn neighbour_variance(matches: &Matches, v: &[f64], neighbours: usize) -> Vec<f64> {
    let mut out = vec![0.0; v.len()];
    lines(matches, v, neighbours, |line, members| {
        for &(place, tie) in members {
            out[place] = line.around[tie].variance();
        }
    });
    out
}

/// Calls `f(line, [(place in the pool, tie on the line)])` for every stratum, and for the whole
/// pool with those who are alone in theirs.
fn lines(
    matches: &Matches,
    v: &[f64],
    neighbours: usize,
    mut f: impl FnMut(&Line, &[(usize, usize)]),
) {
    let mut alone = Vec::new();
    for s in matches.stratum_start.windows(2) {
        let range = s[0] as usize..s[1] as usize;
        if v[range.clone()].iter().filter(|x| !x.is_nan()).count() < 2 {
            alone.extend(range);
            continue;
        }
        let line = Line::new(
            &matches.pool_score[range.clone()],
            &v[range.clone()],
            neighbours,
        );
        let members: Vec<_> = range.zip(line.tie_of.iter().copied()).collect();
        f(&line, &members);
    }
    if alone.is_empty() {
        return;
    }
    let mut order: Vec<usize> = (0..v.len()).collect();
    order.sort_by(|&a, &b| matches.pool_score[a].total_cmp(&matches.pool_score[b]));
    let pick = |of: &[f64]| -> Vec<f64> { order.iter().map(|&c| of[c]).collect() };
    let line = Line::new(&pick(&matches.pool_score), &pick(v), neighbours);
    let mut is_alone = vec![false; v.len()];
    alone.iter().for_each(|&c| is_alone[c] = true);
    let members: Vec<_> = order
        .into_iter()
        .zip(line.tie_of.iter().copied())
        .filter(|m| is_alone[m.0])
        .collect();
    f(&line, &members);
}

/// A weighted sum of local variances and its degrees of freedom.
pub(super) struct Reused {
    pub sum: f64,
    pub df: f64,
}

/// `sum_c k_c s2_c` over the pool members with k_c > 0, and its degrees of freedom.
///
/// # Formula
/// s2_c is a quadratic form `e' M_c e` in the pool's residuals, `M_c = (D_c - 1_c 1_c' / a_c) /
/// (a_c - 1)` over the a_c people of c's neighbourhood. With `M = sum_c k_c M_c` the sum has the mean
/// and variance of a multiple of chi-square on `tr(M)^2 / tr(M M)` degrees of freedom (Box 1954,
/// doi:10.1214/aoms/1177728786; residuals normal, of one variance). For neighbourhoods that share m
/// people `tr(M_c M_d) = (m - m/a_c - m/a_d + m^2 / (a_c a_d)) / ((a_c - 1)(a_d - 1))`; on a line
/// they are intervals, so that only near ones share any.
pub(super) fn reused(matches: &Matches, v: &[f64], k: &[f64], neighbours: usize) -> Reused {
    let (mut sum, mut trace, mut squares) = (0.0, 0.0, 0.0);
    lines(matches, v, neighbours, |line, members| {
        let mut of_tie = vec![0.0; line.around.len()];
        for &(place, tie) in members.iter().filter(|m| k[m.0] > 0.0) {
            sum += k[place] * line.around[tie].variance();
            of_tie[tie] += k[place];
        }
        let (t, s) = line.traces(&of_tie);
        trace += t;
        squares += s;
    });
    Reused {
        sum,
        df: trace * trace / squares,
    }
}

/// People at one score: count, sum and sum of squares of v around the stratum's mean.
#[derive(Clone, Copy, Default)]
struct Tie {
    score: f64,
    n: f64,
    sum: f64,
    squares: f64,
}

impl Tie {
    fn add(&mut self, other: &Tie) {
        self.n += other.n;
        self.sum += other.sum;
        self.squares += other.squares;
    }
}

/// A neighbourhood: ties `low..high`, and the people in them.
struct Around {
    low: usize,
    high: usize,
    people: Tie,
}

impl Around {
    /// 0 where there is nobody beside.
    fn variance(&self) -> f64 {
        let all = &self.people;
        if all.n < 2.0 {
            return 0.0;
        }
        ((all.squares - all.sum * all.sum / all.n) / (all.n - 1.0)).max(0.0)
    }
}

/// A stratum's pool along the score.
struct Line {
    tie_of: Vec<usize>,
    around: Vec<Around>,
    /// People before each tie, and all of them at the end.
    before: Vec<f64>,
}

impl Line {
    fn new(score: &[f64], v: &[f64], neighbours: usize) -> Line {
        let known = || v.iter().filter(|x| !x.is_nan());
        let origin = known().sum::<f64>() / (known().count().max(1)) as f64;
        let mut ties: Vec<Tie> = Vec::new();
        let mut tie_of = Vec::with_capacity(v.len());
        for (&s, &x) in score.iter().zip(v) {
            if ties.last().is_none_or(|t| t.score != s) {
                ties.push(Tie {
                    score: s,
                    ..Tie::default()
                });
            }
            // A tie has just been pushed when there was none.
            if let Some(t) = ties.last_mut()
                && !x.is_nan()
            {
                t.n += 1.0;
                t.sum += x - origin;
                t.squares += (x - origin) * (x - origin);
            }
            tie_of.push(ties.len() - 1);
        }
        let mut before = vec![0.0];
        before.extend(ties.iter().scan(0.0, |n, t| {
            *n += t.n;
            Some(*n)
        }));
        Line {
            around: (0..ties.len())
                .map(|t| around(&ties, t, neighbours as f64))
                .collect(),
            tie_of,
            before,
        }
    }

    /// tr(M) and tr(M M) of the ties' weighted neighbourhoods.
    fn traces(&self, k: &[f64]) -> (f64, f64) {
        let (mut trace, mut squares) = (0.0, 0.0);
        let of_use = |t: usize| k[t] > 0.0 && self.around[t].people.n >= 2.0;
        for t in (0..k.len()).filter(|&t| of_use(t)) {
            let a = &self.around[t];
            trace += k[t];
            squares += k[t] * k[t] / (a.people.n - 1.0);
            // The lower ends never fall along the line: the first beyond reach ends the search.
            let near = (t + 1..k.len()).take_while(|&u| self.around[u].low < a.high);
            for u in near.filter(|&u| of_use(u)) {
                let b = &self.around[u];
                let shared = self.before[a.high.min(b.high)] - self.before[a.low.max(b.low)];
                let (n, m) = (a.people.n, b.people.n);
                let both = shared - shared / n - shared / m + shared * shared / (n * m);
                squares += 2.0 * k[t] * k[u] * both / ((n - 1.0) * (m - 1.0));
            }
        }
        (trace, squares)
    }
}

/// A tie and its nearest ties, until there are `neighbours` besides one of its own.
fn around(ties: &[Tie], at: usize, neighbours: f64) -> Around {
    let mut people = ties[at];
    let (mut low, mut high) = (at, at + 1);
    while people.n - 1.0 < neighbours && (low > 0 || high < ties.len()) {
        let down = if low > 0 {
            ties[at].score - ties[low - 1].score
        } else {
            f64::INFINITY
        };
        let up = ties
            .get(high)
            .map_or(f64::INFINITY, |t| t.score - ties[at].score);
        if down <= up {
            low -= 1;
            people.add(&ties[low]);
        }
        if up <= down {
            people.add(&ties[high]);
            high += 1;
        }
    }
    Around { low, high, people }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// tr(M)^2 / tr(M M) with M written out.
    fn by_matrix(score: &[f64], k: &[f64], neighbours: usize) -> f64 {
        let n = score.len();
        let line = Line::new(score, &vec![0.0; n], neighbours);
        let mut m = vec![vec![0.0; n]; n];
        for (&tie, k) in line.tie_of.iter().zip(k) {
            let a = &line.around[tie];
            let set: Vec<usize> = (0..n)
                .filter(|&d| (a.low..a.high).contains(&line.tie_of[d]))
                .collect();
            let size = set.len() as f64;
            for &i in &set {
                for &j in &set {
                    let identity = f64::from(u8::from(i == j));
                    m[i][j] += k * (identity - 1.0 / size) / (size - 1.0);
                }
            }
        }
        let trace: f64 = (0..n).map(|i| m[i][i]).sum();
        trace * trace / m.iter().flatten().map(|x| x * x).sum::<f64>()
    }

    #[test]
    fn degrees_of_freedom_are_those_of_the_matrix() {
        let score = [0.0, 0.1, 0.15, 0.4, 0.4, 0.4, 0.9, 1.0, 1.7, 1.8];
        let k = [1.0, 0.0, 3.0, 0.5, 2.0, 0.0, 4.0, 1.0, 0.2, 7.0];
        for neighbours in 1..5 {
            let line = Line::new(&score, &[0.0; 10], neighbours);
            let mut of_tie = vec![0.0; line.around.len()];
            for (&t, k) in line.tie_of.iter().zip(k) {
                of_tie[t] += k;
            }
            let (trace, squares) = line.traces(&of_tie);
            let want = by_matrix(&score, &k, neighbours);
            let got = trace * trace / squares;
            assert!((got - want).abs() < 1e-10, "{got}, not {want}");
        }
    }

    #[test]
    fn two_pairs_apart_have_two_degrees_of_freedom() {
        let line = Line::new(&[0.0, 0.1, 5.0, 5.1], &[0.0; 4], 1);
        let (trace, squares) = line.traces(&[2.0; 4]);
        assert!((trace * trace / squares - 2.0).abs() < 1e-12);
        // All on one pair: one.
        let (trace, squares) = line.traces(&[2.0, 2.0, 0.0, 0.0]);
        assert!((trace * trace / squares - 1.0).abs() < 1e-12);
    }
}
