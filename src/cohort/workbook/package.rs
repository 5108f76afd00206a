//! The container of a workbook: a zip file in memory. Nothing is written anywhere; parts are
//! inflated as they are read, and every byte that comes out is counted.

use super::wide::{self, Wide};
use crate::cohort::error::{CohortError, WorkbookFault};
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use zip::ZipArchive;

/// Parts of a workbook; large ones have hundreds.
const MAX_PARTS: usize = 4_096;
/// The parts that are read may inflate to this ...
const FREE_BYTES: u64 = 16 << 20;
/// ... and beyond it to so many times their packed size: sheets come to 10 to 30 times, one of the
/// same few words in many columns to 100 times ...
const MAX_RATIO: u64 = 150;
/// ... but never to more than this.
const MAX_INFLATED: u64 = 400 << 20;
/// Tags and texts they may have, and more for each packed byte: a cell has about five, and takes
/// as many bytes, or two where it is like its neighbours.
const FREE_EVENTS: u64 = 1_000_000;
const EVENTS_PER_BYTE: u64 = 3;
/// Bytes of one tag or one stretch of text. A cell of a spreadsheet has 32,767 characters at most.
const MAX_EVENT: usize = 1 << 20;

pub(super) fn fault(fault: WorkbookFault) -> CohortError {
    CohortError::Workbook { fault }
}

/// An open container.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Names in their normal form, with the place in the archive.
    names: Vec<(String, usize)>,
    /// Parts that have been read; nothing is read twice.
    read: Vec<bool>,
    left: Budget,
}

/// What may still come out of the parts.
struct Budget {
    bytes: Cell<u64>,
    events: Cell<u64>,
}

impl<'a> Package<'a> {
    /// # Errors
    /// When it is damaged, or its entries are not what they say.
    pub fn open(bytes: &'a [u8]) -> Result<Package<'a>, CohortError> {
        let damaged = |_| fault(WorkbookFault::Container);
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        if archive.len() > MAX_PARTS {
            return Err(fault(WorkbookFault::Count));
        }
        if archive.has_duplicate_names() || archive.has_overlapping_entries().map_err(damaged)? {
            return Err(fault(WorkbookFault::Container));
        }
        let mut names = Vec::with_capacity(archive.len());
        for at in 0..archive.len() {
            let name = archive.name_for_index(at).and_then(Result::ok);
            let name = name.ok_or_else(|| fault(WorkbookFault::Container))?;
            names.push((normal(&name)?, at));
        }
        names.sort();
        if names.windows(2).any(|w| w[0].0 == w[1].0) {
            return Err(fault(WorkbookFault::Container));
        }
        Ok(Package {
            archive,
            read: vec![false; names.len()],
            names,
            left: Budget {
                bytes: Cell::new(FREE_BYTES),
                events: Cell::new(FREE_EVENTS),
            },
        })
    }

    /// Is there a part of that name?
    pub fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    fn place(&self, name: &str) -> Option<usize> {
        let name = normal(name).ok()?;
        let found = self.names.binary_search_by(|(n, _)| n.as_str().cmp(&name));
        found.ok().map(|i| self.names[i].1)
    }

    /// A part to read.
    ///
    /// # Errors
    /// When there is none of that name, or it is encrypted or packed in an unknown way.
    pub fn part(&mut self, name: &str) -> Result<Part<'_>, CohortError> {
        let place = self
            .place(name)
            .ok_or_else(|| fault(WorkbookFault::PartMissing))?;
        if std::mem::replace(&mut self.read[place], true) {
            return Err(fault(WorkbookFault::Container));
        }
        let Package { archive, left, .. } = self;
        let entry = archive.by_index_raw(place);
        let encrypted = entry.is_ok_and(|e| e.encrypted());
        if encrypted {
            return Err(fault(WorkbookFault::Encrypted));
        }
        let damaged = |_| fault(WorkbookFault::Container);
        let mut file = (archive.by_index(place)).map_err(|_| fault(WorkbookFault::Container))?;
        let packed = file.compressed_size();
        let more =
            |now: &Cell<u64>, each: u64| now.get().saturating_add(packed.saturating_mul(each));
        left.bytes
            .set(more(&left.bytes, MAX_RATIO).min(MAX_INFLATED));
        left.events.set(more(&left.events, EVENTS_PER_BYTE));
        let mut head = Vec::with_capacity(2);
        (&mut file)
            .take(2)
            .read_to_end(&mut head)
            .map_err(damaged)?;
        let wide = wide::shown_by(&head);
        let file: Box<dyn Read> = match wide {
            Some((encoding, true)) => Box::new(Wide::new(file, encoding)),
            Some((encoding, false)) => Box::new(Wide::new(Cursor::new(head).chain(file), encoding)),
            None => Box::new(Cursor::new(head).chain(file)),
        };
        Ok(Part {
            left,
            event: 0,
            fault: None,
            is_wide: wide.is_some(),
            file: BufReader::with_capacity(1 << 16, file),
        })
    }

