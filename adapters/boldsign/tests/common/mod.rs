//! What all tests of the adapter share: an account, a document, a call over a script.
#![allow(unused, unreachable_pub, clippy::expect_used, reason = "each test file uses its part")]

use std::sync::Arc;

use countersign_boldsign::{Boldsign, BoldsignConfig, Credentials};
use countersign_core::{
    AccessCode, AccessCodeChanged, ChangeAccessCode, CreateView, EnvelopeId, Error, ListRecipients,
    Recipient, RecipientRef, Recipients, ResendRecipient, Resent, ReturnUrl, SecretString, SigningView,
    TokenSlot,
};
use countersign_testkit::{FakeClock, Fixture, Script};

pub use countersign_testkit::script;

pub const KEY: &str = "API-KEY-MARKED";
pub const CODE: &str = "CODE-MARKED-77";
pub const TOKEN: &str = "SIGNING-TOKEN";
pub const DOCUMENT: &str = "7f3c1c9e-3d8e-4e05-9d3f-0f6f3f4f0001";

countersign_testkit::on_file!("boldsign");

/// What a refusal says.
#[derive(Debug, Clone, Copy)]
pub enum Says {
    Nothing,
    /// `error`, as most do.
    Text(&'static str),
    /// The member of the request that is wrong, and a text.
    Field(&'static str, &'static str),
    /// The code of a sign-in.
    Word(&'static str),
}

/// A refusal with this status and text, in the form on file in which such texts come.
pub fn refused(status: u16, says: Says) -> Fixture {
    let (form, member, value) = match says {
        Says::Nothing => ("any_401_empty", "", serde_json::Value::Null),
        Says::Text(text) => ("any_401", "error", text.into()),
        Says::Field(field, text) => ("change_400_empty_code", "errors", serde_json::json!({field: [text]})),
        Says::Word(word) => ("signin_400_invalid_client", "error", word.into()),
    };
    let mut fixture = refusal(form);
    fixture.status = status;
    if let Some(body) = &mut fixture.body {
        body[member] = value;
    }
    fixture
}

/// The refusal of a reminder, once the document's one of the day is used up.
pub fn reminded() -> Fixture {
    refused(403, Says::Text("Manual reminders limit reached"))
}

pub fn account() -> Boldsign {
    Boldsign::new(BoldsignConfig::new(SecretString::from(KEY))).expect("an account")
}

/// An account of an OAuth application.
pub fn application() -> Boldsign {
    let credentials = Credentials::ClientCredentials {
        client_id: "app-1".to_owned(),
        client_secret: SecretString::from("CLIENT-SECRET-MARKED"),
        tokens: TokenSlot::memory(),
    };
    Boldsign::new(BoldsignConfig::with_credentials(credentials)).expect("an account")
}

pub fn document() -> EnvelopeId {
    EnvelopeId::new(DOCUMENT).expect("an id")
}

pub fn named(text: &str) -> RecipientRef {
    text.parse().expect("a recipient")
}

pub fn code() -> AccessCode {
    AccessCode::new(CODE).expect("a code")
}

pub fn return_url() -> ReturnUrl {
    ReturnUrl::new("https://app.example.com/done").expect("a URL")
}

pub fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::at("2026-11-22T10:00:00.5Z"))
}

pub async fn list(script: &Arc<Script>) -> Result<Recipients, Error> {
    script.call(&account(), &clock(), &ListRecipients::new(document())).await
}

pub async fn view(script: &Arc<Script>, request: &CreateView) -> Result<SigningView, Error> {
    script.call(&account(), &clock(), request).await
}

pub async fn resend(script: &Arc<Script>, request: &ResendRecipient) -> Result<Resent, Error> {
    script.call(&account(), &clock(), request).await
}

pub async fn change(script: &Arc<Script>, request: &ChangeAccessCode) -> Result<AccessCodeChanged, Error> {
    script.call(&account(), &clock(), request).await
}

/// All recipients of the document of a fixture.
pub async fn people(name: &str) -> Recipients {
    list(&script(&[answer(name)])).await.expect("a list")
}

/// One of them, as an application keeps them from an earlier list.
pub async fn known(name: &str, id: &str) -> Recipient {
    let list = people(name).await;
    list.recipients.iter().find(|person| person.id.as_str() == id).expect("a recipient with this id").clone()
}

/// All that was sent, as text for a snapshot.
pub fn shown(script: &Arc<Script>) -> String {
    script.finish().iter().map(ToString::to_string).collect::<Vec<_>>().join("----\n")
}

/// An error as users and as programs see it.
pub fn error_forms(error: &Error) -> String {
    let json = serde_json::to_string_pretty(error).expect("JSON");
    format!("{error}\nhint: {}\n{json}\n", error.hint())
}
