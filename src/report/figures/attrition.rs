//! From the people submitted to the people analysed: a bar a step, with those lost beside it.

use super::Figure;
use super::axis::{Axis, wrap};
use super::recipe::{DARK, Recipe};
use super::svg::{Anchor, Canvas, INK, LETTERS, MUTED, SMALL, TEXT, TREATED, Told, WIDTH, draw};
use crate::disclosure::findings::FlowStep;
use crate::report::ReportError;
use crate::report::narrative::{capital, sentence};
use crate::report::numbers::{count, percent};
use crate::report::table::{Table, number, text};
use serde_json::json;

const BAR: i32 = 22;
const LINE: i32 = 18;

/// No steps: no picture.
pub fn attrition(id: &str, flow: &[FlowStep], event: &str) -> Result<Option<Figure>, ReportError> {
    let (Some(first), Some(last)) = (flow.first(), flow.last()) else {
        return Ok(None);
    };
    let name = format!(
        "From {} submitted to {} analysed",
        count(first.people),
        count(last.people)
    );
    let said: Vec<String> = flow
        .iter()
        .map(|s| format!("{}: {}.", step_title(&s.step, event), count(s.people)))
        .collect();
    let rows: Vec<Drawn> = (0..flow.len())
        .map(|i| Drawn::new(flow, i, event))
        .collect();
    let told = Told {
        id,
        title: &name,
        description: &said.join(" "),
    };
    let height = rows.iter().map(Drawn::height).sum();
    let axis = Axis::new(0.0, first.people as f64, 0, WIDTH);
    let svg = draw("attrition", told, height, |canvas| {
        let mut top = 0;
        for row in &rows {
            row.paint(canvas, &axis, top);
            top += row.height();
        }
    })?;
    Ok(Some(Figure {
        id: id.into(),
        title: name,
        svg,
        note: "Full bars are the people left after each step. Striped parts are those lost at it."
            .into(),
        table: table(id, flow, event),
        recipe: recipe(flow, event),
    }))
}

fn recipe(flow: &[FlowStep], event: &str) -> Recipe {
    let before = std::iter::once(flow.first()).chain(flow.iter().map(Some));
    let rows = flow.iter().zip(before).map(|(step, before)| {
        let lost = before.map_or(0, |b| b.people.saturating_sub(step.people));
        vec![
            json!(step_title(&step.step, event)),
            json!(step.people),
            json!(lost),
            json!(step.percent_of_submitted),
        ]
    });
    Recipe::new(
        &["step", "people", "lost_at_it", "percent_of_submitted"],
        rows,
        json!({
            "mark": { "type": "bar", "color": DARK },
            "encoding": {
                "y": { "field": "step", "type": "nominal", "sort": null, "title": null, "axis": { "labelLimit": 260 } },
                "x": { "field": "people", "type": "quantitative", "title": "People left" },
                "tooltip": [{ "field": "lost_at_it", "type": "quantitative", "title": "Lost at this step" }],
            },
        }),
    )
}

/// One step, ready to draw.
struct Drawn {
    title: Vec<String>,
    people: String,
    before: u64,
    after: u64,
    lost: Vec<String>,
}

impl Drawn {
    fn new(flow: &[FlowStep], i: usize, event: &str) -> Drawn {
        let step = &flow[i];
        let before = if i == 0 {
            step.people
        } else {
            flow[i - 1].people
        };
        let lost = before.saturating_sub(step.people);
        let reason = match lost {
            0 => Vec::new(),
            n => wrap(&format!("{} lost: {}", count(n), why(step)), LETTERS + 3),
        };
        Drawn {
            title: wrap(&step_title(&step.step, event), 25),
            people: format!(
                "{} ({})",
                count(step.people),
                percent(step.percent_of_submitted, step.people)
            ),
            before,
            after: step.people,
            lost: reason,
        }
    }

    fn head(&self) -> i32 {
        self.title.len().max(1) as i32 * LINE + 4
    }

    fn height(&self) -> i32 {
        self.head() + BAR + 4 + self.lost.len() as i32 * LINE + 14
    }

