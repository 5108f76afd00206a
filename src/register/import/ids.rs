//! Person ids: whole numbers are the keys themselves; texts are numbered in their order.

use super::ImportError;
use super::source::Source;
use crate::register::index::Interner;

/// Every person's id and key. Eight bytes a person, and the text of ids that are texts.
pub(super) enum Ids {
    /// Ascending, each once.
    Whole(Vec<u64>),
    Texts {
        texts: Interner,
        /// Number of the text to key.
        keys: Vec<u64>,
    },
}

impl Ids {
    /// Reads the ids: one pass.
    pub fn read(
        source: &Source,
        column: usize,
        progress: &mut dyn FnMut(&'static str, u64),
    ) -> Result<Ids, ImportError> {
        let (mut whole, mut texts): (Vec<u64>, Option<Interner>) = (Vec::new(), None);
        let mut done = 0;
        let rows = source.each_row(&[column], |at, cells| {
            let Some(id) = &cells[0] else {
                return Err(source.cell(at, "person_id", "it is blank; every row needs one"));
            };
            match (&mut texts, whole_number(id)) {
                (None, Some(number)) => whole.push(number),
                (None, None) => {
                    let mut all = Interner::new();
                    for number in std::mem::take(&mut whole) {
                        intern(&mut all, &number.to_string())?;
                    }
                    intern(&mut all, id)?;
                    texts = Some(all);
                }
                (Some(all), _) => intern(all, id)?,
            }
            done += 1;
            if u64::is_multiple_of(done, 65_536) {
                progress("reading person ids", done);
            }
            Ok(())
        })?;
        if rows == 0 {
            return Err(ImportError::Unreadable {
                file: source.file,
                reason: "it has headings and no rows".into(),
            });
        }
        Ok(match texts {
            None => {
                whole.sort_unstable();
                whole.dedup();
                Ids::Whole(whole)
            }
            Some(texts) => {
                let mut keys = vec![0; texts.len()];
                for (key, number) in texts.sorted().into_iter().enumerate() {
                    keys[number as usize] = key as u64;
                }
                Ids::Texts { texts, keys }
            }
        })
    }

    /// The key of an id, if anybody has it.
    pub fn key(&self, id: &str) -> Option<u64> {
        match self {
            Ids::Whole(keys) => whole_number(id).filter(|key| keys.binary_search(key).is_ok()),
            Ids::Texts { texts, keys } => texts.find(id).map(|number| keys[number as usize]),
        }
    }

    pub fn are_texts(&self) -> bool {
        matches!(self, Ids::Texts { .. })
    }

    /// Distinct persons.
    pub fn people(&self) -> u64 {
        match self {
            Ids::Whole(keys) => keys.len() as u64,
            // The empty text is nobody's.
            Ids::Texts { texts, .. } => texts.len() as u64 - 1,
        }
    }
}

fn intern(texts: &mut Interner, id: &str) -> Result<(), ImportError> {
    let done = texts.intern(id).map(drop);
    done.map_err(|e| ImportError::Register(e.into()))
}

/// A number that is written as numbers are: `007` and `7` are two ids.
fn whole_number(id: &str) -> Option<u64> {
    let digits = id.bytes().all(|b| b.is_ascii_digit()) && (id.len() == 1 || !id.starts_with('0'));
    digits.then(|| id.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_written_as_numbers_are_whole() {
        assert_eq!(whole_number("0"), Some(0));
        assert_eq!(whole_number("18446744073709551615"), Some(u64::MAX));
        for text in ["", "007", "-1", "+1", "1.0", "18446744073709551616", "A1"] {
            assert_eq!(whole_number(text), None, "{text}");
        }
    }
}
