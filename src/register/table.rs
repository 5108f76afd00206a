//! One Parquet file, read a column at a time, so that no more than one column is held twice.
//!
//! What polars says about a failure is never passed on: its words may quote a cell.

use super::RegisterError;
use polars::prelude::{
    ArrowDataType, Column as PolarsColumn, DataType, ParquetReader, PolarsError, SerReader,
};
use std::fs::File;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How a column is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Text,
    Whole,
    Decimal,
    Truth,
    Date,
    /// Anything this engine does not read.
    Other,
}

impl Stored {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Stored::Text => "text",
            Stored::Whole => "whole numbers",
            Stored::Decimal => "decimal numbers",
            Stored::Truth => "true or false",
            Stored::Date => "dates",
            Stored::Other => "a type that is not read here",
        }
    }
}

/// A Parquet file whose schema has been read.
#[derive(Debug)]
pub(crate) struct ParquetTable {
    pub(crate) file: &'static str,
    path: PathBuf,
    columns: Vec<(String, Stored)>,
    rows: usize,
}

impl ParquetTable {
    pub(crate) fn open(dir: &Path, file: &'static str) -> Result<ParquetTable, RegisterError> {
        let path = dir.join(file);
        let opened = open(&path, file)?;
        let (columns, rows) = guarded(file, || {
            let mut reader = ParquetReader::new(opened);
            let schema = reader.schema()?;
            let fields = schema.iter_values();
            let columns = fields.map(|f| (f.name.to_string(), stored(&f.dtype)));
            Ok((columns.collect(), reader.num_rows()?))
        })?;
        if u32::try_from(rows).is_err() {
            return Err(RegisterError::Unreadable {
                file: file.into(),
                reason: format!("it has {rows} rows; at most {} are read", u32::MAX),
            });
        }
        Ok(ParquetTable {
            file,
            path,
            columns,
            rows,
        })
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn columns(&self) -> &[(String, Stored)] {
        &self.columns
    }

    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|(name, _)| name == column)
    }

    /// How a column is stored.
    pub(crate) fn stored(&self, column: &str) -> Result<Stored, RegisterError> {
        self.columns
            .iter()
            .find(|(name, _)| name == column)
            .map(|(_, stored)| *stored)
            .ok_or_else(|| RegisterError::NoColumn {
                file: self.file.into(),
                column: column.into(),
                have: self
                    .columns
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// Refuses a column that is not stored in one of the ways allowed.
    pub(crate) fn require(
        &self,
        column: &str,
        allowed: &[Stored],
    ) -> Result<Stored, RegisterError> {
        let stored = self.stored(column)?;
        if allowed.contains(&stored) {
            return Ok(stored);
        }
        let allowed: Vec<&str> = allowed.iter().map(|s| s.as_str()).collect();
        let is = stored.as_str();
        Err(self.bad(
            column,
            format!("holds {is}; it must hold {}", allowed.join(" or ")),
        ))
    }

    pub(crate) fn bad(&self, column: &str, rule: impl Into<String>) -> RegisterError {
        RegisterError::BadColumn {
            file: self.file.into(),
            column: column.into(),
            rule: rule.into(),
        }
    }

    /// Reads one column, and only that one.
    pub(crate) fn read(&self, column: &str) -> Result<PolarsColumn, RegisterError> {
        self.stored(column)?;
        let opened = open(&self.path, self.file)?;
        let frame = guarded(self.file, || {
            ParquetReader::new(opened)
                .with_columns(Some(vec![column.to_owned()]))
                .finish()
        })?;
        let mut columns = frame.into_columns();
        let read = columns.pop().filter(|c| c.len() == self.rows);
        read.ok_or_else(|| RegisterError::Unreadable {
            file: self.file.into(),
            reason: "it changed while it was read".into(),
        })
    }

    /// Reads one column as another type; what does not fit becomes null.
    pub(crate) fn read_as(
        &self,
        column: &str,
        dtype: &DataType,
    ) -> Result<PolarsColumn, RegisterError> {
        self.read(column)?
            .cast(dtype)
            .map_err(|_| self.bad(column, format!("cannot be read as {dtype}")))
    }
}

fn open(path: &Path, file: &str) -> Result<File, RegisterError> {
    File::open(path).map_err(|e| RegisterError::Unreadable {
        file: file.into(),
        reason: in_words(e.kind()),
    })
}

/// Readers at work whose panics are caught. Not per thread: polars reads on threads of its own.
static READING: AtomicUsize = AtomicUsize::new(0);

/// Is a reader at work whose panics are caught? Whoever prints panics may leave those out: they
/// are told as errors.
pub(crate) fn reading() -> bool {
    READING.load(Ordering::SeqCst) > 0
}

/// Runs a reader of polars': it panics on some damaged pages, where an error is due.
pub(crate) fn guarded<T>(
    file: &str,
    read: impl FnOnce() -> Result<T, PolarsError>,
) -> Result<T, RegisterError> {
    guarded_or(read, |reason| RegisterError::Unreadable {
        file: file.into(),
        reason,
    })
}

/// The same, with the caller's own error for a reason in words.
pub(crate) fn guarded_or<T, E>(
    read: impl FnOnce() -> Result<T, PolarsError>,
    error: impl FnOnce(String) -> E,
) -> Result<T, E> {
    READING.fetch_add(1, Ordering::SeqCst);
    let done = catch_unwind(AssertUnwindSafe(read));
    READING.fetch_sub(1, Ordering::SeqCst);
    let reason = match done {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(PolarsError::IO { error, .. })) => in_words(error.kind()),
        _ => "it is not a Parquet file, or it is damaged or cut short".into(),
    };
    Err(error(reason))
}

/// Why a file cannot be read, in words.
pub(crate) fn in_words(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::NotFound => "there is no such file".into(),
        ErrorKind::PermissionDenied => "permission is missing".into(),
        ErrorKind::IsADirectory => "it is a folder".into(),
        other => other.to_string(),
    }
}

fn stored(dtype: &ArrowDataType) -> Stored {
    match dtype {
        ArrowDataType::Utf8 | ArrowDataType::LargeUtf8 | ArrowDataType::Utf8View => Stored::Text,
        ArrowDataType::Int32
        | ArrowDataType::Int64
        | ArrowDataType::UInt32
        | ArrowDataType::UInt64 => Stored::Whole,
        ArrowDataType::Float32 | ArrowDataType::Float64 => Stored::Decimal,
        ArrowDataType::Boolean => Stored::Truth,
        ArrowDataType::Date32 | ArrowDataType::Timestamp(_, None) => Stored::Date,
        _ => Stored::Other,
    }
}
