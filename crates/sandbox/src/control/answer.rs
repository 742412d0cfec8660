//! What the control API reads and refuses.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::world::{Reason, Refused, Vendor};

/// A refusal of the control API: 404, 409 or 400 with reason and message.
pub(crate) struct Rejected(StatusCode, Refused);

impl From<Refused> for Rejected {
    fn from(refused: Refused) -> Self {
        let status = match refused.reason {
            Reason::NoSuchEnvelope | Reason::NoSuchRecipient | Reason::NoSuchLink | Reason::NoSuchWebhook => {
                StatusCode::NOT_FOUND
            }
            Reason::Invalid => StatusCode::BAD_REQUEST,
            _ => StatusCode::CONFLICT,
        };
        Self(status, refused)
    }
}

impl From<JsonRejection> for Rejected {
    fn from(rejection: JsonRejection) -> Self {
        Self(StatusCode::BAD_REQUEST, Refused::new(Reason::Invalid, rejection.body_text()))
    }
}

impl IntoResponse for Rejected {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

pub(super) type Body<T> = Result<Json<T>, JsonRejection>;

/// The vendor that a path names.
pub(super) fn vendor(word: &str) -> Result<Vendor, Refused> {
    Vendor::named(word).ok_or_else(|| Refused::new(Reason::Invalid, "no such vendor is played"))
}
