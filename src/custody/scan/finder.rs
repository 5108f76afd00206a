//! Looks for all marks of all submissions in one pass over the bytes.

use super::MarkSet;
use crate::custody::marks::{Base, MarkKey, SIEVE_BITS, SPAN, WINDOW};
use std::io::{self, Read};
use zeroize::{Zeroize, Zeroizing};

/// Bytes read at a time.
pub const PIECE: usize = 1 << 18;
/// Bytes of a piece kept for the windows that end in the next.
const KEPT: usize = SPAN - 1;
/// Blank stretches of this many windows are passed over at once.
const BLOCK: usize = 4096;
/// Bits of the bitmap for each print, and at least: so few windows pass it that are no mark.
const BITS_PER_PRINT: usize = 64;
const LEAST_BITS: usize = 1 << 19;
const MOST_BITS: usize = 1 << SIEVE_BITS;
/// Bytes of a word of memory, and windows looked at together.
const WORD: usize = 8;

static BLANK: [u8; BLOCK + SPAN] = [0; BLOCK + SPAN];

/// A print in the clear.
#[derive(Clone, Copy, Zeroize)]
struct Entry {
    sieve: u32,
    tag: u64,
    set: u32,
    mark: u32,
    span: u8,
}

/// The prints of all sets with one base.
struct Group {
    base: Base,
    /// By sieve.
    entries: Zeroizing<Vec<Entry>>,
    /// Where the entries begin whose sieve begins with those bits.
    starts: Vec<u32>,
    starts_shift: u32,
    bitmap: Vec<u64>,
    bitmap_shift: u32,
}

/// Everything that is looked for.
pub struct Finder<'a> {
    keys: Vec<&'a MarkKey>,
    marks: Vec<usize>,
    groups: Vec<Group>,
}

impl<'a> Finder<'a> {
    /// For those sets.
    pub fn new(sets: &'a [MarkSet]) -> Finder<'a> {
        let mut by_base: Vec<(Base, Vec<Entry>)> = Vec::new();
        for (number, set) in sets.iter().enumerate() {
            let base = Base::of(&set.key);
            let group = match by_base.iter().position(|(b, _)| *b == base) {
                Some(known) => known,
                None => {
                    by_base.push((base, Vec::new()));
                    by_base.len() - 1
                }
            };
            let entries = set.prints.open(&set.key);
            by_base[group]
                .1
                .extend(entries.map(|(mark, form, sieve, tag)| Entry {
                    sieve,
                    tag,
                    set: number as u32,
                    mark,
                    span: form.span as u8,
                }));
        }
        Finder {
            keys: sets.iter().map(|s| &s.key).collect(),
            marks: sets.iter().map(|s| s.prints.marks()).collect(),
            groups: by_base.into_iter().map(|(b, e)| Group::new(b, e)).collect(),
        }
    }

    /// A search that has found nothing yet.
    pub fn search(&self) -> Search<'_> {
        Search {
            finder: self,
            found: self.marks.iter().map(|&n| vec![false; n]).collect(),
            buffer: Zeroizing::new(vec![0; KEPT + PIECE + 2 * WORD]),
            kept: 0,
            bytes: 0,
        }
    }
}

impl Group {
    fn new(base: Base, mut entries: Vec<Entry>) -> Group {
        entries.sort_unstable_by_key(|e| e.sieve);
        let bits = (entries.len() * BITS_PER_PRINT)
            .next_power_of_two()
            .clamp(LEAST_BITS, MOST_BITS);
        let drop = SIEVE_BITS - bits.trailing_zeros();
        let mut bitmap = vec![0u64; bits / 64];
        for entry in &entries {
            let bit = (entry.sieve >> drop) as usize;
            bitmap[bit / 64] |= 1 << (bit % 64);
        }
        let places = entries.len().next_power_of_two().clamp(2, MOST_BITS);
        let starts_shift = SIEVE_BITS - places.trailing_zeros();
        let mut starts = vec![0u32; places + 1];
        for entry in &entries {
            starts[(entry.sieve >> starts_shift) as usize + 1] += 1;
        }
        for place in 1..=places {
            starts[place] += starts[place - 1];
        }
        Group {
            base,
            entries: Zeroizing::new(entries),
            starts,
            starts_shift,
            bitmap,
            bitmap_shift: 64 - bits.trailing_zeros(),
        }
    }

