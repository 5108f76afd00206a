//! Styles and scripts, as they were when the program was built: no page loads anything from another
//! host, or from a folder.

use crate::service::problem::Problem;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

/// Name and content of each.
const FILES: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The styles.
pub const STYLES: &str = "portal.css";
/// What script adds to every page.
pub const SCRIPT: &str = "portal.js";
/// What seals a list in the browser.
pub const SEAL: &str = "seal.js";

/// Where each is asked for: with a piece of its digest, so that it may be kept as long as one likes.
static ADDRESSES: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
    let address = |&(name, bytes): &(&'static str, &[u8])| {
        let digest = Sha256::digest(bytes);
        let mark: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
        (name, format!("/assets/{name}?v={mark}"))
    };
    FILES.iter().map(address).collect()
});

/// The address of one; None where it was not made when the program was built.
pub fn address(name: &str) -> Option<&'static str> {
    let found = ADDRESSES.iter().find(|(known, _)| *known == name);
    found.map(|(_, address)| address.as_str())
}

/// Says so where pages have to do without styles.
pub fn tell_if_missing() {
    if address(STYLES).is_none() {
        tracing::warn!(
            "the portal's styles are missing: its pages work, and are plain; run `make web` and build again"
        );
    }
}

/// Gives one out.
///
/// # Errors
/// 404.
pub async fn give(Path(name): Path<String>) -> Result<Response, Problem> {
    let found = FILES.iter().find(|(known, _)| *known == name);
    let &(name, bytes) = found.ok_or_else(|| Problem::not_found("address"))?;
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    Ok((headers, bytes).into_response())
}
