//! Tokens in files: whole or not at all, and for their owner only.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign::auth::{FileTokenStore, StoredTokens, TokenStore};
use countersign::secrecy::ExposeSecret;
use countersign::{Config, ErrorKind, Timestamp};

fn folder(name: &str) -> PathBuf {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("tokens-{name}-{}", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    folder
}

fn store(folder: &Path) -> FileTokenStore {
    FileTokenStore::new(Some(folder.to_path_buf()))
}

fn tokens(refresh: Option<&str>) -> StoredTokens {
    let now: Timestamp = "2026-01-01T09:30:00Z".parse().unwrap();
    StoredTokens::new("marked-access".into(), now, now + Duration::from_secs(3600))
        .with_refresh_token(refresh.map(Into::into))
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn tokens_come_back_as_they_were_and_only_their_owner_can_read_them() {
    let folder = folder("round").join("made/on/the/way");
    let store = store(&folder);
    assert!(store.load("acme-1").await.unwrap().is_none());
    assert!(!folder.exists(), "nothing is made for looking");
    store.save("acme-1", &tokens(Some("marked-refresh")), None).await.unwrap();
    store.save("acme-1", &tokens(Some("marked-refresh-2")), None).await.unwrap();
    let (read, _) = store.load("acme-1").await.unwrap().unwrap();
    assert_eq!(read.access_token.expose_secret(), "marked-access");
    assert_eq!(read.refresh_token.unwrap().expose_secret(), "marked-refresh-2");
    assert_eq!((read.obtained_at, read.expires_at), (tokens(None).obtained_at, tokens(None).expires_at));
    let files = files(&folder);
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!((mode(&folder), mode(&files[0])), (0o700, 0o600));
    store.save("acme-1", &tokens(None), None).await.unwrap();
    assert!(store.load("acme-1").await.unwrap().unwrap().0.refresh_token.is_none());
    store.remove("acme-1").await.unwrap();
    store.remove("acme-1").await.unwrap();
    assert!(store.load("acme-1").await.unwrap().is_none());
}

#[tokio::test]
async fn odd_keys_stay_files_of_this_folder() {
    let folder = folder("keys");
    let store = store(&folder);
    for key in ["../up", "a/b", "ü", ".", "", "%2e"] {
        store.save(key, &tokens(Some(key)), None).await.unwrap();
    }
    assert_eq!(files(&folder).len(), 6);
    let (read, _) = store.load("a/b").await.unwrap().unwrap();
    assert_eq!(read.refresh_token.unwrap().expose_secret(), "a/b");
}

#[tokio::test]
async fn what_others_can_read_or_write_is_refused_with_the_way_out() {
    let folder = folder("open");
    let store = store(&folder);
    store.save("acme", &tokens(Some("marked-refresh")), None).await.unwrap();
    let file = files(&folder).remove(0);
    for wide in [0o640, 0o604, 0o644] {
        chmod(&file, wide);
        let error = store.load("acme").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().ends_with("is a file that others can read"), "{error}");
        assert!(error.hint().contains("chmod 600") && !format!("{error:?}").contains("marked"));
    }
    store.save("acme", &tokens(None), None).await.unwrap();
    assert_eq!(mode(&file), 0o600, "a new file does not take over the old one's permissions");
    chmod(&folder, 0o770);
    assert!(store.load("acme").await.unwrap_err().hint().contains("chmod 700"));
    assert!(store.save("acme", &tokens(None), None).await.unwrap_err().hint().contains("chmod 700"));
    chmod(&folder, 0o755);
    store.load("acme").await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_none_of_ours_and_a_place_that_is_none_are_told() {
    let folder = folder("odd");
    let store = store(&folder);
    store.save("acme", &tokens(None), None).await.unwrap();
    std::fs::write(files(&folder).remove(0), "{\"access_token\": \"marked\"").unwrap();
    let error = store.load("acme").await.unwrap_err();
    assert!(
        error.message().ends_with("contains no tokens") && !format!("{error:?}").contains("marked"),
        "{error}"
    );
    let none = FileTokenStore::new(None);
    assert!(none.load("acme").await.unwrap_err().hint().contains("`token_store`"));
    let below = FileTokenStore::new(Some(files(&folder).remove(0).join("below")));
    assert!(below.save("acme", &tokens(None), None).await.unwrap_err().message().contains("cannot be made"));
}

#[tokio::test]
async fn the_folder_is_configured_beside_the_accounts() {
    let folder = folder("config");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("countersign.toml");
    let text = "token_store = \"kept\"\n[accounts.acme]\nvendor = \"boldsign\"\n\
                auth = { kind = \"authorization_code\", client_id = \"app\" }\n";
    std::fs::write(&file, text).unwrap();
    let client = Config::read(Some(&file), []).unwrap().account(None).unwrap().client().unwrap();
    assert!(client.code_grant().is_some());
    let error = client.check_access().await.unwrap_err();
    assert_eq!(error.message(), "no user has signed in to this account");
    assert_eq!(error.hint(), "sign in with `countersign --account acme login`");
    // That this is the place shows when it is none.
    std::fs::write(folder.join("kept"), "").unwrap();
    let client = Config::read(Some(&file), []).unwrap().account(None).unwrap().client().unwrap();
    let error = client.check_access().await.unwrap_err();
    assert!(error.message().contains("kept/acme-"), "{error}");
}
