//! The commands that need no account: vendors, explain, completions, man, help; and wrong command lines.

use std::time::Instant;

use crate::support::{self, Run, command, folder, run, snapshot, typed};

const COMMANDS: [&str; 21] = [
    "recipients",
    "view",
    "resend",
    "access-code",
    "unlock",
    "plan",
    "drain",
    "vendors",
    "migrate",
    "explain",
    "accounts",
    "login",
    "logout",
    "calls",
    "state",
    "webhook",
    "sandbox",
    "demo",
    "completions",
    "man",
    "schema",
];

#[test]
fn vendors_for_people_programs_and_the_readme() {
    let ran = run(&["vendors"]).ends(0).quiet();
    for (vendor, _) in support::VENDORS {
        assert!(ran.out.contains(&vendor.to_uppercase()));
    }
    let json = run(&["vendors", "--json"]).json();
    let vendors = json["vendors"].as_array().expect("vendors");
    assert_eq!(vendors.len(), countersign::vendors().len());
    for vendor in vendors {
        assert!(!vendor["capabilities"].as_array().expect("rows").is_empty());
    }
    let table = run(&["vendors", "--markdown"]).ends(0);
    let columns: Vec<usize> =
        table.out.lines().map(|line| line.replace("\\|", "").matches('|').count()).collect();
    assert!(
        columns.len() > 3 && columns.iter().all(|count| *count == countersign::vendors().len() + 2),
        "{columns:?}"
    );
    assert_eq!(run(&["vendors", "--markdown", "--json"]).code, 2);
}

#[test]
fn explanations() {
    for (name, word) in [
        ("kind", "Recipient-Locked"),
        ("code", "unknown_envelope_recipient"),
        ("phrase", "Invalid Document ID"),
        ("status", "429"),
        ("near", "UNKOWN_ENVELOPE_RECIPIENT"),
        ("unknown", "xyzzy"),
    ] {
        let ran = run(&["explain", word]);
        assert_eq!(ran.code, if ["near", "unknown"].contains(&name) { 3 } else { 0 }, "{ran:?}");
        snapshot(&format!("explain_{name}"), &ran.shown());
    }
    let explained = |word: &str| run(&["explain", word, "--json"]).json();
    assert_eq!(explained("activation_failed")["codes"][0]["kind"], "recipient_locked");
    for word in ["recipient_not_found", "Recipient-Not-Found", "RECIPIENTNOTFOUND"] {
        let found = explained(word);
        assert_eq!(found["kind"]["kind"], "recipient_not_found");
        let codes = found["codes"].as_array().expect("codes");
        assert!(
            !codes.is_empty() && codes.iter().all(|code| code["kind"] == "recipient_not_found"),
            "{found}"
        );
    }
    let status = explained("403");
    assert_eq!(status["status"]["kind"], "permission_denied");
    let codes = status["codes"].as_array().expect("codes");
    assert!(!codes.is_empty() && codes.iter().all(|code| code["status"] == 403), "{status}");
    let phrase = explained("invalid document id");
    assert!(!phrase["codes"].as_array().expect("codes").is_empty(), "{phrase}");
    assert_eq!(explained("It says: invalid document id.")["codes"], phrase["codes"]);
    let hint = |word: &str| explained(word)["error"]["hint"].as_str().expect("a hint").to_owned();
    assert!(hint("locked").contains("recipient_locked"), "{}", hint("locked"));
    assert!(!hint("").contains("similar") && !hint("xyzzy").contains("similar"));
}

#[test]
fn every_code_of_every_vendor_is_explained() {
    let all = run(&["explain", "--json"]).json();
    assert_eq!(all["kinds"].as_array().expect("kinds").len(), countersign::ErrorKind::ALL.len());
    let rules: usize = countersign::vendors().iter().map(|vendor| vendor.facts.refusals.rules().len()).sum();
    let codes = all["codes"].as_array().expect("codes");
    assert_eq!(codes.len(), rules);
    for code in codes {
        for member in ["kind", "meaning", "remedy"] {
            assert!(code[member].as_str().is_some_and(|text| !text.is_empty()), "{code} has no {member}");
        }
    }
}

#[test]
fn completions_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(&["completions", shell]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{shell}");
        assert!(ran.out.contains("access-code") && ran.out.contains("return-url"), "{shell}");
    }
    assert_eq!(run(&["completions", "tcsh"]).code, 2);
}

