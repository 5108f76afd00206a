//! Many programmes' results side by side: what they say together, and how far each can be told from
//! the rest.
//!
//! Results come in as an estimate and its standard error on one scale ([`ProgrammeResult`]). Nothing
//! here ranks: each programme gets an estimate drawn towards the middle, its interval, and the
//! probability that it is better than none.

mod alike;
mod average;
mod checks;
mod context;
mod error;
mod figures;
mod funnel;
mod heterogeneity;
pub mod input;
mod kinds;
mod page;
mod pooled;
mod portfolio;
mod posterior;
mod prediction;
mod profile;
mod regression;
mod result;
mod rows;
mod shrunken;
mod spread;
mod steps;
mod trend;
mod when;
mod words;

pub use alike::{Alikeness, Clients, Lights, LikeWithLike, Pair, Scores, Trait};
pub use average::{Average, AverageInterval, Estimator};
pub use checks::{SmallStudies, benjamini_hochberg, leave_one_out, small_studies};
pub use context::{Prior, context};
pub use error::ComparisonError;
pub use figures::{forest_figure, funnel_figure, run_figure};
pub use funnel::{Dispersion, Funnel, FunnelPoint, Level, Place, Target, funnel};
pub use heterogeneity::{Between, Heterogeneity, between_variance, heterogeneity};
pub use kinds::{Alone, KindMean, Kinds, Separate, by_kind, kinds_apart};
pub use page::page;
pub use pooled::{IntervalKind, Pooled, Range, pool, pooled_at};
pub use portfolio::{Portfolio, Verdict, Verdicts};
pub use posterior::{Better, Chances, chances};
pub use prediction::prediction;
pub use profile::{Profile, profile};
pub use regression::{Coefficient, MetaRegression, Moderator, Test, meta_regression};
pub use result::{
    CompareError, Comparison, Counts, Drawings, Drawn, NotUsed, Order, Provider, SCHEMA, Small,
    Span, Warning, compare,
};
pub use rows::table;
pub use shrunken::{Shrunken, shrunken};
pub use spread::{Course, CoursePoint, FunnelFound, KindFound, KindsFound};
pub use steps::{NextStep, RULES, Rules, StepsError};
pub use trend::{Change, Dated, Trend, trend};
pub use when::{Precision, When};
pub use words::in_context;

/// One programme's result: an estimate on the comparison's scale and how exact it is.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgrammeResult {
    /// The programme, as its report or the published table names it.
    pub name: String,
    /// The effect, in the unit all results share (a share, not per cent; or a log ratio).
    pub estimate: f64,
    /// Its standard error, above 0, in the same unit.
    pub se: f64,
}

/// Results fit to be compared: at least `least`, finite, exact to a known degree, named once.
fn check(results: &[ProgrammeResult], least: usize) -> Result<(), ComparisonError> {
    if results.len() < least {
        return Err(ComparisonError::TooFew {
            found: results.len(),
            least,
        });
    }
    let mut seen = std::collections::HashMap::new();
    for (i, r) in results.iter().enumerate() {
        let row = i + 1;
        if !r.estimate.is_finite() {
            return Err(ComparisonError::Estimate { row });
        }
        // Squares and their inverses must stay numbers too.
        let variance = r.se * r.se;
        if !(r.se > 0.0 && variance.is_normal() && variance.recip().is_finite()) {
            return Err(ComparisonError::StandardError { row });
        }
        if let Some(first) = seen.insert(r.name.trim(), row) {
            return Err(ComparisonError::NamedTwice { first, row });
        }
    }
    Ok(())
}
