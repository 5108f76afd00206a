//! What the settings of an outcome must be for its kind.

use super::raw::RawOutcome;
use super::{OutcomeKind, OutcomeSpec};
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

/// What a controlled policy asks of an outcome: what is compared is fixed by the study, since the
/// levels that occur, or the longest time anybody was followed, are facts about people.
pub(super) fn tells_nothing_of_one(o: &OutcomeSpec) -> Result<(), String> {
    let name = &o.name;
    if o.kind.has_levels() && o.levels.is_empty() {
        return Err(format!(
            "outcome `{name}`: under a controlled policy list its `levels`; those that occur are facts about people"
        ));
    }
    if o.kind == OutcomeKind::Survival && o.horizon.is_none() {
        return Err(format!(
            "outcome `{name}`: under a controlled policy say its `horizon`; the longest time anybody was followed is a fact about one person"
        ));
    }
    Ok(())
}

/// On a register everybody is followed for the study's days: beyond them nothing is known, and
/// somebody without an event must not count as free of it.
pub(super) fn within_follow_up(o: &OutcomeSpec, days: u32) -> Result<(), String> {
    match o.horizon {
        Some(h) if o.unit == "days" && h > f64::from(days) => Err(format!(
            "outcome `{}`: its `horizon` lies beyond the {days} days of `follow_up_days`, after which nobody is followed",
            o.name
        )),
        _ => Ok(()),
    }
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

#[cfg(test)]
mod tests {
    use crate::study::Study;

    fn parsed(outcome: &str, mode: &str) -> Result<Study, String> {
        let text = format!(
            "id = \"x\"\ntitle = \"X\"\ndomain = \"justice\"\n[[covariates]]\ncolumn = \"a\"\nkind = \"number\"\n[matching]\n[[outcomes]]\nname = \"y\"\nkind = \"binary\"\nprimary = true\n[[outcomes]]\nname = \"z\"\n{outcome}\n[disclosure]\nmode = \"{mode}\"\n"
        );
        Study::parse("x.toml", &text).map_err(|e| e.to_string())
    }

    #[test]
    fn settings_of_another_kind_are_refused_with_the_rule() {
        for (outcome, rule) in [
            ("kind = \"survival\"", "`given` must name the 0/1 column"),
            ("kind = \"binary\"\ngiven = \"e\"", "`given` belongs to"),
            ("kind = \"count\"\nhorizon = 3", "`horizon` belongs to"),
            ("kind = \"survival\"\ngiven = \"e\"\nhorizon = 0", "above 0"),
            (
                "kind = \"survival\"\ngiven = \"e\"\nhorizon = inf",
                "finite",
            ),
            (
                "kind = \"binary\"\nlevels = [\"a\", \"b\"]",
                "`levels` belongs to",
            ),
            (
                "kind = \"ordered\"\nlevels = [\"a\"]",
                "two or more different",
            ),
            (
                "kind = \"ordered\"\nlevels = [\"a\", \"a \"]",
                "two or more different",
            ),
            (
                "kind = \"ordered\"\nlevels = [\"a\", \" \"]",
                "two or more different",
            ),
            (
                "kind = \"categories\"\nplacebo = true",
                "cannot decide, nor be a placebo",
            ),
            (
                "kind = \"survival\"\ngiven = \"e\"\npart_of = \"y\"",
                "both of kind",
            ),
        ] {
            let refused = parsed(outcome, "none").unwrap_err();
            assert!(refused.contains(rule), "{outcome}: {refused}");
        }
    }

    #[test]
    fn a_horizon_lies_within_the_follow_up() {
        let of = |horizon, unit: &str| {
            let o = format!("kind = \"survival\"\ngiven = \"e\"\nhorizon = {horizon}\n{unit}");
            parsed(&o, "controlled")
        };
        assert!(of(365, "").is_ok());
        assert!(of(366, "").unwrap_err().contains("beyond the 365 days"));
        assert!(of(366, "unit = \"hours\"").is_ok());
    }

    #[test]
    fn a_controlled_study_says_beforehand_what_is_shown() {
        for (open, fixed) in [
            ("kind = \"categories\"", "levels = [\"a\", \"b\"]"),
            ("kind = \"ordered\"", "levels = [\"a\", \"b\"]"),
            ("kind = \"survival\"\ngiven = \"e\"", "horizon = 365"),
        ] {
            let refused = parsed(open, "controlled").unwrap_err();
            assert!(refused.contains("under a controlled policy"), "{refused}");
            assert!(refused.contains("line 12"), "{refused}");
            assert!(parsed(open, "none").is_ok());
            let study = parsed(&format!("{open}\n{fixed}"), "controlled").unwrap();
            let z = &study.outcomes[1];
            assert!(z.horizon == Some(365.0) || z.levels == ["a", "b"]);
        }
    }
}
