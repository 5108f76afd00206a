//! Synthetic registers and cohorts of known truth.
