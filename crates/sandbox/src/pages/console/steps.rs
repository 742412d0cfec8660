//! What the console does to an envelope.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::envelope::missing;
use crate::world::{EnvelopeStatus, Framing, Refused, Terms, World, after};

#[derive(Deserialize)]
pub(super) struct Void {
    #[serde(default)]
    reason: String,
}

/// The sender takes it back.
pub(super) async fn void(
    State(world): State<World>,
    Path(id): Path<String>,
    Form(form): Form<Void>,
) -> Response {
    let reason = Some(form.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let voided = world.lock().on(&id, |env, desk| {
        if env.status.in_flight() {
            desk.close(env, EnvelopeStatus::Voided, reason);
        }
        Ok::<_, Refused>(())
    });
    match voided {
        Ok(()) => Redirect::to(&format!("/console/envelopes/{id}")).into_response(),
        Err(_) => missing(&world),
    }
}

/// Makes a link as an application would, and follows it. The visit comes back to the console.
pub(super) async fn link(
    State(world): State<World>,
    Path((id, recipient)): Path<(String, String)>,
) -> Response {
    let return_url = format!("{}/console/returned", world.shared.access.docusign.base_url);
    let token = world.lock().on(&id, |env, desk| {
        let at = env.position(&recipient)?;
        let terms = Terms { return_url: Some(return_url), framing: Framing::default() };
        let expires_at = after(desk.now, env.policy.view_link.seconds);
        Ok::<_, Refused>(desk.links.make_view_link(desk.now, env, env.recipient(at)?, terms, expires_at))
    });
    match token {
        Ok(token) => Redirect::to(&format!("/sign/{token}")).into_response(),
        Err(_) => missing(&world),
    }
}
