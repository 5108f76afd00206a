//! How much confidence to put in the number: the weakest of the twelve answers decides.

use super::fact::{About, Aspect, Fact, Light};
use serde::{Deserialize, Serialize};

/// How much.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Every link of the chain holds.
    High,
    /// One or more take care.
    Fair,
    /// One is poor.
    Low,
    /// Several are, or one very.
    VeryLow,
}

/// How much confidence the data allow, and why.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Confidence {
    /// How much.
    pub level: Level,
    /// One sentence for a trustee.
    pub sentence: String,
    /// The answer that decided it; null when none stands out.
    pub weakest: Option<(About, Aspect)>,
}

/// Below this share found, or right, the confidence is very low whatever the rest says.
const HALF_FOUND: f64 = 40.0;
const WRONG: f64 = 90.0;

/// Which of two equally coloured answers is named: what bends a result most comes first.
const WEIGHT: [(About, Aspect); 12] = [
    (About::Links, Aspect::Accurate),
    (About::Links, Aspect::Complete),
    (About::Links, Aspect::Fit),
    (About::Register, Aspect::Complete),
    (About::Register, Aspect::Fit),
    (About::Register, Aspect::Timely),
    (About::Cohort, Aspect::Fit),
    (About::Cohort, Aspect::Complete),
    (About::Cohort, Aspect::Accurate),
    (About::Cohort, Aspect::Timely),
    (About::Links, Aspect::Timely),
    (About::Register, Aspect::Accurate),
];

/// Weighs the answers. `less_often` are the kinds of people found clearly less often, in words.
///
/// Very low: three answers or more are red, or fewer than 40 of every 100 people were found, or more
/// than 10 of every 100 links are expected to be wrong. Low: one or two are red. High: none is red,
/// none about the links is amber, at most one other is, and no kind of people was found clearly
/// less often. Fair: the rest.
pub fn confidence(facts: &[Fact], less_often: &[String]) -> Confidence {
    let lights = |light: Light| facts.iter().filter(move |f| f.light == Some(light));
    let red = lights(Light::Red).count();
    let amber = lights(Light::Amber).count();
    let amber_links = lights(Light::Amber).any(|f| f.about == About::Links);
    let below = |aspect: Aspect, bound: f64| {
        let mut of = facts.iter();
        of.any(|f| {
            f.about == About::Links && f.aspect == aspect && f.percent.is_some_and(|p| p < bound)
        })
    };
    let very_low = below(Aspect::Complete, HALF_FOUND) || below(Aspect::Accurate, WRONG);
    let level = match red {
        3.. => Level::VeryLow,
        _ if very_low => Level::VeryLow,
        1 | 2 => Level::Low,
        _ if amber_links || amber > 1 || !less_often.is_empty() => Level::Fair,
        _ => Level::High,
    };
    let weakest = weakest(facts);
    let reason = match (weakest, less_often) {
        (Some(f), []) => reason(f),
        (Some(f), kinds) if is_found(f) => format!(
            "{}, and those not found are more often {}",
            reason(f),
            kinds.join(" and ")
        ),
        (Some(f), _) => reason(f),
        (None, []) => "the people were found, and what is known of them is nearly complete".into(),
        (None, kinds) => format!(
            "people who could not be found are more often {}",
            kinds.join(" and ")
        ),
    };
    let advice = match level {
        Level::High => "the data give no reason to doubt the number",
        Level::Fair => "the number can be used with care",
        Level::Low => "treat the number as a first indication",
        Level::VeryLow => "do not rest a decision on the number",
    };
    let mut sentence = format!("{reason}: {advice}.");
    if let Some(first) = sentence.get(..1) {
        let upper = first.to_uppercase();
        sentence.replace_range(..1, &upper);
    }
    Confidence {
        level,
        sentence,
        weakest: weakest.map(|f| (f.about, f.aspect)),
    }
}

/// A kind of people within a sentence: `women`, `without a postcode`, `of a sex not known`.
pub fn kind(by: &str, group: &str) -> String {
    let (by, group) = (in_a_sentence(by), group.to_lowercase());
    match group.as_str() {
        "not given" => format!("without a {by}"),
        "given" => format!("with a {by}"),
        "not known" => format!("people whose {by} is not known"),
        _ if group.starts_with(|c: char| c.is_ascii_digit()) => format!("aged {group}"),
        _ => group,
    }
}

/// Without a capital, unless it is an abbreviation.
fn in_a_sentence(text: &str) -> String {
    match text.split_once(' ') {
        Some((first, _)) if first.chars().all(char::is_uppercase) => text.to_owned(),
        _ => text.to_lowercase(),
    }
}

fn is_found(f: &Fact) -> bool {
    (f.about, f.aspect) == (About::Links, Aspect::Complete)
}

/// The worst light; of equal ones the first of [`WEIGHT`]. Green ones are not weak.
fn weakest(facts: &[Fact]) -> Option<&Fact> {
    let place = |f: &Fact| WEIGHT.iter().position(|w| *w == (f.about, f.aspect));
    let weak = facts.iter().filter(|f| f.light > Some(Light::Green));
    weak.min_by_key(|f| (std::cmp::Reverse(f.light), place(f)))
}

