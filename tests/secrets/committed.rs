//! The files of this repository: no key, token, link or address in them is real.
//!
//! The rules:
//! 1. No private key, in whole or cut.
//! 2. No JSON Web Token; no run of 40 and more letters and digits that is as mixed as a key is. Checksums are hex
//!    and so are not meant.
//! 3. In fixtures, the value of a member that holds a secret says of itself that it is made up (`marked`, `MARKED`,
//!    `SIGNING-TOKEN`), is a number of at most four digits, or is empty.
//! 4. What stands under such a member in a fixture stands in no snapshot.
//! 5. In fixtures and snapshots, addresses are those that are reserved for examples.

use std::path::{Path, PathBuf};

/// Made up for tests, and by their looks a key all the same: the file, and how the text begins.
const KNOWN: [(&str, &str); 5] = [
    ("crates/core/src/redact/unknown.rs", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIi"),
    ("tests/secrets/shapes.rs", "eyJhbGciOiJSUzI1NiJ9.eyJtYXJrZWQi"),
    // The example of RFC 7636.
    ("crates/core/src/auth/pkce.rs", "E9Melhoa2OwvFrEM"),
    ("crates/core/src/auth/pkce.rs", "dBjftJeZ4CVP-mB9"),
    // A signature over made-up data with a made-up key, which stands beside it.
    ("fixtures/docusign/vectors/webhook_signatures.json", "XRW3NTGCzPMB"),
];

const SECRET_MEMBERS: [&str; 12] = [
    "accessCode",
    "access_token",
    "refresh_token",
    "id_token",
    "apiKey",
    "api_key",
    "password",
    "assertion",
    "client_secret",
    "signLink",
    "url",
    "embeddedSigningLink",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every text file that belongs to the project, with its path from the root.
fn files() -> Vec<(String, String)> {
    // Made by tools; `git` knows them as ignored, but a source archive has no `git`.
    const MADE: [&str; 8] =
        ["target", ".git", ".venv", "corpus", "artifacts", "__pycache__", ".pytest_cache", "node_modules"];
    let root = root();
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_symlink() || MADE.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                files.push((path.strip_prefix(&root).unwrap().to_string_lossy().into_owned(), text));
            }
        }
    }
    files
}

fn is_fixture(file: &str) -> bool {
    Path::new(file).starts_with("fixtures") && file.ends_with(".json")
}

/// What a file should not hold, in words.
fn findings(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let key =
        |line: &str| line.len() >= 40 && line.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c));
    for (begin, _) in text.match_indices("PRIVATE KEY-----") {
        let lines = text[begin..].split(['\n', '\\']).skip(1).map(|line| line.trim_start_matches('n').trim());
        if lines.take(3).any(key) {
            found.push("a private key".to_owned());
        }
    }
    let known = |word: &str| KNOWN.iter().any(|(place, begins)| *place == file && word.starts_with(begins));
    let in_word = |c: char| c.is_ascii_alphanumeric() || "-_.+/=".contains(c);
    // A lock file of npm names its checksums.
    let checksum = |word: &str| file.ends_with("package-lock.json") && word.starts_with("sha512-");
    let is_long = |word: &&str| word.len() >= 40 && !known(word) && !checksum(word);
    for word in text.split(|c: char| !in_word(c)).filter(is_long) {
        let parts: Vec<&str> = word.split('.').collect();
        if word.starts_with("eyJ") && parts.len() == 3 && parts.iter().all(|part| part.len() >= 10) {
            found.push(format!("a token: {word}"));
        } else if word.split(['.', '/', '-', '_']).any(is_mixed) {
            found.push(format!("something like a key: {word}"));
        }
    }
    if is_fixture(file) {
        let odd = secrets(text).into_iter().filter(|value| !is_made_up(value));
        found.extend(odd.map(|value| format!("a secret that does not say that it is made up: {value}")));
    }
    if is_fixture(file) || file.ends_with(".snap") {
        let hosts = text.match_indices('@').filter_map(|(at, _)| {
            let before = text[..at].chars().next_back()?;
            let host: String =
                text[at + 1..].chars().take_while(|c| c.is_alphanumeric() || ".-".contains(*c)).collect();
            (before.is_alphanumeric() && host.contains('.')).then_some(host.trim_matches('.').to_lowercase())
        });
        found.extend(hosts.filter(|host| !is_reserved(host)).map(|host| format!("an address at {host}")));
    }
    found
}

/// 40 letters and digits as mixed as in a key: no word, no path, no hex.
fn is_mixed(word: &str) -> bool {
    let count = |is: fn(&u8) -> bool| word.bytes().filter(is).count();
    word.len() >= 40
        && count(u8::is_ascii_uppercase) >= 8
        && count(u8::is_ascii_lowercase) >= 8
        && count(u8::is_ascii_digit) >= 3
}

