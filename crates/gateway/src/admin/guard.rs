//! Who may use the admin listener: this machine, or a client with the operator's key; never a page of another site.
//!
//! A page that is open in a browser can send requests to loopback, and its own host name can resolve to 127.0.0.1.
//! The headers Host and Origin show both.

use std::path::Path;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use countersign::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Shorter keys could be guessed.
const SHORTEST_KEY: usize = 32;

/// How requests to the admin listener are authorized.
#[derive(Clone)]
pub struct AdminAccess {
    /// The SHA-256 of the operator's key.
    key: Option<Arc<[u8; 32]>>,
}

impl std::fmt::Debug for AdminAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.key.is_some() { "AdminAccess(key)" } else { "AdminAccess(loopback)" })
    }
}

impl AdminAccess {
    /// For a listener on loopback: requests need no key, but have to name this machine as their host.
    #[must_use]
    pub fn loopback() -> Self {
        Self { key: None }
    }

    /// Each request needs the key in this file, as a Bearer token or as the password of Basic authentication.
    ///
    /// # Errors
    /// `Config` if the file cannot be read, or its key has fewer than 32 characters.
    pub fn key_file(file: &Path) -> Result<Self> {
        let wrong = |why: String| {
            Error::new(ErrorKind::Config, format!("the admin key in {} {why}", file.display()))
                .with_hint("write 32 random characters or more into it: `openssl rand -hex 32`")
        };
        let text = std::fs::read_to_string(file).map(Zeroizing::new);
        let text = text.map_err(|error| wrong(format!("cannot be read: {error}")))?;
        let key = text.trim();
        if key.len() < SHORTEST_KEY || key.contains(char::is_whitespace) {
            return Err(wrong("is too short, or has blanks".to_owned()));
        }
        Ok(Self { key: Some(Arc::new(Sha256::digest(key.as_bytes()).into())) })
    }

    /// Whether requests need a key, so that other machines may reach the listener.
    #[must_use]
    pub fn needs_key(&self) -> bool {
        self.key.is_some()
    }

    /// Why a request is refused, if it is.
    fn refusal(&self, method: &Method, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
        let is_authorized = match &self.key {
            Some(key) => sent_key(headers).is_some_and(|sent| {
                let sent: [u8; 32] = Sha256::digest(sent.as_bytes()).into();
                bool::from(sent.ct_eq(&**key))
            }),
            None => true,
        };
        if !is_authorized {
            return Some((StatusCode::UNAUTHORIZED, "The admin key is missing or wrong.\n"));
        }
        if self.key.is_none() && !is_this_machine(headers) {
            let text = "Without an admin key, these pages answer only to 127.0.0.1, [::1] and localhost.\n";
            return Some((StatusCode::FORBIDDEN, text));
        }
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        if !is_read && !is_own_page(headers) {
            return Some((StatusCode::FORBIDDEN, "Only the pages of this listener may send this.\n"));
        }
        None
    }
}

/// Refuses what [`AdminAccess`] does not authorize.
pub(super) async fn guard(State(access): State<AdminAccess>, request: Request, next: Next) -> Response {
    let Some((status, text)) = access.refusal(request.method(), request.headers()) else {
        return next.run(request).await;
    };
    let mut response = (status, text).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let basic = header::HeaderValue::from_static("Basic realm=\"countersign-gateway\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
    }
    response
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

fn sent_key(headers: &HeaderMap) -> Option<Zeroizing<String>> {
    let (scheme, rest) = text(headers, header::AUTHORIZATION.as_str())?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Zeroizing::new(rest.trim().to_owned()));
    }
    let decoded = BASE64_STANDARD.decode(rest.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"));
    let decoded = Zeroizing::new(String::from_utf8(decoded?).ok()?);
    decoded.split_once(':').map(|(_, password)| Zeroizing::new(password.to_owned()))
}

fn is_this_machine(headers: &HeaderMap) -> bool {
    let Some(Ok(host)) = text(headers, header::HOST.as_str()).map(str::parse::<Authority>) else {
        return false;
    };
    let name = host.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a page of this listener, or no page at all, sent a request. A page cannot set `Sec-Fetch-Site`.
fn is_own_page(headers: &HeaderMap) -> bool {
    if let Some(site) = text(headers, "sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let host = text(headers, header::HOST.as_str()).unwrap_or_default();
    match text(headers, header::ORIGIN.as_str()) {
        None => true,
        Some(origin) => origin.split_once("://").is_some_and(|(_, own)| own.eq_ignore_ascii_case(host)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(access: &AdminAccess, method: &Method, headers: &[(&'static str, &str)]) -> u16 {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        access.refusal(method, &headers).map_or(0, |(status, _)| status.as_u16())
    }

    #[test]
    fn on_loopback_the_host_has_to_be_this_machine() {
        let refused =
            |headers: &[(&'static str, &str)]| refused(&AdminAccess::loopback(), &Method::GET, headers);
        for own in ["127.0.0.1:80", "localhost", "LOCALHOST:9", "[::1]:8", "127.9.9.9"] {
            assert_eq!(refused(&[("host", own)]), 0, "{own}");
        }
        assert_eq!(refused(&[]), 403);
        for foreign in
            ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "10.0.0.1", "a b"]
        {
            assert_eq!(refused(&[("host", foreign)]), 403, "{foreign}");
        }
    }

    #[test]
    fn pages_of_other_sites_can_send_nothing() {
        let access = AdminAccess::loopback();
        let posted = |headers: &[(&'static str, &str)]| {
            let mut all = vec![("host", "127.0.0.1:8791")];
            all.extend(headers);
            refused(&access, &Method::POST, &all)
        };
        for own in [
            &[][..],
            &[("origin", "http://127.0.0.1:8791")],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        ] {
            assert_eq!(posted(own), 0, "{own:?}");
        }
        for foreign in [
            &[("origin", "null")][..],
            &[("origin", "http://127.0.0.1:9090")],
            &[("origin", "https://evil.example")],
            &[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8791")],
            &[("sec-fetch-site", "cross-site")],
        ] {
            assert_eq!(posted(foreign), 403, "{foreign:?}");
        }
    }

    #[test]
    fn with_a_key_any_host_is_good_and_nothing_goes_without_the_key() {
        let key = "k".repeat(SHORTEST_KEY);
        let access = AdminAccess { key: Some(Arc::new(Sha256::digest(key.as_bytes()).into())) };
        let basic = |text: String| format!("Basic {}", BASE64_STANDARD.encode(text));
        let host = ("host", "admin.example");
        for good in [format!("Bearer {key}"), basic(format!("operator:{key}")), basic(format!(":{key}"))] {
            assert_eq!(refused(&access, &Method::GET, &[host, ("authorization", &good)]), 0, "{good}");
            let foreign = [host, ("authorization", &good), ("origin", "https://evil.example")];
            assert_eq!(refused(&access, &Method::POST, &foreign), 403);
        }
        for bad in ["Bearer k".to_owned(), basic("operator:k".to_owned()), basic(key.clone()), key.clone()] {
            assert_eq!(refused(&access, &Method::GET, &[host, ("authorization", &bad)]), 401, "{bad}");
        }
        assert_eq!(refused(&access, &Method::GET, &[("host", "localhost")]), 401);
    }
}
