//! The twelve answers: fit for purpose, accurate, complete, timely, of the list, the register and
//! the links.

use super::measured::{Measured, Share};
use serde::{Deserialize, Serialize};

/// What a fact is about.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The list of people handed in.
    Cohort,
    /// The register.
    Register,
    /// Who on the register is whom of the list.
    Links,
}

/// What is asked of it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Does it serve the question?
    Fit,
    /// Is what it says right?
    Accurate,
    /// Is anything missing?
    Complete,
    /// Is it of the right time?
    Timely,
}

/// The answer at a glance; never shown as a colour alone.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Good.
    Green,
    /// Take care.
    Amber,
    /// Poor.
    Red,
}

/// One of the twelve.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Fact {
    /// About what.
    pub about: About,
    /// Which question.
    pub aspect: Aspect,
    /// What is measured, in words.
    pub measure: String,
    /// How many have it (rounded where the disclosure policy says so).
    pub part: u64,
    /// Of how many.
    pub whole: u64,
    /// 0-100, to one decimal; null when there is nothing to measure.
    pub percent: Option<f64>,
    /// The light; null when there is nothing to measure.
    pub light: Option<Light>,
    /// One plain sentence.
    pub sentence: String,
}

/// From which percentage on an answer is green, and from which amber; below, it is red. A judgement,
/// kept in this one place: links are held to more than lists, since a wrong link puts a stranger's
/// life into the result, and fewer people are asked to be found than rows to be filled in, since
/// some have no record to find.
pub const BOUNDS: [(About, Aspect, f64, f64); 12] = [
    (About::Cohort, Aspect::Fit, 95.0, 80.0),
    (About::Cohort, Aspect::Accurate, 98.0, 90.0),
    (About::Cohort, Aspect::Complete, 95.0, 80.0),
    (About::Cohort, Aspect::Timely, 95.0, 80.0),
    (About::Register, Aspect::Fit, 90.0, 70.0),
    (About::Register, Aspect::Accurate, 99.5, 98.0),
    (About::Register, Aspect::Complete, 95.0, 85.0),
    (About::Register, Aspect::Timely, 95.0, 75.0),
    (About::Links, Aspect::Fit, 70.0, 50.0),
    (About::Links, Aspect::Accurate, 99.0, 97.0),
    (About::Links, Aspect::Complete, 85.0, 65.0),
    (About::Links, Aspect::Timely, 80.0, 50.0),
];

/// The light of a percentage. A bound itself is on the better side.
pub fn light(percent: f64, green: f64, amber: f64) -> Light {
    if percent >= green {
        Light::Green
    } else if percent >= amber {
        Light::Amber
    } else {
        Light::Red
    }
}

/// The twelve answers, in the order of [`BOUNDS`]. `event` is what the study calls an index event.
pub fn facts(measured: &Measured, event: &str) -> Vec<Fact> {
    BOUNDS
        .iter()
        .map(|&(about, aspect, green, amber)| {
            let (share, measure, sentence) = asked(measured, about, aspect, event);
            let percent = share.percent().map(|p| (10.0 * p).round() / 10.0);
            Fact {
                about,
                aspect,
                measure,
                part: share.part,
                whole: share.whole,
                light: percent.map(|p| light(p, green, amber)),
                sentence: match percent {
                    Some(p) => sentence(&of_a_hundred(p)),
                    None => "This could not be measured.".into(),
                },
                percent,
            }
        })
        .collect()
}

/// A number of every hundred: all, nearly all and none are said so, and never by rounding.
pub fn of_a_hundred(percent: f64) -> String {
    if percent >= 100.0 {
        "all".into()
    } else if percent > 99.0 {
        "more than 99 of every 100".into()
    } else if percent <= 0.0 {
        "none".into()
    } else if percent < 1.0 {
        "fewer than 1 of every 100".into()
    } else {
        format!("{} of every 100", percent.floor())
    }
}

type Asked = (Share, String, Box<dyn Fn(&str) -> String>);