/// The values of secret members of a fixture.
fn secrets(text: &str) -> Vec<String> {
    fn collect(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(members) => members.iter().for_each(|(name, member)| match member {
                serde_json::Value::String(text) if SECRET_MEMBERS.contains(&name.as_str()) => {
                    found.push(text.clone());
                }
                serde_json::Value::Number(number) if SECRET_MEMBERS.contains(&name.as_str()) => {
                    found.push(number.to_string());
                }
                other => collect(other, found),
            }),
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str(text) {
        collect(&value, &mut found);
    }
    found
}

/// The placeholder of a cassette, for a secret or a link.
fn is_placeholder(value: &str) -> bool {
    value.starts_with("{secret:")
        || (value.starts_with("https://link-") && value.ends_with(".example.com/"))
        || value.starts_with("https://url-")
}

fn is_made_up(value: &str) -> bool {
    let short = value.len() <= 4 && value.bytes().all(|byte| byte.is_ascii_digit());
    value.trim().is_empty()
        || short
        || is_placeholder(value)
        || ["marked", "MARKED", "SIGNING-TOKEN"].iter().any(|word| value.contains(word))
}

/// Hosts of RFC 2606, one of them with an umlaut, and `a@b.c` of texts that explain a form.
fn is_reserved(host: &str) -> bool {
    ["example.com", "example.org", "example.net", "exämple.com", "b.c"]
        .iter()
        .any(|known| host == *known || host.ends_with(&format!(".{known}")))
        || [".example", ".test", ".invalid"].iter().any(|end| host.ends_with(end))
}

#[test]
fn nothing_in_the_repository_is_anybodys_secret() {
    let files = files();
    assert!(files.iter().any(|(file, _)| is_fixture(file)) && files.len() > 200, "files are missing");
    let found: Vec<String> = files
        .iter()
        .flat_map(|(file, text)| findings(file, text).into_iter().map(move |what| format!("{file}: {what}")))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_cassette_holds_anything_but_placeholders() {
    let scanner = countersign::cassette::Scanner::new();
    let mut searched = 0;
    for (file, text) in files().iter().filter(|(file, _)| file.ends_with(countersign::cassette::SUFFIX)) {
        let found = scanner.scan_text(Path::new(file), text).found;
        assert!(found.is_empty(), "{found:?}");
        searched += 1;
    }
    assert!(searched >= 8, "cassettes are missing: {searched}");
}

#[test]
fn no_snapshot_shows_what_a_fixture_holds() {
    let files = files();
    let planted: Vec<String> = files
        .iter()
        .filter(|(file, _)| is_fixture(file))
        .flat_map(|(_, text)| secrets(text))
        .filter(|value| value.len() > 6 && !is_placeholder(value))
        .collect();
    assert!(planted.len() >= 10, "the fixtures hold too few secrets to look for: {planted:?}");
    for (file, text) in files.iter().filter(|(file, _)| file.ends_with(".snap")) {
        for secret in &planted {
            assert!(!text.contains(secret.as_str()), "{file} shows {secret}");
        }
    }
}

#[test]
fn the_rules_find_what_they_are_for() {
    // Cut through, so that this file is not found itself.
    let whole = |text: &str| text.replace('~', "");
    let key = whole("MIIEvQIBADANBgkqhkiG9w0BAQEFAAS~CBKcwggSjAgEAAo1");
    for (file, text) in [
        ("x.rs", format!("-----BEGIN RSA PRIVATE KEY-----\n{key}\n")),
        ("x.toml", format!("key = \"-----BEGIN PRIVATE KEY-----\\n{key}\"")),
        ("x.md", whole("eyJhbGciOiJSUzI1NiJ9~.eyJzdWIiOiIxMjM0NTY3ODkwIn0~.c2lnbmF0dXJl")),
        ("x.md", whole("key: MjY3OWI4ZTYt~YmNkZC00ZTVm~LWE1MzAtZDk5YzQ3MmYxY2Vh")),
        ("fixtures/x/a.json", r#"{"a":[{"accessCode":"open sesame"}]}"#.to_owned()),
        ("fixtures/x/a.json", r#"{"signLink":"https://app.boldsign.com/sign/1"}"#.to_owned()),
        ("a.snap", "anna@gmail.com".to_owned()),
    ] {
        assert!(!findings(file, &text).is_empty(), "{file}: {text}");
    }
    for (file, text) in [
        ("x.lock", "checksum = \"d2f6c7dbe95a6ed67ad9f18e57daf93a2f034c524b99fd2b76d18fdfeb6660aa\""),
        ("x.rs", "fn a_name_that_is_very_long_but_a_name_all_the_same_2() {}"),
        ("x.rs", "`-----BEGIN PRIVATE KEY-----` is how it starts"),
        ("fixtures/x/a.json", r#"{"accessCode":"marked-1","name":"a@mail.example.com"}"#),
    ] {
        assert!(findings(file, text).is_empty(), "{file}: {:?}", findings(file, text));
    }
}
