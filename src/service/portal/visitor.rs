//! Who looks at a page: the session in a cookie, and the token by which a form is known to be ours.
//!
//! The cookie holds the token of a session of the API, and nothing else. A form's token is made of
//! it, so that nothing more is kept; before anybody has signed in it is made of a cookie of its own.

use super::page::Failed;
use crate::service::api::App;
use crate::service::api::door::Caller;
use crate::service::limits::MOST_JSON;
use crate::service::problem::Problem;
use axum::RequestExt as _;
use axum::extract::{Form, FromRequest, FromRequestParts, OriginalUri, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::collections::HashMap;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Characters of a cookie's value.
const MOST_COOKIE: usize = 200;
/// What sessions' tokens begin with: one made for a program opens no page.
const SESSION: &str = "cps_";

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// Of who has signed in.
    Session,
    /// Of who is about to.
    Visit,
}

impl Cookie {
    /// Its name. Where all is TLS, browsers see to it that none but this host can set it.
    fn name(self, app: &App) -> &'static str {
        match (self, is_secure(app)) {
            (Cookie::Session, true) => "__Host-counterpart",
            (Cookie::Session, false) => "counterpart",
            (Cookie::Visit, true) => "__Host-counterpart-visit",
            (Cookie::Visit, false) => "counterpart-visit",
        }
    }

    /// Its value in a request.
    fn of(self, app: &App, headers: &HeaderMap) -> Option<Zeroizing<String>> {
        let name = self.name(app);
        let lines = headers.get_all(header::COOKIE).iter();
        let mut pairs = lines
            .filter_map(|l| l.to_str().ok())
            .flat_map(|l| l.split(';'));
        let value = pairs.find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        })?;
        let plausible = (1..=MOST_COOKIE).contains(&value.len());
        plausible.then(|| Zeroizing::new(value.to_owned()))
    }

    /// The header that sets it, until the browser is closed. A session is sent along when somebody
    /// follows a link to here; the other cookie never is.
    pub fn set(self, app: &App, value: &str) -> HeaderValue {
        let site = match self {
            Cookie::Session => "Lax",
            Cookie::Visit => "Strict",
        };
        self.header(app, &format!("{value}; SameSite={site}"))
    }

    /// The header that ends it.
    pub fn end(self, app: &App) -> HeaderValue {
        self.header(app, "; SameSite=Lax; Max-Age=0")
    }

    fn header(self, app: &App, rest: &str) -> HeaderValue {
        let secure = if is_secure(app) { "; Secure" } else { "" };
        let line = format!("{}={rest}; Path=/; HttpOnly{secure}", self.name(app));
        // Names, tokens and attributes are plain ASCII.
        HeaderValue::from_str(&line).unwrap_or(HeaderValue::from_static(""))
    }
}

/// Pages come over TLS: of ours, or of the proxy before us.
fn is_secure(app: &App) -> bool {
    app.settings.tls || app.settings.behind_proxy
}

