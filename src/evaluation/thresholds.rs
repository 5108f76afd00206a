//! The deciding outcome with everybody who is believed found at other thresholds of linkage. Each
//! threshold has a design of its own, fixed before any outcome is opened.

use super::{Context, EvaluationError, assemble, fixed, outcomes};
use crate::balance::Design;
use crate::cohort::Participant;
use crate::disclosure::findings::{AtThreshold, LinkageSensitivity, OutcomeFinding};
use crate::disclosure::{AtOtherThreshold, People};
use crate::linkage::{self, Looked, Selection};
use crate::numeric::frame::Frame;
use crate::register::Events;
use crate::study::{LinkageMethod, OutcomeSpec, Study};
use std::collections::HashMap;

/// Another threshold with its design.
pub(super) struct Other {
    threshold: f64,
    found: u64,
    design: Result<Planned, String>,
}

enum Planned {
    /// The same people as at the study's threshold.
    Same,
    Own(Box<Own>),
}

/// A design of its own.
struct Own {
    design: Design,
    /// Its event rows.
    rows: Vec<u32>,
    /// The participants' numbers, by which they are compared with the main design's.
    entered: Vec<u32>,
}

/// People found at the study's threshold, and the designs at the others; empty where keys alone
/// decide.
pub(super) struct Thresholds {
    main: f64,
    found: u64,
    others: Vec<Other>,
}

impl Thresholds {
    /// Fixes a design for each threshold but the study's. Costs as much as the main design, at most,
    /// for each; nothing where the same people are found.
    pub(super) fn fix(
        looked: &Looked,
        people: &[Participant],
        events: &Events,
        main: &Selection,
        study: &Study,
        context: &Context,
    ) -> Result<Option<Thresholds>, EvaluationError> {
        let settings = &study.linkage;
        if settings.method == LinkageMethod::Exact || !context.specifications {
            return Ok(None);
        }
        let mut numbers: HashMap<u32, u32> = HashMap::new();
        for &row in &main.participants {
            number(&mut numbers, row);
        }
        // A main design numbers its pool after its participants.
        let shift = (main.participants.len(), main.pool.len());
        let others = settings
            .thresholds
            .iter()
            .filter(|t| **t != settings.threshold);
        let others = others
            .map(|&threshold| {
                let links = looked.at(threshold);
                let chosen = linkage::index_events(&links, people, events, study)?;
                let found = links.linked.len() as u64;
                let entered: Vec<u32> = chosen
                    .participants
                    .iter()
                    .map(|&row| number(&mut numbers, row))
                    .map(|n| {
                        if (n as usize) < shift.0 {
                            n
                        } else {
                            n + shift.1 as u32
                        }
                    })
                    .collect();
                Ok(Other {
                    threshold,
                    found,
                    design: planned(chosen, entered, main, events, study, context),
                })
            })
            .collect::<Result<_, EvaluationError>>()?;
        Ok(Some(Thresholds {
            main: settings.threshold,
            found: looked.at(settings.threshold).linked.len() as u64,
            others,
        }))
    }

