//! What a comparison found, in words for everybody.

use super::alike::Alikeness;
use super::average::by_luck;
use super::input::{GoodFrom, Provenance, SourceKind};
use super::result::{Comparison, Order, Provider, Span, Warning};
use super::{Better, Change, Course, Verdict};
use crate::report::numbers::fixed;
use std::collections::BTreeSet;

/// Below so many results the range of a new programme holds less than it should: 0.90 with five, 0.92
/// with ten, 0.94 with thirty of unequal sizes (the full coverage test).
const ENOUGH_FOR_PREDICTION: usize = 30;

/// A share in percentage points.
pub(super) fn points(x: f64) -> String {
    fixed(100.0 * x, 1)
}

pub(super) fn span(s: Span) -> String {
    format!("{} to {}", points(s.low), points(s.high))
}

fn programmes_of(n: usize) -> String {
    match n {
        1 => "1 programme".into(),
        n => format!("{n} programmes"),
    }
}

/// `lower` or `higher`, and by how much, without a sign.
fn by(x: f64) -> String {
    let way = if x < 0.0 { "lower" } else { "higher" };
    format!(
        "{} percentage points {way} than among similar people without one",
        points(x.abs())
    )
}

/// Said before all else where clients are not alike.
fn unlike(c: &Comparison) -> Option<String> {
    let like = c.like_with_like.as_ref()?;
    let furthest = like
        .pairs
        .iter()
        .reduce(|a, b| if b.distance > a.distance { b } else { a })?;
    (like.verdict == Alikeness::Unlike).then(|| {
        format!(
            "These programmes worked with unlike people, so a difference between them may come from whom they worked with and not from what they did (the clients of {} and {} are furthest apart in {}).",
            furthest.one, furthest.other, furthest_words(furthest)
        )
    })
}

/// The trait furthest apart, as it stands within a sentence.
pub(super) fn furthest_words(p: &super::Pair) -> String {
    match p.distance > 0.0 {
        true => p.furthest.clone(),
        false => "nothing".into(),
    }
}

/// A programme over time, in a sentence.
pub(super) fn change_words(course: &Course) -> String {
    let change = format!(
        "{} percentage points from the first result to the last, {} (95% interval)",
        points(course.change),
        span(course.interval)
    );
    let others = course.others.map_or(String::new(), |o| {
        format!(" Others of its kind: {} on average.", points(o))
    });
    let first = match course.verdict {
        Change::Better => "It got better by more than chance explains",
        Change::Worse => "It got worse by more than chance explains",
        Change::NoSign => "There is no sign of a change that would matter",
        Change::CannotTell => "Whether it changed cannot be told yet",
    };
    format!("{first}: {change}.{others}")
}

/// A programme's result beside others, in a few sentences: what a report says \u{201c}in context\u{201d}. Nothing
/// where nothing is known beside it.
pub fn in_context(found: &Comparison, name: &str) -> Vec<String> {
    let is = |p: &&Provider| p.result.name == name;
    let Some(own) = found.providers.iter().find(is) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    if let Some(course) = found.over_time.iter().find(|c| c.name == name) {
        out.push(format!("Over time: {}", change_words(course)));
    }
    let others = found.providers.len() - 1;
    let average = found.average.as_ref().filter(|_| others > 0);
    if let Some(average) = average {
        let kind = found.kinds.as_ref().zip(own.result.kind.as_ref());
        let kind = kind.and_then(|(kinds, kind)| kinds.kinds.iter().find(|k| k.kind == *kind));
        let only = found.providers.iter().find(|p| p.result.name != name);
        let beside = match (others, only) {
            (1, Some(only)) => {
                format!(
                    "The one other programme has {}",
                    points(only.result.estimate)
                )
            }
            _ => format!(
                "The other {} average {}",
                programmes_of(others),
                points(own.average_without.unwrap_or(average.estimate))
            ),
        };
        let mut said = format!(
            "{beside} percentage points; this one has {}.",
            points(own.result.estimate)
        );
        if let Some(kind) = kind.filter(|k| k.results > 1) {
            said += &format!(
                " Programmes of its kind ({}) average {} ({}).",
                kind.kind,
                points(kind.estimate),
                span(kind.interval)
            );
        }
        out.push(said);
        let outside = found
            .funnel
            .as_ref()
            .map(|f| f.outside_95.iter().any(|n| n == name));
        out.push(match outside {
            Some(true) => "It is unlike the others by more than chance readily explains. Before anything is made of that: they may work with other people.".into(),
            Some(false) => "It is no more unlike the others than chance explains.".into(),
            None => "There are too few others to tell whether it is unlike them.".into(),
        });
    }
    if let Some(unlike) = unlike(found) {
        out.insert(0, unlike);
    }
    out
}

