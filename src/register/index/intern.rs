//! Distinct texts, each kept once: an arena and an open-addressing table, no string on the heap a
//! text.

use super::IndexError;

/// Where the table has room.
const EMPTY: u32 = u32::MAX;

/// Texts numbered from 0 in order of first sight; 0 is the empty text.
pub(in crate::register) struct Interner {
    arena: Vec<u8>,
    /// End of each text in the arena.
    ends: Vec<u32>,
    table: Vec<u32>,
}

impl Interner {
    pub fn new() -> Interner {
        let mut interner = Interner {
            arena: Vec::new(),
            ends: vec![0],
            table: vec![EMPTY; 64],
        };
        interner.put(0);
        interner
    }

    /// How many, the empty text included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn get(&self, id: u32) -> &[u8] {
        let at = id as usize;
        let start = match at {
            0 => 0,
            _ => self.ends[at - 1],
        };
        &self.arena[start as usize..self.ends[at] as usize]
    }

    /// The number of a text, if it has one.
    pub fn find(&self, text: &str) -> Option<u32> {
        let mask = self.table.len() - 1;
        let mut slot = text_hash(text.as_bytes()) as usize & mask;
        loop {
            match self.table[slot] {
                EMPTY => return None,
                id if self.get(id) == text.as_bytes() => return Some(id),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    /// The number of a text, and whether it is new.
    pub fn intern(&mut self, text: &str) -> Result<(u32, bool), IndexError> {
        let mask = self.table.len() - 1;
        let mut slot = text_hash(text.as_bytes()) as usize & mask;
        loop {
            match self.table[slot] {
                EMPTY => break,
                id if self.get(id) == text.as_bytes() => return Ok((id, false)),
                _ => slot = (slot + 1) & mask,
            }
        }
        // Below EMPTY, since a record has at most one text a column and rows are below it too.
        let id = self.ends.len() as u32;
        self.arena.extend_from_slice(text.as_bytes());
        let end = u32::try_from(self.arena.len()).map_err(|_| IndexError::TooLarge)?;
        self.ends.push(end);
        self.table[slot] = id;
        if self.ends.len() * 4 > self.table.len() * 3 {
            self.grow();
        }
        Ok((id, true))
    }

    fn grow(&mut self) {
        self.table = vec![EMPTY; self.table.len() * 2];
        for id in 0..self.ends.len() as u32 {
            self.put(id);
        }
    }

    fn put(&mut self, id: u32) {
        let mask = self.table.len() - 1;
        let mut slot = text_hash(self.get(id)) as usize & mask;
        while self.table[slot] != EMPTY {
            slot = (slot + 1) & mask;
        }
        self.table[slot] = id;
    }

    /// The numbers in the order of their texts; the empty text is first.
    pub fn sorted(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = (0..self.len() as u32).collect();
        ids.sort_unstable_by_key(|&id| self.get(id));
        ids
    }
}

/// A hash that is the same on every machine and in every version: eight bytes at a time, mixed.
pub(super) fn text_hash(text: &[u8]) -> u64 {
    let mut hash = mixed(text.len() as u64);
    for chunk in text.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = mixed(hash ^ u64::from_le_bytes(word));
    }
    hash
}

/// Steele, Lea & Flood's (2014) finaliser of splitmix64: every bit in changes half of those out.
pub(super) fn mixed(word: u64) -> u64 {
    let word = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn every_text_has_one_number_and_keeps_it() {
        let mut interner = Interner::new();
        let mut first: HashMap<String, u32> = HashMap::new();
        for i in (0..5_000).chain(2_000..7_000) {
            let text = format!("text {}", i * 7919 % 6_000);
            let (id, new) = interner.intern(&text).unwrap();
            assert_eq!(new, !first.contains_key(&text));
            assert_eq!(*first.entry(text.clone()).or_insert(id), id);
            assert_eq!(interner.get(id), text.as_bytes());
        }
        assert_eq!(interner.intern("").unwrap(), (0, false));
        assert_eq!(interner.len(), first.len() + 1);
        let sorted = interner.sorted();
        assert_eq!(sorted[0], 0);
        assert!(
            sorted
                .windows(2)
                .all(|w| interner.get(w[0]) < interner.get(w[1]))
        );
    }
}