    /// Looks at the windows that start below `end`, and at a few after it; two words of anything
    /// follow on the bytes.
    fn windows(&self, bytes: &[u8], end: usize, hit: &mut impl FnMut(usize, &Entry)) {
        let mut start = 0;
        while start < end {
            let stop = (start + BLOCK).min(end.next_multiple_of(WORD));
            let reach = &bytes[start..(stop + SPAN).min(bytes.len())];
            if *reach != BLANK[..reach.len()] {
                self.block(&bytes[start..stop + WORD], start, hit);
            }
            start = stop;
        }
    }

    /// Eight windows at a time: one starts at each byte of a word.
    fn block(&self, bytes: &[u8], start: usize, hit: &mut impl FnMut(usize, &Entry)) {
        let (base, shift, bitmap) = (self.base, self.bitmap_shift, &self.bitmap[..]);
        let (words, _) = bytes.as_chunks::<WORD>();
        let mut low = u64::from_le_bytes(words[0]);
        for (n, word) in words[1..].iter().enumerate() {
            let high = u64::from_le_bytes(*word);
            let mut heads = [low; WORD];
            for (k, head) in heads.iter_mut().enumerate().skip(1) {
                *head = low >> (8 * k) | high << (64 - 8 * k);
            }
            let mut passed = 0;
            for (k, head) in heads.iter().enumerate() {
                let bit = (base.mix(*head) >> shift) as usize;
                passed |= (bitmap[bit / 64] >> (bit % 64) & 1) << k;
            }
            while passed != 0 {
                let k = passed.trailing_zeros() as usize;
                let sieve = (base.mix(heads[k]) >> (64 - SIEVE_BITS)) as u32;
                self.candidates(sieve, |entry| hit(start + n * WORD + k, entry));
                passed &= passed - 1;
            }
            low = high;
        }
    }

    #[cold]
    fn candidates(&self, sieve: u32, mut hit: impl FnMut(&Entry)) {
        let place = (sieve >> self.starts_shift) as usize;
        let range = self.starts[place] as usize..self.starts[place + 1] as usize;
        for entry in &self.entries[range] {
            if entry.sieve == sieve {
                hit(entry);
            }
        }
    }
}

/// A search under way through one target, which may have several stretches.
pub struct Search<'a> {
    finder: &'a Finder<'a>,
    found: Vec<Vec<bool>>,
    buffer: Zeroizing<Vec<u8>>,
    kept: usize,
    /// Bytes looked at.
    pub bytes: u64,
}

