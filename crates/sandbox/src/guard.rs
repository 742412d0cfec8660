//! Who may control the sandbox: this machine, but no page of another site. A page open in a browser can send
//! requests here, and its own host name can resolve to 127.0.0.1; the Host and Origin headers show this.

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::handle::World;

/// Rejects requests to a host name that is neither loopback nor allowed, and those from pages of such hosts.
pub(crate) async fn own_host(State(world): State<World>, request: Request, next: Next) -> Response {
    match is_own_request(request.headers(), &world.shared.allowed_hosts) {
        true => next.run(request).await,
        false => {
            let text = "The sandbox can be controlled from this machine only; start it with --allow-host NAME to \
                        allow a host name.\n";
            (StatusCode::FORBIDDEN, text).into_response()
        }
    }
}

/// Whether a request is for this machine and, if a page sent it, from a page of this machine: its Host and its
/// Origin must be loopback or an allowed name. This protects servers on loopback from other sites, and from host
/// names that resolve to 127.0.0.1. Programs other than browsers send no Origin. `Sec-Fetch-Site`, which a page
/// cannot set, takes precedence over Origin, which is `null` for pages that send no referrer.
pub fn is_own_request(headers: &HeaderMap, allowed: &[String]) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let origin = match text("sec-fetch-site") {
        Some("same-origin" | "none") => None,
        _ => {
            text(header::ORIGIN.as_str()).map(|origin| origin.split_once("://").map_or("?", |(_, host)| host))
        }
    };
    [text(header::HOST.as_str()), origin].into_iter().flatten().all(|authority| {
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        let name = authority.host().trim_start_matches('[').trim_end_matches(']');
        let is_loopback = name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        is_loopback
            || name.eq_ignore_ascii_case("localhost")
            || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
    })
}

/// Rejects what a browser sends on behalf of another site, even one of this machine: the console accepts requests
/// from its own pages only. Programs other than browsers do not send this header, and have the control API anyway.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    if request.method() != Method::GET && !is_own(request.headers()) {
        let text = "The console accepts requests from its own pages only.\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    next.run(request).await
}

fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match text(header::ORIGIN.as_str()) {
        None => true,
        Some(origin) => {
            let host = text(header::HOST.as_str()).unwrap_or_default();
            origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(headers: &[(&'static str, &'static str)]) -> bool {
        is_own(&headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect())
    }

    #[test]
    fn other_sites_are_told_by_either_header() {
        let host = ("host", "127.0.0.1:8080");
        assert!(own(&[host]));
        assert!(own(&[host, ("origin", "http://127.0.0.1:8080")]));
        assert!(own(&[host, ("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(!own(&[host, ("origin", "null")]));
        assert!(!own(&[host, ("origin", "http://127.0.0.1:9090")]));
        assert!(!own(&[host, ("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8080")]));
        assert!(!own(&[host, ("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn a_name_that_resolves_here_is_no_name_of_this_machine() {
        let allowed = |headers: &[(&'static str, &'static str)]| {
            let headers =
                headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            is_own_request(&headers, &["tunnel.example".to_owned()])
        };
        for own in ["127.0.0.1:80", "localhost", "LOCALHOST:9", "[::1]:8", "127.9.9.9", "Tunnel.example:443"]
        {
            assert!(allowed(&[("host", own)]), "{own}");
        }
        assert!(allowed(&[("host", "localhost:1"), ("origin", "http://127.0.0.1:2")]) && allowed(&[]));
        let same = ("sec-fetch-site", "same-origin");
        assert!(allowed(&[("host", "localhost"), same, ("origin", "null")]));
        assert!(!allowed(&[("host", "evil.example"), same, ("origin", "http://evil.example")]));
        for foreign in
            ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "10.0.0.1", "a b", ""]
        {
            assert!(!allowed(&[("host", foreign)]), "{foreign}");
        }
        for origin in ["null", "https://evil.example", "http://localhost.evil.example"] {
            assert!(!allowed(&[("host", "localhost"), ("origin", origin)]), "{origin}");
        }
    }
}
