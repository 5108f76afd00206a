//! What the numbers could not show, and where their rounding shows.

use super::Direction;
use super::estimate::{noun, per_person, size, spoken};
use crate::disclosure::findings::OutcomeFinding;
use crate::report::numbers::{Scale, about, count, round_to};
use crate::study::{OutcomeKind, Words};

/// A note where the rounded values do not add up to the rounded difference.
pub fn rounding_note(o: &OutcomeFinding) -> Option<String> {
    let (t, c, d) = (
        o.treated.as_ref()?,
        o.comparison.as_ref()?,
        o.difference.as_ref()?,
    );
    let scale = Scale::of(o.kind, Some(d.ci_high - d.ci_low));
    let of_rounded = round_to(
        scale.rounded(t.mean) - scale.rounded(c.mean),
        scale.decimals,
    );
    (of_rounded != scale.rounded(d.estimate)).then(|| {
        format!(
            "The difference ({}) is worked out before rounding, so it does not match the rounded values ({} and {}).",
            scale.difference(d.estimate),
            scale.value(t.mean),
            scale.value(c.mean)
        )
    })
}

/// How many people it would have taken, and what these numbers could show at all.
pub fn power_words(o: &OutcomeFinding, words: &Words) -> Option<String> {
    let d = o.difference.as_ref()?;
    if Direction::of(d).significant() {
        return None;
    }
    let people = &words.people;
    let mut said = Vec::new();
    if let Some(needed) = o.number_needed {
        let had = o.treated.as_ref().map(|t| t.people);
        let had = had.map_or(String::new(), |n| format!(" There were {}.", count(n)));
        said.push(match needed {
            n if n > 1_000_000 => format!(
                "The difference seen is so small that more than a million {people} would be needed to be sure of its direction.{had}"
            ),
            n => format!(
                "If the true difference is as large as the one seen, about {} {people} in the treatment group would be needed to be sure of its direction.{had}",
                about(n)
            ),
        });
    }
    if let Some(smallest) = o.detectable {
        let size = size(spoken(o), smallest);
        let of = match o.kind {
            OutcomeKind::Binary => format!(" in every 100{}", noun(o, words, false)),
            OutcomeKind::Count => {
                format!(" for every 100 {people}{}", per_person(o, &size.per_person))
            }
            _ => noun(o, words, size.at_most_one),
        };
        said.push(format!(
            "With this many {people}, the smallest difference we could expect to find is about {}{of}.",
            size.text
        ));
    }
    (!said.is_empty()).then(|| said.join(" "))
}
