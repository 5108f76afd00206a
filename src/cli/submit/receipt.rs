//! What the submitter keeps: the receipt, and what comes back, in a folder.

use super::client::Door;
use crate::cli::Failure;
use crate::cli::output::{WholeFile, not_written};
use crate::custody::evidence::Commitment;
use serde::Serialize;
use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The receipt's name in the folder.
const RECEIPT: &str = "receipt.json";

/// What is known of a submission by who made it, and by nobody else.
#[derive(Clone, Serialize)]
pub struct Receipt {
    schema: &'static str,
    pub server: String,
    pub id: String,
    /// The server saw ciphertext only.
    pub sealed: bool,
    /// None where the answer that told it was lost.
    pub salt: Option<String>,
    /// To the list, under that salt.
    pub commitment: Option<Commitment>,
}

impl Receipt {
    pub fn new(
        door: &Door,
        id: String,
        sealed: bool,
        told: Option<(String, Commitment)>,
    ) -> Receipt {
        let (salt, commitment) = told.unzip();
        Receipt {
            schema: "counterpart.receipt/1",
            server: door.address.to_string(),
            id,
            sealed,
            salt,
            commitment,
        }
    }
}

/// The folder of `--out`, if there is one.
pub struct Out(Option<PathBuf>);

impl Out {
    /// Makes the folder.
    ///
    /// # Errors
    /// When it cannot be made, or has a receipt already: its salt is nowhere else.
    pub fn open(dir: Option<PathBuf>) -> Result<Out, Failure> {
        if let Some(dir) = &dir {
            std::fs::create_dir_all(dir).map_err(|e| failed("the folder", &e))?;
            if dir.join(RECEIPT).exists() {
                return Err(Failure::refused(
                    "there is a receipt of another submission in the folder of --out",
                    "give another folder with --out; nothing was sent",
                ));
            }
        }
        Ok(Out(dir))
    }

    /// Writes a receipt that has no name yet: whether it will be true is not known.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn prepare(&self, receipt: &Receipt) -> Result<Option<WholeFile>, Failure> {
        let Some(dir) = &self.0 else {
            return Ok(None);
        };
        // Texts: they can be written.
        let text = serde_json::to_string_pretty(receipt).unwrap_or_default() + "\n";
        whole(&dir.join(RECEIPT), text.as_bytes(), true)
            .map(Some)
            .map_err(|e| failed(RECEIPT, &e))
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// When it cannot.
    pub fn keep(&self, written: Option<WholeFile>) -> Result<(), Failure> {
        let kept = written.map(WholeFile::keep).transpose();
        let kept = kept.map_err(|e| failed(RECEIPT, &e))?;
        if let Some(path) = kept {
            eprintln!("written: {}", path.display());
        }
        Ok(())
    }

    /// Writes a receipt that is true, and gives it back.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn receipt(&self, receipt: Receipt) -> Result<Receipt, Failure> {
        self.keep(self.prepare(&receipt)?)?;
        Ok(receipt)
    }

    /// Whether there is a folder.
    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Writes something that came back.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &'static str, bytes: &[u8]) -> Result<(), Failure> {
        if let Some(dir) = &self.0 {
            let written = whole(&dir.join(name), bytes, false).and_then(WholeFile::keep);
            let path = written.map_err(|e| failed(name, &e))?;
            eprintln!("written: {}", path.display());
        }
        Ok(())
    }
}

fn whole(path: &Path, bytes: &[u8], secret: bool) -> io::Result<WholeFile> {
    WholeFile::write(path, |to| {
        if secret {
            // Before the first byte.
            to.get_ref()
                .set_permissions(Permissions::from_mode(0o600))?;
        }
        to.write_all(bytes)
    })
}

fn failed(what: &str, e: &io::Error) -> Failure {
    Failure::io(
        format!("cannot write {what} of --out: {}", not_written(e)),
        "choose a folder you may write to with --out",
    )
}
