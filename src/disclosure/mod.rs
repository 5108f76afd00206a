//! What may leave. The only maker of [`Released`].

mod curves;
pub mod findings;
mod parts;
mod rules;

pub use findings::Findings;
pub use rules::{Cell, EachSide, release};

/// A value that has passed disclosure control. Reports take nothing else.
#[derive(Debug, Clone)]
pub struct Released<T>(T);

impl<T> Released<T> {
    /// The released value.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// The released value, for a report to put words to.
    pub fn into_inner(self) -> T {
        self.0
    }
}
