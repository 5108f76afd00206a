//! The page's parts in the order of a report on paper. What the page folds away because few ask for
//! it is left to the spreadsheets; what is printed says so.

use super::blocks::{
    Block, Document, Heading, Look, Words, badge, figures, heading, numbers, paragraph, say, table,
};
use crate::report::html::{AnalysisView, Page};
use crate::report::quality::Facts;
use crate::report::workbook::LANGUAGE;

/// The whole report.
pub fn of(page: &Page<'_>) -> Document {
    let study = &page.findings.study;
    let (language, region) = LANGUAGE.split_once('-').unwrap_or((LANGUAGE, "GB"));
    let run = &page.findings.run;
    let mut document = Document {
        language,
        region,
        kicker: "Evaluation report",
        title: match study.title.trim() {
            "" => "Evaluation report".into(),
            title => title.into(),
        },
        description: page.headline.clone(),
        footer: format!(
            "Made by counterpart {} on {}.",
            run.engine_version, page.finished
        ),
        blocks: Vec::new(),
        pictures: Vec::new(),
    };
    let d = &mut document;
    answer(d, page);
    pictures(d, page);
    saying(d, page);
    warnings(d, page);
    people(d, page);
    results(d, page);
    groups(d, page);
    tables(d, page);
    alike(d, page);
    choices(d, page);
    data(d, page);
    method(d, page);
    in_context(d, page);
    next(d, page);
    rules(d, page);
    document
}

fn add(d: &mut Document, block: Block) {
    d.blocks.push(block);
}

fn section(d: &mut Document, words: &str) {
    add(d, heading(1, words));
}

fn list(d: &mut Document, numbered: bool, items: Vec<String>) {
    if !items.is_empty() {
        add(d, Block::List { numbered, items });
    }
}

fn answer(d: &mut Document, page: &Page<'_>) {
    add(
        d,
        Block::Answer {
            heading: "Did it work?",
            question: "How sure are we?",
            verdict: page.verdict.class(),
            badge: badge(page.verdict),
            answer: page.answer.clone(),
            pair: page.large.as_ref().map(numbers),
            sure: page.sure.clone(),
        },
    );
}

fn pictures(d: &mut Document, page: &Page<'_>) {
    let all = [&page.hundred, &page.effect, &page.over_time];
    let all: Vec<_> = all.into_iter().flatten().collect();
    if !all.is_empty() {
        section(d, "The result in pictures");
        figures(d, &all);
    }
}

fn saying(d: &mut Document, page: &Page<'_>) {
    section(d, "What you can say, and what you cannot");
    match (page.says.is_empty(), page.verdict.speaks()) {
        (true, _) => add(d, paragraph("There is no result to speak of.", Look::Plain)),
        (false, true) => {
            let ready = "These sentences are ready to use in a report, a bid or a talk.";
            add(d, paragraph(ready, Look::Lead));
        }
        (false, false) => {}
    }
    d.blocks.extend(page.says.iter().map(say));
}

fn warnings(d: &mut Document, page: &Page<'_>) {
    if page.warnings.is_empty() {
        return;
    }
    section(d, "What to know before you use this result");
    let said = page.warnings.iter().map(|w| w.message.clone());
    list(d, false, said.collect());
}

fn people(d: &mut Document, page: &Page<'_>) {
    section(d, "Who was analysed");
    match &page.flow {
        Some(flow) => figures(d, &[flow]),
        None => add(d, paragraph("No steps are recorded.", Look::Plain)),
    }
    d.blocks.extend(page.losses.iter().map(table));
}

