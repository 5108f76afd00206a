//! The server's side of the talk with one worker: what it says is taken apart and checked here, and
//! nothing of it is believed before.

use super::protocol::{
    self, Answer, Cannot, Garbled, HEADER, Hello, Holding, Kind, Ready, Tags, Whole,
};
use super::said::{Face, Problem, Step};
use crate::custody;
use crate::report;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use tokio::io::{AsyncReadExt, Interest};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;

/// Bytes read at a time.
const AT_ONCE: usize = 1 << 16;

/// Something a worker said.
pub(super) enum Said {
    Ready(Ready),
    Cannot(Cannot),
    Whole(Whole),
    Step(Step),
    Held(Holding, Vec<u64>),
    AskUsedUp(Tags),
    Release(Tags),
    Answer(Vec<Face>, Answer),
    NoAnswer(Problem),
    /// It has closed its end.
    Nothing,
}

/// What a worker says, in order. [`Conversation::next`] may be dropped and called again.
pub(super) struct Conversation {
    from: OwnedReadHalf,
    read: Vec<u8>,
    faces: Vec<Face>,
}

/// Takes the first word, and the worker's memory beside it.
pub(super) async fn greet(socket: &UnixStream, pid: u32) -> io::Result<custody::OwnMemory> {
    let garbled = || io::Error::from(io::ErrorKind::InvalidData);
    let mut bytes = [0; HEADER + 256];
    let (n, fds) = loop {
        socket.readable().await?;
        let receive = || custody::receive_with(socket.as_fd(), &mut bytes);
        match socket.try_io(Interest::READABLE, receive) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => continue,
            done => break done?,
        }
    };
    // Sent at once, and so small that it comes at once: exactly one frame.
    let said = bytes.get(..n).ok_or_else(garbled)?;
    let (head, payload) = said.split_first_chunk().ok_or_else(garbled)?;
    let (kind, length) = protocol::header(*head).map_err(|_| garbled())?;
    let hello: Hello = protocol::parse(payload).map_err(|_| garbled())?;
    let [mem, maps]: [OwnedFd; 2] = fds.try_into().map_err(|_| garbled())?;
    let right = kind == Kind::Hello
        && length == payload.len()
        && hello.version == protocol::VERSION
        && is_of(&mem, pid, "mem")
        && is_of(&maps, pid, "maps");
    match right {
        true => Ok(custody::OwnMemory { mem, maps }),
        false => Err(garbled()),
    }
}

/// Is it that file of that process?
fn is_of(fd: &OwnedFd, pid: u32, file: &str) -> bool {
    let link = std::fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd()));
    link.is_ok_and(|path| path.as_os_str() == format!("/proc/{pid}/{file}").as_str())
}

impl Conversation {
    pub fn new(from: OwnedReadHalf) -> Conversation {
        Conversation {
            from,
            read: Vec::with_capacity(AT_ONCE),
            faces: Vec::new(),
        }
    }

    /// The next thing said.
    ///
    /// # Errors
    /// When it is nothing that can be said, or breaks off.
    pub async fn next(&mut self) -> Result<Said, Garbled> {
        loop {
            while let Some((kind, payload)) = self.frame()? {
                if let Some(said) = self.understand(kind, &payload)? {
                    return Ok(said);
                }
            }
            // Given up half way, nothing read is lost: it is in the buffer.
            match self.from.read_buf(&mut self.read).await {
                Ok(0) if self.read.is_empty() => return Ok(Said::Nothing),
                Ok(n) if n > 0 => (),
                // How the system tells that it ended with bytes unread.
                Err(e) if e.kind() == io::ErrorKind::ConnectionReset => return Ok(Said::Nothing),
                _ => return Err(Garbled),
            }
        }
    }

    /// A whole frame, when there is one. The buffer grows with what has come, not with what was
    /// announced.
    fn frame(&mut self) -> Result<Option<(Kind, Vec<u8>)>, Garbled> {
        let Some((head, rest)) = self.read.split_first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let (kind, length) = protocol::header(*head)?;
        let Some(payload) = rest.get(..length) else {
            return Ok(None);
        };
        let payload = payload.to_vec();
        self.read.drain(..HEADER + length);
        Ok(Some((kind, payload)))
    }

    /// What a frame means; nothing yet when it is a part of an answer.
    fn understand(&mut self, kind: Kind, payload: &[u8]) -> Result<Option<Said>, Garbled> {
        Ok(Some(match kind {
            Kind::Ready => Said::Ready(ready(payload)?),
            Kind::Cannot => Said::Cannot(protocol::parse(payload)?),
            Kind::Whole => Said::Whole(whole(payload)?),
            Kind::Step => Said::Step(protocol::parse_step(payload)?),
            Kind::Held => {
                let (holding, prints) = protocol::parse_held(payload)?;
                Said::Held(holding, prints)
            }
            Kind::AskUsedUp if self.faces.is_empty() => Said::AskUsedUp(Tags::parse(payload)?),
            Kind::Release if self.faces.is_empty() => Said::Release(Tags::parse(payload)?),
            Kind::Face => {
                let face = face(payload)?;
                if self.faces.iter().any(|f| f.name == face.name) {
                    return Err(Garbled);
                }
                self.faces.push(face);
                return Ok(None);
            }
            Kind::Answer => {
                let answer: Answer = protocol::parse(payload)?;
                let sound = answer.faces == self.faces.len()
                    && answer.faces > 0
                    && protocol::is_plain(&answer.headline);
                if !sound {
                    return Err(Garbled);
                }
                Said::Answer(std::mem::take(&mut self.faces), answer)
            }
            Kind::NoAnswer if self.faces.is_empty() => {
                Said::NoAnswer(protocol::parse_problem(payload)?)
            }
            _ => return Err(Garbled),
        }))
    }
}

fn ready(payload: &[u8]) -> Result<Ready, Garbled> {
    let ready: Ready = protocol::parse(payload)?;
    let key = ready.public_key.as_deref();
    match protocol::is_plain(&ready.note) && key.is_none_or(custody::hex::is_hex) {
        true => Ok(ready),
        false => Err(Garbled),
    }
}

fn whole(payload: &[u8]) -> Result<Whole, Garbled> {
    let whole: Whole = protocol::parse(payload)?;
    match whole.commitment.as_deref().is_none_or(protocol::is_digest) {
        true => Ok(whole),
        false => Err(Garbled),
    }
}

/// One of the forms there are, whole and of its kind.
fn face(payload: &[u8]) -> Result<Face, Garbled> {
    let at = payload.iter().position(|&b| b == 0).ok_or(Garbled)?;
    let (name, bytes) = (&payload[..at], &payload[at + 1..]);
    let name = std::str::from_utf8(name).map_err(|_| Garbled)?;
    let form = report::Face::named(name).ok_or(Garbled)?;
    if !form.begins(bytes) || (form.is_text() && std::str::from_utf8(bytes).is_err()) {
        return Err(Garbled);
    }
    if form == report::Face::Json {
        protocol::parse::<serde::de::IgnoredAny>(bytes)?;
    }
    Ok(Face {
        name: form.file_name().into(),
        media_type: form.media_type(),
        bytes: bytes.to_vec(),
    })
}
