//! OpenDocument spreadsheets.

use super::draft::Draft;
use super::numbers;
use super::package::{Package, fault};
use super::text::KEPT;
use super::xml::{Node, Xml, attribute, each_attribute};
use super::{Looked, Workbook, check_sheets, choose, look};
use crate::cohort::error::{CohortError, WorkbookFault};
use crate::cohort::kind::OtherKind;
use crate::cohort::table::{FileKind, NoteKind, Table};
use quick_xml::events::BytesStart;
use std::collections::HashSet;

const MIME: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
/// Styles of hidden sheets.
const MAX_STYLES: usize = 10_000;

pub(super) fn decode(package: &mut Package<'_>, asked: Option<u32>) -> Result<Table, CohortError> {
    if package.has("mimetype")
        && !package
            .head("mimetype", 200)?
            .trim_ascii()
            .starts_with(MIME)
    {
        return Err(CohortError::OtherKind {
            kind: OtherKind::OfficeDocument,
        });
    }
    refuse_encrypted(package)?;
    let mut xml = Xml::new(package.part("content.xml")?);
    let mut hidden_styles = HashSet::new();
    let mut style = String::new();
    let mut looked = Vec::new();
    let mut of = Workbook {
        kind: FileKind::Ods,
        epoch_1904: false,
        sheets: 0,
        hidden_sheets: 0,
    };
    let mut spreadsheet = false;
    loop {
        match xml.next()? {
            Node::Start(e) => match e.local_name().as_ref() {
                "style" => style = attribute(&e, "name")?.unwrap_or_default(),
                "table-properties"
                    if attribute(&e, "display")?.as_deref() == Some("false")
                        && hidden_styles.len() < MAX_STYLES =>
                {
                    hidden_styles.insert(style.clone());
                }
                "spreadsheet" => spreadsheet = true,
                "tracked-changes" | "dde-links" => xml.skip()?,
                "table" if spreadsheet => {
                    let own = attribute(&e, "style-name")?.unwrap_or_default();
                    of.sheets = check_sheets(of.sheets as usize + 1)?;
                    let hidden = hidden_styles.contains(&own);
                    of.hidden_sheets += u32::from(hidden);
                    sheet(&mut xml, of.sheets, hidden, asked, &mut looked)?;
                }
                _ => {}
            },
            Node::Eof => break,
            _ => {}
        }
    }
    if !spreadsheet {
        return Err(CohortError::OtherKind {
            kind: OtherKind::OfficeDocument,
        });
    }
    if of.sheets == 0 {
        return Err(fault(WorkbookFault::PartMissing));
    }
    choose(looked, asked, of)
}

