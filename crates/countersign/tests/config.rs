//! Configuration: files, variables, and errors that name key and place and repeat no value.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

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
fn a_text_in_place_of_a_table_does_not_hide_the_files_table() {
    let folder = Folder::new("hidden");
    let file = folder.write(GOOD);
    let variables =
        [("COUNTERSIGN_ACCOUNTS", "set by a platform"), ("COUNTERSIGN_ACCOUNTS__BETA__REGION", "us")];
    let config = read(Some(&file), &variables).unwrap();
    assert_eq!(config.accounts().map(countersign::Account::name).collect::<Vec<_>>(), ["acme", "beta"]);
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
        ("default is a date", "default_account = 2026-01-02"),
        ("a key twice", "default_account = \"marked\"\ndefault_account = \"marked\""),
        ("another letter case", "Default_Account = \"marked\""),
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
            "vendor = \"docusign\"\naccount_id = \"1\"\nauth = { kind = \"jwt\", integration_key = \"dddddddd-0000-4000-8000-000000000001\", user_id = \"eeeeeeee-0000-4000-8000-000000000001\", private_key = \"marked\" }",
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
    see("a slip of a variable", &read(None, &[("COUNTERSIGN_TOKEN_STOER", "marked")]).unwrap_err());
    see("one underscore", &read(None, &[("COUNTERSIGN_ACCOUNTS_ACME_VENDOR", "marked")]).unwrap_err());
    see("nothing at all", read(None, &[]).unwrap().account(None).as_ref().unwrap_err());
    let file = folder.write(GOOD);
    see("no such account", read(Some(&file), &[]).unwrap().account(Some("delta")).as_ref().unwrap_err());
    insta::assert_snapshot!(seen.join("\n"));
}

#[test]
fn variables_that_a_platform_sets_for_a_service_of_our_name_are_passed_over_with_a_warning() {
    let folder = Folder::new("platform");
    let file = folder.write(GOOD);
    let long = format!("COUNTERSIGN_{}", "X".repeat(1800));
    let foreign = ["COUNTERSIGN_PORT", "COUNTERSIGN_SERVICE_HOST", "COUNTERSIGN_LIVE", long.as_str()];
    let variables: Vec<_> = foreign.iter().map(|name| (*name, "marked")).collect();
    let config = read(Some(&file), &variables).unwrap();
    assert_eq!(config.default_account(), Some("acme"));
    let warnings = config.warnings();
    assert_eq!(warnings.len(), 4);
    for (warning, name) in warnings.iter().zip(foreign) {
        assert!(warning.contains(&name[..name.len().min(80)]) && warning.len() < 200, "{warning}");
    }
    assert!(!warnings.concat().contains("marked"));
    // What is ours stays strict.
    for slip in [
        "COUNTERSIGN_ACCOUNTS__ACME__VENDR",
        "COUNTERSIGN_ACCOUNT__ACME__VENDOR",
        "COUNTERSIGN_DEFUALT_ACCOUNT",
    ] {
        let read = read(Some(&file), &[(slip, "boldsign")]);
        assert!(read.is_err() || read.unwrap().account(Some("acme")).unwrap().client().is_err(), "{slip}");
    }
}

#[test]
fn a_variable_names_the_default_account() {
    let folder = Folder::new("account");
    let file = folder.write(GOOD);
    let named = |name| read(Some(&file), &[("COUNTERSIGN_ACCOUNT", name)]).unwrap();
    assert_eq!(named("beta").account(None).unwrap().name(), "beta");
    assert_eq!(named("").account(None).unwrap().name(), "acme");
    assert!(named("nowhere").account(None).unwrap_err().to_string().contains("no account `nowhere`"));
}

#[test]
fn a_mark_of_the_encoding_in_front_is_dropped() {
    let folder = Folder::new("mark");
    let file = folder.write(&format!("\u{feff}{}", GOOD.replace('\n', "\r\n")));
    std::fs::write(folder.0.join("key.txt"), "\u{feff}marked-key\r\n").unwrap();
    assert!(read(Some(&file), &[]).unwrap().account(Some("beta")).unwrap().client().is_ok());
}

#[test]
fn vendors_from_elsewhere_stand_beside_the_built_in_ones() {
    let folder = Folder::new("elsewhere");
    let file = folder.write(&format!("{GOOD}[accounts.gamma]\nvendor = \"acme\"\n"));
    let with = |vendors: &[_]| Config::read_with(Some(&file), [], vendors);
    let config = with(&[&common::VENDOR]).unwrap();
    assert_eq!(config.account(Some("acme")).unwrap().vendor().name, "docusign");
    let added = config.account(Some("gamma")).unwrap();
    assert_eq!(added.client().unwrap().descriptor().name, "acme");
    // A vendor that is not given is refused, and two of one name could both be meant.
    let missing = with(&[]).unwrap_err();
    assert!(missing.to_string().contains("accounts.gamma.vendor"), "{missing}");
    for taken in [&[&common::VENDOR, &common::VENDOR], &[&common::VENDOR, countersign::vendors()[0]]] {
        let taken = with(taken).unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::Config);
        assert!(taken.to_string().ends_with("is taken"), "{taken}");
    }
    assert!(Config::load_with(Some(&file), &[&common::VENDOR]).is_ok());
}

#[test]
fn long_names_of_accounts_are_shortened_in_errors() {
    let name = "a".repeat(2_000);
    let variables = [(format!("COUNTERSIGN_ACCOUNTS__{name}__VENDOR"), "docusign".to_owned())];
    let config = Config::read(None, variables).unwrap();
    let error = config.account(Some(&"b".repeat(2_000))).unwrap_err();
    for text in [error.message(), error.hint()] {
        assert!(text.len() < 200 && text.contains('…'), "{text}");
    }
}

/// Only vendors that limit groups of routes have the key.
#[test]
fn an_account_says_by_which_limits_its_calls_are_counted() {
    let read = |vendor: &str, limits: Option<&str>| {
        let key = |key: &str, value: &str| (format!("COUNTERSIGN_ACCOUNTS__A__{key}"), value.to_owned());
        let auth = [key("AUTH__KIND", "api_key"), key("AUTH__API_KEY", "k")];
        let limits = limits.map(|limits| key("LIMITS", limits));
        let variables = auth.into_iter().chain([key("VENDOR", vendor)]).chain(limits);
        Config::read(None, variables).unwrap().account(None).unwrap().client()
    };
    let with_key = countersign::vendors().iter().filter(|vendor| read(vendor.name, None).is_ok());
    let (mut limited, mut others) = (0, 0);
    for vendor in with_key {
        let is_limited = !vendor.facts.limits.is_empty();
        for word in ["documented", "trial", "uncounted"] {
            assert_eq!(read(vendor.name, Some(word)).is_ok(), is_limited, "{} {word}", vendor.name);
        }
        let wrong = read(vendor.name, Some("marked")).unwrap_err().to_string();
        assert!(wrong.contains("`accounts.a.limits`") && !wrong.contains("marked"), "{wrong}");
        *(if is_limited { &mut limited } else { &mut others }) += 1;
    }
    assert!(limited > 0 && others > 0, "{limited} {others}");
}
