//! Comparison levels of postcodes: unit, sector, district, area, or of another country's codes
//! how much of their beginning is the same.

use super::level::{self, postcode as p};
use rapidfuzz::distance::osa;

/// A British postcode's last part: a digit and two letters.
const INWARD: usize = 3;

/// Level of two postcodes (letters and digits, upper case, nothing between).
pub(super) fn level(a: &str, b: &str) -> u8 {
    if a.is_empty() || b.is_empty() {
        return level::MISSING;
    }
    if a == b {
        return level::EXACT;
    }
    // A code cut short, to district or sector, says all it can.
    let short = is_short(a) || is_short(b);
    if !short && a.len().abs_diff(b.len()) <= 1 && osa::distance(a.bytes(), b.bytes()) == 1 {
        return p::ONE_CHARACTER;
    }
    let ((out_a, sector_a), (out_b, sector_b)) = (parts(a), parts(b));
    if out_a == out_b {
        return match (sector_a, sector_b) {
            (Some(x), Some(y)) if x == y => p::SECTOR,
            _ => p::DISTRICT,
        };
    }
    match area(out_a) == area(out_b) {
        true => p::AREA,
        false => p::DIFFERENT,
    }
}

/// Outward code and sector of a British postcode; of another, all but the last two characters.
fn parts(code: &str) -> (&str, Option<u8>) {
    let bytes = code.as_bytes();
    if is_short(code) || !code.is_ascii() {
        return (code, None);
    }
    if is_british(bytes) {
        let (out, inward) = code.split_at(code.len() - INWARD);
        return (out, inward.bytes().next());
    }
    (&code[..code.len() - 2], None)
}

fn is_british(code: &[u8]) -> bool {
    matches!(code, [out @ .., d, x, y] if (2..=4).contains(&out.len())
        && d.is_ascii_digit() && x.is_ascii_uppercase() && y.is_ascii_uppercase()
        && out[0].is_ascii_uppercase())
}

/// An outward code alone (up to four characters, beginning with a letter).
fn is_short(code: &str) -> bool {
    code.len() < 3 || code.len() <= 4 && code.as_bytes()[0].is_ascii_uppercase()
}

/// The letters an outward code begins with; of a number, its first digit but one.
fn area(out: &str) -> &str {
    let letters = out.bytes().take_while(u8::is_ascii_uppercase).count();
    match letters {
        0 => out.get(..1).unwrap_or(out),
        n => out.get(..n).unwrap_or(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postcodes_agree_as_far_as_they_go() {
        for (a, b, expected) in [
            ("SW1A1AA", "SW1A1AA", level::EXACT),
            ("SW1A1AA", "SW1A1AB", p::ONE_CHARACTER),
            ("SW1A1AA", "SW1A1XY", p::SECTOR),
            ("SW1A1AA", "SW1A2XY", p::DISTRICT),
            ("SW1A", "SW1A2XY", p::DISTRICT),
            ("SW1A1AA", "SW99XY", p::AREA),
            ("SW1A1AA", "S19XY", p::DIFFERENT),
            ("SW1A1AA", "", level::MISSING),
            ("2000", "2010", p::ONE_CHARACTER),
            ("2034", "2077", p::DISTRICT),
            ("2034", "2277", p::AREA),
            ("2034", "7277", p::DIFFERENT),
            ("é123", "é124", p::ONE_CHARACTER),
        ] {
            assert_eq!(level(a, b), expected, "{a} and {b}");
            assert_eq!(level(b, a), expected, "{b} and {a}");
        }
    }
}
