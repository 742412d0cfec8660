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
    std::fs::write(folder.join("key.txt"), " s3cret \r\n").unwrap();
    std::fs::write(folder.join("big.txt"), "x".repeat(70_000)).unwrap();
    let table = serde_json::json!({"key_file": "key.txt", "big_file": "big.txt"});
    let serde_json::Value::Object(table) = table else { panic!("a table") };
    let s = Settings::new("", table, Some(&folder), |_| None);
    assert_eq!(s.secret("key").unwrap().unwrap().expose_secret(), " s3cret ");
    assert!(s.secret("big").unwrap_err().to_string().contains("more than 64 KiB"));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_file_without_end_is_too_large_and_not_read_for_ever() {
    let s = settings(serde_json::json!({"key_file": "/dev/zero", "folder_file": "/"}));
    assert!(s.secret("key").unwrap_err().to_string().contains("more than 64 KiB"));
    assert!(s.secret("folder").unwrap_err().to_string().contains("cannot be read"));
}
