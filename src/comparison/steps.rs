//! So what: a next step for every result, by rules in a file that a department can edit.
//!
//! Rules are tried in the order of the file; the first whose every condition holds gives the step.

use super::portfolio::Verdict;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The rules that come with the engine: `models/next_steps.toml`.
pub const RULES: &str = include_str!("../../models/next_steps.toml");

/// What a rules file must do to be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StepsError {
    /// It is no TOML of this shape.
    #[error("the rules for next steps cannot be read: {0}")]
    Shape(String),
    /// There is none that always holds.
    #[error("the rules for next steps do not end with one that has no conditions")]
    NoLast,
    /// A text asks for something that is not known.
    #[error("the rule `{rule}` has a placeholder that is not known: {{{placeholder}}}")]
    Placeholder {
        /// The rule.
        rule: String,
        /// What stands between the braces.
        placeholder: String,
    },
    /// Two of one name.
    #[error("the rule `{0}` stands there twice")]
    Twice(String),
}

impl StepsError {
    /// What to do next.
    pub fn remedy(&self) -> &'static str {
        match self {
            StepsError::Shape(_) => "see models/next_steps.toml for the shape",
            StepsError::NoLast => {
                "end with a [[step]] without `when`, for what no other rule catches"
            }
            StepsError::Placeholder { .. } => {
                "use {name}, {people}, {interval}, {chance}, {needed}, {alike} or {why}"
            }
            StepsError::Twice(_) => "give each rule an id of its own",
        }
    }
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// In the order in which they are tried.
    #[serde(rename = "step")]
    steps: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: String,
    #[serde(default)]
    when: When,
    step: String,
    reason: String,
}

/// Conditions; what is not said always holds.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct When {
    verdict: Option<Verdict>,
    chance_at_least: Option<f64>,
    chance_at_most: Option<f64>,
    people_below: Option<u64>,
    needed_at_most_times: Option<f64>,
    alike_at_least: Option<usize>,
    left_out: Vec<String>,
}

/// What is known of a result, for the rules.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    /// The programme.
    pub name: String,
    /// By its own interval; none for what was left out.
    pub verdict: Option<Verdict>,
    /// Probability of being better than none, once all others are known.
    pub chance: Option<f64>,
    /// Participants.
    pub people: Option<u64>,
    /// Participants needed to tell a difference of this size.
    pub needed: Option<u64>,
    /// Other programmes of its kind of which it cannot be told either.
    pub alike: Vec<String>,
    /// Its interval, in words.
    pub interval: String,
    /// Code of the reason it was left out for, and the reason in words.
    pub left_out: Option<(&'static str, String)>,
}

/// What to do next with a result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NextStep {
    /// The rule that gave it.
    pub rule: String,
    /// What to do.
    pub step: String,
    /// The evidence it is tied to.
    pub reason: String,
}

const PLACEHOLDERS: [&str; 7] = [
    "name", "people", "interval", "chance", "needed", "alike", "why",
];

impl Rules {
    /// Reads a file of rules.
    ///
    /// # Errors
    /// A wrong shape, an unknown placeholder, no rule that always holds.
    pub fn read(text: &str) -> Result<Rules, StepsError> {
        let rules: Rules = toml::from_str(text).map_err(|e| {
            let line = e.span().map(|s| text[..s.start].lines().count().max(1));
            let at = line.map_or(String::new(), |l| format!(" (line {l})"));
            StepsError::Shape(format!("{}{at}", e.message()))
        })?;
        let mut seen = std::collections::BTreeSet::new();
        for rule in &rules.steps {
            if !seen.insert(&rule.id) {
                return Err(StepsError::Twice(rule.id.clone()));
            }
            for text in [&rule.step, &rule.reason] {
                let mut parts = text.split('{').skip(1);
                let unknown = parts.find_map(|part| {
                    let name = part.split('}').next().unwrap_or(part);
                    (!PLACEHOLDERS.contains(&name)).then(|| name.to_owned())
                });
                if let Some(placeholder) = unknown {
                    return Err(StepsError::Placeholder {
                        rule: rule.id.clone(),
                        placeholder,
                    });
                }
            }
        }
        match rules.steps.last() {
            Some(last) if last.when == When::default() => Ok(rules),
            _ => Err(StepsError::NoLast),
        }
    }

    /// The step for a result: always one, since the last rule always holds.
    pub(super) fn step(&self, facts: &Facts) -> Option<NextStep> {
        let rule = self.steps.iter().find(|r| holds(&r.when, facts))?;
        let filled = |text: &str| fill(text, facts);
        Some(NextStep {
            rule: rule.id.clone(),
            step: filled(&rule.step),
            reason: filled(&rule.reason),
        })
    }
}

