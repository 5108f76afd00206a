//! One line a request, JSON, on stderr and in the data folder: method, route as it is declared, status, milliseconds,
//! request id, account id. Never a query, a body, a token, an e-mail or a name; an address only
//! where the operator asks for it. What every answer carries (request id, security headers) is put
//! on here too.

use super::api::App;
use super::log_file::Both;
use super::model::AccountId;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tokio::time::Instant;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The header with which a request is told apart in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// On every answer. Nothing of it is to be kept, framed, sniffed, or run.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox allow-downloads",
    ),
];

/// Starts the log of this process; a second call does nothing. Only this program's own words are
/// in it: what libraries say may quote what they were given. Lines go to stderr and to
/// [`super::log_file::FILE`] in the data folder.
///
/// # Errors
/// When that file cannot be opened.
pub fn start(data: &Path) -> io::Result<()> {
    let to = Both::beside(data)?;
    let own = Targets::new().with_target("counterpart", LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(to);
    // There already: the first stands.
    let _ = tracing_subscriber::registry()
        .with(own)
        .with(lines)
        .try_init();
    Ok(())
}

/// Who asks, once the token was looked at.
#[derive(Clone, Default)]
pub struct Who(Arc<OnceLock<AccountId>>);

impl Who {
    /// It is this account.
    pub fn is(&self, account: AccountId) {
        // The first stands.
        let _ = self.0.set(account);
    }
}

/// From where a request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct From {
    /// The caller's address; of a proxy's caller where the operator says there is one.
    pub address: IpAddr,
    /// The connection comes from this machine, and no proxy says that it passes it on.
    pub local: bool,
}

impl From {
    /// Out of the connection's peer and the headers.
    fn of(peer: Option<SocketAddr>, headers: &HeaderMap, behind_proxy: bool) -> From {
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
        // The last is what the proxy itself has seen; the others anybody may have written.
        let last = forwarded
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.rsplit(',').next())
            .and_then(|v| v.trim().parse::<IpAddr>().ok());
        let peer = peer.map(|p| p.ip().to_canonical());
        let passed_on = ["x-forwarded-for", "forwarded", "x-real-ip"];
        From {
            address: last
                .filter(|_| behind_proxy)
                .or(peer)
                .unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
            local: peer.is_some_and(|p| p.is_loopback())
                && !behind_proxy
                && !passed_on.iter().any(|h| headers.contains_key(*h)),
        }
    }
}

/// Around every request.
pub async fn around(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = format!("{:032x}", rand::random::<u128>());
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none".to_owned(), |m| m.as_str().to_owned());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let from = From::of(
        peer.map(|p| p.0),
        request.headers(),
        app.settings.behind_proxy,
    );
    let who = Who::default();
    request.extensions_mut().insert(who.clone());
    request.extensions_mut().insert(from);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        // A page says itself what it may load, an asset how long it may be kept.
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if app.settings.tls {
        let value = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    let (status, took) = (response.status().as_u16(), began.elapsed());
    app.metrics.answered(method, &route, status, took);
    tracing::info!(
        method,
        route,
        status,
        ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        request = id,
        account = who.0.get().map(tracing::field::display),
        address = app
            .settings
            .log_addresses
            .then(|| tracing::field::display(from.address)),
        "answered"
    );
    response
}

/// A method may be any word: only the usual ones are told.
pub fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(forwarded: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for f in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(f));
        }
        headers
    }

    #[test]
    fn a_callers_own_claim_of_an_address_is_not_believed() {
        let peer: SocketAddr = "192.0.2.1:5".parse().unwrap();
        let claims = headers(&["203.0.113.9", "198.51.100.1, 203.0.113.7"]);
        let direct = From::of(Some(peer), &claims, false);
        assert_eq!(direct.address, peer.ip());
        let proxied = From::of(Some(peer), &claims, true);
        assert_eq!(proxied.address, "203.0.113.7".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn what_a_proxy_on_this_machine_passes_on_is_not_local() {
        let peer: SocketAddr = "127.0.0.1:5".parse().unwrap();
        assert!(From::of(Some(peer), &headers(&[]), false).local);
        assert!(!From::of(Some(peer), &headers(&["192.0.2.1"]), false).local);
        assert!(!From::of(Some(peer), &headers(&[]), true).local);
        assert!(!From::of(None, &headers(&[]), false).local);
        let mapped: SocketAddr = "[::ffff:127.0.0.1]:5".parse().unwrap();
        assert!(From::of(Some(mapped), &headers(&[]), false).local);
    }
}
