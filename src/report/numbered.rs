//! The results as labs number them: a table a measure, a row an analysis, so that everybody, the
//! region and the sub-groups stand under each other.

use super::narrative::{self, capital, sentence, title};
use super::sections::result_cells;
use super::table::{Cell, Table};
use crate::disclosure::findings::{Analysis, Findings, OutcomeFinding};

/// A table of results: its outcomes in every analysis, the main analysis first.
pub(super) struct Numbered<'a> {
    /// From 1.
    pub number: usize,
    /// What it is about.
    pub title: &'a str,
    /// An outcome in an analysis each.
    pub rows: Vec<(&'a Analysis, &'a OutcomeFinding)>,
}

impl Numbered<'_> {
    /// `Table 3. Days to first reoffence`.
    pub fn heading(&self) -> String {
        format!("Table {}. {}", self.number, capital(self.title))
    }

    /// Does it hold more than one outcome?
    fn several(&self) -> bool {
        self.rows.windows(2).any(|w| w[0].1.name != w[1].1.name)
    }
}

/// The tables in the order of the study's outcomes; none where they would say no more than the
/// results of the one analysis do.
pub(super) fn numbered(findings: &Findings) -> Vec<Numbered<'_>> {
    let mut analyses: Vec<&Analysis> = findings.analyses.iter().collect();
    analyses.sort_by_key(|a| !a.headline);
    let mut tables: Vec<Numbered> = Vec::new();
    for o in analyses.iter().flat_map(|a| &a.outcomes) {
        if !tables.iter().any(|t| t.title == heading(o)) {
            tables.push(Numbered {
                number: tables.len() + 1,
                title: heading(o),
                rows: Vec::new(),
            });
        }
    }
    for table in &mut tables {
        let outcomes = analyses
            .iter()
            .flat_map(|a| a.outcomes.iter().map(move |o| (*a, o)));
        table.rows = outcomes
            .filter(|(_, o)| heading(o) == table.title)
            .collect();
    }
    match analyses.len() {
        0 | 1 if !tables.iter().any(Numbered::several) => Vec::new(),
        _ => tables,
    }
}

/// Reports made before outcomes had tables name none.
fn heading(o: &OutcomeFinding) -> &str {
    match o.table.is_empty() {
        true => title(o),
        false => &o.table,
    }
}

/// As it is printed; `id` is unique on the page.
pub(super) fn table(id: &str, numbered: &Numbered) -> Table {
    let several = numbered.several();
    let mut head = vec!["Analysis"];
    head.extend([
        "People in treatment group",
        "People in comparison group",
        "Treatment group",
        "Comparison group",
        "Estimated difference (low to high)",
        "Significant",
        "p",
        "p (Holm)",
    ]);
    let mut table = Table::new(id, numbered.heading(), &head);
    for (analysis, o) in &numbered.rows {
        // The main analysis is titled as the whole study is.
        let name = match analysis.headline {
            true => "Everybody".to_owned(),
            false => capital(&analysis.title),
        };
        let unit = (!o.unit.is_empty()).then_some(o.unit.as_str());
        let below = match several {
            true => title(o).to_owned(),
            false => unit.unwrap_or_default().to_owned(),
        };
        let mut row = vec![Cell::Named(name.clone(), below)];
        row.extend(result_cells(o));
        table.rows.push(row);
        if let Some(reason) = &o.suppressed {
            let what = match several {
                true => format!("{name}, {}", title(o)),
                false => name.clone(),
            };
            table
                .notes
                .push(format!("{what}: withheld. {}", sentence(reason)));
        } else if !analysis.well_matched {
            table.notes.push(format!(
                "{name}: the groups were not well enough matched to say what difference the programme made."
            ));
        }
        if let Some(note) = narrative::rounding_note(o).filter(|_| o.suppressed.is_none()) {
            table.notes.push(format!("{name}: {note}"));
        }
    }
    table.notes.dedup();
    table
}
