//! The `--outcome` flag.

use crate::cli::Failure;
use crate::register::own_table::Table;
use crate::study::{Better, OutcomeKind, OutcomeSpec};

/// An outcome flag taken apart.
pub(super) struct OutcomeFlag {
    pub column: String,
    pub kind: Option<OutcomeKind>,
    pub other: Option<String>,
}

impl OutcomeFlag {
    pub fn parse(text: &str) -> Result<OutcomeFlag, Failure> {
        let refuse = |rule: String| Failure {
            message: format!("--outcome {text}: {rule}"),
            hint: Some(
                "write COL, COL:binary, COL:count[:EXPOSURE], COL:continuous or COL:duration:EVENT"
                    .into(),
            ),
            code: 2,
        };
        let mut parts = text.split(':');
        let column = parts.next().unwrap_or_default().to_owned();
        let kind = match parts.next() {
            None => None,
            Some("binary") => Some(OutcomeKind::Binary),
            Some("count") => Some(OutcomeKind::Count),
            Some("continuous") => Some(OutcomeKind::Continuous),
            Some("duration") => Some(OutcomeKind::Duration),
            Some(other) => return Err(refuse(format!("there is no kind `{other}`"))),
        };
        let other = parts.next().map(str::to_owned);
        if column.is_empty() || parts.next().is_some() {
            return Err(refuse("it is not of the form COL[:KIND]".into()));
        }
        match (kind, &other) {
            (Some(OutcomeKind::Duration), None) => Err(refuse(
                "a duration needs the 0/1 column that says whether the event happened".into(),
            )),
            (Some(OutcomeKind::Binary | OutcomeKind::Continuous), Some(_)) => Err(refuse(
                "only counts and durations take a second column".into(),
            )),
            _ => Ok(OutcomeFlag {
                column,
                kind,
                other,
            }),
        }
    }
}

/// What the flag amounts to; the first one is primary.
pub(super) fn outcome_spec(flag: OutcomeFlag, primary: bool, table: &Table) -> OutcomeSpec {
    let binary = table.vault.is_binary(&flag.column);
    let kind = flag.kind.unwrap_or(if binary {
        OutcomeKind::Binary
    } else {
        OutcomeKind::Continuous
    });
    let (given, exposure) = match kind {
        OutcomeKind::Duration => (flag.other, None),
        _ => (None, flag.other),
    };
    OutcomeSpec {
        name: flag.column.clone(),
        label: flag.column.clone(),
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
        horizon: None,
        levels: Vec::new(),
    }
}