/// An encrypted file has its parts in the usual places, and says so in its manifest.
fn refuse_encrypted(package: &mut Package<'_>) -> Result<(), CohortError> {
    const MANIFEST: &str = "META-INF/manifest.xml";
    if !package.has(MANIFEST) {
        return Ok(());
    }
    let mut xml = Xml::new(package.part(MANIFEST)?);
    loop {
        match xml.next()? {
            Node::Start(e) if e.local_name().as_ref() == "encryption-data" => {
                return Err(fault(WorkbookFault::Encrypted));
            }
            Node::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// After the start of a sheet: reads it if it may be chosen, and passes over the rest of it.
fn sheet(
    xml: &mut Xml<'_>,
    position: u32,
    hidden: bool,
    asked: Option<u32>,
    looked: &mut Vec<Looked>,
) -> Result<(), CohortError> {
    let outside = xml.depth().saturating_sub(1);
    if asked.map_or(!hidden, |asked| asked == position) {
        looked.push(look(position, Draft::new(asked.is_some()), |draft| {
            read(xml, draft)
        })?);
    }
    while xml.depth() > outside {
        if let Node::Eof = xml.next()? {
            break;
        }
    }
    Ok(())
}

/// Rows into `draft` up to the end of the sheet, or until it is plain that nobody is in them.
fn read(xml: &mut Xml<'_>, draft: &mut Draft) -> Result<(), CohortError> {
    let outside = xml.depth().saturating_sub(1);
    let (mut row, mut column) = (1, 0);
    let mut text = String::new();
    while xml.depth() > outside {
        let start = match xml.next()? {
            Node::Start(e) => e,
            Node::Eof => return Ok(()),
            _ => continue,
        };
        match start.local_name().as_ref() {
            "table-column" => {
                let (times, hidden) = repeated(&start, "number-columns-repeated")?;
                let end = times.saturating_add(column);
                if hidden {
                    draft.hide_columns(column..end);
                }
                column = end;
            }
            "table-row" => {
                let (times, hidden) = repeated(&start, "number-rows-repeated")?;
                read_row(xml, row, draft, &mut text)?;
                if !draft.end_row(row, times, hidden)? {
                    return Ok(());
                }
                row = row.saturating_add(times);
            }
            // Groups of rows and columns are looked into; pictures, forms and sources are not.
            "table-rows"
            | "table-row-group"
            | "table-header-rows"
            | "table-columns"
            | "table-column-group"
            | "table-header-columns" => {}
            _ => xml.skip()?,
        }
    }
    Ok(())
}

/// How often a row or column is there in a row, and whether it is hidden.
fn repeated(element: &BytesStart<'_>, attribute: &str) -> Result<(u64, bool), CohortError> {
    let (mut times, mut hidden) = (Some(1), false);
    each_attribute(element, |name, value| {
        if name == attribute {
            times = value.trim().parse().ok();
        } else if name == "visibility" {
            hidden = value == "collapse" || value == "filter";
        }
    })?;
    match times {
        Some(times) if times > 0 => Ok((times, hidden)),
        _ => Err(fault(WorkbookFault::Order)),
    }
}

/// A cell's attributes.
#[derive(Default)]
struct Head {
    times: u64,
    covered: bool,
    kind: String,
    value: Option<String>,
    formula: bool,
    error: bool,
}

fn read_row(
    xml: &mut Xml<'_>,
    row: u64,
    draft: &mut Draft,
    text: &mut String,
) -> Result<(), CohortError> {
    let outside = xml.depth().saturating_sub(1);
    let mut column: u64 = 0;
    while xml.depth() > outside {
        let head = match xml.next()? {
            Node::Start(e) => match e.local_name().as_ref() {
                "table-cell" | "covered-table-cell" => cell_head(&e)?,
                _ => continue,
            },
            Node::Eof => return Ok(()),
            _ => continue,
        };
        text.clear();
        read_text(xml, text)?;
        if !head.covered {
            place(row, column, &head, text, draft)?;
        }
        column = column.saturating_add(head.times);
    }
    Ok(())
}

fn cell_head(element: &BytesStart<'_>) -> Result<Head, CohortError> {
    let mut head = Head {
        times: repeated(element, "number-columns-repeated")?.0,
        covered: element.local_name().as_ref() == "covered-table-cell",
        ..Head::default()
    };
    each_attribute(element, |name, value| match name {
        // An error is told by an extension beside a kind that says text.
        "value-type" if value == "error" => head.error = true,
        "value-type" => head.kind = value.to_owned(),
        "value" | "date-value" | "boolean-value" | "string-value" => {
            head.value = Some(value.to_owned());
        }
        "formula" => head.formula = true,
        _ => {}
    })?;
    Ok(head)
}

/// The paragraphs of a cell, up to its end; comments and drawings are no part of its value.
fn read_text(xml: &mut Xml<'_>, text: &mut String) -> Result<(), CohortError> {
    let outside = xml.depth().saturating_sub(1);
    let mut paragraph = None;
    while xml.depth() > outside {
        let within = paragraph.is_some();
        let depth = xml.depth();
        let skipped = match xml.next()? {
            Node::Text(t) if within && text.len() < KEPT => {
                text.push_str(&t);
                false
            }
            Node::Start(e) => match e.local_name().as_ref() {
                "p" | "h" if !within => {
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    paragraph = Some(depth);
                    false
                }
                "s" | "tab" | "line-break" if within => {
                    text.push(' ');
                    false
                }
                "span" | "a" | "ruby" | "ruby-base" if within => false,
                // With it: annotations, shapes, tables in cells, phonetic guides, notes.
                _ => true,
            },
            Node::End(_) => {
                if paragraph == depth.checked_sub(1) {
                    paragraph = None;
                }
                false
            }
            Node::Eof => return Ok(()),
            _ => false,
        };
        if skipped {
            xml.skip()?;
        }
    }
    Ok(())
}

fn place(
    row: u64,
    column: u64,
    head: &Head,
    text: &str,
    draft: &mut Draft,
) -> Result<(), CohortError> {
    let shown_error = head.formula && (text.starts_with('#') || text.starts_with("Err:"));
    if head.error || shown_error {
        draft.note(row, column, NoteKind::Error);
        return Ok(());
    }
    let value = head.value.as_deref();
    let number = || value.and_then(numbers::plain);
    let known = match head.kind.as_str() {
        "float" | "percentage" | "currency" => number(),
        "date" => value.map(|date| {
            draft.date();
            date.replace('T', " ")
        }),
        "boolean" => value.map(str::to_uppercase),
        "string" => value.map(str::to_owned),
        _ => None,
    };
    let cell = known.as_deref().unwrap_or(text);
    if cell.is_empty() && head.formula && head.kind.is_empty() {
        draft.note(row, column, NoteKind::Formula);
    }
    if cell.trim().is_empty() {
        return Ok(());
    }
    // Beyond the last column that may be, the first cell is refused: no more than that are filled.
    for at in column..column.saturating_add(head.times) {
        draft.cell(row, at, cell)?;
    }
    Ok(())
}
