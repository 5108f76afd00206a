//! Steps uphill on a replicate's likelihood, from gradients alone.

use crate::numeric::symmetric::Cholesky;
use ndarray::{Array1, Array2};

/// Distance from the maximum, in standard errors, that may be left after the last step, judged by
/// how much the step before took away.
const LEFT: f64 = 2e-9;

/// Where a replicate stands, and what its steps so far have shown.
pub(super) struct Climb<'a> {
    /// Coefficients, constant first.
    pub(super) gamma: Vec<f64>,
    /// Inverse information of the whole table, p x p: the hill's shape, nearly.
    inverse: &'a [f64],
    gradient: Vec<f64>,
    step: Vec<f64>,
    seen: Vec<Seen>,
    /// Distance from the maximum, in standard errors, at the last gradient.
    distance: f64,
}

/// A step taken, how the gradient fell over it, and the step that the table's shape makes of that
/// fall.
struct Seen {
    step: Vec<f64>,
    fall: Vec<f64>,
    image: Vec<f64>,
}

/// How far a climb has come.
#[derive(Debug, PartialEq)]
pub(super) enum Reached {
    /// Another gradient is needed.
    Further,
    /// The maximum, to [`LEFT`].
    Top,
    /// No nearer than before: this hill needs its own second derivative.
    Stray,
}

impl<'a> Climb<'a> {
    pub(super) fn new(gamma: &[f64], inverse: &'a [f64]) -> Climb<'a> {
        Climb {
            gamma: gamma.to_vec(),
            inverse,
            gradient: Vec::new(),
            step: Vec::new(),
            seen: Vec::new(),
            distance: f64::INFINITY,
        }
    }

    /// Takes a step, given the gradient at the present coefficients.
    ///
    /// # Formula
    /// With M the table's inverse information, s_j the steps so far and y_j the fall of the gradient
    /// over each, the part of the gradient g that they explain is taken from them, the rest from M:
    /// step = S a + M (g - Y a), a the weights at which (g - Y a)' M (g - Y a) is least (Anderson
    /// 1965, doi:10.1145/321296.321305; Walker & Ni 2011, doi:10.1137/10078356X). The distance is
    /// sqrt(g' M g).
    pub(super) fn step(&mut self, gradient: &[f64]) -> Reached {
        if !self.step.is_empty() {
            let fall: Vec<f64> = (self.gradient.iter().zip(gradient))
                .map(|(before, now)| before - now)
                .collect();
            if dot(&fall, &self.step) <= 0.0 {
                return Reached::Stray;
            }
            self.seen.push(Seen {
                image: times(self.inverse, &fall),
                step: std::mem::take(&mut self.step),
                fall,
            });
        }
        self.gradient.clear();
        self.gradient.extend_from_slice(gradient);
        let mut step = times(self.inverse, gradient);
        let distance = dot(&step, gradient).max(0.0).sqrt();
        if !distance.is_finite() || distance > 2.0 * self.distance {
            return Reached::Stray;
        }
        // A distance of 0 has nothing left; before the first step nothing is known.
        let left = distance * (distance / self.distance).min(1.0);
        let left = if self.distance.is_finite() {
            left
        } else {
            distance
        };
        self.distance = distance;
        if let Some(weights) = self.explained(&step) {
            for (seen, a) in self.seen.iter().zip(&weights) {
                for ((s, taken), image) in step.iter_mut().zip(&seen.step).zip(&seen.image) {
                    *s += a * (taken - image);
                }
            }
        }
        for (g, s) in self.gamma.iter_mut().zip(&step) {
            *g += s;
        }
        self.step = step;
        if distance == 0.0 || left < LEFT {
            Reached::Top
        } else {
            Reached::Further
        }
    }

    /// The weights a, given M g; `None` before the second step, or where steps repeat each other.
    fn explained(&self, image: &[f64]) -> Option<Array1<f64>> {
        let k = self.seen.len();
        if k == 0 {
            return None;
        }
        // In units of each fall, which shrink by orders of magnitude.
        let size: Vec<f64> = (self.seen.iter())
            .map(|s| dot(&s.fall, &s.image).sqrt())
            .collect();
        let products = Array2::from_shape_fn((k, k), |(i, j)| {
            dot(&self.seen[i].fall, &self.seen[j].image) / (size[i] * size[j])
        });
        let target = Array1::from_shape_fn(k, |i| dot(&self.seen[i].fall, image) / size[i]);
        let scaled = Cholesky::new(&products)?.solve(&target);
        Some(Array1::from_shape_fn(k, |i| scaled[i] / size[i]))
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Symmetric p x p matrix times vector.
fn times(matrix: &[f64], v: &[f64]) -> Vec<f64> {
    matrix
        .chunks_exact(v.len())
        .map(|row| dot(row, v))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hill_of_known_top_is_climbed_from_a_wrong_idea_of_its_shape() {
        // -(x - 1)^2 - 2 (y + 2)^2 - (x - 1)(y + 2), minus its second derivative [[2, 1], [1, 4]]
        let gradient = |g: &[f64]| {
            let (x, y) = (g[0] - 1.0, g[1] + 2.0);
            vec![-2.0 * x - y, -x - 4.0 * y]
        };
        let mut climb = Climb::new(&[0.0, 0.0], &[0.4, 0.0, 0.0, 0.2]);
        let mut passes = 0;
        while climb.step(&gradient(&climb.gamma.clone())) != Reached::Top {
            passes += 1;
            // Two steps show all of a plane's shape.
            assert!(passes < 5);
        }
        assert!((climb.gamma[0] - 1.0).abs() < 1e-9 && (climb.gamma[1] + 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_hollow_is_no_hill() {
        let mut climb = Climb::new(&[1.0], &[1.0]);
        assert_eq!(climb.step(&[1.0]), Reached::Further);
        assert_eq!(climb.step(&[2.0]), Reached::Stray);
    }
}