    /// The answers, outcomes opened by `open` to each design; with what disclosure control needs of
    /// each row but the main one. That row, and those of the same people, are left for
    /// [`fill_in`].
    pub(super) fn answers<E>(
        self,
        primary: &OutcomeSpec,
        study: &Study,
        seed: u64,
        open: impl Fn(&Design, &[u32]) -> Result<Frame, E>,
    ) -> Result<(LinkageSensitivity, Vec<AtOtherThreshold>), E> {
        let mut rows = vec![AtThreshold {
            threshold: self.main,
            main: true,
            found: self.found,
            against_main: 0,
            matched: None,
            difference: None,
            why_not: None,
        }];
        let mut evidence = Vec::new();
        for other in self.others {
            let mut row = AtThreshold {
                threshold: other.threshold,
                main: false,
                found: other.found,
                against_main: other.found as i64 - self.found as i64,
                matched: None,
                difference: None,
                why_not: None,
            };
            let mut of = AtOtherThreshold {
                threshold: other.threshold,
                ..AtOtherThreshold::default()
            };
            match other.design {
                Err(why) => row.why_not = Some(why),
                Ok(Planned::Same) => of.same_people = true,
                Ok(Planned::Own(own)) => {
                    let frame = open(&own.design, &own.rows)?;
                    let n = own.design.matches().participants.len() as u64;
                    row.matched = Some(n);
                    match answer(primary, &own.design, &frame, study, seed) {
                        Ok((difference, cell, why_not)) => {
                            (row.difference, row.why_not) = (difference, why_not);
                            of.cell = cell;
                        }
                        Err(why) => row.why_not = Some(why),
                    }
                    let matches = own.design.matches().participants.iter();
                    of.people = People {
                        // Participants are the first rows of their design.
                        matched: matches.map(|&r| own.entered[r as usize]).collect(),
                        entered: own.entered,
                    };
                }
            }
            rows.push(row);
            evidence.push(of);
        }
        rows.sort_by(|a, b| a.threshold.total_cmp(&b.threshold));
        let found = LinkageSensitivity {
            threshold: self.main,
            rows,
            sentence: String::new(),
        };
        Ok((found, evidence))
    }
}

/// The main answer in its own row, and in those of the same people.
pub(super) fn fill_in(
    found: &mut LinkageSensitivity,
    others: &[AtOtherThreshold],
    main: &OutcomeFinding,
    matched: u64,
) {
    let same = |t: f64| others.iter().any(|o| o.threshold == t && o.same_people);
    for row in found
        .rows
        .iter_mut()
        .filter(|r| r.main || same(r.threshold))
    {
        row.matched = Some(matched);
        row.difference = main.difference.clone();
        row.why_not = main.suppressed.clone();
    }
}

/// The number of an event row: those of the main design first.
fn number(numbers: &mut HashMap<u32, u32>, row: u32) -> u32 {
    let next = numbers.len() as u32;
    *numbers.entry(row).or_insert(next)
}

fn planned(
    chosen: Selection,
    entered: Vec<u32>,
    main: &Selection,
    events: &Events,
    study: &Study,
    context: &Context,
) -> Result<Planned, String> {
    if chosen.participants == main.participants && chosen.pool == main.pool {
        return Ok(Planned::Same);
    }
    let controlled = study.disclosure.mode.guards();
    let n = chosen.participants.len();
    if n == 0 || (controlled && n < study.disclosure.min_matched as usize) {
        return Err("too few people are found at it".into());
    }
    let mut rows = chosen.participants;
    rows.extend(chosen.pool);
    let treated: Vec<bool> = (0..rows.len()).map(|i| i < n).collect();
    let design =
        fixed(events.frame.take(&rows), treated, study, context).map_err(|e| match controlled {
            true => "no comparison group as alike as the study asks for could be made".into(),
            false => e.to_string(),
        })?;
    Ok(Planned::Own(Box::new(Own {
        design,
        rows,
        entered,
    })))
}

type Answer = (
    Option<crate::disclosure::findings::Difference>,
    crate::disclosure::Cell,
    Option<String>,
);

fn answer(
    primary: &OutcomeSpec,
    design: &Design,
    frame: &Frame,
    study: &Study,
    seed: u64,
) -> Result<Answer, String> {
    let unusable = || "the outcome cannot be used".to_owned();
    let items = outcomes::items(std::slice::from_ref(primary), frame).map_err(|_| unusable())?;
    let compared = assemble::compare(study, design, &items, seed).map_err(|_| unusable())?;
    let place = items.iter().position(|i| i.spec.primary);
    let mut found = compared.found.into_iter().zip(compared.cells);
    let (found, cell) = found.nth(place.unwrap_or(0)).ok_or_else(unusable)?;
    Ok((found.difference, cell, found.suppressed))
}
