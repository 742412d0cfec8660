//! A call to a vendor's API, as far as all vendors read it alike.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::fields::{Query, decode};
use crate::secret::Secret;
use crate::world::{Live, Refused, Vendor};

/// A call whose body has arrived.
pub(crate) struct Call<'a> {
    pub(crate) live: &'a Live,
    pub(crate) targets: &'a dyn Targets,
    pub(crate) head: Parts,
    pub(crate) query: Query,
    pub(crate) body: Bytes,
    /// The parts of a form with files; none if the body is no such form.
    pub(crate) parts: Option<Vec<Part>>,
    segments: Vec<String>,
}

/// Where webhooks go, for vendors whose API sets that.
pub(crate) trait Targets: Send + Sync {
    /// Posts a vendor's future events to this URL, signed with this key.
    fn set(&self, vendor: Vendor, url: &str, key: &Secret) -> Result<(), Refused>;

    fn clear(&self, vendor: Vendor);
}

/// One part of a form.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Bytes,
}

impl<'a> Call<'a> {
    pub(crate) async fn receive(
        live: &'a Live,
        targets: &'a dyn Targets,
        head: Parts,
        body: Bytes,
    ) -> Call<'a> {
        let mut form = Request::new(Body::from(body.clone()));
        *form.headers_mut() = head.headers.clone();
        let parts = read_parts(form).await;
        let segments = head.uri.path().split('/').skip(1).map(decode).collect();
        let query = Query::parse(head.uri.query());
        Self { live, targets, head, query, body, parts, segments }
    }

    pub(crate) fn method(&self) -> &str {
        self.head.method.as_str()
    }

    /// The decoded segments of the path.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    pub(crate) fn header(&self, name: impl Into<HeaderName>) -> Option<&str> {
        self.head.headers.get(name.into())?.to_str().ok()
    }

    /// Whether the content type is this one, whatever its parameters.
    pub(crate) fn is(&self, content_type: &str) -> bool {
        let given = self.header(header::CONTENT_TYPE).and_then(|given| given.split(';').next());
        given.is_some_and(|given| given.trim().eq_ignore_ascii_case(content_type))
    }

    /// Whether the body has parts, of a form or of anything else.
    pub(crate) fn is_multipart(&self) -> bool {
        let given = self.header(header::CONTENT_TYPE).and_then(|given| given.split_once('/'));
        given.is_some_and(|(kind, _)| kind.trim().eq_ignore_ascii_case("multipart"))
    }

    /// The body as JSON; `None` if it was not sent as JSON.
    pub(crate) fn json(&self) -> Option<serde_json::Result<Value>> {
        self.is("application/json").then(|| serde_json::from_slice(&self.body))
    }

    /// The fields of a form without files; `None` if the body is no such form.
    pub(crate) fn form(&self) -> Option<Query> {
        self.is("application/x-www-form-urlencoded").then(|| Query::read(&self.body))
    }
}

async fn read_parts(form: Request) -> Option<Vec<Part>> {
    let mut form = Multipart::from_request(form, &()).await.ok()?;
    let mut parts = Vec::new();
    while let Some(part) = form.next_field().await.ok()? {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let (name, file) = (owned(part.name()).unwrap_or_default(), owned(part.file_name()));
        let content_type = owned(part.content_type());
        parts.push(Part { name, file, content_type, bytes: part.bytes().await.ok()? });
    }
    Some(parts)
}

/// A success with a body.
pub(crate) fn answer<E>(status: StatusCode, body: Value) -> Result<Response, E> {
    Ok((status, Json(body)).into_response())
}
