//! The rows of a list as linkage looks for them.

use crate::cli::Failure;
use crate::cli::input::{self, ListArgs};
use crate::cohort::{self, Participant, Reading};
use crate::identity::Identity;
use std::path::Path;

/// Everybody in the list, row by row: two rows of one person are looked for twice. Not printable.
pub struct People {
    /// Their rows, as a spreadsheet shows them.
    pub rows: Vec<u32>,
    /// Who they are, in the same order.
    pub identities: Vec<Identity>,
    /// Rows of people who cannot be looked for.
    pub unusable: Vec<u32>,
}

impl People {
    /// Reads a list; no study is needed, nor a programme start.
    pub fn read(path: &Path, list: &ListArgs) -> Result<People, Failure> {
        let (table, reading) = input::table(path, list, Reading::for_linkage())?;
        let read = cohort::rows(&table, &reading, input::today()).map_err(input::refusal)?;
        if read.participants.is_empty() {
            return Err(Failure::refused(
                "nobody in the list can be looked for: no row has an identifier, or a name with a \
                 date of birth or a postcode",
                "give the columns headings like forename, surname, dob, postcode, pnc_id",
            ));
        }
        Ok(People {
            rows: read.participants.iter().map(|p| p.row).collect(),
            identities: read
                .participants
                .iter()
                .map(Participant::identity)
                .collect(),
            unusable: read.unusable,
        })
    }
}
