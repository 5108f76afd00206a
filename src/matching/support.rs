//! Common support: leaving out who has nobody comparable on the other side.

use crate::study::CommonSupport;

/// Which rows stay: those within the other group's range of scores, where the settings ask.
pub(super) fn kept(score: &[f64], treated: &[bool], support: CommonSupport) -> Vec<bool> {
    let range = |group: bool| {
        score
            .iter()
            .zip(treated)
            .filter(|&(_, &t)| t == group)
            .fold(
                (f64::INFINITY, f64::NEG_INFINITY),
                |(low, high), (&s, _)| (low.min(s), high.max(s)),
            )
    };
    let (cut_participants, cut_pool) = match support {
        CommonSupport::None => return vec![true; score.len()],
        CommonSupport::Participants => (true, false),
        CommonSupport::Pool => (false, true),
        CommonSupport::Both => (true, true),
    };
    let (of_pool, of_participants) = (range(false), range(true));
    score
        .iter()
        .zip(treated)
        .map(|(&s, &t)| {
            let (cut, (low, high)) = if t {
                (cut_participants, of_pool)
            } else {
                (cut_pool, of_participants)
            };
            !cut || (s >= low && s <= high)
        })
        .collect()
}
