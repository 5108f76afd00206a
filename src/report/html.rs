//! The page. Sections in the order in which a reader asks: did it work, how sure, what may I say,
//! who was counted, how was it done, what now.

use super::facts;
use super::figures::{self, Figure};
use super::narrative::{self, Verdict, headline_analysis, primary_outcome};
use super::numbered;
use super::opinions;
use super::quality;
use super::sections::{self, Pair, Say};
use super::table::Table;
use super::{ReportError, narrative::capital};
use crate::disclosure::findings::{Analysis, Findings, OutcomeFinding, Warning};
use askama::Template;

/// What the page is filled with.
#[derive(Template)]
#[template(path = "report.html")]
pub(super) struct Page<'a> {
    pub(super) findings: &'a Findings,
    pub(super) headline: String,
    pub(super) verdict: Verdict,
    pub(super) answer: String,
    pub(super) sure: Vec<String>,
    pub(super) large: Option<Pair>,
    pub(super) hundred: Option<Figure>,
    pub(super) effect: Option<Figure>,
    pub(super) over_time: Option<Figure>,
    pub(super) says: Vec<Say>,
    pub(super) flow: Option<Figure>,
    pub(super) losses: Option<Table>,
    pub(super) analyses: Vec<AnalysisView<'a>>,
    pub(super) choices: Option<Figure>,
    pub(super) agreement: Option<String>,
    pub(super) without: Option<Figure>,
    pub(super) robustness: Vec<String>,
    pub(super) e_values: Option<Table>,
    pub(super) opinions: Option<Table>,
    pub(super) placebo: Option<Table>,
    pub(super) placebo_said: Option<String>,
    pub(super) tables: Vec<Table>,
    pub(super) groups: Option<Figure>,
    pub(super) group_steps: Option<Table>,
    pub(super) groups_withheld: Option<Table>,
    pub(super) facts: Option<quality::Facts>,
    pub(super) found: Vec<Table>,
    pub(super) quality: Vec<Table>,
    pub(super) reading: [(&'static str, &'static str); 4],
    pub(super) next: Vec<String>,
    pub(super) policy: &'static str,
    pub(super) started: String,
    pub(super) finished: String,
    pub(super) warnings: Vec<&'a Warning>,
    pub(super) technical: Vec<&'a Warning>,
}

/// An analysis on the page.
pub(super) struct AnalysisView<'a> {
    pub(super) analysis: &'a Analysis,
    pub(super) title: String,
    pub(super) headline: bool,
    pub(super) says: Vec<Say>,
    pub(super) results: Table,
    pub(super) effects: Vec<Figure>,
    pub(super) further: Option<Table>,
    pub(super) quantiles: Option<Table>,
    pub(super) alike: String,
    pub(super) love: Option<Figure>,
    pub(super) balance: Table,
    pub(super) overlap: Option<Figure>,
    pub(super) method: Vec<String>,
    pub(super) terms: Table,
}

/// Fills the page.
pub fn page(findings: &Findings) -> Result<String, ReportError> {
    Ok(parts(findings)?.render()?)
}

/// Everything that is on the page, and on paper.
pub(super) fn parts(findings: &Findings) -> Result<Page<'_>, ReportError> {
    let words = &findings.study.words;
    let verdict = Verdict::of(findings);
    let main = headline_analysis(findings);
    let primary = main.and_then(|a| primary_outcome(a).map(|o| (a, o)));
    let sound = primary.filter(|(a, o)| a.well_matched && o.suppressed.is_none());
    let (hundred, effect, over_time) = match sound {
        Some((_, o)) => (
            figures::hundred("per-hundred", o, words)?,
            figures::effect("primary-effect", "How large the difference could be", &[o])?,
            figures::survival("over-time", o)?,
        ),
        None => (None, None, None),
    };
    let checks = &findings.sensitivity;
    let (choices, without) = match sound {
        Some((_, o)) => (
            figures::specifications("choices-figure", o, checks)?,
            figures::leave_one_out("without-figure", o, &checks.leave_one_out)?,
        ),
        None => (None, None),
    };
    let analyses: Vec<&Analysis> = ordered(findings, main);
    let page = Page {
        headline: narrative::headline(findings),
        verdict,
        answer: verdict.answer(words),
        sure: sure(findings),
        large: primary.and_then(|(a, o)| sections::large_numbers(a, o, words)),
        hundred,
        effect,
        over_time,
        says: main.map_or_else(Vec::new, |a| sections::says(a, words)),
        flow: figures::attrition("flow", &findings.flow, &words.event)?,
        losses: figures::losses_table(
            "losses",
            &findings.flow,
            findings.disclosure.policy == "controlled",
        ),
        analyses: views(findings, main)?,
        choices,
        without,
        agreement: sound
            .and_then(|(_, o)| narrative::Agreement::of(o, checks))
            .map(|a| a.sentence()),
        robustness: sound.map_or_else(Vec::new, |(_, o)| narrative::robustness(o, checks, words)),
        e_values: sound.and_then(|_| narrative::e_values_table(checks)),
        placebo: narrative::placebo_table(checks),
        placebo_said: narrative::placebo_sentence(checks),
        tables: numbered::numbered(findings)
            .iter()
            .map(|t| numbered::table(&format!("table-{}", t.number), t))
            .collect(),
        groups: figures::groups("groups-figure", &analyses)?,
        group_steps: sections::group_steps("groups-steps", &analyses),
        groups_withheld: sections::groups_withheld("groups-withheld", findings),
        opinions: sound.and_then(|(_, o)| opinions::second_opinions("opinions", o)),
        facts: quality::facts(findings),
        found: found_tables(findings),
        quality: facts::quality_tables(findings),
        reading: narrative::reading_the_numbers(),
        next: narrative::next_steps(findings),
        policy: policy(&findings.disclosure.policy),
        started: moment(&findings.run.started),
        finished: moment(&findings.run.finished),
        // How columns entered the model is for whoever checks the method, not for the first page.
        warnings: findings
            .warnings
            .iter()
            .filter(|w| w.code != "covariates")
            .collect(),
        technical: findings
            .warnings
            .iter()
            .filter(|w| w.code == "covariates")
            .collect(),
        findings,
    };
    Ok(page)
}

