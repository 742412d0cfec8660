//! Webhooks in an axum application.

use axum::body::to_bytes;
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use countersign_core::{Received, WebhookRefused};

use super::{Webhook, WebhookAnswer};

/// A checked webhook, as the last argument of a handler. The application's state must provide the [`Webhook`].
///
/// It reads the body itself, up to [`Webhook::body_limit`]. Rejected webhooks are answered without calling the
/// handler: with a status that makes the vendor try again, and one sentence without any of the webhook's content. To
/// handle the reason itself, use [`Webhook::receive`]. Pass what was received to [`Webhook::process`], and return the
/// answer.
#[derive(Debug)]
pub struct VerifiedWebhook(pub Received);

impl<S> FromRequest<S> for VerifiedWebhook
where
    S: Send + Sync,
    Webhook: FromRef<S>,
{
    type Rejection = (StatusCode, String);

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let webhook = Webhook::from_ref(state);
        let (parts, body) = request.into_parts();
        let length = parts.headers.get(header::CONTENT_LENGTH);
        let announced = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|announced| announced > webhook.body_limit()) {
            return Err(answer(&webhook.too_large()));
        }
        let body = to_bytes(body, webhook.body_limit()).await.map_err(|_| {
            (StatusCode::PAYLOAD_TOO_LARGE, "the body is too long or was interrupted\n".to_owned())
        })?;
        let received = webhook.receive(parts.uri.query().unwrap_or_default(), &parts.headers, &body);
        received.map(Self).map_err(|refused| answer(&refused))
    }
}

fn answer(refused: &WebhookRefused) -> (StatusCode, String) {
    let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    (status, format!("{}\n", refused.message))
}

impl IntoResponse for WebhookAnswer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
