//! The console: shows the world's state and controls it.

mod envelope;
mod faults;
mod make;
mod overview;
mod seen;
mod webhooks;

use axum::Router;
use axum::middleware::from_fn;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::guard;
use crate::handle::World;

pub(super) fn routes() -> Router<World> {
    Router::new()
        .route("/", get(|| async { Redirect::to("/console") }))
        .route("/console", get(overview::show))
        .route("/console/clock", post(overview::advance))
        .route("/console/envelopes", post(make::make))
        .route("/console/envelopes/new", get(make::form))
        .route("/console/envelopes/{id}", get(envelope::show))
        .route("/console/envelopes/{id}/void", post(envelope::void))
        .route("/console/envelopes/{id}/recipients/{recipient}/link", post(envelope::link))
        .route("/console/envelopes/{id}/recipients/{recipient}/again", post(envelope::again))
        .route("/console/envelopes/{id}/recipients/{recipient}/code", post(envelope::code))
        .route("/console/returned", get(seen::returned))
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
