//! What a report says of its result beside others: the paragraph \u{201c}in context\u{201d}.

use super::input::{About, Ask, File, InputError, gather};
use super::words::{change_words, in_context};
use super::{CompareError, Order, RULES, Rules, compare};
use serde::{Deserialize, Serialize};

/// A result that is known already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    /// The programme.
    pub name: String,
    /// When it was published or released, ISO 8601.
    pub published: String,
    /// The outcome.
    pub outcome: String,
    /// `lower` or `higher`.
    pub better: String,
    /// Participants.
    pub people: Option<u64>,
    /// Difference of shares, participants minus comparison.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
}

/// Sentences about a report's deciding result: earlier results of its own programme (`before`), and
/// other programmes' (`others`). None where nothing is known beside it, or where it is no difference of
/// shares. `published` is the day of the report.
pub fn context(
    report: &[u8],
    name: &str,
    published: &str,
    before: &[Prior],
    others: &[Prior],
) -> Vec<String> {
    let own = File {
        name,
        bytes: report,
        about: About {
            programme: Some(name),
            kind: None,
            published: Some(published),
        },
    };
    let mut said = Vec::new();
    // What cannot be compared has no context: a report is not lost for that.
    if let Ok(found) = beside(own, before, true) {
        said.extend(found.over_time.iter().map(change_words));
    }
    if let Ok(found) = beside(own, others, false) {
        said.extend(in_context(&found, name));
    }
    said
}

fn beside(own: File<'_>, priors: &[Prior], all: bool) -> Result<super::Comparison, CompareError> {
    let table = table(priors);
    let mut files = vec![own];
    if !priors.is_empty() {
        files.push(File {
            name: "earlier results",
            bytes: table.as_bytes(),
            about: About::default(),
        });
    }
    let ask = Ask {
        keep_parts: all,
        ..Ask::default()
    };
    let gathered = gather(&files, &ask).map_err(|e: InputError| CompareError::Input(e))?;
    // The rules that come with the engine are tested to be read.
    let rules = Rules::read(RULES).map_err(|e| CompareError::Weights {
        reason: e.to_string(),
    })?;
    compare(gathered, Order::Name, &rules)
}

fn table(priors: &[Prior]) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    let head = [
        "name",
        "published",
        "outcome",
        "unit",
        "better",
        "n_treatment",
        "estimate",
        "se",
    ];
    // Writing to memory: nothing that could fail.
    let _ = out.write_record(head);
    for p in priors {
        let people = p.people.map_or(String::new(), |n| n.to_string());
        let (estimate, se) = (format!("{:?}", p.estimate), format!("{:?}", p.se));
        let _ = out.write_record([
            p.name.as_str(),
            &p.published,
            &p.outcome,
            "share",
            &p.better,
            &people,
            &estimate,
            &se,
        ]);
    }
    let bytes = out.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
