//! Secrets put wherever a store keeps something, for a test that searches what the store has written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use countersign_core::auth::{PendingSignIn, StoredTokens, TokenStore};
use countersign_core::store::{
    Ask, CallAbout, CanonicalRequest, Claim, Ending, Finding, Ledger, PendingSignIns, Reading, Readings,
    Resolution, StoredError, StoredReply,
};
use countersign_core::{
    AccessCode, Call, ChangeAccessCode, Detail, Effect, EnvelopeId, Error, ErrorKind, Recipient, RecipientId,
    RecipientRef, Recipients, Role, SecretString, SigningLink, SigningView, Timestamp,
};
use serde_json::json;

use super::ledger::key;
use super::{LONG, scope};

/// What must not be found. Each appears in one place that a store keeps.
pub const PLANTED: [&str; 11] = [
    "planted-access-code-4711",
    "anna.planted@example.com",
    "https://vendor.example/sign/planted-link",
    "planted-access-token",
    "planted-refresh-token",
    "Planted-hint-of-an-error",
    "planted-detail-of-an-error",
    "planted-note-of-a-person",
    "Planted Name",
    "planted-state-of-a-sign-in",
    "planted-verifier-of-a-sign-in",
];

/// All ways in which a secret can appear in a file: in clear, in hexadecimal, in UTF-16, in base64.
pub fn forms(secret: &str) -> Vec<Vec<u8>> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut forms = vec![secret.into(), hex.to_uppercase().into_bytes(), hex.into_bytes(), utf16];
    // In base64 a text looks different at each of three offsets; the ends depend on what is around it.
    for offset in 0..3 {
        let padded = [&vec![0; offset], secret.as_bytes()].concat();
        for encoded in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            forms.push(encoded.as_bytes()[(offset + 1).min(4)..encoded.len() - 2].to_vec());
        }
    }
    forms
}

/// The planted secrets that a content has, in any form.
pub fn found_in(content: &[u8]) -> Vec<&'static str> {
    let holds = |form: Vec<u8>| content.windows(form.len()).any(|part| part == form);
    PLANTED.into_iter().filter(|secret| forms(secret).into_iter().any(holds)).collect()
}

/// Puts every planted secret where the library puts such a value, and reads it back. The envelope is `e-1`.
pub async fn plant<S: Ledger + PendingSignIns + Readings + TokenStore>(store: &S) {
    let [code, recipient, link, access, refresh, hint, detail, note, name, state, verifier] = PLANTED;
    let envelope = EnvelopeId::new("e-1").expect("an id");
    let anna: RecipientRef = format!("email:{recipient}").parse().expect("a recipient");
    let code = AccessCode::new(code).expect("a code");
    let call = Call::from(ChangeAccessCode::new(envelope.clone(), anna, code));
    let request = CanonicalRequest::of("acme", Some("sales"), &call);
    let about = CallAbout::of("acme", Some("sales"), &call);
    let claim = async |name: &str| {
        let (scope, key) = (scope(), key(name));
        Ledger::claim(store, &Ask::new(&scope, &key, &request, LONG, &about)).await.expect("a claim")
    };
    // A completed call whose reply has a link, one that was resolved with a note, one whose outcome is unknown, and
    // one that is running.
    for name in ["completed", "resolved", "unknown", "running"] {
        let Claim::Acquired(lease) = claim(name).await else { panic!("a free key") };
        let _ = store.mark_in_flight(&lease, Effect::Notifies).await.expect("a mark");
        let view = SigningView::new(SigningLink::new(link).expect("a link"), id());
        let error = Error::new(ErrorKind::Timeout, "no answer").with_hint(hint);
        let error = error.with_details(vec![Detail::new("name", Some(detail.to_owned()), None)]);
        let ending = match name {
            "completed" => Ending::Reply { reply: StoredReply::View(view), keep: LONG },
            "running" => continue,
            _ => Ending::Unknown(StoredError::from(&error)),
        };
        let _ = store.complete(&lease, &ending).await.expect("an ending");
    }
    let found = Resolution::Happened;
    let resolved =
        store.resolve(&Finding { scope: &scope(), key: &key("resolved"), found, by: "ops", note }).await;
    let _ = resolved.expect("a finding");

    let tokens = StoredTokens::new(access.into(), Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    let tokens = tokens.with_refresh_token(Some(SecretString::from(refresh)));
    store.save("tenant", &tokens, None).await.expect("kept");

    let pending = json!({
        "v": 1, "url": "https://vendor.example/oauth", "redirect_uri": "https://app.example.com/back",
        "state": state, "verifier": verifier,
    });
    let pending = PendingSignIn::from_bytes(pending.to_string().as_bytes()).expect("a sign-in");
    store.put(&scope(), &pending, LONG).await.expect("kept");

    let mut anna = Recipient::new(id(), Role::Signer);
    (anna.name, anna.email) = (Some(name.to_owned()), Some(recipient.to_owned()));
    let reading = store.may_read(&scope(), &envelope, LONG).await.expect("a reading");
    let Reading::Allowed { at } = reading else { panic!("the first reading") };
    store.record(&scope(), &envelope, at, &Recipients::new(vec![anna], None, None)).await.expect("kept");

    // All is there, and readable for the store.
    let unknown = store.unresolved(None, None, 10).await.expect("a list");
    assert_eq!(unknown[0].about.recipient.as_deref(), Some(&*format!("email:{recipient}")));
    assert_eq!(unknown[0].error.as_ref().expect("an error").error().hint(), hint);
    let resolved = store.find(&scope(), &key("resolved")).await.expect("a record").expect("a record");
    assert_eq!(resolved.note.as_deref(), Some(note));
    assert!(matches!(claim("completed").await, Claim::Recorded(_)));
}

fn id() -> RecipientId {
    RecipientId::new("1").expect("an id")
}
