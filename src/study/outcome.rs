//! What the settings of an outcome must be for its kind.

use super::OutcomeKind;
use super::raw::RawOutcome;
use std::collections::BTreeSet;
use std::ops::Range;

/// A rule broken at a place of the file.
type Broken = (Range<usize>, String);

/// Refuses settings that belong to another kind, and those that the kind lacks.
pub(super) fn fits_its_kind(o: &RawOutcome) -> Result<(), Broken> {
    let name = o.name.get_ref();
    let at_name = |rule: String| Err((o.name.span(), rule));
    let timed = matches!(o.kind, OutcomeKind::Duration | OutcomeKind::Survival);
    match &o.given {
        None if timed => {
            return at_name(format!(
                "outcome `{name}` is a {}: `given` must name the 0/1 column that says whether the event happened",
                if o.kind == OutcomeKind::Duration {
                    "duration"
                } else {
                    "time to an event"
                }
            ));
        }
        Some(g) if !timed => {
            let rule = "`given` belongs to kind = \"duration\" and kind = \"survival\"";
            return Err((g.span(), rule.into()));
        }
        _ => {}
    }
    if let Some(e) = &o.exposure
        && o.kind != OutcomeKind::Count
    {
        return Err((e.span(), "`exposure` belongs to kind = \"count\"".into()));
    }
    if let Some(h) = &o.horizon {
        if o.kind != OutcomeKind::Survival {
            return Err((h.span(), "`horizon` belongs to kind = \"survival\"".into()));
        }
        if !(h.get_ref().is_finite() && *h.get_ref() > 0.0) {
            return Err((h.span(), "`horizon` must be a finite number above 0".into()));
        }
    }
    if o.kind.has_levels() && (o.primary || o.placebo) {
        return at_name(format!(
            "outcome `{name}` has a row for each level and cannot decide, nor be a placebo, alone: make the level that matters an outcome of kind = \"binary\""
        ));
    }
    let Some(levels) = &o.levels else {
        return Ok(());
    };
    if !o.kind.has_levels() {
        let rule = "`levels` belongs to kind = \"ordered\" and kind = \"categories\"";
        return Err((levels.span(), rule.into()));
    }
    let list = levels.get_ref();
    let distinct: BTreeSet<&str> = list.iter().map(|l| l.trim()).collect();
    if list.len() < 2 || distinct.len() < list.len() || distinct.contains("") {
        let rule = "`levels` must be two or more different names";
        return Err((levels.span(), rule.into()));
    }
    Ok(())
}

/// How an outcome ends its sentence when the file does not say.
pub(crate) fn default_phrase(kind: OutcomeKind, label: &str) -> String {
    match kind {
        OutcomeKind::Binary => format!("with “{label}”"),
        OutcomeKind::Count | OutcomeKind::Continuous => format!("“{label}”"),
        OutcomeKind::Duration | OutcomeKind::Survival => format!("“{label}”"),
        OutcomeKind::Ordered | OutcomeKind::Categories => format!("whose “{label}” was"),
    }
}

/// The unit when the file does not say.
pub(crate) fn default_unit(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Binary | OutcomeKind::Ordered | OutcomeKind::Categories => "percentage points",
        OutcomeKind::Count => "per person",
        OutcomeKind::Duration | OutcomeKind::Survival => "days",
        OutcomeKind::Continuous => "units",
    }
}
