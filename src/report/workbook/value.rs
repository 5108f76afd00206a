//! What a cell holds.

use crate::report::numbers::{Scale, p_value};
use crate::study::OutcomeKind;

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Words; never a formula, whatever they begin with.
    Text(String),
    /// A number of the findings, and how many of its digits are shown.
    Number(f64, Shown),
    /// Shorthand for why there is none.
    Missing(Missing),
    /// The name of a sheet of the same book, leading there.
    Link(&'static str),
}

/// How a number is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// Whole, with commas from a thousand on.
    Whole,
    /// So many decimals.
    Decimals(u8),
    /// A share of one, as per cent with so many decimals.
    Percent(u8),
    /// As many digits as it has.
    Plain,
}

/// Why there is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Held back so that nobody can be picked out.
    Confidential,
    /// Not worked out or not known.
    NotAvailable,
    /// There can be none.
    NotApplicable,
}

impl Missing {
    /// All of them.
    pub const ALL: [Missing; 3] = [
        Missing::Confidential,
        Missing::NotAvailable,
        Missing::NotApplicable,
    ];

    /// As it stands in a cell.
    pub fn shorthand(self) -> &'static str {
        match self {
            Missing::Confidential => "[c]",
            Missing::NotAvailable => "[x]",
            Missing::NotApplicable => "[z]",
        }
    }

    /// What it means.
    pub fn meaning(self) -> &'static str {
        match self {
            Missing::Confidential => {
                "Confidential: held back, so that nothing can be learned about one person."
            }
            Missing::NotAvailable => "Not available: not worked out, or not known.",
            Missing::NotApplicable => "Not applicable: there can be no such number here.",
        }
    }
}

/// Longest text of a cell: no spreadsheet program takes more than 32,767 characters.
const MOST_TEXT: usize = 30_000;

impl Value {
    /// Words on one line, without what no file of XML may hold.
    pub fn text(words: &str) -> Value {
        let mut kept = String::with_capacity(words.len());
        for c in words.chars().take(MOST_TEXT) {
            match c {
                '\u{fffe}' | '\u{ffff}' => {}
                c if c.is_control() => kept.push(' '),
                c => kept.push(c),
            }
        }
        match kept.trim() {
            "" => Value::Missing(Missing::NotApplicable),
            trimmed => Value::Text(trimmed.to_owned()),
        }
    }

    /// A number of people.
    pub fn count(n: u64) -> Value {
        Value::number(n as f64, Shown::Whole)
    }

    /// A number; one that is none is not available.
    pub fn number(x: f64, shown: Shown) -> Value {
        match x.is_finite() {
            // Minus zero is a number only a computer could love.
            true if x == 0.0 => Value::Number(0.0, shown),
            true => Value::Number(x, shown),
            false => Value::Missing(Missing::NotAvailable),
        }
    }

    /// A number, or why there is none.
    pub fn maybe(x: Option<f64>, shown: Shown, missing: Missing) -> Value {
        x.map_or(Value::Missing(missing), |x| Value::number(x, shown))
    }

    /// p as it was released: a number, or the band it was put in.
    pub fn p(p: Option<f64>, banded: bool) -> Value {
        match (p, banded) {
            (None, _) => Value::Missing(Missing::NotApplicable),
            (Some(p), true) => Value::text(&p_value(p)),
            (Some(p), false) => Value::number(p, Shown::Decimals(4)),
        }
    }
}

impl Shown {
    /// The values and differences of an outcome.
    pub fn of(kind: OutcomeKind, interval_width: Option<f64>) -> Shown {
        let scale = Scale::of(kind, interval_width);
        match scale.factor == 100.0 {
            true => Shown::Percent(1),
            // A digit more than the page has: whoever works on is not to see a range end in itself.
            false => Shown::Decimals(scale.decimals as u8 + 1),
        }
    }
}
