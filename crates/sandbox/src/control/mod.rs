//! The control API under `/_sandbox/`: the Rust handle over HTTP.

mod answer;
mod webhooks;

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use answer::{Body, Rejected, done, routes, shown, tried, vendor};

use crate::calls::Fault;
use crate::handle::World;
use crate::vendors::Settings;
use crate::world::{Act, ActResult, EnvelopeView, NewEnvelope, Reason, Refused};

pub(crate) fn all_routes() -> Router<World> {
    routes().merge(webhooks::routes())
}

routes! {
    get "/_sandbox/access" => access, "What clients need to sign in: addresses, ids, keys and tokens";
    get "/_sandbox/envelopes" => shown(World::envelopes), "All envelopes, oldest first";
    post "/_sandbox/envelopes" => make_envelope, "Creates and sends an envelope",
        {"vendor": "docusign", "subject": "Lease", "recipients": [
            {"name": "Ann Lee", "email": "ann@example.com", "order": 1, "embedded": "c-1", "access_code": "1234"}]};
    get "/_sandbox/envelopes/{id}" => envelope, "One envelope";
    post "/_sandbox/envelopes/{id}/recipients/{recipient}/act" => act,
        "Acts as a recipient: enter_code, open, sign, decline, finish_later, confirm_identity, fail_identity_check, reassign, open_link",
        {"act": "enter_code", "code": "1234"};
    post "/_sandbox/envelopes/{id}/recipients/{recipient}/bounce" => bounce,
        "Makes the last mail to a recipient bounce";
    post "/_sandbox/envelopes/{id}/void" => void, "Voids the envelope as the sender", {"reason": "mistake"};
    post "/_sandbox/envelopes/{id}/expire" => tried(World::expire), "Makes the envelope expire";
    post "/_sandbox/envelopes/{id}/edit" => tried(|world, id| world.edit_elsewhere(id, true)),
        "Starts an edit in the vendor's application, which locks the envelope for others";
    delete "/_sandbox/envelopes/{id}/edit" => tried(|world, id| world.edit_elsewhere(id, false)), "Ends the edit";
    get "/_sandbox/clock" => shown(now), "The sandbox's time";
    post "/_sandbox/clock" => advance, "Moves the clock forward", {"advance_seconds": 3600};
    get "/_sandbox/outbox" => shown(World::outbox), "All mails, with their links, oldest first";
    delete "/_sandbox/outbox" => done(World::clear_outbox), "Empties the outbox";
    get "/_sandbox/faults" => shown(World::faults), "The pending faults";
    post "/_sandbox/faults" => inject,
        "Makes the next matching calls fail: an answer, {\"delay_ms\": 3000} or {\"drop\": \"after_work\"}",
        {"method": "PUT", "path_contains": "/recipients", "times": 1, "fault": {"status": 503, "body": "{}", "after_work": false}};
    delete "/_sandbox/faults" => done(World::clear_faults), "Removes the faults";
    get "/_sandbox/calls" => shown(World::calls), "The calls to the vendors' routes, oldest first";
    delete "/_sandbox/calls" => done(World::clear_calls), "Clears the recorded calls";
    get "/_sandbox/settings" => shown(World::settings), "Limits and switches";
    patch "/_sandbox/settings" => change_settings, "Changes the given settings", {"docusign_consent": true};
    post "/_sandbox/{vendor}/tokens" => issue_token, "Issues a token without sign-in";
    delete "/_sandbox/{vendor}/tokens" => tried(|world, name| vendor(name).map(|vendor| world.revoke_tokens(vendor))),
        "Revokes all issued tokens";
    get "/_sandbox/rules" => shown(|_| crate::rules::rules().collect::<Vec<_>>()), "What the sandbox does, with evidence";
    get "/_sandbox" => list, "This list";
}

async fn list() -> Response {
    Json(listed().into_iter().chain(webhooks::listed()).collect::<Vec<_>>()).into_response()
}

async fn access(State(world): State<World>) -> Json<Value> {
    Json(world.accounts().all().map(|account| (account.vendor().id().to_owned(), account.access())).collect())
}

async fn make_envelope(
    State(world): State<World>,
    body: Body<NewEnvelope>,
) -> Result<(StatusCode, Json<EnvelopeView>), Rejected> {
    Ok((StatusCode::CREATED, Json(world.make_envelope(body?.0)?)))
}

async fn envelope(
    State(world): State<World>,
    Path(id): Path<String>,
) -> Result<Json<EnvelopeView>, Rejected> {
    let missing = || Refused::new(Reason::NoSuchEnvelope, "no such envelope");
    Ok(Json(world.envelope(&id).ok_or_else(missing)?))
}

async fn act(
    State(world): State<World>,
    Path((id, recipient)): Path<(String, String)>,
    body: Body<Act>,
) -> Result<Json<ActResult>, Rejected> {
    Ok(Json(world.act(&id, &recipient, body?.0)?))
}

async fn bounce(
    State(world): State<World>,
    Path((id, recipient)): Path<(String, String)>,
) -> Result<StatusCode, Rejected> {
    world.bounce(&id, &recipient)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Voiding {
    reason: String,
}

async fn void(
    State(world): State<World>,
    Path(id): Path<String>,
    body: Body<Voiding>,
) -> Result<StatusCode, Rejected> {
    world.void(&id, &body?.reason)?;
    Ok(StatusCode::NO_CONTENT)
}

fn now(world: &World) -> Value {
    json!({"now": world.now()})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

async fn advance(State(world): State<World>, body: Body<Advance>) -> Result<Json<Value>, Rejected> {
    world.advance(Duration::from_secs(body?.advance_seconds));
    Ok(Json(now(&world)))
}

async fn inject(State(world): State<World>, body: Body<Fault>) -> Result<StatusCode, Rejected> {
    world.inject(body?.0);
    Ok(StatusCode::NO_CONTENT)
}

/// Sets the given members and keeps the others.
async fn change_settings(State(world): State<World>, body: Body<Value>) -> Result<Json<Settings>, Rejected> {
    let invalid = |error: &dyn std::fmt::Display| Refused::new(Reason::Invalid, error.to_string());
    let mut merged = serde_json::to_value(world.settings()).map_err(|error| invalid(&error))?;
    match (merged.as_object_mut(), body?.0) {
        (Some(merged), Value::Object(changes)) => merged.extend(changes),
        _ => return Err(Refused::new(Reason::Invalid, "expected an object").into()),
    }
    let settings: Settings = serde_json::from_value(merged).map_err(|error| invalid(&error))?;
    world.change_settings(|now| *now = settings.clone());
    Ok(Json(settings))
}

async fn issue_token(State(world): State<World>, Path(word): Path<String>) -> Result<Response, Rejected> {
    let token = world.issue_token(vendor(&word)?)?;
    Ok((StatusCode::CREATED, Json(json!({"access_token": token}))).into_response())
}
