//! A file to import: rows of text, as they come, whichever format they come in.

use super::{ImportError, Input, scan};
use crate::register::table::{guarded_or, in_words};
use polars::prelude::{DataFrame, DataType, ParquetReader, SerReader as _, StringChunked};
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

/// Rows of Parquet taken at a time.
const ROWS: usize = 1 << 17;
/// Bytes of a cell that anybody means.
const LONGEST_CELL: usize = 4_096;

/// A table whose headings have been read.
pub(super) struct Source {
    pub file: Input,
    pub headings: Vec<String>,
    path: PathBuf,
    format: Format,
}

enum Format {
    Csv(scan::Scanned),
    Parquet { rows: usize },
}

/// Where a row stands, for who has to mend it.
#[derive(Clone, Copy)]
pub(super) enum At {
    Line(u64),
    Row(u64),
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            At::Line(n) => write!(f, "line {n}"),
            At::Row(n) => write!(f, "row {n}"),
        }
    }
}

/// The cells asked for, trimmed; `None` where blank.
pub(super) type Cells<'a> = [Option<Cow<'a, str>>];

impl Source {
    pub fn open(file: Input, path: &Path) -> Result<Source, ImportError> {
        let unreadable = |reason: String| ImportError::Unreadable { file, reason };
        if path.is_dir() {
            return Err(unreadable("it is a folder".into()));
        }
        let opened = File::open(path).map_err(|e| unreadable(in_words(e.kind())))?;
        let is_parquet = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("parquet"));
        let (headings, format) = match is_parquet {
            true => {
                let read = || {
                    let mut reader = ParquetReader::new(opened);
                    let schema = reader.schema()?;
                    let names = schema.iter_names().map(|n| n.trim().to_owned()).collect();
                    let rows = reader.num_rows()?;
                    Ok((names, Format::Parquet { rows }))
                };
                guarded_or(read, unreadable)?
            }
            false => {
                let reader = BufReader::with_capacity(1 << 16, opened);
                let scanned = scan::scan(reader).map_err(unreadable)?;
                (Vec::new(), Format::Csv(scanned))
            }
        };
        let mut source = Source {
            file,
            headings,
            path: path.to_owned(),
            format,
        };
        if let Format::Csv(scanned) = &source.format {
            source.headings = source.first_line(scanned)?;
        }
        Ok(source)
    }

    /// A fault of one cell.
    pub fn cell(&self, at: At, column: &str, rule: impl Into<String>) -> ImportError {
        ImportError::Row {
            file: self.file,
            place: format!("{at}, column `{column}`"),
            rule: rule.into(),
        }
    }

    /// Runs over the rows, giving the cells of the columns asked for, in that order; how many rows
    /// there are.
    pub fn each_row(
        &self,
        columns: &[usize],
        mut each: impl FnMut(At, &Cells<'_>) -> Result<(), ImportError>,
    ) -> Result<u64, ImportError> {
        match &self.format {
            Format::Csv(scanned) => self.each_line(scanned, columns, &mut each),
            Format::Parquet { rows } => self.each_batch(*rows, columns, &mut each),
        }
    }

    fn csv(
        &self,
        scanned: &scan::Scanned,
    ) -> Result<csv::Reader<impl std::io::Read + use<>>, ImportError> {
        let unreadable = |e: std::io::Error| ImportError::Unreadable {
            file: self.file,
            reason: in_words(e.kind()),
        };
        let mut file =
            BufReader::with_capacity(1 << 18, File::open(&self.path).map_err(unreadable)?);
        let mut start = Vec::new();
        let first = (&mut file).take(scan::BOM.len() as u64);
        { first }.read_to_end(&mut start).map_err(unreadable)?;
        if start == scan::BOM {
            start.clear();
        }
        Ok(csv::ReaderBuilder::new()
            .delimiter(scanned.delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(std::io::Cursor::new(start).chain(file)))
    }

    fn first_line(&self, scanned: &scan::Scanned) -> Result<Vec<String>, ImportError> {
        let mut first = csv::ByteRecord::new();
        let read = self.csv(scanned)?.read_byte_record(&mut first);
        read.map_err(|_| ImportError::Unreadable {
            file: self.file,
            reason: "its first line cannot be read".into(),
        })?;
        let cells = first.iter().map(|cell| text(cell, scanned.utf8));
        Ok(cells.map(|cell| cell.trim().to_owned()).collect())
    }

    fn each_line(
        &self,
        scanned: &scan::Scanned,
        columns: &[usize],
        each: &mut dyn FnMut(At, &Cells<'_>) -> Result<(), ImportError>,
    ) -> Result<u64, ImportError> {
        let mut reader = self.csv(scanned)?;
        let (mut record, mut rows) = (csv::ByteRecord::new(), 0u64);
        loop {
            let more = reader.read_byte_record(&mut record);
            let more = more.map_err(|_| ImportError::Unreadable {
                file: self.file,
                reason: "it changed while it was read".into(),
            })?;
            if !more {
                return Ok(rows.saturating_sub(1));
            }
            rows += 1;
            if rows == 1 {
                continue;
            }
            let at = At::Line(record.position().map_or(0, csv::Position::line));
            if record.len() != self.headings.len() {
                return Err(ImportError::Row {
                    file: self.file,
                    place: at.to_string(),
                    rule: format!(
                        "it has {} cells where the headings have {}; a delimiter inside a cell \
                         needs quotation marks around the cell",
                        record.len(),
                        self.headings.len()
                    ),
                });
            }
            let mut cells = Vec::with_capacity(columns.len());
            for &column in columns {
                let cell = record.get(column).unwrap_or_default();
                self.not_too_long(at, column, cell.len())?;
                cells.push(kept(text(cell, scanned.utf8)));
            }
            each(at, &cells)?;
        }
    }

    fn each_batch(
        &self,
        rows: usize,
        columns: &[usize],
        each: &mut dyn FnMut(At, &Cells<'_>) -> Result<(), ImportError>,
    ) -> Result<u64, ImportError> {
        for start in (0..rows).step_by(ROWS) {
            let frame = self.batch(start, columns)?;
            let texts: Vec<&StringChunked> = frame
                .columns()
                .iter()
                .filter_map(|c| c.str().ok())
                .collect();
            if texts.len() != columns.len() || frame.height() != ROWS.min(rows - start) {
                return Err(ImportError::Unreadable {
                    file: self.file,
                    reason: "it changed while it was read".into(),
                });
            }
            let mut cells = Vec::with_capacity(columns.len());
            for row in 0..frame.height() {
                let at = At::Row((start + row) as u64 + 1);
                cells.clear();
                for (text, &column) in texts.iter().zip(columns) {
                    let cell = text.get(row).unwrap_or_default();
                    self.not_too_long(at, column, cell.len())?;
                    cells.push(kept(Cow::Borrowed(cell)));
                }
                each(at, &cells)?;
            }
        }
        Ok(rows as u64)
    }

    /// Some rows, every column as text, in the order asked for.
    fn batch(&self, start: usize, columns: &[usize]) -> Result<DataFrame, ImportError> {
        let unreadable = |reason: String| ImportError::Unreadable {
            file: self.file,
            reason,
        };
        let opened = File::open(&self.path).map_err(|e| unreadable(in_words(e.kind())))?;
        let read = || {
            let mut reader = ParquetReader::new(opened);
            // By place: names may have spaces around them.
            let schema = reader.schema()?;
            let names: Vec<String> = schema.iter_names().map(|n| n.to_string()).collect();
            let wanted: Vec<String> = columns
                .iter()
                .filter_map(|&c| names.get(c).cloned())
                .collect();
            let frame = reader
                .with_columns(Some(wanted.clone()))
                .with_slice(Some((start, ROWS)))
                .finish()?;
            let texts: Result<Vec<_>, _> = wanted
                .iter()
                .map(|name| frame.column(name)?.cast(&DataType::String))
                .collect();
            DataFrame::new_infer_height(texts?)
        };
        guarded_or(read, unreadable)
    }

    fn not_too_long(&self, at: At, column: usize, bytes: usize) -> Result<(), ImportError> {
        if bytes <= LONGEST_CELL {
            return Ok(());
        }
        Err(ImportError::Row {
            file: self.file,
            place: format!("{at}, column {}", column + 1),
            rule: format!("the cell has {bytes} bytes; at most {LONGEST_CELL} are read"),
        })
    }
}

fn text(cell: &[u8], utf8: bool) -> Cow<'_, str> {
    match utf8 {
        true => String::from_utf8_lossy(cell),
        false => {
            encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(cell)
                .0
        }
    }
}

fn kept(cell: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let trimmed = match cell {
        Cow::Borrowed(cell) => Cow::Borrowed(cell.trim()),
        Cow::Owned(cell) => Cow::Owned(cell.trim().to_owned()),
    };
    (!trimmed.is_empty()).then_some(trimmed)
}
