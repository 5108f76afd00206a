//! The prison number: a letter, four digits, two letters.

/// The canonical form `A1234BC` of a number as people write it, if it is one: lower case, spaces
/// and marks between.
///
/// ```
/// use counterpart::identity::prison_number::canonical;
/// assert_eq!(canonical(" a1234 bc").as_deref(), Some("A1234BC"));
/// assert_eq!(canonical("A123BC"), None);
/// ```
pub fn canonical(text: &str) -> Option<String> {
    let mut number = String::with_capacity(text.len());
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    number.extend(letters.map(|c| c.to_ascii_uppercase()));
    let fits = matches!(number.as_bytes(), [a, n @ .., b, c]
        if n.len() == 4 && n.iter().all(u8::is_ascii_digit)
            && [a, b, c].iter().all(|l| l.is_ascii_uppercase()));
    fits.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prison_numbers_have_one_form() {
        assert_eq!(canonical(" a1234 bc").as_deref(), Some("A1234BC"));
        for text in ["A123BC", "A12345BC", "1234ABC", "AB1234", "Á1234BC", ""] {
            assert!(canonical(text).is_none(), "{text}");
        }
    }
}
