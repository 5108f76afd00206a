//! Open data: the results of released reports that their providers published, as CSV and JSON, with a
//! dictionary and a DCAT record. Numbers come from `report.json` as it was released, and from nowhere
//! else.

use super::store::Publication;
use crate::report::tidy::guarded as words;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The licence of what is published.
pub const LICENCE: &str = "Open Government Licence v3.0";
/// Its address.
pub const LICENCE_ADDRESS: &str =
    "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/";

/// One outcome of one analysis of a published report. Numbers are empty where the report withholds
/// them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublishedResult {
    /// The report's analysis.
    pub analysis: String,
    /// It is the one the headline is about.
    pub headline: bool,
    /// The groups were alike enough to compare; where not, the numbers say nothing of the programme.
    pub well_matched: bool,
    /// The outcome's name.
    pub outcome: String,
    /// The outcome for people.
    pub label: String,
    /// It decides.
    pub primary: bool,
    /// Its kind: binary, count ...
    pub kind: String,
    /// Unit of the difference.
    pub unit: String,
    /// Which direction is good.
    pub better: String,
    /// Participants analysed.
    pub n_treatment: Option<u64>,
    /// Comparison people.
    pub n_comparison: Option<u64>,
    /// Participants' value.
    pub treat_value: Option<f64>,
    /// Comparison people's value.
    pub comp_value: Option<f64>,
    /// The difference.
    pub estimate: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Lower end of the 95 % interval.
    pub ci_low: Option<f64>,
    /// Upper end.
    pub ci_high: Option<f64>,
    /// Two-sided p.
    pub p: Option<f64>,
    /// Why there are no numbers.
    pub withheld: Option<String>,
}

impl PublishedResult {
    /// Of the numbers as they stand in the table: a binary outcome's are shares.
    fn unit_of_numbers(&self) -> &str {
        match self.kind.as_str() {
            "binary" => "share",
            _ => &self.unit,
        }
    }
}

/// The keys of a report that are read.
#[derive(Deserialize)]
struct Report {
    analyses: Vec<Analysis>,
}

#[derive(Deserialize)]
struct Analysis {
    id: String,
    headline: bool,
    well_matched: bool,
    outcomes: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    name: String,
    kind: String,
    primary: bool,
    unit: String,
    #[serde(default)]
    label: String,
    better: String,
    treated: Option<Group>,
    comparison: Option<Group>,
    difference: Option<Difference>,
    suppressed: Option<String>,
}

#[derive(Deserialize)]
struct Group {
    people: Option<u64>,
    mean: Option<f64>,
}

#[derive(Deserialize)]
struct Difference {
    estimate: Option<f64>,
    se: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
    p: Option<f64>,
}

/// The results of a released `report.json`; none where it is no such thing.
pub fn results(report: &[u8]) -> Option<Vec<PublishedResult>> {
    let report: Report = serde_json::from_slice(report).ok()?;
    let mut out = Vec::new();
    for analysis in report.analyses {
        for o in analysis.outcomes {
            let open = o.suppressed.is_none();
            let d = o.difference.filter(|_| open);
            let of = |f: fn(&Difference) -> Option<f64>| d.as_ref().and_then(f);
            let people = |g: &Option<Group>| g.as_ref().and_then(|g| g.people);
            let mean = |g: &Option<Group>| g.as_ref().and_then(|g| g.mean).filter(|_| open);
            out.push(PublishedResult {
                analysis: analysis.id.clone(),
                headline: analysis.headline,
                well_matched: analysis.well_matched,
                n_treatment: people(&o.treated),
                n_comparison: people(&o.comparison),
                treat_value: mean(&o.treated),
                comp_value: mean(&o.comparison),
                estimate: of(|d| d.estimate),
                se: of(|d| d.se),
                ci_low: of(|d| d.ci_low),
                ci_high: of(|d| d.ci_high),
                p: of(|d| d.p),
                withheld: o.suppressed,
                outcome: o.name,
                label: o.label,
                primary: o.primary,
                kind: o.kind,
                unit: o.unit,
                better: o.better,
            });
        }
    }
    Some(out)
}

