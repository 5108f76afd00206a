//! Odds weights, entropy balancing, overlap.
