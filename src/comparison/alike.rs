//! Like with like: whom programmes worked with, before what they made of it.

use super::Span;
use serde::Serialize;
use std::collections::BTreeMap;

/// Means further apart than this many standard deviations are of unlike people: regression and
/// matching no longer make up for it (Rubin 2001, doi:10.1023/A:1020363010465; Stuart 2010,
/// doi:10.1214/09-STS313).
const UNLIKE: f64 = 0.25;
/// Means closer than this are of people alike (Austin 2009, doi:10.1002/sim.3697).
const ALIKE: f64 = 0.1;

/// One thing known of a programme's clients.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trait {
    /// The model's term.
    pub term: String,
    /// For people.
    pub label: String,
    /// Mean, or share of those who have it.
    pub mean: f64,
    /// Standard deviation; null where the report does not let it be known.
    pub sd: Option<f64>,
    /// A share, 0 to 1.
    pub share: bool,
}

/// How near each term came to its counterparts' after matching: numbers of lights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Lights {
    /// Alike.
    pub green: usize,
    /// Nearly alike.
    pub amber: usize,
    /// Not alike.
    pub red: usize,
}

/// Clients by how likely they were to be in the programme, as the report's own model has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// Ends of bins: log odds of being a client, less the log odds of anybody in the pool.
    pub edges: Vec<f64>,
    /// Share of clients in each bin.
    pub shares: Vec<f64>,
}

/// Whom a programme worked with, as its report tells it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clients {
    /// What is known of them.
    pub traits: Vec<Trait>,
    /// How near their counterparts were.
    pub lights: Lights,
    /// How likely they were to be in the programme.
    pub scores: Option<Scores>,
}

/// Two programmes' clients.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// One programme.
    pub one: String,
    /// The other.
    pub other: String,
    /// Terms that both reports have.
    pub terms: usize,
    /// Terms whose means lie more than a quarter of a standard deviation apart.
    pub unlike: usize,
    /// The term that lies furthest apart, for people.
    pub furthest: String,
    /// By how many standard deviations.
    pub distance: f64,
    /// Share of the two distributions of propensity that lie over each other, 0 to 1.
    pub overlap: Option<f64>,
}

impl Pair {
    /// How alike these two are.
    pub fn verdict(&self) -> Alikeness {
        Alikeness::of(self.distance)
    }
}

/// How alike all are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Alikeness {
    /// No two programmes' means lie more than a tenth of a standard deviation apart.
    Alike,
    /// Some do, none more than a quarter.
    Nearly,
    /// Some lie more than a quarter apart.
    Unlike,
}

impl Alikeness {
    fn of(distance: f64) -> Alikeness {
        if distance > UNLIKE {
            Alikeness::Unlike
        } else if distance > ALIKE {
            Alikeness::Nearly
        } else {
            Alikeness::Alike
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Alikeness::Alike => "alike",
            Alikeness::Nearly => "nearly alike",
            Alikeness::Unlike => "not alike",
        }
    }
}

/// All clients side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LikeWithLike {
    /// How alike all are: by the pair that lies furthest apart.
    pub verdict: Alikeness,
    /// Each two programmes, in the order of the programmes.
    pub pairs: Vec<Pair>,
    /// Programmes of whose clients nothing is known.
    pub unknown: usize,
}

/// Holds each two programmes' clients against each other; none where fewer than two are known.
/// O(programmes squared times terms).
pub(super) fn like_with_like(of: &[(&str, Option<&Clients>)]) -> Option<LikeWithLike> {
    let known: Vec<(&str, &Clients)> = of
        .iter()
        .filter_map(|(name, clients)| Some((*name, (*clients)?)))
        .collect();
    let mut pairs = Vec::new();
    for (i, (one, a)) in known.iter().enumerate() {
        for (other, b) in &known[i + 1..] {
            pairs.extend(pair(one, a, other, b));
        }
    }
    let furthest = pairs.iter().map(|p: &Pair| p.distance).fold(0.0, f64::max);
    (!pairs.is_empty()).then(|| LikeWithLike {
        verdict: Alikeness::of(furthest),
        pairs,
        unknown: of.len() - known.len(),
    })
}

/// Two programmes' clients; none where they have no term in common.
fn pair(one: &str, a: &Clients, other: &str, b: &Clients) -> Option<Pair> {
    let theirs: BTreeMap<&str, &Trait> = b.traits.iter().map(|t| (t.term.as_str(), t)).collect();
    let distances: Vec<(&Trait, f64)> = a
        .traits
        .iter()
        .filter_map(|mine| Some((mine, distance(mine, theirs.get(mine.term.as_str())?)?)))
        .collect();
    let (furthest, most) = distances
        .iter()
        .copied()
        .reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    Some(Pair {
        one: one.to_owned(),
        other: other.to_owned(),
        terms: distances.len(),
        unlike: distances.iter().filter(|(_, d)| *d > UNLIKE).count(),
        furthest: furthest.label.clone(),
        distance: most,
        overlap: a.scores.as_ref().zip(b.scores.as_ref()).map(overlap),
    })
}

