//! Odds weights: the pool weighs `e / (1 - e) = exp(lp)`, participants 1 (Hirano, Imbens & Ridder
//! 2003, doi:10.1111/1468-0262.00442). Relative to the largest, so that no weight overflows.

use super::{People, Raw};

pub(super) fn raw(people: &People) -> Raw {
    let eligible = people.pool.score.iter().zip(&people.base);
    let largest = eligible
        .clone()
        .filter(|p| *p.1 > 0.0)
        .fold(f64::NEG_INFINITY, |m, p| m.max(*p.0));
    let weigh = |(lp, base): (&f64, &f64)| match *base > 0.0 {
        true => base * (lp - largest).exp(),
        false => 0.0,
    };
    Raw {
        participants: Vec::new(),
        pool: eligible.map(weigh).collect(),
        nuisance: None,
    }
}
