//! The comparison as a page: its tables and pictures.

use super::alike::Alikeness;
use super::average::{AverageInterval, Estimator};
use super::input::SourceKind;
use super::result::{Comparison, NotUsed, Order};
use super::words::{chance_words, change_words, furthest_words, points, span, together};
use super::{Better, forest_figure, funnel_figure, run_figure};
use crate::report::ReportError;
use crate::report::figures::{Figure, Scene};
use crate::report::numbers::{Scale, fixed, p_value};
use crate::report::table::{Cell, Light, Table, number};
use askama::Template;
use std::collections::BTreeMap;

/// What the page is filled with.
#[derive(Template)]
#[template(path = "comparison.html")]
struct Page<'a> {
    found: &'a Comparison,
    /// The outcome, with a large letter.
    title: String,
    /// Where clients are unlike, that.
    answer: &'a str,
    rest: &'a [String],
    together: Vec<String>,
    programmes: Table,
    portfolio: Table,
    drawn: Option<Table>,
    averages: Option<Table>,
    left_out: Option<Table>,
    sources: Table,
    small: Option<String>,
    pictures: Vec<Figure>,
    runs: Vec<(String, Figure)>,
    like: Option<Table>,
    profiles: Option<Table>,
    kinds: Option<Table>,
    steps: Table,
}

