//! The scanner's own side.

use super::files::{self, Walk};
use super::finder::{Finder, Search};
use super::memory;
use super::protocol::{Chunks, Found, Order, Place, receive_order};
use crate::custody::confine_worker;
use std::io::{self, BufReader, Read, Write};
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::path::PathBuf;

/// Takes an order on standard input, looks, and answers on standard output. Call it in a process
/// that does nothing else.
///
/// # Errors
/// When the order cannot be read or the answer not written, or the process cannot be confined.
pub fn serve() -> io::Result<()> {
    let mut from = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let (order, sets) = receive_order(&mut from)?;
    // Before the first byte of what is looked at.
    confine_worker::confine_to_reading(&readable(&order))?;
    let finder = Finder::new(&sets);
    let mut answer = Vec::with_capacity(order.places.len());
    for place in &order.places {
        let mut search = finder.search();
        let except = [&order.held[..], &elsewhere(place, &order.places)].concat();
        let mut found = look(place, &except, &mut from, &mut search)?;
        found.bytes = search.bytes;
        found.found = search.found();
        answer.push(found);
    }
    let mut out = io::stdout().lock();
    out.write_all(&serde_json::to_vec(&answer)?)?;
    out.flush()
}

fn readable(order: &Order) -> Vec<PathBuf> {
    let folders = order.places.iter().filter_map(|place| match place {
        Place::Folder { path, .. } => Some(path.clone()),
        _ => None,
    });
    folders.collect()
}

/// What lies below a folder and is a place of its own, looked through whole there: the database and
/// the log in the data folder. Once is enough.
fn elsewhere(place: &Place, places: &[Place]) -> Vec<PathBuf> {
    let Place::Folder { path: above, .. } = place else {
        return Vec::new();
    };
    let whole = places.iter().filter_map(|p| match p {
        Place::Folder {
            path,
            since: None,
            deep: true,
        } => Some(path),
        _ => None,
    });
    let below = whole.filter(|path| path.starts_with(above) && *path != above);
    below.cloned().collect()
}

fn look(
    place: &Place,
    except: &[PathBuf],
    stdin: &mut impl Read,
    search: &mut Search,
) -> io::Result<Found> {
    let mut found = Found::default();
    match place {
        Place::Memory { mem, maps } => {
            // SAFETY: open for as long as this process runs: its parent handed them over, and
            // nothing here closes them.
            let [mem, maps] = [*mem, *maps].map(|fd| unsafe { BorrowedFd::borrow_raw(fd) });
            match memory::look(mem, maps, except, search) {
                Ok(looked) => {
                    found.gone = looked.gone;
                    found.unreadable = looked.unreadable;
                }
                Err(_) => found.unreadable = 1,
            }
        }
        Place::Folder { path, since, deep } => {
            let mut walk = Walk {
                since: *since,
                deep: *deep,
                except,
                unreadable: 0,
            };
            walk.look(path, search);
            found.unreadable = walk.unreadable;
        }
        Place::Descriptor { fd } => {
            let looked = owned(*fd).and_then(|fd| files::descriptor(fd, search));
            found.unreadable = u64::from(looked.is_err());
        }
        Place::Stream => search.reader(Chunks::new(stdin))?,
    }
    Ok(found)
}

/// Takes over a descriptor from the parent; not one of the three standard ones.
fn owned(fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: a number; fails when it is not open.
    if fd < 3 || unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: open, as just asked, and named in one place of the order only: the parent gave each
    // place a descriptor of its own.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
