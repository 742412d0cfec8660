//! What all tests of the adapter share: an account, an envelope, a call over a script.
#![allow(unused, unreachable_pub, clippy::expect_used, reason = "each test file uses its part")]

use std::sync::Arc;

use countersign_core::{
    BaseUrl, CreateView, EnvelopeId, Error, ListRecipients, RecipientRef, Recipients, ResendRecipient,
    Resent, ReturnUrl, SecretString, SigningView,
};
use countersign_documenso::{Documenso, DocumensoConfig};
use countersign_testkit::{FakeClock, Fixture, Script};

pub use countersign_testkit::script;

pub const KEY: &str = "api_KEYMARKED0000000";
pub const ENVELOPE: &str = "envelope_bidwucrsvhwnudvw";

countersign_testkit::on_file!("documenso");

pub fn config() -> DocumensoConfig {
    let base = BaseUrl::new("https://sign.example.com/api/v2").expect("a URL");
    DocumensoConfig::new(base, SecretString::from(KEY))
}

pub fn account() -> Documenso {
    Documenso::new(config()).expect("an account")
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

/// A log with these entries, newest first: an id, a recipient, and whether it is of a resend.
pub fn log(entries: &[(&str, u64, bool)]) -> Fixture {
    let mut log = answer("log");
    let row = |(id, recipient, again): &(&str, u64, bool)| {
        serde_json::json!({"id": id, "createdAt": "2026-11-28T22:59:59.500Z", "type": "EMAIL_SENT",
            "data": {"recipientId": recipient, "isResending": again, "emailType": "SIGNING_REQUEST"}})
    };
    if let Some(body) = &mut log.body {
        body["data"] = entries.iter().map(row).collect();
    }
    log
}
