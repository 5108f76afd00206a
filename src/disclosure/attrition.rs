//! The steps from the list to the people analysed, which add up: no loss of a few may be worked out
//! more closely than its band.

use super::findings::{FlowStep, Loss};
use super::printed::UNIT;
use super::suppression::{Cells, HALF};

/// Of a loss of a few, this many numbers must stay possible (as a width: one less).
const WIDTH: f64 = (UNIT - 1) as f64;
/// Steps that the list alone decides.
const OF_THE_LIST: usize = 3;

/// Takes steps together until every loss of a few is hidden. The first steps and the last stay.
pub(super) fn control(flow: &mut Vec<FlowStep>) {
    while let Some(at) = told_too_closely(flow) {
        if several_of_a_few(&mut flow[at]) {
            continue;
        }
        // Into the one before or after, so that what both lost is told as one.
        let into = if at + 1 < flow.len() { at + 1 } else { at };
        let from = into - 1;
        if from < OF_THE_LIST.min(flow.len()) {
            // Nothing to take it together with: that there was a loss stays, how large it was goes.
            flow[at].lost.clear();
            continue;
        }
        let gone = flow.remove(from);
        let mut lost = gone.lost;
        lost.append(&mut flow[from].lost);
        flow[from].lost = lost;
    }
}

/// Takes losses of a few in one step together; were there several? Their sum is a few as well: were
/// it more, the step's people would leave each of them room.
fn several_of_a_few(step: &mut FlowStep) -> bool {
    let few = |l: &Loss| l.people == UNIT;
    if step.lost.iter().filter(|l| few(l)).count() < 2 {
        return false;
    }
    let (few, mut others): (Vec<Loss>, Vec<Loss>) = step.lost.drain(..).partition(few);
    let reasons: Vec<&str> = few.iter().map(|l| l.reason.as_str()).collect();
    others.push(Loss {
        reason: reasons.join(", or "),
        people: UNIT,
        remedy: few.iter().find_map(|l| l.remedy.clone()),
    });
    step.lost = others;
    true
}

/// The first step whose losses of a few can be told too closely.
fn told_too_closely(flow: &[FlowStep]) -> Option<usize> {
    let mut cells = Cells::default();
    let mut few = Vec::new();
    let mut before = None;
    for (i, step) in flow.iter().enumerate() {
        // Those of the list its sender counts; how many of them are not found is then known as
        // closely as the number found, whatever is said of the loss. What is asked here is whether
        // the losses said tell more than the rounding of the steps does.
        let at = step.people as f64;
        let people = cells.within((at - HALF).max(0.0), at + HALF);
        if let Some(before) = before.filter(|_| !step.lost.is_empty() && i >= OF_THE_LIST) {
            let mut parts = vec![people];
            for loss in &step.lost {
                // Nobody is told as nobody; 5 is said of any few.
                let cell = match loss.people {
                    0 => cells.within(0.0, 0.0),
                    UNIT => cells.within(1.0, (2 * UNIT - 1) as f64),
                    n => cells.within(n as f64 - HALF, n as f64 + HALF),
                };
                if loss.people == UNIT {
                    few.push((i, cell));
                }
                parts.push(cell);
            }
            cells.add_up(&parts, before);
        }
        before = Some(people);
    }
    let open = few.iter().find(|(_, cell)| !cells.protected(*cell, WIDTH));
    open.map(|(i, _)| *i)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, people: u64, lost: &[u64]) -> FlowStep {
        FlowStep {
            step: name.into(),
            reason: String::new(),
            people,
            percent_of_submitted: 0.0,
            lost: lost
                .iter()
                .map(|&people| Loss {
                    reason: String::new(),
                    people,
                    remedy: None,
                })
                .collect(),
        }
    }

    fn of_the_list() -> Vec<FlowStep> {
        vec![
            step("submitted", 105, &[]),
            step("readable", 104, &[1]),
            step("unique", 102, &[2]),
        ]
    }

    #[test]
    fn a_few_lost_between_rounded_steps_stay_hidden() {
        let mut flow = of_the_list();
        flow.extend([step("found", 95, &[5]), step("analysed", 90, &[5])]);
        let before = flow.clone();
        control(&mut flow);
        assert_eq!(flow, before);
    }

    #[test]
    fn two_losses_of_a_few_that_leave_each_other_no_room_are_told_as_one() {
        // From 95 to 95 at most five are lost: of two losses, each is 1 to 4; together 1 to 5.
        let mut flow = of_the_list();
        flow.extend([
            step("found", 95, &[5]),
            step("with_event", 95, &[5, 5]),
            step("analysed", 80, &[15]),
        ]);
        control(&mut flow);
        let steps: Vec<&str> = flow.iter().map(|s| s.step.as_str()).collect();
        assert_eq!(steps.len(), 6);
        assert_eq!(flow[4].lost.len(), 1);
    }
}
