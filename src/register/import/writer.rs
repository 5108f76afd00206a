//! A table written as its rows come: one row group in memory at a time, for its owner alone.

use super::ImportError;
use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;
use std::fs::{File, OpenOptions};
use std::io::BufWriter;
use std::path::Path;

/// Rows of a row group.
const ROW_GROUP: usize = 65_536;

/// A column being filled.
pub(super) enum Values {
    Key(Vec<u64>),
    Digits(Vec<Option<u32>>),
    Whole(Vec<Option<i64>>),
    Decimal(Vec<Option<f64>>),
    Truth(Vec<Option<bool>>),
    Day(Vec<Option<i32>>),
    Text(Vec<Option<String>>),
}

impl Values {
    fn data_type(&self) -> DataType {
        match self {
            Values::Key(_) => DataType::UInt64,
            Values::Digits(_) => DataType::UInt32,
            Values::Whole(_) => DataType::Int64,
            Values::Decimal(_) => DataType::Float64,
            Values::Truth(_) => DataType::Boolean,
            Values::Day(_) => DataType::Date,
            Values::Text(_) => DataType::String,
        }
    }

    /// The values so far as a column; none are left here.
    fn take(&mut self, name: &str) -> PolarsResult<Column> {
        let name = PlSmallStr::from(name);
        let series = match self {
            Values::Key(v) => Series::new(name, std::mem::take(v)),
            Values::Digits(v) => Series::new(name, std::mem::take(v)),
            Values::Whole(v) => Series::new(name, std::mem::take(v)),
            Values::Decimal(v) => Series::new(name, std::mem::take(v)),
            Values::Truth(v) => Series::new(name, std::mem::take(v)),
            Values::Day(v) => Series::new(name, std::mem::take(v)).cast(&DataType::Date)?,
            Values::Text(v) => StringChunked::from_iter_options(name, v.drain(..)).into_series(),
        };
        Ok(series.into_column())
    }
}

/// A Parquet file that takes rows.
pub(super) struct Writer {
    file: &'static str,
    names: Vec<String>,
    /// A row is a value pushed to each, then [`Writer::row`].
    pub values: Vec<Values>,
    rows: usize,
    out: BatchedWriter<BufWriter<File>>,
}

impl Writer {
    pub fn create(
        dir: &Path,
        file: &'static str,
        columns: Vec<(String, Values)>,
    ) -> Result<Writer, ImportError> {
        let failed = |reason: String| ImportError::Unwritable {
            file: file.into(),
            reason,
        };
        let schema: Schema = columns
            .iter()
            .map(|(name, values)| Field::new(name.as_str().into(), values.data_type()))
            .collect();
        let sink = private(&dir.join(file)).map_err(|e| failed(e.kind().to_string()))?;
        let out = ParquetWriter::new(BufWriter::new(sink))
            .with_compression(ParquetCompression::Snappy)
            .batched(&schema)
            .map_err(|_| failed("its columns cannot be stored".into()))?;
        let (names, values) = columns.into_iter().unzip();
        Ok(Writer {
            file,
            names,
            values,
            rows: 0,
            out,
        })
    }

    /// A row has been pushed.
    pub fn row(&mut self) -> Result<(), ImportError> {
        self.rows += 1;
        match self.rows == ROW_GROUP {
            true => self.flush(),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), ImportError> {
        let rows = std::mem::take(&mut self.rows);
        if rows == 0 {
            return Ok(());
        }
        let columns: PolarsResult<Vec<Column>> = self
            .names
            .iter()
            .zip(&mut self.values)
            .map(|(name, values)| values.take(name))
            .collect();
        let written = columns
            .and_then(|columns| DataFrame::new(rows, columns))
            .and_then(|frame| self.out.write_batch(&frame));
        written.map_err(|e| self.failed(&e))
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Result<(), ImportError> {
        self.flush()?;
        let finished = self.out.finish().map(drop);
        finished.map_err(|e| self.failed(&e))
    }

    /// What polars says may quote a cell: only the kind of a failure is passed on.
    fn failed(&self, error: &PolarsError) -> ImportError {
        ImportError::Unwritable {
            file: self.file.into(),
            reason: match error {
                PolarsError::IO { error, .. } => error.kind().to_string(),
                _ => "its rows cannot be stored".into(),
            },
        }
    }
}

/// A new file that only its owner may read.
pub(super) fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
