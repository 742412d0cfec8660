//! Moving the world's clock.

use std::time::Duration;

use axum::Form;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

use crate::world::World;

/// A year: far enough to let everything expire.
const FURTHEST: u64 = 366 * 24 * 60;

#[derive(Deserialize)]
pub(super) struct Advance {
    minutes: String,
}

/// Moves the clock by whole minutes. Anything but a sensible number moves nothing.
pub(super) async fn advance(State(world): State<World>, Form(form): Form<Advance>) -> Redirect {
    if let Ok(minutes) = form.minutes.trim().parse::<u64>() {
        world.advance(Duration::from_secs(minutes.min(FURTHEST) * 60));
    }
    Redirect::to("/console")
}