/// Every column of the table: its name, what it holds, its unit.
pub const COLUMNS: [(&str, &str, &str); 26] = [
    ("id", "The published report", "text"),
    ("organisation", "Who ran the programme", "text"),
    ("name", "The programme", "text"),
    ("study", "The study: which question, by which rules", "text"),
    ("published", "When it was published", "ISO 8601 date, UTC"),
    ("analysis", "The analysis of the report", "text"),
    (
        "headline",
        "Whether the report's headline is about this analysis",
        "yes or no",
    ),
    (
        "well_matched",
        "Whether the groups were alike enough to compare; where not, the numbers say nothing of the programme",
        "yes or no",
    ),
    ("outcome", "The outcome", "text"),
    ("label", "The outcome, for people", "text"),
    (
        "primary",
        "Whether this outcome decides; named before anything was computed",
        "yes or no",
    ),
    (
        "outcome_kind",
        "Kind of outcome: binary, count, continuous, duration, ordered, category, survival",
        "text",
    ),
    (
        "unit",
        "Unit of the numbers: share (0 to 1), or as named",
        "text",
    ),
    (
        "better",
        "Which direction is good for the person",
        "lower or higher",
    ),
    (
        "n_treatment",
        "Participants analysed, rounded as released",
        "people",
    ),
    (
        "n_comparison",
        "Comparison people, rounded as released",
        "people",
    ),
    (
        "treat_value",
        "Participants' value; of a binary outcome a share",
        "share, or the unit",
    ),
    (
        "comp_value",
        "Comparison people's value",
        "share, or the unit",
    ),
    (
        "estimate",
        "The difference: participants minus comparison",
        "share, or the unit",
    ),
    ("se", "Its standard error", "share, or the unit"),
    (
        "ci_low",
        "Lower end of the 95 % interval",
        "share, or the unit",
    ),
    (
        "ci_high",
        "Upper end of the 95 % interval",
        "share, or the unit",
    ),
    ("p", "Two-sided p that there is no difference", "0 to 1"),
    (
        "withheld",
        "Why the numbers are withheld; empty where they are told",
        "text",
    ),
    (
        "provider_says",
        "What the provider says of the result",
        "text",
    ),
    ("licence", "The licence of this row", "text"),
];

/// A published report and its results.
pub struct Entry {
    /// The report.
    pub of: Publication,
    /// Its results.
    pub results: Vec<PublishedResult>,
}

impl Entry {
    /// Of what is kept; none where that cannot be read.
    pub fn of(kept: Publication) -> Option<Entry> {
        let results = serde_json::from_str(&kept.results).ok()?;
        Some(Entry { of: kept, results })
    }

    /// The day it was published.
    pub fn day(&self) -> String {
        super::sharing::day_of(self.of.at).to_string()
    }

    /// The result that decides.
    pub fn deciding(&self) -> Option<&PublishedResult> {
        self.results.iter().find(|r| r.headline && r.primary)
    }
}

/// The table, a row a result.
///
/// # Errors
/// The table could not be written.
pub fn table(entries: &[Entry]) -> Result<Vec<u8>, csv::Error> {
    let yes = |b: bool| if b { "yes" } else { "no" }.to_owned();
    let count = |n: Option<u64>| n.map_or(String::new(), |n| n.to_string());
    let value = |x: Option<f64>| x.map_or(String::new(), |x| format!("{x:?}"));
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(COLUMNS.map(|(name, ..)| name))?;
    for e in entries {
        for r in &e.results {
            out.write_record([
                e.of.submission.to_string(),
                words(&e.of.organisation),
                words(&e.of.programme),
                words(&e.of.study),
                e.day(),
                words(&r.analysis),
                yes(r.headline),
                yes(r.well_matched),
                words(&r.outcome),
                words(&r.label),
                yes(r.primary),
                words(&r.kind),
                words(r.unit_of_numbers()),
                words(&r.better),
                count(r.n_treatment),
                count(r.n_comparison),
                value(r.treat_value),
                value(r.comp_value),
                value(r.estimate),
                value(r.se),
                value(r.ci_low),
                value(r.ci_high),
                value(r.p),
                words(r.withheld.as_deref().unwrap_or("")),
                words(&e.of.provider_says),
                LICENCE.to_owned(),
            ])?;
        }
    }
    out.into_inner()
        .map_err(|e| csv::Error::from(e.into_error()))
}

/// The dictionary, a row a column.
///
/// # Errors
/// The table could not be written.
pub fn dictionary() -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["column", "what_it_holds", "unit"])?;
    for (name, what, unit) in COLUMNS {
        out.write_record([name, what, unit])?;
    }
    out.into_inner()
        .map_err(|e| csv::Error::from(e.into_error()))
}

/// The same results for programs.
pub fn document(entries: &[Entry]) -> Value {
    let entry = |e: &Entry| {
        json!({
            "id": e.of.submission,
            "provider": e.of.organisation,
            "programme": e.of.programme,
            "study": e.of.study,
            "published": e.day(),
            "provider_says": e.of.provider_says,
            "results": e.results,
        })
    };
    json!({
        "schema": "counterpart.open-data/1",
        "licence": { "name": LICENCE, "address": LICENCE_ADDRESS },
        "modified": entries.last().map(Entry::day),
        "reports": entries.iter().map(entry).collect::<Vec<_>>(),
    })
}