/// What a form of ours carries, made of the cookie beside it.
fn form_token(cookie: &str) -> String {
    let mut hash = <Hmac<Sha256>>::new(&hmac_key(cookie));
    hash.update(b"counterpart form 1\n");
    let digest = hash.finalize().into_bytes();
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

fn hmac_key(cookie: &str) -> hmac::digest::Key<Hmac<Sha256>> {
    use sha2::Digest as _;
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block[..32].copy_from_slice(&Sha256::digest(cookie.as_bytes()));
    block
}

/// Somebody who has signed in.
pub struct SignedIn {
    /// As the API has it.
    pub caller: Caller,
    /// For forms.
    pub csrf: String,
}

impl SignedIn {
    /// Whether a form is one of ours, given to this session.
    ///
    /// # Errors
    /// 403.
    pub fn sent(&self, token: &str) -> Result<(), Problem> {
        same(token, &self.csrf)
    }
}

fn same(told: &str, expected: &str) -> Result<(), Problem> {
    match bool::from(told.as_bytes().ct_eq(expected.as_bytes())) {
        true => Ok(()),
        false => Err(Problem::forbidden()),
    }
}

/// Browsers say whether a request was made by another site's page.
fn not_from_elsewhere(headers: &HeaderMap) -> Result<(), Problem> {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    match site {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(Problem::forbidden()),
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<SignedIn, Failed> {
        let uri = parts.extensions.get::<OriginalUri>();
        let uri = uri.map_or(&parts.uri, |u| &u.0);
        let next = uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
        let sign_in = || Failed::SignIn {
            next: match parts.method.is_safe() {
                true => next,
                false => String::new(),
            },
        };
        let Some(token) = Cookie::Session.of(app, &parts.headers) else {
            return Err(sign_in());
        };
        if !token.starts_with(SESSION) {
            return Err(sign_in());
        }
        let csrf = form_token(&token);
        match Caller::of(app, parts, token).await {
            Ok(caller) => Ok(SignedIn { caller, csrf }),
            Err(e) if e.status == 401 => Err(sign_in()),
            Err(e) => Err(e.into()),
        }
    }
}

/// The fields of a form.
#[derive(Default)]
pub struct Fields(HashMap<String, String>);

impl Fields {
    /// One of them, without blanks around it; nothing where it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |v| v.trim())
    }

    /// One as it was typed.
    pub fn raw(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

async fn fields(request: Request, app: &App) -> Result<Fields, Problem> {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|l| l.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|l| l > MOST_JSON) {
        return Err(Problem::too_large(MOST_JSON as u64));
    }
    let read = request.with_limited_body();
    let read = Form::<HashMap<String, String>>::from_request(read, app);
    let read = tokio::time::timeout(app.limits.body, read).await;
    let read = read.map_err(|_| Problem::too_slow())?;
    let form =
        read.map_err(|_| Problem::bad_request("the form could not be read", "send it again"))?;
    Ok(Fields(form.0))
}

/// A form that was sent by somebody who has signed in, from a page of ours.
pub struct Posted {
    /// Who.
    pub user: SignedIn,
    /// What.
    pub fields: Fields,
}

impl FromRequest<App> for Posted {
    type Rejection = Failed;

    async fn from_request(mut request: Request, app: &App) -> Result<Posted, Failed> {
        not_from_elsewhere(request.headers())?;
        let user = request
            .extract_parts_with_state::<SignedIn, App>(app)
            .await?;
        let fields = fields(request, app).await?;
        user.sent(fields.get("csrf"))?;
        Ok(Posted { user, fields })
    }
}

/// Somebody who has not signed in, and the cookie that a form's token is made of.
pub struct Visit {
    /// For forms.
    pub csrf: String,
    /// To be set: it is new.
    pub cookie: Option<HeaderValue>,
}

impl FromRequestParts<App> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &App,
    ) -> Result<Visit, std::convert::Infallible> {
        if let Some(known) = Cookie::Visit.of(app, &parts.headers) {
            let csrf = form_token(&known);
            return Ok(Visit { csrf, cookie: None });
        }
        let value = format!("{:032x}", rand::random::<u128>());
        Ok(Visit {
            csrf: form_token(&value),
            cookie: Some(Cookie::Visit.set(app, &value)),
        })
    }
}

/// A form that was sent by somebody who has not signed in, from a page of ours.
pub struct VisitPosted {
    /// For the next form.
    pub csrf: String,
    /// What.
    pub fields: Fields,
}

impl FromRequest<App> for VisitPosted {
    type Rejection = Failed;

    async fn from_request(request: Request, app: &App) -> Result<VisitPosted, Failed> {
        not_from_elsewhere(request.headers())?;
        let cookie = Cookie::Visit.of(app, request.headers());
        let fields = fields(request, app).await?;
        // Without the cookie the form is too old, or none of ours: asked for anew.
        let Some(cookie) = cookie else {
            return Err(Failed::SignIn {
                next: fields.get("next").to_owned(),
            });
        };
        let csrf = form_token(&cookie);
        same(fields.get("csrf"), &csrf)?;
        Ok(VisitPosted { csrf, fields })
    }
}

/// Where to go after signing in: an address of ours, or nothing.
pub fn own_address(next: &str) -> Option<&str> {
    let plain = next.starts_with('/')
        && !next.starts_with("//")
        && next.len() <= 500
        && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    plain.then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forms_token_is_made_of_its_cookie() {
        assert_eq!(form_token("a"), form_token("a"));
        assert!(form_token("a") != form_token("b"));
        assert_eq!(form_token("a").len(), 32);
        assert!(same(&form_token("a"), &form_token("a")).is_ok());
        assert!(same("", &form_token("a")).is_err());
        assert!(same(&form_token("b"), &form_token("a")).is_err());
    }

    #[test]
    fn after_signing_in_nobody_is_sent_elsewhere() {
        for ours in ["/", "/submissions", "/submissions/1?a=b#c"] {
            assert_eq!(own_address(ours), Some(ours));
        }
        for other in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil",
            "/a b",
            "x",
            "/a\r\nb",
        ] {
            assert_eq!(own_address(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_page_of_another_site_sends_no_form() {
        let mut headers = HeaderMap::new();
        assert!(not_from_elsewhere(&headers).is_ok());
        for (site, fine) in [
            ("same-origin", true),
            ("none", true),
            ("same-site", false),
            ("cross-site", false),
        ] {
            headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            assert_eq!(not_from_elsewhere(&headers).is_ok(), fine, "{site}");
        }
    }
}
