//! What is sealed opens unchanged, and only at its place, under its key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use countersign_vault::{DataKey, Error, KeyEncryptionKey, Place, Vault};
use proptest::prelude::*;

const PLACE: Place<'_> = Place { table: "token", scope: "tenant-1", row: "docusign", column: "sealed" };

fn key() -> DataKey {
    let vault = Vault::new([KeyEncryptionKey::random().unwrap()]).unwrap();
    vault.create_key("seal", "tenant-1").unwrap().0
}

#[test]
fn two_seals_of_one_value_differ() {
    let key = key();
    assert_ne!(key.seal(&PLACE, b"1234").unwrap(), key.seal(&PLACE, b"1234").unwrap());
}

#[test]
fn a_value_opens_only_at_its_place() {
    let key = key();
    let sealed = key.seal(&PLACE, b"1234").unwrap();
    let elsewhere = [
        Place { table: "call", ..PLACE },
        Place { scope: "tenant-2", ..PLACE },
        Place { row: "boldsign", ..PLACE },
        Place { column: "reply", ..PLACE },
        // The same characters, divided in another way.
        Place { scope: "tenant-1d", row: "ocusign", ..PLACE },
    ];
    for place in elsewhere {
        assert!(matches!(key.open(&place, &sealed), Err(Error::Damaged { .. })), "{place:?}");
    }
    assert_eq!(*key.open(&PLACE, &sealed).unwrap(), b"1234");
}

#[test]
fn a_value_opens_only_under_its_key() {
    let sealed = key().seal(&PLACE, b"1234").unwrap();
    assert!(matches!(key().open(&PLACE, &sealed), Err(Error::Damaged { .. })));
}

#[test]
fn a_value_of_a_newer_form_is_named() {
    let key = key();
    let mut sealed = key.seal(&PLACE, b"1234").unwrap();
    sealed[0] = 2;
    let error = key.open(&PLACE, &sealed).unwrap_err();
    insta::assert_snapshot!(error, @"a sealed value has the form 2, which this version does not know; use a newer version");
}

#[test]
fn no_debug_output_contains_a_key() {
    let kek = KeyEncryptionKey::random().unwrap();
    let id = kek.id().to_owned();
    let vault = Vault::new([kek]).unwrap();
    let (key, _) = vault.create_key("seal", "tenant-1").unwrap();
    let shown = format!("{vault:?} {key:?}");
    let plain = r#"Vault { first: KeyEncryptionKey { id: "ID", .. }, others: [] } DataKey { .. }"#;
    assert_eq!(shown.replace(&id, "ID"), plain);
}

proptest! {
    #[test]
    fn a_value_opens_unchanged(plain: Vec<u8>, table in ".*", scope in ".*", row in ".*", column in ".*") {
        let place = Place { table: &table, scope: &scope, row: &row, column: &column };
        let key = key();
        prop_assert_eq!(&*key.open(&place, &key.seal(&place, &plain).unwrap()).unwrap(), &plain);
    }

    #[test]
    fn a_changed_or_shortened_value_does_not_open(plain: Vec<u8>, at: prop::sample::Index, bit in 0..8_u32) {
        let key = key();
        let sealed = key.seal(&PLACE, &plain).unwrap();
        let mut changed = sealed.clone();
        let place = at.index(sealed.len());
        changed[place] ^= 1 << bit;
        prop_assert!(key.open(&PLACE, &changed).is_err());
        prop_assert!(key.open(&PLACE, &sealed[..place]).is_err());
    }
}