/// Distance of two means in standard deviations, the two variances averaged; none where a deviation is
/// not known. Equal means are no distance apart, whatever their deviation.
fn distance(a: &Trait, b: &Trait) -> Option<f64> {
    if a.mean == b.mean {
        return Some(0.0);
    }
    let (sa, sb) = match (a.sd, b.sd) {
        (Some(sa), Some(sb)) => (sa, sb),
        // One is known: people of one register differ among themselves about as much everywhere.
        (Some(s), None) | (None, Some(s)) => (s, s),
        (None, None) => return None,
    };
    let sd = ((sa * sa + sb * sb) / 2.0).sqrt();
    (sd > 0.0).then(|| (a.mean - b.mean).abs() / sd)
}

/// Share that two histograms have in common: the sum of the smaller of both over the bins that both
/// sets of edges cut, people spread evenly within a bin (Inman & Bradley 1989,
/// doi:10.1080/03610928908830127).
fn overlap((a, b): (&Scores, &Scores)) -> f64 {
    let mut edges: Vec<f64> = a.edges.iter().chain(&b.edges).copied().collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let within = |s: &Scores, span: Span| -> f64 {
        let bins = s.edges.windows(2).zip(&s.shares);
        bins.map(|(edge, share)| {
            let common = span.high.min(edge[1]) - span.low.max(edge[0]);
            share * (common.max(0.0) / (edge[1] - edge[0]))
        })
        .sum()
    };
    let both = edges.windows(2).map(|e| {
        let span = Span {
            low: e[0],
            high: e[1],
        };
        within(a, span).min(within(b, span))
    });
    // Shares are rounded: they may add up to a little more than one.
    both.sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(edges: &[f64], shares: &[f64]) -> Scores {
        Scores {
            edges: edges.to_vec(),
            shares: shares.to_vec(),
        }
    }

    fn clients(traits: &[(&str, f64, Option<f64>)]) -> Clients {
        Clients {
            traits: traits
                .iter()
                .map(|(term, mean, sd)| Trait {
                    term: (*term).into(),
                    label: term.to_uppercase(),
                    mean: *mean,
                    sd: *sd,
                    share: false,
                })
                .collect(),
            lights: Lights::default(),
            scores: None,
        }
    }

    #[test]
    fn distances_by_hand() {
        let a = clients(&[("age", 30.0, Some(6.0)), ("prior", 2.0, None)]);
        let b = clients(&[("age", 37.0, Some(8.0)), ("prior", 2.0, None)]);
        let found = like_with_like(&[("a", Some(&a)), ("b", Some(&b)), ("c", None)]).unwrap();
        let pair = &found.pairs[0];
        // sqrt((36 + 64) / 2) = 7.0711; 7 / 7.0711 = 0.98995
        assert!((pair.distance - 0.989_949_493_661_166_5).abs() < 1e-12);
        assert_eq!(
            (pair.terms, pair.unlike, pair.furthest.as_str()),
            (2, 1, "AGE")
        );
        assert_eq!((found.verdict, found.unknown), (Alikeness::Unlike, 1));
        let back = like_with_like(&[("b", Some(&b)), ("a", Some(&a))]).unwrap();
        assert_eq!(back.pairs[0].distance, pair.distance);
        let same = like_with_like(&[("a", Some(&a)), ("b", Some(&a))]).unwrap();
        assert_eq!(
            (same.verdict, same.pairs[0].distance),
            (Alikeness::Alike, 0.0)
        );
        let half = clients(&[("age", 31.0, Some(6.0))]);
        let nearly = like_with_like(&[("a", Some(&a)), ("h", Some(&half))]).unwrap();
        assert_eq!(nearly.verdict, Alikeness::Nearly, "{nearly:?}");
    }

    #[test]
    fn nothing_in_common_is_no_pair() {
        let (a, b) = (
            clients(&[("age", 30.0, Some(6.0))]),
            clients(&[("height", 170.0, Some(9.0))]),
        );
        assert_eq!(like_with_like(&[("a", Some(&a)), ("b", Some(&b))]), None);
        assert_eq!(like_with_like(&[("a", Some(&a)), ("b", None)]), None);
        assert_eq!(like_with_like(&[]), None);
    }

    #[test]
    fn overlap_by_hand() {
        let a = scores(&[0.0, 1.0, 2.0], &[0.5, 0.5]);
        assert!((overlap((&a, &a)) - 1.0).abs() < 1e-12);
        // Half of b lies in 1 to 2, where half of a lies; its other half where a has nobody.
        let b = scores(&[1.0, 3.0], &[1.0]);
        assert!((overlap((&a, &b)) - 0.5).abs() < 1e-12);
        assert!((overlap((&b, &a)) - 0.5).abs() < 1e-12);
        let far = scores(&[5.0, 6.0], &[1.0]);
        assert_eq!(overlap((&a, &far)), 0.0);
    }
}
