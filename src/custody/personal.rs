//! Values that belong to a person. They can be compared and read by the stages that need them,
//! but never printed: no `Debug`, `Display`, `Serialize` or `Clone`, and they wipe themselves.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A text that belongs to a person: a name, an identifier, a postcode.
///
/// ```compile_fail
/// let name = counterpart::custody::Personal::new(String::from("x"));
/// println!("{name:?}");
/// ```
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize, ZeroizeOnDrop)]
pub struct Personal(String);

impl Personal {
    /// Takes the text into custody.
    pub fn new(text: String) -> Self {
        Personal(text)
    }

    /// The text, for comparing. Whoever calls this must not keep, log or show it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A date that belongs to a person (a date of birth), as days since 1970-01-01.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, Clone, Copy, Zeroize)]
pub struct PersonalDate(i32);

impl PersonalDate {
    /// Days since 1970-01-01.
    pub fn from_days(days: i32) -> Self {
        PersonalDate(days)
    }

    /// Days since 1970-01-01, for comparing. Whoever calls this must not keep, log or show it.
    pub fn expose_days(self) -> i32 {
        self.0
    }
}
