//! Linear algebra on ndarray, distributions from statrs, weighted moments, seeded random streams.
//! Knows no domain.

pub mod distribution;
pub mod frame;
pub mod gram;
pub mod logistic;
pub mod random;
pub mod simd;
pub mod symmetric;
