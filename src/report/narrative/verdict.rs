//! Did it work, and how sure are we?

use super::estimate::could_be;
use super::{
    Agreement, Direction, among_many, capital, headline_analysis, in_sentence, measure,
    placebo_warning, primary_outcome, sentence, title,
};
use crate::disclosure::findings::{Analysis, BalanceRow, Findings, OutcomeFinding};
use crate::study::{Better, OutcomeKind, Words};

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A significant difference in the direction that is good.
    Better,
    /// A significant difference in the direction that is not.
    Worse,
    /// A significant difference where neither direction is good or bad.
    Different,
    /// The interval holds zero.
    CannotTell,
    /// The groups are too unlike for any answer.
    NotMatched,
    /// Too few people, or a rule holds the result back.
    Withheld,
}

impl Verdict {
    /// Reads the verdict off the deciding outcome of the headline analysis.
    pub fn of(findings: &Findings) -> Verdict {
        let Some(analysis) = headline_analysis(findings) else {
            return Verdict::Withheld;
        };
        match primary_outcome(analysis) {
            Some(o) => Verdict::of_outcome(o, analysis.well_matched),
            None => Verdict::Withheld,
        }
    }

    /// The same for any outcome.
    pub fn of_outcome(o: &OutcomeFinding, well_matched: bool) -> Verdict {
        let d = match (&o.suppressed, &o.difference) {
            (None, Some(d)) => d,
            _ => return Verdict::Withheld,
        };
        if !well_matched {
            return Verdict::NotMatched;
        }
        match (Direction::of(d), o.better) {
            (Direction::Unclear, _) => Verdict::CannotTell,
            // On its own it leaves zero out; among the outcomes tested with it, it does not.
            _ if among_many(d) => Verdict::CannotTell,
            (_, Better::Neither) => Verdict::Different,
            (Direction::Lower, Better::Lower) | (Direction::Higher, Better::Higher) => {
                Verdict::Better
            }
            _ => Verdict::Worse,
        }
    }

    /// Is there an estimate to speak of, sure or not?
    pub fn speaks(self) -> bool {
        !matches!(self, Verdict::NotMatched | Verdict::Withheld)
    }

    /// The word on the badge.
    pub fn badge(self) -> &'static str {
        match self {
            Verdict::Better => "Better",
            Verdict::Worse => "Worse",
            Verdict::Different => "Different",
            Verdict::CannotTell => "Cannot tell yet",
            Verdict::NotMatched => "Not well enough matched to say",
            Verdict::Withheld => "No result can be given",
        }
    }

    /// A shape that tells it apart without colour.
    pub fn symbol(self) -> &'static str {
        match self {
            Verdict::Better => "\u{2713}",
            Verdict::Worse => "\u{2717}",
            Verdict::Different => "\u{2260}",
            Verdict::CannotTell => "?",
            Verdict::NotMatched => "!",
            Verdict::Withheld => "\u{2013}",
        }
    }

    /// CSS class.
    pub fn class(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::Different => "different",
            Verdict::CannotTell => "unclear",
            Verdict::NotMatched => "unmatched",
            Verdict::Withheld => "withheld",
        }
    }

    /// The answer as a sentence without numbers.
    pub fn answer(self, words: &Words) -> String {
        let Words {
            people, support, ..
        } = words;
        let who = capital(people);
        match self {
            Verdict::Better => {
                format!(
                    "{who} who received {support} did better than similar {people} who did not."
                )
            }
            Verdict::Worse => {
                format!("{who} who received {support} did worse than similar {people} who did not.")
            }
            Verdict::Different => format!(
                "{who} who received {support} had different results from similar {people} who did not."
            ),
            Verdict::CannotTell => {
                format!("We cannot tell yet whether {support} made a difference.")
            }
            Verdict::NotMatched => format!(
                "The groups were not well enough matched to say whether {support} made a difference."
            ),
            Verdict::Withheld => {
                format!(
                    "We cannot say whether {support} made a difference: no result can be given."
                )
            }
        }
    }
}

