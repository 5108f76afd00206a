//! An evaluation from beginning to end, in the order of a paper's method section: who they are,
//! who they are compared with, and only then what happened. The one file that names every stage.

use crate::balance::{Design, DesignError, Plan};
use crate::cohort::{Cohort, Participant};
use crate::covariates::CovariateError;
use crate::custody::Personal;
use crate::disclosure::Released;
use crate::disclosure::findings::*;
use crate::disclosure::releases::{Asked, ReleaseError, Releases};
use crate::effect::EstimateError;
use crate::linkage::{self, LinkageError};
use crate::numeric::frame::Frame;
use crate::propensity::PropensityParams;
use crate::register::own_table::Table;
use crate::register::{Events, PersonKey, Register, RegisterError, event_columns, outcome_columns};
use crate::study::{DisclosureMode, Study};
use std::collections::HashMap;

mod assemble;
mod bootstrapped;
mod cautions;
mod choices;
mod further;
mod measured;
mod opinions;
mod outcomes;
mod placebo;
mod summary;
mod thresholds;

use assemble::Ready;
use further::{Further, Listed};
use thresholds::Thresholds;

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
    /// The release may not leave, or cannot be recorded.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// Formal mode without a record of releases.
    #[error(
        "formal mode counts how often each record is released, and there is no record of releases"
    )]
    NoReleases,
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

/// Where releases are recorded and held against earlier ones.
#[derive(Clone, Copy)]
pub struct Guard<'a> {
    /// The record.
    pub releases: &'a dyn Releases,
    /// Why a steward allows a release of nearly the same people once more.
    pub steward: Option<&'a str>,
}

/// [`evaluate_guarded`] without a record of releases: that nearly the same people were not asked
/// about before is for the caller to see to, and the findings say so.
///
/// # Errors
/// As there; and in formal mode, which needs the record.
pub fn evaluate(
    cohort: Cohort,
    register: &dyn Register,
    study: &Study,
    context: &Context,
) -> Result<Released<Findings>, EvaluationError> {
    evaluate_guarded(cohort, register, study, context, None)
}

