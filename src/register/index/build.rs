//! An index from records: columns first, each distinct name normalised once; then the postings, a
//! blocking key at a time. O(n log n); memory while it runs is about twice the index.

use super::intern::Interner;
use super::keys::{self, Facts, KEYS};
use super::layout::{Laid, SECTIONS};
use super::{IndexError, RegisterIndex, postings};
use crate::identity::{self, Dob, Record};
use rayon::prelude::*;

/// A column of names: distinct normal forms, and which one each row has.
pub(super) struct Names {
    /// What was written; only to normalise it once.
    written: Interner,
    /// Written to normal.
    normal_of: Vec<u32>,
    normal: Interner,
    rows: Vec<u32>,
    form: fn(&str) -> String,
}

impl Names {
    fn new(form: fn(&str) -> String) -> Names {
        Names {
            written: Interner::new(),
            normal_of: vec![0],
            normal: Interner::new(),
            rows: Vec::new(),
            form,
        }
    }

    /// The next row, as written.
    pub fn push(&mut self, text: Option<&str>) -> Result<(), IndexError> {
        let (id, new) = self.written.intern(text.unwrap_or(""))?;
        if new {
            let (normal, _) = self.normal.intern(&(self.form)(text.unwrap_or("")))?;
            self.normal_of.push(normal);
        }
        self.rows.push(self.normal_of[id as usize]);
        Ok(())
    }

    /// The next row, in its normal form.
    fn push_normal(&mut self, text: &str) -> Result<(), IndexError> {
        let (normal, _) = self.normal.intern(text)?;
        self.rows.push(normal);
        Ok(())
    }

    /// Numbers the texts in their order: arena, ends, records of each, row to number.
    fn sorted(self) -> Sorted {
        drop(self.written);
        let order = self.normal.sorted();
        let mut rank = vec![0u32; order.len()];
        let mut texts = Texts::default();
        for (i, &id) in order.iter().enumerate() {
            rank[id as usize] = i as u32;
            texts.push(self.normal.get(id));
        }
        let mut rows = self.rows;
        let mut counts = vec![0u32; order.len()];
        for row in &mut rows {
            *row = rank[*row as usize];
            counts[*row as usize] += 1;
        }
        Sorted {
            texts,
            counts,
            rows,
        }
    }
}

struct Sorted {
    texts: Texts,
    counts: Vec<u32>,
    rows: Vec<u32>,
}

/// Texts end to end.
#[derive(Default)]
pub(super) struct Texts {
    arena: Vec<u8>,
    ends: Vec<u32>,
}

impl Texts {
    /// The next one. Too many bytes are told by [`Texts::fits`].
    pub fn push(&mut self, text: &[u8]) {
        self.arena.extend_from_slice(text);
        self.ends.push(self.arena.len() as u32);
    }

    fn fits(&self) -> bool {
        u32::try_from(self.arena.len()).is_ok()
    }

    fn get(&self, at: usize) -> &str {
        let start = match at {
            0 => 0,
            _ => self.ends[at - 1] as usize,
        };
        std::str::from_utf8(&self.arena[start..self.ends[at] as usize]).unwrap_or("")
    }
}

/// Takes records, a row or a column at a time.
pub(crate) struct IndexBuilder {
    pub(super) forename: Names,
    pub(super) surname: Names,
    pub(super) postcode: Names,
    pub(super) dob: Vec<Dob>,
    pub(super) sex: Vec<u8>,
    pub(super) person: Vec<u64>,
    pub(super) pnc_id: Texts,
    pub(super) prison_number: Texts,
    /// Empty when person ids are whole numbers.
    pub(super) external: Texts,
    /// Of the persons file.
    pub(super) source: [u8; 32],
}

impl IndexBuilder {
    pub(crate) fn new() -> IndexBuilder {
        IndexBuilder {
            forename: Names::new(identity::name_parts),
            surname: Names::new(identity::name_parts),
            postcode: Names::new(identity::squeezed),
            dob: Vec::new(),
            sex: Vec::new(),
            person: Vec::new(),
            pnc_id: Texts::default(),
            prison_number: Texts::default(),
            external: Texts::default(),
            source: [0; 32],
        }
    }

    /// The next record, in its normal form.
    pub(crate) fn push_record(&mut self, person: u64, r: &Record<'_>) -> Result<(), IndexError> {
        self.forename.push_normal(r.forename)?;
        self.surname.push_normal(r.surname)?;
        self.postcode.push_normal(r.postcode)?;
        self.dob.push(r.dob);
        self.sex.push(r.sex);
        self.person.push(person);
        self.pnc_id.push(r.pnc_id.as_bytes());
        self.prison_number.push(r.prison_number.as_bytes());
        Ok(())
    }

