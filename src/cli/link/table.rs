//! What was found, in counts; and the match weights of one pair, as a table.

use super::People;
use crate::linkage::{Scored, Waterfall};
use std::fmt::{self, Write as _};

/// Thresholds at which people found are counted.
pub const THRESHOLDS: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

/// How many rows have somebody at least as probable as that.
pub fn found(scored: &[Scored], threshold: f64) -> usize {
    believed(scored, threshold).count()
}

/// How many of those are expected to be somebody else.
pub fn expected_wrong(scored: &[Scored], threshold: f64) -> f64 {
    believed(scored, threshold).map(|p| 1.0 - p).sum()
}

fn believed(scored: &[Scored], threshold: f64) -> impl Iterator<Item = f64> {
    let best = scored.iter().filter_map(|s| s.best.map(|b| b.probability));
    best.filter(move |&p| p >= threshold)
}

/// The counts in words.
pub fn summary(people: &People, scored: &[Scored], threshold: f64) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_summary(&mut text, people, scored, threshold);
    text
}

fn write_summary(
    text: &mut String,
    people: &People,
    scored: &[Scored],
    threshold: f64,
) -> fmt::Result {
    let rows = people.rows.len() + people.unusable.len();
    let here = found(scored, threshold);
    writeln!(
        text,
        "{here} of {rows} rows found with a probability of at least {threshold}; {:.1} of them \
         expected to be somebody else",
        expected_wrong(scored, threshold)
    )?;
    if !people.unusable.is_empty() {
        let n = people.unusable.len();
        writeln!(text, "{n} rows have nothing to look for anybody by")?;
    }
    let on: f64 = scored.iter().map(|s| 1.0 - s.p_none).sum();
    writeln!(
        text,
        "{on:.0} rows are expected to be on the register at all"
    )?;
    for at in THRESHOLDS.into_iter().filter(|&at| at != threshold) {
        let there = found(scored, at);
        let change = match there.cmp(&here) {
            std::cmp::Ordering::Less => format!("{} lost", here - there),
            std::cmp::Ordering::Equal => "the same".into(),
            std::cmp::Ordering::Greater => format!("{} gained", there - here),
        };
        writeln!(
            text,
            "at {at}: {there} found, {change}; {:.1} expected to be somebody else",
            expected_wrong(scored, at)
        )?;
    }
    Ok(())
}

/// A pair's match weights, a line a step.
pub fn waterfall(row: u32, waterfall: &Waterfall) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_waterfall(&mut text, row, waterfall);
    text
}

fn write_waterfall(text: &mut String, row: u32, w: &Waterfall) -> fmt::Result {
    writeln!(
        text,
        "row {row}: match weights in bits (log2 of the odds)\n"
    )?;
    let mut line =
        |what: &str, level: &str, bits: f64| writeln!(text, "{what:<28} {level:<22} {bits:>+8.2}");
    line("prior", "", w.prior_bits)?;
    for step in &w.steps {
        line(step.field.name(), step.level, step.bits)?;
        if step.frequency_bits.abs() >= 0.005 {
            line("", "frequency of the value", step.frequency_bits)?;
        }
    }
    line("both names together", "", w.both_names_bits)?;
    line("relatives", "", w.relatives_bits)?;
    line("others who may be them", "", w.competition_bits)?;
    line("total", "", w.total_bits)?;
    writeln!(text, "{:<51} {:>8.4}", "probability", w.probability)
}
