//! The parts of the page as data, ready to be filled into the template.

use super::narrative::{self, Verdict, capital, measure, sentence, title};
use super::numbers::{Scale, count, fixed, p_value};
use super::table::{Cell, Table, number, text};
use crate::disclosure::findings::{Analysis, Findings, GroupValue, OutcomeFinding};
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

/// People, values, range, significance and p of an outcome.
pub(super) fn result_cells(o: &OutcomeFinding) -> Vec<Cell> {
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
            cells.push(number(scale.interval(d.ci_low, d.ci_high)));
            cells.push(text(narrative::significant(d)));
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

/// From the participants of each further analysis to those analysed.
pub fn group_steps(id: &str, analyses: &[&Analysis]) -> Option<Table> {
    let mut table = Table::new(
        id,
        "People in each analysis",
        &[
            "Analysis",
            "Participants it is about",
            "Analysed",
            "People in the comparison pool",
            "Of them used",
        ],
    );
    for a in analyses.iter().filter(|a| !a.headline) {
        let design = &a.design;
        let about = a.flow.first().map_or(design.participants, |s| s.people);
        let numbers = [
            about,
            design.participants_matched,
            design.comparison_pool,
            design.comparison_matched,
        ];
        let who = a.flow.first().map_or("", |s| s.reason.as_str());
        let name = Cell::Named(capital(&a.title), capital(who));
        let cells = numbers.map(|n| number(count(n)));
        table
            .rows
            .push(std::iter::once(name).chain(cells).collect());
    }
    (!table.rows.is_empty()).then_some(table)
}

/// Analyses that were asked for and cannot be given.
pub fn groups_withheld(id: &str, findings: &Findings) -> Option<Table> {
    let mut table = Table::new(id, "Analyses without an answer", &["Analysis", "Why"]);
    for w in &findings.analyses_withheld {
        table.row(capital(&w.title), vec![text(sentence(&w.reason))]);
    }
    (!table.rows.is_empty()).then_some(table)
}
