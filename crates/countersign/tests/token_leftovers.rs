//! What a process leaves that is killed between the writing of a token file and its last step.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use countersign::Timestamp;
use countersign::auth::{FileTokenStore, StoredTokens, TokenStore};
use countersign::secrecy::ExposeSecret;

/// Names the folder in which the process that gets killed saves.
const FOLDER: &str = "COUNTERSIGN_TEST_TOKENS";
const MINUTE: Duration = Duration::from_secs(60);

fn folder(name: &str) -> PathBuf {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("leftovers-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn store(folder: &Path) -> FileTokenStore {
    FileTokenStore::new(Some(folder.to_path_buf()))
}

/// Tokens that were got at this second.
fn tokens(second: i64) -> StoredTokens {
    let obtained = Timestamp::from_second(1_767_000_000 + second).unwrap();
    StoredTokens::new(
        format!("marked-access-{second}").into(),
        obtained,
        obtained + Duration::from_secs(3600),
    )
    .with_refresh_token(Some(format!("marked-refresh-{second}").into()))
}

async fn refresh_token(store: &FileTokenStore) -> String {
    let (tokens, _) = store.load("acme").await.unwrap().unwrap();
    tokens.refresh_token.unwrap().expose_secret().to_owned()
}

fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|end| end == "new")).collect()
}

/// Leaves a file beside that of `acme`, with the text of a token file.
async fn leave(folder: &Path, name: &str, second: i64, mode: u32) -> PathBuf {
    let elsewhere = folder.with_extension("elsewhere");
    let path = folder.join(name);
    store(&elsewhere).save("acme", &tokens(second), None).await.unwrap();
    std::fs::rename(elsewhere.join("acme.json"), &path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}

#[tokio::test]
async fn newer_tokens_of_a_killed_process_are_taken_up_by_who_renews() {
    let folder = folder("taken");
    let store = store(&folder);
    store.save("acme", &tokens(1), None).await.unwrap();
    leave(&folder, "acme.json.999999-0.new", 3, 0o600).await;
    leave(&folder, "acme.json.999998-0.new", 2, 0o600).await;
    let other = leave(&folder, "acme-2.json.999999-0.new", 9, 0o600).await;
    assert_eq!(refresh_token(&store).await, "marked-refresh-1", "only under the lease");
    let before = store.load("acme").await.unwrap().unwrap().1;
    let lease = store.begin_renewal("acme", MINUTE).await.unwrap().unwrap();
    assert_eq!(refresh_token(&store).await, "marked-refresh-3");
    assert_ne!(store.load("acme").await.unwrap().unwrap().1, before);
    assert_eq!(leftovers(&folder), [other], "nothing is left but what belongs to another account");
    drop(lease);
}

#[tokio::test]
async fn what_is_older_open_to_others_or_cut_is_not_taken_up_and_goes() {
    for (name, second, mode) in
        [("older", 4, 0o600), ("same", 5, 0o600), ("open", 6, 0o640), ("cut", 6, 0o600)]
    {
        let folder = folder(name);
        let store = store(&folder);
        store.save("acme", &tokens(5), None).await.unwrap();
        let left = leave(&folder, "acme.json.999999-0.new", second, mode).await;
        if name == "cut" {
            let text = std::fs::read(&left).unwrap();
            std::fs::write(&left, &text[..text.len() / 2]).unwrap();
        }
        drop(store.begin_renewal("acme", MINUTE).await.unwrap().unwrap());
        assert_eq!(refresh_token(&store).await, "marked-refresh-5", "{name}");
        assert_eq!(leftovers(&folder), [] as [PathBuf; 0], "{name}");
    }
}

#[tokio::test]
async fn saving_and_signing_out_leave_nothing_of_other_processes() {
    let folder = folder("cleaned");
    let store = store(&folder);
    store.save("acme", &tokens(1), None).await.unwrap();
    leave(&folder, "acme.json.999999-0.new", 3, 0o600).await;
    store.save("acme", &tokens(2), None).await.unwrap();
    assert_eq!(leftovers(&folder), [] as [PathBuf; 0]);
    leave(&folder, "acme.json.999999-0.new", 3, 0o600).await;
    for lock in [".acme.renew.lock", ".acme.write.lock"] {
        std::fs::write(folder.join(lock), "").unwrap();
    }
    store.remove("acme").await.unwrap();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

/// The process that gets killed: saves newer and newer tokens.
#[tokio::test]
#[ignore = "runs as a process of the next test"]
async fn saves_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = FileTokenStore::new(Some(folder.into()));
    for second in 2.. {
        store.save("acme", &tokens(second), None).await.unwrap();
    }
}

#[tokio::test]
async fn a_process_that_is_killed_before_the_last_step_loses_no_tokens() {
    let folder = folder("killed");
    let store = store(&folder);
    let mut found = 0;
    for _ in 0..400 {
        store.save("acme", &tokens(1), None).await.unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "saves_until_it_is_killed", "--ignored"])
            .env(FOLDER, &folder)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while leftovers(&folder).is_empty() {
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let left = leftovers(&folder);
        let whole =
            |path: &PathBuf| serde_json::from_slice::<serde_json::Value>(&std::fs::read(path).unwrap());
        let Some(Ok(newer)) = left.first().map(whole) else { continue };
        assert_ne!(refresh_token(&store).await, newer["refresh_token"], "only under the lease");
        drop(store.begin_renewal("acme", MINUTE).await.unwrap().unwrap());
        assert_eq!(refresh_token(&store).await, newer["refresh_token"]);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
        found += 1;
        if found == 3 {
            return;
        }
    }
    panic!("no process was killed at the right moment");
}