#[test]
fn a_dynamic_script_asks_for_accounts_codes_and_words() {
    run(&["completions", "bash", "--dynamic"]).ends(0).prints("COMPLETE=");
    let stage = support::Stage::all().next().expect("a vendor");
    let offered = |words: &[&str]| {
        stage
            .command(&[&["--", "countersign"], words].concat())
            .env("COMPLETE", "bash")
            .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
            .env("_CLAP_COMPLETE_COMP_TYPE", "9")
            .env("_CLAP_COMPLETE_SPACE", "true")
            .env("_CLAP_IFS", "\n")
            .ran("")
            .out
    };
    assert_eq!(offered(&["--account", "tr"]), "trial");
    assert!(offered(&["explain", "ACTIV"]).contains("ACTIVATION_FAILED"));
    assert!(offered(&["explain", "recipient_l"]).contains("recipient_locked"));
    assert!(offered(&["view", "e", "--authentication-method", "bio"]).contains("biometric"));
    assert!(offered(&["demo", "--vendor", "bold"]).contains("boldsign"));
    assert!(offered(&["unl"]).contains("unlock"));
}

#[test]
fn a_manual_page_for_each_command() {
    let page = run(&["man"]).ends(0);
    assert!(page.out.contains(".TH countersign 1") && page.out.contains("outcome unknown"), "{}", page.out);
    let folder = folder("man").join("deeper");
    run(&["man", "--out", typed(&folder)]).ends(0);
    for command in COMMANDS {
        let page = std::fs::read_to_string(folder.join(format!("countersign-{command}.1"))).expect(command);
        assert!(page.contains(&format!(".TH countersign-{command} 1")), "{command}");
        assert!(page.contains("Examples:"), "{command}");
    }
    // A page that another one names is there too.
    for command in ["migrate-check", "migrate-template", "webhook-verify", "webhook-listen", "cassette-scan"]
    {
        let page = std::fs::read_to_string(folder.join(format!("countersign-{command}.1"))).expect(command);
        assert!(page.contains(&format!(".TH countersign-{command} 1")), "{command}");
    }
    run(&["man", "--out", "/dev/null/pages"]).ends(3);
}

#[test]
fn help_and_version() {
    assert_eq!(run(&["--version"]).out.trim_end(), format!("countersign {}", env!("CARGO_PKG_VERSION")));
    let help = run(&["--help"]).ends(0).quiet();
    assert!(help.out.contains("Exit codes:") && help.out.contains("\n  9  outcome unknown"));
    for command in COMMANDS {
        for flag in ["-h", "--help"] {
            let ran = run(&[command, flag]);
            assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{command} {flag}");
            assert!(ran.out.contains("Examples:"), "{command} {flag}");
        }
    }
}

#[test]
fn wrong_command_lines() {
    let mut shown = Vec::new();
    for arguments in [
        ["recipents", "e"].as_slice(),
        &["recipients"],
        &["resend", "e"],
        &["resend", "e", "--recipient", "id:1", "--everyone"],
        &["access-code", "e", "--recipient", "id:1"],
        &["access-code", "e", "--recipient", "id:1", "--code-stdin", "--generate", "8"],
        &["access-code", "e", "--recipient", "id:1", "--code", "1234"],
        &["access-code", "e", "--recipient", "id:1", "--generate", "3"],
        &["view", "e", "--recipient", "anna@example.com", "--return-url", "https://a.example"],
        &["demo", "--vendor", "boldsgn"],
    ] {
        let ran = run(arguments).ends(2).blank();
        shown.push(ran.shown());
    }
    snapshot("usage", &shown.join("\n"));
    let ran = run(&["--json", "recipents", "e"]).ends(2).quiet();
    snapshot("usage_json", &ran.shown());
    assert_eq!(run(&[]).code, 2);
}

#[test]
fn no_colour_where_no_terminal_is() {
    for arguments in
        [["explain", "xyzzy"].as_slice(), &["explain"], &["accounts"], &["--help"], &["nonsense"]]
    {
        let ran = run(arguments);
        assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'), "{ran:?}");
        let ran = command(arguments).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").ran("");
        assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'), "{ran:?}");
    }
}

#[test]
fn help_does_not_wait_for_anything() {
    // The best of several runs, so that a busy machine does not fail it; far above what a start without set-up takes.
    let best = (0..10).map(|_| {
        let start = Instant::now();
        run(&["--version"]);
        start.elapsed()
    });
    assert!(best.min().expect("runs").as_millis() < 200);
}
