//! How good the data were, for people: twelve lights, how often each kind of person was found, the
//! answer at other thresholds of linkage, and how much confidence all that allows.

use super::narrative::{capital, primary_outcome};
use super::numbers::{Scale, count, fixed};
use super::table::{self, Table, number, text};
use crate::disclosure::findings::{About, Aspect, Fact, Findings, Level, Lit};

/// The twelve answers as a table of lights: a row a question, a column a thing.
pub struct Facts {
    /// The things asked about.
    pub about: [&'static str; 3],
    /// The questions, each with its three answers.
    pub rows: Vec<FactRow>,
}

/// One question of all three.
pub struct FactRow {
    /// Fit for purpose, ...
    pub aspect: &'static str,
    /// In the order of [`Facts::about`].
    pub cells: Vec<FactCell>,
}

/// A light with its word and its sentence.
pub struct FactCell {
    pub class: &'static str,
    pub symbol: &'static str,
    pub word: &'static str,
    pub sentence: String,
}

const ABOUT: [About; 3] = [About::Cohort, About::Register, About::Links];
const ASPECTS: [Aspect; 4] = [
    Aspect::Fit,
    Aspect::Accurate,
    Aspect::Complete,
    Aspect::Timely,
];

/// `None` where nobody was looked for in a register.
pub fn facts(findings: &Findings) -> Option<Facts> {
    let all = &findings.quality.facts;
    let one = |about, aspect| {
        let mut of = all.iter();
        of.find(|f| f.about == about && f.aspect == aspect)
    };
    let row = |aspect: Aspect| FactRow {
        aspect: aspect.title(),
        cells: ABOUT
            .iter()
            .filter_map(|about| one(*about, aspect))
            .map(cell)
            .collect(),
    };
    (!all.is_empty()).then(|| Facts {
        about: ABOUT.map(About::title),
        rows: ASPECTS.map(row).into(),
    })
}

fn cell(fact: &Fact) -> FactCell {
    let (light, word) = match fact.light {
        Some(Lit::Green) => (table::Light::Green, "Good"),
        Some(Lit::Amber) => (table::Light::Amber, "Take care"),
        Some(Lit::Red) => (table::Light::Red, "Poor"),
        None => {
            return FactCell {
                class: "none",
                symbol: "\u{25cb}",
                word: "Not measured",
                sentence: fact.sentence.clone(),
            };
        }
    };
    FactCell {
        class: light.class(),
        symbol: light.symbol(),
        word,
        sentence: fact.sentence.clone(),
    }
}

/// How much confidence to put in the number, in two sentences.
pub fn confidence(findings: &Findings) -> Option<String> {
    let c = findings.quality.confidence.as_ref()?;
    let level = match c.level {
        Level::High => "high",
        Level::Fair => "fair",
        Level::Low => "low",
        Level::VeryLow => "very low",
    };
    Some(format!(
        "Confidence that the data allow: {level}. {}",
        c.sentence
    ))
}

/// How often each kind of person was found.
pub fn match_rates(findings: &Findings) -> Option<Table> {
    let rates = &findings.quality.match_rates;
    let mut table = Table::new(
        "quality-found",
        "How often each kind of person was found",
        &[
            "Kind of people",
            "Looked for",
            "Found",
            "Of every 100 (low to high)",
        ],
    );
    let mut withheld: Vec<String> = Vec::new();
    for r in rates {
        match (r.people, r.found, r.percent, r.low, r.high) {
            (Some(people), Some(found), Some(percent), Some(low), Some(high)) => table.row(
                format!("{}: {}", r.by, r.group),
                vec![
                    number(count(people)),
                    number(count(found)),
                    number(format!(
                        "{} ({} to {})",
                        fixed(percent, 0),
                        fixed(low, 0),
                        fixed(high, 0)
                    )),
                ],
            ),
            _ => withheld.push(format!("{}: {}", r.by, r.group)),
        }
    }
    if !withheld.is_empty() {
        table.notes.push(format!(
            "Not shown, because they are too few, too few of them were found or not found, or the \
             number of others could be worked out: {}.",
            withheld.join("; ")
        ));
    }
    table
        .notes
        .extend(crate::disclosure::findings::less_often(rates));
    (!rates.is_empty()).then_some(table)
}

/// The deciding outcome at other thresholds of linkage.
pub fn thresholds(findings: &Findings) -> Option<Table> {
    let s = findings.quality.linkage_sensitivity.as_ref()?;
    let primary = findings.analyses.iter().find(|a| a.headline);
    let primary = primary.and_then(primary_outcome)?;
    let mut table = Table::new(
        "quality-thresholds",
        "The answer, had links been believed sooner or later",
        &[
            "Links believed from",
            "People found",
            "Against the report\u{2019}s",
            "Difference (low to high)",
        ],
    );
    for r in &s.rows {
        let own = if r.main { " (this report)" } else { "" };
        let answer = match (&r.difference, &r.why_not) {
            (Some(d), _) => {
                let scale = Scale::of(primary.kind, Some(d.ci_high - d.ci_low));
                let (low, high) = (d.ci_low, d.ci_high);
                number(format!(
                    "{} ({})",
                    scale.difference(d.estimate),
                    scale.interval(low, high)
                ))
            }
            (None, Some(why)) => text(capital(why)),
            (None, None) => text("\u{2013}"),
        };
        let against = match r.against_main {
            n if n > 0 => format!("+{n}"),
            n => n.to_string().replace('-', "\u{2212}"),
        };
        table.row(
            format!(
                "{} of 100{own}",
                fixed(100.0 * r.threshold, 1).trim_end_matches(".0")
            ),
            vec![number(count(r.found)), number(against), answer],
        );
    }
    table.notes.push(s.sentence.clone());
    Some(table)
}
