//! `report.json` of this engine, read for its headline analysis.

use super::recover::{Provenance, Recovered, Z};
use super::{File, Good, InputError, Place, Problem, Read, Reason};
use crate::comparison::Span;
use serde::Deserialize;

/// The shape that is read.
const SCHEMA: &str = "counterpart.report/1";

/// The keys that are needed; a number may be null in a report.
#[derive(Deserialize)]
struct Raw {
    study: Study,
    run: Run,
    #[serde(default)]
    analyses: Vec<Analysis>,
    #[serde(default)]
    disclosure: Policy,
}

#[derive(Deserialize)]
struct Study {
    id: String,
    title: String,
    spec_digest: String,
}

#[derive(Deserialize)]
struct Run {
    design_digest: String,
}

#[derive(Deserialize, Default)]
struct Policy {
    #[serde(default)]
    policy: String,
}

#[derive(Deserialize)]
struct Analysis {
    headline: bool,
    well_matched: bool,
    #[serde(default)]
    outcomes: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    name: String,
    kind: String,
    primary: bool,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    better: String,
    treated: Option<Group>,
    comparison: Option<Group>,
    difference: Option<Difference>,
    suppressed: Option<String>,
}

#[derive(Deserialize)]
struct Group {
    people: Option<u64>,
}

#[derive(Deserialize)]
struct Difference {
    estimate: Option<f64>,
    se: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
}

/// A report as a source of one result.
pub(super) struct Report {
    /// Study id.
    pub study: String,
    /// Digest of the study file.
    pub spec_digest: String,
    /// Names and labels of the outcomes it has, the primary one first.
    pub outcomes: Vec<String>,
    /// The result about the outcome asked for, or the primary one.
    pub read: Read,
}

/// Is this text JSON by its look?
pub(super) fn looks_like(file: File<'_>) -> bool {
    file.bytes
        .iter()
        .find(|b| !b.is_ascii_whitespace())
        .is_some_and(|b| *b == b'{')
}

/// Reads a report.
///
/// # Errors
/// What is not JSON, not a report, or lacks a part.
pub(super) fn read(file: File<'_>, asked: Option<&str>) -> Result<Report, InputError> {
    let wrong = |column: Option<&str>, problem| InputError {
        file: file.name.to_owned(),
        row: None,
        column: column.map(str::to_owned),
        problem,
    };
    if std::str::from_utf8(file.bytes).is_err() {
        return Err(wrong(None, Problem::NotUtf8));
    }
    let value: serde_json::Value =
        serde_json::from_slice(file.bytes).map_err(|_| wrong(None, Problem::NotJson))?;
    if value["schema"] != SCHEMA {
        return Err(wrong(Some("schema"), Problem::NotAReport));
    }
    let raw: Raw = serde_json::from_value(value).map_err(|_| wrong(None, Problem::MissingKey))?;
    let main = raw.analyses.iter().find(|a| a.headline);
    let mut outcomes: Vec<&Outcome> = main.map_or_else(Vec::new, |a| a.outcomes.iter().collect());
    outcomes.sort_by_key(|o| !o.primary);
    let is = |o: &Outcome, name: &str| {
        [&o.name, &o.label]
            .iter()
            .any(|n| n.to_lowercase() == name.trim().to_lowercase())
    };
    let chosen = match asked {
        Some(name) => outcomes.iter().find(|o| is(o, name)).copied(),
        None => outcomes.first().copied(),
    };
    let first = outcomes.first().map_or("", |o| o.name.as_str());
    let mut read = Read {
        name: named(file.name, &raw.study.title),
        kind: None,
        published: None,
        place: Place {
            file: file.name.to_owned(),
            row: 1,
        },
        outcome: match asked {
            // Found under its label it is the outcome asked for all the same.
            Some(name) if chosen.is_some() => Some(name.trim().to_owned()),
            _ => Some(first.to_owned()).filter(|f| !f.is_empty()),
        },
        good: None,
        n_treatment: None,
        n_comparison: None,
        found: Err(Reason::Withheld),
        numbers: raw.run.design_digest.clone(),
        report: true,
    };
    if let (Some(main), Some(o)) = (main, chosen) {
        let people = |g: &Option<Group>| g.as_ref().and_then(|g| g.people);
        read.good = match o.better.as_str() {
            "lower" => Some(Good::Lower),
            "higher" => Some(Good::Higher),
            _ => None,
        };
        read.n_treatment = people(&o.treated);
        read.n_comparison = people(&o.comparison);
        read.found = found(main, o, &raw.disclosure.policy)
            .map_err(|(key, problem)| wrong(Some(key), problem))?;
    }
    Ok(Report {
        study: raw.study.id,
        spec_digest: raw.study.spec_digest,
        outcomes: outcomes.iter().map(|o| o.name.clone()).collect(),
        read,
    })
}

/// A report has no programme's name: the file's name is it, unless that says nothing.
fn named(file: &str, title: &str) -> String {
    let stem = file.strip_suffix(".json").unwrap_or(file);
    let stem = stem.strip_suffix("report").unwrap_or(stem);
    match stem.trim_matches(['/', '-', '_', '.', ' ']) {
        "" => title.to_owned(),
        stem => stem.to_owned(),
    }
}

type Found = Result<Result<Recovered, Reason>, (&'static str, Problem)>;

fn found(analysis: &Analysis, o: &Outcome, policy: &str) -> Found {
    if o.suppressed.is_some() {
        return Ok(Err(Reason::Withheld));
    }
    if !analysis.well_matched {
        return Ok(Err(Reason::NotWellMatched));
    }
    if o.kind != "binary" {
        return Ok(Err(Reason::NotARate {
            unit: o.unit.clone(),
        }));
    }
    let Some(d) = &o.difference else {
        return Ok(Err(Reason::Withheld));
    };
    let finite = |key, x: Option<f64>| {
        x.filter(|x| x.is_finite())
            .ok_or((key, Problem::MissingKey))
    };
    let estimate = finite("difference.estimate", d.estimate)?;
    let low = finite("difference.ci_low", d.ci_low)?;
    let high = finite("difference.ci_high", d.ci_high)?;
    if low > high {
        return Err(("difference.ci_low", Problem::UpsideDown));
    }
    if !(low..=high).contains(&estimate) {
        return Err(("difference.estimate", Problem::EstimateOutside));
    }
    let (provenance, se) = match policy {
        "formal" => (Provenance::NoisyReport, (high - low) / 2.0 / Z),
        _ => (Provenance::Report, finite("difference.se", d.se)?),
    };
    if !(se > 0.0 && (se * se).is_normal()) {
        return Err(("difference.se", Problem::ZeroVariance));
    }
    Ok(Ok(Recovered {
        estimate,
        se,
        rounding_se: 0.0,
        interval: Span { low, high },
        provenance,
        note: provenance.words().to_owned(),
    }))
}
