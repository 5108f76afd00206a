//! Exact, coarsened exact and subclass matching.
