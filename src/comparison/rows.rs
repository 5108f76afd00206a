//! The comparison as a table for programs: a row a programme.

use super::Verdict;
use super::result::{Comparison, Drawn, Provider};
use crate::report::tidy::guarded as words;

/// `comparison.csv`: a row a programme. A name that a spreadsheet program would take for a formula
/// begins with an apostrophe.
///
/// # Errors
/// The table could not be written.
pub fn table(found: &Comparison) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record([
        "name",
        "kind",
        "published",
        "file",
        "row",
        "n_treatment",
        "n_comparison",
        "estimate",
        "se",
        "ci_low",
        "ci_high",
        "verdict",
        "p",
        "p_holm",
        "p_benjamini_hochberg",
        "drawn_estimate",
        "drawn_se",
        "better_than_none",
        "better_than_middle",
        "average_without",
        "provenance",
        "next_step",
    ])?;
    for p in &found.providers {
        out.write_record(cells(p))?;
    }
    out.into_inner()
        .map_err(|e| csv::Error::from(e.into_error()))
}

fn cells(p: &Provider) -> Vec<String> {
    let r = &p.result;
    let maybe = |t: &Option<String>| t.as_deref().map_or(String::new(), words);
    let count = |n: Option<u64>| n.map_or(String::new(), |n| n.to_string());
    let value = |x: f64| format!("{x:?}");
    let drawn = |f: fn(&Drawn) -> f64| p.drawn.as_ref().map_or(String::new(), |d| value(f(d)));
    let verdict = match p.verdict {
        Verdict::Helps => "helps",
        Verdict::Harms => "harms",
        Verdict::CannotTell => "cannot_tell",
    };
    let middle = p.drawn.as_ref().and_then(|d| d.better_than_middle);
    let middle = middle.map_or(String::new(), value);
    vec![
        words(&r.name),
        maybe(&r.kind),
        maybe(&r.published),
        words(&r.place.file),
        r.place.row.to_string(),
        count(r.n_treatment),
        count(r.n_comparison),
        value(r.estimate),
        value(r.se),
        value(r.interval.low),
        value(r.interval.high),
        verdict.to_owned(),
        value(p.p),
        value(p.p_holm),
        value(p.p_benjamini_hochberg),
        drawn(|d| d.estimate),
        drawn(|d| d.se),
        drawn(|d| d.better_than_none),
        middle,
        p.average_without.map_or(String::new(), value),
        r.provenance.code().to_owned(),
        p.next_step
            .as_ref()
            .map_or(String::new(), |s| s.rule.clone()),
    ]
}
