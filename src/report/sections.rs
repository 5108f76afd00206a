//! The parts of the page as data, ready to be filled into the template.

use super::narrative::{self, Direction, Verdict, capital, measure, sentence, title};
use super::numbers::{Scale, count, fixed, p_value};
use super::table::{Cell, Table, number, text};
use crate::disclosure::findings::{
    Analysis, DesignSummary, GroupValue, OutcomeFinding, Sensitivity,
};
use crate::study::{OutcomeKind, Words};

/// What can and cannot be said about one outcome.
pub struct Say {
    pub title: String,
    pub primary: bool,
    pub verdict: Verdict,
    pub observed: Option<String>,
    pub can: String,
    pub cannot: String,
    pub notes: Vec<String>,
}

/// One pair an outcome.
pub fn says(analysis: &Analysis, words: &Words) -> Vec<Say> {
    let mut outcomes: Vec<&OutcomeFinding> = analysis.outcomes.iter().collect();
    outcomes.sort_by_key(|o| !o.primary);
    outcomes
        .into_iter()
        .map(|o| {
            let shown = o.suppressed.is_none() && analysis.well_matched;
            let spoken = |said: Option<String>| said.filter(|_| shown);
            Say {
                title: capital(title(o)),
                primary: o.primary,
                verdict: Verdict::of_outcome(o, analysis.well_matched),
                observed: spoken(narrative::observed(o, words)),
                can: o.can_say.clone(),
                cannot: o.cannot_say.clone(),
                notes: [
                    narrative::free_of_it(o, words),
                    narrative::power_words(o, words),
                    narrative::rounding_note(o),
                ]
                .into_iter()
                .filter_map(spoken)
                .collect(),
            }
        })
        .collect()
}

/// The two numbers set large.
pub struct Pair {
    pub treated: String,
    pub comparison: String,
    pub treated_who: String,
    pub comparison_who: String,
    pub what: String,
    pub long: bool,
}

/// Only where there is something sound to show.
pub fn large_numbers(analysis: &Analysis, o: &OutcomeFinding, words: &Words) -> Option<Pair> {
    let (t, c, d) = (
        o.treated.as_ref()?,
        o.comparison.as_ref()?,
        o.difference.as_ref()?,
    );
    if o.suppressed.is_some() || !analysis.well_matched {
        return None;
    }
    let scale = Scale::of(o.kind, Some(d.ci_high - d.ci_low));
    let Words {
        people, support, ..
    } = words;
    let (value, of): (fn(&Scale, f64) -> String, _) = match o.kind {
        OutcomeKind::Binary => (Scale::difference, "of every 100 "),
        _ => (Scale::value, ""),
    };
    let what = match (o.kind, o.unit.is_empty()) {
        (OutcomeKind::Binary, _) | (_, true) => capital(&measure(o)),
        (_, false) => format!("{}, in {}", capital(&measure(o)), o.unit),
    };
    let (treated, comparison) = (value(&scale, t.mean), value(&scale, c.mean));
    Some(Pair {
        long: treated.chars().count().max(comparison.chars().count()) > 4,
        treated,
        comparison,
        treated_who: format!("{of}{people} who received {support}"),
        comparison_who: format!("{of}similar {people} who did not"),
        what,
    })
}

/// Every outcome of an analysis in one table.
pub fn results_table(id: &str, analysis: &Analysis) -> Table {
    let mut table = Table::new(
        id,
        format!("Results: {}", analysis.title),
        &[
            "Outcome",
            "People in treatment group",
            "People in comparison group",
            "Treatment group",
            "Comparison group",
            "Difference (low to high)",
            "Significant",
            "p",
            "p (Holm)",
        ],
    );
    for o in &analysis.outcomes {
        let below = match (o.primary, o.unit.as_str()) {
            (true, "") => "deciding outcome".to_owned(),
            (true, unit) => format!("{unit}; deciding outcome"),
            (false, unit) => unit.to_owned(),
        };
        let mut row = vec![Cell::Named(title(o).to_owned(), below)];
        row.extend(result_cells(o));
        table.rows.push(row);
        if let Some(note) = narrative::rounding_note(o).filter(|_| o.suppressed.is_none()) {
            table.notes.push(format!("{}: {note}", title(o)));
        }
        if let Some(reason) = &o.suppressed {
            table
                .notes
                .push(format!("{} is withheld. {}", title(o), sentence(reason)));
        }
    }
    table
}

