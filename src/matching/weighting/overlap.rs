//! Overlap weights: participants weigh 1 - e, the pool e (Li, Morgan & Zaslavsky 2018,
//! doi:10.1080/01621459.2016.1260466). With scores from an unpenalised logistic regression of
//! everybody the means of its columns are then equal in both groups: that is its score equation,
//! `sum t (1 - e) x = sum (1 - t) e x`.

use super::{People, Raw};
use crate::numeric::logistic::logistic;

pub(super) fn raw(people: &People) -> Raw {
    let of_participant = |&r: &u32| people.sampling(r) * logistic(-people.metric.score[r as usize]);
    let of_pool = |(lp, base): (&f64, &f64)| base * logistic(*lp);
    let pool = people.pool.score.iter().zip(&people.base);
    Raw {
        participants: people.participants.iter().map(of_participant).collect(),
        pool: pool.map(of_pool).collect(),
        nuisance: None,
    }
}
