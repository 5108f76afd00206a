//! An evaluation from beginning to end, in the order of a paper's method section: who they are,
//! who they are compared with, and only then what happened. The one file that names every stage.

use crate::balance::{Design, DesignError, Light, Plan};
use crate::cohort::{Cohort, Participant};
use crate::covariates::CovariateError;
use crate::disclosure::findings::*;
use crate::disclosure::{Released, release};
use crate::effect::{self, EstimateError};
use crate::linkage::{self, LinkageError};
use crate::numeric::frame::Frame;
use crate::propensity::PropensityParams;
use crate::register::own_table::Table;
use crate::register::{FixedDesign, Register, RegisterError, event_columns, outcome_columns};
use crate::study::{DisclosureMode, Study};

mod bootstrapped;
mod cautions;
mod choices;
mod opinions;
mod outcomes;
mod summary;

/// Where an evaluation is; told to the caller as each begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Looking for the people in the register.
    Linking,
    /// Finding the event that the programme followed, and the comparison pool.
    IndexEvents,
    /// Covariates, propensity, matching, balance.
    Designing,
    /// The design is fixed; outcomes are opened.
    Comparing,
    /// The primary outcome under other designs.
    Checking,
}

impl Stage {
    /// For people.
    pub fn sentence(self) -> &'static str {
        match self {
            Stage::Linking => "finding the people in the register",
            Stage::IndexEvents => "finding the event each one's support followed",
            Stage::Designing => "finding counterparts who were as alike as the records can tell",
            Stage::Comparing => "comparing what happened to both",
            Stage::Checking => "trying the other reasonable choices",
        }
    }
}

/// What the caller provides: the engine itself reads no clock and prints nothing.
pub struct Context<'a> {
    /// Seed of all random choices.
    pub seed: u64,
    /// Now, RFC 3339.
    pub now: &'a dyn Fn() -> String,
    /// Told as each stage begins.
    pub progress: &'a dyn Fn(Stage),
    /// Also estimate the primary outcome under other designs.
    pub specifications: bool,
    /// Also estimate it with each covariate left out of the design.
    pub leave_one_out: bool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// The register.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// Linkage.
    #[error(transparent)]
    Linkage(#[from] LinkageError),
    /// Design.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// Designs that the bootstrap does not describe.
    #[error(transparent)]
    Bootstrap(#[from] crate::bootstrap::Refused),
    /// Outcomes that cannot be used.
    #[error(transparent)]
    Outcome(#[from] EstimateError),
    /// Too few people found. How many is not said: of a list of strangers and one other, it would
    /// tell whether that one is on the register.
    #[error(
        "too few people: fewer than {needed} of the list could be found on the register with what the study asks for, and {needed} are needed so that nobody can be singled out"
    )]
    TooFewFound {
        /// How many are needed.
        needed: u64,
    },
    /// Too few people.
    #[error(
        "too few people: {have} {what}, and at least {needed} are needed so that nobody can be singled out"
    )]
    TooFew {
        /// How many there are.
        have: u64,
        /// Of what.
        what: &'static str,
        /// How many are needed.
        needed: u64,
    },
}

impl From<CovariateError> for EvaluationError {
    fn from(e: CovariateError) -> Self {
        EvaluationError::Design(e.into())
    }
}

/// Evaluates a cohort against a register. The cohort is consumed: its people are gone from memory
/// before the design begins.
///
/// # Errors
/// Too few people, a register or study that does not fit, or a design that cannot be made.
pub fn evaluate(
    cohort: Cohort,
    register: &dyn Register,
    study: &Study,
    context: &Context,
) -> Result<Released<Findings>, EvaluationError> {
    let started = (context.now)();
    let policy = &study.disclosure;
    too_few(
        cohort.submitted,
        "in the cohort file",
        policy.min_submitted,
        study,
    )?;

    // Who are they?
    let mut steps = cohort.attrition();
    let mut quality = Quality {
        cohort: summary::file_quality(&cohort),
        ..Quality::default()
    };
    (context.progress)(Stage::Linking);
    let people: Vec<Participant> = cohort.participants;
    let persons = register.persons()?;
    let links = linkage::link(&people, &persons, study);
    drop(persons);
    quality.linkage = summary::link_quality(&links, people.len());

    // Which event did the programme follow, and who else had one like it?
    (context.progress)(Stage::IndexEvents);
    let events = register.events(&event_columns(study))?;
    let selection = linkage::index_events(&links, &people, &events, study)?;
    drop((people, links));
    quality.register = summary::register_quality(&events, &selection);
    steps.extend(selection.steps);
    let found = selection.participants.len() as u64;
    too_few(found, "found", policy.min_matched, study).map_err(|_| {
        EvaluationError::TooFewFound {
            needed: policy.min_matched.into(),
        }
    })?;

    // The design, without a look at any outcome.
    (context.progress)(Stage::Designing);
    let mut rows = selection.participants;
    let participants = rows.len();
    rows.extend(selection.pool);
    let treated = (0..rows.len()).map(|i| i < participants).collect();
    let frame = events.frame.take(&rows);
    drop(events);
    let design = fixed(frame, treated, study, context)?;

    // What happened?
    (context.progress)(Stage::Comparing);
    let outcomes = register.outcomes(&design, &outcome_columns(study), &rows)?;
    let flow = summary::flow(steps, &design);
    let pool = format!(
        "people on the register with a {} in the same period who did not take part",
        study.words.event
    );
    findings(
        study, &design, &outcomes, flow, quality, pool, started, context,
    )
}

