//! Webhooks: targets, log, and faults.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::handle::World;
use crate::render::{self, Frame, Problem, TEXTS, page};
use crate::vendors::Query;
use crate::webhooks::{WebhookDelivery, WebhookFault, WebhookFaultKind, WebhookState, WebhookTarget};
use crate::world::Vendor;

pub(super) const WEBHOOKS: &str = "/console/webhooks";

#[derive(Template)]
#[template(path = "console/webhooks.html")]
struct WebhooksPage<'a> {
    frame: Frame,
    targets: Vec<(Vendor, Option<WebhookTarget>)>,
    form: &'a Query,
    problems: Vec<Problem>,
    held: bool,
    log: Vec<WebhookDelivery>,
    faults: Vec<WebhookFault>,
}

pub(super) async fn show(State(world): State<World>) -> Response {
    shown(&world, StatusCode::OK, &Query::default(), Vec::new())
}

fn shown(world: &World, status: StatusCode, form: &Query, problems: Vec<Problem>) -> Response {
    let webhooks = world.webhooks();
    let template = WebhooksPage {
        frame: Frame { now: world.now(), here: "webhooks" },
        targets: Vendor::all().iter().map(|vendor| (*vendor, webhooks.target(*vendor))).collect(),
        form,
        problems,
        held: webhooks.is_held(),
        log: webhooks.log(),
        faults: webhooks.faults(),
    };
    page(status, &template)
}

pub(super) async fn set_target(State(world): State<World>, form: String) -> Response {
    let form = Query::parse(Some(&form));
    let Some(vendor) = Vendor::named(form.text("vendor")) else {
        return Redirect::to(WEBHOOKS).into_response();
    };
    let mut target = WebhookTarget::new(form.text("url"), form.text("secret"));
    target.secrets.retain(|secret| !secret.expose().is_empty());
    match world.webhooks().set_target(vendor, target) {
        Ok(()) => Redirect::to(WEBHOOKS).into_response(),
        Err(refused) => {
            shown(&world, StatusCode::UNPROCESSABLE_ENTITY, &form, vec![Problem::of("url", &refused)])
        }
    }
}

pub(super) fn clear_target(world: &World, form: &Query) {
    if let Some(vendor) = Vendor::named(form.text("vendor")) {
        world.webhooks().clear_target(vendor);
    }
}

pub(super) fn flow(world: &World, form: &Query) {
    match form.text("flow") {
        "hold" => world.webhooks().hold(),
        "release" => world.webhooks().release(),
        "clear" => world.webhooks().clear_log(),
        _ => {}
    }
}

/// Delivers one now. If it is no longer waiting, the log shows its result.
pub(super) async fn deliver(State(world): State<World>, Path(id): Path<u64>) -> Redirect {
    let _ = world.webhooks().deliver(id).await;
    Redirect::to(WEBHOOKS)
}

pub(super) fn add_fault(world: &World, form: &Query) {
    if let Some((.., kind)) = TEXTS.webhook_faults.iter().find(|(name, ..)| name == form.text("kind")) {
        let mut fault = WebhookFault::next(*kind);
        fault.vendor = Vendor::named(form.text("vendor"));
        fault.event = Some(form.text("event").to_owned()).filter(|event| !event.is_empty());
        world.webhooks().inject(fault);
    }
}
