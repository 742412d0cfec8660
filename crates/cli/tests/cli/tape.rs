//! `--record`, `--replay` and `countersign cassette scan`.

use std::path::Path;

use crate::support::{self, BACK, Ran, Run, Stage, command, folder, run, typed};

const CODE: &str = "K7mp4XQ2";

/// The lock-out, as commands: the name of each, its arguments, and what it reads.
fn story(envelope: &str, ben: &str, back: &str) -> Vec<(&'static str, Vec<String>, &'static str)> {
    let ben = format!("email:{ben}");
    let line = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    vec![
        ("list", line(&["recipients", envelope]), ""),
        ("refused", line(&["view", envelope, "--recipient", &ben, "--return-url", back]), ""),
        ("code", line(&["access-code", envelope, "--recipient", &ben, "--code-stdin"]), CODE),
        ("resend", line(&["resend", envelope, "--recipient", &ben]), ""),
        ("view", line(&["view", envelope, "--recipient", &ben, "--return-url", back]), ""),
    ]
}

fn with<'w>(words: &'w [String], more: &[&'w str]) -> Vec<&'w str> {
    words.iter().map(String::as_str).chain(more.iter().copied()).collect()
}

/// Records the story at a stage.
fn record(stage: &Stage, folder: &Path) -> Vec<Ran> {
    let folder = typed(folder);
    let envelope = stage.envelope();
    stage.sign(&envelope.id, "1", "Anna2345");
    stage.lock(&envelope.id, "2");
    let story = story(&envelope.id, "ben@example.com", BACK);
    let steps = story.iter().map(|(name, words, input)| {
        stage.command(&with(words, &["--record", folder, "--story", name])).ran(input)
    });
    steps.collect()
}

#[test]
fn the_lock_out_is_recorded_at_every_vendor_and_replayed_without_an_account() {
    for stage in Stage::all() {
        let folder = folder(&format!("tape-{}", stage.name));
        let name = typed(&folder);
        let live = record(&stage, &folder);
        assert_eq!(live.iter().map(|ran| ran.code).collect::<Vec<_>>(), [0, 6, 0, 0, 0], "{live:#?}");
        for ran in &live {
            assert!(ran.err.contains("recorded: "), "{ran:?}");
        }
        let scan = run(&["cassette", "scan", name]);
        assert_eq!((scan.code, scan.out.as_str()), (0, "5 files searched, nothing found\n"), "{scan:?}");

        let others = "0c7a5a39-1111-4000-8000-0123456789ab";
        let again = story(others, "zacharias+x@other.test", "https://shop.other.test/back");
        // A resend names Ben without a tag, and so must this run.
        let again = again.into_iter().map(|(step, words, input)| {
            let words: Vec<String> = words.iter().map(|word| word.replace("+x@", "@")).collect();
            (step, words, input)
        });
        for ((step, words, input), live) in again.zip(&live) {
            let ran = command(&with(&words, &["--replay", name, "--story", step])).ran(input);
            assert_eq!(ran.code, live.code, "{} {step}: {ran:?}\n{live:?}", stage.name);
            let (told, before) = (without_links(&ran), without_links(live));
            if step != "list" {
                assert_eq!(told, before, "{} {step}", stage.name);
            }
            // The same document for programs, but for personal data and links.
            let words = with(&words, &["--replay", name, "--story", step, "--json"]);
            let ran = command(&words).env("COLUMNS", "100").ran(input);
            assert_eq!(ran.code, live.code);
            assert!(ran.json().is_object() && ran.err.is_empty(), "{ran:?}");
        }
        let list = run(&["recipients", others, "--replay", name, "--story", "list"]);
        stage.snapshot("replayed_list", &list.shown().replace(name, "[folder]"));
        let refused = story(others, "zoe@other.test", BACK).remove(1).1;
        let refused = run(&with(&refused, &["--replay", name, "--story", "refused"]));
        stage.snapshot("replayed_refusal", &refused.shown().replace(name, "[folder]"));
    }
}

/// What was said, without the lines that are about the tape, and without what differs from run to run.
fn without_links(ran: &Ran) -> (String, String) {
    let keep = |text: &str| {
        let lines = text.lines().filter(|line| {
            !["recorded: ", "http", "  request id", "  asked for"].iter().any(|start| line.starts_with(start))
                && !line.contains(" UTC")
        });
        // The envelopes differ, and so does the command that unlocks.
        let lines = lines.map(|line| line.split("; for new attempts").next().unwrap_or(line));
        let text = lines.collect::<Vec<_>>().join("\n");
        text.replace("ben@example.com", "[ben]").replace("zacharias@other.test", "[ben]")
    };
    (keep(&ran.out), keep(&ran.err))
}

#[test]
fn a_request_that_differs_and_exchanges_that_are_left() {
    for stage in Stage::all() {
        let folder = folder(&format!("differs-{}", stage.name));
        let name = typed(&folder);
        record(&stage, &folder);
        let envelope = "0c7a5a39-1111-4000-8000-0123456789ab";
        let other = ["resend", envelope, "--recipient", "id:1", "--replay", name, "--story", "resend"];
        let ran = run(&other);
        assert_ne!(ran.code, 0, "{ran:?}");
        // Of a story with more steps, the first is made.
        let view = ["view", envelope, "--recipient", "email:nobody@other.test", "--return-url", BACK];
        let ran = run(&[&view[..], &["--replay", name, "--story", "code"]].concat());
        stage.snapshot("replay_of_another_call", &ran.shown().replace(name, "[folder]"));
        assert_eq!(
            run(&[&view[..], &["--replay", name, "--story", "code", "--json"]].concat()).code,
            ran.code
        );
    }
}

#[test]
fn recordings_are_numbered_and_found_by_their_command() {
    let stage = Stage::all().next().expect("a stage");
    let folder = folder("numbered");
    let name = typed(&folder);
    let envelope = stage.envelope().id;
    let first = stage.run(&["recipients", &envelope, "--record", name, "--json"]);
    assert!(first.json()["recorded"].as_str().expect("a file").ends_with("list_recipients-1.cassette.json"));
    assert_eq!(run(&["recipients", "any", "--replay", name]).code, 0);
    stage.run(&["recipients", &envelope, "--record", name]);
    let several = run(&["recipients", "any", "--replay", name]);
    support::snapshot("replay_of_several", &several.shown().replace(name, "[folder]"));
    assert_eq!(run(&["recipients", "any", "--replay", name, "--story", "list_recipients-2"]).code, 0);
    let text = |number: u8| {
        let file = folder.join(format!("list_recipients-{number}.cassette.json"));
        std::fs::read_to_string(file).expect("a cassette").replace("list_recipients-2", "list_recipients-1")
    };
    assert_eq!(text(1), text(2), "the same story gives the same file");
    for (arguments, told) in [
        (
            vec!["recipients", "e", "--replay", name, "--story", "none"],
            "list_recipients-1, list_recipients-2",
        ),
        (
            vec!["view", "e", "--recipient", "id:1", "--return-url", BACK, "--replay", name],
            "no recording of create_view",
        ),
        (vec!["recipients", "e", "--story", "x"], "--record DIR"),
        (vec!["vendors", "--record", name], "recipients, view, resend and access-code"),
        (vec!["recipients", "--from", "x.csv", "--replay", name], "without --from"),
        (vec!["recipients", "e", "--record", name, "--story", "../x"], "letters, digits"),
        (vec!["recipients", "e", "--replay", "/nowhere"], "cannot be read"),
    ] {
        let ran = run(&arguments).ends(3);
        assert!(ran.err.contains(told), "{told}: {ran:?}");
    }
    assert_eq!(run(&["recipients", "e", "--replay", name, "--record", name]).code, 2);
    // The result is printed although it could not be recorded.
    let under_a_file = folder.join("list_recipients-1.cassette.json");
    let under_a_file = typed(&under_a_file);
    stage
        .run(&["recipients", &envelope, "--record", under_a_file])
        .ends(3)
        .prints("anna+sign@example.com")
        .says("cannot be written");
    let ran = stage.run(&["recipients", &envelope, "--record", under_a_file, "--json"]);
    let told = ran.json();
    assert!(told["recording"]["message"].is_string() && told["recipients"].is_array(), "{ran:?}");
}

#[test]
fn a_planted_secret_is_found_and_its_cassette_refused() {
    let stage = Stage::all().next().expect("a stage");
    let folder = folder("planted");
    let name = typed(&folder);
    let envelope = stage.envelope().id;
    stage.run(&["recipients", &envelope, "--record", name, "--story", "list"]);
    let file = folder.join("list.cassette.json");
    let clean = std::fs::read_to_string(&file).expect("a cassette");
    let planted = clean.replacen("{name:1}", "Anna Zoë", 1).replacen("{secret:1}", "S3cret-code", 1);
    assert_ne!(clean, planted);
    std::fs::write(&file, planted).expect("a file");
    std::fs::write(folder.join("notes.txt"), "fine\ncall +4917112345678 or x-api-key: Zm9vYmFy1")
        .expect("a file");
    let mut scan = command(&["cassette", "scan", name, "--marker-env", "MINE"]);
    scan.env("MINE", "recipientIdGuid").env("COLUMNS", "160");
    scan.ran("").ends(3).hides("Anna").hides("S3cret");
    support::snapshot(
        "scan_found",
        &command(&["cassette", "scan", "."]).env("COLUMNS", "120").current_dir(&folder).ran("").shown(),
    );
    let json = run(&["cassette", "scan", name, "--json"]);
    assert_eq!((json.code, &json.json()["files"]), (3, &serde_json::json!(2)));
    run(&["recipients", "e", "--replay", name]).ends(3).says("is refused").hides("Anna");
    assert_eq!(run(&["cassette", "scan", "/nowhere"]).code, 3);
    assert_eq!(run(&["cassette", "scan", name, "--marker-env", "UNSET"]).code, 3);
}
