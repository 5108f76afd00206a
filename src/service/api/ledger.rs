//! The ledger of certificates, for whoever wants to check it: digests and signatures only.

use super::App;
use super::door::{Id, Query};
use super::operations::typed;
use crate::custody::hex;
use crate::service::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

/// The newest checkpoint
///
/// A signed note (C2SP tlog-checkpoint): the ledger's size and root hash.
#[utoipa::path(
    get, path = "/api/v1/ledger/checkpoint", operation_id = "newest_checkpoint", tag = "ledger",
    responses((status = 200, description = "the note", body = String, content_type = "text/plain"))
)]
pub async fn checkpoint(State(app): State<App>) -> Result<Response, Problem> {
    let note = app.store.checkpoint(None).await?;
    let note = note.ok_or_else(|| Problem::not_found("checkpoint: the ledger is empty"))?;
    Ok(typed(note, "text/plain; charset=utf-8"))
}

/// A leaf of the ledger.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Entry {
    /// Its place.
    index: u64,
    /// SHA-256 of the certificate's envelope, hexadecimal.
    leaf: String,
    /// That it is in the tree of `size` leaves: hashes from the leaf to the root, hexadecimal.
    inclusion_proof: Vec<String>,
    /// Leaves of that tree.
    size: u64,
}

/// A leaf and the proof that it is there
#[utoipa::path(
    get, path = "/api/v1/ledger/entries/{index}", operation_id = "read_entry", tag = "ledger",
    params(("index" = u64, Path, description = "its place, from 0", minimum = 0, maximum = 9007199254740991_i64)),
    responses((status = 200, description = "the leaf", body = Entry))
)]
pub async fn entry(State(app): State<App>, Id(index): Id) -> Result<Json<Entry>, Problem> {
    // No database counts further.
    let index: Option<u64> = index
        .parse()
        .ok()
        .filter(|&i: &u64| i64::try_from(i).is_ok());
    let index = index.ok_or_else(|| Problem::not_found("ledger entry"))?;
    let (leaf, _) = app.store.ledger_leaf(index).await?;
    let (size, proof) = app.custodian.inclusion(index).await?;
    Ok(Json(Entry {
        index,
        leaf: hex::encode(&leaf),
        inclusion_proof: proof.iter().map(|h| hex::encode(h)).collect(),
        size,
    }))
}

/// Two sizes of the ledger.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// The smaller, at least 1.
    #[param(minimum = 1, maximum = 9007199254740991_i64)]
    from: u64,
    /// The larger, at most what there is.
    #[param(minimum = 1, maximum = 9007199254740991_i64)]
    to: u64,
}

/// That nothing was taken out or changed between two sizes
///
/// Hashes of an RFC 9162 consistency proof, hexadecimal.
#[utoipa::path(
    get, path = "/api/v1/ledger/consistency", operation_id = "consistency", tag = "ledger", params(Between),
    responses((status = 200, description = "the proof", body = Vec<String>))
)]
pub async fn consistency(
    State(app): State<App>,
    Query(Between { from, to }): Query<Between>,
) -> Result<Json<Vec<String>>, Problem> {
    let size = app.store.ledger_size().await?;
    if from == 0 || from > to || to > size {
        return Err(Problem::unprocessable(
            "`from` and `to` must be sizes the ledger has had, the smaller first",
            format!("the ledger has {size} entries now"),
        ));
    }
    let proof = app.custodian.consistency(from, to).await?;
    Ok(Json(proof.iter().map(|h| hex::encode(h)).collect()))
}
