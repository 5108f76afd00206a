//! Tables written as they are made: rows in, Parquet out, one row group in memory at a time.

use super::SynthError;
use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;
use std::borrow::Cow;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Rows of a row group: the same however the rows arrive, so that the bytes are too.
const ROW_GROUP: usize = 65_536;

/// Type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 64-bit key.
    Key,
    /// Whole number.
    Int,
    /// Calendar day.
    Date,
    /// Any number.
    Real,
    /// Text.
    Text,
}

/// One value.
pub enum Cell {
    /// 64-bit key.
    Key(u64),
    /// Whole number, or missing.
    Int(Option<i32>),
    /// Days since 1970-01-01, or missing.
    Date(Option<i32>),
    /// Any number, or missing.
    Real(Option<f64>),
    /// Text, or missing.
    Text(Option<Cow<'static, str>>),
}

impl Cell {
    /// A whole number that is there.
    pub fn int(value: impl Into<i32>) -> Cell {
        Cell::Int(Some(value.into()))
    }

    /// A word of the code's own.
    pub fn word(value: &'static str) -> Cell {
        Cell::Text(Some(Cow::Borrowed(value)))
    }

    /// Text made here.
    pub fn text(value: Option<String>) -> Cell {
        Cell::Text(value.map(Cow::Owned))
    }
}

enum Values {
    Key(Vec<u64>),
    Int(Vec<Option<i32>>),
    Date(Vec<Option<i32>>),
    Real(Vec<Option<f64>>),
    Text(Vec<Option<Cow<'static, str>>>),
}

impl Values {
    fn new(kind: Kind) -> Values {
        match kind {
            Kind::Key => Values::Key(Vec::new()),
            Kind::Int => Values::Int(Vec::new()),
            Kind::Date => Values::Date(Vec::new()),
            Kind::Real => Values::Real(Vec::new()),
            Kind::Text => Values::Text(Vec::new()),
        }
    }

    fn push(&mut self, cell: Cell) {
        match (self, cell) {
            (Values::Key(v), Cell::Key(x)) => v.push(x),
            (Values::Int(v), Cell::Int(x)) | (Values::Date(v), Cell::Date(x)) => v.push(x),
            (Values::Real(v), Cell::Real(x)) => v.push(x),
            (Values::Text(v), Cell::Text(x)) => v.push(x),
            // Columns and cells are written out side by side in this room: a slip of its author's.
            _ => panic!("a cell of another type than its column"),
        }
    }

    /// The values so far as a column; none are left here.
    fn take(&mut self, name: &str) -> PolarsResult<Column> {
        let name = PlSmallStr::from(name);
        let series = match self {
            Values::Key(v) => Series::new(name, std::mem::take(v)),
            Values::Int(v) => Series::new(name, std::mem::take(v)),
            Values::Date(v) => Series::new(name, std::mem::take(v)).cast(&DataType::Date)?,
            Values::Real(v) => Series::new(name, std::mem::take(v)),
            Values::Text(v) => StringChunked::from_iter_options(name, v.drain(..)).into_series(),
        };
        Ok(series.into_column())
    }
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Key => DataType::UInt64,
        Kind::Int => DataType::Int32,
        Kind::Date => DataType::Date,
        Kind::Real => DataType::Float64,
        Kind::Text => DataType::String,
    }
}

/// A Parquet file that takes rows.
pub struct TableWriter {
    file: String,
    names: Vec<String>,
    values: Vec<Values>,
    rows: usize,
    out: BatchedWriter<BufWriter<File>>,
}

impl TableWriter {
    /// Creates the file with the columns named.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(
        path: &Path,
        columns: impl IntoIterator<Item = (impl Into<String>, Kind)>,
    ) -> Result<Self, SynthError> {
        let (names, kinds): (Vec<String>, Vec<Kind>) =
            columns.into_iter().map(|(n, k)| (n.into(), k)).unzip();
        let schema: Schema = names
            .iter()
            .zip(&kinds)
            .map(|(n, &k)| Field::new(n.as_str().into(), data_type(k)))
            .collect();
        let file = path.display().to_string();
        let sink = File::create(path).map_err(|e| SynthError::io(&file, e))?;
        let out = ParquetWriter::new(BufWriter::new(sink))
            .with_compression(ParquetCompression::Snappy)
            .batched(&schema)
            .map_err(|e| SynthError::table(&file, e))?;
        Ok(TableWriter {
            file,
            names,
            values: kinds.into_iter().map(Values::new).collect(),
            rows: 0,
            out,
        })
    }

    /// Appends a row.
    ///
    /// # Panics
    /// When the cells are not those of the columns: a programming error, not an input error.
    ///
    /// # Errors
    /// When a full row group cannot be written.
    pub fn push(&mut self, row: impl IntoIterator<Item = Cell>) -> Result<(), SynthError> {
        let mut cells = row.into_iter();
        for column in &mut self.values {
            match cells.next() {
                Some(cell) => column.push(cell),
                // As said above: a programming error.
                None => panic!("fewer cells than columns"),
            }
        }
        assert!(cells.next().is_none(), "more cells than columns");
        self.rows += 1;
        if self.rows == ROW_GROUP {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SynthError> {
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
        columns
            .and_then(|columns| DataFrame::new(rows, columns))
            .and_then(|frame| self.out.write_batch(&frame))
            .map_err(|e| SynthError::table(&self.file, e))
    }

    /// Writes what is left and closes the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<(), SynthError> {
        self.flush()?;
        self.out
            .finish()
            .map(drop)
            .map_err(|e| SynthError::table(&self.file, e))
    }
}

/// The columns named of a Parquet file, or all of them.
///
/// # Errors
/// When it cannot be read or lacks one of them.
pub fn read(path: &Path, columns: Option<&[&str]>) -> Result<DataFrame, SynthError> {
    let file = path.display().to_string();
    let source = File::open(path).map_err(|e| SynthError::io(&file, e))?;
    ParquetReader::new(source)
        .with_columns(columns.map(|c| c.iter().map(|s| (*s).to_owned()).collect()))
        .finish()
        .map_err(|e| SynthError::table(&file, e))
}
