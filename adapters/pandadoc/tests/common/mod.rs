//! What all tests of the adapter share: an account, an envelope, a call over a script.
#![allow(unused, unreachable_pub, clippy::expect_used, reason = "each test file uses its part")]

use std::sync::Arc;

use countersign_core::{
    AccessCode, AccessCodeChanged, ChangeAccessCode, CreateView, EnvelopeId, Error, ListRecipients,
    RecipientRef, Recipients, ResendRecipient, Resent, ReturnUrl, SecretString, SigningView,
};
use countersign_pandadoc::{Credentials, Pandadoc, PandadocConfig};
use countersign_testkit::{FakeClock, Script};

pub use countersign_testkit::script;

pub const KEY: &str = "KEYMARKED0000000";
pub const ENVELOPE: &str = "BhVzRcxH9Z2LgfPPGXFUBa";
pub const ANNA: &str = "email:anna@example.com";

countersign_testkit::on_file!("pandadoc");

pub fn config() -> PandadocConfig {
    PandadocConfig::new(Credentials::ApiKey(SecretString::from(KEY)), "com").expect("a region")
}

pub fn account() -> Pandadoc {
    Pandadoc::new(config()).expect("an account")
}

pub fn envelope() -> EnvelopeId {
    EnvelopeId::new(ENVELOPE).expect("an id")
}

pub fn named(text: &str) -> RecipientRef {
    text.parse().expect("a recipient")
}

/// While the recorded envelopes were alive.
pub fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::at("2026-11-28T23:00:00Z"))
}

pub async fn list(script: &Arc<Script>) -> Result<Recipients, Error> {
    script.call(&account(), &clock(), &ListRecipients::new(envelope())).await
}

pub async fn view(script: &Arc<Script>, recipient: &str) -> Result<SigningView, Error> {
    let back = ReturnUrl::new("https://app.example.com/done").expect("a URL");
    let request = CreateView::new(envelope(), named(recipient), back);
    script.call(&account(), &clock(), &request).await
}

pub async fn resend(script: &Arc<Script>, request: &ResendRecipient) -> Result<Resent, Error> {
    script.call(&account(), &clock(), request).await
}

pub fn to(recipient: &str) -> ResendRecipient {
    ResendRecipient::new(envelope(), named(recipient))
}

pub async fn change(script: &Arc<Script>, recipient: &str, notify: bool) -> Result<AccessCodeChanged, Error> {
    let code = AccessCode::new("N3wMarkedCode").expect("a code");
    let request = ChangeAccessCode::new(envelope(), named(recipient), code).with_notify(notify);
    script.call(&account(), &clock(), &request).await
}

/// What was sent, one request after the other.
pub fn sent(script: &Script) -> String {
    script.finish().iter().map(ToString::to_string).collect::<Vec<_>>().join("----\n")
}
