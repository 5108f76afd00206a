//! What `report.json` says first, as pages show it. Read key by key: a report of another version of
//! this program may have more.

use serde_json::Value;

/// The answer in a few sentences.
#[derive(Debug, PartialEq)]
pub struct Headline {
    /// What was asked.
    pub question: String,
    /// What you can say.
    pub can_say: String,
    /// What you cannot.
    pub cannot_say: String,
    /// Why there is no number, where there is none.
    pub withheld: Option<String>,
}

/// What a steward looks at before a release.
#[derive(Debug, Default, PartialEq)]
pub struct Checks {
    /// Policy in force.
    pub policy: String,
    /// Rules that were applied.
    pub rules: Vec<String>,
    /// Numbers that were withheld.
    pub suppressed: u64,
    /// Each analysis: title, participants matched, comparison people matched.
    pub groups: Vec<(String, String, String)>,
    /// Each outcome of the headline analysis: what it is, what is said of it.
    pub outcomes: Vec<(String, String)>,
    /// Analyses that are not given, and why.
    pub not_given: Vec<(String, String)>,
    /// What the reader is warned of.
    pub warnings: Vec<String>,
    /// People handed in, and analysed.
    pub flow: Vec<(String, String)>,
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(n) => n.to_string(),
        _ => String::new(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The analysis that the report leads with.
fn leading(report: &Value) -> Option<&Value> {
    let all = list(&report["analyses"]);
    let leading = all.iter().find(|a| a["headline"] == true);
    leading.or(all.first())
}

impl Headline {
    /// Of a report's JSON; None where it is not understood.
    pub fn of(json: &[u8]) -> Option<Headline> {
        let report: Value = serde_json::from_slice(json).ok()?;
        let outcomes = list(&leading(&report)?["outcomes"]);
        let primary = outcomes.iter().find(|o| o["primary"] == true);
        let primary = primary.or(outcomes.first())?;
        let withheld = text(&primary["suppressed"]);
        Some(Headline {
            question: text(&report["study"]["title"]),
            can_say: text(&primary["can_say"]),
            cannot_say: text(&primary["cannot_say"]),
            withheld: (!withheld.is_empty()).then_some(withheld),
        })
    }
}

impl Checks {
    /// Of a report's JSON; None where it is not understood.
    pub fn of(json: &[u8]) -> Option<Checks> {
        let report: Value = serde_json::from_slice(json).ok()?;
        let record = &report["disclosure"];
        let group = |a: &Value| {
            let design = &a["design"];
            (
                text(&a["title"]),
                text(&design["participants_matched"]),
                text(&design["comparison_matched"]),
            )
        };
        let outcome = |o: &Value| {
            let withheld = text(&o["suppressed"]);
            let said = match withheld.is_empty() {
                true => text(&o["can_say"]),
                false => format!("Withheld: {withheld}"),
            };
            (outcome_name(o), said)
        };
        let outcomes = leading(&report).map_or(&[][..], |a| list(&a["outcomes"]));
        Some(Checks {
            policy: text(&record["policy"]),
            rules: list(&record["rules_applied"]).iter().map(text).collect(),
            suppressed: record["suppressed_cells"].as_u64().unwrap_or(0),
            groups: list(&report["analyses"]).iter().map(group).collect(),
            outcomes: outcomes.iter().map(outcome).collect(),
            not_given: list(&report["analyses_withheld"])
                .iter()
                .map(|a| (text(&a["title"]), text(&a["reason"])))
                .collect(),
            warnings: list(&report["warnings"])
                .iter()
                .map(|w| text(&w["message"]))
                .collect(),
            flow: list(&report["flow"])
                .iter()
                .map(|f| (text(&f["reason"]), text(&f["people"])))
                .collect(),
        })
    }
}

fn outcome_name(outcome: &Value) -> String {
    let label = text(&outcome["label"]);
    match label.is_empty() {
        false => label,
        true => text(&outcome["name"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{
        "study": {"title": "Reoffending"},
        "flow": [{"step": "submitted", "reason": "people handed in", "people": 100}],
        "analyses": [{"title": "national", "headline": true,
            "design": {"participants_matched": 80, "comparison_matched": 900},
            "outcomes": [
                {"name": "days", "primary": false, "can_say": "other", "cannot_say": "x"},
                {"name": "reoffended", "label": "Reoffended", "kind": "binary", "primary": true,
                 "can_say": "fewer", "cannot_say": "none", "suppressed": null}]}],
        "analyses_withheld": [{"title": "women", "reason": "too few"}],
        "disclosure": {"policy": "controlled", "rules_applied": ["at least 30"], "suppressed_cells": 2},
        "warnings": [{"code": "w", "message": "take care"}]
    }"#;

    #[test]
    fn the_deciding_outcome_makes_the_headline() {
        let headline = Headline::of(REPORT.as_bytes()).unwrap();
        assert_eq!(headline.question, "Reoffending");
        assert_eq!(
            (headline.can_say.as_str(), headline.withheld),
            ("fewer", None)
        );
        assert_eq!(Headline::of(b"{}"), None);
        assert_eq!(Headline::of(b"no json"), None);
    }

    #[test]
    fn a_steward_sees_the_rules_the_groups_and_what_was_withheld() {
        let checks = Checks::of(REPORT.as_bytes()).unwrap();
        assert_eq!(checks.rules, ["at least 30"]);
        assert_eq!(checks.suppressed, 2);
        assert_eq!(
            checks.groups,
            [("national".into(), "80".into(), "900".into())]
        );
        assert_eq!(checks.outcomes[1], ("Reoffended".into(), "fewer".into()));
        assert_eq!(checks.not_given, [("women".into(), "too few".into())]);
        assert_eq!(checks.flow, [("people handed in".into(), "100".into())]);
    }
}
