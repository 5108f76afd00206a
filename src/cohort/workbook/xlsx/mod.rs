//! Office Open XML workbooks, transitional or strict, whatever prefixes their elements have.

mod relations;
mod sheet;

use super::draft::Draft;
use super::package::{Package, fault};
use super::shared::Shared;
use super::styles::date_styles;
use super::xml::{Node, Xml, each_attribute, is_true};
use super::{Workbook, check_sheets, choose, look};
use crate::cohort::dates::Epoch;
use crate::cohort::error::{CohortError, WorkbookFault};
use crate::cohort::kind::OtherKind;
use crate::cohort::table::{FileKind, Table};
use relations::Relations;

/// What sheets are read by.
struct Context {
    shared: Shared,
    date_styles: Vec<bool>,
    epoch: Epoch,
}

/// A sheet as the workbook lists it.
#[derive(Default)]
struct Listed {
    relation: String,
    hidden: bool,
}

pub(super) fn decode(package: &mut Package<'_>, asked: Option<u32>) -> Result<Table, CohortError> {
    let workbook = find_workbook(package)?;
    let relations = Relations::of(package, &workbook)?;
    let (listed, epoch) = read_workbook(package, &workbook)?;
    let of = Workbook {
        kind: FileKind::Xlsx,
        epoch_1904: epoch == Epoch::Y1904,
        sheets: check_sheets(listed.len())?.max(1),
        // At most MAX_SHEETS.
        hidden_sheets: listed.iter().filter(|s| s.hidden).count() as u32,
    };
    let context = Context {
        shared: match relations.first_of("sharedStrings") {
            Some(part) if package.has(part) => Shared::read(package, part)?,
            _ => Shared::default(),
        },
        date_styles: match relations.first_of("styles") {
            Some(part) if package.has(part) => date_styles(package, part)?,
            _ => Vec::new(),
        },
        epoch,
    };
    let mut looked = Vec::new();
    for (position, sheet) in (1..).zip(&listed) {
        if asked.map_or(sheet.hidden, |asked| asked != position) {
            continue;
        }
        // Charts and dialogs have relations of other kinds.
        let Some(part) = relations.target(&sheet.relation, "worksheet") else {
            continue;
        };
        let part = package.part(part)?;
        looked.push(look(position, Draft::new(asked.is_some()), |draft| {
            sheet::read(&mut Xml::new(part), &context, draft)
        })?);
    }
    if looked.is_empty() && asked.is_none_or(|a| a <= of.sheets) {
        return Err(fault(WorkbookFault::PartMissing));
    }
    choose(looked, asked, of)
}

/// The part with the list of sheets.
fn find_workbook(package: &mut Package<'_>) -> Result<String, CohortError> {
    let named = match package.has("_rels/.rels") {
        true => Relations::of(package, "")?
            .first_of("officeDocument")
            .map(str::to_owned),
        false => None,
    };
    let part = named.unwrap_or_else(|| "xl/workbook.xml".to_owned());
    let other = |kind| Err(CohortError::OtherKind { kind });
    if part.to_lowercase().ends_with(".bin") {
        return other(OtherKind::BinaryExcel);
    }
    if ["word/", "ppt/", "visio/"]
        .iter()
        .any(|f| part.to_lowercase().starts_with(f))
    {
        return other(OtherKind::OfficeDocument);
    }
    match package.has(&part) {
        true => Ok(part),
        false => Err(fault(WorkbookFault::PartMissing)),
    }
}

fn read_workbook(
    package: &mut Package<'_>,
    part: &str,
) -> Result<(Vec<Listed>, Epoch), CohortError> {
    let mut listed: Vec<Listed> = Vec::new();
    let mut epoch = Epoch::Y1900;
    let mut root = true;
    let mut xml = Xml::new(package.part(part)?);
    loop {
        match xml.next()? {
            Node::Start(e) => {
                if std::mem::take(&mut root) && e.local_name().as_ref() != "workbook" {
                    return Err(fault(WorkbookFault::Shape));
                }
                match e.local_name().as_ref() {
                    "workbookPr" => each_attribute(&e, |name, value| {
                        if name == "date1904" && is_true(value) {
                            epoch = Epoch::Y1904;
                        }
                    })?,
                    "sheet" => {
                        let mut sheet = Listed::default();
                        each_attribute(&e, |name, value| match name {
                            "id" => sheet.relation = value.to_owned(),
                            "state" => sheet.hidden = value != "visible",
                            _ => {}
                        })?;
                        listed.push(sheet);
                        check_sheets(listed.len())?;
                    }
                    _ => {}
                }
            }
            Node::Eof => return Ok((listed, epoch)),
            _ => {}
        }
    }
}
