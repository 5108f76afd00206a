//! The memory of a process, through descriptors that were opened while the system still allowed it:
//! the system asks who may look when the file is opened, not when it is read.

use super::finder::{PIECE, Search};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// A list of mappings longer than this is not one.
const MOST_MAPS: usize = 64 << 20;
/// How often to look again for mappings made while the others were looked at.
const ROUNDS: usize = 4;
const PAGE: u64 = 4096;
/// Mappings that the process itself cannot read are looked at up to this size.
const MOST_CLOSED: u64 = 1 << 30;

/// Open `/proc/PID/mem` and `/proc/PID/maps` of one process.
pub struct Memory {
    /// Its bytes, by address.
    pub mem: OwnedFd,
    /// What is mapped where.
    pub maps: OwnedFd,
}

impl Memory {
    /// Of this process. One that refuses dumps allows them for a moment: call it before there is
    /// anything to see.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn of_self() -> io::Result<Memory> {
        seen_for_a_moment(|| Memory::open("self"))?
    }

    /// Of another process of the same user that does not refuse dumps yet (see
    /// [`seen_for_a_moment`]), or of any for the administrator.
    ///
    /// # Errors
    /// When there is no such process or it may not be looked at.
    pub fn of(process: u32) -> io::Result<Memory> {
        Memory::open(&process.to_string())
    }

    /// The same once more.
    ///
    /// # Errors
    /// When the system has no more descriptors.
    pub fn again(&self) -> io::Result<Memory> {
        Ok(Memory {
            mem: self.mem.try_clone()?,
            maps: self.maps.try_clone()?,
        })
    }

    fn open(process: &str) -> io::Result<Memory> {
        let open = |file| File::open(format!("/proc/{process}/{file}")).map(OwnedFd::from);
        Ok(Memory {
            mem: open("mem")?,
            maps: open("maps")?,
        })
    }
}

/// Lets other processes of the same user look at this one for as long as `f` takes: for opening its
/// memory, by itself or by its parent. Dumps are then refused again, if they were before.
///
/// # Errors
/// When the system refuses the setting.
pub fn seen_for_a_moment<T>(f: impl FnOnce() -> T) -> io::Result<T> {
    // SAFETY: takes numbers only; the arguments it does not use are zero as it asks.
    let dumpable = |option, value: libc::c_ulong| unsafe { libc::prctl(option, value, 0, 0, 0) };
    let before = dumpable(libc::PR_GET_DUMPABLE, 0);
    if before == 1 {
        return Ok(f());
    }
    if dumpable(libc::PR_SET_DUMPABLE, 1) != 0 {
        return Err(io::Error::last_os_error());
    }
    let done = f();
    if dumpable(libc::PR_SET_DUMPABLE, 0) != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(done)
}

/// What a look through a process's memory came to, beside the marks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// The process had ended.
    pub gone: bool,
    /// Pages that could not be read though they may hold something.
    pub unreadable: u64,
}

#[derive(Clone, PartialEq, Eq)]
struct Mapping {
    start: u64,
    end: u64,
    readable: bool,
    writable: bool,
    path: PathBuf,
}

/// Looks through everything the process has mapped, except files below those folders that it maps
/// for reading: the held register.
///
/// # Errors
/// When the list of mappings cannot be read.
pub fn look(
    mem: impl AsFd,
    maps: impl AsFd,
    except: &[PathBuf],
    search: &mut Search,
) -> io::Result<Looked> {
    let mem = File::from(mem.as_fd().try_clone_to_owned()?);
    let maps = File::from(maps.as_fd().try_clone_to_owned()?);
    let mut looked = Looked::default();
    let mut known: Vec<(u64, u64)> = Vec::new();
    for round in 0..ROUNDS {
        let now = mappings(&maps)?;
        looked.gone = now.is_empty();
        let mut new: Vec<(Mapping, u64, u64)> = Vec::new();
        for mapping in now {
            if mapping.is_kernels() || mapping.is_held(except) || mapping.is_reserve() {
                continue;
            }
            for (start, end) in without(mapping.start, mapping.end, &known) {
                new.push((mapping.clone(), start, end));
            }
        }
        if new.is_empty() {
            break;
        }
        // What has moved on in the last round still may have been missed.
        let last_round = round + 1 == ROUNDS;
        let mut end_before = 0;
        for (mapping, start, end) in new {
            if start != end_before {
                search.end_stretch();
            }
            let missed = read(&mem, start, end, search);
            if missed > 0 && mapping.may_hide() && (last_round || still(&maps, &mapping)?) {
                looked.unreadable += missed;
            }
            end_before = end;
            known.push((start, end));
        }
        search.end_stretch();
        known = joined(known);
    }
    Ok(looked)
}

