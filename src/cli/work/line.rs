//! The line to the server: standard input and output, which are two ends of one socket.

use crate::custody::{self, OwnMemory};
use crate::service::worker::Step;
use crate::service::worker::protocol::{self, Beside, HEADER, Kind, Order, head, payload};
use std::io::{self, StdinLock, StdoutLock, Write};
use std::os::fd::AsFd;
use zeroize::Zeroize;

/// What is heard and said.
pub struct Line {
    from: StdinLock<'static>,
    to: StdoutLock<'static>,
    /// The last thing heard. Used again, so that the file is not left all over the heap.
    heard: Vec<u8>,
}

fn out_of_order() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

impl Line {
    pub fn new() -> Line {
        Line {
            from: io::stdin().lock(),
            to: io::stdout().lock(),
            heard: Vec::new(),
        }
    }

    /// The first word, with this process's memory beside it.
    pub fn greet(&mut self, hello: &[u8], own: &OwnMemory) -> io::Result<()> {
        let mut frame = Vec::with_capacity(HEADER + hello.len());
        frame.extend(head(Kind::Hello, hello.len())?);
        frame.extend(hello);
        custody::send_with(self.to.as_fd(), &frame, own)
    }

    /// What is to be done.
    pub fn order(&mut self) -> io::Result<Order> {
        self.wait_for(Kind::Job)?;
        let order = protocol::parse(&self.heard).map_err(|_| out_of_order());
        // It holds keys.
        self.heard.zeroize();
        order
    }

    /// Waits for its turn; what is known beside the list.
    pub fn begin(&mut self) -> io::Result<Beside> {
        self.wait_for(Kind::Begin)?;
        protocol::parse(&self.heard).map_err(|_| out_of_order())
    }

    /// The next bytes of the file; none when it is whole.
    pub fn data(&mut self) -> io::Result<Option<&[u8]>> {
        match protocol::receive(&mut self.from, &mut self.heard)? {
            Kind::Data => Ok(Some(&self.heard)),
            Kind::End => Ok(None),
            _ => Err(out_of_order()),
        }
    }

    /// Waits until the server says that, and nothing else.
    pub fn wait_for(&mut self, kind: Kind) -> io::Result<()> {
        match protocol::receive(&mut self.from, &mut self.heard)? == kind {
            true => Ok(()),
            false => Err(out_of_order()),
        }
    }

    /// Says something and gives what the server answers, which must be of that kind.
    pub fn ask(&mut self, kind: Kind, said: &[u8], answer: Kind) -> io::Result<&[u8]> {
        self.say(kind, said)?;
        self.wait_for(answer)?;
        Ok(&self.heard)
    }

    pub fn say(&mut self, kind: Kind, payload: &[u8]) -> io::Result<()> {
        protocol::send(&mut self.to, kind, payload)
    }

    pub fn step(&mut self, step: Step) -> io::Result<()> {
        self.say(Kind::Step, &payload(&step)?)
    }

    /// A form of the report: its name, a zero, its bytes.
    pub fn face(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let length = name.len() + 1 + bytes.len();
        self.to.write_all(&head(Kind::Face, length)?)?;
        self.to.write_all(name.as_bytes())?;
        self.to.write_all(&[0])?;
        self.to.write_all(bytes)?;
        self.to.flush()
    }
}
