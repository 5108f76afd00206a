//! Weighted Kaplan-Meier, restricted mean and Cox.
