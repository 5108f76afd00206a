//! The report as one long table: a row a number, for whoever reads it with a program. RFC 4180, in
//! UTF-8, its headings first.
//!
//! A share of people is a number between 0 and 1, as in `report.json`; p is a number, or the band
//! it was released in. A cell that would begin a formula in a spreadsheet program begins with an
//! apostrophe instead.

mod doubt;
mod rows;

use crate::disclosure::findings::Findings;

/// The columns.
pub const HEADINGS: [&str; 13] = [
    "part", "analysis", "outcome", "group", "measure", "value", "unit", "low", "high", "p",
    "p_holm", "people", "note",
];

/// One number with what belongs to it; what does not apply is empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Of the report: `results`, `people`, ...
    pub part: &'static str,
    /// Title.
    pub analysis: String,
    /// Title, or what else the number is of: a step, a covariate, a choice.
    pub outcome: String,
    /// `treatment`, `comparison`.
    pub group: &'static str,
    /// What was measured.
    pub measure: String,
    /// The number; none where it is withheld or was not measured.
    pub value: Option<f64>,
    /// In what.
    pub unit: String,
    /// 95 % range, low.
    pub low: Option<f64>,
    /// High.
    pub high: Option<f64>,
    /// As released.
    pub p: String,
    /// As released.
    pub p_holm: String,
    /// That it rests on.
    pub people: Option<u64>,
    /// What else there is to know; why a value is none.
    pub note: String,
}

/// Every number released, a row each.
pub fn rows(findings: &Findings) -> Vec<Row> {
    rows::all(findings)
}

/// The file.
///
/// # Errors
/// None that a buffer in memory could give.
pub fn write(findings: &Findings) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    out.write_record(HEADINGS)?;
    for r in rows(findings) {
        let number = |x: Option<f64>| x.map_or(String::new(), plain);
        out.write_record([
            r.part.to_owned(),
            guarded(&r.analysis),
            guarded(&r.outcome),
            r.group.to_owned(),
            guarded(&r.measure),
            number(r.value),
            guarded(&r.unit),
            number(r.low),
            number(r.high),
            r.p,
            r.p_holm,
            r.people.map_or(String::new(), |n| n.to_string()),
            guarded(&r.note),
        ])?;
    }
    out.into_inner()
        .map_err(|e| csv::Error::from(e.into_error()))
}

/// The shortest decimals that read back as the same number.
fn plain(x: f64) -> String {
    match x.is_finite() {
        true if x == 0.0 => "0".into(),
        true => x.to_string(),
        false => String::new(),
    }
}

/// Words on one line that no spreadsheet program takes for a formula.
pub fn guarded(words: &str) -> String {
    let words: String = words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words = words.trim();
    // The wide forms are read as the narrow ones in some countries.
    match words.starts_with([
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]) {
        true => format!("'{words}"),
        false => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_words_begin_a_formula() {
        for bad in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            " \r\n=1",
            "\u{ff1d}1",
        ] {
            let guarded = guarded(bad);
            assert!(guarded.starts_with('\''), "{bad:?} became {guarded:?}");
        }
        assert_eq!(guarded("Reoffending rate"), "Reoffending rate");
    }

    #[test]
    fn numbers_are_written_so_that_they_read_back() {
        for x in [0.1 + 0.2, 1e-9, -3.25, 28_911.0] {
            assert_eq!(plain(x).parse::<f64>().unwrap(), x);
        }
        assert_eq!(plain(-0.0), "0");
        assert_eq!(plain(f64::NAN), "");
    }
}
