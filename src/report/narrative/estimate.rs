//! Numbers in sentences: what was seen, and between what limits the difference could lie.

use super::{Direction, measure, one_of};
use crate::disclosure::findings::{Difference, OutcomeFinding};
use crate::report::numbers::{Scale, fixed, round_to};
use crate::study::{OutcomeKind, Words};

/// The scale on which an outcome is spoken of: counts for 100 people, in whole numbers, which are
/// the same digits as per person to two decimals.
pub(super) fn spoken(o: &OutcomeFinding) -> Scale {
    match o.kind {
        OutcomeKind::Count => Scale {
            factor: 100.0,
            decimals: 0,
            suffix: "",
        },
        _ => Scale::of(o.kind, o.difference.as_ref().map(|d| d.ci_high - d.ci_low)),
    }
}

/// What follows a number: ` people`, ` days`, ` US dollars`; ` person` for one or less.
pub(super) fn noun(o: &OutcomeFinding, words: &Words, singular: bool) -> String {
    match o.kind {
        OutcomeKind::Binary | OutcomeKind::Ordered | OutcomeKind::Categories if singular => {
            format!(" {}", one_of(words))
        }
        OutcomeKind::Binary | OutcomeKind::Ordered | OutcomeKind::Categories => {
            format!(" {}", words.people)
        }
        OutcomeKind::Count => String::new(),
        OutcomeKind::Duration | OutcomeKind::Survival => {
            let unit = if o.unit.is_empty() { "days" } else { &o.unit };
            match (singular, unit.strip_suffix('s')) {
                (true, Some(one)) => format!(" {one}"),
                _ => format!(" {unit}"),
            }
        }
        OutcomeKind::Continuous if o.unit.is_empty() => String::new(),
        OutcomeKind::Continuous => format!(" {}", o.unit),
    }
}

/// Counts also per person, as the tables have them.
pub(super) fn per_person(o: &OutcomeFinding, text: &str) -> String {
    match o.kind {
        OutcomeKind::Count if o.unit.is_empty() => format!(" ({text} per person)"),
        OutcomeKind::Count => format!(" ({text} {})", o.unit),
        _ => String::new(),
    }
}

fn word(o: &OutcomeFinding, below: bool) -> &'static str {
    match (o.kind, below) {
        (OutcomeKind::Duration | OutcomeKind::Survival, true) => "shorter",
        (OutcomeKind::Duration | OutcomeKind::Survival, false) => "longer",
        (_, true) => "lower",
        (_, false) => "higher",
    }
}

/// A size as it is spoken: `12`, or `less than 1` where it would round to nothing.
pub(super) struct Size {
    pub text: String,
    pub per_person: String,
    pub at_most_one: bool,
    pub vanishes: bool,
}

pub(super) fn size(scale: Scale, x: f64) -> Size {
    let rounded = round_to(x.abs() * scale.factor, scale.decimals);
    let smallest = 10f64.powi(-(scale.decimals as i32));
    let vanishes = rounded == 0.0;
    Size {
        text: match vanishes {
            true => format!("less than {}", fixed(smallest, scale.decimals)),
            false => fixed(rounded, scale.decimals),
        },
        per_person: match vanishes {
            true => "less than 0.01".into(),
            false => fixed(x.abs(), 2),
        },
        // 0.6 weeks, 1.0 weeks, but 1 week.
        at_most_one: scale.decimals == 0 && rounded <= 1.0,
        vanishes,
    }
}

/// "between 5 and 12 people", for an interval on one side of zero.
fn between(o: &OutcomeFinding, words: &Words, near: f64, far: f64) -> String {
    let scale = spoken(o);
    let (near, far) = (size(scale, near), size(scale, far));
    if near.text == far.text {
        let about = if far.vanishes { "" } else { "about " };
        return format!(
            "{about}{}{}{}",
            far.text,
            noun(o, words, far.at_most_one),
            per_person(o, &far.per_person)
        );
    }
    format!(
        "between {} and {}{}{}",
        near.text,
        far.text,
        noun(o, words, far.at_most_one),
        per_person(
            o,
            &format!("between {} and {}", near.per_person, far.per_person)
        )
    )
}

