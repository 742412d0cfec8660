//! What the tests of this adapter share: an account, a recipient, one call over a script.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::vendor::perform;
use countersign_core::{
    AccessCode, AccessCodeChanged, AccountId, BaseUrl, ChangeAccessCode, Context, CreateView, EnvelopeId,
    Error, ErrorKind, ExposeSecret, ListRecipients, MemoryTokenStore, Operation, Recipient, RecipientId,
    RecipientRef, Recipients, RenewalLease, ResendRecipient, Resent, Result, ReturnUrl, SecretString,
    SigningView, StoredTokens, TokenSave, TokenStore, TokenVersion,
};
use countersign_docusign::{Credentials, Docusign, DocusignConfig};
use countersign_testkit::{FakeClock, Fixture, Script};

pub const ACCOUNT: &str = "cccccccc-0000-4000-8000-000000000001";
pub const ENVELOPE: &str = "44444444-0000-4000-8000-000000000001";
/// Everything secret in these tests contains this word, so that one search finds a leak.
pub const MARK: &str = "marked";
pub const NOW: &str = "2026-01-01T09:30:00Z";

countersign_testkit::on_file!("docusign");

/// A refusal with this code, in the form on file in which such codes come: `400 RECIPIENT_NOT_IN_SEQUENCE`,
/// `200 RECIPIENT_UPDATE_FAILED`, `400 unauthorized_client`, `400 invalid_grant/user_not_found`. The texts stay those of the
/// file: no row of this adapter's rules reads them.
pub fn coded(status_and_code: &str) -> Fixture {
    let (status, code) = status_and_code.split_once(' ').unwrap();
    let (form, place, code) = match code.split_once(['/', '+']) {
        Some((word, "reference_id")) => ("oauth_500", "/error", word),
        Some((_, description)) => ("invalid_grant", "/error_description", description),
        None if code.starts_with(char::is_lowercase) => ("consent_required", "/error", code),
        None if status == "200" => {
            ("recipient_update_failed", "/recipientUpdateResults/0/errorDetails/errorCode", code)
        }
        None => ("unknown_envelope_recipient", "/errorCode", code),
    };
    let mut fixture = refusal(form);
    fixture.status = status.parse().unwrap();
    *fixture.body.as_mut().and_then(|body| body.pointer_mut(place)).unwrap() = code.into();
    fixture
}

pub fn config() -> DocusignConfig {
    let token = Credentials::Token(SecretString::from("marked-token"));
    DocusignConfig::new(AccountId::new(ACCOUNT).unwrap(), token)
}

/// An account whose host is configured, with a fixed token: each call is one request.
pub fn account() -> Docusign {
    Docusign::new(config().with_base_url(BaseUrl::new("https://demo.docusign.net").unwrap())).unwrap()
}

pub fn envelope() -> EnvelopeId {
    EnvelopeId::new(ENVELOPE).unwrap()
}

pub fn named(text: &str) -> RecipientRef {
    text.parse().unwrap()
}

pub fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::at(NOW))
}

pub fn context(script: &Arc<Script>, operation: Operation) -> Context {
    script.context(operation, &clock())
}

/// A script that gives these in turn: an answer or a refusal on file, or a refusal by status and code ([`coded`]).
pub fn script(fixtures: &[&str]) -> Arc<Script> {
    let script = Script::new();
    fixtures.iter().for_each(|name| script.fixture(&any(name)));
    script
}

fn any(name: &str) -> Fixture {
    if name.contains(' ') {
        return coded(name);
    }
    let path = folder("answers").join(format!("{name}.json"));
    if path.exists() { answer(name) } else { refusal(name) }
}

/// A list of these entries by array, with order 1 being served.
pub fn listing(arrays: serde_json::Value) -> serde_json::Value {
    let mut body = arrays;
    body["currentRoutingOrder"] = "1".into();
    body
}

