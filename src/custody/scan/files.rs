//! Folders and open descriptors: contents, names, extended attributes, what waits in pipes and
//! sockets.

use super::finder::Search;
use std::ffi::CString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// File systems stamp with a clock that ticks: so many milliseconds before count as since.
const SLACK: i64 = 50;
/// Folders within folders.
const DEEPEST: usize = 64;
/// Most that a pipe or socket is looked into.
const MOST_WAITING: usize = 16 << 20;

/// What to look at under a folder.
pub struct Walk<'a> {
    /// Milliseconds since 1970; contents changed last before are left out.
    pub since: Option<i64>,
    /// Folders below too.
    pub deep: bool,
    /// Left out, with all below.
    pub except: &'a [PathBuf],
    /// Files and folders that could not be read though they are this user's.
    pub unreadable: u64,
}

impl Walk<'_> {
    /// Looks at a file, or at all files in a folder, their names and attributes included. What does
    /// not exist holds nothing.
    pub fn look(&mut self, path: &Path, search: &mut Search) {
        match fs::symlink_metadata(path) {
            Ok(about) => self.entry(path, &about, 0, search),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(_) => self.unreadable += 1,
        }
    }

    fn entry(&mut self, path: &Path, about: &Metadata, depth: usize, search: &mut Search) {
        if self.except.iter().any(|e| e == path) {
            return;
        }
        if depth > 0 {
            search.stretch(path.file_name().unwrap_or_default().as_bytes());
        }
        attributes(path, search);
        if about.is_symlink() {
            if let Ok(target) = fs::read_link(path) {
                search.stretch(target.as_os_str().as_bytes());
            }
        } else if about.is_dir() {
            if depth == 0 || self.deep {
                self.folder(path, about, depth, search);
            }
        } else if about.is_file() && self.is_recent(about) {
            let read = open(path).and_then(|file| search.reader(file));
            self.count(read, about);
        }
    }

    fn folder(&mut self, path: &Path, about: &Metadata, depth: usize, search: &mut Search) {
        if depth == DEEPEST {
            self.unreadable += 1;
            return;
        }
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(e) => return self.count(Err(e), about),
        };
        for entry in entries {
            match entry.and_then(|e| Ok((e.path(), e.metadata()?))) {
                Ok((path, about)) => self.entry(&path, &about, depth + 1, search),
                Err(e) => self.count(Err(e), about),
            }
        }
    }

    fn is_recent(&self, about: &Metadata) -> bool {
        let ms =
            |seconds: i64, ns: i64| seconds.saturating_mul(1000).saturating_add(ns / 1_000_000);
        let changed = ms(about.mtime(), about.mtime_nsec());
        let moved = ms(about.ctime(), about.ctime_nsec());
        self.since
            .is_none_or(|since| changed.max(moved).saturating_add(SLACK) >= since)
    }

    /// What vanished meanwhile holds nothing; what another user keeps to himself is not ours.
    fn count(&mut self, read: io::Result<()>, about: &Metadata) {
        // SAFETY: takes nothing, gives a number.
        let ours = || about.uid() == unsafe { libc::geteuid() };
        if let Err(e) = read
            && e.kind() != io::ErrorKind::NotFound
            && (e.kind() != io::ErrorKind::PermissionDenied || ours())
        {
            self.unreadable += 1;
        }
    }
}

/// For reading, without waiting for anybody.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
}

/// Names and values of a file's extended attributes.
fn attributes(path: &Path, search: &mut Search) {
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else {
        return;
    };
    let mut names = vec![0u8; 1 << 16];
    // SAFETY: the path ends with NUL, and the system writes no more than the length given.
    let length = unsafe { libc::llistxattr(path.as_ptr(), names.as_mut_ptr().cast(), names.len()) };
    names.truncate(usize::try_from(length).unwrap_or(0));
    for name in names.split_inclusive(|b| *b == 0) {
        search.stretch(name);
        let mut value = vec![0u8; 1 << 16];
        // SAFETY: both texts end with NUL, and the system writes no more than the length given.
        let length = unsafe {
            libc::lgetxattr(
                path.as_ptr(),
                name.as_ptr().cast(),
                value.as_mut_ptr().cast(),
                value.len(),
            )
        };
        value.truncate(usize::try_from(length).unwrap_or(0));
        search.stretch(&value);
    }
}

