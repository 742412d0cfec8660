//! What users read fits their terminal, and URLs and identifiers stay whole.

use crate::support::{ANNA, BACK, Ran, Run, Stage};

/// Lines that are longer than the terminal, and whose words could have been divided.
fn is_fitting(ran: &Ran, width: usize) {
    for line in ran.out.lines().chain(ran.err.lines()) {
        let words = line.split_whitespace().filter(|word| !word.ends_with(':')).count();
        let is_body = line.trim_start().starts_with(['{', '"']);
        assert!(line.chars().count() <= width || words <= 1 || is_body, "{width}: {line:?} of {ran:?}");
    }
}

#[test]
fn texts_wrap_at_words_and_keep_urls_and_ids_whole() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        stage.lock(&envelope.id, "1");
        let locked = ["view", &envelope.id, "--recipient", ANNA, "--return-url", BACK];
        let plan = ["plan", "access-code", &envelope.id, "--recipient", ANNA, "--generate", "8", "--notify"];
        let cases: [(&[&str], &str); 7] = [
            (&["explain", "recipient-locked"], "`countersign"),
            (&["explain", "ACTIVATION_FAILED"], "https://stackoverflow.com/questions/47539595"),
            (&["explain"], "UNKNOWN_ENVELOPE_RECIPIENT"),
            (&["vendors"], "https://apps-d.docusign.com"),
            (&["migrate", "check", "--from", "docusign", "--to", "boldsign"], "changeAccessCode"),
            (&locked, &envelope.id),
            (&plan, &envelope.id),
        ];
        for (arguments, whole) in cases {
            for width in [60, 80, 120] {
                let ran = stage.command(arguments).env("COLUMNS", width.to_string()).ran("");
                is_fitting(&ran, width);
                let text = format!("{}{}", ran.out, ran.err);
                assert!(text.contains(whole) || arguments[0] == "migrate", "{width}: {whole} in {ran:?}");
            }
        }
        // What a program reads stays as it is.
        for arguments in
            [["completions", "bash"].as_slice(), &["migrate", "template"], &["vendors", "--markdown"]]
        {
            let plain = stage.run(arguments);
            assert_eq!(stage.command(arguments).env("COLUMNS", "60").ran("").out, plain.out, "{arguments:?}");
        }
        let mut piped = stage.command(&["recipients", &envelope.id, "--json"]);
        assert!(piped.env("COLUMNS", "60").ran("").json().is_object());
    }
}
