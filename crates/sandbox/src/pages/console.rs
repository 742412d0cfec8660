//! The console: what is in the world, and the levers that move it.

mod clock;
mod envelope;
mod faults;
mod guard;
mod make;
mod overview;
mod returned;
mod seen;
mod steps;
mod webhooks;

use axum::Router;
use axum::middleware::from_fn;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::world::World;

pub(super) fn routes() -> Router<World> {
    Router::new()
        .route("/", get(|| async { Redirect::to("/console") }))
        .route("/console", get(overview::show))
        .route("/console/clock", post(clock::advance))
        .route("/console/envelopes", post(make::make))
        .route("/console/envelopes/new", get(make::form))
        .route("/console/envelopes/{id}", get(envelope::show))
        .route("/console/envelopes/{id}/void", post(steps::void))
        .route("/console/envelopes/{id}/recipients/{recipient}/link", post(steps::link))
        .route("/console/envelopes/{id}/recipients/{recipient}/again", post(steps::again))
        .route("/console/envelopes/{id}/recipients/{recipient}/code", post(steps::code))
        .route("/console/returned", get(returned::show))
        .route("/console/calls", get(seen::calls))
        .route("/console/rules", get(seen::all_rules))
        .route("/console/faults", get(faults::show).post(faults::add))
        .route("/console/faults/clear", post(faults::clear))
        .route("/console/webhooks", get(webhooks::show))
        .route("/console/webhooks/target", post(webhooks::set_target))
        .route("/console/webhooks/stop", post(webhooks::clear_target))
        .route("/console/webhooks/flow", post(webhooks::flow))
        .route("/console/webhooks/faults", post(webhooks::add_fault))
        .route("/console/webhooks/faults/clear", post(webhooks::clear_faults))
        .route("/console/webhooks/{id}/deliver", post(webhooks::deliver))
        .layer(from_fn(guard::same_origin))
}
