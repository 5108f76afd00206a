//! Synthetic registers, cohorts and trials of known truth. Nobody in them exists.
//!
//! A register is made person by person, each from their own stretch of the seed's random streams:
//! identity ([`person`]), index events with covariates ([`career`]), the programme ([`programme`])
//! and what happens after ([`outcome`]). What nobody could know in life, what would have happened
//! otherwise, goes into a folder of its own ([`truth`]), never into the events.

pub mod career;
pub mod cohort;
pub mod dictionary;
pub mod linkage;
pub mod names;
pub mod outcome;
pub mod person;
pub mod places;
pub mod programme;
pub mod random;
pub mod register;
pub mod table;
pub mod trial;
pub mod truth;

/// The planted effect on the log of the reoffending rate, unless told otherwise: about eight
/// percentage points fewer people reoffending among those who take part.
pub const DEFAULT_EFFECT: f64 = -0.35;

/// An effect beyond this, either way, leaves nothing to estimate.
pub const LARGEST_EFFECT: f64 = 3.0;

/// Called with the number of people or rows done.
pub type Progress<'a> = &'a mut dyn FnMut(u64);

/// What can go wrong in making synthetic data.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// A request nothing can satisfy.
    #[error("{0}")]
    Impossible(String),
    /// The register cohorts are to be drawn from does not say that it is synthetic.
    #[error("{file} does not say `synthetic = true`: cohorts are drawn from invented people only")]
    NotSynthetic {
        /// Its dictionary.
        file: String,
    },
    /// A file cannot be read or written.
    #[error("cannot read or write {file}: {reason}")]
    Io {
        /// Which file.
        file: String,
        /// Why.
        reason: String,
    },
}

impl SynthError {
    fn io(file: &str, e: std::io::Error) -> Self {
        SynthError::Io {
            file: file.to_owned(),
            reason: e.to_string(),
        }
    }

    fn table(file: &str, e: polars::error::PolarsError) -> Self {
        SynthError::Io {
            file: file.to_owned(),
            reason: e.to_string(),
        }
    }
}

/// Refuses an effect that is not a number or too large to mean anything.
fn check_effect(effect: f64) -> Result<(), SynthError> {
    if effect.is_finite() && effect.abs() <= LARGEST_EFFECT {
        return Ok(());
    }
    Err(SynthError::Impossible(format!(
        "the effect is a log-rate between -{LARGEST_EFFECT} and {LARGEST_EFFECT}, such as {DEFAULT_EFFECT}"
    )))
}

/// Writes a small text file whole.
fn write_text(path: &std::path::Path, text: &str) -> Result<(), SynthError> {
    std::fs::write(path, text).map_err(|e| SynthError::io(&path.display().to_string(), e))
}
