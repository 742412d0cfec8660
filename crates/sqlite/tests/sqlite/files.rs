//! The file: how it is created, who can read it, and which files are refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use countersign_core::Error;
use countersign_sqlite::Sqlite;

use crate::support::{MINUTE, acquired, claim, folder, open, vault};

fn refusal(path: &Path, folder: &Path) -> String {
    shown(&Sqlite::open(path, vault(folder)).unwrap_err(), folder)
}

fn shown(error: &Error, folder: &Path) -> String {
    let text = format!("{}: {} ({})", error.kind(), error.message(), error.hint());
    text.replace(&*folder.to_string_lossy(), "DIR")
}

#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    let folder = folder("modes");
    let store = open(&folder);
    acquired(claim(&store, "k-1", "1234", MINUTE).await);
    for file in ["state.db", "state.db-wal", "state.db-shm"] {
        let mode = fs::metadata(folder.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn a_file_that_is_none_of_ours_is_refused_and_stays_as_it_is() {
    let folder = folder("foreign");
    let text = folder.join("text");
    fs::write(&text, "This is no database, but long enough to have the header of one. ".repeat(20)).unwrap();
    let foreign = folder.join("foreign");
    let other = rusqlite::Connection::open(&foreign).unwrap();
    other.execute_batch("create table customer (name text)").unwrap();
    drop(other);
    let before = [fs::read(&text).unwrap(), fs::read(&foreign).unwrap()];
    let refusals = [
        refusal(&text, &folder),
        refusal(&foreign, &folder),
        refusal(&folder.join("missing/state.db"), &folder),
        refusal(&folder, &folder),
        shown(&Sqlite::check(&folder.join("missing.db"), &vault(&folder)).unwrap_err(), &folder),
    ];
    insta::assert_snapshot!(refusals.join("\n"));
    assert_eq!([fs::read(&text).unwrap(), fs::read(&foreign).unwrap()], before);
}

#[test]
fn a_file_of_another_version_is_refused() {
    let folder = folder("versions");
    let path = folder.join("state.db");
    drop(open(&folder));
    let change = |sql: &str| rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    change("update schema_step set sha256 = 'of another text' where number = 1");
    let changed = refusal(&path, &folder);
    change("insert into schema_step (number, sha256, at) values (2, 'of a newer version', 0)");
    let newer = refusal(&path, &folder);
    insta::assert_snapshot!([changed, newer].join("\n"));
}

#[test]
fn a_new_file_is_migrated_once_by_whoever_is_first() {
    let folder = folder("migrate");
    let path = folder.join("state.db");
    let migrated: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| Sqlite::migrate(&path).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(migrated.iter().filter(|one| one.before == 0).count(), 1, "{migrated:?}");
    assert!(migrated.iter().all(|one| one.now == 1), "{migrated:?}");
    let check = Sqlite::check(&path, &vault(&folder)).unwrap();
    assert_eq!((check.schema, check.newest, check.problems.len()), (1, 1, 0), "{check:?}");
}

#[tokio::test]
async fn a_check_finds_calls_and_damage() {
    let folder = folder("check");
    let path = folder.join("state.db");
    let store = open(&folder);
    acquired(claim(&store, "k-1", "1234", MINUTE).await);
    drop(store);
    let check = Sqlite::check(&path, &vault(&folder)).unwrap();
    assert_eq!((check.calls, check.unresolved, check.keys), (1, 0, 2), "{check:?}");

    let index = "update sqlite_master set rootpage = (select rootpage from sqlite_master where name = 'seen') \
                 where name = 'nonce'";
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "writable_schema", true).unwrap();
    connection.execute(index, []).unwrap();
    drop(connection);
    let check = Sqlite::check(&path, &vault(&folder)).unwrap();
    assert!(check.problems.iter().any(|problem| problem.starts_with("the file is damaged")), "{check:?}");
}
