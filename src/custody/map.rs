//! A file read where it lies, without a copy in memory.

use memmap2::Mmap;
use std::fs::File;
use std::io;

/// A whole file, mapped private and read-only. Not printable.
pub struct ReadOnlyMap(Mmap);

impl ReadOnlyMap {
    /// Maps a file that nobody changes in place. What is mapped may still be changed by somebody
    /// who can write to the file: whoever reads it must check each number and text at the time of
    /// use, as for any other input, and must not build a `str` on an earlier check.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn of(file: &File) -> io::Result<ReadOnlyMap> {
        // SAFETY: the mapping is private and read-only, and gives out bytes alone, for which every
        // value is valid; nothing in this crate derives a type's invariant from having read them
        // once. Files that are mapped are replaced by renaming another over them, never changed in
        // place, so their bytes stay what they are for as long as the mapping lives. Should somebody
        // else change them underneath, what is read is wrong but still bytes; should they cut the
        // file short, the system ends the process (SIGBUS), which loses the run and tells nothing.
        unsafe { Mmap::map(file) }.map(ReadOnlyMap)
    }

    /// What the file holds.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_file_reads_as_it_was_written_and_outlives_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("some");
        std::fs::write(&path, b"some bytes").unwrap();
        let map = ReadOnlyMap::of(&File::open(&path).unwrap()).unwrap();
        std::fs::write(dir.path().join("other"), b"others").unwrap();
        std::fs::rename(dir.path().join("other"), &path).unwrap();
        assert_eq!(map.bytes(), b"some bytes");
    }

    #[test]
    fn an_empty_file_maps_to_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("none");
        std::fs::write(&path, b"").unwrap();
        assert!(
            ReadOnlyMap::of(&File::open(&path).unwrap())
                .unwrap()
                .bytes()
                .is_empty()
        );
    }
}