/// Looks at an open descriptor without taking anything from it: a file's whole content, or what
/// waits in a pipe or socket.
///
/// # Errors
/// When it cannot be read.
pub fn descriptor(fd: OwnedFd, search: &mut Search) -> io::Result<()> {
    let file = File::from(fd);
    let kind = file.metadata()?.file_type();
    if kind.is_file() {
        return whole(&file, search);
    }
    if kind.is_fifo() {
        return pipe(&file, search);
    }
    if kind.is_socket() {
        return socket(&file, search);
    }
    Ok(())
}

fn whole(file: &File, search: &mut Search) -> io::Result<()> {
    let mut at = 0;
    loop {
        match file.read_at(search.room(), at)? {
            0 => break,
            read => {
                search.filled(read);
                at += read as u64;
            }
        }
    }
    search.end_stretch();
    Ok(())
}

/// Copies what waits into a pipe of our own, where it can be read without being missed.
fn pipe(file: &File, search: &mut Search) -> io::Result<()> {
    let mut ends = [0; 2];
    // SAFETY: the two numbers live through the call, which fills them.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just opened, and nobody else's.
    let [out, into] = ends.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    // SAFETY: numbers only; may be refused, and then what fits is looked at.
    unsafe { libc::fcntl(into.as_raw_fd(), libc::F_SETPIPE_SZ, 1 << 20) };
    // SAFETY: numbers only; never waits.
    let copied = unsafe {
        libc::tee(
            file.as_raw_fd(),
            into.as_raw_fd(),
            MOST_WAITING,
            libc::SPLICE_F_NONBLOCK,
        )
    };
    drop(into);
    match copied {
        -1 => match io::Error::last_os_error() {
            e if e.kind() == io::ErrorKind::WouldBlock => Ok(()),
            e => Err(e),
        },
        _ => search.reader(File::from(out)),
    }
}

fn socket(file: &File, search: &mut Search) -> io::Result<()> {
    let mut waiting = vec![0u8; MOST_WAITING];
    // SAFETY: the system writes no more than the length given; nothing is taken, nothing waited for.
    let read = unsafe {
        libc::recv(
            file.as_raw_fd(),
            waiting.as_mut_ptr().cast(),
            waiting.len(),
            libc::MSG_PEEK | libc::MSG_DONTWAIT,
        )
    };
    // A socket that listens, or has nothing, says so as an error.
    if let Ok(read) = usize::try_from(read) {
        search.stretch(&waiting[..read]);
    }
    Ok(())
}

/// This process's own descriptors in which something may lie that has no name: deleted and nameless
/// files, pipes and sockets with something in them. For a scanner to look at.
///
/// # Errors
/// When the list cannot be read.
pub fn nameless() -> io::Result<Vec<OwnedFd>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        let name = entry?.file_name();
        let Some(fd) = name.to_str().and_then(|n| n.parse::<RawFd>().ok()) else {
            continue;
        };
        // SAFETY: a number; the copy is our own, and what it belongs to is asked of the copy. Fails
        // for the descriptor of the list itself once it is closed.
        let copy = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3) };
        if copy < 0 {
            continue;
        }
        // SAFETY: just opened, and nobody else's.
        let copy = unsafe { OwnedFd::from_raw_fd(copy) };
        if holds_something(&copy)? {
            found.push(match reopened(&copy) {
                Some(readable) => readable,
                None => copy,
            });
        }
    }
    Ok(found)
}

fn holds_something(fd: &OwnedFd) -> io::Result<bool> {
    let file = File::from(fd.try_clone()?);
    let about = file.metadata()?;
    let kind = about.file_type();
    if kind.is_file() {
        return Ok(about.nlink() == 0 && about.len() > 0);
    }
    let mut waiting: libc::c_int = 0;
    // SAFETY: the number lives through the call, which fills it.
    let asked = unsafe { libc::ioctl(fd.as_raw_fd(), libc::FIONREAD, &mut waiting) };
    Ok((kind.is_fifo() || kind.is_socket()) && asked == 0 && waiting > 0)
}

/// Once more, for reading: of a pipe's end for writing that is the end for reading too.
fn reopened(fd: &OwnedFd) -> Option<OwnedFd> {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NONBLOCK);
    options.open(path).ok().map(OwnedFd::from)
}

/// Reads the whole of a small file of `/proc`.
pub fn small(path: &str) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(1 << 20).read_to_string(&mut text)?;
    Ok(text)
}
