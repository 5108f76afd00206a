//! Who on the register somebody might be: the union of what the blocking keys find.

use super::RegisterIndex;
use super::keys::{self, DOB, Facts, KEYS, confirm::*, initial};
use crate::identity::Record;

/// In a block of more rows than this, something else must agree too (the key's `confirm`): many
/// share a birthday of 1 January, or the name John Smith.
pub(super) const REFINE_ABOVE: usize = 256;

/// A block of more rows than this is a value put for "not known", and is passed over: the other
/// keys find who is in it.
pub(super) const LARGEST: usize = 50_000;

impl RegisterIndex {
    /// The rows somebody might be, ascending, each once. `into` is emptied first. O(rows of the
    /// blocks looked at), a few hundred for most people in a register of a million.
    pub fn candidates(&self, who: &Record<'_>, into: &mut Vec<u32>) {
        into.clear();
        let (mut forename, mut surname) = (Vec::new(), Vec::new());
        keys::forename_sounds(who.forename, &mut forename);
        keys::sounds(who.surname, &mut surname);
        let facts = Facts {
            record: *who,
            forename: &forename,
            surname: &surname,
        };
        let asked = Asked::new(who, self);
        for (key, blocking) in KEYS.iter().enumerate() {
            (blocking.hashes)(&facts, &mut |hash| self.block(key, hash, &asked, into));
        }
        let swapped = Facts {
            record: Record {
                dob: who.dob.swapped(),
                ..*who
            },
            ..facts
        };
        if swapped.record.dob != who.dob {
            (KEYS[DOB].hashes)(&swapped, &mut |hash| self.block(DOB, hash, &asked, into));
        }
        into.sort_unstable();
        into.dedup();
    }

    fn block(&self, key: usize, hash: u64, asked: &Asked<'_>, into: &mut Vec<u32>) {
        let rows = self.postings(key).rows(hash);
        if rows.len() <= REFINE_ABOVE {
            into.extend_from_slice(rows);
        } else if rows.len() <= LARGEST {
            let by = KEYS[key].confirm;
            into.extend(rows.iter().filter(|&&row| asked.confirmed(self, row, by)));
        }
    }
}

/// Who is asked for, ready to be compared with the rows of a large block.
struct Asked<'a> {
    who: &'a Record<'a>,
    forename: Option<u32>,
    surname: Option<u32>,
    postcode: Option<u32>,
}

impl Asked<'_> {
    fn new<'a>(who: &'a Record<'a>, index: &RegisterIndex) -> Asked<'a> {
        let known = |id: Option<u32>| id.filter(|&id| id != 0);
        Asked {
            who,
            forename: known(index.forename_id(who.forename)),
            surname: known(index.surname_id(who.surname)),
            postcode: known(index.postcode_id(who.postcode)),
        }
    }

    /// Does one of the facts `by` agree? The cheap ones are asked first.
    fn confirmed(&self, index: &RegisterIndex, row: u32, by: u8) -> bool {
        let (ours, theirs) = (self.who.dob, index.dob(row));
        let undated = ours.is_missing() || theirs.is_missing();
        let (year, month, day) = (
            ours.year() == theirs.year(),
            ours.month() == theirs.month(),
            ours.day() == theirs.day(),
        );
        let told = |agrees: bool, fact: u8| if agrees { fact } else { 0 };
        let facts = told(year, YEAR)
            | told(month, MONTH)
            | told(day, DAY)
            | told(month && day, MONTH_AND_DAY);
        if !undated && facts & by != 0 {
            return true;
        }
        let ids = index.ids(row);
        let same = |ours: Option<u32>, theirs: u32| ours == Some(theirs);
        (by & POSTCODE != 0 && same(self.postcode, ids.postcode))
            || (by & UNDATED_NAMESAKE != 0
                && undated
                && same(self.forename, ids.forename)
                && same(self.surname, ids.surname))
            || (by & FORENAME_INITIAL != 0
                && same_initial(self.who.forename, index.forename(ids.forename)))
            || (by & SURNAME_INITIAL != 0
                && same_initial(self.who.surname, index.surname(ids.surname)))
    }
}

fn same_initial(a: &str, b: &str) -> bool {
    initial(a).is_some_and(|a| Some(a) == initial(b))
}
