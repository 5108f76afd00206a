//! The numbers, proved four ways beside the agreement with R: tables worked by hand, what must
//! hold for any table, planted structure, and input that nobody should have sent. Cohorts of known
//! effect are drawn in `tests/simulation`.

#[path = "statistics/kit.rs"]
mod kit;
#[path = "statistics/naive.rs"]
mod naive;

#[path = "statistics/adjusted.rs"]
mod adjusted;
#[path = "statistics/balance.rs"]
mod balance;
#[path = "statistics/bootstrap.rs"]
mod bootstrap;
#[path = "statistics/by_hand.rs"]
mod by_hand;
#[path = "statistics/caliper_search.rs"]
mod caliper_search;
#[path = "statistics/cells.rs"]
mod cells;
#[path = "statistics/every_method.rs"]
mod every_method;
#[path = "statistics/firth.rs"]
mod firth;
#[path = "statistics/hidden_bias.rs"]
mod hidden_bias;
#[path = "statistics/hostile.rs"]
mod hostile;
#[path = "statistics/hostile_methods.rs"]
mod hostile_methods;
#[path = "statistics/invariants.rs"]
mod invariants;
#[path = "statistics/kernel.rs"]
mod kernel;
#[path = "statistics/levels.rs"]
mod levels;
#[path = "statistics/mahalanobis.rs"]
mod mahalanobis;
#[path = "statistics/matching.rs"]
mod matching;
#[path = "statistics/optimal.rs"]
mod optimal;
#[path = "statistics/outcomes.rs"]
mod outcomes;
#[path = "statistics/propensity.rs"]
mod propensity;
#[path = "statistics/propensity_forms.rs"]
mod propensity_forms;
#[path = "statistics/splines.rs"]
mod splines;
#[path = "statistics/times.rs"]
mod times;
#[path = "statistics/times_truth.rs"]
mod times_truth;
#[path = "statistics/weighed.rs"]
mod weighed;
#[path = "statistics/weighting.rs"]
mod weighting;
#[path = "statistics/weighting_strata.rs"]
mod weighting_strata;
