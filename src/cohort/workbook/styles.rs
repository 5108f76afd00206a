//! Which cell styles of an XLSX workbook show a number as a date.

use super::numbers::is_date_format;
use super::package::{Package, fault};
use super::xml::{Node, Xml, each_attribute};
use crate::cohort::error::{CohortError, WorkbookFault};
use std::collections::HashMap;

/// Cell styles; Excel's own limit is 65,490.
const MAX_STYLES: usize = 70_000;

/// For each cell style: is it a date's?
pub(super) fn date_styles(package: &mut Package<'_>, part: &str) -> Result<Vec<bool>, CohortError> {
    let mut codes: HashMap<u32, bool> = HashMap::new();
    let mut dates = Vec::new();
    let mut in_cell_styles = false;
    let mut xml = Xml::new(package.part(part)?);
    loop {
        match xml.next()? {
            Node::Start(e) => match e.local_name().as_ref() {
                "numFmt" => {
                    let (mut id, mut date) = (None, false);
                    each_attribute(&e, |name, value| match name {
                        "numFmtId" => id = value.trim().parse().ok(),
                        "formatCode" => date = is_date_format(0, Some(value)),
                        _ => {}
                    })?;
                    codes.extend(id.map(|id| (id, date)));
                }
                "cellXfs" => in_cell_styles = true,
                "xf" if in_cell_styles => {
                    let mut id = 0;
                    each_attribute(&e, |name, value| {
                        if name == "numFmtId" {
                            id = value.trim().parse().unwrap_or(0);
                        }
                    })?;
                    let own = codes.get(&id).copied();
                    dates.push(own.unwrap_or_else(|| is_date_format(id, None)));
                }
                _ => {}
            },
            Node::End(e) if e.local_name().as_ref() == "cellXfs" => in_cell_styles = false,
            Node::Eof => return Ok(dates),
            _ => {}
        }
        if codes.len() > MAX_STYLES || dates.len() > MAX_STYLES {
            return Err(fault(WorkbookFault::Count));
        }
    }
}
