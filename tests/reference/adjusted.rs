//! Bias-corrected matching and g-computation.
