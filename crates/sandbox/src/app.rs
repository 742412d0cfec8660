//! All routes of the one listener.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use crate::calls::{self, CallSeen, CloseConnection};
use crate::handle::World;
use crate::vendors::Call;
use crate::world::lock;
use crate::{control, guard, pages};

/// For documents in the body.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How long receiving a body may take.
const BODY_TIME: Duration = Duration::from_secs(10);

/// The control API, the pages, and the vendors, whose rules of path matching differ from axum's.
pub(crate) fn router(world: World) -> Router {
    let steering = control::all_routes().merge(pages::steering());
    Router::new()
        .merge(steering.layer(from_fn_with_state(world.clone(), guard::own_host)))
        .merge(pages::routes())
        .fallback(vendor)
        .layer(from_fn_with_state(world.clone(), watch))
        .with_state(world)
}

async fn vendor(State(world): State<World>, request: Request) -> Response {
    let Some(account) = world.accounts().of_path(request.uri().path()) else {
        return (StatusCode::NOT_FOUND, "The sandbox has no such page.\n").into_response();
    };
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, BODY_LIMIT)).await {
        Ok(Ok(body)) => {
            let call = Call::receive(&world.shared.live, &world.shared.webhooks, parts, body).await;
            account.answer(&call)
        }
        Ok(Err(_)) => account.too_large(),
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time.\n").into_response(),
    }
}

/// Records calls to the vendors and applies faults to them. The control API and the console are not affected.
async fn watch(State(world): State<World>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/_sandbox") || pages::is_for_watching(&path) {
        return next.run(request).await;
    }
    let (method, query) = (request.method().to_string(), request.uri().query().map(str::to_owned));
    let fault = calls::take(&mut lock(&world.shared.faults), &method, &path);
    let response = calls::with_fault(fault, request, next).await;
    if let Some(account) = world.accounts().of_path(&path) {
        let dropped = response.extensions().get::<CloseConnection>().is_some();
        let status = (!dropped).then(|| response.status().as_u16());
        let (at, vendor) = (world.now(), account.vendor());
        calls::keep(&mut lock(&world.shared.calls), CallSeen { at, vendor, method, path, query, status });
    }
    response
}
