//! `report.json` of this engine, read for its headline analysis.

use super::recover::{Provenance, Recovered, Z};
use super::{Better, File, InputError, Place, Problem, Read, Reason};
use crate::comparison::{Clients, Lights, Scores, Span, Trait};
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
    #[serde(default)]
    design: Design,
    #[serde(default)]
    balance: Vec<BalanceRow>,
    overlap: Option<Overlap>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Design {
    participants: u64,
    comparison_pool: u64,
}

#[derive(Deserialize)]
struct BalanceRow {
    term: String,
    #[serde(default)]
    label: String,
    mean_treated: Option<f64>,
    mean_pool: Option<f64>,
    smd_before: Option<f64>,
    variance_ratio: Option<f64>,
    #[serde(default)]
    light: String,
}

#[derive(Deserialize)]
struct Overlap {
    edges: Vec<f64>,
    participants: Vec<f64>,
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
        name: match file.about.programme {
            Some(programme) => programme.to_owned(),
            None => named(file.name, &raw.study.title),
        },
        kind: file.about.kind.map(str::to_owned),
        published: file.about.published.map(str::to_owned),
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
        programme: file.about.programme.map(str::to_owned),
        clients: main.map(clients),
    };
    if let (Some(main), Some(o)) = (main, chosen) {
        let people = |g: &Option<Group>| g.as_ref().and_then(|g| g.people);
        read.good = match o.better.as_str() {
            "lower" => Some(Better::Lower),
            "higher" => Some(Better::Higher),
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

/// Whom the programme worked with: means, and the deviations that they let be known. A term that is
/// another's square or says that another is missing is left out: it would count one thing twice.
fn clients(analysis: &Analysis) -> Clients {
    let mut lights = Lights::default();
    for row in &analysis.balance {
        match row.light.as_str() {
            "green" => lights.green += 1,
            "amber" => lights.amber += 1,
            "red" => lights.red += 1,
            _ => {}
        }
    }
    let derived = |term: &str| term.contains('^') || term.ends_with(" missing");
    let rows = analysis.balance.iter().filter(|r| !derived(&r.term));
    Clients {
        traits: rows.filter_map(one_trait).collect(),
        lights,
        scores: scores(analysis),
    }
}

fn one_trait(row: &BalanceRow) -> Option<Trait> {
    let mean = row.mean_treated.filter(|m| m.is_finite())?;
    let pool = row.mean_pool.filter(|m| m.is_finite())?;
    let unit = |x: f64| (0.0..=1.0).contains(&x);
    let share = row.variance_ratio.is_none() && unit(mean) && unit(pool);
    let sd = match share {
        true => Some((mean * (1.0 - mean)).sqrt()),
        // The standardised difference is that of the printed means over the participants' deviation.
        false => row
            .smd_before
            .filter(|d| d.abs() >= 0.05)
            .map(|d| ((mean - pool) / d).abs()),
    };
    Some(Trait {
        term: row.term.clone(),
        label: match row.label.is_empty() {
            true => row.term.clone(),
            false => row.label.clone(),
        },
        mean,
        sd: sd.filter(|sd| sd.is_finite()),
        share,
    })
}

/// Log odds of being a client, less those of anybody in the pool: lists of another length have other
/// odds for people just as likely.
fn scores(analysis: &Analysis) -> Option<Scores> {
    let overlap = analysis.overlap.as_ref()?;
    let (n, pool) = (
        analysis.design.participants,
        analysis.design.comparison_pool,
    );
    let rising = overlap.edges.windows(2).all(|e| e[0] < e[1]);
    let fits = overlap.edges.len() == overlap.participants.len() + 1;
    if n == 0 || pool == 0 || !rising || !fits {
        return None;
    }
    let base = (n as f64 / pool as f64).ln();
    Some(Scores {
        edges: overlap.edges.iter().map(|e| e - base).collect(),
        shares: overlap.participants.clone(),
    })
}
