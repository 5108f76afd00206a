//! Values that belong to a person. They can be compared and read by the stages that need them,
//! but never printed: no `Debug`, `Display`, `Serialize` or `Clone`, and they wipe themselves.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A text that belongs to a person: a name, an identifier, a postcode. What it can do:
///
/// ```
/// use counterpart::custody::Personal;
/// let (a, b) = (Personal::new(String::from("x")), Personal::new(String::from("x")));
/// assert!(a == b && a.expose() == "x");
/// ```
///
/// It cannot be printed, for people or for programmers:
///
/// ```compile_fail,E0277
/// use counterpart::custody::Personal;
/// format!("{:?}", Personal::new(String::from("x")));
/// ```
/// ```compile_fail,E0277
/// use counterpart::custody::Personal;
/// format!("{}", Personal::new(String::from("x")));
/// ```
///
/// nor by way of something that holds it:
///
/// ```compile_fail,E0277
/// use counterpart::custody::Personal;
/// #[derive(Debug)]
/// struct Holder {
///     name: Personal,
/// }
/// ```
///
/// It cannot be written to a file or a message:
///
/// ```compile_fail,E0277
/// use counterpart::custody::Personal;
/// serde_json::to_string(&Personal::new(String::from("x"))).unwrap();
/// ```
///
/// and not copied:
///
/// ```compile_fail,E0599
/// use counterpart::custody::Personal;
/// let name = Personal::new(String::from("x"));
/// let copy: Personal = name.clone();
/// ```
/// ```compile_fail,E0382
/// use counterpart::custody::Personal;
/// let name = Personal::new(String::from("x"));
/// let moved = name;
/// name.expose();
/// ```
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize, ZeroizeOnDrop)]
pub struct Personal(String);

impl Personal {
    /// Takes the text into custody, its buffer included: nothing is copied, and the whole buffer is
    /// wiped in the end. (What the text left behind while it grew, the heap has wiped.)
    pub fn new(text: String) -> Self {
        Personal(text)
    }

    /// The text, for comparing. Whoever calls this must not keep, log or show it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A date that belongs to a person (a date of birth), as days since 1970-01-01. Small enough to be
/// copied, but not printed either:
///
/// ```
/// assert_eq!(counterpart::custody::PersonalDate::from_days(-1).expose_days(), -1);
/// ```
/// ```compile_fail,E0277
/// format!("{:?}", counterpart::custody::PersonalDate::from_days(-1));
/// ```
/// ```compile_fail,E0277
/// format!("{}", counterpart::custody::PersonalDate::from_days(-1));
/// ```
/// ```compile_fail,E0277
/// serde_json::to_string(&counterpart::custody::PersonalDate::from_days(-1)).unwrap();
/// ```
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
