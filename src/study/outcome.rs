//! The outcomes of a study file, and what the settings of each must be for its kind.

use super::raw::RawOutcome;
use super::{OutcomeKind, OutcomeSpec};
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;

/// A rule broken at a place of the file.
type Broken = (Range<usize>, String);

/// The outcomes in file order, exactly one of them primary.
pub(super) fn outcomes(raw: Vec<Spanned<RawOutcome>>) -> Result<Vec<OutcomeSpec>, Broken> {
    let mut seen = BTreeSet::new();
    let mut primary = 0;
    let mut out = Vec::with_capacity(raw.len());
    let mut last = 0..0;
    let mut parts: Vec<(String, Spanned<String>)> = Vec::new();
    for o in raw {
        let whole = o.span();
        let o = o.into_inner();
        let name = o.name.get_ref().clone();
        if !seen.insert(name.clone()) {
            return Err((o.name.span(), format!("outcome `{name}` is listed twice")));
        }
        if o.primary && o.placebo {
            let rule = format!(
                "outcome `{name}` cannot be both primary and a placebo: a placebo is measured before the start"
            );
            return Err((o.name.span(), rule));
        }
        if o.primary {
            primary += 1;
            if primary > 1 {
                let rule = format!(
                    "outcome `{name}` is a second primary one; exactly one decides, the others are secondary"
                );
                return Err((o.name.span(), rule));
            }
        }
        fits_its_kind(&o)?;
        let part_of = o.part_of;
        if let Some(whole) = &part_of {
            parts.push((name.clone(), whole.clone()));
        }
        let label = o.label.unwrap_or_else(|| name.replace('_', " "));
        out.push(OutcomeSpec {
            column: o.column.unwrap_or_else(|| name.clone()),
            kind: o.kind,
            primary: o.primary,
            phrase: o.phrase.unwrap_or_else(|| default_phrase(o.kind, &label)),
            unit: o.unit.unwrap_or_else(|| default_unit(o.kind).into()),
            better: o.better,
            given: o.given.map(Spanned::into_inner),
            exposure: o.exposure.map(Spanned::into_inner),
            part_of: part_of.map(Spanned::into_inner),
            table: o.table.unwrap_or_else(|| label.clone()),
            placebo: o.placebo,
            horizon: o.horizon.map(Spanned::into_inner),
            published_as: o.published_as,
            levels: o.levels.map_or_else(Vec::new, Spanned::into_inner),
            label,
            name,
        });
        last = whole;
    }
    for (part, whole) in &parts {
        let found = out.iter().find(|o| &o.name == whole.get_ref());
        let adds_up = |o: &OutcomeSpec| matches!(o.kind, OutcomeKind::Binary | OutcomeKind::Count);
        let sound = found.filter(|o| adds_up(o) && o.part_of.is_none());
        let own = out.iter().find(|o| &o.name == part).map(|o| o.kind);
        if sound.map(|o| o.kind) != own || own.is_none() {
            let rule = format!(
                "`part_of` of outcome `{part}` must name another outcome that is no part itself, both of kind \"binary\" or both of kind \"count\""
            );
            return Err((whole.span(), rule));
        }
    }
    if out.is_empty() {
        return Err((last, "no [[outcomes]]: say what is compared".into()));
    }
    if primary == 0 {
        let rule = "no outcome is primary: set primary = true on the one that decides, before any data is seen";
        return Err((last, rule.into()));
    }
    Ok(out)
}

/// Refuses settings that belong to another kind, and those that the kind lacks.
fn fits_its_kind(o: &RawOutcome) -> Result<(), Broken> {
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
