//! The requests and errors of the control API.

use std::future::{Ready, ready};

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, NoContent, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::handle::World;
use crate::world::{Reason, Refused, Vendor};

/// An error of the control API: 404, 409 or 400 with reason and message.
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

/// The vendor in a path.
pub(super) fn vendor(word: &str) -> Result<Vendor, Refused> {
    Vendor::named(word)
        .ok_or_else(|| Refused::new(Reason::Invalid, "the sandbox does not simulate this vendor"))
}

/// A route of the control API, as listed by `GET /_sandbox`.
#[derive(Serialize)]
pub(crate) struct Listed {
    pub(super) method: String,
    pub(super) path: &'static str,
    pub(super) what: &'static str,
    /// An example, if the route takes a body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Value>,
}

/// Generates `routes()` and `listed()` from one table, so that no route is missing from the list.
macro_rules! routes {
    ($($method:ident $path:literal => $handler:expr, $what:literal $(, $body:tt)?;)+) => {
        pub(super) fn routes() -> axum::Router<crate::handle::World> {
            axum::Router::new()$(.route($path, axum::routing::$method($handler)))+
        }

        pub(super) fn listed() -> Vec<$crate::control::answer::Listed> {
            vec![$($crate::control::answer::Listed {
                method: stringify!($method).to_uppercase(),
                path: $path,
                what: $what,
                body: [$(serde_json::json!($body))?].into_iter().next(),
            }),+]
        }
    };
}
pub(super) use routes;

/// A route without a body, for what its path names.
pub(super) fn tried<P: DeserializeOwned + Send + 'static, T: IntoResponse + 'static>(
    act: fn(&World, P) -> Result<T, Refused>,
) -> impl Fn(State<World>, Path<P>) -> Ready<Result<T, Rejected>> + Clone + Send + Sync + 'static {
    move |State(world), Path(named)| ready(act(&world, named).map_err(Rejected::from))
}

/// A route with a body, for what its path names.
pub(super) fn told<
    P: DeserializeOwned + Send + 'static,
    B: DeserializeOwned + Send + 'static,
    T: IntoResponse + 'static,
>(
    act: fn(&World, P, B) -> Result<T, Refused>,
) -> impl Fn(State<World>, Path<P>, Body<B>) -> Ready<Result<T, Rejected>> + Clone + Send + Sync + 'static {
    move |State(world), Path(named), body| {
        ready(body.map_err(Rejected::from).and_then(|Json(body)| Ok(act(&world, named, body)?)))
    }
}

/// A route that shows what the handle tells.
pub(super) fn shown<T: Serialize + 'static>(
    tell: fn(&World) -> T,
) -> impl Fn(State<World>) -> Ready<Json<T>> + Clone + Send + Sync + 'static {
    move |State(world)| ready(Json(tell(&world)))
}

/// A route that does something, which cannot fail.
pub(super) fn done(
    act: fn(&World),
) -> impl Fn(State<World>) -> Ready<NoContent> + Clone + Send + Sync + 'static {
    move |State(world)| {
        act(&world);
        ready(NoContent)
    }
}
