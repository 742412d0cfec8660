//! The control API under `/_sandbox/`: the Rust handle over HTTP.

mod answer;
mod webhooks;

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use answer::{Body, Rejected, vendor};

use crate::calls::Fault;
use crate::handle::World;
use crate::vendors::Settings;
use crate::world::{Act, ActResult, EnvelopeView, NewEnvelope, Reason, Refused};

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .merge(webhooks::routes())
        .route("/_sandbox/access", get(access))
        .route("/_sandbox/envelopes", post(make_envelope).get(envelopes))
        .route("/_sandbox/envelopes/{id}", get(envelope))
        .route("/_sandbox/envelopes/{id}/recipients/{recipient}/act", post(act))
        .route("/_sandbox/envelopes/{id}/recipients/{recipient}/bounce", post(bounce))
        .route("/_sandbox/envelopes/{id}/void", post(void))
        .route("/_sandbox/envelopes/{id}/expire", post(expire))
        .route("/_sandbox/envelopes/{id}/edit", post(begin_edit).delete(end_edit))
        .route("/_sandbox/clock", get(clock).post(advance))
        .route("/_sandbox/outbox", get(outbox).delete(clear_outbox))
        .route("/_sandbox/faults", get(faults).post(inject).delete(clear_faults))
        .route("/_sandbox/calls", get(calls).delete(clear_calls))
        .route("/_sandbox/settings", get(settings).patch(change_settings))
        .route("/_sandbox/{vendor}/tokens", post(issue_token).delete(revoke_tokens))
        .route("/_sandbox/rules", get(rules))
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

async fn envelopes(State(world): State<World>) -> Json<Vec<EnvelopeView>> {
    Json(world.envelopes())
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

async fn expire(State(world): State<World>, Path(id): Path<String>) -> Result<StatusCode, Rejected> {
    world.expire(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn begin_edit(State(world): State<World>, Path(id): Path<String>) -> Result<StatusCode, Rejected> {
    world.edit_elsewhere(&id, true)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end_edit(State(world): State<World>, Path(id): Path<String>) -> Result<StatusCode, Rejected> {
    world.edit_elsewhere(&id, false)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct Now {
    now: Timestamp,
}

async fn clock(State(world): State<World>) -> Json<Now> {
    Json(Now { now: world.now() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

async fn advance(State(world): State<World>, body: Body<Advance>) -> Result<Json<Now>, Rejected> {
    world.advance(Duration::from_secs(body?.advance_seconds));
    Ok(Json(Now { now: world.now() }))
}

async fn outbox(State(world): State<World>) -> Response {
    Json(world.outbox()).into_response()
}

async fn clear_outbox(State(world): State<World>) -> StatusCode {
    world.clear_outbox();
    StatusCode::NO_CONTENT
}

async fn faults(State(world): State<World>) -> Json<Vec<Fault>> {
    Json(world.faults())
}

async fn inject(State(world): State<World>, body: Body<Fault>) -> Result<StatusCode, Rejected> {
    world.inject(body?.0);
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(world): State<World>) -> StatusCode {
    world.clear_faults();
    StatusCode::NO_CONTENT
}

async fn calls(State(world): State<World>) -> Response {
    Json(world.calls()).into_response()
}

async fn clear_calls(State(world): State<World>) -> StatusCode {
    world.clear_calls();
    StatusCode::NO_CONTENT
}

async fn settings(State(world): State<World>) -> Json<Settings> {
    Json(world.settings())
}

/// Sets the members that are named and leaves the others.
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

async fn revoke_tokens(State(world): State<World>, Path(word): Path<String>) -> Result<StatusCode, Rejected> {
    world.revoke_tokens(vendor(&word)?);
    Ok(StatusCode::NO_CONTENT)
}

async fn rules() -> Response {
    Json(crate::rules::rules().collect::<Vec<_>>()).into_response()
}
