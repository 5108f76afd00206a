//! How good the data were, and how much confidence to put in the number: pure rules on counts.
//!
//! Four questions are asked of three things (the list, the register, the links between them): fit
//! for purpose? accurate? complete? timely? Each answer is a share of counts, held against the two
//! bounds of one table ([`fact::BOUNDS`]), and one plain sentence. The weakest of the twelve decides
//! how much confidence to put in the result. Beside them, how often each kind of person was found.
//!
//! Nothing here knows a person: [`Measured`] holds counts, and disclosure control may round them
//! before anything is worked out from them.

pub mod confidence;
pub mod fact;
pub mod groups;
mod measured;

pub use confidence::{Confidence, Level};
pub use fact::{About, Aspect, Fact, Light};
pub use groups::{GroupCount, MatchRate};
pub use measured::{Measured, Share, nearest};
