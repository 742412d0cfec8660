//! Stores and calls for the tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign_core::store::{
    Ask, CallAbout, CanonicalRequest, Claim, IdempotencyKey, Ledger, LedgerLease, Scope,
};
use countersign_core::{AccessCode, Call, ChangeAccessCode, EnvelopeId, RecipientRef};
use countersign_sqlite::Sqlite;
use countersign_vault::{KeyEncryptionKey, Vault};

/// A new folder for one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sqlite-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The vault of a folder.
pub(crate) fn vault(folder: &Path) -> Vault {
    Vault::new([KeyEncryptionKey::read_or_create(&folder.join("state.key")).unwrap()]).unwrap()
}

/// The store of a folder.
pub(crate) fn open(folder: &Path) -> Sqlite {
    Sqlite::open(&folder.join("state.db"), vault(folder)).unwrap()
}

pub(crate) fn scope(text: &str) -> Scope {
    Scope::new(text).unwrap()
}

pub(crate) fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

pub(crate) fn envelope(text: &str) -> EnvelopeId {
    EnvelopeId::new(text).unwrap()
}

/// A change of an access code, under a lease of a minute.
pub(crate) async fn claim(store: &dyn Ledger, under: &str, code: &str, lease: Duration) -> Claim {
    let recipient: RecipientRef = "email:anna.planted@example.com".parse().unwrap();
    let change = ChangeAccessCode::new(envelope("e-1"), recipient, AccessCode::new(code).unwrap());
    let call = Call::ChangeAccessCode(change);
    let (scope, key) = (scope("sales"), key(under));
    let request = CanonicalRequest::of("acme", Some("sales"), &call);
    let about = CallAbout::of("acme", Some("sales"), &call);
    store.claim(&Ask::new(&scope, &key, &request, lease, &about)).await.unwrap()
}

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

pub(crate) fn acquired(claim: Claim) -> LedgerLease {
    match claim {
        Claim::Acquired(lease) => lease,
        other => panic!("{other:?}"),
    }
}
