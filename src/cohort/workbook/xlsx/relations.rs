//! Which part is which. Relations that lead out of the file are left out; nothing is followed
//! twice, so that a circle of them leads nowhere.

use crate::cohort::error::{CohortError, WorkbookFault};
use crate::cohort::workbook::package::{Package, fault};
use crate::cohort::workbook::xml::{Node, Xml, each_attribute};

/// Relations of one part; workbooks have one a sheet and a few more.
const MAX_RELATIONS: usize = 4_096;

/// The relations of a part.
pub(super) struct Relations(Vec<Relation>);

#[derive(Default)]
struct Relation {
    id: String,
    /// The last word of its type: `worksheet`. Transitional and strict files differ before it.
    kind: String,
    target: String,
    external: bool,
}

impl Relations {
    /// Of the part of that name; of the file itself where it is empty. None where it has no list.
    ///
    /// # Errors
    /// When the list is damaged or leads out of the container.
    pub fn of(package: &mut Package<'_>, part: &str) -> Result<Relations, CohortError> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let list = format!("{folder}/_rels/{name}.rels");
        let mut relations = Vec::new();
        if !package.has(&list) {
            return Ok(Relations(relations));
        }
        let mut xml = Xml::new(package.part(&list)?);
        loop {
            match xml.next()? {
                Node::Start(e) if e.local_name().as_ref() == "Relationship" => {
                    let mut found = Relation::default();
                    each_attribute(&e, |name, value| match name {
                        "Id" => found.id = value.to_owned(),
                        "Type" => {
                            found.kind = value.rsplit('/').next().unwrap_or_default().to_owned();
                        }
                        "Target" => found.target = value.to_owned(),
                        "TargetMode" => found.external = value == "External",
                        _ => {}
                    })?;
                    if !found.external {
                        found.target = resolve(folder, &found.target)?;
                        relations.push(found);
                    }
                }
                Node::Eof => return Ok(Relations(relations)),
                _ => {}
            }
            if relations.len() > MAX_RELATIONS {
                return Err(fault(WorkbookFault::Count));
            }
        }
    }

    /// The first part of a kind.
    pub fn first_of(&self, kind: &str) -> Option<&str> {
        let found = self.0.iter().find(|r| r.kind == kind);
        found.map(|r| r.target.as_str())
    }

    /// The part of that id, if it is of that kind.
    pub fn target(&self, id: &str, kind: &str) -> Option<&str> {
        let found = self.0.iter().find(|r| r.id == id && r.kind == kind);
        found.map(|r| r.target.as_str())
    }
}

/// A target as a name in the container, `..` and `.` worked off.
fn resolve(folder: &str, target: &str) -> Result<String, CohortError> {
    let whole = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("{folder}/{target}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return Err(fault(WorkbookFault::Container)),
            ".." => {}
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}
