//! The bytes of an index: a header, a table of sections, the sections. Little-endian, every section
//! from a multiple of eight bytes on; the same in memory and in the file.

use super::IndexError;
use super::keys::KEYS;
use crate::custody::ReadOnlyMap;
use std::ops::Range;

#[cfg(target_endian = "big")]
compile_error!("an index is read as little-endian numbers where it lies");

const MAGIC: [u8; 8] = *b"cp-index";

/// Of this layout, of the normal forms and of the blocking keys: whoever changes one of them counts
/// on, so that older files are built anew.
const VERSION: u32 = 2;

/// What an index is made of, in file order; the postings follow, three a blocking key.
#[derive(Clone, Copy)]
pub(super) enum Section {
    ForenameText,
    ForenameEnds,
    ForenameCounts,
    SurnameText,
    SurnameEnds,
    SurnameCounts,
    PostcodeText,
    PostcodeEnds,
    PostcodeCounts,
    Forename,
    Surname,
    Postcode,
    Dob,
    Sex,
    Person,
    PncText,
    PncEnds,
    PrisonText,
    PrisonEnds,
    IdText,
    IdEnds,
}

/// Sections before the postings.
const FIXED: usize = Section::IdEnds as usize + 1;
/// All sections.
pub(super) const SECTIONS: usize = FIXED + 3 * KEYS.len();

/// Of the postings of a blocking key.
#[derive(Clone, Copy)]
pub(super) enum Posting {
    Starts,
    Rows,
    Tags,
}

pub(super) fn posting(key: usize, part: Posting) -> usize {
    FIXED + 3 * key + part as usize
}

/// Before the table of sections.
#[derive(Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub(super) struct Header {
    magic: [u8; 8],
    version: u32,
    sections: u32,
    /// Of everything after this field's end, in bytes; see [`checksum`].
    checksum: u64,
    /// Of the whole, in bytes.
    length: u64,
    /// Records.
    pub rows: u64,
    /// Distinct persons.
    pub people: u64,
    /// SHA-256 of the table it was made from; zeros when it was made from no file.
    pub source: [u8; 32],
}

const HEADER: usize = size_of::<Header>();
/// The checksum covers what stands after it.
const COVERED: usize = 24;

/// Start and length of a section, in bytes.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Entry {
    start: u64,
    length: u64,
}

/// Where the bytes lie.
enum Bytes {
    /// As 64-bit words, for their alignment; the length is a multiple of eight.
    Owned(Vec<u64>),
    Mapped(ReadOnlyMap),
}

/// An index's bytes, with sections that lie within them.
pub(super) struct Laid {
    bytes: Bytes,
    pub header: Header,
    sections: Vec<Range<usize>>,
}

impl Laid {
    /// Lays the sections out.
    pub fn out(
        rows: u64,
        people: u64,
        source: [u8; 32],
        sections: &[Vec<u8>],
    ) -> Result<Laid, IndexError> {
        let mut start = HEADER + SECTIONS * size_of::<Entry>();
        let mut entries = Vec::with_capacity(SECTIONS);
        for section in sections {
            entries.push(start..start + section.len());
            start += section.len().next_multiple_of(8);
        }
        let mut words = vec![0u64; start / 8];
        let mut header = Header {
            magic: MAGIC,
            version: VERSION,
            sections: SECTIONS as u32,
            checksum: 0,
            length: start as u64,
            rows,
            people,
            source,
        };
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
        for (i, (range, section)) in entries.iter().zip(sections).enumerate() {
            let entry = Entry {
                start: range.start as u64,
                length: section.len() as u64,
            };
            let at = HEADER + i * size_of::<Entry>();
            bytes[at..at + size_of::<Entry>()].copy_from_slice(bytemuck::bytes_of(&entry));
            bytes[range.clone()].copy_from_slice(section);
        }
        bytes[..HEADER].copy_from_slice(bytemuck::bytes_of(&header));
        header.checksum = checksum(&bytes[COVERED..]);
        bytes[..HEADER].copy_from_slice(bytemuck::bytes_of(&header));
        Ok(Laid {
            bytes: Bytes::Owned(words),
            header,
            sections: entries,
        })
    }

    /// From bytes anybody may have written: copied, so that they are aligned.
    pub fn copied(bytes: &[u8]) -> Result<Laid, IndexError> {
        let mut words = vec![0u64; bytes.len().div_ceil(8)];
        let copy: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
        copy[..bytes.len()].copy_from_slice(bytes);
        Laid::checked(Bytes::Owned(words), bytes.len())
    }

