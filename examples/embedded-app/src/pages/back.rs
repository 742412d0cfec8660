//! The way back: one return URL for every outcome of every vendor, and a page for each outcome.

use askama::Template;
use axum::Form;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use countersign::RecipientRef;
use countersign::returns::{AcceptedReturn, NotAccepted, ReturnOutcome, ReturnRefused, SigningReturn};
use serde::Deserialize;
use serde_json::json;

use super::{missing, note, page};
use crate::app::App;
use crate::contracts::Contract;
use crate::words::{self, Proof};

/// A return: checked, compared with what the vendor says, and sent on to the page of its outcome.
pub(super) async fn back(State(app): State<App>, accepted: Result<AcceptedReturn, NotAccepted>) -> Response {
    let accepted = match accepted {
        Ok(accepted) => accepted,
        Err(NotAccepted::Refused(refused)) => return not_believed(&app, &refused),
        Err(other) => return other.into_response(),
    };
    let state = &accepted.state;
    let Some((contract, _)) = app.contracts().find(&state.account, state.envelope.as_str()) else {
        return missing();
    };
    let signer = RecipientRef::Id(state.recipient.clone());
    let outcome = settle(&app, &contract, &signer, &accepted.hint).await;
    accepted.redirect_for(outcome.as_ref())
}

/// A message of a framed signing page, which the page around it passes on. Answers where to go, if it says how
/// the visit ended.
pub(super) async fn message(
    State(app): State<App>,
    Path((account, envelope)): Path<(String, String)>,
    Form(message): Form<Message>,
) -> Response {
    let Some((contract, _)) = app.contracts().find(&account, &envelope) else { return missing() };
    let Some(desk) = app.desk(&contract) else { return missing() };
    let vendor = desk.client.descriptor();
    // A page also posts what ends no visit, such as that it is ready. A word that is not known is no reason to leave.
    if vendor.facts.returns.words.get(message.action.trim()).is_none_or(|word| word.goes_on) {
        return Json(json!({ "go": null })).into_response();
    }
    let hint = SigningReturn::message(vendor, &message.action);
    let Ok(signer) = format!("email:{}", contract.signer_email).parse() else { return missing() };
    let outcome = settle(&app, &contract, &signer, &hint).await;
    Json(json!({"go": format!("{}/after/{}", contract.path(), words::slug(outcome.as_ref()))}))
        .into_response()
}

#[derive(Deserialize)]
pub(super) struct Message {
    action: String,
}

/// Asks the vendor beside the hint, notes both, and says which outcome's page to show.
async fn settle(
    app: &App,
    contract: &Contract,
    signer: &RecipientRef,
    back: &SigningReturn,
) -> Option<ReturnOutcome> {
    let desk = app.desk(contract)?;
    let hint = back.outcome.as_ref();
    let said = hint.map_or("nothing", ReturnOutcome::as_str).replace('_', " ");
    let known = app.contracts().find(&contract.account, contract.envelope.as_str());
    // Where a webhook was faster than the browser, the vendor need not be asked.
    let answer = match known.is_some_and(|(_, known)| known.is_final()) {
        true => None,
        false => Some(desk.confirmer.confirm(&contract.envelope, signer, hint).await),
    };
    let now = app.now();
    let mut outcome = None;
    app.contracts().update(contract, |known| {
        match &answer {
            Some(Ok(confirmed)) => known.visited(now, hint, confirmed),
            Some(Err(_)) | None => known.visited_unasked(now, hint),
        }
        let seen = if matches!(answer, Some(Err(_))) { ", and we could not ask the vendor" } else { "" };
        known.note(now, format!("The browser came back and said: {said}{seen}."));
        outcome = known.visit.as_ref().and_then(|visit| visit.outcome.clone());
    });
    outcome
}

/// What is said of a return that is not good. Its outcome is not looked at.
fn not_believed(app: &App, refused: &ReturnRefused) -> Response {
    let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let (heading, text) = match refused {
        ReturnRefused::Expired { .. } => {
            ("This return is too old", "The page of the contract has its present state.")
        }
        ReturnRefused::Replayed { .. } => (
            "You have been here already",
            "A return counts once. The page of the contract has its present state.",
        ),
        ReturnRefused::Unavailable(_) => (
            "Please try again",
            "We cannot check returns at present. Nothing is lost: just reload this page.",
        ),
        _ => ("This return was not made by us", "We do not believe it, and nothing has changed."),
    };
    let contract =
        refused.state().and_then(|state| app.contracts().find(&state.account, state.envelope.as_str()));
    let links = contract.map(|(contract, _)| (contract.path(), "Back to the contract"));
    note(Some(app), status, heading, text, links.into_iter().collect())
}

#[derive(Template)]
#[template(path = "after.html")]
struct After<'a> {
    sandbox: &'a str,
    heading: String,
    text: &'a str,
    title: &'a str,
    path: String,
    proof: &'a str,
    sentence: String,
    can_sign: bool,
    to_support: bool,
}

/// The page of an outcome: shown for the outcome that the last visit had. A visitor who types the address of another
/// one lands on the contract's own page.
pub(super) async fn after(
    State(app): State<App>,
    Path((account, envelope, slug)): Path<(String, String, String)>,
) -> Response {
    let Some((contract, known)) = app.contracts().find(&account, &envelope) else { return missing() };
    let Some(desk) = app.desk(&contract) else { return missing() };
    let Some(visit) = &known.visit else { return Redirect::to(&contract.path()).into_response() };
    let own = words::slug(visit.outcome.as_ref());
    if own != slug {
        // Where nothing was known at first, the outcome may be known by now.
        let known_now = slug == words::UNSURE;
        let path = if known_now { format!("{}/after/{own}", contract.path()) } else { contract.path() };
        return Redirect::to(&path).into_response();
    }
    let proof = Proof::of(&known);
    let told = words::told(visit.outcome.as_ref(), proof, desk.vendor);
    let shown = After {
        sandbox: app.sandbox_url(),
        heading: told.heading,
        text: told.text,
        title: &contract.title,
        path: contract.path(),
        proof: proof.word(),
        sentence: words::proof(proof, &known, desk.vendor),
        can_sign: told.can_sign && !known.is_final() && !known.is_locked(),
        to_support: matches!(
            visit.outcome,
            Some(ReturnOutcome::AccessCodeFailed | ReturnOutcome::IdentityCheckFailed)
        ),
    };
    page(StatusCode::OK, &shown)
}
