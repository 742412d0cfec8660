//! Sets and removes faults.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use serde::Deserialize;

use crate::calls::{DropWhen, Fault, FaultKind};
use crate::handle::World;
use crate::render::{count, page, time};

#[derive(Template)]
#[template(path = "console/faults.html")]
struct Faults {
    now: String,
    here: &'static str,
    kinds: [(&'static str, &'static str, FaultKind); 8],
    faults: Vec<String>,
}

/// The choices: name, label and fault.
fn kinds() -> [(&'static str, &'static str, FaultKind); 8] {
    let lost = FaultKind::Answer {
        status: 504,
        body: String::new(),
        content_type: "text/plain".to_owned(),
        headers: BTreeMap::new(),
        after_work: true,
    };
    let gateway = FaultKind::answer(502, "<html><body>Bad gateway</body></html>");
    [
        ("500", "The server fails (500)", FaultKind::answer(500, r#"{"error":"internal error"}"#)),
        ("502", "A gateway answers in HTML (502)", gateway),
        ("503", "The service is down (503)", FaultKind::answer(503, r#"{"error":"unavailable"}"#)),
        ("429", "Too many calls (429)", FaultKind::answer(429, r#"{"error":"too many requests"}"#)),
        ("504", "The work is done, but the answer is lost (504)", lost),
        (
            "drop-before",
            "The connection breaks before the work",
            FaultKind::Drop { drop: DropWhen::BeforeWork },
        ),
        ("drop-after", "The connection breaks after the work", FaultKind::Drop { drop: DropWhen::AfterWork }),
        ("delay", "The answer arrives three seconds late", FaultKind::Delay { delay_ms: 3_000 }),
    ]
}

fn in_words(fault: &Fault) -> String {
    let what = match &fault.fault {
        FaultKind::Answer { status, after_work: true, .. } => {
            format!("the work is done, but the answer is {status}")
        }
        FaultKind::Answer { status, .. } => format!("the answer is {status}"),
        FaultKind::Delay { delay_ms } => format!("the answer arrives {delay_ms} ms late"),
        FaultKind::Drop { drop: DropWhen::BeforeWork } => "the connection breaks before the work".to_owned(),
        FaultKind::Drop { drop: DropWhen::AfterWork } => "the connection breaks after the work".to_owned(),
    };
    let method = fault.method.as_deref().map_or_else(String::new, |method| format!("{method} "));
    let path = match fault.path_contains.as_str() {
        "" => "with any path".to_owned(),
        path => format!("with “{path}” in the path"),
    };
    let next = count(fault.times as usize, "call");
    format!("The next {next}, {method}{path}: {what}.")
}

pub(super) async fn show(State(world): State<World>) -> Response {
    let faults = world.faults().iter().map(in_words).collect();
    page(StatusCode::OK, &Faults { now: time(world.now()), here: "faults", kinds: kinds(), faults })
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    kind: String,
    #[serde(default)]
    method: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    times: String,
}

pub(super) async fn add(State(world): State<World>, Form(form): Form<Chosen>) -> Redirect {
    if let Some((.., kind)) = kinds().into_iter().find(|(name, ..)| *name == form.kind) {
        let times = form.times.trim().parse().unwrap_or(1).clamp(1, 1_000);
        world.inject(Fault::on(&form.method, form.path.trim(), kind).times(times));
    }
    Redirect::to("/console/faults")
}

pub(super) async fn clear(State(world): State<World>) -> Redirect {
    world.clear_faults();
    Redirect::to("/console/faults")
}
