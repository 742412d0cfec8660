//! Sets faults.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::calls::{DropWhen, Fault, FaultKind};
use crate::handle::World;
use crate::render::{self, Frame, TEXTS, page};
use crate::vendors::Query;

#[derive(Template)]
#[template(path = "console/faults.html")]
struct Faults {
    frame: Frame,
    faults: Vec<Fault>,
}

pub(super) async fn show(State(world): State<World>) -> Response {
    let frame = Frame { now: world.now(), here: "faults" };
    page(StatusCode::OK, &Faults { frame, faults: world.faults() })
}

pub(super) fn add(world: &World, form: &Query) {
    if let Some((.., kind)) = TEXTS.faults.iter().find(|(name, ..)| name == form.text("kind")) {
        let times = form.text("times").parse().unwrap_or(1).clamp(1, 1_000);
        world.inject(Fault::on(form.text("method"), form.text("path"), kind.clone()).times(times));
    }
}