    /// The first bytes of a part, at most `limit`.
    pub fn head(&mut self, name: &str, limit: u64) -> Result<Vec<u8>, CohortError> {
        let mut head = Vec::new();
        let read = self.part(name)?.take(limit).read_to_end(&mut head);
        read.map_err(|_| fault(WorkbookFault::Container))?;
        Ok(head)
    }
}

/// Lower case, forward slashes, no leading one. A name that climbs out of the container is a trick.
fn normal(name: &str) -> Result<String, CohortError> {
    let name = name.replace('\\', "/").to_lowercase();
    let name = name.trim_start_matches('/');
    if name.split('/').any(|part| part == "..") || name.contains('\0') {
        return Err(fault(WorkbookFault::Container));
    }
    Ok(name.to_owned())
}

/// A part being inflated. Ends in an error as soon as more comes out than may.
pub(super) struct Part<'p> {
    left: &'p Budget,
    /// Bytes since [`Part::next_event`].
    event: usize,
    /// Why reading stopped, when it was stopped here.
    fault: Option<WorkbookFault>,
    /// UTF-16, read as UTF-8.
    is_wide: bool,
    file: BufReader<Box<dyn Read + 'p>>,
}

impl Part<'_> {
    /// The next tag or text begins.
    ///
    /// # Errors
    /// When there were more than any list of people needs.
    pub fn next_event(&mut self) -> Result<(), CohortError> {
        self.event = 0;
        let left = self.left.events.get();
        self.left.events.set(left.saturating_sub(1));
        match left {
            0 => Err(fault(WorkbookFault::Count)),
            _ => Ok(()),
        }
    }

    /// Is it in UTF-16?
    pub fn is_wide(&self) -> bool {
        self.is_wide
    }

    /// Why reading stopped: by a limit, or because the packed bytes are damaged.
    pub fn fault(&self) -> Option<WorkbookFault> {
        self.fault
    }

    fn stop(&mut self, fault: WorkbookFault) -> io::Error {
        self.fault = Some(fault);
        io::Error::from(io::ErrorKind::FileTooLarge)
    }
}

impl BufRead for Part<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.event > MAX_EVENT {
            return Err(self.stop(WorkbookFault::Shape));
        }
        if self.left.bytes.get() == 0 {
            return Err(self.stop(WorkbookFault::Inflated));
        }
        match self.file.fill_buf() {
            Ok(bytes) => Ok(bytes),
            Err(e) => {
                self.fault = Some(WorkbookFault::Container);
                Err(e)
            }
        }
    }

    fn consume(&mut self, amount: usize) {
        self.event += amount;
        let left = &self.left.bytes;
        left.set(left.get().saturating_sub(amount as u64));
        self.file.consume(amount);
    }
}

impl Read for Part<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let amount = ready.len().min(into.len());
        into[..amount].copy_from_slice(&ready[..amount]);
        self.consume(amount);
        Ok(amount)
    }
}
