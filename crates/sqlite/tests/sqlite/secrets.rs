//! A dump of the database and of what lies beside it contains no secret, in clear, in hexadecimal or in base64.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use countersign_core::auth::{PendingSignIn, StoredTokens, TokenStore};
use countersign_core::store::{
    Claim, Completed, Ending, InFlight, Ledger, PendingSignIns, Reading, Readings, Resolution, Resolved,
    StoredError, StoredReply,
};
use countersign_core::{
    Effect, Error, ErrorKind, Outcome, Recipient, RecipientId, Recipients, Retry, Role, SecretString,
    SigningLink, SigningView, Timestamp,
};
use serde_json::json;

use crate::support::{MINUTE, acquired, claim, envelope, folder, key, open, scope};

/// Each appears in one place that a store keeps.
const PLANTED: [&str; 10] = [
    "planted-access-code-4711",
    "anna.planted@example.com",
    "https://vendor.example/sign/planted-link",
    "planted-access-token",
    "planted-refresh-token",
    "Planted-hint-of-an-error",
    "planted-note-of-a-person",
    "Planted Name",
    "planted-state-of-a-sign-in",
    "planted-verifier-of-a-sign-in",
];

/// All ways in which a secret can appear in a file.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let hex = |upper: bool| -> String {
        secret.bytes().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
    };
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut forms = vec![secret.as_bytes().to_vec(), hex(true).into_bytes(), hex(false).into_bytes(), utf16];
    // In base64 a text looks different at each of three offsets; the ends depend on what is around it.
    for offset in 0..3 {
        let padded = [&vec![0; offset], secret.as_bytes()].concat();
        for encoded in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            forms.push(encoded.as_bytes()[(offset + 1).min(4)..encoded.len() - 2].to_vec());
        }
    }
    forms
}

fn leaks(file: &Path) -> Vec<String> {
    let content = fs::read(file).unwrap();
    let holds = |form: &Vec<u8>| content.windows(form.len()).any(|part| part == form);
    let leaked = PLANTED.iter().filter(|secret| forms(secret).iter().any(holds));
    leaked.map(|secret| format!("{}: {secret}", file.file_name().unwrap().display())).collect()
}

#[test]
fn the_search_finds_every_form() {
    let folder = folder("forms");
    let hex: String = PLANTED[0].bytes().map(|byte| format!("{byte:02x}")).collect();
    let encoded = STANDARD_NO_PAD.encode(format!("x{}y", PLANTED[1]));
    for (text, secret) in
        [(hex, PLANTED[0]), (encoded, PLANTED[1]), (format!("a{}b", PLANTED[2]), PLANTED[2])]
    {
        fs::write(folder.join("file"), text).unwrap();
        assert_eq!(leaks(&folder.join("file")), [format!("file: {secret}")]);
    }
}

#[tokio::test]
async fn no_file_of_the_store_contains_a_secret() {
    let folder = folder("secrets");
    let store = open(&folder);
    let [code, recipient, link, access, refresh, hint, note, name, state, verifier] = PLANTED;

    // A completed call whose reply has a link, one that was resolved with a note, one whose outcome is unknown.
    let lease = acquired(claim(&store, "completed", code, MINUTE).await);
    let link = SigningLink::new(link).unwrap();
    let view = SigningView::new(link, RecipientId::new("1").unwrap());
    let ending = Ending::Reply { reply: StoredReply::View(view), keep: MINUTE };
    assert_eq!(store.complete(&lease, &ending).await.unwrap(), Completed::Kept);
    for under in ["resolved", "unknown"] {
        let lease = acquired(claim(&store, under, code, MINUTE).await);
        assert_eq!(store.mark_in_flight(&lease, Effect::Notifies).await.unwrap(), InFlight::Accepted);
        let error = Error::new(ErrorKind::Timeout, "no answer").with_hint(hint);
        let error = error.with_outcome(Outcome::Unknown, Retry::Never);
        let ending = Ending::Unknown(StoredError::from(&error));
        assert_eq!(store.complete(&lease, &ending).await.unwrap(), Completed::Kept);
    }
    let resolved = store.resolve(&scope("sales"), &key("resolved"), Resolution::Happened, "ops", note).await;
    assert_eq!(resolved.unwrap(), Resolved::Changed);
    // One that is running.
    acquired(claim(&store, "running", code, MINUTE).await);

    let secret = |text: &str| SecretString::from(text.to_owned());
    let tokens = StoredTokens::new(secret(access), Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    store.save("sales", &tokens.with_refresh_token(Some(secret(refresh))), None).await.unwrap();

    let pending = json!({
        "v": 1, "url": "https://vendor.example/oauth", "redirect_uri": "https://app.example.com/back",
        "state": state, "verifier": verifier,
    });
    let pending = PendingSignIn::from_bytes(pending.to_string().as_bytes()).unwrap();
    store.put(&scope("sales"), &pending, MINUTE).await.unwrap();

    let mut anna = Recipient::new(RecipientId::new("1").unwrap(), Role::Signer);
    (anna.name, anna.email) = (Some(name.to_owned()), Some(recipient.to_owned()));
    let list = Recipients::new(vec![anna], None, None);
    let Reading::Allowed { at } = store.may_read(&scope("sales"), &envelope("e-1"), MINUTE).await.unwrap()
    else {
        panic!("nobody has read it")
    };
    store.record(&scope("sales"), &envelope("e-1"), at, &list).await.unwrap();

    // All is there, and readable for the store.
    let unknown = store.unresolved(None, None, 10).await.unwrap();
    assert_eq!(unknown[0].about.recipient.as_deref(), Some(&*format!("email:{recipient}")));
    assert_eq!(unknown[0].error.as_ref().unwrap().error().hint(), hint);
    let resolved = store.find(&scope("sales"), &key("resolved")).await.unwrap().unwrap();
    assert_eq!(resolved.note.as_deref(), Some(note));
    assert!(matches!(claim(&store, "completed", code, MINUTE).await, Claim::Recorded(_)));

    let files = ["state.db", "state.db-wal", "state.db-shm"];
    assert!(fs::metadata(folder.join("state.db-wal")).unwrap().len() > 4096, "the log has contents");
    let mut found: Vec<String> = files.iter().flat_map(|file| leaks(&folder.join(file))).collect();
    // Closing the store moves everything from the log to the database.
    drop(store);
    found.extend(leaks(&folder.join("state.db")));
    assert_eq!(found, Vec::<String>::new());
}
