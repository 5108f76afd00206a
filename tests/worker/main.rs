//! One submission, one process: fair, bounded, limited, believed in nothing, and always ended.

mod control;
mod evaluations;
mod faces;
mod faults;
mod hostile;
mod kit;
mod limits;
mod queue;
mod starting;