/// Share, measure and sentence of one question.
fn asked(m: &Measured, about: About, aspect: Aspect, event: &str) -> Asked {
    let event = event.to_owned();
    let (share, measure, before, after): (Share, String, &str, String) = match (about, aspect) {
        (About::Cohort, Aspect::Fit) => (
            m.rows_usable,
            "rows with a programme start and something to find the person by".into(),
            "Rows of the list that could be used:",
            String::new(),
        ),
        (About::Cohort, Aspect::Accurate) => (
            m.cells_valid,
            "filled cells that keep the rules of their column".into(),
            "Entries of the list that are written as they should be:",
            String::new(),
        ),
        (About::Cohort, Aspect::Complete) => (
            m.identity_filled,
            "first names, last names and dates of birth filled in".into(),
            "Names and dates of birth that are filled in:",
            String::new(),
        ),
        (About::Cohort, Aspect::Timely) => (
            m.starts_covered,
            "programme starts within the time the register covers".into(),
            "Programme starts that lie within the time the register covers:",
            String::new(),
        ),
        (About::Register, Aspect::Fit) => (
            m.with_event,
            format!("people found who have the {event} that the programme followed"),
            "People found for whom the register holds",
            format!(" the {event} that the programme followed:"),
        ),
        (About::Register, Aspect::Accurate) => (
            m.events_possible,
            "events dated no later than the last day recorded".into(),
            "Events of the register with a date that can be right:",
            String::new(),
        ),
        (About::Register, Aspect::Complete) => (
            m.covariates_known,
            "facts used to find counterparts that are known".into(),
            "Facts about people, used to find alike ones, that the register knows:",
            String::new(),
        ),
        (About::Register, Aspect::Timely) => (
            m.followed_up,
            "people whose follow-up is recorded to its end".into(),
            "People whose follow-up the register has recorded to its end:",
            String::new(),
        ),
        (About::Links, Aspect::Fit) => (
            m.spoken_for,
            "people in the list who enter the comparison".into(),
            "People in the list for whom the result can speak:",
            String::new(),
        ),
        (About::Links, Aspect::Accurate) => (
            m.links_right,
            "people found who are expected to be the right ones".into(),
            "People found who are expected to be the right ones:",
            String::new(),
        ),
        (About::Links, Aspect::Complete) => (
            m.found,
            "people looked for who were found".into(),
            "People looked for who were found on the register:",
            String::new(),
        ),
        (About::Links, Aspect::Timely) => (
            m.events_near,
            format!("people whose {event} lies within half a year of the programme's start"),
            "People whose",
            format!(" {event} lies within half a year of the programme\u{2019}s start:"),
        ),
    };
    let said = format!("{before}{after}");
    (
        share,
        measure,
        Box::new(move |how_many| format!("{said} {how_many}.")),
    )
}

impl About {
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            About::Cohort => "The list of people",
            About::Register => "The register",
            About::Links => "Finding the people",
        }
    }
}

impl Aspect {
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Aspect::Fit => "Fit for purpose",
            Aspect::Accurate => "Accurate",
            Aspect::Complete => "Complete",
            Aspect::Timely => "Timely",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_on_the_better_side() {
        assert_eq!(light(85.0, 85.0, 65.0), Light::Green);
        assert_eq!(light(84.9, 85.0, 65.0), Light::Amber);
        assert_eq!(light(65.0, 85.0, 65.0), Light::Amber);
        assert_eq!(light(64.9, 85.0, 65.0), Light::Red);
        assert!(BOUNDS.iter().all(|(_, _, green, amber)| green > amber));
    }

    #[test]
    fn twelve_answers_worked_by_hand() {
        let m = Measured {
            found: Share::new(748, 1000),
            links_right: Share::new(740, 748),
            rows_usable: Share::new(1000, 1000),
            ..Measured::default()
        };
        let got = facts(&m, "release");
        assert_eq!(got.len(), 12);
        let of = |about, aspect| {
            let mut all = got.iter();
            all.find(|f| f.about == about && f.aspect == aspect)
                .unwrap()
        };
        let found = of(About::Links, Aspect::Complete);
        assert_eq!(
            (found.percent, found.light),
            (Some(74.8), Some(Light::Amber))
        );
        assert!(found.sentence.ends_with("74 of every 100."));
        // 740 / 748 = 98.93 %
        assert_eq!(of(About::Links, Aspect::Accurate).light, Some(Light::Amber));
        assert!(of(About::Cohort, Aspect::Fit).sentence.ends_with(" all."));
        let unknown = of(About::Register, Aspect::Fit);
        assert_eq!((unknown.percent, unknown.light), (None, None));
    }

    #[test]
    fn nearly_all_is_not_all() {
        assert_eq!(of_a_hundred(99.99), "more than 99 of every 100");
        assert_eq!(of_a_hundred(0.01), "fewer than 1 of every 100");
        assert_eq!(of_a_hundred(99.0), "99 of every 100");
    }
}
