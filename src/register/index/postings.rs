//! One posting list a blocking key: the rows of each hash, ascending. A table of buckets over the
//! hash's first bits, and a byte of it a row: a look-up reads two starts, searches a few bytes, and
//! has its rows in one run. Two hashes fall together about once in a few hundred look-ups; a
//! candidate too many costs a comparison, and no answer.

/// Rows a bucket has on average.
const PER_BUCKET: usize = 8;
/// Most bits of a hash that choose the bucket.
const MOST_BITS: u32 = 24;

/// As sections of an index: `starts` (one a bucket, and the end), `rows`, `tags` (one a row).
pub(super) struct Built {
    pub starts: Vec<u32>,
    pub rows: Vec<u32>,
    pub tags: Vec<u8>,
}

/// Sorts what one key has: first half of the hash above, row below. O(n log n); 8 bytes an entry
/// while it runs. `None` when there are more than 2^32.
pub(super) fn build(mut entries: Vec<u64>) -> Option<Built> {
    entries.sort_unstable();
    entries.dedup();
    u32::try_from(entries.len()).ok()?;
    let bits = (entries.len() / PER_BUCKET).max(1).ilog2().min(MOST_BITS);
    let mut starts = vec![0u32; (1 << bits) + 1];
    for &entry in &entries {
        starts[bucket(entry, bits) + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    Some(Built {
        starts,
        rows: entries.iter().map(|&e| e as u32).collect(),
        tags: entries.iter().map(|&e| tag(e, bits)).collect(),
    })
}

/// An entry of [`build`].
pub(super) fn entry(hash: u64, row: u32) -> u64 {
    hash & !u64::from(u32::MAX) | u64::from(row)
}

fn bucket(hash: u64, bits: u32) -> usize {
    // Shifting by all 64 bits is no shift.
    hash.checked_shr(64 - bits).unwrap_or(0) as usize
}

fn tag(hash: u64, bits: u32) -> u8 {
    (hash << bits >> 56) as u8
}

/// A posting list as it lies in an index.
#[derive(Clone, Copy)]
pub(super) struct Postings<'a> {
    pub starts: &'a [u32],
    pub rows: &'a [u32],
    pub tags: &'a [u8],
}

impl<'a> Postings<'a> {
    /// The rows of a hash. Empty when there are none, or when the list is not sound.
    pub fn rows(&self, hash: u64) -> &'a [u32] {
        let bits = (self.starts.len().max(2) - 1).ilog2();
        let at = bucket(hash, bits);
        let (Some(&start), Some(&end)) = (self.starts.get(at), self.starts.get(at + 1)) else {
            return &[];
        };
        let range = start as usize..end as usize;
        let (Some(tags), Some(rows)) = (self.tags.get(range.clone()), self.rows.get(range)) else {
            return &[];
        };
        let tag = tag(hash, bits);
        let first = tags.partition_point(|&t| t < tag);
        let last = first + tags[first..].partition_point(|&t| t == tag);
        &rows[first..last]
    }

    /// Is it as [`build`] makes it, over that many rows?
    pub fn is_sound(&self, of: u32) -> bool {
        let buckets = self.starts.len().wrapping_sub(1);
        buckets.is_power_of_two()
            && self.starts.first() == Some(&0)
            && self.starts.is_sorted()
            && self.starts.last().map(|&n| n as usize) == Some(self.rows.len())
            && self.tags.len() == self.rows.len()
            && self.rows.iter().all(|&row| row < of)
    }
}

#[cfg(test)]
mod tests {
    use super::super::intern::mixed;
    use super::*;

    #[test]
    fn every_row_is_found_under_its_hash_and_in_order() {
        for n in [0u32, 1, 7, 8, 9, 100, 5_000] {
            let hash = |row: u32| mixed(u64::from(row % 97));
            let built = build((0..n).map(|row| entry(hash(row), row)).collect()).unwrap();
            let postings = Postings {
                starts: &built.starts,
                rows: &built.rows,
                tags: &built.tags,
            };
            assert!(postings.is_sound(n));
            for row in 0..n {
                assert!(postings.rows(hash(row)).contains(&row));
            }
            let strangers: usize = (1_000..2_000).map(|h| postings.rows(mixed(h)).len()).sum();
            assert!(strangers <= 20 * n as usize, "{strangers} of {n}");
        }
    }

    #[test]
    fn lists_that_are_not_sound_are_told_and_never_read_beyond() {
        let starts = [0, 9, 2];
        let postings = Postings {
            starts: &starts,
            rows: &[0, 1],
            tags: &[0, 0],
        };
        assert!(!postings.is_sound(2));
        for hash in [0, 1 << 63, u64::MAX] {
            assert!(postings.rows(hash).len() <= 2);
        }
        let none = Postings {
            starts: &[],
            rows: &[],
            tags: &[],
        };
        assert!(!none.is_sound(0) && none.rows(7).is_empty());
    }
}
