//! The `--outcome` flag.

use crate::cli::Failure;
use crate::register::own_table::Table;
use crate::study::{Better, OutcomeKind, OutcomeSpec};

/// An outcome flag taken apart.
pub(super) struct OutcomeFlag {
    pub column: String,
    pub kind: Option<OutcomeKind>,
    /// A second column: time at risk, or whether the event happened.
    pub other: Option<String>,
    /// Survival: the time up to which mean times are counted.
    pub horizon: Option<f64>,
    /// Ordered and categories: the levels.
    pub levels: Vec<String>,
}

impl OutcomeFlag {
    pub fn parse(text: &str) -> Result<OutcomeFlag, Failure> {
        let refuse = |rule: String| {
            Failure {
            message: format!("--outcome {text}: {rule}"),
            hint: Some(
                "write COL, COL:binary, COL:count[:EXPOSURE], COL:continuous, COL:duration:EVENT, COL:survival:EVENT[:HORIZON], COL:ordered[:LOW,...,HIGH] or COL:categories[:A,B,...]"
                    .into(),
            ),
            code: 2,
        }
        };
        let mut parts = text.split(':');
        let column = parts.next().unwrap_or_default().to_owned();
        let kind = match parts.next() {
            None => None,
            Some("binary") => Some(OutcomeKind::Binary),
            Some("count") => Some(OutcomeKind::Count),
            Some("continuous") => Some(OutcomeKind::Continuous),
            Some("duration") => Some(OutcomeKind::Duration),
            Some("survival") => Some(OutcomeKind::Survival),
            Some("ordered") => Some(OutcomeKind::Ordered),
            Some("categories") => Some(OutcomeKind::Categories),
            Some(other) => return Err(refuse(format!("there is no kind `{other}`"))),
        };
        let mut other = parts.next().map(str::to_owned);
        let mut levels = Vec::new();
        if kind.is_some_and(OutcomeKind::has_levels)
            && let Some(list) = other.take()
        {
            levels.extend(list.split(',').map(|l| l.trim().to_owned()));
        }
        let horizon = match parts.next() {
            Some(text) if kind == Some(OutcomeKind::Survival) => match text.parse::<f64>() {
                Ok(h) if h.is_finite() && h > 0.0 => Some(h),
                _ => return Err(refuse("the horizon must be a number above 0".into())),
            },
            Some(_) => return Err(refuse("it is not of the form COL[:KIND]".into())),
            None => None,
        };
        if column.is_empty() || parts.next().is_some() {
            return Err(refuse("it is not of the form COL[:KIND]".into()));
        }
        match (kind, &other) {
            (Some(OutcomeKind::Duration), None) => Err(refuse(
                "a duration needs the 0/1 column that says whether the event happened".into(),
            )),
            (Some(OutcomeKind::Survival), None) => Err(refuse(
                "survival needs the 0/1 column that says whether the event happened".into(),
            )),
            (Some(OutcomeKind::Binary | OutcomeKind::Continuous), Some(_)) => Err(refuse(
                "only counts, durations and survival take a second column".into(),
            )),
            _ => Ok(OutcomeFlag {
                column,
                kind,
                other,
                horizon,
                levels,
            }),
        }
    }
}

/// What the flag amounts to; the first one is primary.
pub(super) fn outcome_spec(
    flag: OutcomeFlag,
    primary: bool,
    table: &Table,
) -> Result<OutcomeSpec, Failure> {
    if primary && flag.kind.is_some_and(OutcomeKind::has_levels) {
        return Err(Failure {
            message: format!(
                "--outcome {}: the first outcome decides, and one with levels has a row for each",
                flag.column
            ),
            hint: Some("name an outcome of another kind first".into()),
            code: 2,
        });
    }
    let binary = table.vault.is_binary(&flag.column);
    let kind = flag.kind.unwrap_or(if binary {
        OutcomeKind::Binary
    } else {
        OutcomeKind::Continuous
    });
    let (given, exposure) = match kind {
        OutcomeKind::Duration | OutcomeKind::Survival => (flag.other, None),
        _ => (None, flag.other),
    };
    Ok(OutcomeSpec {
        name: flag.column.clone(),
        label: flag.column.clone(),
        table: flag.column.clone(),
        phrase: crate::study::default_phrase(kind, &flag.column),
        unit: crate::study::default_unit(kind).into(),
        column: flag.column,
        kind,
        primary,
        better: Better::Neither,
        given,
        exposure,
        part_of: None,
        placebo: false,
        horizon: flag.horizon,
        published_as: Vec::new(),
        levels: flag.levels,
    })
}
