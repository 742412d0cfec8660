//! Configuration errors name key, place and what is allowed, and never a value.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use countersign_core::{Email, Settings};

fn settings(json: serde_json::Value) -> Settings {
    let serde_json::Value::Object(table) = json else { panic!("a table") };
    Settings::new("accounts.acme", table, None, |key| Some(format!("test.toml ({key})")))
}

#[test]
fn errors_say_what_is_allowed_and_repeat_no_value() {
    let s = settings(serde_json::json!({
        "region": "marked", "email": "marked", "list": ["marked"], "auth": "marked", "empty": " ",
        "key": "marked", "key_file": "marked", "token_file": "/nowhere/marked", "tpyo": "marked"
    }));
    let errors = [
        s.choice("region", &["us", "eu"]).unwrap_err(),
        s.parsed::<Email>("email").unwrap_err(),
        s.text("list").unwrap_err(),
        s.table("auth", "a table with `kind`").unwrap_err(),
        s.required("absent", "the account's id").unwrap_err(),
        s.secret("empty").unwrap_err(),
        s.secret("key").unwrap_err(),
        s.secret("token").unwrap_err(),
        s.required_secret("password", "the password").unwrap_err(),
        s.finish().unwrap_err(),
    ];
    let text: Vec<String> = errors.iter().map(|e| format!("{e}\n  next: {}", e.hint())).collect();
    let all = text.join("\n");
    assert!(!all.contains("marked"), "{all}");
    assert!(!format!("{s:?}").contains("marked"));
    insta::assert_snapshot!(all);
}

#[test]
fn a_secret_may_stand_in_a_file_beside_the_configuration() {
    use countersign_core::ExposeSecret;
    let folder = std::env::temp_dir().join(format!("countersign-settings-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("key.txt"), "\u{feff} s3cret \r\n").unwrap();
    std::fs::write(folder.join("big.txt"), "x".repeat(70_000)).unwrap();
    let table = serde_json::json!({"key_file": "key.txt", "big_file": "big.txt"});
    let serde_json::Value::Object(table) = table else { panic!("a table") };
    let s = Settings::new("", table, Some(&folder), |_| None);
    assert_eq!(s.secret("key").unwrap().unwrap().expose_secret(), "s3cret");
    assert!(s.secret("big").unwrap_err().to_string().contains("larger than 64 KiB"));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_file_without_end_is_too_large_and_not_read_for_ever() {
    let s = settings(serde_json::json!({"key_file": "/dev/zero", "folder_file": "/"}));
    assert!(s.secret("key").unwrap_err().to_string().contains("larger than 64 KiB"));
    assert!(s.secret("folder").unwrap_err().to_string().contains("cannot be read"));
}

#[test]
fn white_space_around_a_text_is_dropped() {
    let s = settings(serde_json::json!({"key": "k\n", "name": " a ", "blank": "\n"}));
    assert_eq!(s.text("key").unwrap().as_deref(), Some("k"));
    assert_eq!(s.required("name", "a name").unwrap(), "a");
    assert!(s.required("blank", "a name").unwrap_err().to_string().contains("is missing"));
}

#[test]
fn a_mistyped_key_is_named_where_the_right_one_is_missing_and_where_it_stands() {
    let s = settings(serde_json::json!({"acount_id": "marked", "region": "us"}));
    let missing = s.required("account_id", "the account's id").unwrap_err();
    assert!(missing.to_string().contains("`acount_id` is not a known key"), "{missing}");
    assert!(missing.hint().starts_with("write `account_id` instead of `acount_id`"), "{}", missing.hint());
    assert!(!s.required("user_id", "a user").unwrap_err().to_string().contains("not a known key"));
    assert!(s.has("region"));
    let unknown = s.finish().unwrap_err();
    assert!(unknown.hint().starts_with("did you mean `account_id`? "), "{}", unknown.hint());
}

#[test]
fn a_long_key_is_shortened() {
    let long = "k".repeat(1800);
    let table = serde_json::json!({long: "marked"});
    let serde_json::Value::Object(table) = table else { panic!("a table") };
    let s = Settings::new("accounts.acme", table, None, |_| None);
    let error = s.finish().unwrap_err();
    assert!(error.to_string().len() < 300 && error.to_string().contains("…"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_secret_that_every_user_can_read_is_warned_of_once() {
    use std::os::unix::fs::PermissionsExt;
    let folder = std::env::temp_dir().join(format!("countersign-settings-open-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (key, config) = (folder.join("key.txt"), folder.join("c.toml"));
    let table = serde_json::json!({"key_file": "key.txt", "token": "marked"});
    let serde_json::Value::Object(table) = table else { panic!("a table") };
    for (mode, warnings) in [(0o600, 0), (0o640, 0), (0o644, 2)] {
        for file in [&key, &config] {
            std::fs::write(file, "s3cret").unwrap();
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let place = config.display().to_string();
        let s = Settings::new("a", table.clone(), Some(&folder), move |_| Some(place.clone()));
        for _ in 0..2 {
            s.secret("key").unwrap();
            s.secret("token").unwrap();
        }
        let all = s.warnings();
        assert_eq!(all.len(), warnings, "{all:?}");
        assert!(!all.concat().contains("marked") && !all.concat().contains("s3cret"));
        assert!(all.iter().all(|warning| warning.contains("chmod 600")), "{all:?}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
