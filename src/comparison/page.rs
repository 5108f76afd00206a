//! The comparison in words and as a page. The words of the headline parts are for everybody.

use super::input::{Good, GoodFrom, Provenance, SourceKind};
use super::result::{AverageInterval, Comparison, Order, Span, Warning};
use crate::report::numbers::{fixed, p_value};
use crate::report::table::{Cell, Table, number};
use askama::Template;
use std::collections::BTreeSet;

/// What the page is filled with.
#[derive(Template)]
#[template(path = "comparison.html")]
struct Page<'a> {
    found: &'a Comparison,
    together: Vec<String>,
    programmes: Table,
    portfolio: Table,
    drawn: Option<Table>,
    averages: Option<Table>,
    left_out: Option<Table>,
    sources: Table,
    small: Option<String>,
}

/// One page that needs nothing else: styles are inside, scripts there are none.
///
/// # Errors
/// The page could not be filled.
pub fn page(found: &Comparison) -> Result<String, askama::Error> {
    Page {
        found,
        together: together(found),
        programmes: programmes(found),
        portfolio: portfolio(found),
        drawn: drawn(found),
        averages: averages(found),
        left_out: left_out(found),
        sources: sources(found),
        small: found.small_studies.as_ref().map(|s| {
            format!(
                "Small studies and large ones: Egger's t is {}, p {}.",
                fixed(s.t, 2),
                p_value(s.p)
            )
        }),
    }
    .render()
}

/// A share in percentage points.
fn points(x: f64) -> String {
    fixed(100.0 * x, 1)
}

fn span(s: Span) -> String {
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
    format!("{} percentage points {way} than among similar people without one", points(x.abs()))
}

