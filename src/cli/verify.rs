//! `counterpart verify`: checks a certificate of erasure without the service.

use super::Failure;
use super::output::to_stdout;
use crate::custody::bundle::{Bundle, BundleError, Verified};
use crate::custody::certificate::Invalid;
use crate::custody::commitment::Committing;
use crate::custody::evidence::{Commitment, End};
use crate::custody::hex;
use crate::custody::keys::PublicKey;
use crate::custody::ledger::{Checkpoint, LedgerError, check_consistency};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Larger is no certificate.
const MOST: u64 = 1 << 20;
/// What a ledger file is.
const LEDGER_FILE: &str = "it holds a checkpoint kept from earlier, and what /api/v1/ledger/consistency gives between its size and this one";

/// Flags of `counterpart verify`.
#[derive(clap::Args)]
#[command(
    after_help = "A certificate carries the key it is signed with, and so vouches for itself: give --key, the department's published key, to know whose it is. With --ledger, a checkpoint kept from earlier and the service's proof of consistency show that the ledger has only grown.\n\nExit codes: 0 it holds; 1 it does not, with the first reason; 2 the flags were not understood; 3 a file cannot be read."
)]
pub struct Args {
    /// The certificate, as the service gives it
    certificate: PathBuf,
    /// The key that the service is known by (a verifier key: name+id+key)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// A ledger file: a JSON object {"checkpoint": .., "consistency_proof": [..]} of an earlier (or the
    /// same) head
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// The list itself, to show that it is the one
    #[arg(long, value_name = "FILE", requires = "salt")]
    file: Option<PathBuf>,
    /// The salt that was told when the list was handed in (64 hexadecimal digits)
    #[arg(long, value_name = "HEX", requires = "file")]
    salt: Option<String>,
    /// Print what the certificate says as JSON
    #[arg(long)]
    json: bool,
}

/// An earlier head of the ledger, and the proof that this one follows on it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Ledger {
    checkpoint: String,
    consistency_proof: Vec<String>,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let text = read(&args.certificate, "the certificate")?;
    let known = args.key.as_deref().map(key).transpose()?;
    let (leaf, verified) = holds(&text, known)?;
    let mut checked = vec![
        "the certificate is signed, and what it says bears it out".to_owned(),
        format!(
            "it is entry {} of a ledger of {}, whose head is signed",
            leaf, verified.checkpoint.size
        ),
    ];
    if known.is_some() {
        checked.push("the key is the one given".into());
    }
    if let Some(path) = &args.ledger {
        checked.push(grown(path, &verified)?);
    }
    if let (Some(path), Some(salt)) = (&args.file, &args.salt) {
        checked.push(same_file(path, salt, &verified)?);
    }
    match args.json {
        // Texts and numbers: they can be written.
        true => to_stdout(&format!(
            "{}\n",
            serde_json::to_string_pretty(&verified.evidence).unwrap_or_default()
        ))?,
        false => to_stdout(&told(&verified, &checked, known.is_some()))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks a certificate, also against the key that the service is known by; its place in the ledger
/// and what it shows.
pub(super) fn holds(text: &str, known: Option<PublicKey>) -> Result<(u64, Verified), Failure> {
    let bundle = Bundle::parse(text).map_err(unsound)?;
    let verified = bundle.verify(known).map_err(unsound)?;
    Ok((bundle.leaf_index, verified))
}

/// That a certificate is of the file with that commitment.
pub(super) fn is_of(verified: &Verified, list: &Commitment) -> Result<(), Failure> {
    match verified.evidence.commitment.as_ref() == Some(list) {
        true => Ok(()),
        false => Err(refused(
            "list and salt are not those of this certificate".into(),
            "give the very file that was handed in: one that a program opened and saved is another; and its own salt",
        )),
    }
}

fn told(verified: &Verified, checked: &[String], known: bool) -> String {
    let e = &verified.evidence;
    let mut text = String::from("The certificate holds.\n\nWhat was checked:\n");
    for line in checked {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "- {line}");
    }
    let how = match e.end {
        End::Finished => "worked through, and its findings kept",
        End::Refused => "read, and there was no answer",
        End::Withdrawn => "withdrawn",
        End::TimedOut => "given up: it took too long",
        End::Died => "given up: its process died",
        End::ServerEnded => "given up: the server ended",
    };
    let _ = write!(
        text,
        "\nWhat it says:\n- submission {}, study {}: {how}\n- received {}, erased {}\n",
        e.submission, e.study, e.received.wall, e.erased.wall
    );
    for line in &e.method {
        let _ = writeln!(text, "- {line}");
    }
    let _ = writeln!(
        text,
        "- marks planted and taken: {}; seen while the list was there: {}; found afterwards: {}",
        e.canaries.planted + e.fingerprints.planted,
        e.canaries.seen_during + e.fingerprints.seen_during,
        e.canaries.found_after + e.fingerprints.found_after
    );
    for sink in &e.sinks {
        let note = sink.note.as_deref().unwrap_or("nothing found");
        let _ = writeln!(
            text,
            "- {}: {} bytes looked at; {note}",
            sink.name, sink.bytes
        );
    }
    let _ = write!(text, "\nIts limit:\n{}\n", e.limit);
    if !known {
        let _ = write!(
            text,
            "\nWhose key it is was not checked (key {}): give the department's with --key.\n",
            verified.key.id()
        );
    }
    text
}

