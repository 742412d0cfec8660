//! The control API under `/_sandbox/`: the Rust handle over HTTP.

mod answer;
mod webhooks;

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::NoContent;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use answer::{done, routes, shown, told, tried, vendor};

use crate::handle::World;
use crate::vendors::Settings;
use crate::world::{EnvelopeView, Reason, Refused};

pub(crate) fn all_routes() -> Router<World> {
    routes().merge(webhooks::routes())
}

routes! {
    get "/_sandbox/access" => shown(access), "What clients need to sign in: addresses, ids, keys and tokens";
    get "/_sandbox/envelopes" => shown(World::envelopes), "All envelopes, oldest first";
    post "/_sandbox/envelopes" =>
        told(|world, (), new| Ok((StatusCode::CREATED, Json(world.make_envelope(new)?)))),
        "Creates and sends an envelope",
        {"vendor": "docusign", "subject": "Lease", "recipients": [
            {"name": "Ann Lee", "email": "ann@example.com", "order": 1, "embedded": "c-1", "access_code": "1234"}]};
    get "/_sandbox/envelopes/{id}" => tried(|world, id: String| envelope(world, &id)), "One envelope";
    post "/_sandbox/envelopes/{id}/recipients/{recipient}/act" =>
        told(|world, (id, to): (String, String), act| world.act(&id, &to, act).map(Json)),
        "Acts as a recipient: enter_code, open, sign, decline, finish_later, confirm_identity, fail_identity_check, reassign, open_link",
        {"act": "enter_code", "code": "1234"};
    post "/_sandbox/envelopes/{id}/recipients/{recipient}/bounce" =>
        tried(|world, (id, to): (String, String)| world.bounce(&id, &to).map(|()| NoContent)),
        "Makes the last mail to a recipient bounce";
    post "/_sandbox/envelopes/{id}/void" =>
        told(|world, id: String, voiding: Voiding| world.void(&id, &voiding.reason).map(|()| NoContent)),
        "Voids the envelope as the sender", {"reason": "mistake"};
    post "/_sandbox/envelopes/{id}/expire" => tried(|world, id: String| world.expire(&id).map(|()| NoContent)),
        "Makes the envelope expire";
    post "/_sandbox/envelopes/{id}/edit" => tried(|world, id: String| edit(world, &id, true)),
        "Starts an edit in the vendor's application, which locks the envelope for others";
    delete "/_sandbox/envelopes/{id}/edit" => tried(|world, id: String| edit(world, &id, false)),
        "Ends the edit";
    get "/_sandbox/clock" => shown(now), "The sandbox's time";
    post "/_sandbox/clock" => told(|world, (), Advance { advance_seconds }| {
            world.advance(Duration::from_secs(advance_seconds));
            Ok(Json(now(world)))
        }),
        "Moves the clock forward", {"advance_seconds": 3600};
    get "/_sandbox/outbox" => shown(World::outbox), "All mails, with their links, oldest first";
    delete "/_sandbox/outbox" => done(World::clear_outbox), "Empties the outbox";
    get "/_sandbox/faults" => shown(World::faults), "The pending faults";
    post "/_sandbox/faults" => told(|world, (), fault| {
            world.inject(fault);
            Ok(NoContent)
        }),
        "Makes the next matching calls fail: an answer, {\"delay_ms\": 3000} or {\"drop\": \"after_work\"}",
        {"method": "PUT", "path_contains": "/recipients", "times": 1, "fault": {"status": 503, "body": "{}", "after_work": false}};
    delete "/_sandbox/faults" => done(World::clear_faults), "Removes the faults";
    get "/_sandbox/calls" => shown(World::calls), "The calls to the vendors' routes, oldest first";
    delete "/_sandbox/calls" => done(World::clear_calls), "Clears the recorded calls";
    get "/_sandbox/settings" => shown(World::settings), "Limits and switches";
    patch "/_sandbox/settings" => told(change_settings), "Changes the given settings", {"docusign_consent": true};
    post "/_sandbox/{vendor}/tokens" => tried(|world, name: String| issue_token(world, &name)), "Issues a token without sign-in";
    delete "/_sandbox/{vendor}/tokens" => tried(|world, name: String| {
            world.revoke_tokens(vendor(&name)?);
            Ok(NoContent)
        }),
        "Revokes all issued tokens";
    get "/_sandbox/rules" => shown(|_| crate::rules::rules().collect::<Vec<_>>()), "What the sandbox does, with evidence";
    get "/_sandbox" => shown(|_| listed().into_iter().chain(webhooks::listed()).collect::<Vec<_>>()), "This list";
}

fn access(world: &World) -> Value {
    world.accounts().all().map(|account| (account.vendor().id().to_owned(), account.access())).collect()
}

fn envelope(world: &World, id: &str) -> Result<Json<EnvelopeView>, Refused> {
    world.envelope(id).map(Json).ok_or_else(|| Refused::new(Reason::NoSuchEnvelope, "no such envelope"))
}

fn edit(world: &World, id: &str, edited: bool) -> Result<NoContent, Refused> {
    world.edit_elsewhere(id, edited).map(|()| NoContent)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Voiding {
    reason: String,
}

fn now(world: &World) -> Value {
    json!({"now": world.now()})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

/// Sets the given members and keeps the others.
fn change_settings(world: &World, (): (), changes: Value) -> Result<Json<Settings>, Refused> {
    let invalid = |error: serde_json::Error| Refused::new(Reason::Invalid, error.to_string());
    let mut merged = serde_json::to_value(world.settings()).map_err(invalid)?;
    match (merged.as_object_mut(), changes) {
        (Some(merged), Value::Object(changes)) => merged.extend(changes),
        _ => return Err(Refused::new(Reason::Invalid, "expected an object")),
    }
    let settings: Settings = serde_json::from_value(merged).map_err(invalid)?;
    world.change_settings(|now| *now = settings.clone());
    Ok(Json(settings))
}

fn issue_token(world: &World, name: &str) -> Result<(StatusCode, Json<Value>), Refused> {
    let token = world.issue_token(vendor(name)?)?;
    Ok((StatusCode::CREATED, Json(json!({"access_token": token}))))
}