    fn paint(&self, canvas: &mut Canvas, axis: &Axis, top: i32) {
        let y = top + LINE / 2;
        for (i, line) in self.title.iter().enumerate() {
            canvas.bold(line, (0, y + i as i32 * LINE), Anchor::Start, TEXT, INK);
        }
        canvas.bold(&self.people, (WIDTH, y), Anchor::End, TEXT, INK);
        let (bar, end) = (top + self.head(), top + self.head() + BAR);
        let (kept, was) = (axis.at(self.after as f64), axis.at(self.before as f64));
        if was > kept {
            canvas.hatch((kept, bar), (was, end), MUTED);
            canvas.line((was, bar), (was, end), MUTED, 1);
        }
        canvas.bar((0, bar), (kept, end), TREATED);
        for (i, line) in self.lost.iter().enumerate() {
            let y = end + 4 + LINE / 2 + i as i32 * LINE;
            canvas.text(line, (0, y), Anchor::Start, SMALL, MUTED);
        }
    }
}

/// Why people were lost at a step: the reasons counted, the most frequent first; else what the step
/// asks for.
fn why(step: &FlowStep) -> String {
    let mut lost: Vec<_> = step.lost.iter().filter(|l| l.people > 0).collect();
    lost.sort_by_key(|l| std::cmp::Reverse(l.people));
    match lost.as_slice() {
        [] => step.reason.clone(),
        [one] => one.reason.clone(),
        many => {
            let said: Vec<String> = many
                .iter()
                .map(|l| format!("{} ({})", l.reason, count(l.people)))
                .collect();
            said.join("; ")
        }
    }
}

/// A step's name for people.
pub fn step_title(step: &str, event: &str) -> String {
    match step {
        "submitted" => "Submitted".into(),
        "readable" => "Could be read".into(),
        "unique" => "Different people".into(),
        "found" | "linked" => "Found in the register".into(),
        "with_event" => format!("With a {event}"),
        "eligible" => "Could be included".into(),
        "followed_up" => "Followed up for long enough".into(),
        "matched" => "Matched to similar people".into(),
        "analysed" => "Analysed".into(),
        other => capital(&other.replace('_', " ")),
    }
}

fn table(id: &str, flow: &[FlowStep], event: &str) -> Table {
    let mut table = Table::new(
        format!("{id}-table"),
        "People left after each step",
        &[
            "Step",
            "People left",
            "Of those submitted",
            "Lost here",
            "Why",
        ],
    );
    for (i, step) in flow.iter().enumerate() {
        let before = if i == 0 {
            step.people
        } else {
            flow[i - 1].people
        };
        let lost = before.saturating_sub(step.people);
        table.row(
            step_title(&step.step, event),
            vec![
                number(count(step.people)),
                number(percent(step.percent_of_submitted, step.people)),
                number(count(lost)),
                text(if lost == 0 {
                    String::new()
                } else {
                    sentence(&why(step))
                }),
            ],
        );
    }
    table
}

/// So few that under control only "fewer than 10" is said of them; the list's own steps its sender
/// can count.
pub fn is_few(step: &str, people: u64) -> bool {
    people < 10 && !["submitted", "readable", "unique"].contains(&step)
}

/// Every reason with what could be done about it; none recorded: no table.
pub fn losses_table(id: &str, flow: &[FlowStep], controlled: bool) -> Option<Table> {
    let mut table = Table::new(
        id,
        "Why people were lost, and what could be done",
        &["Reason", "People", "What you could do"],
    );
    let lost = flow.iter().flat_map(|s| s.lost.iter().map(move |l| (s, l)));
    for (step, loss) in lost.filter(|(_, l)| l.people > 0) {
        let people = match controlled && is_few(&step.step, loss.people) {
            true => "fewer than 10".to_owned(),
            false => count(loss.people),
        };
        let remedy = loss
            .remedy
            .as_deref()
            .map_or_else(|| "Nothing on your side.".into(), sentence);
        table.row(sentence(&loss.reason), vec![number(people), text(remedy)]);
    }
    (!table.rows.is_empty()).then_some(table)
}
