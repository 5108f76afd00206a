//! Bytes in hexadecimal, in small letters: one form only, so that two texts are equal where their
//! bytes are.

/// Bytes as text.
pub fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n & 15)]);
    bytes.iter().flat_map(|&b| [b >> 4, b]).map(digit).collect()
}

/// Whether a text is hexadecimal digits, in small letters.
pub fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| digit(b).is_some())
}

/// The bytes of a text; none where it is anything but pairs of digits.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}

/// The 32 bytes of a text of 64 digits: a digest, a key, a salt.
pub fn decode_32(text: &str) -> Option<[u8; 32]> {
    decode(text)?.try_into().ok()
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_goes_through_text_and_nothing_else_does() {
        let all: Vec<u8> = (0..=255).collect();
        assert!(encode(&all).starts_with("000102") && encode(&all).ends_with("fdfeff"));
        assert_eq!(decode(&encode(&all)), Some(all));
        for none in ["a", "0A", "+f", " 1", "0x", "0é", "g0"] {
            assert_eq!(decode(none), None, "{none}");
        }
        assert_eq!(decode_32(&"ab".repeat(32)), Some([0xab; 32]));
        assert_eq!(decode_32(&"ab".repeat(31)), None);
    }
}
