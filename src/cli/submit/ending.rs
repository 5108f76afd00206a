//! What became of a list, and whether its certificate holds.

use super::client::Door;
use super::error::{SubmitError, shown};
use super::follow::Standing;
use super::receipt::{Out, Receipt};
use crate::cli::output::to_stdout;
use crate::cli::{Failure, verify};
use crate::custody::keys::PublicKey;
use crate::report::Face;
use crate::service::model::{EndReason, State};
use crate::service::worker::Problem;
use reqwest::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Rows that broke a rule, as many as are told one by one.
const MOST_ROWS: usize = 20;

/// Fetches what there is, checks the certificate, and says how it ended.
///
/// # Errors
/// Ends without findings, and certificates that do not hold.
pub async fn told(
    door: &Door,
    receipt: &Receipt,
    standing: Standing,
    known: Option<PublicKey>,
    out: &Out,
    as_json: bool,
) -> Result<ExitCode, Failure> {
    let id = &receipt.id;
    let checked = match standing.certificate {
        Some(_) => Some(certificate(door, receipt, known, out).await?),
        None => None,
    };
    let faces = match standing.state {
        State::Released if out.is_there() => faces(door, id, out).await?,
        _ => Vec::new(),
    };
    if as_json {
        let mut whole = json!(receipt);
        whole["state"] = json!(standing.state);
        whole["reason"] = json!(standing.reason);
        whole["problem"] = json!(standing.problem);
        whole["certificate"] = checked.as_ref().map_or(Value::Null, |c| c.json.clone());
        whole["reports"] = json!(faces);
        to_stdout(&format!("{whole:#}\n"))?;
    } else if let Some(checked) = &checked {
        to_stdout(&checked.text)?;
    }
    let next = match standing.state {
        State::Released => match faces.is_empty() {
            true => format!(
                "The report is released: {}",
                door.address.of(&format!("submissions/{id}/report.html"))
            ),
            false => "The report is released.".to_owned(),
        },
        State::AwaitingRelease => format!(
            "There are findings. They wait for a steward's approval, and can then be read at {}",
            door.address.of(&format!("submissions/{id}/report.html"))
        ),
        _ => return Err(no_findings(standing)),
    };
    if !as_json {
        to_stdout(&format!("{next}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A certificate that holds.
struct Checked {
    text: String,
    json: Value,
}

async fn certificate(
    door: &Door,
    receipt: &Receipt,
    known: Option<PublicKey>,
    out: &Out,
) -> Result<Checked, Failure> {
    let bundle = fetch(door, &receipt.id, "certificate").await?;
    // Kept also where it does not hold: that is worth showing to somebody.
    out.write("certificate.json", &bundle)?;
    let text = String::from_utf8(bundle).map_err(|_| SubmitError::NotOurs { status: 200 })?;
    let (leaf, verified) = verify::holds(&text, known)?;
    if verified.evidence.submission != receipt.id {
        return Err(Failure::refused(
            "the certificate is of another submission",
            "do not rely on it: tell the department",
        ));
    }
    let is_of_it = match (&receipt.commitment, &verified.evidence.commitment) {
        (Some(list), Some(_)) => verify::is_of(&verified, list).map(|()| true)?,
        _ => false,
    };
    let mut text = String::from("The list is erased, and its certificate holds.\n");
    text.push_str(match is_of_it {
        true => "It is of this list: its commitment was made anew from the list and the salt.\n",
        false => "It does not show which list it is of: there is no commitment, or no salt.\n",
    });
    text.push_str(&format!(
        "It is entry {leaf} of the service's ledger; marks found after the end: {}.\n",
        verified.evidence.canaries.found_after + verified.evidence.fingerprints.found_after
    ));
    if known.is_none() {
        text.push_str(
            "Whose key it is signed with was not checked: give the department's with --key.\n",
        );
    }
    Ok(Checked {
        text,
        json: json!({
            "holds": true,
            "leaf": leaf,
            "is_of_this_list": is_of_it,
            "key_checked": known.is_some(),
            "key": verified.key.id(),
        }),
    })
}

/// Every form of the report that there is.
async fn faces(door: &Door, id: &str, out: &Out) -> Result<Vec<&'static str>, Failure> {
    let mut written = Vec::new();
    // A service of another version may have fewer.
    for face in Face::ALL.map(Face::file_name) {
        match fetch(door, id, face).await {
            Ok(bytes) => {
                out.write(face, &bytes)?;
                written.push(face);
            }
            Err(e) if e.is(404) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(written)
}

async fn fetch(door: &Door, id: &str, what: &str) -> Result<Vec<u8>, SubmitError> {
    let path = format!("submissions/{id}/{what}");
    let response = door.patiently(|| door.request(Method::GET, &path)).await?;
    let bytes = response.bytes().await;
    Ok(bytes.map_err(|e| SubmitError::no_answer(&e))?.to_vec())
}

/// Why there are none.
fn no_findings(standing: Standing) -> Failure {
    if let Some(problem) = standing.problem {
        rows(&problem);
        return Failure {
            message: shown(&problem.message),
            hint: Some(shown(&problem.hint)),
            code: 1,
        };
    }
    let (message, hint) = match (standing.state, standing.reason) {
        (State::Incident, _) => (
            "the list is gone, but that could not be shown: there is no certificate, and the department is told",
            "keep the receipt, and ask the department what came of it",
        ),
        (_, Some(EndReason::Withdrawn)) => (
            "the submission was withdrawn; the list is erased",
            "hand it in again if that was not meant",
        ),
        (_, Some(EndReason::NotApproved)) => (
            "the findings were not approved for release; they and the list are erased",
            "ask the department why",
        ),
        (_, Some(EndReason::TimedOut)) => (
            "working on the list took too long; it is erased, and there is no answer",
            "hand it in again; ask the department if it stays",
        ),
        _ => (
            "the process that worked on the list ended before its time; the list is erased, and there is no answer",
            "hand it in again; ask the department if it stays",
        ),
    };
    Failure::refused(message, hint)
}

/// The rows that broke a rule: where, which, and what to do.
fn rows(problem: &Problem) {
    for p in problem.problems.iter().take(MOST_ROWS) {
        let column = p
            .column
            .as_deref()
            .map_or(String::new(), |c| format!(", {}", shown(c)));
        eprintln!(
            "row {}{column}: {}; {}",
            p.row,
            shown(&p.rule),
            shown(&p.remedy)
        );
    }
    let more = problem.problems.len().saturating_sub(MOST_ROWS) as u64 + problem.problems_unlisted;
    if more > 0 {
        eprintln!("and {more} more: --json has up to a thousand of them");
    }
}
