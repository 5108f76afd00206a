//! Sums of a_j k((s_j - at) / h)^p over runs of sorted scores, k(u) = 1 - u^2, in O(log n) each and
//! with no digit lost.
//!
//! Prefix sums of 1, s and s^2 would do the same in theory, and lose everything in practice: a set
//! of three people at the kernel's edge is then a difference of sums over a million. Here the
//! scores are cut into blocks, blocks into pairs, pairs into pairs of pairs; each keeps the moments
//! sum a_j d_j^r of the distances d_j from its own centre, in bandwidths. A run is a few whole nodes
//! and two ragged ends, which are added one by one. In a node with centre at distance u,
//! `k(u + d) = (1 - u)(1 + u) - 2 u d - d^2`, whose p-th power is a polynomial in d.
//!
//! Nothing cancels: runs are split at `at`, and on one side of it, with t the distance to the
//! kernel's edge, k lies between t and 2t; each term of the polynomial is at most a small multiple
//! of the sum of t^p, which is at most the sum itself.

/// Members added one by one at the ends of a run.
const BLOCK: usize = 8;

/// `TERMS` = 2p + 1: 3 for k, 5 for k^2, 9 for k^4.
pub(super) struct Tree<'a, const TERMS: usize> {
    score: &'a [f64],
    mass: &'a [f64],
    value: &'a [f64],
    bandwidth: f64,
    /// Blocks, pairs of blocks, pairs of pairs, ..
    levels: Vec<Vec<Node<TERMS>>>,
}

#[derive(Clone, Copy)]
struct Node<const TERMS: usize> {
    /// Mean score by mass; what matters is that it lies where the mass does.
    centre: f64,
    mass: f64,
    /// sum of value times (distance from the centre in bandwidths)^r.
    moments: [f64; TERMS],
}

impl<'a, const TERMS: usize> Tree<'a, TERMS> {
    /// Over ascending `score` (within each stretch that a run may lie in), each with its `value`
    /// and a `mass` >= 0 that no value exceeds by orders of magnitude: the value itself where it is
    /// not negative.
    pub(super) fn new(score: &'a [f64], mass: &'a [f64], value: &'a [f64], bandwidth: f64) -> Self {
        let blocks = score
            .chunks(BLOCK)
            .zip(mass.chunks(BLOCK))
            .zip(value.chunks(BLOCK));
        let mut level: Vec<Node<TERMS>> = blocks
            .map(|((score, mass), value)| Node::of(score, mass, value, bandwidth))
            .collect();
        let mut levels = Vec::new();
        while level.len() > 1 {
            let above = level
                .chunks(2)
                .map(|pair| match pair {
                    [a, b] => a.join(b, bandwidth),
                    // Never used whole: no complete node is without a sibling here.
                    other => other[0],
                })
                .collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        Tree {
            score,
            mass,
            value,
            bandwidth,
            levels,
        }
    }

    /// Sum over the members `low..high`, all of them less than a bandwidth from `at`.
    pub(super) fn sum(&self, low: usize, high: usize, at: f64) -> f64 {
        let middle = low + self.score[low..high].partition_point(|&s| s < at);
        self.one_side(low, middle, at) + self.one_side(middle, high, at)
    }

    fn one_side(&self, low: usize, high: usize, at: f64) -> f64 {
        let mut sum = 0.0;
        let (from, to) = self.nodes(low, high, |node| sum += node.sum(at, self.bandwidth));
        sum + self.singly(low, from, at) + self.singly(to, high, at)
    }

    /// Calls `f` for the whole nodes of a run; the members before and after those that it gives
    /// back are left over.
    fn nodes(&self, low: usize, high: usize, mut f: impl FnMut(&Node<TERMS>)) -> (usize, usize) {
        let (mut from, mut to) = (low.div_ceil(BLOCK), high / BLOCK);
        if from >= to {
            return (high, high);
        }
        let covered = (from * BLOCK, to * BLOCK);
        for level in &self.levels {
            if from >= to {
                break;
            }
            if from % 2 == 1 {
                f(&level[from]);
                from += 1;
            }
            if to % 2 == 1 {
                to -= 1;
                f(&level[to]);
            }
            (from, to) = (from / 2, to / 2);
        }
        covered
    }

    /// The whole run as one node.
    fn gathered(&self, low: usize, high: usize) -> Option<Node<TERMS>> {
        let mut all: Option<Node<TERMS>> = None;
        let mut add = |node: &Node<TERMS>| {
            all = Some(all.map_or(*node, |all| all.join(node, self.bandwidth)));
        };
        let (from, to) = self.nodes(low, high, &mut add);
        for ends in [low..from, to..high] {
            if !ends.is_empty() {
                let (score, mass) = (&self.score[ends.clone()], &self.mass[ends.clone()]);
                add(&Node::of(score, mass, &self.value[ends], self.bandwidth));
            }
        }
        all
    }

    fn singly(&self, low: usize, high: usize, at: f64) -> f64 {
        let members = self.score[low..high].iter().zip(&self.value[low..high]);
        members
            .map(|(s, a)| {
                let u = (s - at) / self.bandwidth;
                let k = (1.0 - u) * (1.0 + u);
                a * k.powi(TERMS as i32 / 2)
            })
            .sum()
    }
}

/// Sums for many places in ascending order: as long as the run stays the same, its two sides are
/// kept as one node each, so that a sum costs two polynomials.
pub(super) struct Walk<'a, const TERMS: usize> {
    tree: &'a Tree<'a, TERMS>,
    low: usize,
    middle: usize,
    high: usize,
    sides: [Option<Node<TERMS>>; 2],
}

