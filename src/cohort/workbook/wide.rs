//! UTF-16 parts, as XML allows them, read as UTF-8: a stretch at a time, in memory of a fixed size.

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_16BE, UTF_16LE};
use std::io::{self, Read};

/// Bytes taken at a time.
const STRETCH: usize = 1 << 13;
/// A unit of two bytes becomes three bytes at most; and room for what the last stretch left over.
const ROOM: usize = 2 * STRETCH;

/// The encoding that the first two bytes show, and whether they are only its mark.
pub(super) fn shown_by(head: &[u8]) -> Option<(&'static Encoding, bool)> {
    match head {
        b"\xFF\xFE" => Some((UTF_16LE, true)),
        b"\xFE\xFF" => Some((UTF_16BE, true)),
        b"<\0" => Some((UTF_16LE, false)),
        b"\0<" => Some((UTF_16BE, false)),
        _ => None,
    }
}

/// A reader of UTF-16 as one of UTF-8. Broken UTF-16 is an error, never a question mark.
pub(super) struct Wide<R> {
    inner: R,
    decoder: Decoder,
    raw: Box<[u8; STRETCH]>,
    ready: Box<[u8; ROOM]>,
    from: usize,
    to: usize,
    ended: bool,
}

impl<R: Read> Wide<R> {
    pub fn new(inner: R, encoding: &'static Encoding) -> Wide<R> {
        Wide {
            inner,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: Box::new([0; STRETCH]),
            ready: Box::new([0; ROOM]),
            from: 0,
            to: 0,
            ended: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        let taken = self.inner.read(&mut self.raw[..])?;
        self.ended = taken == 0;
        let raw = &self.raw[..taken];
        let into = &mut self.ready[..];
        let (end, _, written) =
            (self.decoder).decode_to_utf8_without_replacement(raw, into, self.ended);
        match end {
            DecoderResult::InputEmpty => {
                (self.from, self.to) = (0, written);
                Ok(())
            }
            DecoderResult::OutputFull | DecoderResult::Malformed(..) => {
                Err(io::Error::from(io::ErrorKind::InvalidData))
            }
        }
    }
}

impl<R: Read> Read for Wide<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.from == self.to && !self.ended {
            self.refill()?;
        }
        let amount = into.len().min(self.to - self.from);
        into[..amount].copy_from_slice(&self.ready[self.from..][..amount]);
        self.from += amount;
        Ok(amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn characters_of_one_to_four_bytes_come_through_wherever_a_stretch_ends() {
        let text = "aé€\u{1F600}".repeat(5_000);
        for lead in ["", "x"] {
            let text = format!("{lead}{text}");
            let mut read = String::new();
            Wide::new(units(&text).as_slice(), UTF_16LE)
                .read_to_string(&mut read)
                .unwrap();
            assert!(read == text);
        }
    }

    #[test]
    fn half_a_character_is_an_error() {
        for bytes in [&[0x41, 0x00, 0x41][..], &[0x00, 0xD8, 0x41, 0x00]] {
            let mut read = Vec::new();
            assert!(Wide::new(bytes, UTF_16LE).read_to_end(&mut read).is_err());
        }
    }
}
