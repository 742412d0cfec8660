//! Webhooks: targets, log, and faults.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::handle::World;
use crate::render::{Problem, count, page, time, word};
use crate::webhooks::{
    WebhookAttempt, WebhookDelivery, WebhookFault, WebhookFaultKind, WebhookState, WebhookTarget,
};
use crate::world::Vendor;

/// Older ones are in the control API.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "console/webhooks.html")]
struct WebhooksPage {
    now: String,
    here: &'static str,
    targets: Vec<Target>,
    typed: Typed,
    problems: Vec<Problem>,
    held: bool,
    log: Vec<Row>,
    faults: Vec<String>,
    kinds: &'static [(&'static str, &'static str, WebhookFaultKind)],
}

struct Target {
    vendor: &'static str,
    name: String,
    url: Option<String>,
    secrets: String,
}

#[derive(Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    vendor: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    secret: String,
}

struct Row {
    id: u64,
    at: String,
    vendor: &'static str,
    event: String,
    envelope: String,
    state: String,
    attempts: Vec<String>,
    waits: bool,
}

pub(super) async fn show(State(world): State<World>) -> Response {
    shown(&world, StatusCode::OK, Typed::default(), Vec::new())
}

fn shown(world: &World, status: StatusCode, typed: Typed, problems: Vec<Problem>) -> Response {
    let webhooks = world.webhooks();
    let target = |vendor: Vendor| {
        let target = webhooks.target(vendor);
        Target {
            vendor: vendor.name(),
            name: word(vendor),
            secrets: count(target.as_ref().map_or(0, |target| target.secrets.len()), "secret"),
            url: target.map(|target| target.url),
        }
    };
    let template = WebhooksPage {
        now: time(world.now()),
        here: "webhooks",
        targets: Vendor::all().iter().copied().map(target).collect(),
        typed,
        problems,
        held: webhooks.is_held(),
        log: webhooks.log().iter().rev().take(SHOWN).map(row).collect(),
        faults: webhooks.faults().iter().map(in_words).collect(),
        kinds: KINDS,
    };
    page(status, &template)
}

fn row(delivery: &WebhookDelivery) -> Row {
    let state = match (delivery.state, delivery.due_at) {
        (WebhookState::Waiting, Some(due)) => format!("waiting until {}", time(due)),
        (state, _) => word(state),
    };
    Row {
        id: delivery.id,
        at: time(delivery.happened_at),
        vendor: delivery.vendor.name(),
        event: delivery.event.clone(),
        envelope: delivery.envelope.clone(),
        state,
        attempts: delivery.attempts.iter().map(attempt).collect(),
        waits: delivery.state == WebhookState::Waiting,
    }
}

fn attempt(attempt: &WebhookAttempt) -> String {
    let came = match (attempt.status, &attempt.failure) {
        (Some(status), _) => format!("{status} answered"),
        (None, Some(failure)) => failure.clone(),
        (None, None) => "no answer".to_owned(),
    };
    let more = if attempt.duplicate { ", a duplicate" } else { "" };
    let mischief =
        attempt.mischief.as_ref().map_or_else(String::new, |what| format!(", {}", what.replace('_', " ")));
    format!("{}: {came}{more}{mischief}", time(attempt.at))
}

pub(super) async fn set_target(State(world): State<World>, Form(form): Form<Typed>) -> Response {
    let Some(vendor) = Vendor::named(&form.vendor) else {
        return Redirect::to("/console/webhooks").into_response();
    };
    let mut target = WebhookTarget::new(form.url.trim(), form.secret.trim());
    if form.secret.trim().is_empty() {
        target.secrets.clear();
    }
    match world.webhooks().set_target(vendor, target) {
        Ok(()) => Redirect::to("/console/webhooks").into_response(),
        Err(refused) => {
            shown(&world, StatusCode::UNPROCESSABLE_ENTITY, form, vec![Problem::of("url", &refused)])
        }
    }
}

pub(super) async fn clear_target(State(world): State<World>, Form(form): Form<Typed>) -> Redirect {
    if let Some(vendor) = Vendor::named(&form.vendor) {
        world.webhooks().clear_target(vendor);
    }
    Redirect::to("/console/webhooks")
}

#[derive(Deserialize)]
pub(super) struct Flow {
    flow: String,
}

pub(super) async fn flow(State(world): State<World>, Form(form): Form<Flow>) -> Redirect {
    match form.flow.as_str() {
        "hold" => world.webhooks().hold(),
        "release" => world.webhooks().release(),
        "clear" => world.webhooks().clear_log(),
        _ => {}
    }
    Redirect::to("/console/webhooks")
}

/// Delivers one now. If it is no longer waiting, the log shows its result.
pub(super) async fn deliver(State(world): State<World>, Path(id): Path<u64>) -> Redirect {
    let _ = world.webhooks().deliver(id).await;
    Redirect::to("/console/webhooks")
}

/// The choices: name, label and fault.
const KINDS: &[(&str, &str, WebhookFaultKind)] = &[
    ("duplicate", "Delivered twice", WebhookFaultKind::Duplicate(1)),
    ("delay", "Delivered ten minutes late", WebhookFaultKind::Delay(600)),
    ("overtaken", "Delivered after the next one", WebhookFaultKind::Overtaken),
    ("lose", "Never delivered", WebhookFaultKind::Lose),
    ("wrong-signature", "Signed with another key", WebhookFaultKind::WrongSignature),
    ("no-signature", "Not signed", WebhookFaultKind::NoSignature),
    ("old-stamp", "Timestamp one hour too early", WebhookFaultKind::WrongStamp(-3_600)),
    ("torn-body", "Body cut in half", WebhookFaultKind::TornBody),
];

fn in_words(fault: &WebhookFault) -> String {
    let what = match fault.fault {
        WebhookFaultKind::Duplicate(copies) => format!("comes {} more", count(copies as usize, "time")),
        WebhookFaultKind::Delay(seconds) => format!("comes {} late", count(seconds as usize, "second")),
        WebhookFaultKind::Overtaken => "is delivered after the next one".to_owned(),
        WebhookFaultKind::Lose => "never comes".to_owned(),
        WebhookFaultKind::WrongSignature => "is signed with another key".to_owned(),
        WebhookFaultKind::NoSignature => "is not signed".to_owned(),
        WebhookFaultKind::WrongStamp(seconds) => format!("has a timestamp that is {seconds} seconds off"),
        WebhookFaultKind::TornBody => "has half a body".to_owned(),
    };
    let whose = fault.vendor.map_or("any vendor", Vendor::name);
    let event = fault.event.as_ref().map_or_else(String::new, |event| format!(", {event}"));
    format!("The next {} of {whose}{event}: {what}.", count(fault.times as usize, "webhook"))
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    kind: String,
    #[serde(default)]
    vendor: String,
    #[serde(default)]
    event: String,
}

pub(super) async fn add_fault(State(world): State<World>, Form(form): Form<Chosen>) -> Redirect {
    if let Some((.., kind)) = KINDS.iter().find(|(name, ..)| *name == form.kind) {
        let mut fault = WebhookFault::next(*kind);
        fault.vendor = Vendor::named(&form.vendor);
        fault.event = Some(form.event.trim().to_owned()).filter(|event| !event.is_empty());
        world.webhooks().inject(fault);
    }
    Redirect::to("/console/webhooks")
}

pub(super) async fn clear_faults(State(world): State<World>) -> Redirect {
    world.webhooks().clear_faults();
    Redirect::to("/console/webhooks")
}
