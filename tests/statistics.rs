//! The numbers, proved four ways beside the agreement with R: tables worked by hand, what must
//! hold for any table, cohorts of known effect, and input that nobody should have sent.

#[path = "statistics/kit.rs"]
mod kit;
#[path = "statistics/naive.rs"]
mod naive;

#[path = "statistics/balance.rs"]
mod balance;
#[path = "statistics/by_hand.rs"]
mod by_hand;
#[path = "statistics/hostile.rs"]
mod hostile;
#[path = "statistics/kinds.rs"]
mod kinds;
#[path = "statistics/levels.rs"]
mod levels;
#[path = "statistics/matching.rs"]
mod matching;
#[path = "statistics/outcomes.rs"]
mod outcomes;
#[path = "statistics/propensity.rs"]
mod propensity;
#[path = "statistics/times.rs"]
mod times;
#[path = "statistics/times_truth.rs"]
mod times_truth;
#[path = "statistics/truth.rs"]
mod truth;
