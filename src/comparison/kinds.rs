//! Programmes by kind: each kind's average, and whether the kinds differ.

use super::{
    Between, Coefficient, ComparisonError, IntervalKind, MetaRegression, Moderator, Pooled,
    ProgrammeResult, Test, check, meta_regression, pool,
};
use crate::numeric::distribution::chi_squared_upper_tail;

/// One kind's average with the variance between programmes shared by all kinds.
#[derive(Clone, Debug, PartialEq)]
pub struct KindMean {
    /// The kind.
    pub kind: String,
    /// Results of that kind.
    pub results: usize,
    /// Their average.
    pub mean: Coefficient,
}

/// The kinds side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Kinds {
    /// Each kind, in alphabetical order: never by size of effect.
    pub kinds: Vec<KindMean>,
    /// The regression behind them: `moderators` tests whether kinds differ at all; its intercept is the
    /// first kind's average, its slopes the others' differences from that.
    pub regression: MetaRegression,
}

/// One kind by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Alone {
    /// The kind.
    pub kind: String,
    /// Results of that kind.
    pub results: usize,
    /// Their average, with a variance between programmes of its own; none for a single result.
    pub pooled: Option<Pooled>,
}

/// Each kind by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Separate {
    /// Each kind, in alphabetical order.
    pub kinds: Vec<Alone>,
    /// Whether the averages differ: Q between kinds, chi-squared with kinds less one degrees of freedom
    /// (Borenstein & Higgins 2013, doi:10.1007/s11121-013-0377-7). None with fewer than two averages.
    pub differ: Option<Test>,
}

/// Averages by kind and a test that they are one, with one variance between programmes for all kinds: the
/// right choice with few results a kind. `kinds` has one kind a result, in their order.
///
/// # Errors
/// Lists of unequal length, an empty kind, fewer than two kinds, or as [`meta_regression`].
pub fn by_kind(
    results: &[ProgrammeResult],
    kinds: &[&str],
    between: Between,
    kind: IntervalKind,
) -> Result<Kinds, ComparisonError> {
    let names = names(results, kinds)?;
    if names.len() < 2 {
        return Err(ComparisonError::OneKind);
    }
    // Each kind in turn as the one the others are held against: its average is the intercept.
    let from = |first: &str| {
        let others = names.iter().filter(|n| **n != first);
        let columns: Vec<Moderator> = others
            .map(|name| Moderator {
                name: (*name).to_owned(),
                values: kinds.iter().map(|k| f64::from(k.trim() == *name)).collect(),
            })
            .collect();
        meta_regression(results, &columns, between, kind)
    };
    let regression = from(names[0])?;
    let means: Result<Vec<KindMean>, ComparisonError> = names
        .iter()
        .map(|name| {
            Ok(KindMean {
                kind: (*name).to_owned(),
                results: kinds.iter().filter(|k| k.trim() == *name).count(),
                mean: from(name)?.intercept,
            })
        })
        .collect();
    Ok(Kinds {
        kinds: means?,
        regression,
    })
}

/// Averages by kind, each kind with a variance between programmes of its own: for kinds with many results.
///
/// # Errors
/// Lists of unequal length, an empty kind, or as [`pool`].
pub fn kinds_apart(
    results: &[ProgrammeResult],
    kinds: &[&str],
    between: Between,
    kind: IntervalKind,
) -> Result<Separate, ComparisonError> {
    let names = names(results, kinds)?;
    let mut apart = Vec::new();
    for name in names {
        let of = |(r, k): (&ProgrammeResult, &&str)| (k.trim() == name).then(|| r.clone());
        let own: Vec<ProgrammeResult> = results.iter().zip(kinds).filter_map(of).collect();
        let pooled = match own.len() {
            1 => None,
            _ => Some(pool(&own, between, kind)?),
        };
        apart.push(Alone {
            kind: name.to_owned(),
            results: own.len(),
            pooled,
        });
    }
    let means: Vec<&Pooled> = apart.iter().filter_map(|a| a.pooled.as_ref()).collect();
    let differ = (means.len() > 1).then(|| {
        let weight = |p: &Pooled| 1.0 / (p.se * p.se);
        let w: f64 = means.iter().map(|p| weight(p)).sum();
        let mean = means.iter().map(|p| weight(p) * p.estimate).sum::<f64>() / w;
        let square = |p: &&Pooled| weight(p) * (p.estimate - mean).powi(2);
        let value = means.iter().map(square).sum();
        Test {
            value,
            p: chi_squared_upper_tail(value, means.len() as f64 - 1.0),
        }
    });
    Ok(Separate {
        kinds: apart,
        differ,
    })
}

/// The kinds there are, in alphabetical order.
fn names<'a>(
    results: &[ProgrammeResult],
    kinds: &[&'a str],
) -> Result<Vec<&'a str>, ComparisonError> {
    check(results, 1)?;
    if kinds.len() != results.len() {
        return Err(ComparisonError::Lengths {
            name: "kind".into(),
            found: kinds.len(),
            results: results.len(),
        });
    }
    if let Some(i) = kinds.iter().position(|k| k.trim().is_empty()) {
        return Err(ComparisonError::NoKind { row: i + 1 });
    }
    let found: std::collections::BTreeSet<&str> = kinds.iter().map(|k| k.trim()).collect();
    Ok(found.into_iter().collect())
}