/// Gives the number of pages that could not be read.
fn read(mem: &File, start: u64, end: u64, search: &mut Search) -> u64 {
    let (mut at, mut missed) = (start, 0);
    while at < end {
        let most = (end - at).min(PIECE as u64) as usize;
        match mem.read_at(&mut search.room()[..most], at) {
            Ok(bytes) if bytes > 0 => {
                search.filled(bytes);
                at += bytes as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            // One page on: the next may be readable.
            _ => {
                search.end_stretch();
                missed += 1;
                at = (at + PAGE) & !(PAGE - 1);
                if missed == 1
                    && mem.read_at(&mut [0], start).is_err()
                    && !readable_later(mem, at, end)
                {
                    return (end - start).div_ceil(PAGE);
                }
            }
        }
    }
    missed
}

/// Is anything there in the rest? Asked at a few places, since mappings that nobody can read may be
/// huge.
fn readable_later(mem: &File, from: u64, end: u64) -> bool {
    const PLACES: u64 = 64;
    let step = ((end.saturating_sub(from) / PLACES) & !(PAGE - 1)).max(PAGE);
    let mut at = from;
    while at < end {
        if matches!(mem.read_at(&mut [0], at), Ok(1)) {
            return true;
        }
        at += step;
    }
    false
}

fn still(maps: &File, mapping: &Mapping) -> io::Result<bool> {
    let now = mappings(maps)?;
    Ok(now
        .iter()
        .any(|m| m.start <= mapping.start && mapping.end <= m.end))
}

impl Mapping {
    /// Of the kernel's own making: clocks and calls, the same in every process.
    fn is_kernels(&self) -> bool {
        let path = self.path.as_os_str().as_encoded_bytes();
        path.starts_with(b"[vvar") || path.starts_with(b"[vsyscall")
    }

    /// Address space kept back, without memory. (Smaller ones are looked at: closing a page to
    /// oneself does not empty it.)
    fn is_reserve(&self) -> bool {
        !self.readable && self.end - self.start > MOST_CLOSED
    }

    fn is_held(&self, except: &[PathBuf]) -> bool {
        !self.writable && except.iter().any(|folder| self.path.starts_with(folder))
    }

    /// May what cannot be read hold something? Not what lies beyond a file's end, nor what the
    /// process itself could not read; but secret memory may.
    fn may_hide(&self) -> bool {
        let path = self.path.as_os_str().as_encoded_bytes();
        self.readable && (!path.starts_with(b"/") || path.starts_with(b"/secretmem"))
    }
}

fn mappings(maps: &File) -> io::Result<Vec<Mapping>> {
    let mut text = Vec::with_capacity(1 << 16);
    loop {
        let from = text.len();
        text.resize(from + (1 << 16), 0);
        let read = maps.read_at(&mut text[from..], from as u64)?;
        text.truncate(from + read);
        if read == 0 {
            break;
        }
        if text.len() > MOST_MAPS {
            return Err(io::Error::other("more mappings than a process has"));
        }
    }
    Ok(text.split(|b| *b == b'\n').filter_map(mapping).collect())
}

/// `start-end perms offset device inode   path`.
fn mapping(line: &[u8]) -> Option<Mapping> {
    use std::os::unix::ffi::OsStrExt;

    let mut fields = line.splitn(6, |b| *b == b' ');
    let range = std::str::from_utf8(fields.next()?).ok()?;
    let (start, end) = range.split_once('-')?;
    let perms = fields.next()?;
    let path = fields.nth(3).unwrap_or_default().trim_ascii_start();
    Some(Mapping {
        start: u64::from_str_radix(start, 16).ok()?,
        end: u64::from_str_radix(end, 16).ok()?,
        readable: perms.first() == Some(&b'r'),
        writable: perms.get(1) == Some(&b'w'),
        path: PathBuf::from(std::ffi::OsStr::from_bytes(path)),
    })
}

/// The parts of a range that none of the others cover.
fn without(start: u64, end: u64, others: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut parts = Vec::new();
    let mut from = start;
    for &(a, b) in others {
        if b > from && a < end {
            if a > from {
                parts.push((from, a));
            }
            from = b;
        }
    }
    if from < end {
        parts.push((from, end));
    }
    parts
}

/// In order, those that touch as one.
fn joined(mut ranges: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    ranges.sort_unstable();
    let mut joined: Vec<(u64, u64)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match joined.last_mut() {
            Some(last) if last.1 >= start => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_read_as_the_system_writes_them() {
        let line = b"7f3c2a000000-7f3c2a021000 r--p 00000000 fe:00 1234    /data/a register/x";
        let m = mapping(line).unwrap();
        assert_eq!((m.start, m.end), (0x7f3c_2a00_0000, 0x7f3c_2a02_1000));
        assert!(m.readable && !m.writable);
        assert!(m.is_held(&[PathBuf::from("/data/a register")]));
        assert!(!m.is_held(&[PathBuf::from("/data/a")]));
        let m = mapping(b"55d0-55e0 rw-p 00000000 00:00 0 ").unwrap();
        assert!(m.path.as_os_str().is_empty() && m.writable);
        assert!(mapping(b"").is_none());
    }

    #[test]
    fn what_is_known_is_not_looked_at_twice() {
        let known = joined(vec![(30, 40), (10, 20), (20, 25)]);
        assert_eq!(known, [(10, 25), (30, 40)]);
        assert_eq!(without(0, 50, &known), [(0, 10), (25, 30), (40, 50)]);
        assert_eq!(without(12, 22, &known), []);
    }
}