/// That this head follows on an earlier one.
fn grown(path: &Path, verified: &Verified) -> Result<String, Failure> {
    let text = read(path, "the ledger file")?;
    // A list would be taken for an object.
    let ledger = text
        .trim_ascii_start()
        .starts_with('{')
        .then(|| serde_json::from_str::<Ledger>(&text).ok());
    let ledger = ledger.flatten().ok_or_else(|| {
        refused(
            "the ledger file is not a JSON object with `checkpoint` and `consistency_proof`, and nothing else".into(),
            LEDGER_FILE,
        )
    })?;
    let wrong = |what: &str, e: LedgerError| refused(format!("{what}: {e}"), ledger_hint(&e));
    let earlier = Checkpoint::open(&ledger.checkpoint, verified.key)
        .map_err(|e| wrong("the ledger file", e))?;
    let proof = ledger.consistency_proof.iter();
    let proof: Option<Vec<[u8; 32]>> = proof.map(|h| hex::decode_32(h)).collect();
    let proof = proof.ok_or_else(|| {
        refused(
            "the ledger file's proof is not hashes of 64 hexadecimal digits in small letters"
                .into(),
            LEDGER_FILE,
        )
    })?;
    let now = &verified.checkpoint;
    let (first, last) = match earlier.size <= now.size {
        true => (&earlier, now),
        false => (now, &earlier),
    };
    check_consistency(first, last, &proof).map_err(|e| wrong("the ledger file", e))?;
    Ok(format!(
        "the ledger has only grown between {} and {} entries",
        first.size, last.size
    ))
}

/// That this is the file that was handed in.
fn same_file(path: &Path, salt: &str, verified: &Verified) -> Result<String, Failure> {
    let salt = hex::decode_32(&salt.to_ascii_lowercase()).ok_or_else(|| {
        refused(
            "--salt is not 64 hexadecimal digits".into(),
            "give it as it was told when the list was handed in; the service does not keep it",
        )
    })?;
    let mut committing = Committing::new(&salt);
    let failed = |e: io::Error| unreadable("the list", &e);
    let mut file = File::open(path).map_err(failed)?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece).map_err(failed)? {
            0 => break,
            n => committing.update(&piece[..n]),
        }
    }
    is_of(verified, &committing.finish())?;
    Ok("the list given is the one that was erased".into())
}

/// A verifier key out of a file.
pub(super) fn key(path: &Path) -> Result<PublicKey, Failure> {
    let text = read(path, "the key")?;
    PublicKey::parse(text.trim_ascii()).ok_or_else(|| {
        refused(
            "the key file does not hold a verifier key (counterpart/ledger+id+key)".into(),
            "give the department's published key: `signing.pub` of the service's data folder",
        )
    })
}

fn read(path: &Path, what: &'static str) -> Result<String, Failure> {
    let mut text = String::new();
    let file = File::open(path).map_err(|e| unreadable(what, &e))?;
    match file.take(MOST + 1).read_to_string(&mut text) {
        Ok(n) if n as u64 > MOST => Err(refused(
            format!("{what} is larger than 1 MiB, and so is none"),
            "check the path",
        )),
        Err(e) if e.kind() == io::ErrorKind::InvalidData => {
            Err(refused(format!("{what} is not text"), "check the path"))
        }
        Err(e) => Err(unreadable(what, &e)),
        Ok(_) => Ok(text),
    }
}

fn unreadable(what: &str, e: &io::Error) -> Failure {
    Failure::io(
        format!("cannot read {what}: {}", super::input::reason(e)),
        "check the path",
    )
}

/// What to do about it: each failure has causes of its own.
fn unsound(error: BundleError) -> Failure {
    let hint = match &error {
        BundleError::Form(_) | BundleError::Certificate(Invalid::Form(_)) => {
            "give the file as the service gives it, unchanged: a program that saved it again may have rewritten it"
        }
        BundleError::OtherKey => {
            "do not rely on it: somebody else may have made it; compare the key with the department's published one"
        }
        BundleError::Certificate(Invalid::Signature) => {
            "do not rely on it: it was changed after it was signed; ask the department for it again"
        }
        BundleError::Certificate(Invalid::Doubted(_)) => {
            "tell the department: its service has signed what its own rules forbid"
        }
        BundleError::Ledger(e) => ledger_hint(e),
    };
    refused(error.to_string(), hint)
}

fn ledger_hint(error: &LedgerError) -> &'static str {
    match error {
        LedgerError::Checkpoint | LedgerError::Signature => {
            "do not rely on it: ask the department for the certificate or the checkpoint again"
        }
        LedgerError::Inclusion => {
            "do not rely on it: ask for the certificate again; if it fails again, its entry was taken out of the ledger or never in it"
        }
        LedgerError::Consistency => {
            "fetch /api/v1/ledger/consistency from the smaller to the larger size; if it fails again, keep both files: the ledger was rewritten"
        }
    }
}

fn refused(why: String, hint: &'static str) -> Failure {
    Failure::refused(why, hint)
}
