//! The console: shows the world's state and controls it.

mod envelope;
mod make;
mod overview;
mod webhooks;

use std::future::{Ready, ready};

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn;
use axum::response::Redirect;
use axum::routing::{get, post};

use webhooks::WEBHOOKS;

use crate::guard;
use crate::handle::World;
use crate::vendors::Query;

const FAULTS: &str = "/console/faults";

pub(super) fn routes() -> Router<World> {
    Router::new()
        .route("/", get(|| async { Redirect::to("/console") }))
        .route("/console", get(overview::show))
        .route("/console/clock", post(then("/console", overview::advance)))
        .route("/console/envelopes", post(make::make))
        .route("/console/envelopes/new", get(make::form))
        .route("/console/envelopes/{id}", get(envelope::show))
        .route("/console/envelopes/{id}/void", post(envelope::void))
        .route("/console/envelopes/{id}/recipients/{recipient}/link", post(envelope::link))
        .route(
            "/console/envelopes/{id}/recipients/{recipient}/again",
            post(envelope::on_recipient(envelope::again)),
        )
        .route(
            "/console/envelopes/{id}/recipients/{recipient}/code",
            post(envelope::on_recipient(envelope::code)),
        )
        .route("/console/returned", get(overview::returned))
        .route("/console/calls", get(overview::calls))
        .route("/console/rules", get(overview::all_rules))
        .route(FAULTS, get(overview::faults).post(then(FAULTS, overview::add_fault)))
        .route("/console/faults/clear", post(then(FAULTS, |world, _| world.clear_faults())))
        .route(WEBHOOKS, get(webhooks::show))
        .route("/console/webhooks/target", post(webhooks::set_target))
        .route("/console/webhooks/stop", post(then(WEBHOOKS, webhooks::clear_target)))
        .route("/console/webhooks/flow", post(then(WEBHOOKS, webhooks::flow)))
        .route("/console/webhooks/faults", post(then(WEBHOOKS, webhooks::add_fault)))
        .route(
            "/console/webhooks/faults/clear",
            post(then(WEBHOOKS, |world, _| world.webhooks().clear_faults())),
        )
        .route("/console/webhooks/{id}/deliver", post(webhooks::deliver))
        .layer(from_fn(guard::same_origin))
}

/// A button, which uses its form's fields and returns to this page.
fn then(
    page: &'static str,
    act: fn(&World, &Query),
) -> impl Fn(State<World>, String) -> Ready<Redirect> + Clone + Send + Sync + 'static {
    move |State(world), form| {
        act(&world, &Query::parse(Some(&form)));
        ready(Redirect::to(page))
    }
}