impl<'a, const TERMS: usize> Walk<'a, TERMS> {
    pub(super) fn new(tree: &'a Tree<'a, TERMS>) -> Self {
        Walk {
            tree,
            low: 0,
            middle: 0,
            high: 0,
            sides: [None; 2],
        }
    }

    /// As [`Tree::sum`].
    pub(super) fn sum(&mut self, low: usize, high: usize, at: f64) -> f64 {
        let score = &self.tree.score;
        let same = (low, high) == (self.low, self.high);
        let from = if same { self.middle } else { low };
        let passed = match same {
            true => score[from..high].iter().take_while(|s| **s < at).count(),
            false => score[from..high].partition_point(|&s| s < at),
        };
        if !same || passed > 0 {
            (self.low, self.middle, self.high) = (low, from + passed, high);
            self.sides = [
                self.tree.gathered(low, self.middle),
                self.tree.gathered(self.middle, high),
            ];
        }
        let sides = self.sides.iter().flatten();
        sides.map(|node| node.sum(at, self.tree.bandwidth)).sum()
    }
}

impl<const TERMS: usize> Node<TERMS> {
    fn of(score: &[f64], mass: &[f64], value: &[f64], bandwidth: f64) -> Self {
        let total: f64 = mass.iter().sum();
        let origin = score[0];
        let off: f64 = score.iter().zip(mass).map(|(s, m)| m * (s - origin)).sum();
        let centre = origin + if total > 0.0 { off / total } else { 0.0 };
        let mut moments = [0.0; TERMS];
        for (s, a) in score.iter().zip(value) {
            let d = (s - centre) / bandwidth;
            let mut term = *a;
            for moment in &mut moments {
                *moment += term;
                term *= d;
            }
        }
        Node {
            centre,
            mass: total,
            moments,
        }
    }

    /// Both, around their common centre: d + shift in place of d, by the binomial theorem.
    fn join(&self, other: &Self, bandwidth: f64) -> Self {
        let mass = self.mass + other.mass;
        let share = if mass > 0.0 { other.mass / mass } else { 0.0 };
        let centre = self.centre + share * (other.centre - self.centre);
        let mut moments = [0.0; TERMS];
        for node in [self, other] {
            let shift = (node.centre - centre) / bandwidth;
            let mut moved = node.moments;
            // Multiplying by (d + shift) once for each power still to come: Horner's scheme, as for
            // shifting a polynomial.
            for first in 1..TERMS {
                for r in (first..TERMS).rev() {
                    moved[r] += shift * moved[r - 1];
                }
            }
            for (sum, moment) in moments.iter_mut().zip(moved) {
                *sum += moment;
            }
        }
        Node {
            centre,
            mass,
            moments,
        }
    }

    #[inline(always)]
    fn sum(&self, at: f64, bandwidth: f64) -> f64 {
        let u = (self.centre - at) / bandwidth;
        let powers = power::<TERMS>([(1.0 - u) * (1.0 + u), -2.0 * u, -1.0]);
        let terms = powers.iter().zip(&self.moments);
        terms.map(|(c, m)| c * m).sum()
    }
}

/// Coefficients of the quadratic squared until there are `TERMS` of them.
#[inline(always)]
fn power<const TERMS: usize>(quadratic: [f64; 3]) -> [f64; TERMS] {
    let mut out = [0.0; TERMS];
    out[..3].copy_from_slice(&quadratic);
    let mut terms = 3;
    while terms < TERMS {
        let mut square = [0.0; TERMS];
        for a in 0..terms {
            for b in 0..terms {
                square[a + b] += out[a] * out[b];
            }
        }
        out = square;
        terms = 2 * terms - 1;
    }
    out
}
