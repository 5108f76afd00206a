//! A worksheet, cell by cell.

use super::Context;
use crate::cohort::error::{CohortError, WorkbookFault};
use crate::cohort::table::NoteKind;
use crate::cohort::workbook::draft::Draft;
use crate::cohort::workbook::package::fault;
use crate::cohort::workbook::xml::{Node, Xml, each_attribute, is_true};
use crate::cohort::workbook::{numbers, text};
use quick_xml::events::BytesStart;

/// No spreadsheet program has more rows.
const LAST_ROW: u64 = 1 << 20;

/// The kinds of value that `t` names.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Number,
    Shared,
    /// The text itself: a formula's, or a date in ISO form.
    Text,
    Inline,
    Flag,
    Error,
}

/// A cell's attributes.
#[derive(Default)]
struct Head {
    column: Option<u64>,
    style: usize,
    kind: Kind,
}

/// What a cell holds.
#[derive(Default)]
struct Content {
    text: String,
    formula: bool,
}

/// Reads rows into `draft` until the end, or until it is plain that nobody is in them.
///
/// # Errors
/// When the part is damaged, or beyond a limit.
pub(super) fn read(
    xml: &mut Xml<'_>,
    context: &Context,
    draft: &mut Draft,
) -> Result<(), CohortError> {
    let mut row = 0;
    let mut root = true;
    let mut content = Content::default();
    loop {
        let start = match xml.next()? {
            Node::Start(e) => e,
            Node::Eof => return Ok(()),
            _ => continue,
        };
        if std::mem::take(&mut root) && start.local_name().as_ref() != "worksheet" {
            return Err(fault(WorkbookFault::Shape));
        }
        match start.local_name().as_ref() {
            "col" => hide_columns(&start, draft)?,
            "row" => {
                let (number, hidden) = row_head(&start, row + 1)?;
                if number <= row || number > LAST_ROW {
                    return Err(fault(WorkbookFault::Order));
                }
                row = number;
                read_row(xml, row, context, draft, &mut content)?;
                if !draft.end_row(row, 1, hidden)? {
                    return Ok(());
                }
            }
            _ => {}
        }
    }
}

fn hide_columns(element: &BytesStart<'_>, draft: &mut Draft) -> Result<(), CohortError> {
    let (mut first, mut last, mut hidden) = (0, 0, false);
    each_attribute(element, |name, value| match name {
        "min" => first = value.parse().unwrap_or(0),
        "max" => last = value.parse().unwrap_or(0),
        "hidden" => hidden = is_true(value),
        _ => {}
    })?;
    if hidden && first > 0 {
        draft.hide_columns(first - 1..last);
    }
    Ok(())
}

/// The row's number, the next one where it has none, and whether it is hidden.
fn row_head(element: &BytesStart<'_>, next: u64) -> Result<(u64, bool), CohortError> {
    let (mut number, mut hidden, mut wrong) = (next, false, false);
    each_attribute(element, |name, value| match name {
        "r" => match value.parse() {
            Ok(n) => number = n,
            Err(_) => wrong = true,
        },
        "hidden" => hidden = is_true(value),
        _ => {}
    })?;
    match wrong {
        true => Err(fault(WorkbookFault::Order)),
        false => Ok((number, hidden)),
    }
}

fn read_row(
    xml: &mut Xml<'_>,
    row: u64,
    context: &Context,
    draft: &mut Draft,
    content: &mut Content,
) -> Result<(), CohortError> {
    let outside = xml.depth().saturating_sub(1);
    let mut next_column = 0;
    while xml.depth() > outside {
        let head = match xml.next()? {
            Node::Start(e) if e.local_name().as_ref() == "c" => cell_head(&e)?,
            Node::Eof => return Ok(()),
            _ => continue,
        };
        let column = head.column.unwrap_or(next_column);
        if column < next_column {
            return Err(fault(WorkbookFault::Order));
        }
        next_column = column + 1;
        read_content(xml, head.kind, content)?;
        place(row, column, &head, content, context, draft)?;
    }
    Ok(())
}

fn cell_head(element: &BytesStart<'_>) -> Result<Head, CohortError> {
    let mut head = Head::default();
    let mut wrong = false;
    each_attribute(element, |name, value| match name {
        "r" => match column_of(value) {
            Some(column) => head.column = Some(column),
            None => wrong = true,
        },
        "s" => head.style = value.parse().unwrap_or(usize::MAX),
        "t" => {
            head.kind = match value {
                "s" => Kind::Shared,
                "str" | "d" => Kind::Text,
                "inlineStr" => Kind::Inline,
                "b" => Kind::Flag,
                "e" => Kind::Error,
                _ => Kind::Number,
            }
        }
        _ => {}
    })?;
    match wrong {
        true => Err(fault(WorkbookFault::Order)),
        false => Ok(head),
    }
}

/// The column (from 0) of `BC23`.
fn column_of(reference: &str) -> Option<u64> {
    let letters = reference
        .bytes()
        .take_while(u8::is_ascii_alphabetic)
        .count();
    if !(1..=6).contains(&letters) {
        return None;
    }
    let column = reference[..letters].bytes().fold(0, |column, letter| {
        26 * column + u64::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    Some(column - 1)
}

/// The text of `v`, or of `is`, and whether there is a formula; up to the end of the cell.
fn read_content(xml: &mut Xml<'_>, kind: Kind, content: &mut Content) -> Result<(), CohortError> {
    enum Part {
        Value,
        Inline,
        Other,
    }
    content.text.clear();
    content.formula = false;
    let outside = xml.depth().saturating_sub(1);
    while xml.depth() > outside {
        let part = match xml.next()? {
            Node::Start(e) => match e.local_name().as_ref() {
                "v" => Part::Value,
                "is" => Part::Inline,
                "f" => {
                    content.formula = true;
                    Part::Other
                }
                _ => Part::Other,
            },
            Node::Eof => return Ok(()),
            _ => continue,
        };
        match part {
            Part::Value => xml.text(&mut content.text, text::KEPT)?,
            Part::Inline => text::read(xml, &mut content.text)?,
            Part::Other => xml.skip()?,
        }
    }
    if kind == Kind::Text {
        text::unescape(&mut content.text, 0);
    }
    Ok(())
}

fn place(
    row: u64,
    column: u64,
    head: &Head,
    content: &Content,
    context: &Context,
    draft: &mut Draft,
) -> Result<(), CohortError> {
    let value = content.text.trim();
    if value.is_empty() {
        // A formula may come to an empty text; one that comes to nothing was never worked out.
        if content.formula && head.kind != Kind::Text {
            draft.note(row, column, NoteKind::Formula);
        }
        return Ok(());
    }
    match head.kind {
        Kind::Text | Kind::Inline => draft.cell(row, column, &content.text),
        Kind::Shared => {
            let text = value.parse().ok().and_then(|at| context.shared.get(at));
            let text = text.ok_or_else(|| fault(WorkbookFault::PartMissing))?;
            draft.cell(row, column, text)
        }
        Kind::Flag => draft.cell(row, column, if is_true(value) { "TRUE" } else { "FALSE" }),
        Kind::Error => {
            draft.note(row, column, NoteKind::Error);
            Ok(())
        }
        Kind::Number => {
            let is_date = context.date_styles.get(head.style) == Some(&true);
            let date = is_date
                .then(|| numbers::date(value, context.epoch))
                .flatten();
            if date.is_some() {
                draft.date();
            }
            match date.or_else(|| numbers::plain(value)) {
                Some(text) => draft.cell(row, column, &text),
                None => {
                    draft.note(row, column, NoteKind::Error);
                    Ok(())
                }
            }
        }
    }
}
