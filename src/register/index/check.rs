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

#[cfg(test)]
mod tests {
    use super::super::layout::resealed;
    use super::*;
    use crate::identity::{Dob, Record};
    use crate::register::PersonKey;

    const WHO: Record<'static> = Record {
        forename: "mary jane",
        surname: "o brien",
        dob: Dob::MISSING,
        sex: b'F',
        postcode: "M11AE",
        pnc_id: "2003/1234567Q",
        prison_number: "A1234BC",
    };

    /// Some people; names in two scripts, so that a text cut in a letter is met.
    fn index() -> RegisterIndex {
        let people = (0..30u32).map(|i| {
            let record = Record {
                dob: Dob::from_parts(1960 + i, 1 + i % 12, 1),
                surname: ["obrien", "жук", "smith"][i as usize % 3],
                ..WHO
            };
            (PersonKey(i.into()), record)
        });
        RegisterIndex::of_records(people).unwrap()
    }

    /// Asks it everything.
    fn ask(index: &RegisterIndex) {
        let mut rows = Vec::new();
        index.candidates(&WHO, &mut rows);
        assert!(rows.iter().all(|&row| row < index.rows()));
        for row in (0..index.rows().min(100)).chain([u32::MAX]) {
            let record = index.record(row);
            index.candidates(&record, &mut rows);
            assert!(rows.iter().all(|&row| row < index.rows()));
            let _ = (
                index.person(row),
                index.external_id(row),
                index.dob_count(record.dob),
            );
            let _ =
                index.forename_count(row) + index.surname_count(row) + index.postcode_count(row);
            let _ = (index.surname_id(record.surname), index.forename_id("zzz"));
        }
    }

    #[test]
    fn a_file_made_up_with_a_right_checksum_is_refused_or_stays_within_itself() {
        let whole = index().to_bytes().to_vec();
        let (mut refused, mut taken) = (0, 0);
        for at in 24..whole.len() {
            for value in [0, 1, 0x7F, 0xFF] {
                let mut bytes = whole.clone();
                if at >= 1_500 && at % 17 != 0 || bytes[at] == value {
                    continue;
                }
                bytes[at] = value;
                match RegisterIndex::from_bytes(&resealed(bytes)) {
                    Ok(index) => {
                        taken += 1;
                        ask(&index);
                    }
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(
            refused > 100 && taken > 0,
            "{refused} refused, {taken} taken"
        );
    }

    #[test]
    fn other_files_and_versions_are_told_apart() {
        let whole = index().to_bytes().to_vec();
        let error = |bytes: &[u8]| RegisterIndex::from_bytes(bytes).err();
        assert_eq!(error(b""), Some(IndexError::NoIndex));
        assert_eq!(error(&[b'x'; 4_096]), Some(IndexError::NoIndex));
        let mut other = whole.clone();
        other[8] += 1;
        assert_eq!(error(&other), Some(IndexError::OtherVersion));
        let mut spoilt = whole.clone();
        *spoilt.last_mut().unwrap() ^= 1;
        assert!(matches!(error(&spoilt), Some(IndexError::Damaged(_))));
        assert!(error(&resealed(whole)).is_none());
    }
}
