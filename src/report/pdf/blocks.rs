//! What a report on paper is made of: what the template is handed.

use crate::report::figures::Figure;
use crate::report::narrative::Verdict;
use crate::report::sections::{Pair, Say};
use crate::report::table::{Cell, Table};
use serde::Serialize;

/// The report, and the pictures it names.
#[derive(Serialize)]
pub struct Document {
    pub language: &'static str,
    pub region: &'static str,
    pub kicker: &'static str,
    pub title: String,
    pub description: String,
    pub footer: String,
    pub blocks: Vec<Block>,
    /// Names and files of the pictures.
    #[serde(skip)]
    pub pictures: Vec<(String, String)>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    Answer {
        heading: &'static str,
        question: &'static str,
        verdict: &'static str,
        badge: String,
        answer: String,
        pair: Option<Numbers>,
        sure: Vec<String>,
    },
    Heading {
        level: u8,
        words: String,
    },
    Paragraph {
        words: String,
        look: Look,
    },
    Say {
        title: String,
        verdict: &'static str,
        badge: String,
        observed: Option<String>,
        can: String,
        cannot: String,
        notes: Vec<String>,
    },
    /// One, or two side by side.
    Figures {
        figures: Vec<Picture>,
    },
    Table {
        caption: String,
        head: Vec<Heading>,
        rows: Vec<Vec<Words>>,
        notes: Vec<String>,
    },
    List {
        numbered: bool,
        items: Vec<String>,
    },
    Terms {
        terms: Vec<(String, String)>,
    },
}

/// How a paragraph looks.
#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    Plain,
    Lead,
    Note,
    Strong,
}

/// The two numbers set large.
#[derive(Serialize)]
pub struct Numbers {
    what: String,
    treated: String,
    treated_who: String,
    comparison: String,
    comparison_who: String,
    long: bool,
}

#[derive(Serialize)]
pub struct Picture {
    path: String,
    alt: String,
    title: String,
    note: String,
    width_cm: f64,
}

/// Of a column.
#[derive(Serialize)]
pub struct Heading {
    pub words: String,
    pub number: bool,
    /// How wide it is, against the others.
    pub weight: usize,
}

/// Of a cell.
#[derive(Serialize)]
pub struct Words {
    pub words: String,
    pub below: Option<String>,
}

/// A heading of a section, or below one.
pub fn heading(level: u8, words: &str) -> Block {
    let words = named(words);
    Block::Heading { level, words }
}

/// Headings and pictures without a word are none to whoever listens.
fn named(words: &str) -> String {
    match words.trim() {
        "" => "Without a name".into(),
        words => words.into(),
    }
}

/// A paragraph.
pub fn paragraph(words: &str, look: Look) -> Block {
    let words = words.to_owned();
    Block::Paragraph { words, look }
}

/// What can and cannot be said.
pub fn say(s: &Say) -> Block {
    let tag = if s.primary { " (deciding outcome)" } else { "" };
    Block::Say {
        title: format!("{}{tag}", named(&s.title)),
        verdict: s.verdict.class(),
        badge: badge(s.verdict),
        observed: s.observed.clone(),
        can: s.can.clone(),
        cannot: s.cannot.clone(),
        notes: s.notes.clone(),
    }
}

/// A verdict in words, with its shape.
pub fn badge(verdict: Verdict) -> String {
    format!("{} {}", verdict.symbol(), verdict.badge())
}

/// The numbers set large.
pub fn numbers(pair: &Pair) -> Numbers {
    Numbers {
        what: pair.what.clone(),
        treated: pair.treated.clone(),
        treated_who: pair.treated_who.clone(),
        comparison: pair.comparison.clone(),
        comparison_who: pair.comparison_who.clone(),
        long: pair.long,
    }
}

/// Centimetres that a picture may be wide and high.
const WIDE: f64 = 8.1;
const HIGH: f64 = 18.5;

/// The pictures in their order, two and two.
pub fn figures(document: &mut Document, figures: &[&Figure]) {
    for beside in figures.chunks(2) {
        let first = document.pictures.len() + 1;
        let numbered = (first..).zip(beside);
        let (files, figures) = numbered
            .map(|(i, figure)| {
                let path = format!("/picture-{i}.svg");
                let picture = Picture {
                    path: path.clone(),
                    alt: named(&figure.description()),
                    title: figure.title.clone(),
                    note: figure.note.clone(),
                    width_cm: WIDE.min(HIGH / figure.steepness().unwrap_or(1.0)),
                };
                ((path, figure.file()), picture)
            })
            .unzip::<_, _, Vec<_>, Vec<_>>();
        document.pictures.extend(files);
        document.blocks.push(Block::Figures { figures });
    }
}

/// Letters that a column is at least, and its first and the others at most, as wide as.
const NARROW: usize = 7;
const FIRST: usize = 34;
const OTHERS: usize = 20;
/// Columns from which on a table has no room for long texts.
const MANY: usize = 6;

/// A table with its widths.
pub fn table(t: &Table) -> Block {
    let weight = |column: usize| {
        let longest_word = |words: &str| words.split(' ').map(letters).max().unwrap_or(0);
        let cells = t.rows.iter().filter_map(|r| r.get(column));
        let cells = cells.map(|c| letters(c.words()).max(c.below().map_or(0, letters)));
        let longest = cells.max().unwrap_or(0);
        let most = match (column, t.head.len() > MANY) {
            (0, _) => FIRST,
            (_, true) => OTHERS,
            (_, false) => 2 * OTHERS,
        };
        let heading = t.head.get(column).map_or(0, |h| longest_word(h));
        // Headings are bold, and columns have a margin.
        longest.max(heading * 5 / 4 + 2).clamp(NARROW, most)
    };
    let head = t.head.iter().enumerate().map(|(i, words)| Heading {
        words: words.clone(),
        number: t.numeric(&i),
        weight: weight(i),
    });
    Block::Table {
        caption: t.caption.clone(),
        head: head.collect(),
        rows: t
            .rows
            .iter()
            .map(|r| r.iter().map(cell).collect())
            .collect(),
        notes: t.notes.clone(),
    }
}

fn letters(words: &str) -> usize {
    words.chars().count()
}

fn cell(cell: &Cell) -> Words {
    Words {
        words: match cell.light() {
            Some(light) => format!("{} {}", light.symbol(), light.text()),
            None => cell.words().to_owned(),
        },
        below: cell.below().map(str::to_owned),
    }
}
