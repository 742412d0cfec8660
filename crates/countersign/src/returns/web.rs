//! Returns in an axum application.

use axum::Router;
use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::refused::ReturnRefused;
use super::routes::{AcceptedReturn, ReturnRoutes};

/// Checks a return and uses it up, as an argument of an application's handler. The application's state must provide
/// the [`ReturnRoutes`].
///
/// Only `GET` uses a return up: a `HEAD` request or a browser's prefetch must not. Respond with something that is
/// not cached and sends no `Referer`; [`AcceptedReturn`] as a response does.
impl<S> FromRequestParts<S> for AcceptedReturn
where
    S: Send + Sync,
    ReturnRoutes: FromRef<S>,
{
    type Rejection = NotAccepted;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NotAccepted> {
        if parts.method != Method::GET {
            return Err(NotAccepted::Method);
        }
        let purpose = ["sec-purpose", "purpose"].iter().filter_map(|name| parts.headers.get(*name));
        if purpose.filter_map(|value| value.to_str().ok()).any(|value| value.contains("prefetch")) {
            return Err(NotAccepted::Prefetch);
        }
        let url = parts.uri.path_and_query().map_or_else(|| parts.uri.path(), |whole| whole.as_str());
        ReturnRoutes::from_ref(state).accept(url).await.map_err(NotAccepted::Refused)
    }
}

/// Why a request did not become an [`AcceptedReturn`]. As a response: a status and one sentence.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotAccepted {
    /// The return is invalid.
    Refused(ReturnRefused),
    /// It is not a `GET`. Nothing was used up.
    Method,
    /// A browser prefetch. Nothing was used up.
    Prefetch,
}

impl NotAccepted {
    /// The matching status.
    pub fn status(&self) -> StatusCode {
        match self {
            NotAccepted::Refused(refused) => {
                StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST)
            }
            NotAccepted::Method => StatusCode::METHOD_NOT_ALLOWED,
            NotAccepted::Prefetch => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for NotAccepted {
    fn into_response(self) -> Response {
        let text = match &self {
            NotAccepted::Refused(refused) => refused.to_string(),
            NotAccepted::Method => "a return must be a GET request".to_owned(),
            NotAccepted::Prefetch => "a return cannot be prefetched".to_owned(),
        };
        private((self.status(), text).into_response())
    }
}

/// 303 to the destination of the hint.
impl IntoResponse for AcceptedReturn {
    fn into_response(self) -> Response {
        see_other(&self.destination())
    }
}

impl AcceptedReturn {
    /// 303 to the destination of an outcome other than the hint's, such as the one that the vendor confirmed.
    #[must_use]
    pub fn redirect_for(&self, outcome: Option<&countersign_core::ReturnOutcome>) -> Response {
        see_other(&self.destination_for(outcome))
    }
}

impl ReturnRoutes {
    /// A router that accepts every return and redirects the browser (303) to the destination of its hint. Merge it
    /// into the application's own. Rejected returns get a status and one sentence; for custom pages, route
    /// `{path}/{token}` to a handler that takes `Result<AcceptedReturn, NotAccepted>`.
    pub fn router<S>(&self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let path = format!("{}/{{token}}", self.path());
        async fn take(State(_): State<ReturnRoutes>, accepted: AcceptedReturn) -> AcceptedReturn {
            accepted
        }
        Router::new().route(&path, get(take)).with_state(self.clone())
    }
}

fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(location) => private((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A return's address must not be cached or appear in another site's logs.
fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
