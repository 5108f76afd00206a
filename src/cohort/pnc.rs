//! The Police National Computer id: `YYYY/NNNNNNNC`, with a check letter that catches typing errors.

/// Letters in the order of the remainder; I, O and S are not used.
const LETTERS: &[u8; 23] = b"ZABCDEFGHJKLMNPQRTUVWXY";

/// The check letter: the last two digits of the year followed by the seven-digit serial, modulo 23.
///
/// ```
/// assert_eq!(counterpart::cohort::pnc::check_letter(1979, 163001), 'B');
/// ```
pub fn check_letter(year: u32, serial: u32) -> char {
    let number = u64::from(year % 100) * 10_000_000 + u64::from(serial);
    LETTERS[(number % 23) as usize] as char
}
