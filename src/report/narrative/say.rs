//! What you can say and what you cannot: a ready pair for each outcome.

use super::estimate::estimate;
use super::{Direction, among_many, in_sentence, measure, sentence, title};
use crate::disclosure::findings::{Difference, OutcomeFinding};
use crate::study::{OutcomeKind, Words};

/// The verbs of a change.
fn verbs(kind: OutcomeKind) -> (&'static str, &'static str) {
    match kind {
        OutcomeKind::Duration | OutcomeKind::Survival => ("shortens", "lengthens"),
        _ => ("lowers", "raises"),
    }
}

/// What the charity may repeat.
pub fn can_say(o: &OutcomeFinding, well_matched: bool, words: &Words) -> String {
    let support = &words.support;
    if let Some(reason) = &o.suppressed {
        return format!(
            "No result can be given for {}. {}",
            in_sentence(title(o)),
            sentence(reason)
        );
    }
    let Some(d) = &o.difference else {
        return format!("No result can be given for {}.", in_sentence(title(o)));
    };
    if !well_matched {
        return format!(
            "The two groups were not well enough matched to say whether {support} {} or {} {}. No conclusion should be drawn from the numbers.",
            verbs(o.kind).0,
            verbs(o.kind).1,
            measure(o)
        );
    }
    let (lowers, raises) = verbs(o.kind);
    let side = match among_many(d) {
        true => Direction::Unclear,
        false => Direction::of(d),
    };
    let evidence = match side {
        Direction::Lower => {
            format!(
                "The results give evidence that {support} {lowers} {}.",
                measure(o)
            )
        }
        Direction::Higher => {
            format!(
                "The results give evidence that {support} {raises} {}.",
                measure(o)
            )
        }
        Direction::Unclear => format!(
            "The results do not yet show whether {support} {lowers} or {raises} {}.",
            measure(o)
        ),
    };
    format!("{evidence} {}{}", estimate(o, d, words), one_of_many(d))
}

/// Several outcomes were tested: a chance finding among them is likelier than in one alone.
fn one_of_many(d: &Difference) -> &'static str {
    match among_many(d) {
        true => {
            " Several outcomes were tested, and after allowing for that this one could be due to chance."
        }
        false => "",
    }
}

/// What the numbers do not carry.
pub fn cannot_say(o: &OutcomeFinding, well_matched: bool, words: &Words) -> String {
    let Words {
        people, support, ..
    } = words;
    let (lowers, raises) = verbs(o.kind);
    let what = measure(o);
    let open = format!("That {support} {lowers}, {raises} or makes no difference to {what}.");
    let Some(d) = o.difference.as_ref().filter(|_| o.suppressed.is_none()) else {
        // Why is in `can_say`, in the words of whoever held it back: few people is one reason of several.
        return format!(
            "{open} That there is no result says nothing about how well the programme works."
        );
    };
    if !well_matched {
        return format!(
            "{open} The groups differed from the start, so a gap between them may have nothing to do with {support}."
        );
    }
    let side = match among_many(d) {
        true => Direction::Unclear,
        false => Direction::of(d),
    };
    let limits = match side {
        Direction::Unclear => format!("{open} All three are still possible."),
        side => format!(
            "That {support} {} {what} by an exact amount, that it is the only cause of the difference, or that other {people} would see the same. The groups were alike in what the records hold, but they may differ in ways nobody recorded.",
            if side == Direction::Lower {
                lowers
            } else {
                raises
            }
        ),
    };
    match o.kind {
        OutcomeKind::Duration => format!(
            "{limits} Only those to whom it happened are compared here, so the two sides may not be alike."
        ),
        OutcomeKind::Survival => format!("{limits}{}", super::survival::afterwards(o)),
        _ => limits,
    }
}
