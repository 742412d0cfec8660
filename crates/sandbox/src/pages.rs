//! Pages for people.
use crate::world::World;
use axum::Router;
pub(crate) fn routes() -> Router<World> {
    Router::new()
}
