//! Keys of the operator: a wrong one, and one that takes another's place.

use std::fs;

use countersign_core::auth::{StoredTokens, TokenStore};
use countersign_core::{SecretString, Timestamp};
use countersign_sqlite::Sqlite;
use countersign_vault::{KeyEncryptionKey, Vault};

use crate::support::{folder, open, vault};

fn tokens() -> StoredTokens {
    StoredTokens::new(SecretString::from("token"), Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH)
}

#[tokio::test]
async fn a_key_is_replaced_while_the_store_is_in_use() {
    let folder = folder("rotation");
    let path = folder.join("state.db");
    let old = open(&folder);
    old.save("sales", &tokens(), None).await.unwrap();
    let new = || KeyEncryptionKey::read_or_create(&folder.join("new.key")).unwrap();
    let both = || Vault::new([new(), KeyEncryptionKey::read(&folder.join("state.key")).unwrap()]).unwrap();

    let rotated = Sqlite::open(&path, both()).unwrap();
    assert!(rotated.load("sales").await.unwrap().is_some());
    assert_eq!(Sqlite::check(&path, &both()).unwrap().to_rewrap, 1);
    assert_eq!(rotated.rewrap_keys().await.unwrap(), 1);
    assert_eq!(rotated.rewrap_keys().await.unwrap(), 0);
    assert!(old.load("sales").await.unwrap().is_some(), "a process with the old key alone goes on");

    fs::remove_file(folder.join("state.key")).unwrap();
    let alone = Sqlite::open(&path, Vault::new([new()]).unwrap()).unwrap();
    assert!(alone.load("sales").await.unwrap().is_some());
}

#[tokio::test]
async fn without_its_key_a_store_says_which_one_it_needs() {
    let folder = folder("wrong-key");
    let path = folder.join("state.db");
    let id = vault(&folder).key_id().to_owned();
    open(&folder).save("sales", &tokens(), None).await.unwrap();
    let other = || Vault::new([KeyEncryptionKey::random().unwrap()]).unwrap();

    let error = Sqlite::open(&path, other()).unwrap().load("sales").await.unwrap_err();
    insta::assert_snapshot!(error.message().replace(&id, "ID"), @"the key ID is needed but not configured; add its file to the list of keys");
    let check = Sqlite::check(&path, &other()).unwrap();
    let problems = check.problems.join("\n").replace(&id, "ID");
    insta::assert_snapshot!(problems, @"the key `seal` of the scope `sales`: the key ID is needed but not configured; add its file to the list of keys");
}
