//! The control API of webhooks: the Rust handle over HTTP.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;

use super::answer::{Body, Rejected, done, routes, shown, tried, vendor};
use crate::handle::World;
use crate::webhooks::{WebhookAttempt, WebhookDelivery, WebhookFault, WebhookRequest, WebhookTarget};
use crate::world::{Reason, Refused, Vendor};

routes! {
    get "/_sandbox/webhooks" => shown(overview), "The webhook targets, and the remembered webhooks";
    delete "/_sandbox/webhooks" => done(|world| world.webhooks().clear_log()), "Clears completed webhooks";
    put "/_sandbox/webhooks/targets/{vendor}" => set_target,
        "Posts a vendor's webhooks to this URL, signed with these secrets",
        {"url": "http://127.0.0.1:8800/", "secrets": ["secret"]};
    delete "/_sandbox/webhooks/targets/{vendor}" =>
        tried(|world, name| vendor(name).map(|vendor| world.webhooks().clear_target(vendor))),
        "Stops a vendor's webhooks";
    post "/_sandbox/webhooks/targets/{vendor}/check" => check, "Checks the endpoint as the vendor does at set-up, if it does";
    post "/_sandbox/webhooks/hold" => done(|world| world.webhooks().hold()), "Holds webhooks back";
    post "/_sandbox/webhooks/release" => done(|world| world.webhooks().release()), "Releases held webhooks";
    post "/_sandbox/webhooks/deliver" => deliver_all, "Delivers all waiting webhooks";
    get "/_sandbox/webhooks/faults" => shown(|world| world.webhooks().faults()), "The pending faults";
    post "/_sandbox/webhooks/faults" => inject,
        "Makes the next webhooks fail: duplicate, delay, overtaken, lose, wrong_signature, no_signature, \
         wrong_stamp, torn_body",
        {"vendor": "boldsign", "event": "Signed", "times": 1, "fault": {"duplicate": 1}};
    delete "/_sandbox/webhooks/faults" => done(|world| world.webhooks().clear_faults()), "Removes the faults";
    get "/_sandbox/webhooks/{id}" => request, "What the last attempt of a webhook sent";
    post "/_sandbox/webhooks/{id}/deliver" => deliver, "Delivers a waiting webhook";
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
    /// The number of signing secrets; the secrets themselves are not shown.
    secrets: usize,
}

fn overview(world: &World) -> Overview {
    let webhooks = world.webhooks();
    let target = |vendor| {
        let target: WebhookTarget = webhooks.target(vendor)?;
        Some(Target { vendor, url: target.url, secrets: target.secrets.len() })
    };
    let targets = Vendor::all().iter().copied().filter_map(target).collect();
    Overview { held: webhooks.is_held(), targets, deliveries: webhooks.log() }
}

async fn set_target(
    State(world): State<World>,
    Path(word): Path<String>,
    body: Body<WebhookTarget>,
) -> Result<StatusCode, Rejected> {
    world.webhooks().set_target(vendor(&word)?, body?.0)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn check(
    State(world): State<World>,
    Path(word): Path<String>,
) -> Result<Json<WebhookAttempt>, Rejected> {
    Ok(Json(world.webhooks().check_endpoint(vendor(&word)?).await?))
}

async fn deliver_all(State(world): State<World>) -> Json<Vec<WebhookAttempt>> {
    Json(world.webhooks().deliver_all().await)
}

async fn inject(State(world): State<World>, body: Body<WebhookFault>) -> Result<StatusCode, Rejected> {
    world.webhooks().inject(body?.0);
    Ok(StatusCode::NO_CONTENT)
}

/// What the last attempt sent.
async fn request(State(world): State<World>, Path(id): Path<u64>) -> Result<Json<WebhookRequest>, Rejected> {
    let missing = || Refused::new(Reason::NoSuchWebhook, "there is no such webhook, or it was not sent yet");
    Ok(Json(world.webhooks().request(id).ok_or_else(missing)?))
}

async fn deliver(State(world): State<World>, Path(id): Path<u64>) -> Result<Json<WebhookAttempt>, Rejected> {
    Ok(Json(world.webhooks().deliver(id).await?))
}
