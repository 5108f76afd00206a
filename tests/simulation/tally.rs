//! Many readings of one cell, summed up.

use crate::arms::Arm;
use crate::study::{Cell, Reading, cells, read};
use crate::world::World;
use rayon::prelude::*;

/// What a cell came to over all draws. One Monte-Carlo error stands beside what needs it.
#[derive(Clone)]
pub struct Tally {
    pub cell: Cell,
    pub draws: f64,
    /// Draws without an estimate.
    pub refused: f64,
    pub bias: f64,
    /// Spread of the estimates around their truths.
    pub spread: f64,
    pub mean_se: f64,
    /// Share of intervals that hold the truth.
    pub coverage: f64,
    /// Share with p below 5 %.
    pub rejected: f64,
    pub width: f64,
    pub matched: f64,
    pub ess: f64,
    pub df: f64,
}

impl Tally {
    fn of(cell: Cell, readings: &[Reading], drawn: usize) -> Tally {
        let n = readings.len() as f64;
        let mean = |f: &dyn Fn(&Reading) -> f64| readings.iter().map(f).sum::<f64>() / n;
        let bias = mean(&|r| r.error);
        Tally {
            cell,
            draws: n,
            refused: (drawn - readings.len()) as f64,
            bias,
            spread: (mean(&|r| (r.error - bias).powi(2)) * n / (n - 1.0)).sqrt(),
            mean_se: mean(&|r| r.se),
            coverage: mean(&|r| f64::from(r.covers)),
            rejected: mean(&|r| f64::from(r.significant)),
            width: mean(&|r| r.width),
            matched: mean(&|r| r.matched),
            ess: mean(&|r| r.ess),
            df: mean(&|r| r.df),
        }
    }

    /// Monte-Carlo error of the bias.
    pub fn bias_error(&self) -> f64 {
        self.spread / self.draws.sqrt()
    }

    /// Monte-Carlo error of a share.
    pub fn share_error(&self, share: f64) -> f64 {
        (share * (1.0 - share) / self.draws).sqrt()
    }
}

/// Every cell over `draws` cohorts of the world. A draw's seed follows from its number, so that
/// the same table comes out on any machine.
pub fn simulate(world: &World, arms: &[Arm], draws: u64) -> Vec<Tally> {
    let salt = world
        .name
        .bytes()
        .fold(7u64, |s, b| s.wrapping_mul(0x0100_0000_01b3) ^ u64::from(b));
    let read: Vec<Vec<Option<Reading>>> = (0..draws)
        .into_par_iter()
        .map(|d| read(world, arms, salt.wrapping_add(d)))
        .collect();
    cells(arms)
        .into_iter()
        .enumerate()
        .map(|(i, cell)| {
            let of_cell: Vec<Reading> = read.iter().filter_map(|r| r[i]).collect();
            Tally::of(cell, &of_cell, draws as usize)
        })
        .collect()
}
