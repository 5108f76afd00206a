//! How far the answer rests on the choices made: the primary outcome under other designs, without
//! each covariate, and what something unseen would have to be.

mod leave_one_out;
mod specifications;
mod unseen;

use super::outcomes::Item;
use super::{Context, Stage};
use crate::balance::Design;
use crate::disclosure::findings::Sensitivity;
use crate::effect::Estimate;
use crate::study::Study;

/// The primary outcome as the main design found it.
pub(super) struct Primary<'a> {
    pub item: &'a Item<'a>,
    pub estimate: &'a Estimate,
}

/// All that is asked of the primary outcome beside its estimate; nothing without one.
pub(super) fn sensitivity(
    study: &Study,
    design: &Design,
    primary: Option<Primary>,
    context: &Context,
) -> Sensitivity {
    let Some(primary) = primary else {
        return Sensitivity::default();
    };
    let e_values = unseen::e_values(&primary, design.matches());
    let rosenbaum = unseen::rosenbaum(&primary, design);
    let mut sensitivity = Sensitivity {
        e_value: e_values.first().map(|e| e.e_value),
        rosenbaum_gamma: rosenbaum.as_ref().map(|r| r.gamma),
        e_values,
        rosenbaum,
        ..Sensitivity::default()
    };
    if context.specifications || context.leave_one_out {
        (context.progress)(Stage::Checking);
    }
    if context.specifications {
        let tried = specifications::tried(study, design, &primary);
        sensitivity.specifications = tried.made;
        sensitivity.specifications_refused = tried.refused;
    }
    if context.leave_one_out {
        let (rows, notes) = leave_one_out::rows(study, design, &primary);
        sensitivity.leave_one_out = rows;
        sensitivity.notes = notes;
    }
    sensitivity
}