fn result_cells(o: &OutcomeFinding) -> Vec<Cell> {
    let shown = o.suppressed.is_none();
    let d = o.difference.as_ref().filter(|_| shown);
    let scale = Scale::of(o.kind, d.map(|d| d.ci_high - d.ci_low));
    let withheld = || number("withheld");
    let people = |g: &Option<GroupValue>| match g {
        Some(g) => number(count(g.people)),
        None => withheld(),
    };
    let mean = |g: &Option<GroupValue>| match g.as_ref().filter(|_| shown) {
        Some(g) => number(scale.value(g.mean)),
        None => withheld(),
    };
    let mut cells = vec![
        people(&o.treated),
        people(&o.comparison),
        mean(&o.treated),
        mean(&o.comparison),
    ];
    match d {
        Some(d) => {
            let yes = Direction::of(d).significant();
            cells.push(number(scale.interval(d.ci_low, d.ci_high)));
            cells.push(text(if yes { "Yes" } else { "No" }));
            cells.push(number(p_value(d.p)));
            cells.push(number(d.p_holm.map_or("\u{2013}".into(), p_value)));
        }
        None => {
            let nothing = || number("\u{2013}");
            cells.extend([withheld(), text("\u{2013}"), nothing(), nothing()]);
        }
    }
    cells
}

/// Ratios and second opinions, for those who ask for them.
pub fn further_table(id: &str, analysis: &Analysis) -> Option<Table> {
    let mut table = Table::new(
        id,
        format!("Ratios and second opinions: {}", analysis.title),
        &["Outcome", "Measure", "Estimate", "Low to high"],
    );
    for o in analysis.outcomes.iter().filter(|o| o.suppressed.is_none()) {
        let mut ratio = o.ratio.as_ref();
        while let Some(r) = ratio {
            let name = capital(&r.kind.replace('_', " "));
            let range = format!("{} to {}", fixed(r.ci_low, 2), fixed(r.ci_high, 2));
            table.row(
                title(o),
                vec![text(name), number(fixed(r.estimate, 2)), number(range)],
            );
            ratio = r.odds_ratio.as_deref();
        }
        if let Some(why) = &o.no_ratio {
            table.notes.push(format!("{}: {}", title(o), sentence(why)));
        }
        if let Some(d) = &o.adjusted {
            let scale = Scale::of(o.kind, Some(d.ci_high - d.ci_low));
            table.row(
                title(o),
                vec![
                    text("Difference, adjusted for what still differed"),
                    number(scale.difference(d.estimate)),
                    number(scale.interval(d.ci_low, d.ci_high)),
                ],
            );
        }
    }
    (!table.rows.is_empty() || !table.notes.is_empty()).then_some(table)
}

/// Where each group's values lie, for those outcomes that have more to say than an average.
pub fn quantiles_table(id: &str, analysis: &Analysis) -> Option<Table> {
    let mut table = Table::new(
        id,
        format!("Where the values lie: {}", analysis.title),
        &[
            "Outcome",
            "Share below",
            "Treatment group",
            "Comparison group",
            "Difference (low to high)",
        ],
    );
    for o in analysis.outcomes.iter().filter(|o| o.suppressed.is_none()) {
        let Some(q) = &o.quantiles else { continue };
        let spread = |v: &[f64]| v.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
        // Values of tens or more are whole; smaller ones need their digits.
        let size = spread(&q.treated).max(spread(&q.comparison));
        let decimals = if size >= 20.0 { 0 } else { 2 };
        for (i, share) in q.shares.iter().enumerate() {
            let median = q.median_difference.as_ref().filter(|_| *share == 0.5);
            let difference = median.map_or("\u{2013}".to_owned(), |d| {
                let scale = Scale::of(o.kind, Some(d.ci_high - d.ci_low));
                scale.interval(d.ci_low, d.ci_high)
            });
            let cells = vec![
                number(format!("{}%", fixed(100.0 * share, 0))),
                number(fixed(q.treated[i], decimals)),
                number(fixed(q.comparison[i], decimals)),
                number(difference),
            ];
            table.row(title(o), cells);
        }
    }
    (!table.rows.is_empty()).then_some(table)
}

