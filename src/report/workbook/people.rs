//! Who was counted: from the list to those analysed, in each analysis.

use super::{Missing, Sheet, Shown, Value, filled, of, yes};
use crate::disclosure::findings::{Findings, FlowStep, Loss};
use crate::report::figures::step_title;
use crate::report::narrative::{capital, sentence};
use Missing::{Confidential, NotApplicable};

/// The attrition of every analysis: the main one's name, its steps, then the others'.
fn flows(findings: &Findings) -> Vec<(String, &[FlowStep])> {
    let mut flows = vec![("Everybody".to_owned(), findings.flow.as_slice())];
    let further = findings.analyses.iter().filter(|a| !a.flow.is_empty());
    flows.extend(further.map(|a| (capital(&a.title), a.flow.as_slice())));
    flows
}

/// People left after each step.
pub(super) fn steps(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "People",
        "From the people submitted to the people analysed",
        &[
            ("Of whom", 34),
            ("Step", 34),
            ("People left", 12),
            ("Per cent of those submitted", 14),
            ("What the step asks for", 60),
        ],
    );
    for (name, flow) in flows(findings) {
        for step in flow {
            sheet.row(vec![
                Value::text(&name),
                Value::text(&step_title(&step.step, &findings.study.words.event)),
                Value::count(step.people),
                Value::number(step.percent_of_submitted, Shown::Decimals(0)),
                Value::text(&sentence(&step.reason)),
            ]);
        }
    }
    filled(sheet)
}

/// Every reason why people were lost.
pub(super) fn losses(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Losses",
        "Why people were lost, and what could be done",
        &[
            ("Of whom", 34),
            ("Step", 34),
            ("Reason", 60),
            ("People lost", 12),
            ("What you could do", 60),
        ],
    );
    for (name, flow) in flows(findings) {
        for step in flow {
            for loss in step.lost.iter().filter(|l| l.people > 0) {
                let people = match few(findings, step, loss) {
                    true => Value::Missing(Confidential),
                    false => Value::count(loss.people),
                };
                let remedy = loss.remedy.as_deref().map(sentence).unwrap_or_default();
                sheet.row(vec![
                    Value::text(&name),
                    Value::text(&step_title(&step.step, &findings.study.words.event)),
                    Value::text(&sentence(&loss.reason)),
                    people,
                    Value::text(&remedy),
                ]);
            }
        }
    }
    filled(sheet)
}

/// So few that the page does not give their number either.
pub(in crate::report) fn few(findings: &Findings, step: &FlowStep, loss: &Loss) -> bool {
    findings.disclosure.policy == "controlled"
        && crate::report::figures::is_few(&step.step, loss.people)
}

/// The design of every analysis in numbers.
pub(super) fn designs(findings: &Findings) -> Sheet {
    let mut sheet = Sheet::new(
        "Designs",
        "How each analysis was made",
        &[
            ("Analysis", 34),
            ("Compared with", 60),
            ("Decides", 10),
            ("Method", 16),
            ("Caliper", 10),
            ("Scale of the caliper", 14),
            ("Comparison people may be used again", 16),
            ("Comparison people for each participant", 16),
            ("Participants", 12),
            ("Participants matched", 12),
            ("People in the comparison pool", 14),
            ("Of them used", 12),
            ("Their effective number", 12),
            ("Of them tied with another", 12),
            ("Area under the curve of the propensity model", 16),
            ("Groups matched well enough", 12),
        ],
    );
    for a in &findings.analyses {
        let d = &a.design;
        sheet.row(vec![
            of(a),
            Value::text(&capital(&a.pool)),
            yes(a.headline),
            Value::text(&capital(&d.method)),
            Value::maybe(d.caliper, Shown::Plain, NotApplicable),
            Value::text(if d.caliper.is_some() {
                &d.caliper_scale
            } else {
                ""
            }),
            yes(d.replace),
            Value::maybe(d.ratio.map(|r| r as f64), Shown::Whole, NotApplicable),
            Value::count(d.participants),
            Value::count(d.participants_matched),
            Value::count(d.comparison_pool),
            Value::count(d.comparison_matched),
            Value::number(d.comparison_ess, Shown::Whole),
            Value::count(d.tied),
            Value::number(d.propensity.c_statistic, Shown::Decimals(2)),
            yes(a.well_matched),
        ]);
    }
    sheet
}

/// Analyses that were asked for and cannot be given.
pub(super) fn withheld(findings: &Findings) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "Withheld",
        "Analyses without an answer",
        &[("Analysis", 34), ("Why", 80)],
    );
    for w in &findings.analyses_withheld {
        sheet.row(vec![
            Value::text(&capital(&w.title)),
            Value::text(&sentence(&w.reason)),
        ]);
    }
    filled(sheet)
}