/// How sure of the number, and of the data behind it.
fn sure(findings: &Findings) -> Vec<String> {
    let mut said = narrative::how_sure(findings);
    said.extend(quality::confidence(findings));
    said
}

fn found_tables(findings: &Findings) -> Vec<Table> {
    let tables = [
        quality::match_rates(findings),
        quality::thresholds(findings),
    ];
    tables.into_iter().flatten().collect()
}

/// The headline analysis first, the others in their order.
fn views<'a>(
    findings: &'a Findings,
    main: Option<&Analysis>,
) -> Result<Vec<AnalysisView<'a>>, ReportError> {
    let is_main = |a: &Analysis| main.is_some_and(|m| std::ptr::eq(m, a));
    ordered(findings, main)
        .into_iter()
        .enumerate()
        .map(|(i, a)| view(findings, a, i + 1, is_main(a)))
        .collect()
}

fn ordered<'a>(findings: &'a Findings, main: Option<&Analysis>) -> Vec<&'a Analysis> {
    let is_main = |a: &Analysis| main.is_some_and(|m| std::ptr::eq(m, a));
    let mut order: Vec<&Analysis> = findings.analyses.iter().collect();
    order.sort_by_key(|a| !is_main(a));
    order
}

fn view<'a>(
    findings: &'a Findings,
    analysis: &'a Analysis,
    place: usize,
    headline: bool,
) -> Result<AnalysisView<'a>, ReportError> {
    let words = &findings.study.words;
    // Ids are made from the place, never from text of the study: text may hold anything.
    let id = |what: &str| format!("{what}-{place}");
    let pictured: Vec<&OutcomeFinding> = analysis.outcomes.iter().collect();
    Ok(AnalysisView {
        title: capital(&analysis.title),
        headline,
        says: sections::says(analysis, words),
        results: sections::results_table(&id("results-table"), analysis),
        effects: match analysis.well_matched {
            true => pictures(&id, &pictured)?,
            false => Vec::new(),
        },
        further: sections::further_table(&id("further"), analysis),
        quantiles: sections::quantiles_table(&id("quantiles"), analysis),
        alike: sections::alike(analysis),
        love: figures::love_plot(&id("love"), &analysis.balance)?,
        balance: figures::balance_table(&id("balance"), &analysis.balance),
        overlap: match &analysis.overlap {
            Some(o) => figures::overlap(&id("overlap"), o)?,
            None => None,
        },
        method: narrative::method(analysis, findings),
        terms: sections::terms_table(&id("terms"), analysis),
        analysis,
    })
}

/// Differences by unit, then every curve over time.
fn pictures(
    id: &dyn Fn(&str) -> String,
    outcomes: &[&OutcomeFinding],
) -> Result<Vec<Figure>, ReportError> {
    let mut figures = figures::effects_by_unit(&id("effects"), outcomes)?;
    for (i, o) in outcomes.iter().enumerate() {
        figures.extend(figures::survival(&id(&format!("curve-{}", i + 1)), o)?);
    }
    Ok(figures)
}

/// `22 November 2026, 10:00 UTC`; what cannot be read as a time is shown as it is.
pub(super) fn moment(rfc3339: &str) -> String {
    match rfc3339.parse::<jiff::Timestamp>() {
        Ok(t) => t.strftime("%-d %B %Y, %H:%M UTC").to_string(),
        Err(_) => rfc3339.to_owned(),
    }
}

/// What a disclosure policy means for the reader.
pub(super) fn policy(name: &str) -> &'static str {
    match name {
        "none" => {
            "This is a researcher\u{2019}s own table. No result was withheld and no number was rounded before it was given out."
        }
        "controlled" => {
            "Results that rest on few people are withheld, and every number is rounded before anything is worked out from it. This hides a person among a few others from readers. It is no promise against somebody who chose the list, knows what happened to everybody else on it, and asks about the last one."
        }
        "formal" => {
            "Random noise was added to the numbers of people with each outcome, and every range is widened by it, so that this report alone tells little about any one person on the list, whoever asks and whatever they know already. Results that rest on few people are withheld."
        }
        _ => "The rules below decide what may be shown.",
    }
}
