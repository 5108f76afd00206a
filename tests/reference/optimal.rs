//! Optimal pairs, optimal full matching, Mahalanobis matching.