fn results(d: &mut Document, page: &Page<'_>) {
    section(d, "Every result");
    for a in &page.analyses {
        let answers = if a.headline {
            " (the answer above)"
        } else {
            ""
        };
        add(d, heading(2, &format!("{}{answers}", a.title)));
        let with = format!("Compared with: {}.", a.analysis.pool);
        add(d, paragraph(&with, Look::Plain));
        if !a.analysis.well_matched {
            add(
                d,
                paragraph(
                    "Not well enough matched to say. The groups differed from the start. These numbers are shown for the record and are no evidence for or against the programme.",
                    Look::Strong,
                ),
            );
        }
        add(d, table(&a.results));
        if a.headline {
            d.blocks.extend(a.further.iter().map(table));
            figures(d, &a.effects.iter().collect::<Vec<_>>());
        }
    }
    add(d, heading(2, "How to read the columns"));
    let terms = page.reading.iter();
    let terms = terms.map(|(term, meaning)| (term.to_string(), meaning.to_string()));
    let terms = terms.collect();
    add(d, Block::Terms { terms });
    add(
        d,
        paragraph(
            "The spreadsheets that come with this report (XLSX, ODS) have every number in tables, those of the further analyses among them.",
            Look::Note,
        ),
    );
}

fn groups(d: &mut Document, page: &Page<'_>) {
    let tables = [&page.group_steps, &page.groups_withheld];
    let tables: Vec<_> = tables.into_iter().flatten().collect();
    if page.groups.is_none() && tables.is_empty() {
        return;
    }
    section(d, "Sub-groups and other comparisons");
    add(
        d,
        paragraph(
            "Analyses of some of the people, or with other comparison people. None of them decides: with several, one is soon clear by chance, which is what the last p (Holm) allows for.",
            Look::Lead,
        ),
    );
    figures(d, &page.groups.iter().collect::<Vec<_>>());
    d.blocks.extend(tables.into_iter().map(table));
}

fn tables(d: &mut Document, page: &Page<'_>) {
    if page.tables.is_empty() {
        return;
    }
    section(d, "The results, table by table");
    d.blocks.extend(page.tables.iter().map(table));
}

fn alike(d: &mut Document, page: &Page<'_>) {
    section(d, "How alike the groups were");
    add(
        d,
        paragraph(
            "A fair comparison needs two groups that were alike before the programme began.",
            Look::Lead,
        ),
    );
    for a in &page.analyses {
        match a.headline {
            true => alike_in_full(d, a),
            false => {
                let said = format!("{}: {}", a.title, a.alike);
                add(d, paragraph(&said, Look::Plain));
            }
        }
    }
}

fn alike_in_full(d: &mut Document, a: &AnalysisView<'_>) {
    add(d, paragraph(&a.alike, Look::Plain));
    let drawn = [&a.overlap, &a.love];
    figures(d, &drawn.into_iter().flatten().collect::<Vec<_>>());
    if !a.balance.rows.is_empty() {
        add(d, table(&a.balance));
    }
}

fn choices(d: &mut Document, page: &Page<'_>) {
    let drawn = [&page.choices, &page.without];
    let drawn: Vec<_> = drawn.into_iter().flatten().collect();
    let tables = [&page.opinions, &page.e_values];
    let tables: Vec<_> = tables.into_iter().flatten().collect();
    if drawn.is_empty() && tables.is_empty() && page.robustness.is_empty() && page.placebo.is_none()
    {
        return;
    }
    section(d, "Would other choices change the answer?");
    if let Some(said) = &page.agreement {
        add(d, paragraph(said, Look::Lead));
    }
    figures(d, &drawn);
    for note in &page.findings.sensitivity.notes {
        add(d, paragraph(note, Look::Note));
    }
    if !page.robustness.is_empty() {
        add(d, heading(2, "What something unseen would have to do"));
        for said in &page.robustness {
            add(d, paragraph(said, Look::Plain));
        }
    }
    d.blocks.extend(tables.into_iter().map(table));
    if let Some(placebo) = &page.placebo {
        add(d, heading(2, "Were the groups alike before the start?"));
        if let Some(said) = &page.placebo_said {
            add(d, paragraph(said, Look::Plain));
        }
        add(d, table(placebo));
    }
}

