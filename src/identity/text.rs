//! Characters that are seen by nobody and mean nothing.

/// White space, control characters and characters without width, of any script.
pub(crate) fn is_padding(c: char) -> bool {
    c.is_whitespace() || c.is_control() || is_hidden(c)
}

/// Characters nobody sees: zero-width spaces and joiners, direction marks, soft hyphen,
/// byte-order mark.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}')
}
