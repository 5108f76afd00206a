//! Where a trial's rows go: CSV or Parquet, as they are made.

use super::row::{LEVELS, Row, columns};
use crate::synth::SynthError;
use crate::synth::table::{Cell, TableWriter};
use rayon::prelude::*;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Where the rows go.
pub(super) enum Sink {
    Csv(String, BufWriter<File>),
    Parquet(Box<TableWriter>),
}

impl Sink {
    pub fn create(out: &Path, sets: usize) -> Result<Sink, SynthError> {
        if out
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("parquet"))
        {
            return Ok(Sink::Parquet(Box::new(TableWriter::create(
                out,
                columns(sets),
            )?)));
        }
        let file = out.display().to_string();
        let mut sink = BufWriter::new(File::create(out).map_err(|e| SynthError::io(&file, e))?);
        let names: Vec<String> = columns(sets).into_iter().map(|(n, _)| n).collect();
        writeln!(sink, "{}", names.join(",")).map_err(|e| SynthError::io(&file, e))?;
        Ok(Sink::Csv(file, sink))
    }

    pub fn write(&mut self, first: u64, rows: &[Row]) -> Result<(), SynthError> {
        match self {
            Sink::Csv(file, sink) => {
                let parts: Vec<String> = rows
                    .par_chunks(2_048)
                    .enumerate()
                    .map(|(part, rows)| lines(first + 2_048 * part as u64, rows))
                    .collect();
                parts
                    .iter()
                    .try_for_each(|part| sink.write_all(part.as_bytes()))
                    .map_err(|e| SynthError::io(file, e))
            }
            Sink::Parquet(table) => rows
                .iter()
                .zip(first..)
                .try_for_each(|(row, i)| table.push(cells(i + 1, row))),
        }
    }

    pub fn finish(self) -> Result<(), SynthError> {
        match self {
            Sink::Csv(file, mut sink) => sink.flush().map_err(|e| SynthError::io(&file, e)),
            Sink::Parquet(table) => table.finish(),
        }
    }
}

fn lines(first: u64, rows: &[Row]) -> String {
    let mut out = String::with_capacity(rows.len() * 128);
    for (row, i) in rows.iter().zip(first..) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{},{}", i + 1, u8::from(row.treat));
        for set in &row.sets {
            for x in set.reals {
                let _ = write!(out, ",{x:.3}");
            }
            for n in set.counts {
                let _ = write!(out, ",{n}");
            }
            for f in set.flags {
                out.push_str(if f { ",1" } else { ",0" });
            }
            for g in set.groups {
                out.push(',');
                out.push_str(LEVELS[g].0);
            }
        }
        let _ = write!(out, ",{},{},", u8::from(row.reoffences > 0), row.reoffences);
        if let Some(days) = row.days_to_first {
            let _ = write!(out, "{days}");
        }
        out.push('\n');
    }
    out
}

fn cells(id: u64, row: &Row) -> impl Iterator<Item = Cell> + '_ {
    [Cell::Key(id), Cell::int(row.treat)]
        .into_iter()
        .chain(row.sets.iter().flat_map(|set| {
            let reals = set.reals.iter().map(|&x| Cell::Real(Some(x)));
            reals
                .chain(set.counts.iter().map(|&n| Cell::int(n)))
                .chain(set.flags.iter().map(|&f| Cell::int(f)))
                .chain(set.groups.iter().map(|&g| Cell::word(LEVELS[g].0)))
        }))
        .chain([
            Cell::int(row.reoffences > 0),
            // A year's reoffences are a handful.
            Cell::int(row.reoffences as i32),
            Cell::Int(row.days_to_first),
        ])
}
