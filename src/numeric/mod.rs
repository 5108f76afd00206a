//! Linear algebra on ndarray, weighted moments, distributions, seeded random streams. Knows no domain.

pub mod frame;
