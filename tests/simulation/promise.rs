//! What is owed, world by world: the README's table says the same in words.

use crate::tally::Tally;
use crate::world::World;
use counterpart::study::SeMethod;

/// What the theory promises of an interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Promise {
    /// Covers 94 to 96 times in 100.
    Nominal,
    /// Nothing; the table shows what comes of it.
    Nothing,
}

/// Where the propensity model has the right form and the outcome has cases enough, `matched` owes
/// 94-96 % under every method that matches, and `stacked` under weighting. `lab` owes nothing (it
/// takes one variance for the whole pool and the weights as known: too wide where the covariates explain the outcome, too narrow
/// where those like participants vary more), nor do clusters with a reused pool.
pub fn promise(world: &World, tally: &Tally) -> Promise {
    match world.beyond {
        None if tally.cell.by == owed(tally.cell.method).as_str() => Promise::Nominal,
        _ => Promise::Nothing,
    }
}

/// The standard error that keeps the promise.
fn owed(method: &str) -> SeMethod {
    match method {
        "odds weights" | "entropy balancing" | "overlap weights" => SeMethod::Stacked,
        _ => SeMethod::Matched,
    }
}

/// Least and most coverage, and most rejections under no effect, of what is promised.
const COVERAGE: [f64; 2] = [0.94, 0.96];
const REJECTED: f64 = 0.055;

/// What a world's tables break, in words; `errors` Monte-Carlo errors are allowed for.
pub fn broken(world: &World, tallies: &[Tally], errors: f64) -> Vec<String> {
    let mut broken = Vec::new();
    for t in tallies
        .iter()
        .filter(|t| promise(world, t) == Promise::Nominal)
    {
        let what = format!("{}, {} by {}", world.name, t.cell.method, t.cell.by);
        let slack = errors * t.share_error(0.95);
        if !(COVERAGE[0] - slack..=COVERAGE[1] + slack).contains(&t.coverage) {
            broken.push(format!("{what}: covers {:.1} %", 100.0 * t.coverage));
        }
        if world.outcome.is_null() && t.rejected > REJECTED + slack {
            broken.push(format!(
                "{what}: finds an effect that is not there in {:.1} %",
                100.0 * t.rejected
            ));
        }
    }
    broken
}
