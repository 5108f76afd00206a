//! What the scanner is told and what it answers. It is told where to look as descriptors and paths,
//! and what to look for as keys and prints; it answers with numbers.

use super::{MarkSet, ScanError};
use crate::custody::marks::{MOST_MARKS, MarkKey, PRINTS, Prints};
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// An order longer than this is none.
const MOST_ORDER: usize = 1 << 20;
/// So many targets and sets, at most.
pub const MOST: usize = 4096;
/// Bytes of a streamed chunk.
pub const CHUNK: usize = 1 << 16;

/// Where to look.
#[derive(Serialize, Deserialize)]
pub enum Place {
    /// Open descriptors of a process's memory and list of mappings.
    Memory { mem: i32, maps: i32 },
    /// A folder or a single file.
    Folder {
        path: PathBuf,
        /// Milliseconds since 1970: contents that were last changed before are left out.
        since: Option<i64>,
        /// What lies in folders below it too.
        deep: bool,
    },
    /// An open descriptor: a file without a name, or what waits in a pipe or socket.
    Descriptor { fd: i32 },
    /// What follows the prints, in chunks.
    Stream,
}

/// The order as a whole; prints and streams follow it.
#[derive(Serialize, Deserialize)]
pub struct Order {
    /// In this order.
    pub places: Vec<Place>,
    /// Folders of the held register: left out.
    pub held: Vec<PathBuf>,
    /// How many numbers each set has.
    pub sets: Vec<usize>,
}

/// What was found in one place.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Bytes looked at.
    pub bytes: u64,
    /// Distinct marks found, by set.
    pub found: Vec<u32>,
    /// It was not there: the process had ended.
    pub gone: bool,
    /// Pages, files or folders that could not be read.
    pub unreadable: u64,
}

pub fn send_order(to: &mut impl Write, order: &Order, sets: &[MarkSet]) -> io::Result<()> {
    let head = serde_json::to_vec(order)?;
    if head.len() > MOST_ORDER {
        return Err(io::Error::other("too many places to look at"));
    }
    to.write_all(&(head.len() as u32).to_le_bytes())?;
    to.write_all(&head)?;
    for set in sets {
        to.write_all(set.key.bytes())?;
        for number in set.prints.numbers() {
            to.write_all(&number.to_le_bytes())?;
        }
    }
    to.flush()
}

pub fn receive_order(from: &mut impl Read) -> io::Result<(Order, Vec<MarkSet>)> {
    let bad = |what| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut four = [0; 4];
    from.read_exact(&mut four)?;
    let length = u32::from_le_bytes(four) as usize;
    if length > MOST_ORDER {
        return Err(bad("too long an order"));
    }
    let mut head = vec![0; length];
    from.read_exact(&mut head)?;
    let order: Order = serde_json::from_slice(&head)?;
    let most = 1 + MOST_MARKS * PRINTS;
    if order.sets.len() > MOST || order.sets.iter().any(|&n| n > most) {
        return Err(bad("too many prints"));
    }
    let mut sets = Vec::with_capacity(order.sets.len());
    for &numbers in &order.sets {
        let mut key = Zeroizing::new([0; 32]);
        from.read_exact(key.as_mut())?;
        let mut eight = [0; 8];
        let mut prints = Vec::with_capacity(numbers);
        for _ in 0..numbers {
            from.read_exact(&mut eight)?;
            prints.push(u64::from_le_bytes(eight));
        }
        let prints = Prints::received(prints).ok_or_else(|| bad("half a set of prints"))?;
        let key = MarkKey::from_bytes(*key);
        sets.push(MarkSet { key, prints });
    }
    Ok((order, sets))
}

/// Sends all there is to read, in chunks, and that it is the end.
pub fn send_stream(to: &mut impl Write, from: &mut dyn Read) -> io::Result<()> {
    let mut chunk = Zeroizing::new(vec![0; CHUNK]);
    loop {
        let read = match from.read(&mut chunk) {
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        to.write_all(&(read as u32).to_le_bytes())?;
        to.write_all(&chunk[..read])?;
        if read == 0 {
            return to.flush();
        }
    }
}

/// Reads a stream as it was sent.
pub struct Chunks<R>(R, usize, bool);

impl<R: Read> Chunks<R> {
    pub fn new(from: R) -> Self {
        Chunks(from, 0, false)
    }
}

impl<R: Read> Read for Chunks<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.1 == 0 && !self.2 {
            let mut four = [0; 4];
            self.0.read_exact(&mut four)?;
            self.1 = u32::from_le_bytes(four) as usize;
            self.2 = self.1 == 0;
        }
        let most = self.1.min(to.len());
        if most == 0 {
            return Ok(0);
        }
        let read = self.0.read(&mut to[..most])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.1 -= read;
        Ok(read)
    }
}

/// Reads the answer as a stranger's: it must be of the asked form, and short.
pub fn receive_answer(from: impl Read, order: &Order) -> Result<Vec<Found>, ScanError> {
    let most = (order.places.len() + 1) * (100 + 12 * order.sets.len());
    let mut text = Vec::new();
    from.take(most as u64 + 1).read_to_end(&mut text)?;
    let found: Vec<Found> = serde_json::from_slice(&text).map_err(|_| ScanError::NoAnswer)?;
    let sized = found.iter().all(|f| f.found.len() == order.sets.len());
    match found.len() == order.places.len() && sized {
        true => Ok(found),
        false => Err(ScanError::NoAnswer),
    }
}
