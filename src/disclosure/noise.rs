//! Noise whose law is exact: the discrete Laplace distribution on the integers, sampled without any
//! rounding of real numbers (Canonne, Kamath & Steinke 2020, arXiv:2004.00010, algorithms 1 and 2).

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// Budgets are read to this fine.
const PARTS: u64 = 1_000_000;

/// Where noise comes from: the operating system's randomness; a seed of one's own in tests alone.
pub struct Noise(ChaCha20Rng);

impl std::fmt::Debug for Noise {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Noise")
    }
}

impl Noise {
    /// Nobody can foretell it.
    pub fn of_the_system() -> Noise {
        Noise(ChaCha20Rng::from_seed(rand::random()))
    }

    /// The same every time: whoever knows the seed can take it off again.
    pub fn foretold(seed: u64) -> Noise {
        Noise(ChaCha20Rng::seed_from_u64(seed))
    }

    /// An integer X with P(X = x) proportional to `exp(-epsilon |x|)`; `epsilon` is taken to the
    /// millionth, and not below one.
    pub fn laplace(&mut self, epsilon: f64) -> i64 {
        let (s, t) = rational(epsilon);
        loop {
            let u = self.0.random_range(0..t);
            if !self.exp_of_minus(u, t) {
                continue;
            }
            let mut whole = 0;
            while self.exp_of_minus(1, 1) {
                whole += 1;
            }
            let size = ((u + t * whole) / s) as i64;
            match (self.0.random_bool(0.5), size) {
                (true, 0) => continue,
                (true, size) => return -size,
                (false, size) => return size,
            }
        }
    }

    /// True with probability `exp(-a / b)`, `a <= b`.
    fn exp_of_minus(&mut self, a: u64, b: u64) -> bool {
        let mut k = 1;
        while self.0.random_range(0..b * k) < a {
            k += 1;
        }
        k % 2 == 1
    }

    #[cfg(test)]
    fn bits(&mut self) -> u64 {
        self.0.random()
    }
}

fn rational(epsilon: f64) -> (u64, u64) {
    let s = (epsilon * PARTS as f64).floor().clamp(1.0, 1e9) as u64;
    let divisor = gcd(s, PARTS);
    (s / divisor, PARTS / divisor)
}

fn gcd(a: u64, b: u64) -> u64 {
    match b {
        0 => a,
        b => gcd(b, a % b),
    }
}

/// Variance of [`Noise::laplace`]: `2 p / (1 - p)^2` with `p = exp(-epsilon)`.
pub fn variance(epsilon: f64) -> f64 {
    let (s, t) = rational(epsilon);
    let p = (-(s as f64) / t as f64).exp();
    2.0 * p / ((1.0 - p) * (1.0 - p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noise_has_its_law() {
        let mut noise = Noise::foretold(7);
        const DRAWS: usize = 200_000;
        for epsilon in [0.25, 1.0, 2.5] {
            let drawn: Vec<i64> = (0..DRAWS).map(|_| noise.laplace(epsilon)).collect();
            let n = DRAWS as f64;
            let mean = drawn.iter().sum::<i64>() as f64 / n;
            let spread = drawn.iter().map(|x| (x * x) as f64).sum::<f64>() / n;
            let want = variance(epsilon);
            assert!(mean.abs() < 5.0 * (want / n).sqrt(), "{epsilon}: {mean}");
            assert!((spread / want - 1.0).abs() < 0.05, "{epsilon}: {spread}");
            // Every value as often as the law says, to five standard errors.
            let p = (-epsilon).exp();
            for x in -3i64..=3 {
                let share = (1.0 - p) / (1.0 + p) * p.powi(x.abs() as i32);
                let seen = drawn.iter().filter(|d| **d == x).count() as f64 / n;
                let error = (share * (1.0 - share) / n).sqrt();
                assert!((seen - share).abs() < 5.0 * error, "{epsilon} {x}: {seen}");
            }
        }
    }

    #[test]
    fn the_systems_noise_is_never_the_same() {
        let draws = || {
            let mut noise = Noise::of_the_system();
            [noise.bits(), noise.bits()]
        };
        assert_ne!(draws(), draws());
    }

    #[test]
    fn a_budget_of_nothing_is_not_taken_for_one_of_everything() {
        assert_eq!(rational(0.0), (1, PARTS));
        assert_eq!(rational(0.5), (1, 2));
    }
}
