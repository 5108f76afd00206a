//! From fixed designs and opened outcomes to the released findings.

use super::choices::{self, Primary};
use super::further::Further;
use super::{
    Context, EvaluationError, bootstrapped, cautions, opinions, outcomes, placebo, summary,
    thresholds,
};
use crate::balance::{Design, Light};
use crate::disclosure::findings::*;
use crate::disclosure::{AtOtherThreshold, Cell, Evidence, People, Released, release};
use crate::effect;
use crate::numeric::frame::Frame;
use crate::quality::Measured;
use crate::register::FixedDesign;
use crate::study::{OutcomeSpec, Study};

/// What the stages before have made.
pub(super) struct Ready<'a> {
    pub study: &'a Study,
    pub design: &'a Design,
    pub outcomes: &'a Frame,
    pub further: Vec<(Further, Option<Frame>)>,
    pub flow: Vec<FlowStep>,
    pub quality: Quality,
    /// Counts behind the quality of list, register and links; none for a table of one's own.
    pub measured: Option<Measured>,
    /// The answer at other thresholds of linkage.
    pub thresholds: Option<(LinkageSensitivity, Vec<AtOtherThreshold>)>,
    /// Who the comparison pool is, in words.
    pub pool: String,
    pub started: String,
    pub context: &'a Context<'a>,
    /// Will the release be recorded, and was it held against earlier ones?
    pub guarded: bool,
}

pub(super) fn findings(mut ready: Ready) -> Result<Released<Findings>, EvaluationError> {
    let (study, design, context) = (ready.study, ready.design, ready.context);
    let specs = real(study);
    let items = outcomes::items(&specs, ready.outcomes)?;
    let mut compared = compare(study, design, &items, context.seed)?;
    adjust_for_many(compared.found.iter_mut().filter(|o| !o.primary));
    let primary = items.iter().position(|i| i.spec.primary);
    let primary = primary.and_then(|i| {
        Some(Primary {
            item: &items[i],
            estimate: compared.estimates[i].as_ref()?,
        })
    });
    let mut sensitivity = choices::sensitivity(study, design, primary, context);
    let (placebo, placebos) = placebo::findings(study, design, ready.outcomes)?;
    sensitivity.placebo = placebo;
    let mut warnings = cautions::warnings(design);
    warnings.extend(compared.bootstrap);

    let mut analyses = vec![Analysis {
        headline: true,
        ..analysis(
            "main",
            &study.title,
            ready.pool.clone(),
            design,
            compared.found,
        )
    }];
    let mut evidence = Evidence {
        cells: vec![compared.cells],
        placebos,
        people: vec![People {
            entered: rows_of(design),
            matched: design.matches().participants.clone(),
        }],
        measured: ready.measured,
        thresholds: Vec::new(),
        largest_share: vec![design.matches().largest_share()],
        guarded: ready.guarded,
    };
    if let Some((mut found, others)) = ready.thresholds.take() {
        let main = analyses[0].outcomes.iter().find(|o| o.primary);
        if let Some(main) = main.or(analyses[0].outcomes.first()) {
            thresholds::fill_in(
                &mut found,
                &others,
                main,
                evidence.people[0].matched.len() as u64,
            );
        }
        ready.quality.linkage_sensitivity = Some(found);
        evidence.thresholds = others;
    }
    let mut withheld = Vec::new();
    for (further, frame) in &ready.further {
        let made = match (&further.design, frame) {
            (Ok(own), Some(frame)) => one(study, further, own, frame, &ready.pool, context),
            (Err(reason), _) => Err(reason.clone()),
            (Ok(_), None) => Err("its outcomes could not be opened".into()),
        };
        match made {
            Ok((analysis, cells, people)) => {
                analyses.push(analysis);
                evidence.cells.push(cells);
                evidence.people.push(people);
            }
            Err(reason) => withheld.push(WithheldAnalysis {
                id: further.spec.id.clone(),
                title: further.spec.title.clone(),
                reason,
            }),
        }
    }
    // Nobody said beforehand which of the further analyses decides: all their outcomes are one family.
    adjust_for_many(analyses.iter_mut().skip(1).flat_map(|a| &mut a.outcomes));
    let findings = Findings {
        schema: SCHEMA.into(),
        study: StudyRef {
            id: study.id.clone(),
            title: study.title.clone(),
            domain: study.domain.clone(),
            spec_digest: study.digest.clone(),
            words: study.words.clone(),
        },
        run: Run {
            engine_version: env!("CARGO_PKG_VERSION").into(),
            seed: context.seed,
            started: ready.started,
            finished: (context.now)(),
            design_digest: design.digest().into(),
        },
        flow: ready.flow,
        warnings,
        in_context: Vec::new(),
        analyses,
        analyses_withheld: withheld,
        sensitivity,
        quality: ready.quality,
        disclosure: DisclosureRecord::default(),
        erasure: None,
    };
    Ok(release(findings, &evidence, &study.disclosure))
}

