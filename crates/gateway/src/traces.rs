//! The span of a request, in the trace of its caller, for an OpenTelemetry collector. Without the feature `otel` there
//! is none. It has no path, which contains an envelope, and nothing of bodies and headers.

use axum::extract::MatchedPath;
use axum::http::{HeaderMap, StatusCode};
use tracing::Span;

/// The span of a tenant's or a vendor's request; none for probes, unknown routes and the operator's pages.
#[cfg(feature = "otel")]
pub(crate) fn span(method: &str, route: Option<&MatchedPath>, headers: &HeaderMap, id: &str) -> Span {
    use opentelemetry::propagation::TextMapPropagator as _;
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;

    let is_traced =
        |route: &&str| ["/v1/", "/hooks/", "/returns/"].iter().any(|root| route.starts_with(root));
    let Some(route) = route.map(MatchedPath::as_str).filter(is_traced) else { return Span::none() };
    let span = tracing::info_span!(
        target: "countersign_gateway::request",
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = tracing::field::Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
        request_id = id,
    );
    // Fails only if no traces are sent.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&Parent(headers)));
    span
}

#[cfg(not(feature = "otel"))]
pub(crate) fn span(_: &str, _: Option<&MatchedPath>, _: &HeaderMap, _: &str) -> Span {
    Span::none()
}

/// The request has its answer.
pub(crate) fn ended(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// What the request says about its trace. `tracestate` is not read: it could contain anything.
#[cfg(feature = "otel")]
struct Parent<'h>(&'h HeaderMap);

#[cfg(feature = "otel")]
impl opentelemetry::propagation::Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then(|| self.0.get(key)?.to_str().ok())?
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}
