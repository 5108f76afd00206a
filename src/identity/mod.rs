//! Who somebody is, in the form in which it is compared: one normal form a field, wherever the
//! field is held, so that a charity's list and a register read the same thing alike.

mod dob;
mod name;
pub mod nicknames;
pub mod phonetic;
pub mod pnc;
pub mod prison_number;
mod record;
pub(crate) mod text;

pub use dob::Dob;
pub use name::{name_parts, normalise_name};
pub use record::{Identity, Record};
pub(crate) use record::{Written, pnc_form, prison_number_form, sex, squeezed};
