//! `counterpart power`: what size of difference would a number of people show?

use super::Failure;
use super::output::to_stdout;
use crate::effect::power::{Pool, USUAL_POOL, detectable_rate_difference, people_needed};
use serde_json::json;
use std::fmt::Write as _;
use std::process::ExitCode;

/// Numbers of people in the table.
const TABLE: [u64; 7] = [30, 60, 100, 200, 400, 1_000, 2_000];
/// The difference whose price in people is told.
const FIVE_POINTS: f64 = 0.05;

/// Flags of `counterpart power`.
#[derive(clap::Args)]
pub struct Args {
    /// Participants you expect to be found and matched (fewer than you submit)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=100_000_000))]
    people: u64,
    /// Share of similar people with the outcome, as 40% or 0.4
    #[arg(long, value_name = "P", value_parser = rate)]
    rate: f64,
    /// Effective number of comparison people [default: 10 for each participant]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=10_000_000_000))]
    pool: Option<u64>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// A rate in percent (`40`, `40%`) or as a fraction (`0.4`); neither 0 nor 1.
fn rate(text: &str) -> Result<f64, String> {
    let advice = "give a rate above 0 and below 100 percent, as 40% or 0.4";
    let text = text.trim();
    let (number, percent) = match text.strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (text, false),
    };
    let value: f64 = number.parse().map_err(|_| advice.to_owned())?;
    let value = match percent {
        false if value == 1.0 => return Err("1 may mean 1% or all: write 1% or 0.01".into()),
        false if value < 1.0 => value,
        _ => value / 100.0,
    };
    // Also false for NaN.
    match value > 0.0 && value < 1.0 {
        true => Ok(value),
        false => Err(advice.into()),
    }
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let answer = Answer::of(&args);
    let text = match args.json {
        true => answer.as_json(),
        false => answer.as_text(),
    };
    to_stdout(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// What is told.
struct Answer {
    people: u64,
    rate: f64,
    pool: Pool,
    detectable: f64,
    table: [(u64, f64); 7],
    for_five_points: Option<u64>,
}

impl Answer {
    fn of(args: &Args) -> Answer {
        let pool = match args.pool {
            Some(m) => Pool::Fixed(m as f64),
            None => USUAL_POOL,
        };
        let detectable =
            |n: u64| detectable_rate_difference(n as f64, pool.size(n as f64), args.rate);
        Answer {
            people: args.people,
            rate: args.rate,
            pool,
            detectable: detectable(args.people),
            table: TABLE.map(|n| (n, detectable(n))),
            for_five_points: people_needed(FIVE_POINTS, args.rate, pool).map(|n| n.ceil() as u64),
        }
    }

    fn as_json(&self) -> String {
        let points = |d: f64| 100.0 * d;
        let table: Vec<_> = self
            .table
            .iter()
            .map(|&(people, d)| json!({"people": people, "detectable_points": points(d)}))
            .collect();
        let value = json!({
            "schema": "counterpart.power/1",
            "people": self.people,
            "rate": self.rate,
            "pool": self.pool.size(self.people as f64),
            "power": 0.8,
            "level": 0.05,
            "detectable_points": points(self.detectable),
            "decrease_can_show": self.detectable <= self.rate,
            "increase_can_show": self.detectable <= 1.0 - self.rate,
            "people_for_five_points": self.for_five_points,
            "table": table,
        });
        format!("{value:#}\n")
    }

    fn as_text(&self) -> String {
        // Writing to a String cannot fail, so results of `write!` are dropped throughout.
        let mut out = String::new();
        let _ = writeln!(out, "{}\n", self.sentence());
        let _ = writeln!(out, "  people   smallest difference (percentage points)");
        for (people, d) in self.table {
            let _ = writeln!(out, "  {people:>6}   {:>6}", points(d));
        }
        let _ = writeln!(out, "\n{}", self.five_points());
        let _ = writeln!(
            out,
            "People means participants who are found in the register and matched: expect to submit \
             more.\nSmallest difference: found in 4 programmes out of 5 that truly have it, at the \
             usual 5% level."
        );
        out
    }

    fn sentence(&self) -> String {
        let rate = points(self.rate);
        let d = points(self.detectable);
        let low = points((self.rate - self.detectable).max(0.0));
        let high = points((self.rate + self.detectable).min(1.0));
        let who = format!(
            "With {} people, where {rate} in 100 similar people have the outcome without the programme,",
            self.people
        );
        match (
            self.detectable <= self.rate,
            self.detectable <= 1.0 - self.rate,
        ) {
            (true, true) => format!(
                "{who} a programme would have to change the rate by about {d} percentage points (to {low}% or less, or to {high}% or more) to be likely to show it."
            ),
            (false, true) => format!(
                "{who} a fall could not be shown, even to nobody at all: a difference of about {d} percentage points would be needed. A rise to {high}% or more could be."
            ),
            (true, false) => format!(
                "{who} a rise could not be shown, even to everybody: a difference of about {d} percentage points would be needed. A fall to {low}% or less could be."
            ),
            (false, false) => format!(
                "{who} no change at all could be shown: a difference of about {d} percentage points would be needed."
            ),
        }
    }

    fn five_points(&self) -> String {
        match self.for_five_points {
            Some(n) => format!("To detect a difference of 5 percentage points, {n} people are needed."),
            None => "No number of people is enough to detect a difference of 5 percentage points: the comparison pool is too small.".into(),
        }
    }
}

/// As percentage points: whole from ten on, with a decimal below, without a decimal that is zero.
fn points(fraction: f64) -> String {
    let points = 100.0 * fraction;
    let text = match points >= 10.0 {
        true => format!("{points:.0}"),
        false => format!("{points:.1}"),
    };
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_in_percent_or_as_a_fraction() {
        for text in ["40%", "40", "0.4", " 40 % ", "4e1"] {
            assert!((rate(text).unwrap() - 0.4).abs() < 1e-12, "{text}");
        }
        assert!((rate("0.5%").unwrap() - 0.005).abs() < 1e-12);
        for text in [
            "0", "1", "100", "100%", "0%", "-3", "101", "NaN", "inf", "", "%", "4O",
        ] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn points_are_short() {
        assert_eq!(points(0.14683), "15");
        assert_eq!(points(0.0499), "5");
        assert_eq!(points(0.0123), "1.2");
    }
}
