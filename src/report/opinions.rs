//! The deciding outcome's difference beside the same worked out in other ways.

use super::narrative::{sentence, title};
use super::numbers::Scale;
use super::table::{Table, number, text};
use crate::disclosure::findings::{OutcomeFinding, SecondOpinion};

/// The headline, then a row an opinion; nothing where there is none.
pub fn second_opinions(id: &str, o: &OutcomeFinding) -> Option<Table> {
    let headline = o.difference.as_ref()?;
    if o.suppressed.is_some() || o.second_opinions.is_empty() {
        return None;
    }
    let scale = Scale::of(o.kind, Some(headline.ci_high - headline.ci_low));
    let mut table = Table::new(
        id,
        format!("Second opinions: {}", title(o)),
        &["How it was worked out", "Difference", "Low to high"],
    );
    let cells = |estimate: f64, low: f64, high: f64| {
        [scale.difference(estimate), scale.interval(low, high)].map(number)
    };
    table.row(
        "As reported: the two groups as they were matched",
        cells(headline.estimate, headline.ci_low, headline.ci_high).into(),
    );
    for opinion in &o.second_opinions {
        let how = said(&opinion.method);
        match numbers(opinion) {
            Some((estimate, low, high)) => table.row(how, cells(estimate, low, high).into()),
            None => {
                table.row(how, vec![text("not given"), text("not given")]);
                let why = opinion.note.as_ref();
                let note = why.map(|why| format!("{how}: not given, because {why}."));
                table.notes.extend(note);
            }
        }
    }
    table.notes.push(sentence(
        "each starts from the matched groups and takes a different way from there; where they come out near the reported result, it does not hang on what matching left over",
    ));
    Some(table)
}

fn numbers(o: &SecondOpinion) -> Option<(f64, f64, f64)> {
    Some((o.estimate?, o.ci_low?, o.ci_high?))
}

/// How an opinion was worked out.
pub fn said(method: &str) -> &str {
    match method {
        "bias_corrected" => "The same comparison after taking off what matching left over",
        "g_computation" => "What a model of the outcome says would have happened without it",
        other => other,
    }
}
