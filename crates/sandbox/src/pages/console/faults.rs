//! Switching faults on and off.

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
    kinds: Vec<(&'static str, &'static str)>,
    faults: Vec<String>,
}

/// What can be chosen: its name and what it is called.
const KINDS: &[(&str, &str)] = &[
    ("500", "The server fails (500)"),
    ("502", "A gateway answers in HTML (502)"),
    ("503", "The service is down (503)"),
    ("429", "Too many calls (429)"),
    ("504", "The work is done, but the answer is lost (504)"),
    ("drop-before", "The connection breaks before the work"),
    ("drop-after", "The connection breaks after the work"),
    ("delay", "The answer comes three seconds late"),
];

fn kind(name: &str) -> Option<FaultKind> {
    Some(match name {
        "500" => FaultKind::answer(500, r#"{"error":"internal error"}"#),
        "502" => FaultKind::answer(502, "<html><body>Bad gateway</body></html>"),
        "503" => FaultKind::answer(503, r#"{"error":"unavailable"}"#),
        "429" => FaultKind::answer(429, r#"{"error":"too many requests"}"#),
        "504" => FaultKind::Answer {
            status: 504,
            body: String::new(),
            content_type: "text/plain".to_owned(),
            headers: BTreeMap::new(),
            after_work: true,
        },
        "drop-before" => FaultKind::Drop { drop: DropWhen::BeforeWork },
        "drop-after" => FaultKind::Drop { drop: DropWhen::AfterWork },
        "delay" => FaultKind::Delay { delay_ms: 3_000 },
        _ => return None,
    })
}

fn in_words(fault: &Fault) -> String {
    let what = match &fault.fault {
        FaultKind::Answer { status, after_work: true, .. } => {
            format!("the work is done, but {status} is answered")
        }
        FaultKind::Answer { status, .. } => format!("{status} is answered"),
        FaultKind::Delay { delay_ms } => format!("the answer comes {delay_ms} ms late"),
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
    page(StatusCode::OK, &Faults { now: time(world.now()), here: "faults", kinds: KINDS.to_vec(), faults })
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
    if let Some(kind) = kind(&form.kind) {
        let times = form.times.trim().parse().unwrap_or(1).clamp(1, 1_000);
        world.inject(Fault::on(&form.method, form.path.trim(), kind).times(times));
    }
    Redirect::to("/console/faults")
}

pub(super) async fn clear(State(world): State<World>) -> Redirect {
    world.clear_faults();
    Redirect::to("/console/faults")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_can_be_chosen_is_a_fault() {
        for (name, _) in KINDS {
            assert!(kind(name).is_some(), "{name}");
        }
    }
}
