//! Writing what says who was found: for its owner alone, whole or not at all.

use super::People;
use crate::cli::Failure;
use crate::cli::input::same_file;
use crate::cli::output::not_written;
use crate::linkage::Scored;
use crate::register::RegisterIndex;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

/// Refuses to write over the list itself.
pub fn apart(out: &Path, cohort: &Path, what: &str) -> Result<(), Failure> {
    match same_file(out, cohort) {
        true => Err(Failure::refused(
            format!("{what} would overwrite the cohort file"),
            "give --out another file name",
        )),
        false => Ok(()),
    }
}

/// A line for each row of people: who it is from the threshold on, and nothing below.
pub fn links(
    out: &Path,
    people: &People,
    scored: &[Scored],
    index: &RegisterIndex,
    threshold: f64,
) -> Result<(), Failure> {
    let found = people.rows.iter().zip(scored).map(|(&row, scored)| {
        let best = scored.best.filter(|best| best.probability >= threshold);
        (row, best)
    });
    let mut lines: Vec<_> = found.collect();
    lines.extend(people.unusable.iter().map(|&row| (row, None)));
    lines.sort_unstable_by_key(|(row, _)| *row);
    let failed = |e: csv::Error| Failure::io(format!("cannot write the links: {}", kind(&e)), None);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["row", "person_id", "probability"])
        .map_err(failed)?;
    for (row, best) in lines {
        let (person, probability) = match best {
            Some(best) => (
                index.external_id(best.row),
                format!("{:.6}", best.probability),
            ),
            None => ("".into(), String::new()),
        };
        writer
            .write_record([&row.to_string(), &*person, &probability])
            .map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|_| Failure::io("cannot write the links", None))?;
    private(out, &bytes, "the links")
}

/// Writes a file that its owner alone may read.
pub fn private(path: &Path, bytes: &[u8], what: &str) -> Result<(), Failure> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let write = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    };
    write().map_err(|e| {
        // What is left of it is named as a part.
        let _ = std::fs::remove_file(&part);
        Failure::io(
            format!("cannot write {what}: {}", not_written(&e)),
            "choose a file with --out in a folder you may write to",
        )
    })
}

fn kind(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(e) => not_written(e),
        _ => "not a table".into(),
    }
}
