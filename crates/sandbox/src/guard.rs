//! The console is moved by its own pages only: no other web page may press its buttons.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses what a browser sends on behalf of another site. Programs other than browsers say nothing about it, and have
/// the control API anyway.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    if request.method() != Method::GET && !is_own(request.headers()) {
        let text = "The console takes orders from its own pages only.\n";
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
}
