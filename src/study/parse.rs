//! Study files: TOML to [`Study`](super::Study).

/// What is wrong with a study file.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// The file cannot be read.
    #[error("cannot read study {file}: {reason}")]
    Unreadable {
        /// Which file.
        file: String,
        /// Why.
        reason: String,
    },
    /// A setting is wrong.
    #[error("{file}, line {line}: {message}")]
    Invalid {
        /// Which file.
        file: String,
        /// 1-based line.
        line: usize,
        /// The rule and what to do.
        message: String,
    },
}
