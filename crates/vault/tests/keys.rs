//! Key files: which are accepted, and how one replaces another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use countersign_vault::{Error, KeyEncryptionKey, Place, Vault};

const PLACE: Place<'_> = Place { table: "token", scope: "tenant-1", row: "docusign", column: "sealed" };

/// A new folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("vault-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn refusal(folder: &Path, text: &str, mode: u32) -> String {
    let path = folder.join("key");
    write(&path, text, mode);
    let error = KeyEncryptionKey::read(&path).unwrap_err().to_string();
    fs::remove_file(&path).unwrap();
    error.replace(&*folder.to_string_lossy(), "DIR")
}

/// A key file of 32 zero bytes. Made here, because a test finds anything that looks like a key in the repository.
fn good() -> String {
    "A".repeat(43) + "=\n"
}

#[test]
fn a_weak_or_unreadable_key_is_refused_in_clear_words() {
    let folder = folder("refused");
    let cases = [
        refusal(&folder, &("A".repeat(22) + "==\n"), 0o600),
        refusal(&folder, &"A".repeat(44), 0o600),
        refusal(&folder, "", 0o600),
        refusal(&folder, "correct horse battery staple\n", 0o600),
        refusal(&folder, &"A".repeat(5000), 0o600),
    ];
    insta::assert_snapshot!(cases.join("\n"), @r"
    the key in DIR/key has 128 bits instead of 256; create it with: openssl rand -base64 32
    the key in DIR/key has 264 bits instead of 256; create it with: openssl rand -base64 32
    the key in DIR/key has 0 bits instead of 256; create it with: openssl rand -base64 32
    the key file DIR/key is not one line of base64; create it with: openssl rand -base64 32
    the key file DIR/key is not one line of base64; create it with: openssl rand -base64 32
    ");
    let missing = KeyEncryptionKey::read(&folder.join("missing")).unwrap_err();
    insta::assert_snapshot!(missing.to_string().replace(&*folder.to_string_lossy(), "DIR"), @"cannot read or create the key file DIR/missing: No such file or directory (os error 2)");
    insta::assert_snapshot!(Vault::read(Vec::<PathBuf>::new()).unwrap_err(), @"no key is configured");
}

#[test]
fn a_key_that_others_can_read_or_change_is_refused() {
    let folder = folder("exposed");
    for mode in [0o644, 0o604, 0o602, 0o660, 0o777] {
        let refused = refusal(&folder, &good(), mode);
        assert_eq!(
            refused, "other users can read or change the key file DIR/key; run: chmod 600 DIR/key",
            "{mode:o}"
        );
    }
    for mode in [0o600, 0o400, 0o440] {
        let path = folder.join(format!("{mode:o}"));
        write(&path, &good(), mode);
        assert!(KeyEncryptionKey::read(&path).is_ok(), "{mode:o}");
    }
}

#[test]
fn a_created_key_belongs_to_its_owner_alone_and_is_the_same_for_all_processes() {
    let folder = folder("created");
    let path = folder.join("key");
    let create = || KeyEncryptionKey::read_or_create(&path).unwrap().id().to_owned();
    let ids: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(create(), ids[0], "an existing key is kept");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left behind");
}

#[test]
fn a_key_is_replaced_while_values_stay_readable() {
    let folder = folder("rotated");
    let (old, new) = (folder.join("old"), folder.join("new"));
    for path in [&old, &new] {
        KeyEncryptionKey::read_or_create(path).unwrap();
    }
    let vault = Vault::read([&old]).unwrap();
    let (key, wrapped) = vault.create_key("seal", "tenant-1").unwrap();
    let sealed = key.seal(&PLACE, b"1234").unwrap();
    let opens = |vault: &Vault, wrapped| {
        vault.unwrap_key("seal", "tenant-1", wrapped).unwrap().open(&PLACE, &sealed).unwrap()
    };

    let both = Vault::read([&new, &old]).unwrap();
    assert_eq!(*opens(&both, &wrapped), b"1234");
    let rewrapped = both.rewrap_key("seal", "tenant-1", &wrapped).unwrap().expect("another key wrapped it");
    assert_eq!(rewrapped.key_id, both.key_id());
    assert_eq!(both.rewrap_key("seal", "tenant-1", &rewrapped).unwrap(), None);

    let alone = Vault::read([&new]).unwrap();
    assert_eq!(*opens(&alone, &rewrapped), b"1234");
    let error = alone.unwrap_key("seal", "tenant-1", &wrapped).unwrap_err().to_string();
    let id = vault.key_id();
    assert_eq!(error, format!("the key {id} is needed but not configured; add its file to the list of keys"));
}

#[test]
fn a_wrapped_key_unwraps_only_for_its_purpose_and_scope() {
    let vault = Vault::new([KeyEncryptionKey::random().unwrap()]).unwrap();
    let (_, wrapped) = vault.create_key("seal", "tenant-1").unwrap();
    for (purpose, scope) in [("seal", "tenant-2"), ("fingerprint", "tenant-1")] {
        assert!(matches!(vault.unwrap_key(purpose, scope, &wrapped), Err(Error::Damaged { .. })));
    }
}