/// Analyses a table of one's own: no linkage, one row a person.
///
/// # Errors
/// A design that cannot be made, or outcomes that cannot be used.
pub fn analyse(
    table: Table,
    study: &Study,
    context: &Context,
) -> Result<(Released<Findings>, Design), EvaluationError> {
    let started = (context.now)();
    let participants = table.treated.iter().filter(|&&t| t).count() as u64;
    too_few(
        participants,
        "took part",
        study.disclosure.min_submitted,
        study,
    )?;
    outcomes::refuse_text(&study.outcomes, &table.vault)?;
    (context.progress)(Stage::Designing);
    let design = fixed(table.design, table.treated, study, context)?;
    (context.progress)(Stage::Comparing);
    let outcomes = table.vault.open(&design);
    let submitted = FlowStep {
        step: "submitted".into(),
        reason: "rows of the table that took part".into(),
        people: participants,
        percent_of_submitted: 100.0,
        lost: Vec::new(),
    };
    let flow = summary::with_analysed(vec![submitted], &design);
    let pool = "the table's rows that did not take part".to_owned();
    let released = findings(
        study,
        &design,
        &outcomes,
        flow,
        Quality::default(),
        pool,
        started,
        context,
    )?;
    Ok((released, design))
}

fn fixed(
    frame: Frame,
    treated: Vec<bool>,
    study: &Study,
    context: &Context,
) -> Result<Design, DesignError> {
    let plan = Plan {
        covariates: &study.covariates,
        settings: &study.matching,
        propensity: &study.propensity,
        model: PropensityParams::of(&study.propensity),
        seed: context.seed,
    };
    Design::plan(frame, treated, plan)
}

fn too_few(
    have: u64,
    what: &'static str,
    needed: u32,
    study: &Study,
) -> Result<(), EvaluationError> {
    let needed = u64::from(needed);
    if study.disclosure.mode == DisclosureMode::Controlled && have < needed {
        return Err(EvaluationError::TooFew { have, what, needed });
    }
    Ok(())
}

#[allow(clippy::too_many_arguments)]
fn findings(
    study: &Study,
    design: &Design,
    outcomes: &Frame,
    flow: Vec<FlowStep>,
    quality: Quality,
    pool: String,
    started: String,
    context: &Context,
) -> Result<Released<Findings>, EvaluationError> {
    let mut found = Vec::new();
    let mut cells = Vec::new();
    let mut primary = None;
    let items = outcomes::items(&study.outcomes, outcomes)?;
    let redone = bootstrapped::run(study, design, &items, context.seed)?;
    for (i, item) in items.iter().enumerate() {
        let resamples = redone.as_ref().map(|r| &r.outcomes[i]);
        let mut row = outcomes::row(item, design.matches(), study, resamples)?;
        opinions::add(&mut row.finding, item, design, study.matching.se);
        cells.push(row.cell);
        if item.spec.primary {
            primary = row.estimate;
        }
        found.push(row.finding);
    }
    adjust_for_many(&mut found);
    let sensitivity = choices::sensitivity(study, design, outcomes, primary.as_ref(), context);
    let balance: Vec<BalanceRow> = design.balance().iter().map(summary::balance_row).collect();
    let analysis = Analysis {
        id: "main".into(),
        title: study.title.clone(),
        headline: true,
        pool,
        design: summary::design(design),
        well_matched: design.balance().iter().all(|b| b.light != Light::Red),
        balance,
        overlap: Some(summary::overlap(design)),
        outcomes: found,
    };
    let mut warnings = cautions::warnings(design);
    warnings.extend(redone.as_ref().map(bootstrapped::said));
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
            started,
            finished: (context.now)(),
            design_digest: design.digest().into(),
        },
        flow,
        warnings,
        analyses: vec![analysis],
        sensitivity,
        quality,
        disclosure: DisclosureRecord::default(),
        erasure: None,
    };
    Ok(release(findings, &cells, &study.disclosure))
}

/// Holm over the outcomes that are not primary.
fn adjust_for_many(found: &mut [OutcomeFinding]) {
    let mut others: Vec<&mut Difference> = found
        .iter_mut()
        .filter(|o| !o.primary)
        .filter_map(|o| o.difference.as_mut())
        .collect();
    let p: Vec<f64> = others.iter().map(|d| d.p).collect();
    for (d, adjusted) in others.iter_mut().zip(effect::holm(&p)) {
        d.p_holm = Some(adjusted);
    }
}
