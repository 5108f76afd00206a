//! Kernel matching.