/// What can be concluded.
pub(super) fn conclusion(c: &Comparison) -> String {
    let Some(average) = &c.average else {
        return match c.providers.first() {
            Some(p) => format!(
                "Only one programme can be used ({}), so there is nothing to compare it with.",
                p.result.name
            ),
            None => "No programme can be used.".into(),
        };
    };
    let verdict = super::Verdict::of(average.interval, c.better);
    let k = programmes_of(c.providers.len());
    let range = format!("the true average is likely to lie between {}", {
        let Span { low, high } = average.interval;
        format!("{} and {}", points(low), points(high))
    });
    let size = by(average.estimate);
    let first = match verdict {
        super::Verdict::Helps => {
            format!("Taken together, these {k} helped: on average the rate was {size} ({range}).")
        }
        super::Verdict::Harms => {
            format!("Taken together, these {k} did harm: on average the rate was {size} ({range}).")
        }
        super::Verdict::CannotTell => format!(
            "Taken together, it cannot be told yet whether these {k} helped: on average the rate was {size}, but {range}."
        ),
    };
    let n = c.portfolio.by_interval;
    format!(
        "{first} One by one: {} helped, {} did harm, and of {} it cannot be told yet.",
        n.helps, n.harms, n.cannot_tell
    )
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
    if c.average
        .as_ref()
        .is_some_and(|a| a.interval_by == AverageInterval::HartungKnappCautious)
    {
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
    if c.left_out.iter().any(|l| l.reason.code() == "part_of") {
        out.push(warn("parts", "Several results seem to be about one owner's programme, judged by name. The one with most people is used, so that nobody counts twice. --keep-parts uses them all."));
    }
    if c.providers.len() < enough_for_small {
        out.push(warn("few_for_small_studies", format!("With fewer than {enough_for_small} programmes, whether small studies find more than large ones cannot be judged.")));
    }
    out
}

/// What they say together.
fn together(c: &Comparison) -> Vec<String> {
    let mut out = Vec::new();
    let good = match c.better {
        Good::Lower => "A lower rate is better",
        Good::Higher => "A higher rate is better",
    };
    out.push(match c.better_from {
        GoodFrom::Asked => format!("{good}, as asked for."),
        GoodFrom::Files => format!("{good}, as the files say."),
        GoodFrom::Name => {
            format!("{good}: that is taken from the outcome's name, which is about offending.")
        }
    });
    if let Some(range) = c.average.as_ref().and_then(|a| a.prediction) {
        out.push(format!(
            "A new programme of this sort is likely to make a difference between {} and {} percentage points.",
            points(range.low),
            points(range.high)
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

fn people(n: Option<u64>) -> String {
    n.map_or("not given".into(), crate::report::numbers::count)
}

fn programmes(c: &Comparison) -> Table {
    let by = match c.order {
        Order::Name => "by name",
        Order::Kind => "by kind",
        Order::Estimate => "by estimate",
    };
    let mut t = Table::new(
        "programmes",
        format!("Difference made, in percentage points; {by}"),
        &[
            "Programme",
            "Difference",
            "95% interval",
            "Verdict",
            "Participants",
            "p",
            "p (Holm)",
            "p (Benjamini-Hochberg)",
        ],
    );
    for p in &c.providers {
        let r = &p.result;
        let mut below = r.note.clone();
        if let Some(kind) = &r.kind {
            below = format!("{kind}; {below}");
        }
        t.rows.push(vec![
            Cell::Named(r.name.clone(), below),
            number(points(r.estimate)),
            number(span(r.interval)),
            Cell::Text(p.verdict.words().into()),
            number(people(r.n_treatment)),
            number(p_value(p.p)),
            number(p_value(p.p_holm)),
            number(p_value(p.p_benjamini_hochberg)),
        ]);
    }
    t.notes.push("Difference: participants minus comparison people. The verdict is by the programme's own interval; p (Holm) and p (Benjamini-Hochberg) allow for there being several.".into());
    t
}

fn portfolio(c: &Comparison) -> Table {
    let mut t = Table::new(
        "portfolio",
        "Programmes by what can be said of each",
        &["Judged by", "Helped", "Did harm", "Cannot tell yet"],
    );
    for (name, v) in [
        ("Its own 95% interval", c.portfolio.by_interval),
        ("p after Holm", c.portfolio.after_holm),
        (
            "p after Benjamini and Hochberg",
            c.portfolio.after_benjamini_hochberg,
        ),
    ] {
        let cells = [v.helps, v.harms, v.cannot_tell];
        t.row(name, cells.map(|n| number(n.to_string())).to_vec());
    }
    t
}

fn drawn(c: &Comparison) -> Option<Table> {
    c.average.as_ref()?;
    let mut t = Table::new(
        "drawn",
        "Each programme once all others are known, in percentage points",
        &[
            "Programme",
            "Drawn to the middle",
            "95% interval",
            "Chance that it helped",
            "Average without it",
        ],
    );
    for p in &c.providers {
        let Some(d) = &p.drawn else { continue };
        let without = p.average_without.map_or("not known".into(), points);
        t.row(
            p.result.name.clone(),
            vec![
                number(points(d.estimate)),
                number(span(d.interval)),
                number(chance(d.better_than_none)),
                number(without),
            ],
        );
    }
    t.notes.push("A small study's own result is mostly chance: it is drawn towards the average as far as its size deserves.".into());
    Some(t)
}

/// Whole per cent, never a certainty.
fn chance(p: f64) -> String {
    match 100.0 * p {
        p if p > 99.0 => "over 99%".into(),
        p if p < 1.0 => "under 1%".into(),
        p => format!("{}%", fixed(p, 0)),
    }
}

fn averages(c: &Comparison) -> Option<Table> {
    c.average.as_ref()?;
    let mut t = Table::new(
        "averages",
        "The average by other methods, in percentage points",
        &[
            "Method",
            "Average",
            "95% interval",
            "New programme",
            "tau",
            "I\u{b2}",
        ],
    );
    for a in &c.averages {
        use super::result::Estimator::*;
        let between = match a.between {
            Common => "One common effect",
            Reml => "REML",
            DerSimonianLaird => "DerSimonian-Laird",
            PauleMandel => "Paule-Mandel",
        };
        let interval = match a.interval_by {
            AverageInterval::Wald => "normal",
            AverageInterval::HartungKnapp => "Hartung-Knapp",
            AverageInterval::HartungKnappCautious => "Hartung-Knapp, never narrower than normal",
        };
        let prediction = a.prediction.map_or("\u{2013}".into(), span);
        t.row(
            format!("{between}, {interval}"),
            vec![
                number(points(a.estimate)),
                number(span(a.interval)),
                number(prediction),
                number(points(a.tau2.sqrt())),
                number(format!("{}%", fixed(100.0 * a.i2, 0))),
            ],
        );
    }
    if let Some(a) = &c.average {
        t.notes.push(format!(
            "Cochran's Q is {} on {} degrees of freedom, p {}.",
            fixed(a.q, 1),
            fixed(a.q_df, 0),
            p_value(a.q_p)
        ));
    }
    Some(t)
}

fn left_out(c: &Comparison) -> Option<Table> {
    if c.left_out.is_empty() {
        return None;
    }
    let mut t = Table::new(
        "left-out-table",
        format!("{} results that are not used", c.left_out.len()),
        &["Result", "Where", "Why"],
    );
    for l in &c.left_out {
        let place = format!("{}, row {}", l.place.file, l.place.row);
        let cells = vec![Cell::Text(place), Cell::Text(l.reason.words())];
        t.row(l.name.clone(), cells);
    }
    Some(t)
}

fn sources(c: &Comparison) -> Table {
    let mut t = Table::new("sources", "Files read", &["File", "What it is", "Results"]);
    for s in &c.sources {
        let what = match (s.kind, &s.study) {
            (SourceKind::Report, Some(study)) => format!("report of the study {study}"),
            _ => "table of published results".into(),
        };
        let cells = vec![Cell::Text(what), number(s.rows.to_string())];
        t.row(s.file.clone(), cells);
    }
    t
}