/// A catalogue record after DCAT 3 (<https://www.w3.org/TR/vocab-dcat-3/>), JSON-LD. `base` is where
/// this service is reached.
pub fn catalogue(entries: &[Entry], base: &str) -> Value {
    let files: Vec<Value> = [
        ("results.csv", "text/csv", "Results, a row each"),
        (
            "results.json",
            "application/json",
            "The same results for programs",
        ),
        ("dictionary.csv", "text/csv", "What each column holds"),
    ]
    .map(|(name, media, title)| distribution(base, name, media, title))
    .into();
    let register: Vec<Value> = [
        (
            "register/persons.parquet",
            "application/vnd.apache.parquet",
            "Invented people",
        ),
        (
            "register/events.parquet",
            "application/vnd.apache.parquet",
            "Their events and outcomes",
        ),
        (
            "register/register.toml",
            "application/toml",
            "What each column holds",
        ),
    ]
    .map(|(name, media, title)| distribution(base, name, media, title))
    .into();
    json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@type": "dcat:Catalog",
        "@id": format!("{base}/open-data"),
        "dct:title": "Results of programmes, released and published by their providers",
        "dct:license": { "@id": LICENCE_ADDRESS },
        "dcat:dataset": [
            {
                "@type": "dcat:Dataset",
                "@id": format!("{base}/open-data#results"),
                "dct:title": "Results of programmes against similar people",
                "dct:description": "Differences between participants of programmes and similar people who did not take part, with intervals, after disclosure control.",
                "dct:license": { "@id": LICENCE_ADDRESS },
                "dct:modified": entries.last().map(|e| json!({ "@value": e.day(), "@type": "xsd:date" })),
                "dcat:distribution": files,
            },
            {
                "@type": "dcat:Dataset",
                "@id": format!("{base}/open-data#register"),
                "dct:title": "Synthetic register",
                "dct:description": "A register of invented people of the shape that studies read: to try the engine on. Nobody in it is real.",
                "dct:license": { "@id": LICENCE_ADDRESS },
                "dcat:distribution": register,
            },
        ],
    })
}

fn distribution(base: &str, name: &str, media: &str, title: &str) -> Value {
    json!({
        "@type": "dcat:Distribution",
        "dct:title": title,
        "dcat:downloadURL": { "@id": format!("{base}/open-data/{name}") },
        "dcat:mediaType": { "@id": format!("https://www.iana.org/assignments/media-types/{media}") },
        "dct:license": { "@id": LICENCE_ADDRESS },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::model::SubmissionId;

    const REPORT: &str = r#"{"analyses":[{"id":"all","headline":true,"well_matched":true,"outcomes":[
        {"name":"again","kind":"binary","primary":true,"unit":"percentage points","label":"Again","better":"lower",
         "treated":{"people":200,"mean":0.3},"comparison":{"people":1900,"mean":0.36},
         "difference":{"estimate":-0.06,"se":0.02,"ci_low":-0.1,"ci_high":-0.02,"p":0.003},"suppressed":null},
        {"name":"days","kind":"duration","primary":false,"unit":"days","label":"","better":"higher",
         "treated":{"people":20,"mean":44.0},"comparison":null,"difference":null,"suppressed":"too few"}]}]}"#;

    fn entry() -> Entry {
        Entry {
            of: Publication {
                submission: SubmissionId::random(),
                programme: "=Open door".into(),
                organisation: "Charity".into(),
                study: "reoffending".into(),
                provider_says: "We work with people the courts have given up on.".into(),
                results: String::new(),
                at: 1_795_478_400_000,
            },
            results: results(REPORT.as_bytes()).unwrap(),
        }
    }

    #[test]
    fn what_a_report_withholds_is_withheld() {
        let found = results(REPORT.as_bytes()).unwrap();
        assert_eq!(found[0].estimate, Some(-0.06));
        assert_eq!((found[1].treat_value, found[1].p), (None, None));
        assert_eq!(found[1].withheld.as_deref(), Some("too few"));
        assert_eq!(results(b"{}"), None);
    }

    #[test]
    fn the_table_the_dictionary_and_the_document_agree() {
        let entries = [entry()];
        let csv = table(&entries).unwrap();
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        let heads = reader.headers().unwrap().clone();
        assert_eq!(heads.len(), COLUMNS.len());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(&rows[0][2], "'=Open door", "no formula");
        let dictionary = String::from_utf8(dictionary().unwrap()).unwrap();
        for head in &heads {
            assert!(dictionary.contains(&format!("\n{head},")), "{head}");
        }
        let document = document(&entries);
        assert_eq!(document["reports"][0]["results"][0]["estimate"], -0.06);
        assert_eq!(document["modified"], "2026-11-24");
        let record = catalogue(&entries, "https://lab.example.org");
        assert_eq!(record["dcat:dataset"].as_array().map(Vec::len), Some(2));
        assert_eq!(
            record["dcat:dataset"][0]["dct:modified"]["@value"],
            "2026-11-24"
        );
    }
}
