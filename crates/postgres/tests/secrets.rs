//! What the database and its log contain: nothing secret or personal in clear, hexadecimal or base64.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod support;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign_core::auth::{StoredTokens, TokenStore};
use countersign_core::store::{
    Ask, CallAbout, CanonicalRequest, Claim, Ending, IdempotencyKey, Ledger, PendingSignIns, Reading,
    Readings, Resolution, Scope, StoredError, StoredReply,
};
use countersign_core::{
    AccessCode, Call, ChangeAccessCode, Detail, Effect, EnvelopeId, Error, ErrorKind, PendingSignIn,
    Recipient, RecipientId, Recipients, Role, SecretString, SigningLink, SigningView, Timestamp,
};
use countersign_postgres::Postgres;
use countersign_testkit::servers::PgServer;
use support::{options, vault};

const LEASE: Duration = Duration::from_secs(60);

/// What must not be found.
const PLANTED: [&str; 10] = [
    "planted-access-token-1",
    "planted-refresh-token-2",
    "planted-code-3",
    "planted-link-4",
    "planted-5@example.com",
    "planted-name-6",
    "planted-note-7",
    "planted-detail-8",
    "planted-verifier-9",
    "planted-state-10",
];

/// The forms in which a value could be found.
fn forms(value: &str) -> Vec<String> {
    let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![value.to_owned(), hex];
    // In base64, a value looks different at each of three positions; the characters at its ends depend on others.
    for shift in 0..3 {
        let shifted = [&b"xx"[..shift], value.as_bytes()].concat();
        for text in [STANDARD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            forms.push(text[4..(shifted.len() / 3) * 4].to_owned());
        }
    }
    forms
}

async fn claim(store: &Postgres, key: &str, call: &Call) -> (Claim, Scope, IdempotencyKey) {
    let (scope, key) = (Scope::new("sales").unwrap(), IdempotencyKey::new(key).unwrap());
    let request = CanonicalRequest::of("acme", Some("sales"), call);
    let about = CallAbout::of("acme", Some("sales"), call);
    let claim = Ledger::claim(store, &Ask::new(&scope, &key, &request, LEASE, &about)).await.unwrap();
    (claim, scope, key)
}

/// Puts every planted value where the library would put such a value.
async fn plant(store: &Postgres) {
    let now = Timestamp::now();
    let tokens = StoredTokens::new(SecretString::from(PLANTED[0]), now, now)
        .with_refresh_token(Some(SecretString::from(PLANTED[1])));
    store.save("sales", &tokens, None).await.unwrap();

    let envelope = EnvelopeId::new("e-1").unwrap();
    let recipient = format!("email:{}", PLANTED[4]).parse::<countersign_core::RecipientRef>().unwrap();
    let code = AccessCode::new(PLANTED[2]).unwrap();
    let call = Call::ChangeAccessCode(ChangeAccessCode::new(envelope.clone(), recipient, code));

    let (Claim::Acquired(lease), ..) = claim(store, "answered", &call).await else { panic!() };
    let link = SigningLink::new(format!("https://vendor.example.com/{}", PLANTED[3])).unwrap();
    let reply = StoredReply::View(SigningView::new(link, RecipientId::new("1").unwrap()));
    let _ = store.complete(&lease, &Ending::Reply { reply, keep: LEASE }).await.unwrap();

    let (Claim::Acquired(lease), scope, key) = claim(store, "unknown", &call).await else { panic!() };
    let _ = store.mark_in_flight(&lease, Effect::Notifies).await.unwrap();
    let detail = Detail::new("name", Some(PLANTED[7].to_owned()), None);
    let error = Error::new(ErrorKind::Timeout, "no answer").with_details(vec![detail]);
    let _ = store.complete(&lease, &Ending::Unknown(StoredError::from(&error))).await.unwrap();
    let _ = store.resolve(&scope, &key, Resolution::Happened, "ana", PLANTED[6]).await.unwrap();

    let Reading::Allowed { at } = store.may_read(&scope, &envelope, LEASE).await.unwrap() else { panic!() };
    let mut one = Recipient::new(RecipientId::new("1").unwrap(), Role::Signer);
    one.name = Some(PLANTED[5].to_owned());
    store.record(&scope, &envelope, at, &Recipients::new(vec![one], None, None)).await.unwrap();

    let pending = serde_json::json!({
        "v": 1,
        "url": "https://vendor.example.com/authorize",
        "redirect_uri": "https://app.example.com/back",
        "state": PLANTED[9],
        "verifier": PLANTED[8],
    });
    let pending = PendingSignIn::from_bytes(pending.to_string().as_bytes()).unwrap();
    store.put(&scope, &pending, LEASE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_database_nor_its_log_contains_a_secret() {
    let Some(server) = PgServer::start() else { return };
    let url = server.database();
    Postgres::migrate(&options(&url)).await.unwrap();
    let store = Postgres::connect(&options(&url), vault()).await.unwrap();
    server.switch_log();
    plant(&store).await;

    let dump = server.dump(&url);
    let log = server.log();
    let log = String::from_utf8_lossy(&log);
    // The search finds what is there: the envelope is neither secret nor personal.
    assert!(dump.contains("'e-1'") && log.contains("e-1"));
    for value in PLANTED {
        for form in forms(value) {
            assert!(!dump.contains(&form), "{value} is in the dump as {form}");
            assert!(!log.contains(&form), "{value} is in the log as {form}");
        }
    }
}
