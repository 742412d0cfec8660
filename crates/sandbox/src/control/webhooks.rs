//! The control API of webhooks: the Rust handle over HTTP.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::NoContent;
use serde::Serialize;

use super::answer::{Rejected, done, routes, shown, told, tried, vendor};
use crate::handle::World;
use crate::webhooks::{WebhookAttempt, WebhookDelivery, WebhookRequest, WebhookTarget};
use crate::world::{Reason, Refused, Vendor};

routes! {
    get "/_sandbox/webhooks" => shown(overview), "The webhook targets, and the remembered webhooks";
    delete "/_sandbox/webhooks" => done(|world| world.webhooks().clear_log()), "Clears completed webhooks";
    put "/_sandbox/webhooks/targets/{vendor}" => told(|world, name: String, target| {
            world.webhooks().set_target(vendor(&name)?, target).map(|()| NoContent)
        }),
        "Posts a vendor's webhooks to this URL, signed with these secrets",
        {"url": "http://127.0.0.1:8800/", "secrets": ["secret"]};
    delete "/_sandbox/webhooks/targets/{vendor}" =>
        tried(|world, name: String| {
            world.webhooks().clear_target(vendor(&name)?);
            Ok(NoContent)
        }),
        "Stops a vendor's webhooks";
    post "/_sandbox/webhooks/targets/{vendor}/check" => check, "Checks the endpoint as the vendor does at set-up, if it does";
    post "/_sandbox/webhooks/hold" => done(|world| world.webhooks().hold()), "Holds webhooks back";
    post "/_sandbox/webhooks/release" => done(|world| world.webhooks().release()), "Releases held webhooks";
    post "/_sandbox/webhooks/deliver" => deliver_all, "Delivers all waiting webhooks";
    get "/_sandbox/webhooks/faults" => shown(|world| world.webhooks().faults()), "The pending faults";
    post "/_sandbox/webhooks/faults" => told(|world, (), fault| {
            world.webhooks().inject(fault);
            Ok(NoContent)
        }),
        "Makes the next webhooks fail: duplicate, delay, overtaken, lose, wrong_signature, no_signature, \
         wrong_stamp, torn_body",
        {"vendor": "boldsign", "event": "Signed", "times": 1, "fault": {"duplicate": 1}};
    delete "/_sandbox/webhooks/faults" => done(|world| world.webhooks().clear_faults()), "Removes the faults";
    get "/_sandbox/webhooks/{id}" => tried(request), "What the last attempt of a webhook sent";
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

async fn check(
    State(world): State<World>,
    Path(word): Path<String>,
) -> Result<Json<WebhookAttempt>, Rejected> {
    Ok(Json(world.webhooks().check_endpoint(vendor(&word)?).await?))
}

async fn deliver_all(State(world): State<World>) -> Json<Vec<WebhookAttempt>> {
    Json(world.webhooks().deliver_all().await)
}

fn request(world: &World, id: u64) -> Result<Json<WebhookRequest>, Refused> {
    let missing = || Refused::new(Reason::NoSuchWebhook, "there is no such webhook, or it was not sent yet");
    world.webhooks().request(id).map(Json).ok_or_else(missing)
}

async fn deliver(State(world): State<World>, Path(id): Path<u64>) -> Result<Json<WebhookAttempt>, Rejected> {
    Ok(Json(world.webhooks().deliver(id).await?))
}
