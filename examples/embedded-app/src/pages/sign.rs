//! "Sign now": a link for the signer, followed at once or shown in a frame.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use countersign::returns::ReturnsTo;
use countersign::{Error, ErrorKind, Origin, SigningView};
use serde::Deserialize;
use url::Url;

use super::{missing, note, page};
use crate::app::App;
use crate::contracts::Contract;
use crate::desk::Desk;

#[derive(Deserialize)]
pub(super) struct Place {
    #[serde(default)]
    place: String,
}

#[derive(Template)]
#[template(path = "frame.html")]
struct Frame<'a> {
    sandbox: &'a str,
    vendor: &'a str,
    title: &'a str,
    path: String,
    link: &'a str,
    origin: String,
}

pub(super) async fn sign(
    State(app): State<App>,
    Path((account, envelope)): Path<(String, String)>,
    Form(form): Form<Place>,
) -> Response {
    let Some((contract, _)) = app.contracts().find(&account, &envelope) else { return missing() };
    let Some(desk) = app.desk(&contract) else { return missing() };
    match link(&app, desk, &contract).await {
        Ok(view) => {
            let link = view.link.expose();
            let framed = form.place == "frame";
            let how = if framed { "Signing began, on our page." } else { "Signing began." };
            app.contracts().update(&contract, |known| known.note(app.now(), how));
            if !framed && view.returns_to == ReturnsTo::Requested {
                return Redirect::to(link).into_response();
            }
            if !framed {
                let heading = format!("Sign at {}", desk.vendor);
                let text = format!(
                    "{} does not bring you back here. When you are done, open the contract again: there you can ask \
                     {} what it knows.",
                    desk.vendor, desk.vendor
                );
                let links =
                    vec![(link.to_owned(), "Open the documents"), (contract.path(), "Back to the contract")];
                return note(Some(&app), StatusCode::OK, &heading, &text, links);
            }
            let (sandbox, title, path) = (app.sandbox_url(), contract.title.as_str(), contract.path());
            let origin = Url::parse(link).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
            page(StatusCode::OK, &Frame { sandbox, vendor: desk.vendor, title, path, link, origin })
        }
        Err(error) => refused(&app, &contract, &error),
    }
}

/// Asks for a link, and notes what is learnt of the signer on the way.
async fn link(app: &App, desk: &Desk, contract: &Contract) -> countersign::Result<SigningView> {
    let signer = desk.signer(&contract.envelope, &contract.signer_email).await?;
    app.contracts().update(contract, |known| known.learn(&signer, app.now()));
    let origin: &Origin = app.origin();
    desk.link(app.routes(), origin, &contract.envelope, signer).await
}

/// Why there is no link, and what helps.
fn refused(app: &App, contract: &Contract, error: &Error) -> Response {
    let back = || (contract.path(), "Back to the contract");
    let (status, heading, text, links) = match error.kind() {
        ErrorKind::RecipientLocked => (
            StatusCode::CONFLICT,
            format!("{} is locked out", contract.signer_name),
            "The access code was wrong too often. Our support can give a new one.",
            vec![("/support".to_owned(), "Go to support"), back()],
        ),
        ErrorKind::RecipientDone | ErrorKind::EnvelopeClosed => (
            StatusCode::CONFLICT,
            "You cannot sign now".to_owned(),
            "This contract is signed or closed already. There is nothing left to do.",
            vec![back()],
        ),
        ErrorKind::RecipientNotInTurn => (
            StatusCode::CONFLICT,
            "You cannot sign now".to_owned(),
            "Others have to sign first. We tell you when it is your turn.",
            vec![back()],
        ),
        ErrorKind::EnvelopeNotReady => (
            StatusCode::CONFLICT,
            "You cannot sign now".to_owned(),
            "The documents are still being prepared. Try again in some seconds.",
            vec![back()],
        ),
        _ => (
            StatusCode::BAD_GATEWAY,
            "You cannot sign now".to_owned(),
            "The signing service did not give us a link. Please try again later.",
            vec![back()],
        ),
    };
    app.contracts().update(contract, |known| known.note(app.now(), format!("No link: {error}.")));
    note(Some(app), status, &heading, text, links)
}