/// One page that needs nothing else: styles are inside, scripts there are none.
///
/// # Errors
/// A picture could not be drawn, or the page not be filled.
pub fn page(found: &Comparison) -> Result<String, ReportError> {
    let (answer, rest) = match found.conclusion.split_first() {
        Some((answer, rest)) => (answer.as_str(), rest),
        None => ("", &[][..]),
    };
    let page = Page {
        found,
        title: capital(&found.outcome),
        answer,
        rest,
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
        pictures: pictures(found)?,
        runs: runs(found)?,
        like: like(found),
        profiles: profiles(found),
        kinds: kinds(found),
        steps: steps(found),
    };
    Ok(page.render()?)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// Percentage points, to one decimal.
const POINTS: Scale = Scale {
    factor: 100.0,
    decimals: 1,
    suffix: "",
};

fn scene<'a>(found: &Comparison, id: &'a str, title: &'a str) -> Scene<'a> {
    let (lower, higher) = match found.better {
        Better::Lower => ("better than without a programme", "worse"),
        Better::Higher => ("worse", "better than without a programme"),
    };
    Scene {
        id,
        title,
        scale: POINTS,
        unit: "percentage points",
        lower,
        higher,
    }
}

/// The forest, and the funnel where there are enough for one.
fn pictures(found: &Comparison) -> Result<Vec<Figure>, ReportError> {
    let d = &found.drawings;
    let mut out = Vec::new();
    if d.results.len() > 1 {
        let of = scene(
            found,
            "forest",
            "Each programme\u{2019}s difference, and the average",
        );
        out.push(forest_figure(&of, &d.results, d.pooled.as_ref())?);
    }
    if let Some(funnel) = &d.funnel {
        let of = scene(
            found,
            "funnel",
            "Who is unlike the others by more than chance?",
        );
        out.push(funnel_figure(&of, funnel)?);
    }
    Ok(out)
}

/// A chart for each programme with several results, and what it says.
fn runs(found: &Comparison) -> Result<Vec<(String, Figure)>, ReportError> {
    let each = found.over_time.iter().zip(&found.drawings.trends);
    each.enumerate()
        .map(|(i, (course, (name, trend)))| {
            let (id, title) = (format!("run-{}", i + 1), format!("{name} over time"));
            let figure = run_figure(&scene(found, &id, &title), trend)?;
            Ok((change_words(course), figure))
        })
        .collect()
}

/// Pairs of programmes on the page.
const MOST_PAIRS: usize = 60;
/// Programmes whose clients stand side by side, a column each.
const MOST_PROFILES: usize = 12;

/// Each two programmes' clients.
fn like(found: &Comparison) -> Option<Table> {
    let like = found.like_with_like.as_ref()?;
    let mut t = Table::new(
        "alike",
        "Were their clients alike?",
        &[
            "Two programmes",
            "Alike?",
            "Furthest apart in",
            "By (standard deviations)",
            "Traits far apart",
            "Overlap of propensity",
        ],
    );
    // Of very many the furthest apart; all of them are in comparison.json.
    let mut pairs: Vec<&super::Pair> = like.pairs.iter().collect();
    if pairs.len() > MOST_PAIRS {
        pairs.sort_by(|a, b| b.distance.total_cmp(&a.distance));
        pairs.truncate(MOST_PAIRS);
        t.notes.push(format!(
            "The {MOST_PAIRS} pairs furthest apart, of {}.",
            like.pairs.len()
        ));
    }
    for p in pairs {
        let light = match p.verdict() {
            Alikeness::Alike => Light::Green,
            Alikeness::Nearly => Light::Amber,
            Alikeness::Unlike => Light::Red,
        };
        let overlap = p
            .overlap
            .map_or("not known".into(), |o| format!("{}%", fixed(100.0 * o, 0)));
        t.row(
            format!("{} and {}", p.one, p.other),
            vec![
                Cell::Light(light),
                Cell::Text(furthest_words(p)),
                number(fixed(p.distance, 2)),
                number(format!("{} of {}", p.unlike, p.terms)),
                number(overlap),
            ],
        );
    }
    t.notes.push("Far apart: more than a quarter of a standard deviation between the means of two programmes\u{2019} clients. Overlap: how far the clients of both were equally likely to be in a programme, each by its own report\u{2019}s model, so that people who differ in other ways may overlap.".into());
    Some(t)
}

/// Who the clients are, a column a programme.
fn profiles(found: &Comparison) -> Option<Table> {
    found.like_with_like.as_ref()?;
    let known: Vec<(&str, &super::Clients)> = found
        .providers
        .iter()
        .filter_map(|p| Some((p.result.name.as_str(), p.result.clients.as_ref()?)))
        .collect();
    if known.len() > MOST_PROFILES {
        return None;
    }
    let mut head = vec!["Client trait"];
    head.extend(known.iter().map(|(name, _)| *name));
    let mut t = Table::new("profiles", "Who they worked with", &head);
    let mut terms: Vec<(&str, &str)> = Vec::new();
    for (_, clients) in &known {
        for tr in &clients.traits {
            if !terms.iter().any(|(term, _)| *term == tr.term) {
                terms.push((&tr.term, &tr.label));
            }
        }
    }
    let of: Vec<BTreeMap<&str, &super::Trait>> = known
        .iter()
        .map(|(_, c)| c.traits.iter().map(|tr| (tr.term.as_str(), tr)).collect())
        .collect();
    for (term, label) in terms {
        let cells = of.iter().map(|traits| match traits.get(term) {
            Some(tr) if tr.share => number(format!("{}%", fixed(100.0 * tr.mean, 0))),
            Some(tr) => number(fixed(tr.mean, 1)),
            None => Cell::Text("not told".into()),
        });
        t.row(label, cells.collect());
    }
    let lights = known.iter().map(|(_, c)| {
        let l = c.lights;
        number(format!("{} / {} / {}", l.green, l.amber, l.red))
    });
    t.row(
        "Balance after matching: alike / nearly / not alike",
        lights.collect(),
    );
    Some(t)
}

fn kinds(found: &Comparison) -> Option<Table> {
    let kinds = found.kinds.as_ref()?;
    let mut t = Table::new(
        "kinds",
        "Average by kind of programme, in percentage points",
        &["Kind", "Programmes", "Average", "95% interval"],
    );
    for k in &kinds.kinds {
        t.row(
            k.kind.clone(),
            vec![
                number(k.results.to_string()),
                number(points(k.estimate)),
                number(span(k.interval)),
            ],
        );
    }
    t.notes.push(format!(
        "That all kinds have one average: p {}. That programmes of one kind do not differ beyond chance: p {}.",
        p_value(kinds.differ_p),
        p_value(kinds.within_p)
    ));
    Some(t)
}

/// A step for every result, used or not.
fn steps(found: &Comparison) -> Table {
    let mut t = Table::new(
        "next-steps",
        "A next step for each result",
        &["Programme", "Next step", "Because"],
    );
    let used = found
        .providers
        .iter()
        .map(|p| (&p.result.name, &p.next_step));
    let out = found
        .left_out
        .iter()
        .map(|l| (&l.result.name, &l.next_step));
    // What is no part of the comparison needs no step.
    let needs = |step: &&super::NextStep| step.rule != "nothing";
    for (name, step) in used.chain(out) {
        if let Some(s) = step.as_ref().filter(needs) {
            let cells = vec![Cell::Text(s.step.clone()), Cell::Text(s.reason.clone())];
            t.row(name.clone(), cells);
        }
    }
    t
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
            "Chance that it does better than the middle programme",
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
                number(chance_words(d.better_than_none)),
                number(
                    d.better_than_middle
                        .map_or("no ground to tell them apart".into(), chance_words),
                ),
                number(without),
            ],
        );
    }
    t.notes.push("A small study's own result is mostly chance: it is drawn towards the average as far as its size deserves.".into());
    Some(t)
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
        use Estimator::*;
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
    for NotUsed { result: l, .. } in &c.left_out {
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
