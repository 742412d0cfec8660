//! One contract: how it stands, how we know, and what happened.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use countersign::returns::Confirmed;
use countersign::{Email, RecipientRef, Result};

use super::{Row, missing, note, page};
use crate::app::App;
use crate::contracts::Contract;
use crate::known::{Known, Source};
use crate::words;

#[derive(Template)]
#[template(path = "contract.html")]
struct One<'a> {
    sandbox: &'a str,
    vendor: &'a str,
    row: Row,
    email: &'a str,
    source: String,
    history: Vec<(String, String)>,
}

pub(super) async fn show(
    State(app): State<App>,
    Path((account, envelope)): Path<(String, String)>,
) -> Response {
    let Some((contract, known)) = app.contracts().find(&account, &envelope) else { return missing() };
    let Some(desk) = app.desk(&contract) else { return missing() };
    let shown = One {
        sandbox: app.sandbox_url(),
        vendor: desk.vendor,
        row: Row::new(1, &contract, &known),
        email: &contract.signer_email,
        source: source(&known, desk.vendor),
        history: known.history.iter().rev().map(|(at, what)| (words::time(*at), what.clone())).collect(),
    };
    page(StatusCode::OK, &shown)
}

/// How we know, in a sentence.
fn source(known: &Known, vendor: &str) -> String {
    match &known.fact {
        None => format!("{vendor} was not asked yet."),
        Some(fact) => match fact.source {
            Source::Asked => format!("{vendor} said so at {}.", words::time(fact.at)),
            Source::Told => format!("{vendor} told us at {}.", words::time(fact.at)),
            Source::Done => format!("Changed by our support at {}.", words::time(fact.at)),
        },
    }
}

/// Asks the vendor, as seldom as it wants to be asked.
pub(super) async fn ask(
    State(app): State<App>,
    Path((account, envelope)): Path<(String, String)>,
) -> Response {
    let Some((contract, _)) = app.contracts().find(&account, &envelope) else { return missing() };
    let Some(desk) = app.desk(&contract) else { return missing() };
    match look(&app, &contract).await {
        Ok(answer) => {
            let what = if answer.remembered {
                format!("{} may be asked again from {}.", desk.vendor, words::time(answer.ask_again_at))
            } else {
                format!("{} was asked.", desk.vendor)
            };
            app.contracts().update(&contract, |known| known.note(app.now(), what));
            Redirect::to(&contract.path()).into_response()
        }
        Err(error) => {
            let back = vec![(contract.path(), "Back to the contract")];
            note(Some(&app), StatusCode::BAD_GATEWAY, "We could not ask", error.hint(), back)
        }
    }
}

/// What the vendor says of a contract, or said when it might last be asked.
pub(super) async fn look(app: &App, contract: &Contract) -> Result<Confirmed> {
    let Some(desk) = app.desk(contract) else {
        return Err(countersign::Error::new(countersign::ErrorKind::Config, "the account is gone"));
    };
    let signer = RecipientRef::Email(Email::new(&contract.signer_email)?);
    let answer = desk.confirmer.confirm(&contract.envelope, &signer, None).await?;
    app.contracts().update(contract, |known| known.learn(&answer.recipient, answer.asked_at));
    Ok(answer)
}
