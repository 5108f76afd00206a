//! Before anything is handed in: what size of difference could these numbers show?

use super::page::{Failed, Frame, Wrongs, page};
use super::start::open_frame;
use super::visitor::SignedIn;
use super::words::number;
use crate::effect::power::{USUAL_POOL, detectable_rate_difference, people_needed};
use crate::service::api::App;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// Of 100 people on a list so many are found and compared: a guess on the safe side.
const FOUND_IN_100: u64 = 80;
/// Numbers of people in the table.
const TABLE: [u64; 5] = [60, 100, 200, 500, 1_000];
/// Nobody's programme is larger.
const MOST_PEOPLE: u64 = 1_000_000;

/// What was asked.
#[derive(Default, Deserialize)]
pub struct Asked {
    people: Option<String>,
    rate: Option<String>,
}

/// The check: the form, and the answer where there is one.
#[derive(Default)]
pub struct Check {
    /// As it was typed.
    pub people: String,
    /// As it was typed.
    pub rate: String,
    /// What must be put right.
    pub wrongs: Wrongs,
    /// Where both numbers are fine.
    pub answer: Option<Answer>,
}

/// What these numbers could show.
pub struct Answer {
    /// In words.
    pub sentences: Vec<String>,
    /// People on a list, and the smallest difference of 100.
    pub table: Vec<(String, String)>,
}

impl Check {
    /// Of a query; empty where nothing was asked.
    pub fn of(asked: Asked) -> Check {
        let mut check = Check::default();
        let (Some(people), Some(rate)) = (asked.people, asked.rate) else {
            return check;
        };
        (check.people, check.rate) = (people.trim().to_owned(), rate.trim().to_owned());
        let n = check.people.replace(',', "").parse::<u64>().ok();
        let n = n.filter(|n| (2..=MOST_PEOPLE).contains(n));
        if n.is_none() {
            let words = "Enter how many people are on your list, as a number such as 150";
            check.wrongs.add("people", words);
        }
        let typed = check.rate.trim_end_matches('%').trim_end();
        let p = typed.parse::<u64>().ok().filter(|p| (1..=99).contains(p));
        if p.is_none() {
            let words = "Enter a number from 1 to 99, such as 30";
            check.wrongs.add("rate", words);
        }
        check.answer = n.zip(p).map(|(n, p)| answer(n, p as f64 / 100.0));
        check
    }
}

/// The smallest difference that a list of so many could show, in people of 100.
fn smallest(people: u64, rate: f64) -> f64 {
    let found = (people * FOUND_IN_100) as f64 / 100.0;
    100.0 * detectable_rate_difference(found, USUAL_POOL.size(found), rate)
}

fn answer(people: u64, rate: f64) -> Answer {
    let points = |d: f64| format!("{:.0}", d.ceil());
    let (d, of_100) = (smallest(people, rate), 100.0 * rate);
    let mut sentences = vec![format!(
        "Without your help, about {of_100:.0} in every 100 of these people would have this happen to them."
    )];
    let low = of_100 - d.ceil();
    sentences.push(match low > 0.0 {
        true => format!(
            "With {} people on your list, the report could show a fall to {low:.0} in 100 or fewer: a difference of {} in 100 or more.",
            number(people),
            points(d)
        ),
        false => format!(
            "With {} people on your list, the report could not show a fall, however good your programme is.",
            number(people)
        ),
    });
    if of_100 - 5.0 > 0.0
        && let Some(needed) = people_needed(0.05, rate, USUAL_POOL)
    {
        let listed = (needed * 100.0 / FOUND_IN_100 as f64 / 10.0).ceil() * 10.0;
        sentences.push(format!(
            "To show a difference of 5 in 100, you would need about {} people on your list.",
            number(listed as u64)
        ));
    }
    let row = |n: u64| (number(n), points(smallest(n, rate)));
    Answer {
        sentences,
        table: TABLE.into_iter().map(row).collect(),
    }
}

#[derive(Template)]
#[template(path = "templates/power.html")]
struct PowerPage {
    frame: Frame,
    check: Check,
    here: &'static str,
}

/// The check by itself, for everybody.
pub async fn power(
    State(app): State<App>,
    user: Result<SignedIn, Failed>,
    Query(asked): Query<Asked>,
) -> Response {
    page(&PowerPage {
        frame: open_frame(&app, user.as_ref(), "/power"),
        check: Check::of(asked),
        here: "/power",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(people: &str, rate: &str) -> Check {
        Check::of(Asked {
            people: Some(people.into()),
            rate: Some(rate.into()),
        })
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (people, rate) in [("150", "30"), ("1,500", "30%"), (" 60 ", " 5 % ")] {
            let check = asked(people, rate);
            assert!(
                check.wrongs.is_empty() && check.answer.is_some(),
                "{people} {rate}"
            );
        }
        for (people, rate) in [
            ("", ""),
            ("many", "30"),
            ("150", "0"),
            ("150", "100"),
            ("1", "x"),
        ] {
            let check = asked(people, rate);
            assert!(
                !check.wrongs.is_empty() && check.answer.is_none(),
                "{people} {rate}"
            );
        }
        assert!(Check::of(Asked::default()).wrongs.is_empty());
    }

    #[test]
    fn more_people_show_smaller_differences() {
        let answer = asked("200", "30").answer.unwrap();
        let shown: Vec<u64> = answer.table.iter().map(|r| r.1.parse().unwrap()).collect();
        assert!(shown.is_sorted_by(|a, b| a > b), "{shown:?}");
        // 2.8 x sqrt(0.21/80 + 0.21/800) for 100 people of whom 80 are found: 15.04.
        assert_eq!(shown[1], 16);
    }

    #[test]
    fn too_few_people_are_told_so() {
        let answer = asked("10", "10").answer.unwrap();
        assert!(answer.sentences[1].contains("could not show a fall"));
    }
}
