//! The certificate of erasure: in words first, then as a file that anybody can check.

use super::page::{Failed, Frame, download, page};
use super::submission::Head;
use super::visitor::SignedIn;
use super::words::{number, sentence, wall};
use crate::custody::bundle::Bundle;
use crate::custody::evidence::{End, Evidence};
use crate::service::api::App;
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use crate::service::store::Submission;
use crate::service::worker::CHECKED;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

/// A place where was looked.
struct Place {
    name: String,
    size: String,
    found: String,
    note: String,
}

/// A certificate in words.
struct Said {
    end: &'static str,
    received: String,
    erased: String,
    planted: String,
    seen: String,
    found: String,
    prints: Option<(String, String, String)>,
    places: Vec<Place>,
    methods: Vec<String>,
    kept: Vec<(String, String)>,
    commitment: Option<String>,
    limit: String,
    engine: String,
}

#[derive(Template)]
#[template(path = "templates/certificate.html")]
struct CertificatePage {
    frame: Frame,
    head: Option<Head>,
    id: String,
    said: Option<Said>,
    leaf: u64,
    key: String,
}

fn size(bytes: u64) -> String {
    match bytes {
        0 => "nothing there".into(),
        1..1_000_000 => format!("{} kB", number(bytes.div_ceil(1_000))),
        _ => format!("{} MB", number(bytes.div_ceil(1_000_000))),
    }
}

impl Said {
    fn of(evidence: Evidence, checked: bool) -> Said {
        let count = |n: u32| number(n.into());
        let prints = evidence.fingerprints;
        let places = evidence.sinks.into_iter().map(|s| Place {
            name: sentence(&s.name).trim_end_matches('.').to_owned(),
            size: size(s.bytes),
            found: count(s.found),
            note: s.note.as_deref().map(sentence).unwrap_or_default(),
        });
        let kept = evidence.kept.into_iter();
        Said {
            end: match evidence.end {
                End::Finished => "The report was written, and the list was erased.",
                End::Refused if checked => "The list was checked for problems, and erased.",
                End::Refused => "The list could not be used, and was erased.",
                End::Withdrawn => "Somebody asked for the list to be erased, and it was.",
                End::TimedOut => "It took too long. The work was stopped, and the list was erased.",
                End::Died => "The work stopped by a fault, and the list was erased.",
                End::ServerEnded => "The service itself was stopped, and the list was erased.",
            },
            received: wall(&evidence.received.wall),
            erased: wall(&evidence.erased.wall),
            planted: count(evidence.canaries.planted),
            seen: count(evidence.canaries.seen_during),
            found: count(evidence.canaries.found_after),
            prints: (prints.planted > 0).then(|| {
                (
                    count(prints.planted),
                    count(prints.seen_during),
                    count(prints.found_after),
                )
            }),
            places: places.collect(),
            methods: evidence.method.iter().map(|m| sentence(m)).collect(),
            kept: kept
                .map(|k| (sentence(&k.what), sentence(&k.how_long)))
                .collect(),
            commitment: evidence.commitment.map(|c| c.digest),
            limit: sentence(&evidence.limit),
            engine: format!(
                "{}, SHA-256 {}",
                evidence.engine_version, evidence.engine_sha256
            ),
        }
    }
}

/// A submission and its certificate, for whoever may read it.
async fn held(app: &App, user: &SignedIn, id: &str) -> Result<(Submission, String), Failed> {
    let found = user.caller.submission(app, Route::ReadCertificate, id);
    let found = found.await?;
    let text = app.custodian.bundle(found.id).await?;
    let text = text.ok_or_else(|| Problem::not_found("certificate"))?;
    Ok((found, text))
}

/// The certificate in words.
pub async fn certificate(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let (found, text) = held(&app, &user, &id).await?;
    let bundle = Bundle::parse(&text).ok();
    // An auditor knows certificates, and nothing else of a list.
    let head = match user.caller.may(Route::SeeSubmission) {
        Ok(()) => Some(Head::of(&app, &user, &found).await?),
        Err(_) => None,
    };
    let said = bundle.as_ref().and_then(|b| b.verify(None).ok());
    let code = found.problem.as_ref().and_then(|p| p["code"].as_str());
    let checked = code == Some(CHECKED);
    Ok(page(&CertificatePage {
        frame: Frame::of(&app, &user, "/submissions"),
        head,
        id: found.id.to_string(),
        said: said.map(|v| Said::of(v.evidence, checked)),
        leaf: found.certificate.unwrap_or(0) + 1,
        key: bundle.map_or(String::new(), |b| b.public_key),
    }))
}

/// The certificate as a file.
pub async fn file(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let (found, text) = held(&app, &user, &id).await?;
    let id = found.id.to_string();
    let name = format!("certificate-{}.json", &id[..8]);
    Ok(download(text.into_bytes(), "application/json", &name))
}