/// A signer of order 1 who was asked to sign by mail, with these members besides or in place of the usual ones.
pub fn signer(id: &str, members: serde_json::Value) -> serde_json::Value {
    let mut entry = serde_json::json!({
        "recipientId": id, "name": format!("Signer {id}"), "email": format!("s{id}@example.com"), "routingOrder": "1",
        "status": "sent", "deliveryMethod": "email", "recipientType": "signer", "sentDateTime": "2026-01-01T08:00:00.0000000Z",
    });
    if let (Some(entry), serde_json::Value::Object(members)) = (entry.as_object_mut(), members) {
        entry.extend(members);
    }
    entry
}

/// A script that begins with a list of these signers.
pub fn with_signers(signers: &[serde_json::Value]) -> Arc<Script> {
    let script = Script::new();
    script.json(200, &listing(serde_json::json!({"signers": signers})));
    script
}

pub async fn list(script: &Arc<Script>) -> Result<Recipients> {
    script.call(&account(), &clock(), &ListRecipients::new(envelope())).await
}

pub async fn list_at(account: &Docusign, script: &Arc<Script>, clock: &Arc<FakeClock>) -> Result<()> {
    let cx = script.context(Operation::ListRecipients, clock);
    perform(account, &cx, &ListRecipients::new(envelope())).await.map(drop)
}

pub async fn view(script: &Arc<Script>, request: &CreateView) -> Result<SigningView> {
    script.call(&account(), &clock(), request).await
}

pub async fn resend(script: &Arc<Script>, request: &ResendRecipient) -> Result<Resent> {
    script.call(&account(), &clock(), request).await
}

pub async fn change(script: &Arc<Script>, request: &ChangeAccessCode) -> Result<AccessCodeChanged> {
    script.call(&account(), &clock(), request).await
}

pub fn return_url() -> ReturnUrl {
    ReturnUrl::new("https://app.example/after?case=7").unwrap()
}

pub fn view_of(recipient: impl Into<RecipientRef>) -> CreateView {
    CreateView::new(envelope(), recipient, return_url())
}

pub fn code() -> AccessCode {
    AccessCode::new("marked-code").unwrap()
}

/// A recipient as an earlier list told of them.
pub async fn known(list_fixture: &str, id: &str) -> Recipient {
    let list = list(&script(&[list_fixture])).await.unwrap();
    list.get(&RecipientId::new(id).unwrap()).unwrap().clone()
}

/// All that users could see of an error, with nothing secret in it.
pub fn shown(error: &Error) -> String {
    let json = serde_json::to_string_pretty(error).unwrap();
    let debug = format!("{error:?} {error:#?}");
    for text in [&json, &debug, &error.to_string(), error.hint()] {
        assert!(!text.contains(MARK), "a secret is shown: {text}");
    }
    format!("{error}\n\n{json}\n")
}

/// The requests that were sent, in the form for snapshots.
pub fn sent(script: &Script) -> String {
    script.finish().iter().map(|one| format!("{one}\n")).collect()
}

/// A store that tells what it was given, and fails when told to.
#[derive(Debug, Default)]
pub struct Watched {
    pub inner: MemoryTokenStore,
    pub saved: Mutex<Vec<String>>,
    pub broken: AtomicBool,
}

#[async_trait]
impl TokenStore for Watched {
    async fn load(&self, key: &str) -> Result<Option<(StoredTokens, TokenVersion)>> {
        self.inner.load(key).await
    }

    async fn save(
        &self,
        key: &str,
        tokens: &StoredTokens,
        expected: Option<TokenVersion>,
    ) -> Result<TokenSave> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Config, "the disk is full"));
        }
        let saved = self.inner.save(key, tokens, expected).await?;
        if let TokenSave::Kept(_) = saved {
            let refresh = tokens.refresh_token.as_ref().map(|token| token.expose_secret().to_owned());
            self.saved.lock().unwrap().push(refresh.unwrap_or_default());
        }
        Ok(saved)
    }

    async fn begin_renewal(&self, key: &str, duration: Duration) -> Result<Option<RenewalLease>> {
        self.inner.begin_renewal(key, duration).await
    }

    async fn remove(&self, key: &str) -> Result<()> {
        self.inner.remove(key).await
    }
}