/// What can be concluded: the answer first, then what it rests on.
pub(super) fn conclusion(c: &Comparison) -> Vec<String> {
    let Some(average) = &c.average else {
        return vec![match c.providers.first() {
            Some(p) => format!(
                "Only one programme can be used ({}), so there is nothing to compare it with.",
                p.result.name
            ),
            None => "No programme can be used.".into(),
        }];
    };
    let k = programmes_of(c.providers.len());
    let Span { low, high } = average.interval;
    let answer = match Verdict::of(average.interval, c.better) {
        Verdict::Helps => format!("Taken together, these {k} helped."),
        Verdict::Harms => format!("Taken together, these {k} did harm."),
        Verdict::CannotTell => {
            format!("Taken together, it cannot be told yet whether these {k} helped.")
        }
    };
    let size = format!(
        "On average the rate was {}. The true average is likely to lie between {} and {}.",
        by(average.estimate),
        points(low),
        points(high)
    );
    let n = c.portfolio.by_interval;
    let each = format!(
        "One by one: {} helped, {} did harm, and of {} it cannot be told yet.",
        n.helps, n.harms, n.cannot_tell
    );
    let mut said: Vec<String> = unlike(c).into_iter().collect();
    said.extend([answer, size, each]);
    said
}

fn warn(code: &'static str, message: impl Into<String>) -> Warning {
    Warning {
        code,
        message: message.into(),
    }
}

/// What the reader must know, the most important first.
pub(super) fn warnings(c: &Comparison, enough_for_small: usize) -> Vec<Warning> {
    let mut out = Vec::new();
    let digests: BTreeSet<&String> = c
        .sources
        .iter()
        .filter_map(|s| s.spec_digest.as_ref())
        .collect();
    if digests.len() > 1 {
        out.push(warn(
            "different_study_files",
            format!("The reports were made with {} different versions of the study file. What they call the same may not be the same.", digests.len()),
        ));
    }
    let kinds: BTreeSet<bool> = c
        .sources
        .iter()
        .map(|s| s.kind == SourceKind::Report)
        .collect();
    if kinds.len() > 1 {
        out.push(warn("tables_and_reports", "Published tables and reports of this engine are put side by side. They may count the same thing in different ways."));
    }
    if c.providers.len() == 1 {
        out.push(warn("one_programme", "There is one result alone. Read it by itself, or add results of other programmes; the list of what was left out says what is missing."));
        return out;
    }
    out.push(warn("unlike_clients", "Each programme was compared with people like its own clients. Programmes work with different people, so a larger difference does not mean a better programme."));
    if c.order == Order::Estimate {
        out.push(warn("order_by_estimate", "The order is by estimate, as asked for. It is no ranking: much of the order is chance, and programmes work with different people."));
    }
    if c.providers.len() == 2 {
        out.push(warn("two_programmes", "There are two results only. An average of two says little about other programmes, and how much programmes differ can hardly be known from two."));
    }
    if by_luck(&c.averages) {
        out.push(warn("agreement_by_luck", "The results lie closer together than chance alone would have them. The interval of the average was kept from growing too narrow."));
    }
    let assumed = c
        .counts
        .used_by_provenance
        .get(Provenance::RatesAndParticipants.code());
    if let Some(n) = assumed {
        out.push(warn("assumed_comparison", format!("For {} only the number of participants was published. A comparison group worth ten times as many is assumed; a smaller one would make these results less sure.", programmes_of(*n))));
    }
    if c.providers.iter().any(|p| p.result.rounding_se > 0.0) {
        out.push(warn("rounded", "Some differences were worked out from rounded numbers. The rounding is allowed for in how sure each is said to be."));
    }
    if c.left_out
        .iter()
        .any(|l| l.result.reason.code() == "part_of")
    {
        out.push(warn("parts", "Several results seem to be about one owner's programme, judged by name. The one with most people is used, so that nobody counts twice."));
    }
    if c.providers.len() < enough_for_small {
        out.push(warn("few_for_small_studies", format!("With fewer than {enough_for_small} programmes, whether small studies find more than large ones cannot be judged.")));
    }
    out
}

/// What they say together.
pub(super) fn together(c: &Comparison) -> Vec<String> {
    let mut out = Vec::new();
    let good = match c.better {
        Better::Lower => "A lower rate is better",
        Better::Higher => "A higher rate is better",
    };
    out.push(match c.better_from {
        GoodFrom::Asked => format!("{good}, as asked for."),
        GoodFrom::Files => format!("{good}, as the files say."),
        GoodFrom::Name => format!("{good}: the outcome is about offending."),
    });
    if let Some(range) = c.average.as_ref().and_then(|a| a.prediction) {
        out.push(format!(
            "A new programme of this sort is likely to make a difference between {} and {} percentage points.{}",
            points(range.low),
            points(range.high),
            match c.providers.len() < ENOUGH_FOR_PREDICTION {
                true => " With so few results this range holds nine in ten rather than nineteen in twenty.",
                false => "",
            }
        ));
    }
    if let Some(n) = c.portfolio.likelier_harm {
        out.push(format!(
            "Once all results are known, {n} of {} more likely did harm than good.",
            programmes_of(c.providers.len())
        ));
    }
    let counts = &c.counts;
    out.push(format!(
        "The files hold {} results: {} are used, {} are left out, each with its reason below.",
        counts.rows, counts.used, counts.left_out
    ));
    out
}

/// Whole per cent, never a certainty.
pub(super) fn chance_words(p: f64) -> String {
    match 100.0 * p {
        p if p > 99.0 => "over 99%".into(),
        p if p < 1.0 => "under 1%".into(),
        p => format!("{}%", fixed(p, 0)),
    }
}
