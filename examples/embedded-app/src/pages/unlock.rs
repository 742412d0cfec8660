//! One click for the supporter: a new access code and, if wanted, the request to sign once more.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use countersign::{
    AccessCode, ChangeAccessCode, Email, Error, ErrorKind, MailExpectation, RecipientRef, Result, Unlocking,
};
use serde::Deserialize;

use super::{missing, note, page};
use crate::app::App;
use crate::contracts::Contract;
use crate::desk::Desk;

#[derive(Deserialize)]
pub(super) struct Wish {
    /// Present when the box is ticked.
    notify: Option<String>,
}

#[derive(Template)]
#[template(path = "unlocked.html")]
struct Unlocked<'a> {
    sandbox: &'a str,
    signer: &'a str,
    title: &'a str,
    code: &'a str,
    unlocking: String,
    mail: String,
}

pub(super) async fn unlock(
    State(app): State<App>,
    Path((account, envelope)): Path<(String, String)>,
    Form(wish): Form<Wish>,
) -> Response {
    let Some((contract, _)) = app.contracts().find(&account, &envelope) else { return missing() };
    let Some(desk) = app.desk(&contract) else { return missing() };
    match change(&app, desk, &contract, wish.notify.is_some()).await {
        Ok((code, unlocking, mail)) => {
            let shown = Unlocked {
                sandbox: app.sandbox_url(),
                signer: &contract.signer_name,
                title: &contract.title,
                code: code.expose(),
                unlocking: said(unlocking, &contract.signer_name),
                mail: mailed(&mail, &contract.signer_name),
            };
            page(StatusCode::OK, &shown)
        }
        Err(error) => {
            let text = format!("{}. What helps: {}.", error.message(), error.hint());
            let links = vec![("/support".to_owned(), "Back to support")];
            note(Some(&app), StatusCode::BAD_GATEWAY, "The code was not changed", &text, links)
        }
    }
}

async fn change(
    app: &App,
    desk: &Desk,
    contract: &Contract,
    notify: bool,
) -> Result<(AccessCode, Unlocking, MailExpectation)> {
    let code = new_code()?;
    let signer = RecipientRef::Email(Email::new(&contract.signer_email)?);
    let request = ChangeAccessCode::new(contract.envelope.clone(), signer, code.clone()).with_notify(notify);
    let changed = desk.client.change_access_code(&request).await?;
    let now = app.now();
    app.contracts().update(contract, |known| {
        known.has_new_code = true;
        if changed.unlocking == Unlocking::Unlocked {
            known.unlocked(now);
        }
        known.note(now, "Support gave a new access code.");
    });
    Ok((code, changed.unlocking, changed.mail))
}

fn said(unlocking: Unlocking, signer: &str) -> String {
    match unlocking {
        Unlocking::Unlocked => format!("{signer} has new attempts."),
        Unlocking::NotNeeded => format!("{signer} was not locked out."),
        Unlocking::StillLocked => {
            format!("{signer} is still locked out: unlock again, and send the request once more.")
        }
        _ => {
            format!("Whether {signer} is unlocked is not known: ask {signer} to try again.")
        }
    }
}

fn mailed(mail: &MailExpectation, signer: &str) -> String {
    match mail {
        mail if mail.is_expected() => format!("{signer} gets a mail, without the code."),
        MailExpectation::NotExpected(_) => format!("{signer} gets no mail."),
        _ => format!("Whether {signer} gets a mail is not known."),
    }
}

/// Eight letters and digits, without those that are easily taken for each other. The first is a letter and the last a
/// digit: some vendors want both.
fn new_code() -> Result<AccessCode> {
    const LETTERS: [char; 32] = [
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V',
        'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7', '8', '9',
    ];
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes)
        .map_err(|_| Error::new(ErrorKind::Unexpected, "there are no random numbers"))?;
    let character = |(place, byte): (usize, &u8)| {
        let (first, many) = match place {
            0 => (0, 24),
            7 => (24, 8),
            _ => (0, 32),
        };
        LETTERS.get(first + usize::from(byte % many))
    };
    let code: String = bytes.iter().enumerate().filter_map(character).collect();
    Ok(AccessCode::new(code)?)
}
