//! How alike the groups are, before and after matching; and the design, fixed.

mod design;
mod ks;
mod measure;

pub use design::{Design, DesignError, Plan};
pub use measure::{Light, ScoreBalance, TermBalance, measure, score_balance, worst_smd};