/// Every condition holds. What a condition asks for and is not known does not hold.
fn holds(when: &When, facts: &Facts) -> bool {
    fn is<T, U>(asked: Option<T>, known: Option<U>, fits: impl Fn(T, U) -> bool) -> bool {
        match (asked, known) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(a), Some(k)) => fits(a, k),
        }
    }
    let code = facts.left_out.as_ref().map(|(code, _)| *code);
    is(when.verdict, facts.verdict, |a, k| a == k)
        && is(when.chance_at_least, facts.chance, |a, k| k >= a)
        && is(when.chance_at_most, facts.chance, |a, k| k <= a)
        && is(when.people_below, facts.people, |a, k| k < a)
        && is(
            when.needed_at_most_times,
            facts.needed.zip(facts.people),
            |a, (needed, people)| needed as f64 <= a * people as f64,
        )
        && when
            .alike_at_least
            .is_none_or(|least| facts.alike.len() >= least)
        && (when.left_out.is_empty() || code.is_some_and(|c| when.left_out.iter().any(|w| w == c)))
}

fn fill(text: &str, facts: &Facts) -> String {
    use crate::report::numbers::count;
    let number = |n: Option<u64>| n.map_or("an unknown number of".into(), count);
    let chance = facts
        .chance
        .map_or("unknown".into(), super::words::chance_words);
    let why = facts.left_out.as_ref().map_or("", |(_, why)| why.as_str());
    text.replace("{name}", &facts.name)
        .replace("{people}", &number(facts.people))
        .replace("{interval}", &facts.interval)
        .replace("{chance}", &chance)
        .replace("{needed}", &number(facts.needed))
        .replace("{alike}", &listed(&facts.alike))
        .replace("{why}", why)
}

/// `a, b and c`; of many the first few.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 3;
    match names {
        [] => String::new(),
        [one] => one.clone(),
        names if names.len() > SHOWN + 1 => {
            let more = names.len() - SHOWN;
            format!("{} and {more} more", names[..SHOWN].join(", "))
        }
        names => {
            let (last, first) = (&names[names.len() - 1], &names[..names.len() - 1]);
            format!("{} and {last}", first.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(facts: Facts) -> NextStep {
        Rules::read(RULES).unwrap().step(&facts).unwrap()
    }

    #[test]
    fn the_rules_that_come_with_it_catch_each_case() {
        let base = Facts {
            name: "Open door".into(),
            people: Some(200),
            interval: "\u{2212}5.0 to 1.0".into(),
            ..Facts::default()
        };
        let told = |verdict, chance, needed: Option<u64>, alike: &[&str]| {
            step(Facts {
                verdict: Some(verdict),
                chance: Some(chance),
                needed,
                alike: alike.iter().map(|a| (*a).to_owned()).collect(),
                ..base.clone()
            })
        };
        let rule = |s: NextStep| s.rule;
        assert_eq!(rule(told(Verdict::Helps, 0.99, None, &[])), "scale");
        assert_eq!(
            rule(told(Verdict::Harms, 0.02, None, &[])),
            "look_into_harm"
        );
        let doubtful = told(Verdict::CannotTell, 0.1, Some(900), &["B"]);
        assert_eq!(doubtful.rule, "look_into_possible_harm");
        assert!(doubtful.reason.contains("10%"), "{doubtful:?}");
        let again = told(Verdict::CannotTell, 0.8, Some(500), &["B"]);
        assert_eq!(again.rule, "keep_and_retest");
        assert!(again.step.contains("500"), "{again:?}");
        let pooled = told(Verdict::CannotTell, 0.8, Some(5_000), &["B", "C"]);
        assert_eq!(pooled.rule, "pool");
        assert!(pooled.step.contains("B and C"), "{pooled:?}");
        assert_eq!(
            rule(told(Verdict::CannotTell, 0.5, Some(90_000), &[])),
            "cannot_settle"
        );
        for (code, rule) in [
            ("no_rates", "improve_the_data"),
            ("no_size_or_interval", "improve_the_data"),
            ("withheld", "hand_in_more"),
            ("not_well_matched", "match_better"),
            ("duplicate", "nothing"),
        ] {
            let left = step(Facts {
                left_out: Some((code, "its reason".into())),
                ..base.clone()
            });
            assert_eq!(left.rule, rule, "{code}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_is_told_why() {
        let read = |text: &str| Rules::read(text).unwrap_err();
        assert!(matches!(read("steps = 1"), StepsError::Shape(_)));
        let with = "[[step]]\nid = 'a'\nwhen = { people_below = 3 }\nstep = 'x'\nreason = 'y'\n";
        assert_eq!(read(with), StepsError::NoLast);
        let odd = "[[step]]\nid = 'a'\nstep = 'x {secret}'\nreason = 'y'\n";
        assert!(matches!(read(odd), StepsError::Placeholder { .. }));
        let last = "[[step]]\nid = 'a'\nstep = 'x'\nreason = 'y'\n";
        assert_eq!(
            read(&format!("{last}{last}")),
            StepsError::Twice("a".into())
        );
        assert!(Rules::read(last).is_ok());
        assert!(
            matches!(read("[[step]]\nid = 'a'\nwhen = { colour = 1 }\nstep = 'x'\nreason = 'y'\n"), StepsError::Shape(said) if said.contains("line"))
        );
    }
}