fn data(d: &mut Document, page: &Page<'_>) {
    if page.quality.is_empty() {
        return;
    }
    section(d, "How good the data were");
    if let Some(facts) = &page.facts {
        add(d, lights(facts));
    }
    let tables = page.found.iter().chain(&page.quality);
    d.blocks.extend(tables.map(table));
}

fn lights(facts: &Facts) -> Block {
    let heading = |words: &str, weight| Heading {
        words: words.into(),
        number: false,
        weight,
    };
    let mut head = vec![heading("Question", 10)];
    head.extend(facts.about.iter().map(|about| heading(about, 24)));
    let rows = facts.rows.iter().map(|row| {
        let mut cells = vec![Words {
            words: row.aspect.into(),
            below: None,
        }];
        cells.extend(row.cells.iter().map(|c| Words {
            words: format!("{} {}", c.symbol, c.word),
            below: Some(c.sentence.clone()),
        }));
        // A question without an answer about one thing still has a cell for it.
        cells.resize_with(facts.about.len() + 1, || Words {
            words: "\u{2013}".into(),
            below: None,
        });
        cells
    });
    Block::Table {
        caption: "Four questions to the list, the register and the links between them".into(),
        rows: rows.collect(),
        head,
        notes: Vec::new(),
    }
}

fn method(d: &mut Document, page: &Page<'_>) {
    section(d, "How it was done");
    for a in page.analyses.iter().filter(|a| a.headline) {
        for said in &a.method {
            add(d, paragraph(said, Look::Plain));
        }
        if !a.terms.rows.is_empty() {
            add(d, table(&a.terms));
        }
    }
    if !page.technical.is_empty() {
        add(d, heading(2, "How columns entered the model"));
        let said = page.technical.iter().map(|w| w.message.clone());
        list(d, false, said.collect());
    }
    let (study, run) = (&page.findings.study, &page.findings.run);
    let said = [
        ("Study", study.id.clone()),
        ("Study file (SHA-256)", study.spec_digest.clone()),
        ("Design (SHA-256)", run.design_digest.clone()),
        ("Seed", run.seed.to_string()),
        ("Engine", format!("counterpart {}", run.engine_version)),
        ("Started", page.started.clone()),
        ("Finished", page.finished.clone()),
    ];
    add(d, heading(2, "The run"));
    let terms = said.into_iter().map(|(term, is)| (term.to_owned(), is));
    let terms = terms.collect();
    add(d, Block::Terms { terms });
}

fn in_context(d: &mut Document, page: &Page<'_>) {
    let said = &page.findings.in_context;
    if !said.is_empty() {
        section(d, "In context");
        list(d, false, said.clone());
    }
}

fn next(d: &mut Document, page: &Page<'_>) {
    section(d, "What to do next");
    list(d, true, page.next.clone());
}

fn rules(d: &mut Document, page: &Page<'_>) {
    let disclosure = &page.findings.disclosure;
    section(d, "What was held back");
    add(d, paragraph(page.policy, Look::Plain));
    match disclosure.rules_applied.is_empty() {
        true => add(d, paragraph("No rule had to be applied.", Look::Plain)),
        false => list(d, false, disclosure.rules_applied.clone()),
    }
    if let Some(control) = &disclosure.control {
        add(d, heading(2, "What this does not promise"));
        list(d, false, control.limits.clone());
    }
    let cells = format!(
        "Numbers withheld: {}. Disclosure policy: {}.",
        disclosure.suppressed_cells, disclosure.policy
    );
    add(d, paragraph(&cells, Look::Plain));
    if let Some(erasure) = &page.findings.erasure {
        add(d, heading(2, "Erasure"));
        let said = format!(
            "The list of participants has been erased. The certificate is {}, its fingerprint (SHA-256) {}.",
            erasure.certificate_id, erasure.digest
        );
        add(d, paragraph(&said, Look::Plain));
    }
}