/// Evaluates a cohort against a register. The cohort is consumed: its people are gone from memory
/// before the design begins. When it returns findings, their release is on record.
///
/// # Errors
/// Too few people, a register or study that does not fit, a design that cannot be made, or a release
/// too near to an earlier one.
pub fn evaluate_guarded(
    cohort: Cohort,
    register: &dyn Register,
    study: &Study,
    context: &Context,
    guard: Option<Guard>,
) -> Result<Released<Findings>, EvaluationError> {
    let started = (context.now)();
    let policy = &study.disclosure;
    if policy.mode == DisclosureMode::Formal && guard.is_none() {
        return Err(EvaluationError::NoReleases);
    }
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
    let mut counts = measured::of_file(&cohort);
    (context.progress)(Stage::Linking);
    let people: Vec<Participant> = cohort.participants;
    let index = register.index()?;
    let looked = linkage::search(&people, &index, study)?;
    drop(index);
    let links = looked.at(study.linkage.threshold);
    quality.linkage = summary::link_quality(&links, people.len());

    // Which event did the programme follow, and who else had one like it?
    (context.progress)(Stage::IndexEvents);
    let events = register.events(&event_columns(study))?;
    let mut selection = linkage::index_events(&links, &people, &events, study)?;
    let keys = |rows: &[u32]| -> Vec<u64> {
        let mut keys: Vec<u64> = rows.iter().map(|&r| events.person[r as usize].0).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    if let (DisclosureMode::Formal, Some(guard)) = (policy.mode, guard) {
        leave_out_used_up(&mut selection, &events, guard.releases, policy.uses)?;
    }
    let asked = keys(&selection.participants);
    measured::add_links(&mut counts, &people, &links, &events, &selection);
    let who: HashMap<PersonKey, usize> = links
        .linked
        .iter()
        .map(|l| (l.person, l.participant))
        .collect();
    drop(links);
    quality.register = summary::register_quality(&events, &selection, study);
    steps.extend(selection.steps.clone());
    let found = selection.participants.len() as u64;
    too_few(found, "found", policy.min_matched, study).map_err(|_| {
        EvaluationError::TooFewFound {
            needed: policy.min_matched.into(),
        }
    })?;

    // The design, without a look at any outcome.
    (context.progress)(Stage::Designing);
    let thresholds = Thresholds::fix(&looked, &people, &events, &selection, study, context)?;
    let listed = by_list(&people, &selection, &events, &who);
    drop((people, looked, who));
    let mut rows = selection.participants;
    let participants = rows.len();
    rows.extend(selection.pool);
    let treated: Vec<bool> = (0..rows.len()).map(|i| i < participants).collect();
    let frame = events.frame.take(&rows);
    measured::add_covariates(&mut counts, &frame, study);
    drop(events);
    let (design, further) = designs(frame, treated, study, context, &listed)?;
    drop(listed);

    // What happened?
    (context.progress)(Stage::Comparing);
    let columns = outcome_columns(study);
    let outcomes = register.outcomes(&design, &columns, &rows)?;
    let further = opened(further, |own, chosen| {
        let theirs: Vec<u32> = chosen.iter().map(|&r| rows[r as usize]).collect();
        register.outcomes(own, &columns, &theirs)
    })?;
    let open = |own: &Design, theirs: &[u32]| register.outcomes(own, &columns, theirs);
    let thresholds = thresholds
        .map(|t| t.answers(study.primary(), study, context.seed, open))
        .transpose()?;
    let flow = summary::flow(steps, &design);
    let pool = format!(
        "people on the register with a {} in the same period who did not take part",
        study.words.event
    );
    let released = assemble::findings(Ready {
        study,
        design: &design,
        outcomes: &outcomes,
        further,
        flow,
        quality,
        measured: Some(counts),
        thresholds,
        pool,
        started,
        context,
        guarded: guard.is_some(),
    })?;
    if let Some(guard) = guard.filter(|_| policy.mode.guards()) {
        // Last, so that whoever is refused has waited as long as whoever is answered.
        guard.releases.record(&Asked {
            people: &asked,
            apart: policy.min_matched as usize,
            uses: (policy.mode == DisclosureMode::Formal).then_some(policy.uses),
            steward: guard.steward,
        })?;
    }
    Ok(released)
}

/// Formal mode: records that were released as often as they may be are left out, and nothing says
/// so, since a refusal that says why tells whose they are.
fn leave_out_used_up(
    selection: &mut linkage::Selection,
    events: &Events,
    releases: &dyn Releases,
    uses: u16,
) -> Result<(), ReleaseError> {
    let person = |r: &u32| events.person[*r as usize].0;
    let people: Vec<u64> = selection.participants.iter().map(person).collect();
    let used_up = releases.used_up(&people, uses)?;
    let before = selection.participants.len();
    let mut used_up = used_up.into_iter();
    selection
        .participants
        .retain(|_| !used_up.next().unwrap_or(true));
    if let Some(last) = selection.steps.last_mut() {
        last.people -= (before - selection.participants.len()) as u64;
    }
    Ok(())
}

/// What the list says of those who are analysed, beside who they are.
fn by_list(
    people: &[Participant],
    selection: &linkage::Selection,
    events: &Events,
    who: &HashMap<PersonKey, usize>,
) -> Listed {
    let mut listed = Listed::default();
    let mut known: HashMap<String, usize> = HashMap::new();
    for &row in &selection.participants {
        let person = who.get(&events.person[row as usize]).map(|&p| &people[p]);
        listed.completed.push(person.and_then(|p| p.completed));
        let site = person.and_then(|p| p.site.as_ref()).map(|site| {
            *known
                .entry(site.expose().to_lowercase())
                .or_insert_with(|| {
                    listed.places.push(Personal::new(site.expose().to_owned()));
                    listed.places.len() - 1
                })
        });
        listed.site.push(site);
    }
    listed
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
    let (design, further) = designs(
        table.design,
        table.treated,
        study,
        context,
        &Listed::default(),
    )?;
    (context.progress)(Stage::Comparing);
    let further = opened(further, |own, chosen| {
        Ok::<_, RegisterError>(table.vault.open_rows(own, chosen))
    })?;
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
    let released = assemble::findings(Ready {
        study,
        design: &design,
        outcomes: &outcomes,
        further,
        flow,
        quality: Quality::default(),
        measured: None,
        thresholds: None,
        pool,
        started,
        context,
        guarded: false,
    })?;
    Ok((released, design))
}

/// The main design and those of the further analyses, all fixed before any outcome is opened.
fn designs(
    frame: Frame,
    treated: Vec<bool>,
    study: &Study,
    context: &Context,
    listed: &Listed,
) -> Result<(Design, Vec<Further>), EvaluationError> {
    let chosen = further::choose(&frame, &treated, study, listed)?;
    let design = fixed(frame, treated, study, context)?;
    let further = chosen.into_iter().map(|c| c.fix(study, context)).collect();
    Ok((design, further))
}

/// Each further analysis with the outcomes of its own people, opened to its own design.
fn opened<E>(
    further: Vec<Further>,
    open: impl Fn(&Design, &[u32]) -> Result<Frame, E>,
) -> Result<Vec<(Further, Option<Frame>)>, E> {
    let frame = |f: &Further| {
        f.design
            .as_ref()
            .ok()
            .map(|own| open(own, &f.rows))
            .transpose()
    };
    further
        .into_iter()
        .map(|f| frame(&f).map(|frame| (f, frame)))
        .collect()
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
    if study.disclosure.mode.guards() && have < needed {
        return Err(EvaluationError::TooFew { have, what, needed });
    }
    Ok(())
}
