//! How many programmes help, how many harm, and of how many it cannot be told yet.

use super::Better;
use super::result::{Provider, Span};
use serde::{Deserialize, Serialize};

/// What can be said about one programme by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The whole interval lies on the good side of no difference.
    Helps,
    /// It lies on the bad side.
    Harms,
    /// It holds no difference.
    CannotTell,
}

impl Verdict {
    /// By an interval of participants minus comparison.
    pub fn of(interval: Span, better: Better) -> Verdict {
        match (interval.high < 0.0, interval.low > 0.0, better) {
            (true, _, Better::Lower) | (_, true, Better::Higher) => Verdict::Helps,
            (true, _, Better::Higher) | (_, true, Better::Lower) => Verdict::Harms,
            _ => Verdict::CannotTell,
        }
    }

    /// By a p and the side its estimate lies on.
    fn by_p(p: f64, estimate: f64, better: Better) -> Verdict {
        match (p < ALPHA, (estimate < 0.0) == (better == Better::Lower)) {
            (false, _) => Verdict::CannotTell,
            (true, true) => Verdict::Helps,
            (true, false) => Verdict::Harms,
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Helps => "helped",
            Verdict::Harms => "did harm",
            Verdict::CannotTell => "cannot tell yet",
        }
    }
}

/// Significance is judged at this level.
const ALPHA: f64 = crate::report::numbers::ALPHA;

/// Programmes by verdict; together all that are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Verdicts {
    /// They help.
    pub helps: usize,
    /// They harm.
    pub harms: usize,
    /// Cannot tell yet.
    pub cannot_tell: usize,
}

impl Verdicts {
    fn count(of: impl Iterator<Item = Verdict>) -> Verdicts {
        let mut out = Verdicts::default();
        for verdict in of {
            match verdict {
                Verdict::Helps => out.helps += 1,
                Verdict::Harms => out.harms += 1,
                Verdict::CannotTell => out.cannot_tell += 1,
            }
        }
        out
    }
}

/// The programmes taken together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Portfolio {
    /// By each programme's own 95 % interval.
    pub by_interval: Verdicts,
    /// By p after Holm: the chance that even one verdict is a fluke stays below 5 %.
    pub after_holm: Verdicts,
    /// By p after Benjamini and Hochberg: of the verdicts about 5 % are flukes at most.
    pub after_benjamini_hochberg: Verdicts,
    /// Programmes that, once all others are known, did more likely harm than good; null without an
    /// average.
    pub likelier_harm: Option<usize>,
    /// The same as a share of those used.
    pub likelier_harm_share: Option<f64>,
}

impl Portfolio {
    /// Counts the programmes.
    pub(super) fn of(providers: &[Provider], better: Better) -> Portfolio {
        let by = |p: fn(&Provider) -> f64| {
            let each = providers
                .iter()
                .map(|r| Verdict::by_p(p(r), r.result.estimate, better));
            Verdicts::count(each)
        };
        let drawn: Option<Vec<f64>> = providers
            .iter()
            .map(|p| p.drawn.as_ref().map(|d| d.better_than_none))
            .collect();
        let harm = drawn.map(|d| d.iter().filter(|p| **p < 0.5).count());
        Portfolio {
            by_interval: Verdicts::count(providers.iter().map(|p| p.verdict)),
            after_holm: by(|p| p.p_holm),
            after_benjamini_hochberg: by(|p| p.p_benjamini_hochberg),
            likelier_harm: harm,
            likelier_harm_share: harm.map(|h| h as f64 / providers.len() as f64),
        }
    }
}
