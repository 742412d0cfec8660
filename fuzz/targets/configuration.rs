//! Configuration: any text as a file gives accounts or an error that names a place and repeats no value.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use countersign::{Config, ErrorKind};
use countersign_fuzz::{error_is_fit_to_show, hides};
use libfuzzer_sys::fuzz_target;

/// A value that no error may repeat.
const MARK: &str = "m4rked-value";

/// A folder of this process's own, so that relative names of files lead nowhere else.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let shared = PathBuf::from("/dev/shm");
    let base = if shared.is_dir() { shared } else { std::env::temp_dir() };
    let folder = base.join(format!("countersign-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
});

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    // Files elsewhere are not the fuzzer's to read; some of them never end.
    if text.contains("_file") && text.contains(['/', '\\']) {
        return;
    }
    let file = FOLDER.join("countersign.toml");
    std::fs::write(&file, data).expect("a file");
    let variables = text
        .lines()
        .filter_map(|line| line.strip_prefix("# ")?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    // Keys and the account's name are named in errors; only where the mark stands for another value everywhere must it
    // not show.
    let as_value = format!("= \"{MARK}\"");
    let is_value = text.matches(MARK).count() == text.matches(as_value.as_str()).count();
    let in_name = text.lines().any(|line| line.starts_with("# COUNTERSIGN_ACCOUNT") && line.contains(MARK));
    let marks: &[&str] = if is_value && !in_name { &[MARK] } else { &[] };
    let judge = |error: &countersign::Error| {
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        error_is_fit_to_show(error, marks);
    };
    match Config::read(Some(&file), variables) {
        Ok(config) => {
            for account in config.accounts() {
                hides("an account's Debug", &format!("{account:?}"), marks);
                if let Err(error) = account.provider() {
                    judge(&error);
                }
            }
            if let Err(error) = config.account(None) {
                judge(&error);
            }
        }
        Err(error) => judge(&error),
    }
});
