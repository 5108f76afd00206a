//! Outcomes in categories: a yes-or-no outcome for each level.

use super::EstimateError;
use crate::numeric::frame::{Column, MISSING};
use crate::study::{Better, OutcomeKind, OutcomeSpec};

/// More levels than this are no categories but values.
pub const MOST_LEVELS: usize = 30;

/// One level as an outcome of its own.
#[derive(Clone)]
pub struct Level {
    /// `severity: high`, binary, never primary, a part of the whole outcome.
    pub spec: OutcomeSpec,
    /// 1 where the person is at this level, 0 at another, `NaN` where it is not known; one entry a
    /// row of the column.
    pub values: Vec<f64>,
}

/// The levels of an ordered outcome or one in categories, each as a yes-or-no outcome, in the
/// order that the study lists them, else sorted (numbers by size, words by letters).
///
/// The column holds words, or whole numbers. Everybody who is known is at exactly one level, so
/// that the shares of each group add up to 1.
///
/// # Errors
/// [`EstimateError::Unfit`]: ordered words without a list, too many levels, numbers that are not
/// whole; [`EstimateError::BadValue`]: a row whose value the study does not list.
pub fn levels(spec: &OutcomeSpec, column: &Column) -> Result<Vec<Level>, EstimateError> {
    let refuse = |rule: String| EstimateError::Unfit {
        outcome: spec.name.clone(),
        rule,
    };
    let (names, codes) = coded(column, &refuse)?;
    let order = match (spec.levels.is_empty(), spec.kind, column) {
        (false, ..) => spec.levels.clone(),
        (true, OutcomeKind::Ordered, Column::Category { .. }) => {
            return Err(refuse(
                "its levels are words, whose order nobody can know; list them from lowest to highest in `levels`".into(),
            ));
        }
        _ => names.clone(),
    };
    if order.len() > MOST_LEVELS {
        return Err(refuse(format!(
            "it has {} levels and at most {MOST_LEVELS} can be told apart; group them, or call it continuous",
            order.len()
        )));
    }
    let place: Vec<Option<usize>> = names
        .iter()
        .map(|n| order.iter().position(|o| same(o, n)))
        .collect();
    if let Some(row) = codes
        .iter()
        .position(|&c| c != MISSING && place[c as usize].is_none())
    {
        return Err(EstimateError::BadValue {
            outcome: spec.name.clone(),
            row: row + 1,
            rule: "is none of the levels that the study lists",
        });
    }
    let level = |(at, name): (usize, &String)| Level {
        spec: one(spec, name),
        values: codes
            .iter()
            .map(|&c| match c {
                MISSING => f64::NAN,
                c => f64::from(u8::from(place[c as usize] == Some(at))),
            })
            .collect(),
    };
    Ok(order.iter().enumerate().map(level).collect())
}

/// Names and a code a row; numbers are named as they are written.
fn coded(
    column: &Column,
    refuse: &dyn Fn(String) -> EstimateError,
) -> Result<(Vec<String>, Vec<u32>), EstimateError> {
    let numbers = match column {
        Column::Category { codes, levels } => return Ok((levels.clone(), codes.clone())),
        Column::Number(v) => v,
    };
    let mut distinct: Vec<f64> = Vec::new();
    for &v in numbers.iter().filter(|v| !v.is_nan()) {
        if v.is_infinite() || v.fract() != 0.0 {
            return Err(refuse(
                "its levels must be words or whole numbers; for other numbers say :continuous"
                    .into(),
            ));
        }
        if let Err(at) = distinct.binary_search_by(|d| d.total_cmp(&(v + 0.0))) {
            // One more than can be told apart is enough to refuse it by.
            if distinct.len() > MOST_LEVELS {
                break;
            }
            distinct.insert(at, v + 0.0);
        }
    }
    let code = |v: &f64| {
        let at = distinct.binary_search_by(|d| d.total_cmp(&(v + 0.0)));
        at.map_or(MISSING, |at| at as u32)
    };
    Ok((
        distinct.iter().map(|v| v.to_string()).collect(),
        numbers.iter().map(code).collect(),
    ))
}

/// `1` and `1.0` are the same level.
fn same(listed: &str, found: &str) -> bool {
    let number = |t: &str| t.trim().parse::<f64>().ok();
    listed.trim() == found.trim()
        || matches!((number(listed), number(found)), (Some(a), Some(b)) if a == b)
}

fn one(spec: &OutcomeSpec, level: &str) -> OutcomeSpec {
    OutcomeSpec {
        name: format!("{}: {level}", spec.name),
        label: format!("{}: {level}", spec.label),
        phrase: format!("{} \u{201c}{level}\u{201d}", spec.phrase)
            .trim()
            .to_owned(),
        kind: OutcomeKind::Binary,
        primary: false,
        unit: crate::study::default_unit(OutcomeKind::Binary).into(),
        better: Better::Neither,
        part_of: Some(spec.name.clone()),
        levels: Vec::new(),
        ..spec.clone()
    }
}
