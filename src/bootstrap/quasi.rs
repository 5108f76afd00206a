//! Steps uphill on a replicate's likelihood, from gradients alone.

/// Distance from the maximum, in standard errors, at which the last step is taken. What is left
/// after that step is a small part of it.
const NEAR: f64 = 1e-7;

/// Where a replicate stands, and what it knows of the hill.
pub(super) struct Climb {
    /// Coefficients, constant first.
    pub(super) gamma: Vec<f64>,
    /// Approximate inverse of minus the second derivative, p x p, symmetric.
    inverse: Vec<f64>,
    gradient: Vec<f64>,
    step: Vec<f64>,
    /// Distance from the maximum, in standard errors, at the last gradient.
    distance: f64,
}

/// How far a climb has come.
#[derive(Debug, PartialEq)]
pub(super) enum Reached {
    /// Another gradient is needed.
    Further,
    /// The maximum, to [`NEAR`].
    Top,
    /// No nearer than before: this hill needs its own second derivative.
    Stray,
}

impl Climb {
    pub(super) fn new(gamma: &[f64], inverse: &[f64]) -> Climb {
        Climb {
            gamma: gamma.to_vec(),
            inverse: inverse.to_vec(),
            gradient: Vec::new(),
            step: Vec::new(),
            distance: f64::INFINITY,
        }
    }

    /// Takes a step, given the gradient at the present coefficients.
    ///
    /// # Formula
    /// step = M g. With s the step before, y the fall of the gradient over it and r = 1 / s'y, M is
    /// first mended to `(I - r s y') M (I - r y s') + r s s'`, so that M y = s (BFGS). The distance
    /// is sqrt(g' M g).
    pub(super) fn step(&mut self, gradient: &[f64]) -> Reached {
        if !self.step.is_empty() && !self.mend(gradient) {
            return Reached::Stray;
        }
        self.gradient.clear();
        self.gradient.extend_from_slice(gradient);
        self.step = times(&self.inverse, gradient);
        let distance = dot(&self.step, gradient).max(0.0).sqrt();
        if !distance.is_finite() || distance > 2.0 * self.distance {
            return Reached::Stray;
        }
        self.distance = distance;
        for (g, s) in self.gamma.iter_mut().zip(&self.step) {
            *g += s;
        }
        if distance < NEAR {
            Reached::Top
        } else {
            Reached::Further
        }
    }

    /// Mends the inverse with what the last step showed; false when the hill bends upwards there.
    fn mend(&mut self, gradient: &[f64]) -> bool {
        let fall: Vec<f64> = (self.gradient.iter().zip(gradient))
            .map(|(before, now)| before - now)
            .collect();
        let bend = dot(&self.step, &fall);
        if bend.is_nan() || bend <= 0.0 {
            return false;
        }
        let r = 1.0 / bend;
        let image = times(&self.inverse, &fall);
        let scale = r * (1.0 + r * dot(&fall, &image));
        for ((row, &s), &m) in (self.inverse.chunks_exact_mut(fall.len()))
            .zip(&self.step)
            .zip(&image)
        {
            for ((v, &s2), &m2) in row.iter_mut().zip(&self.step).zip(&image) {
                *v += scale * s * s2 - r * (s * m2 + m * s2);
            }
        }
        true
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
            assert!(passes < 20);
        }
        assert!((climb.gamma[0] - 1.0).abs() < 1e-8 && (climb.gamma[1] + 2.0).abs() < 1e-8);
    }

    #[test]
    fn a_hollow_is_no_hill() {
        let mut climb = Climb::new(&[1.0], &[1.0]);
        assert_eq!(climb.step(&[1.0]), Reached::Further);
        assert_eq!(climb.step(&[2.0]), Reached::Stray);
    }
}
