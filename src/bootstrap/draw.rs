//! A replicate's people: how often each row was drawn.

use crate::numeric::random;
use rand::RngExt;

/// First stream of the run's seed that draws replicates; replicate k has stream `FIRST + k`, so
/// that it is the same whichever thread makes it.
const FIRST: u64 = 0xB007_0000_0000;

/// The rows of each arm.
pub(super) struct Arms {
    pub participants: Vec<u32>,
    pub pool: Vec<u32>,
    /// Place of each row in its arm.
    pub place: Vec<u32>,
}

impl Arms {
    pub(super) fn new(treated: &[bool]) -> Arms {
        let mut arms = Arms {
            participants: Vec::new(),
            pool: Vec::new(),
            place: Vec::with_capacity(treated.len()),
        };
        for (row, &took_part) in treated.iter().enumerate() {
            let arm = if took_part {
                &mut arms.participants
            } else {
                &mut arms.pool
            };
            arms.place.push(arm.len() as u32);
            arm.push(row as u32);
        }
        arms
    }

    /// Draws as many participants and as many of the pool as there are, each with replacement,
    /// and counts how often each row came.
    pub(super) fn draw(&self, seed: u64, replicate: u32, counts: &mut [u16]) {
        let mut random = random::stream(seed, FIRST + u64::from(replicate));
        counts.fill(0);
        for arm in [&self.participants, &self.pool] {
            let n = arm.len() as u32;
            for _ in 0..n {
                let row = arm[random.random_range(0..n) as usize] as usize;
                // Nobody is drawn 65,535 times from so many that the count could be reached.
                counts[row] = counts[row].saturating_add(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_draw_has_each_arms_size_and_its_own_stream() {
        let treated: Vec<bool> = (0..500).map(|i| i % 5 == 0).collect();
        let arms = Arms::new(&treated);
        let draw = |seed, k| {
            let mut counts = vec![7u16; 500];
            arms.draw(seed, k, &mut counts);
            counts
        };
        let total = |counts: &[u16], arm: bool| -> u32 {
            let of_arm = counts.iter().zip(&treated).filter(|p| *p.1 == arm);
            of_arm.map(|p| u32::from(*p.0)).sum()
        };
        for k in 0..20 {
            let counts = draw(3, k);
            assert_eq!((total(&counts, true), total(&counts, false)), (100, 400));
        }
        assert_eq!(draw(3, 1), draw(3, 1));
        assert_ne!(draw(3, 1), draw(3, 2));
        assert_ne!(draw(3, 1), draw(4, 1));
    }
}