/// What is wrong, with how much of it there is.
fn reason(f: &Fact) -> String {
    let share = one_in(100.0 - f.percent.unwrap_or(0.0));
    match (f.about, f.aspect) {
        (About::Cohort, Aspect::Fit) => format!("{share} of the rows you sent could not be used"),
        (About::Cohort, Aspect::Accurate) => {
            format!("{share} of the entries in your list break the rules of their column")
        }
        (About::Cohort, Aspect::Complete) => {
            format!("{share} of the names and dates of birth in your list are missing")
        }
        (About::Cohort, Aspect::Timely) => {
            format!("{share} of the programme starts lie outside the time the register covers")
        }
        (About::Register, Aspect::Fit) => {
            format!(
                "{share} of the people found have no event on the register that the programme followed"
            )
        }
        (About::Register, Aspect::Accurate) => {
            format!("{share} of the register\u{2019}s events have a date that cannot be right")
        }
        (About::Register, Aspect::Complete) => {
            format!("{share} of the facts by which people were found to be alike are not known")
        }
        (About::Register, Aspect::Timely) => {
            format!("for {share} of the people found, what happened later is not yet recorded")
        }
        (About::Links, Aspect::Fit) => {
            format!("the result cannot speak for {share} of the people you sent")
        }
        (About::Links, Aspect::Accurate) => {
            format!("{share} of the people found may be the wrong person")
        }
        (About::Links, Aspect::Complete) => {
            format!("{share} of the people you sent could not be found")
        }
        (About::Links, Aspect::Timely) => format!(
            "for {share} of the people, more than half a year lies between the event on record and the programme\u{2019}s start"
        ),
    }
}

/// A percentage as people say it: `about 1 in 4`, `about 6 in 10`, `fewer than 1 in 100`.
fn one_in(percent: f64) -> String {
    if percent < 1.0 {
        return "fewer than 1 in 100".into();
    }
    if percent >= 45.0 {
        return format!("about {} in 10", (percent / 10.0).round());
    }
    format!("about 1 in {}", (100.0 / percent).round())
}

#[cfg(test)]
mod tests {
    use super::super::fact::facts;
    use super::super::measured::{Measured, Share};
    use super::*;

    fn with(change: impl Fn(&mut Measured)) -> Vec<Fact> {
        let good = Share::new(1000, 1000);
        let mut m = Measured {
            rows_usable: good,
            cells_valid: good,
            identity_filled: good,
            starts_covered: good,
            with_event: good,
            events_possible: good,
            covariates_known: good,
            followed_up: good,
            spoken_for: good,
            links_right: good,
            found: good,
            events_near: good,
            groups: Vec::new(),
        };
        change(&mut m);
        facts(&m, "release")
    }

    #[test]
    fn the_weakest_answer_decides() {
        let high = confidence(&with(|_| ()), &[]);
        assert_eq!((high.level, high.weakest), (Level::High, None));

        let quarter = with(|m| m.found = Share::new(752, 1000));
        let fair = confidence(&quarter, &["under 21".into()]);
        assert_eq!(fair.level, Level::Fair);
        assert_eq!(
            fair.sentence,
            "About 1 in 4 of the people you sent could not be found, and those not found are more \
             often under 21: the number can be used with care."
        );

        let low = confidence(&with(|m| m.found = Share::new(600, 1000)), &[]);
        assert_eq!(low.level, Level::Low);
        let few = confidence(&with(|m| m.found = Share::new(399, 1000)), &[]);
        assert_eq!(few.level, Level::VeryLow);
        assert!(few.sentence.starts_with("About 6 in 10 of the people"));
        let wrong = confidence(&with(|m| m.links_right = Share::new(899, 1000)), &[]);
        assert_eq!(wrong.level, Level::VeryLow);
    }

    #[test]
    fn red_is_weaker_than_amber_and_three_reds_are_very_low() {
        let red = with(|m| {
            m.links_right = Share::new(980, 1000); // amber
            m.covariates_known = Share::new(800, 1000); // red
        });
        let got = confidence(&red, &[]);
        assert_eq!(got.level, Level::Low);
        assert_eq!(got.weakest, Some((About::Register, Aspect::Complete)));
        let three = with(|m| {
            m.covariates_known = Share::new(1, 10);
            m.with_event = Share::new(1, 10);
            m.rows_usable = Share::new(1, 10);
        });
        assert_eq!(confidence(&three, &[]).level, Level::VeryLow);
    }

    #[test]
    fn one_amber_of_the_list_leaves_it_high_but_two_do_not() {
        let one = with(|m| m.cells_valid = Share::new(950, 1000));
        assert_eq!(confidence(&one, &[]).level, Level::High);
        let two = with(|m| {
            m.cells_valid = Share::new(950, 1000);
            m.rows_usable = Share::new(900, 1000);
        });
        assert_eq!(confidence(&two, &[]).level, Level::Fair);
        // A kind of people found less often is reason enough for care.
        assert_eq!(
            confidence(&with(|_| ()), &["women".into()]).level,
            Level::Fair
        );
    }
}
