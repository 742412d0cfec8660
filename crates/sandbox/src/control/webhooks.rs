//! The control API of webhooks: the Rust handle over HTTP.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Serialize;

use super::answer::{Body, Rejected, vendor};
use crate::handle::World;
use crate::webhooks::{WebhookAttempt, WebhookDelivery, WebhookFault, WebhookRequest, WebhookTarget};
use crate::world::{Reason, Refused, Vendor};

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route("/_sandbox/webhooks", get(overview).delete(clear_log))
        .route("/_sandbox/webhooks/targets/{vendor}", put(set_target).delete(clear_target))
        .route("/_sandbox/webhooks/targets/{vendor}/check", post(check))
        .route("/_sandbox/webhooks/hold", post(hold))
        .route("/_sandbox/webhooks/release", post(release))
        .route("/_sandbox/webhooks/deliver", post(deliver_all))
        .route("/_sandbox/webhooks/faults", get(faults).post(inject).delete(clear_faults))
        .route("/_sandbox/webhooks/{id}", get(request))
        .route("/_sandbox/webhooks/{id}/deliver", post(deliver))
}

#[derive(Serialize)]
struct Overview {
    held: bool,
    targets: Vec<Target>,
    deliveries: Vec<WebhookDelivery>,
}

#[derive(Serialize)]
struct Target {
    vendor: Vendor,
    url: String,
    /// How many secrets sign; the secrets themselves are not told.
    secrets: usize,
}

async fn overview(State(world): State<World>) -> Json<Overview> {
    let webhooks = world.webhooks();
    let target = |vendor| {
        let target: WebhookTarget = webhooks.target(vendor)?;
        Some(Target { vendor, url: target.url, secrets: target.secrets.len() })
    };
    let targets = Vendor::all().iter().copied().filter_map(target).collect();
    Json(Overview { held: webhooks.is_held(), targets, deliveries: webhooks.log() })
}

async fn clear_log(State(world): State<World>) -> StatusCode {
    world.webhooks().clear_log();
    StatusCode::NO_CONTENT
}

async fn set_target(
    State(world): State<World>,
    Path(word): Path<String>,
    body: Body<WebhookTarget>,
) -> Result<StatusCode, Rejected> {
    world.webhooks().set_target(vendor(&word)?, body?.0)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_target(State(world): State<World>, Path(word): Path<String>) -> Result<StatusCode, Rejected> {
    world.webhooks().clear_target(vendor(&word)?);
    Ok(StatusCode::NO_CONTENT)
}

async fn check(
    State(world): State<World>,
    Path(word): Path<String>,
) -> Result<Json<WebhookAttempt>, Rejected> {
    Ok(Json(world.webhooks().check_endpoint(vendor(&word)?).await?))
}

async fn hold(State(world): State<World>) -> StatusCode {
    world.webhooks().hold();
    StatusCode::NO_CONTENT
}

async fn release(State(world): State<World>) -> StatusCode {
    world.webhooks().release();
    StatusCode::NO_CONTENT
}

async fn deliver_all(State(world): State<World>) -> Json<Vec<WebhookAttempt>> {
    Json(world.webhooks().deliver_all().await)
}

async fn faults(State(world): State<World>) -> Json<Vec<WebhookFault>> {
    Json(world.webhooks().faults())
}

async fn inject(State(world): State<World>, body: Body<WebhookFault>) -> Result<StatusCode, Rejected> {
    world.webhooks().inject(body?.0);
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(world): State<World>) -> StatusCode {
    world.webhooks().clear_faults();
    StatusCode::NO_CONTENT
}

/// What the last attempt sent.
async fn request(State(world): State<World>, Path(id): Path<u64>) -> Result<Json<WebhookRequest>, Rejected> {
    let missing = || Refused::new(Reason::NoSuchWebhook, "no such webhook, or none was sent yet");
    Ok(Json(world.webhooks().request(id).ok_or_else(missing)?))
}

async fn deliver(State(world): State<World>, Path(id): Path<u64>) -> Result<Json<WebhookAttempt>, Rejected> {
    Ok(Json(world.webhooks().deliver(id).await?))
}
