//! What the console does to an envelope.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::envelope::{missing, shown};
use crate::pages::Problem;
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

/// The sender asks once more, as the vendor lets them.
pub(super) async fn again(
    State(world): State<World>,
    Path((id, recipient)): Path<(String, String)>,
) -> Response {
    let asked = world.lock().on(&id, |env, desk| {
        let at = env.position(&recipient)?;
        match env.policy.reminders_per_day {
            Some(_) => desk.remind(env, &[at], None),
            None => desk.resend(env, at),
        }
    });
    answer(&world, &id, asked, "people")
}

#[derive(Deserialize)]
pub(super) struct NewCode {
    #[serde(default)]
    code: String,
}

/// The sender sets another access code; without one, none is asked for any more.
pub(super) async fn code(
    State(world): State<World>,
    Path((id, recipient)): Path<(String, String)>,
    Form(form): Form<NewCode>,
) -> Response {
    let set = world.lock().on(&id, |env, desk| {
        let at = env.position(&recipient)?;
        env.check_open(at)?;
        desk.set_code(env, at, form.code.trim().into())
    });
    answer(&world, &id, set, "people")
}

fn answer(world: &World, id: &str, done: Result<(), Refused>, field: &str) -> Response {
    match done {
        Ok(()) => Redirect::to(&format!("/console/envelopes/{id}")).into_response(),
        Err(refused) => {
            let mut text = refused.message;
            text.push('.');
            shown(world, id, vec![Problem::new(field, text)])
        }
    }
}