/// "as many as 5 people", for one arm of an interval that holds zero.
fn as_many_as(o: &OutcomeFinding, words: &Words, x: f64) -> String {
    let size = size(spoken(o), x);
    let lead = if size.vanishes { "" } else { "as many as " };
    format!(
        "{lead}{}{}{}",
        size.text,
        noun(o, words, size.at_most_one),
        per_person(o, &size.per_person)
    )
}

/// "lower by between 5 and 12 people" or "lower by as many as 5 people, or higher by as many as 3 people".
pub fn could_be(o: &OutcomeFinding, d: &Difference, words: &Words) -> String {
    let (below, above) = (word(o, true), word(o, false));
    match Direction::of(d) {
        Direction::Lower => format!("{below} by {}", between(o, words, d.ci_high, d.ci_low)),
        Direction::Higher => format!("{above} by {}", between(o, words, d.ci_low, d.ci_high)),
        Direction::Unclear => format!(
            "{below} by {}, or {above} by {}",
            as_many_as(o, words, d.ci_low),
            as_many_as(o, words, d.ci_high)
        ),
    }
}

/// The whole sentence, and what it is worth.
pub fn estimate(o: &OutcomeFinding, d: &Difference, words: &Words) -> String {
    let Words {
        people, support, ..
    } = words;
    let who = match o.kind {
        OutcomeKind::Binary | OutcomeKind::Count => format!(
            "For 100 typical {people} who receive {support}, compared with 100 similar {people} who do not receive it"
        ),
        OutcomeKind::Duration => format!(
            "For typical {people} who receive {support} and to whom it happens, compared with similar {people} who do not receive it"
        ),
        _ => format!(
            "For typical {people} who receive {support}, compared with similar {people} who do not receive it"
        ),
    };
    let worth = if super::among_many(d) {
        "On its own this is a statistically significant result.".to_owned()
    } else if Direction::of(d).significant() {
        "This is a statistically significant result.".to_owned()
    } else {
        format!(
            "More {people} would need to be available for analysis in order to determine the direction of this difference."
        )
    };
    format!(
        "{who}, {} could be {}. {worth}",
        measure(o),
        could_be(o, d, words)
    )
}

/// What was seen: "For 100 typical people in the treatment group, the number who ... is 38. That is
/// 8 fewer than in the comparison group."
pub fn observed(o: &OutcomeFinding, words: &Words) -> Option<String> {
    let (treated, d) = (o.treated.as_ref()?, o.difference.as_ref()?);
    let scale = spoken(o);
    let value = fixed(treated.mean * scale.factor, scale.decimals);
    let also = per_person(o, &fixed(treated.mean, 2));
    let unit = match o.kind {
        OutcomeKind::Binary | OutcomeKind::Count => String::new(),
        _ => noun(o, words, value == "1"),
    };
    let hundred = match o.kind {
        OutcomeKind::Binary | OutcomeKind::Count => "100 typical",
        _ => "typical",
    };
    let among = match o.kind {
        OutcomeKind::Duration => ", for those to whom it happens,",
        _ => "",
    };
    Some(format!(
        "For {hundred} {} in the treatment group, {}{among} is {value}{unit}{also}. {}",
        words.people,
        measure(o),
        compared(o, d, words)
    ))
}

/// "That is 8 fewer than in the comparison group." The difference is taken before rounding.
fn compared(o: &OutcomeFinding, d: &Difference, words: &Words) -> String {
    let size = size(spoken(o), d.estimate);
    if size.vanishes {
        return "That is similar to the comparison group.".into();
    }
    let below = d.estimate < 0.0;
    let unit = match o.kind {
        OutcomeKind::Binary | OutcomeKind::Count => String::new(),
        _ => noun(o, words, size.text == "1"),
    };
    let word = match (o.kind, below) {
        (OutcomeKind::Binary | OutcomeKind::Count, true) => "fewer",
        (OutcomeKind::Binary | OutcomeKind::Count, false) => "more",
        (_, below) => word(o, below),
    };
    format!(
        "That is {}{unit} {word}{} than in the comparison group.",
        size.text,
        per_person(o, &size.per_person)
    )
}