/// The outcomes on which there can be an effect.
fn real(study: &Study) -> Vec<OutcomeSpec> {
    study
        .outcomes
        .iter()
        .filter(|o| !o.placebo)
        .cloned()
        .collect()
}

/// Every outcome of one design.
pub(super) struct Compared {
    pub found: Vec<OutcomeFinding>,
    estimates: Vec<Option<effect::Estimate>>,
    pub cells: Vec<Cell>,
    bootstrap: Option<Warning>,
}

pub(super) fn compare(
    study: &Study,
    design: &Design,
    items: &[outcomes::Item],
    seed: u64,
) -> Result<Compared, EvaluationError> {
    let redone = bootstrapped::run(study, design, items, seed)?;
    let mut compared = Compared {
        found: Vec::new(),
        estimates: Vec::new(),
        cells: Vec::new(),
        bootstrap: redone.as_ref().map(bootstrapped::said),
    };
    for (i, item) in items.iter().enumerate() {
        let resamples = redone.as_ref().and_then(|r| r.outcomes.get(i));
        let mut row = outcomes::row(item, design.matches(), study, resamples)?;
        opinions::add(&mut row.finding, item, design, study.matching.se);
        compared.cells.push(row.cell);
        compared.estimates.push(row.estimate);
        compared.found.push(row.finding);
    }
    Ok(compared)
}

/// An analysis beside the main one, or why there is none.
fn one(
    study: &Study,
    further: &Further,
    design: &Design,
    frame: &Frame,
    pool: &str,
    context: &Context,
) -> Result<(Analysis, Vec<Cell>, People), String> {
    let specs = real(study);
    let compared = outcomes::items(&specs, frame)
        .and_then(|items| compare(study, design, &items, context.seed))
        .map_err(|e| match study.disclosure.mode.guards() {
            false => e.to_string(),
            true => "an outcome of its people cannot be used".into(),
        })?;
    let people = People {
        entered: further.entered(design),
        matched: further.matched(design),
    };
    let condition = further.condition(study);
    let chosen = FlowStep {
        step: "chosen".into(),
        reason: format!("participants of this analysis: {condition}"),
        people: people.entered.len() as u64,
        percent_of_submitted: 100.0,
        lost: Vec::new(),
    };
    let analysis = Analysis {
        flow: summary::with_analysed(vec![chosen], design),
        ..analysis(
            &further.spec.id,
            &further.spec.title,
            format!("{pool}, {condition}"),
            design,
            compared.found,
        )
    };
    Ok((analysis, compared.cells, people))
}

fn analysis(
    id: &str,
    title: &str,
    pool: String,
    design: &Design,
    outcomes: Vec<OutcomeFinding>,
) -> Analysis {
    Analysis {
        id: id.into(),
        title: title.into(),
        headline: false,
        pool,
        design: summary::design(design),
        well_matched: design.balance().iter().all(|b| b.light != Light::Red),
        balance: design.balance().iter().map(summary::balance_row).collect(),
        overlap: Some(summary::overlap(design)),
        outcomes,
        flow: Vec::new(),
    }
}

fn rows_of(design: &Design) -> Vec<u32> {
    let treated = design.treated();
    (0..treated.len() as u32)
        .filter(|&r| treated[r as usize])
        .collect()
}

/// Holm over these outcomes.
fn adjust_for_many<'a>(found: impl Iterator<Item = &'a mut OutcomeFinding>) {
    let mut others: Vec<&mut Difference> = found.filter_map(|o| o.difference.as_mut()).collect();
    let p: Vec<f64> = others.iter().map(|d| d.p).collect();
    for (d, adjusted) in others.iter_mut().zip(effect::holm(&p)) {
        d.p_holm = Some(adjusted);
    }
}
