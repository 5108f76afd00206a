//! A window of a text in each of the encodings in which a careless programme could keep it.

use super::WINDOWS;
use super::key::{SPAN, WINDOW};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;
use zeroize::Zeroizing;

/// Characters of a window.
pub const CHARS: usize = 12;
/// Fewer different characters than this prove nothing.
const DIFFERENT: usize = 5;

/// How many bytes of an encoded window are looked at.
#[derive(Clone, Copy)]
pub struct Form {
    /// [`WINDOW`] or [`SPAN`].
    pub span: usize,
    write: fn(&str, &mut Vec<u8>),
}

const fn form(span: usize, write: fn(&str, &mut Vec<u8>)) -> Form {
    Form { span, write }
}

/// All of them. Where escaping makes a text much longer, more of it is looked at: hence two sizes.
pub const FORMS: [Form; 14] = [
    form(WINDOW, |t, to| to.extend_from_slice(t.as_bytes())),
    form(WINDOW, |t, to| to.extend(t.to_uppercase().as_bytes())),
    form(WINDOW, |t, to| to.extend(t.to_lowercase().as_bytes())),
    form(SPAN, |t, to| {
        to.extend(t.encode_utf16().flat_map(u16::to_le_bytes));
    }),
    form(SPAN, |t, to| {
        to.extend(t.encode_utf16().flat_map(u16::to_be_bytes));
    }),
    form(WINDOW, |t, to| base64(t, 0, to)),
    form(WINDOW, |t, to| base64(t, 2, to)),
    form(WINDOW, |t, to| base64(t, 1, to)),
    form(SPAN, |t, to| hex(t, b"0123456789abcdef", to)),
    form(SPAN, |t, to| hex(t, b"0123456789ABCDEF", to)),
    form(WINDOW, percent),
    form(SPAN, percent),
    form(WINDOW, json),
    form(SPAN, json),
];

/// Nine of the window's bytes, which whole groups of base64 hold wherever the text begins: `skip`
/// bytes belong to a group with bytes that are not known.
fn base64(text: &str, skip: usize, to: &mut Vec<u8>) {
    let end = to.len();
    to.resize(end + WINDOW, 0);
    let bytes = &text.as_bytes()[skip..skip + 9];
    let written = STANDARD.encode_slice(bytes, &mut to[end..]).unwrap_or(0);
    to.truncate(end + written);
}

fn hex(text: &str, digits: &[u8; 16], to: &mut Vec<u8>) {
    for byte in text.bytes() {
        to.extend([byte >> 4, byte & 15].map(|d| digits[usize::from(d)]));
    }
}

/// As in an address (RFC 3986).
fn percent(text: &str, to: &mut Vec<u8>) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            to.push(byte);
        } else {
            to.push(b'%');
            to.extend([byte >> 4, byte & 15].map(|d| b"0123456789ABCDEF"[usize::from(d)]));
        }
    }
}

/// As in JSON that is kept to ASCII (RFC 8259).
fn json(text: &str, to: &mut Vec<u8>) {
    for c in text.chars() {
        match c {
            '"' | '\\' => to.extend([b'\\', c as u8]),
            ' '..='~' => to.push(c as u8),
            _ => {
                let mut escaped = Zeroizing::new(String::with_capacity(12));
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a text cannot fail.
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
                to.extend_from_slice(escaped.as_bytes());
            }
        }
    }
}

/// Is it worth looking for? Twelve characters at least, not all of them much the same.
pub fn is_distinctive(text: &str) -> bool {
    text.chars().nth(CHARS - 1).is_some() && windows(text).iter().any(Option::is_some)
}

/// First, middle and last twelve characters, as far as they differ and prove something.
pub fn windows(text: &str) -> [Option<&str>; WINDOWS] {
    let chars = text.chars().count();
    let last = chars.saturating_sub(CHARS);
    let starts = [0, last / 2, last];
    let mut windows = [None; WINDOWS];
    for (n, &start) in starts.iter().enumerate() {
        if !starts[..n].contains(&start) {
            windows[n] = window(text, start).filter(|w| varied(w));
        }
    }
    windows
}

fn window(text: &str, start: usize) -> Option<&str> {
    let mut places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let from = places.nth(start)?;
    let to = places.nth(CHARS - 1)?;
    Some(&text[from..to])
}

fn varied(window: &str) -> bool {
    let firsts = window
        .char_indices()
        .filter(|(at, c)| !window[..*at].contains(*c));
    firsts.count() >= DIFFERENT
}

/// Calls with the number of each encoding and the window in it, cut to its span; passes over those
/// that give nothing new.
pub fn each(window: &str, use_it: &mut dyn FnMut(usize, &[u8])) {
    // The first twelve characters, should there be more.
    let end = window
        .char_indices()
        .nth(CHARS)
        .map_or(window.len(), |(at, _)| at);
    let window = &window[..end];
    let mut all = Zeroizing::new(Vec::with_capacity(1024));
    let mut known: [(usize, usize); FORMS.len()] = [(0, 0); FORMS.len()];
    for (n, form) in FORMS.iter().enumerate() {
        let from = all.len();
        (form.write)(window, &mut all);
        let to = from + form.span;
        if to > all.len() {
            continue;
        }
        all.truncate(to);
        let seen = |&(a, b): &(usize, usize)| all[a..b] == all[from..to];
        if known[..n].iter().any(seen) {
            continue;
        }
        known[n] = (from, to);
        use_it(n, &all[from..to]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(window: &str) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        each(window, &mut |_, bytes| all.push(bytes.to_vec()));
        all
    }

    #[test]
    fn a_plain_window_has_ten_encodings() {
        let all = encoded("Barthollomew");
        assert_eq!(all.len(), 10);
        assert!(all.contains(&b"BARTHOLLOMEW".to_vec()));
        assert!(all.contains(&b"B\0a\0r\0t\0h\0o\0l\0l\0o\0m\0e\0w\0".to_vec()));
        assert!(all.contains(&b"42617274686f6c6c6f6d6577".to_vec()));
    }

    #[test]
    fn base64_is_found_wherever_the_text_begins() {
        let text = "Barthollomew";
        for before in ["", "x", "xy"] {
            let whole = STANDARD.encode(format!("{before}{text}, and more"));
            let inside = encoded(text)
                .iter()
                .any(|e| whole.as_bytes().windows(WINDOW).any(|w| w == e));
            assert!(inside, "{} bytes before", before.len());
        }
    }

    #[test]
    fn escapes_are_those_of_addresses_and_of_json() {
        let all = encoded("Zoë O'Reilly");
        let has = |text: &str| all.contains(&text.as_bytes().to_vec());
        assert!(has("Zo%C3%AB%20O"));
        assert!(has("Zo\\u00eb O'R"));
        let all = encoded("Ångström-Öbergålund");
        assert!(all.contains(&b"\\u00c5ngstr\\u00f6m-\\u00d".to_vec()));
    }

    #[test]
    fn windows_are_the_first_the_middle_and_the_last_twelve_characters() {
        let text = "Ålexandra Konstantinopolitan";
        let [first, middle, last] = windows(text).map(Option::unwrap);
        assert_eq!(first, "Ålexandra Ko");
        assert_eq!(middle, "a Konstantin");
        assert_eq!(last, "ntinopolitan");
        assert_eq!(windows("Barthollomew"), [Some("Barthollomew"), None, None]);
        assert!(!is_distinctive("0000000000000"));
        assert!(!is_distinctive("Bartholomew"));
    }
}
