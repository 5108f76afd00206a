//! `counterpart submit`: hands a list in to a service. The list is sealed in this process, to a key
//! that only the process has that will work on it; nothing of it is written anywhere.

mod account;
mod address;
mod client;
mod ending;
mod error;
mod follow;
mod receipt;
mod upload;

use super::output::to_stdout;
use super::{Failure, input, verify};
use crate::cohort::MAX_BYTES;
use account::AccountArgs;
use address::Address;
use client::Door;
use error::SubmitError;
use follow::Steps;
use receipt::{Out, Receipt};
use serde::Deserialize;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use upload::Upload;
use zeroize::Zeroizing;

/// Flags of `counterpart submit`.
#[derive(clap::Args)]
#[command(
    after_help = "The list is encrypted here (HPKE, RFC 9180) to a key that only the process has that will work on it: neither a proxy nor the server's own process sees it. --key, the department's published key, shows that nobody on the way has put in a key of theirs. With --plain the server's process sees the list pass.\n\nKeep the salt: with it, and with nothing else, the certificate of erasure is shown to be of this list. With --out it stands in receipt.json, which only you can read.\n\nExit codes: 0 handed in (with --wait: the list is erased, and there are findings); 1 the answer is no, with the reason; 2 the flags were not understood; 3 the service cannot be reached, or a file cannot be read or written."
)]
pub struct Args {
    /// The list of people who took part: CSV, XLSX or ODS. Its name is not sent
    cohort: PathBuf,
    /// Address of the service
    #[arg(long, value_name = "URL")]
    server: String,
    /// Id of the study
    #[arg(long, value_name = "NAME")]
    study: String,
    /// The programme: its name, or its id
    #[arg(long, value_name = "NAME")]
    programme: String,
    #[command(flatten)]
    account: AccountArgs,
    /// The key that the service is known by (signing.pub): it must vouch for the key the list is sealed
    /// to, and for the certificate
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Do not seal the list: the server's process sees it pass
    #[arg(long)]
    plain: bool,
    /// Follow it until the list is erased, and check the certificate
    #[arg(long)]
    wait: bool,
    /// Folder for the receipt and, with --wait, the certificate and the report
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Seconds for which a request is tried again while the service is away or full
    #[arg(long, value_name = "S", default_value_t = 120, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    retry_for: u32,
    /// Send it to an http:// address that is not this machine
    #[arg(long)]
    insecure: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// A programme, as the service lists it.
#[derive(Deserialize)]
struct Programme {
    id: String,
    name: String,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let address = Address::parse(&args.server, args.insecure)?;
    let known = args.key.as_deref().map(verify::key).transpose()?;
    let list = list(&args)?;
    let credentials = args.account.credentials()?;
    let out = Out::open(args.out)?;
    let patience = Duration::from_secs(args.retry_for.into());
    let mut door = Door::new(address, patience)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| Failure::io("this program cannot start its runtime", None))?;
    let steps = Steps::default();
    runtime.block_on(async {
        steps.say("signing in");
        credentials.show(&mut door).await?;
        let wanted = Wanted {
            study: &args.study,
            programme: &args.programme,
            plain: args.plain,
            wait: args.wait,
            json: args.json,
        };
        let done = handed_in(&door, &wanted, list, known, &out, &steps).await;
        credentials.take_back(&door).await;
        done
    })
}

/// What is asked for.
struct Wanted<'a> {
    study: &'a str,
    programme: &'a str,
    plain: bool,
    wait: bool,
    json: bool,
}

/// The list's bytes.
fn list(args: &Args) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let list = Zeroizing::new(input::bytes(&args.cohort)?);
    match list.len() {
        0 => Err(Failure::refused(
            "the cohort file is empty",
            "give the file with the list of people; nothing was sent",
        )),
        n if n > MAX_BYTES => Err(Failure::refused(
            format!("the cohort file has more than {MAX_BYTES} bytes"),
            "leave out columns that are not asked for, or hand the list in as several submissions",
        )),
        _ => Ok(list),
    }
}

async fn handed_in(
    door: &Door,
    wanted: &Wanted<'_>,
    list: Zeroizing<Vec<u8>>,
    known: Option<crate::custody::keys::PublicKey>,
    out: &Out,
    steps: &Steps,
) -> Result<ExitCode, Failure> {
    let programmes: Vec<Programme> = door.read("programmes").await?;
    let named = |p: &&Programme| p.id == wanted.programme || p.name == wanted.programme;
    let programme = programmes.iter().find(named);
    let programme = programme.ok_or(SubmitError::NoProgramme)?;
    let upload = Upload {
        door,
        study: wanted.study,
        programme: &programme.id,
        known,
        out,
    };
    let receipt = match wanted.plain {
        true => {
            steps.say("sending the list, not sealed");
            upload.plain(list).await?
        }
        false => {
            steps.say("sealing the list and sending it");
            upload.sealed(list).await?
        }
    };
    if !wanted.json {
        to_stdout(&told(door, &receipt, out))?;
    }
    if !wanted.wait {
        if wanted.json {
            to_stdout(&format!("{:#}\n", serde_json::json!(receipt)))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let standing = follow::to_the_end(door, &receipt.id, steps).await?;
    ending::told(door, &receipt, standing, known, out, wanted.json).await
}

/// What was done, in words.
fn told(door: &Door, receipt: &Receipt, out: &Out) -> String {
    let mut text = format!("The list was handed in as submission {}.\n", receipt.id);
    text.push_str(match (receipt.sealed, door.address.is_encrypted()) {
        (true, _) => {
            "It was sealed before it left this program: only the process that works on it can open it.\n"
        }
        (false, true) => {
            "It was not sealed: the connection was encrypted, but the server's own process saw its bytes pass.\n"
        }
        (false, false) => {
            "It was neither sealed nor was the connection encrypted: the server's own process, and whoever is on the way, saw its bytes pass.\n"
        }
    });
    // Writing to a text cannot fail.
    let _ = match (&receipt.commitment, &receipt.salt) {
        (Some(commitment), Some(salt)) => {
            writeln!(text, "commitment: {}\nsalt: {salt}", commitment.digest)
        }
        _ => writeln!(
            text,
            "The answer that told its salt was lost with the connection: the certificate cannot be shown to be of this list."
        ),
    };
    text.push_str(match (out.is_there(), receipt.salt.is_some()) {
        (_, false) => "",
        (true, true) => {
            "Keep receipt.json with the list: with this salt, and with nothing else, the certificate of erasure is shown to be of this list.\n"
        }
        (false, true) => {
            "Keep the salt with the list; it is told here only. With it, and with nothing else, the certificate of erasure is shown to be of this list.\n"
        }
    });
    text
}
