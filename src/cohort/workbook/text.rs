//! Text of XLSX cells: runs of rich text joined, phonetic guides left out, escapes undone.

use super::xml::{Node, Xml};
use crate::cohort::error::CohortError;
use crate::cohort::limits::MAX_CELL_CHARS;

/// Bytes kept of one text: enough to see that it is beyond the limit.
pub(super) const KEPT: usize = 4 * (MAX_CELL_CHARS + 1);

/// After the start of `si` or `is`: its text into `into`, up to and with its end.
pub(super) fn read(xml: &mut Xml<'_>, into: &mut String) -> Result<(), CohortError> {
    let from = into.len();
    let outside = xml.depth().saturating_sub(1);
    while xml.depth() > outside {
        let (text, phonetic) = match xml.next()? {
            Node::Start(e) => (
                e.local_name().as_ref() == "t",
                e.local_name().as_ref() == "rPh",
            ),
            Node::Eof => break,
            _ => (false, false),
        };
        if text {
            xml.text(into, KEPT.saturating_sub(into.len() - from))?;
        } else if phonetic {
            xml.skip()?;
        }
    }
    unescape(into, from);
    Ok(())
}

/// Undoes `_x000D_` and its like: characters that XML cannot hold.
pub(super) fn unescape(text: &mut String, from: usize) {
    let Some(at) = text[from..].find("_x") else {
        return;
    };
    let rest = text.split_off(from + at);
    let mut rest = rest.as_str();
    while let Some(at) = rest.find("_x") {
        text.push_str(&rest[..at]);
        let escaped = rest.get(at + 2..at + 7).and_then(|code| {
            let hex = code.strip_suffix('_')?;
            let plain = hex.bytes().all(|b| b.is_ascii_hexdigit());
            plain.then(|| u32::from_str_radix(hex, 16).ok().and_then(char::from_u32))?
        });
        match escaped {
            Some(c) => {
                text.push(c);
                rest = &rest[at + 7..];
            }
            None => {
                text.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_the_rest_stays() {
        for (text, expected) in [
            ("Ada_x000D_Jane", "Ada\rJane"),
            ("_x005F_x000D_", "_x000D_"),
            ("a_xb", "a_xb"),
            ("_xD800_", "_xD800_"),
            ("_x00e9_", "é"),
            ("é_x0é_", "é_x0é_"),
            ("_x", "_x"),
        ] {
            let mut found = format!("_x0041_{text}");
            unescape(&mut found, 7);
            assert_eq!(found, format!("_x0041_{expected}"));
        }
    }
}
