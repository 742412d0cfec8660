//! `countersign accounts`, and where accounts come from.

use crate::support::{self, Run, Stage, command, folder, run, typed};

#[test]
fn listed_and_signed_in() {
    for stage in Stage::all() {
        let listed = stage.run(&["accounts"]);
        let checked = stage.run(&["accounts", "--check"]);
        let json = stage.run(&["accounts", "--check", "--json"]);
        assert_eq!((listed.code, checked.code, json.code), (0, 0, 0), "{listed:?}{checked:?}");
        let shown = [listed.shown(), checked.shown(), json.shown()].join("\n");
        for (name, value) in stage.variables() {
            let secret = name.ends_with("TOKEN") || name.ends_with("API_KEY");
            assert!(!(secret && shown.contains(&value)), "{name} is shown");
        }
        stage.snapshot("accounts", &shown);
    }
}

#[test]
fn a_wrong_key_is_told_per_account() {
    for stage in Stage::all() {
        let mut wrong = stage.command_with_wrong_key(&["accounts", "--check"]);
        let ran = wrong.ran("").ends(4).hides("not-the-key");
        stage.snapshot("accounts_wrong_key", &ran.shown());
    }
}

#[test]
fn a_base_url_may_end_with_the_path_of_the_api() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let paths = match stage.name {
            "docusign" => ["/restapi", "/restapi/v2.1/"],
            _ => ["/v1", "/v1/document"],
        };
        let base = stage.variables().into_iter().find(|(name, _)| name.ends_with("BASE_URL")).expect("a URL");
        for path in paths {
            for arguments in [["recipients", envelope.id.as_str()], ["accounts", "--check"]] {
                let ran = stage.command(&arguments).env(&base.0, format!("{}{path}", base.1)).ran("");
                assert_eq!(ran.code, 0, "{path}: {ran:?}");
            }
        }
    }
}

#[test]
fn an_account_that_is_not_complete_does_not_hide_the_others() {
    let stage = Stage::all().next().expect("a vendor");
    for arguments in [["accounts"].as_slice(), &["accounts", "--check"], &["accounts", "--json"]] {
        let ran =
            stage.command(arguments).env("COUNTERSIGN_ACCOUNTS__OTHER__VENDOR", "boldsign").ran("").ends(3);
        support::snapshot(&format!("accounts_incomplete_{}", arguments.join("_")), &ran.shown());
    }
}

#[test]
fn nothing_configured_says_what_to_do() {
    let ran = run(&["accounts"]).ends(3);
    support::snapshot("accounts_none", &ran.shown());
    for arguments in [["recipients", "e"].as_slice(), &["resend", "e", "--everyone"]] {
        assert_eq!(run(arguments).code, 3);
    }
}

#[test]
fn the_account_by_option_by_variable_and_by_default() {
    let stage = Stage::all().next().expect("a vendor");
    let envelope = stage.envelope();
    let with = |arguments: &[&str], account: Option<&str>| {
        stage
            .command(arguments)
            .env("COUNTERSIGN_ACCOUNTS__OTHER__VENDOR", "boldsign")
            .env("COUNTERSIGN_ACCOUNTS__OTHER__AUTH__KIND", "api_key")
            .env("COUNTERSIGN_ACCOUNTS__OTHER__AUTH__API_KEY", "k")
            .envs(account.map(|name| ("COUNTERSIGN_ACCOUNT", name)))
            .ran("")
            .code
    };
    let list = ["recipients", envelope.id.as_str()];
    assert_eq!(with(&list, None), 3, "two accounts and no default");
    assert_eq!(with(&list, Some("")), 3, "an empty variable names none");
    assert_eq!(with(&list, Some("trial")), 0);
    assert_eq!(with(&["--account", "trial", list[0], list[1]], Some("other")), 0, "the option wins");
    assert_eq!(with(&[list[0], list[1], "--account", "nobody"], None), 3);
}

#[test]
fn files_that_cannot_be_used_name_key_and_place_but_no_value() {
    let folder = folder("accounts");
    for (name, text) in [
        ("syntax", "default_account = \"a\"\n[accounts.a\nvendor = \"docusign\"\n"),
        ("vendor", "[accounts.a]\nvendor = \"hellosecret\"\n"),
        (
            "unknown",
            "[accounts.a]\nvendor = \"boldsign\"\nregoin = \"topsecret\"\nauth = { kind = \"api_key\", api_key = \"topsecret\" }\n",
        ),
        ("missing", "[accounts.a]\nvendor = \"boldsign\"\nauth = { kind = \"api_key\" }\n"),
    ] {
        let file = folder.join(format!("{name}.toml"));
        std::fs::write(&file, text).expect("a file");
        let ran = command(&["accounts", "--config", typed(&file)]).ran("").ends(3);
        let shown = ran.shown().replace(typed(&folder), "[folder]");
        assert!(!shown.contains("topsecret") && !shown.contains("hellosecret"), "{shown}");
        support::snapshot(&format!("accounts_file_{name}"), &shown);
    }
    let ran = run(&["accounts", "--config", "/nowhere/at/all.toml"]).ends(3);
    support::snapshot("accounts_file_absent", &ran.shown());
}