/// The propensity model.
pub fn terms_table(id: &str, analysis: &Analysis) -> Table {
    let propensity = &analysis.design.propensity;
    let mut table = Table::new(
        id,
        format!("Terms of the propensity model: {}", analysis.title),
        &["Term", "Estimate (log odds)", "Standard error"],
    );
    for t in &propensity.terms {
        table.row(
            t.term.clone(),
            vec![number(fixed(t.estimate, 3)), number(fixed(t.se, 3))],
        );
    }
    if !propensity.removed.is_empty() {
        table.notes.push(format!(
            "Left out because they do not vary or repeat other columns: {}.",
            propensity.removed.join(", ")
        ));
    }
    table
}

/// How alike the groups came out, in a sentence.
pub fn alike(analysis: &Analysis) -> String {
    let of = |light: &str| analysis.balance.iter().filter(|r| r.light == light).count();
    let (green, amber) = (of("green"), of("amber"));
    let spoken = |n: usize| if n == 0 { "none".into() } else { n.to_string() };
    let all = analysis.balance.len();
    let red = all - green - amber;
    if all == 0 {
        return "Nothing is recorded on how alike the groups were.".into();
    }
    let verdict = match (analysis.well_matched, red, amber) {
        (false, _, _) => {
            "The groups were not well enough matched to say what difference the programme made."
        }
        (true, 0, 0) => "The groups were well matched.",
        (true, _, _) => "The groups were well enough matched to compare.",
    };
    format!(
        "{verdict} Of {all} things compared, {} were alike, {} nearly alike and {} not alike.",
        spoken(green),
        spoken(amber),
        spoken(red)
    )
}

/// How many of the other ways of choosing counterparts come to the same answer; nothing when none
/// was tried.
pub fn agreement(o: &OutcomeFinding, design: &DesignSummary, s: &Sensitivity) -> Option<String> {
    let d = o.difference.as_ref()?;
    let side = |low: f64, high: f64| match (low > 0.0, high < 0.0) {
        (true, _) => 1,
        (_, true) => -1,
        _ => 0,
    };
    let others: Vec<_> = s
        .specifications
        .iter()
        .filter(|c| c.method != design.method || c.caliper != design.caliper)
        .collect();
    if others.is_empty() {
        return None;
    }
    let same_way = others
        .iter()
        .filter(|c| (c.estimate > 0.0) == (d.estimate > 0.0))
        .count();
    let answer = side(d.ci_low, d.ci_high);
    let as_clear = others
        .iter()
        .filter(|c| side(c.ci_low, c.ci_high) == answer)
        .count();
    let of = |n: usize| match n {
        0 => "none".to_owned(),
        n if n == others.len() => "all".to_owned(),
        n => n.to_string(),
    };
    let verb = |one: &'static str, many: &'static str| if as_clear == 1 { one } else { many };
    let clear = match answer {
        0 => format!(
            "{} of them {} the direction unclear too",
            of(as_clear),
            verb("leaves", "leave")
        ),
        _ => format!(
            "{} of them {} a clear difference in that direction",
            of(as_clear),
            verb("shows", "show")
        ),
    };
    let caution = if answer != 0 && 2 * as_clear < others.len() {
        " Most do not: treat the answer as likely rather than settled."
    } else {
        ""
    };
    Some(format!(
        "We chose the comparison people in {} other ways. The best estimate points the same way in {} of them, and {clear}.{caution}",
        others.len(),
        of(same_way)
    ))
}

/// What unseen differences could do.
pub fn robustness(s: &Sensitivity, words: &Words) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(gamma) = s.rosenbaum_gamma {
        said.push(format!(
            "Something nobody recorded would have to make one of two alike {} about {} times as likely to take part as the other before this result could be due to it (Rosenbaum\u{2019}s gamma).",
            words.people,
            fixed(gamma, 2)
        ));
    }
    if let Some(e) = s.e_value {
        said.push(format!(
            "Something nobody recorded would have to be linked to both taking part and the outcome by a risk ratio of at least {} each to explain the whole of the best estimate away (the E-value); less would do to make its direction unclear.",
            fixed(e, 2)
        ));
    }
    said
}