    /// Lays out the index.
    pub(crate) fn finish(self) -> Result<RegisterIndex, IndexError> {
        let rows = u32::try_from(self.person.len()).map_err(|_| IndexError::TooLarge)?;
        let whole = [
            self.forename.rows.len(),
            self.surname.rows.len(),
            self.postcode.rows.len(),
            self.dob.len(),
            self.sex.len(),
            self.pnc_id.ends.len(),
            self.prison_number.ends.len(),
        ];
        let texts = [&self.pnc_id, &self.prison_number, &self.external];
        if whole.iter().any(|&n| n != rows as usize) || texts.iter().any(|t| !t.fits()) {
            return Err(IndexError::TooLarge);
        }
        let columns = Columns {
            forename: self.forename.sorted(),
            surname: self.surname.sorted(),
            postcode: self.postcode.sorted(),
            dob: self.dob,
            pnc_id: self.pnc_id,
            prison_number: self.prison_number,
        };
        let postings = columns.postings(rows)?;
        let mut people = self.person.clone();
        people.sort_unstable();
        people.dedup();
        let mut sections: Vec<Vec<u8>> = Vec::with_capacity(SECTIONS);
        for names in [&columns.forename, &columns.surname, &columns.postcode] {
            sections.push(names.texts.arena.clone());
            sections.push(bytes(&names.texts.ends));
            sections.push(bytes(&names.counts));
        }
        for names in [&columns.forename, &columns.surname, &columns.postcode] {
            sections.push(bytes(&names.rows));
        }
        sections.push(bytes(&columns.dob));
        sections.push(self.sex);
        sections.push(keys_as_small_as_they_fit(&self.person, &people));
        for texts in [columns.pnc_id, columns.prison_number, self.external] {
            sections.push(texts.arena);
            sections.push(bytes(&texts.ends));
        }
        for list in postings {
            sections.push(bytes(&list.starts));
            sections.push(bytes(&list.rows));
            sections.push(list.tags);
        }
        let laid = Laid::out(rows.into(), people.len() as u64, self.source, &sections)?;
        Ok(RegisterIndex { laid })
    }
}

/// Half the bytes when the last key, of those sorted, is a small number.
fn keys_as_small_as_they_fit(keys: &[u64], sorted: &[u64]) -> Vec<u8> {
    match sorted.last().map(|&last| u32::try_from(last)) {
        Some(Err(_)) => bytes(keys),
        _ => bytes(&keys.iter().map(|&key| key as u32).collect::<Vec<u32>>()),
    }
}

/// The next identifier, in its normal form.
pub(super) fn push_form(texts: &mut Texts, text: Option<&str>, form: fn(&str) -> String) {
    match text {
        Some(text) => texts.push(form(text).as_bytes()),
        None => texts.push(b""),
    }
}

fn bytes<T: bytemuck::NoUninit>(numbers: &[T]) -> Vec<u8> {
    bytemuck::cast_slice(numbers).to_vec()
}

/// What the blocking keys are made of.
struct Columns {
    forename: Sorted,
    surname: Sorted,
    postcode: Sorted,
    dob: Vec<Dob>,
    pnc_id: Texts,
    prison_number: Texts,
}

impl Columns {
    fn postings(&self, rows: u32) -> Result<Vec<postings::Built>, IndexError> {
        let forename = Sounds::of(&self.forename.texts);
        let surname = Sounds::of(&self.surname.texts);
        KEYS.par_iter()
            .map(|key| {
                let mut entries = Vec::with_capacity(rows as usize);
                for row in 0..rows {
                    let at = row as usize;
                    let facts = Facts {
                        record: self.record(at),
                        forename: forename.get(self.forename.rows[at]),
                        surname: surname.get(self.surname.rows[at]),
                    };
                    (key.hashes)(&facts, &mut |hash| entries.push(postings::entry(hash, row)));
                }
                postings::build(entries).ok_or(IndexError::TooLarge)
            })
            .collect()
    }

    /// Of the fields that keys look at.
    fn record(&self, at: usize) -> Record<'_> {
        Record {
            forename: self.forename.texts.get(self.forename.rows[at] as usize),
            surname: self.surname.texts.get(self.surname.rows[at] as usize),
            dob: self.dob[at],
            sex: 0,
            postcode: self.postcode.texts.get(self.postcode.rows[at] as usize),
            pnc_id: self.pnc_id.get(at),
            prison_number: self.prison_number.get(at),
        }
    }
}

/// The sounds of each distinct name.
struct Sounds {
    all: Vec<u32>,
    ends: Vec<usize>,
}

impl Sounds {
    fn of(texts: &Texts) -> Sounds {
        let (mut all, mut ends) = (Vec::new(), Vec::with_capacity(texts.ends.len()));
        let mut of_one = Vec::new();
        for at in 0..texts.ends.len() {
            keys::sounds(texts.get(at), &mut of_one);
            all.extend_from_slice(&of_one);
            ends.push(all.len());
        }
        Sounds { all, ends }
    }

    fn get(&self, id: u32) -> &[u32] {
        let start = match id {
            0 => 0,
            _ => self.ends[id as usize - 1],
        };
        &self.all[start..self.ends[id as usize]]
    }
}
