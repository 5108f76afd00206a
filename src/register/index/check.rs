//! Is an index that somebody hands in sound? Every number in it is looked at once, so that nothing
//! that is read later can point elsewhere. O(bytes).

use super::keys::KEYS;
use super::layout::{Laid, Section};
use super::{Column, FORENAMES, IndexError, POSTCODES, RegisterIndex, SURNAMES};

impl RegisterIndex {
    /// Takes sections that lie within the bytes; looks at what they hold.
    pub(super) fn sound(laid: Laid) -> Result<RegisterIndex, IndexError> {
        let rows = u32::try_from(laid.header.rows).map_err(|_| IndexError::TooLarge)?;
        let index = RegisterIndex { laid };
        let names = [
            (FORENAMES, Section::Forename),
            (SURNAMES, Section::Surname),
            (POSTCODES, Section::Postcode),
        ];
        let texts = [
            (Section::PncText, Section::PncEnds, rows),
            (Section::PrisonText, Section::PrisonEnds, rows),
            (Section::IdText, Section::IdEnds, index.ids_kept(rows)),
        ];
        let sound = names
            .into_iter()
            .all(|(column, of)| index.is_column(column, of, rows))
            && texts
                .into_iter()
                .all(|(text, ends, n)| index.is_texts(text, ends, n))
            && index.count::<u32>(Section::Dob) == Some(rows)
            && index.count::<u8>(Section::Sex) == Some(rows)
            && (index.count::<u64>(Section::Person) == Some(rows)
                || index.count::<u32>(Section::Person) == Some(rows))
            && index.laid.header.people <= rows.into();
        if !sound {
            return Err(IndexError::Damaged("a column is not what the others need"));
        }
        if !(0..KEYS.len()).all(|key| index.postings(key).is_sound(rows)) {
            return Err(IndexError::Damaged("a posting list points elsewhere"));
        }
        Ok(index)
    }

    /// Ids are kept of all or of nobody.
    fn ids_kept(&self, rows: u32) -> u32 {
        match self.laid.section(Section::IdEnds as usize).is_empty() {
            true => 0,
            false => rows,
        }
    }

    fn count<T: bytemuck::Pod>(&self, section: Section) -> Option<u32> {
        let bytes = self.laid.section(section as usize).len();
        let whole = bytes.is_multiple_of(size_of::<T>());
        whole.then(|| u32::try_from(bytes / size_of::<T>()).ok())?
    }

    /// Distinct texts in order, the empty one first; a count each; each row's number among them.
    fn is_column(&self, column: Column, of: Section, rows: u32) -> bool {
        let Some(distinct) = self.count::<u32>(column.ends).filter(|&n| n > 0) else {
            return false;
        };
        let text = |id| self.text(column.text, column.ends, id);
        let ids: &[u32] = self.laid.numbers(of as usize);
        self.is_texts(column.text, column.ends, distinct)
            && text(0).is_empty()
            && (1..distinct).all(|id| text(id - 1) < text(id))
            && self.count::<u32>(column.counts) == Some(distinct)
            && self.count::<u32>(of) == Some(rows)
            && ids.iter().all(|&id| id < distinct)
    }

    fn is_texts(&self, arena: Section, ends: Section, n: u32) -> bool {
        let arena = self.laid.section(arena as usize);
        let Ok(text) = std::str::from_utf8(arena) else {
            return false;
        };
        let numbers: &[u32] = self.laid.numbers(ends as usize);
        self.count::<u32>(ends) == Some(n)
            && numbers.is_sorted()
            && numbers.last().map_or(0, |&end| end as usize) == arena.len()
            && numbers
                .iter()
                .all(|&end| text.is_char_boundary(end as usize))
    }
}