    /// From a file.
    pub fn mapped(map: ReadOnlyMap) -> Result<Laid, IndexError> {
        let length = map.bytes().len();
        Laid::checked(Bytes::Mapped(map), length)
    }

    /// From a file whose checksum was found to agree before.
    pub fn mapped_again(map: ReadOnlyMap) -> Result<Laid, IndexError> {
        let length = map.bytes().len();
        Laid::cut(Bytes::Mapped(map), length)
    }

    fn checked(bytes: Bytes, length: usize) -> Result<Laid, IndexError> {
        let laid = Laid::cut(bytes, length)?;
        match checksum(&laid.bytes()[COVERED..]) == laid.header.checksum {
            true => Ok(laid),
            false => Err(IndexError::Damaged("its checksum does not agree")),
        }
    }

    /// Finds the header and the sections, every one within the bytes.
    fn cut(bytes: Bytes, length: usize) -> Result<Laid, IndexError> {
        let all = all(&bytes);
        let header = all.get(..HEADER).ok_or(IndexError::NoIndex)?;
        let header: Header = bytemuck::pod_read_unaligned(header);
        if header.magic != MAGIC {
            return Err(IndexError::NoIndex);
        }
        if header.version != VERSION || header.sections as usize != SECTIONS {
            return Err(IndexError::OtherVersion);
        }
        if header.length != length as u64 || !length.is_multiple_of(8) {
            return Err(IndexError::Damaged("its length is not the one it states"));
        }
        let mut end = HEADER + SECTIONS * size_of::<Entry>();
        let table = all
            .get(HEADER..end)
            .ok_or(IndexError::Damaged("it is cut short"))?;
        let mut sections = Vec::with_capacity(SECTIONS);
        for entry in table.chunks_exact(size_of::<Entry>()) {
            let entry: Entry = bytemuck::pod_read_unaligned(entry);
            let of = |n: u64| usize::try_from(n).ok().filter(|&n| n <= length);
            let section = of(entry.start)
                .zip(of(entry.length))
                .map(|(start, length)| start..start + length)
                .filter(|s| s.start == end && s.end <= length)
                .ok_or(IndexError::Damaged("a section lies outside it"))?;
            end = section.end.next_multiple_of(8);
            sections.push(section);
        }
        if end != length {
            return Err(IndexError::Damaged("it has more than its sections"));
        }
        Ok(Laid {
            header,
            sections,
            bytes,
        })
    }

    /// All of it.
    pub fn bytes(&self) -> &[u8] {
        all(&self.bytes)
    }

    /// A section's bytes.
    pub fn section(&self, section: usize) -> &[u8] {
        let range = self.sections.get(section).cloned();
        range
            .and_then(|range| self.bytes().get(range))
            .unwrap_or_default()
    }

    /// A section as numbers. Sections start at multiples of eight bytes of memory that is aligned,
    /// and that they hold whole numbers is checked when they are read: the cast fits.
    pub fn numbers<T: bytemuck::Pod>(&self, section: usize) -> &[T] {
        bytemuck::try_cast_slice(self.section(section)).unwrap_or_default()
    }
}

fn all(bytes: &Bytes) -> &[u8] {
    match bytes {
        Bytes::Owned(words) => bytemuck::cast_slice(words),
        Bytes::Mapped(map) => map.bytes(),
    }
}

/// Tells damage by accident, at memory speed: four sums of products over 64-bit words, so that
/// their multiplications overlap. (Damage on purpose is met by checking every number read.)
fn checksum(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9FB2_1C65_1E98_DF25;
    let mut lanes = [1u64, 2, 3, 4];
    let step = |lane: u64, word: u64| (lane.rotate_left(29) ^ word).wrapping_mul(FACTOR);
    let mut blocks = bytes.chunks_exact(32);
    for block in &mut blocks {
        for (lane, word) in lanes.iter_mut().zip(block.chunks_exact(8)) {
            // Eight bytes, as chunked.
            *lane = step(
                *lane,
                u64::from_le_bytes(word.try_into().unwrap_or_default()),
            );
        }
    }
    let rest = blocks.remainder().iter();
    let rest = rest.fold(bytes.len() as u64, |sum, &byte| step(sum, byte.into()));
    lanes
        .iter()
        .fold(rest, |sum, &lane| super::intern::mixed(sum ^ lane))
}

/// Bytes that somebody changed, with a checksum that agrees.
#[cfg(test)]
pub(super) fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = checksum(&bytes[COVERED..]);
    bytes[16..COVERED].copy_from_slice(&sum.to_le_bytes());
    bytes
}
