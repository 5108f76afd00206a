//! Outcomes measured before the start: estimated like the others, and a check on the design, since
//! nothing that came after can have changed them.

use super::EvaluationError;
use super::outcomes::{self, Item};
use crate::balance::Design;
use crate::disclosure::Cell;
use crate::disclosure::findings::PlaceboFinding;
use crate::effect;
use crate::numeric::frame::Frame;
use crate::study::{OutcomeSpec, Study};

/// A finding and a cell for each placebo outcome, Holm-adjusted among themselves.
pub(super) fn findings(
    study: &Study,
    design: &Design,
    frame: &Frame,
) -> Result<(Vec<PlaceboFinding>, Vec<Cell>), EvaluationError> {
    let specs: Vec<OutcomeSpec> = study
        .outcomes
        .iter()
        .filter(|o| o.placebo)
        .cloned()
        .collect();
    let (mut found, mut cells) = (Vec::new(), Vec::new());
    for item in outcomes::items(&specs, frame)? {
        let row = outcomes::row(&item, design.matches(), study, None)?;
        found.push(finding(&item, &row));
        cells.push(row.cell);
    }
    let p: Vec<f64> = found.iter().filter_map(|f| f.p).collect();
    let tested = found.iter_mut().filter(|f| f.p.is_some());
    for (finding, adjusted) in tested.zip(effect::holm(&p)) {
        finding.p_holm = Some(adjusted);
    }
    Ok((found, cells))
}

fn finding(item: &Item, row: &outcomes::Row) -> PlaceboFinding {
    let d = row.estimate.as_ref().map(|e| &e.difference);
    PlaceboFinding {
        name: item.spec.name.clone(),
        label: item.spec.label.clone(),
        kind: item.spec.kind,
        unit: item.spec.unit.clone(),
        estimate: d.map(|d| d.estimate),
        ci_low: d.map(|d| d.ci_low),
        ci_high: d.map(|d| d.ci_high),
        p: d.map(|d| d.p),
        p_holm: None,
        suppressed: row.finding.suppressed.clone(),
    }
}
