//! How strong something unseen would have to be: E-values, and Rosenbaum's bounds on matched sets.

mod e_value;
mod matched_sets;
mod rosenbaum;

pub use e_value::{Basis, COMMON, EValue, e_value, from_difference, from_ratio};
pub use matched_sets::{MatchedSet, disjoint_sets};
pub use rosenbaum::{ALPHA, GAMMA_CAP, HiddenBias, HiddenBiasTest, Rosenbaum};