impl Search<'_> {
    /// Where up to [`PIECE`] further bytes of the stretch are to be put.
    pub fn room(&mut self) -> &mut [u8] {
        &mut self.buffer[self.kept..self.kept + PIECE]
    }

    /// Looks at the first bytes of the room, which follow on those before.
    pub fn filled(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        let whole = self.kept + bytes;
        // The rest waits for what comes after it.
        let starts = whole.saturating_sub(KEPT);
        self.look(whole, starts);
        self.buffer.copy_within(starts..whole, 0);
        self.kept = whole - starts;
    }

    /// The stretch ends: what comes next does not follow on it.
    pub fn end_stretch(&mut self) {
        let whole = self.kept;
        self.look(whole, (whole + 1).saturating_sub(WINDOW));
        self.kept = 0;
    }

    /// A stretch on its own.
    pub fn stretch(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(PIECE) {
            self.room()[..piece.len()].copy_from_slice(piece);
            self.filled(piece.len());
        }
        self.end_stretch();
    }

    /// A stretch that is read.
    ///
    /// # Errors
    /// Those of reading; what came before is looked at.
    pub fn reader(&mut self, mut from: impl Read) -> io::Result<()> {
        let end = loop {
            match from.read(self.room()) {
                Ok(0) => break Ok(()),
                Ok(bytes) => self.filled(bytes),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => break Err(e),
            }
        };
        self.end_stretch();
        end
    }

    /// Distinct marks found, by set.
    pub fn found(&self) -> Vec<u32> {
        let count = |marks: &Vec<bool>| marks.iter().filter(|found| **found).count();
        self.found.iter().map(|marks| count(marks) as u32).collect()
    }

    fn look(&mut self, whole: usize, starts: usize) {
        if starts == 0 {
            return;
        }
        let bytes = &self.buffer[..whole];
        for group in &self.finder.groups {
            group.windows(&self.buffer, starts, &mut |at, entry| {
                let span = bytes.get(at..at + usize::from(entry.span));
                let key = self.finder.keys[entry.set as usize];
                if span.is_some_and(|span| key.tag(span) == entry.tag) {
                    self.found[entry.set as usize][entry.mark as usize] = true;
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::custody::marks::Prints;

    fn set(seed: u8, texts: &[&str]) -> MarkSet {
        let key = match seed {
            0 => MarkKey::random(),
            seed => MarkKey::derived(&[seed; 32]),
        };
        let prints = Prints::of_texts(&key, texts.iter().copied());
        MarkSet { key, prints }
    }

    fn found(sets: &[MarkSet], bytes: &[u8]) -> Vec<u32> {
        let finder = Finder::new(sets);
        let mut search = finder.search();
        search.stretch(bytes);
        assert_eq!(search.bytes, bytes.len() as u64);
        search.found()
    }

    #[test]
    fn each_submission_finds_its_own_in_one_pass_whatever_its_base() {
        let sets = [
            set(0, &["Bartholomew Quigley", "Wilhelmina Featherstone"]),
            set(0, &["Wilhelmina Featherstone"]),
            set(9, &["Maximilian Hornblower"]),
        ];
        assert_eq!(found(&sets, b"nobody whom anybody looks for"), [0, 0, 0]);
        assert_eq!(found(&sets, b"is Wilhelmina Featherstone in?"), [1, 1, 0]);
        assert_eq!(found(&sets, b"\0\0Maximilian Hornblower"), [0, 0, 1]);
        assert_eq!(found(&sets, b"tholomew Quigley"), [1, 0, 0], "its end");
    }

    #[test]
    fn nothing_is_lost_at_the_borders_of_pieces_and_blank_blocks() {
        let sets = [set(0, &["Bartholomew"]), set(0, &["Bartholomew Q"])];
        for border in [0, BLOCK, PIECE - KEPT, PIECE, 2 * PIECE] {
            for shift in 0..44 {
                let before = (border + shift).saturating_sub(20);
                for blank in [0, b'.'] {
                    let mut bytes = vec![blank; before];
                    bytes.extend(b"Bartholomew Q");
                    assert_eq!(found(&sets, &bytes), [0, 1], "{before} before");
                    let wide = "Bartholomew Q".encode_utf16();
                    bytes.truncate(before);
                    bytes.extend(wide.flat_map(u16::to_be_bytes));
                    bytes.extend([blank; 30]);
                    assert_eq!(found(&sets, &bytes), [0, 1], "{before} before, wide");
                }
            }
        }
    }

    #[test]
    fn texts_do_not_reach_over_the_end_of_a_stretch() {
        let sets = [set(0, &["Bartholomew Q"])];
        let finder = Finder::new(&sets);
        let mut search = finder.search();
        search.stretch(b"Bartho");
        search.stretch(b"lomew Q");
        assert_eq!(search.found(), [0]);
    }

    #[test]
    fn random_bytes_are_nobody() {
        use rand::{Rng, SeedableRng};
        let names: Vec<String> = (0..2_000)
            .map(|n| format!("person number {n:05}"))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let sets = [set(1, &names)];
        let mut bytes = vec![0; 4 << 20];
        rand_chacha::ChaCha8Rng::seed_from_u64(1).fill_bytes(&mut bytes);
        assert_eq!(found(&sets, &bytes), [0]);
    }
}
