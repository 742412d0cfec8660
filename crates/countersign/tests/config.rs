//! Configuration: files, variables, and errors that name key and place and repeat no value.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};

use countersign::{Config, Error, ErrorKind};

/// A folder of one test, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("countersign-config-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, text: &str) -> PathBuf {
        let file = self.0.join("countersign.toml");
        std::fs::write(&file, text).unwrap();
        file
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const GOOD: &str = r#"
default_account = "acme"
[accounts.acme]
vendor = "docusign"
account_id = "0f1e2d3c-0000-4000-8000-000000000001"
environment = "demo"
auth = { kind = "token", token = "marked-token" }
[accounts.beta]
vendor = "boldsign"
region = "eu"
auth = { kind = "api_key", api_key_file = "key.txt" }
"#;

fn read(file: Option<&Path>, variables: &[(&str, &str)]) -> Result<Config, Error> {
    let variables: Vec<_> = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Config::read(file, variables)
}

#[test]
fn accounts_of_both_vendors_come_from_one_file() {
    let folder = Folder::new("good");
    let file = folder.write(GOOD);
    std::fs::write(folder.0.join("key.txt"), "marked-key\n").unwrap();
    let config = read(Some(&file), &[]).unwrap();
    let names: Vec<_> = config.accounts().map(|a| (a.name().to_owned(), a.vendor().name)).collect();
    assert_eq!(names, [("acme".to_owned(), "docusign"), ("beta".to_owned(), "boldsign")]);
    assert_eq!(config.default_account(), Some("acme"));
    for account in config.accounts() {
        let client = account.client().unwrap();
        assert!(!format!("{account:?} {client:?}").contains("marked-"));
    }
}

#[test]
fn variables_come_after_the_file_and_stay_text() {
    let folder = Folder::new("variables");
    let file = folder.write(GOOD);
    let config = read(
        Some(&file),
        &[
            ("COUNTERSIGN_DEFAULT_ACCOUNT", "beta"),
            ("COUNTERSIGN_ACCOUNTS__BETA__AUTH__API_KEY", "0123"),
            ("COUNTERSIGN_ACCOUNTS__GAMMA__VENDOR", "boldsign"),
            ("COUNTERSIGN_ACCOUNTS__GAMMA__AUTH__KIND", "api_key"),
            ("COUNTERSIGN_ACCOUNTS__GAMMA__AUTH__API_KEY", "[true]"),
            ("COUNTERSIGN_CONFIG", "an option of the command line"),
            ("OTHER", "x"),
        ],
    )
    .unwrap();
    assert_eq!(config.default_account(), Some("beta"));
    assert!(config.account(Some("gamma")).unwrap().client().is_ok());
    // Beta now has a key and a key file: one of the two has to go.
    let both = config.account(None).unwrap().client().unwrap_err();
    assert!(both.to_string().contains("api_key_file"), "{both}");
}

#[test]
fn one_account_is_the_default() {
    let one = [
        ("COUNTERSIGN_ACCOUNTS__ONLY__VENDOR", "boldsign"),
        ("COUNTERSIGN_ACCOUNTS__ONLY__AUTH__KIND", "api_key"),
        ("COUNTERSIGN_ACCOUNTS__ONLY__AUTH__API_KEY", "k"),
    ];
    assert_eq!(read(None, &one).unwrap().account(None).unwrap().name(), "only");
}

#[test]
fn errors_name_key_and_place_and_repeat_no_value() {
    let folder = Folder::new("errors");
    let place = folder.0.display().to_string();
    let mut seen = Vec::new();
    let mut see = |what: &str, error: &Error| {
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = format!("{what}\n  {error}\n  next: {}", error.hint()).replace(&place, "FOLDER");
        assert!(!text.contains("marked"), "{text}");
        assert!(!format!("{error:?}").contains("marked"), "{error:?}");
        seen.push(text);
    };
    for (what, text) in [
        ("syntax", "default_account = \"acme\"\n[accounts.acme]\ntoken = marked value"),
        ("unknown key at the top", "defualt_account = \"marked\""),
        ("default that is not there", "default_account = \"marked\""),
        ("accounts is a text", "accounts = \"marked\""),
        ("no vendor", "[accounts.a]\nregion = \"us\""),
        ("unknown vendor", "[accounts.a]\nvendor = \"marked\""),
        ("vendor is a list", "[accounts.a]\nvendor = [\"marked\"]"),
    ] {
        let file = folder.write(text);
        see(what, &read(Some(&file), &[]).unwrap_err());
    }
    for (what, text) in [
        (
            "unknown key",
            "vendor = \"boldsign\"\napi_kee = \"marked\"\nauth = { kind = \"api_key\", api_key = \"marked\" }",
        ),
        (
            "unknown region",
            "vendor = \"boldsign\"\nregion = \"marked\"\nauth = { kind = \"api_key\", api_key = \"marked\" }",
        ),
        ("no auth", "vendor = \"boldsign\""),
        ("unknown kind of auth", "vendor = \"docusign\"\naccount_id = \"1\"\nauth = { kind = \"marked\" }"),
        (
            "bad private key",
            "vendor = \"docusign\"\naccount_id = \"1\"\nauth = { kind = \"jwt\", integration_key = \"i\", user_id = \"u\", private_key = \"marked\" }",
        ),
        (
            "plain http",
            "vendor = \"boldsign\"\nbase_url = \"http://marked.example\"\nauth = { kind = \"api_key\", api_key = \"marked\" }",
        ),
        (
            "bad account id",
            "vendor = \"docusign\"\naccount_id = \"..\"\nauth = { kind = \"token\", token = \"marked\" }",
        ),
    ] {
        let file = folder.write(&format!("[accounts.a]\n{text}"));
        see(what, &read(Some(&file), &[]).unwrap().account(None).unwrap().client().unwrap_err());
    }
    see("a file that is not there", &read(Some(&folder.0.join("absent.toml")), &[]).unwrap_err());
    see("an unknown variable", &read(None, &[("COUNTERSIGN_TOKEN", "marked")]).unwrap_err());
    see("nothing at all", read(None, &[]).unwrap().account(None).as_ref().unwrap_err());
    let file = folder.write(GOOD);
    see("no such account", read(Some(&file), &[]).unwrap().account(Some("delta")).as_ref().unwrap_err());
    insta::assert_snapshot!(seen.join("\n"));
}