/// The finding in one sentence, for a terminal or a list.
pub fn headline(findings: &Findings) -> String {
    let words = &findings.study.words;
    let verdict = Verdict::of(findings);
    let found = headline_analysis(findings).and_then(|a| primary_outcome(a).map(|o| (a, o)));
    let Some((analysis, o)) = found else {
        return verdict.answer(words);
    };
    match verdict {
        Verdict::NotMatched => format!(
            "Not well enough matched to say: {}",
            unlike(analysis, words)
        ),
        Verdict::Withheld => match &o.suppressed {
            Some(reason) => format!(
                "No result can be given for {}: {}.",
                in_sentence(title(o)),
                in_sentence(reason.trim_end_matches('.'))
            ),
            None => verdict.answer(words),
        },
        _ => {
            let said = format!(
                "{}: {}",
                verdict.answer(words).trim_end_matches('.'),
                amount(o, words)
            );
            let mut all = vec![said];
            all.extend(cautions(findings, o));
            all.join(" ")
        }
    }
}

/// What must be known beside the answer: that other choices come to another one, or that the groups
/// differed already before the start.
fn cautions(findings: &Findings, o: &OutcomeFinding) -> Vec<String> {
    let s = &findings.sensitivity;
    let choice = Agreement::of(o, s).and_then(|a| a.caution());
    let placebo = placebo_warning(s).map(|w| w.message);
    choice.into_iter().chain(placebo).collect()
}

/// "for every 100 people, the number who ... could be lower by between 5 and 12 people."
fn amount(o: &OutcomeFinding, words: &Words) -> String {
    let Some(d) = &o.difference else {
        return String::new();
    };
    let per = match o.kind {
        OutcomeKind::Binary | OutcomeKind::Count => format!("for every 100 {}, ", words.people),
        _ => String::new(),
    };
    format!("{per}{} could be {}.", measure(o), could_be(o, d, words))
}

/// "the groups still differed in age at release and 2 other things."
fn unlike(analysis: &Analysis, words: &Words) -> String {
    let red: Vec<&BalanceRow> = analysis
        .balance
        .iter()
        .filter(|r| r.light == "red")
        .collect();
    let name = |r: &BalanceRow| {
        in_sentence(if r.label.is_empty() {
            &r.term
        } else {
            &r.label
        })
    };
    let what = match red.as_slice() {
        [] => "from the start".to_owned(),
        [one] => format!("in {}", name(one)),
        [one, two] => format!("in {} and {}", name(one), name(two)),
        [one, rest @ ..] => format!("in {} and {} other things", name(one), rest.len()),
    };
    format!(
        "the {} who received {} and those they are compared with still differed {what}.",
        words.people, words.support
    )
}

/// How sure: the interval, and what chance alone could have done, in words.
pub fn how_sure(findings: &Findings) -> Vec<String> {
    let words = &findings.study.words;
    let Some((analysis, o)) =
        headline_analysis(findings).and_then(|a| primary_outcome(a).map(|o| (a, o)))
    else {
        return vec!["There was nobody to compare.".into()];
    };
    let verdict = Verdict::of(findings);
    match (verdict, &o.suppressed) {
        (Verdict::Withheld, Some(reason)) => vec![
            sentence(reason),
            "That there is no result says nothing about how well the programme works."
                .into(),
        ],
        (Verdict::Withheld, None) => Vec::new(),
        (Verdict::NotMatched, _) => vec![
            capital(&unlike(analysis, words)),
            "Any gap between the groups may come from those differences. So please do not use the numbers below as evidence for or against the programme.".into(),
        ],
        (Verdict::CannotTell, _) => {
            let mut said = vec![
                capital(&amount(o, words)),
                format!(
                    "That does not mean that {} made no difference. It means that this group is too small, or the difference too small, to see which way it goes.",
                    words.support
                ),
            ];
            said.extend(cautions(findings, o));
            said
        }
        _ => {
            let cautions = cautions(findings, o);
            let sure = match cautions.is_empty() {
                true => "We are fairly sure of the direction.",
                false => "Chance alone is an unlikely reason.",
            };
            let mut said = vec![
                format!("{sure} {}", capital(&amount(o, words))),
                format!(
                    "If {} made no difference, a gap as large as this would come up by chance {}.",
                    words.support,
                    by_chance(o)
                ),
            ];
            said.extend(cautions);
            said
        }
    }
}

/// p as odds people can picture.
fn by_chance(o: &OutcomeFinding) -> String {
    let p = o.difference.as_ref().map_or(1.0, |d| d.p);
    if p < 0.001 {
        "less than once in 1,000 tries".into()
    } else if p < 0.01 {
        "less than once in 100 tries".into()
    } else {
        // The next whole number up: 2 to 5, since a significant p is under 0.05.
        let times = (p * 100.0).floor() as u64 + 1;
        format!("less than {times} times in 100 tries")
    }
}
