//! An empty file to fill in.

use super::headings::Field;
use crate::study::{LinkageKey, Study};

/// The headings a study can use, as a CSV file without people. Begins with a byte-order mark, so
/// that spreadsheet programs keep accented letters.
pub fn template(study: &Study) -> String {
    let keys = &study.linkage.keys;
    let wanted = |field: &Field| match field {
        Field::PncId => keys.contains(&LinkageKey::PncId),
        Field::PrisonNumber => keys.contains(&LinkageKey::PrisonNumber),
        _ => true,
    };
    let names: Vec<&str> = Field::ALL
        .iter()
        .filter(|f| wanted(f))
        .map(|f| f.name())
        .collect();
    format!("\u{FEFF}{}\r\n", names.join(","))
}
