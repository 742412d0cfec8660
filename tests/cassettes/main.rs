//! Recordings of the sandbox's vendors, and their replay for other recipients: without a network, without an account.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

#[path = "../conformance/accounts.rs"]
mod accounts;
mod kept;
#[path = "../conformance/sandbox.rs"]
mod sandbox;
mod story;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use countersign::cassette::Recording;
use countersign::cassette::{Cassette, Replayer, Scanner, Source, load};
use countersign::provider::Feature;
use countersign::{Client, EnvelopeId, ErrorKind, ListRecipients, RetryPolicy, SystemClock};
use countersign_sandbox::{Fault, FaultKind, NewEnvelope, NewRecipient};
use countersign_tests::effects::Job;
use countersign_tests::{Stage, stages, stages_with};
use story::{Cast, HERE, THERE, lock_out, lock_out_at};

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The cassette, if it is not refused.
fn written(recording: &Recording) -> Cassette {
    recording.finish().unwrap_or_else(|error| panic!("{}", story::shown(&error)))
}

/// Records the story at a vendor; gives the file and what happened.
async fn recorded(stage: &Stage, folder: &Path) -> (Recording, EnvelopeId, Vec<String>) {
    let recording = Recording::new(folder, &format!("lock-out-{}", stage.name), Source::Sandbox).unwrap();
    let client = Client::builder(stage.account.provider().unwrap()).record(&recording).build();
    let (envelope, told) = lock_out_at(stage, &client, &HERE).await;
    (recording, envelope, told)
}

#[tokio::test]
async fn a_lock_out_is_recorded_without_anybody_and_replayed_for_others() {
    let folder = folder("lock-out");
    let stages = stages_with(Feature::ChangeAccessCode).await.unwrap();
    for stage in &stages {
        let (recording, envelope, told) = recorded(stage, &folder).await;
        let cassette = written(&recording);
        let text = std::fs::read_to_string(recording.file()).unwrap();
        assert_eq!(text, cassette.text());
        for gone in HERE.all().into_iter().chain([envelope.as_str()]) {
            assert!(!text.contains(gone), "{}: {gone} is left in\n{text}", stage.name);
        }
        insta::with_settings!({omit_expression => true}, {
            insta::assert_snapshot!(format!("lock_out@{}", stage.name), text);
        });

        // The same recipients, then others at an envelope of another name.
        for cast in [&HERE, &THERE] {
            let replayer = Replayer::new(load(recording.file()).unwrap(), Arc::new(SystemClock));
            let client = Client::replaying(&replayer).unwrap();
            let envelope = EnvelopeId::new(cast.envelope).unwrap();
            assert_eq!(lock_out(&client, &envelope, cast, |_| {}).await, told, "{}", stage.name);
            replayer.finish().unwrap();
        }
        // With the account's own credentials, which go nowhere.
        let replayer = Replayer::new(load(recording.file()).unwrap(), Arc::new(SystemClock));
        let client = Client::builder(stage.account.provider().unwrap()).replay(&replayer).build();
        assert_eq!(lock_out(&client, &envelope, &HERE, |_| {}).await, told, "{}", stage.name);
        replayer.finish().unwrap();
    }
    let found = Scanner::new().with_marker("Straße").scan_folder(&folder).unwrap();
    assert_eq!((found.files, found.found), (stages.len(), vec![]));
}

#[tokio::test]
async fn recording_again_gives_the_same_file() {
    for stage in stages_with(Feature::ChangeAccessCode).await.unwrap() {
        let mut texts = Vec::new();
        for cast in [&HERE, &THERE] {
            let folder = folder("again");
            let recording = Recording::new(&folder, "again", Source::Sandbox).unwrap();
            let client = Client::builder(stage.account.provider().unwrap()).record(&recording).build();
            lock_out_at(&stage, &client, cast).await;
            texts.push(written(&recording).text());
        }
        assert_eq!(texts[0], texts[1], "{}", stage.name);
    }
}

/// Plays a cassette to which something was done.
async fn replay(cassette: Cassette, cast: &Cast, steps: usize) -> (Vec<String>, countersign::Result<()>) {
    let replayer = Replayer::new(cassette, Arc::new(SystemClock));
    let client = Client::replaying(&replayer).unwrap();
    let told = story::first_steps(&client, &EnvelopeId::new(cast.envelope).unwrap(), cast, steps).await;
    (told, replayer.finish())
}

#[tokio::test]
async fn what_was_not_recorded_fails_and_what_was_not_asked_for_is_told() {
    let folder = folder("odd");
    for stage in stages_with(Feature::ChangeAccessCode).await.unwrap() {
        let (recording, ..) = recorded(&stage, &folder).await;
        written(&recording);
        let cassette = load(recording.file()).unwrap();

        let (_, left) = replay(cassette.clone(), &THERE, 1).await;
        let left = left.unwrap_err();
        assert_eq!(left.kind(), ErrorKind::InvalidRequest);
        insta::assert_snapshot!(format!("left_over@{}", stage.name), story::shown(&left));

        // A request that says something else.
        let other = Cast { notify: true, ..THERE };
        let (told, missed) = replay(cassette.clone(), &other, 5).await;
        insta::assert_snapshot!(
            format!("changed@{}", stage.name),
            format!("{}\n\n{}", told.join("\n"), story::shown(&missed.unwrap_err()))
        );

        // Two recipients who are one in this run.
        let one = Cast { anna: THERE.bo, ..THERE };
        let (told, missed) = replay(cassette, &one, 9).await;
        assert!(missed.is_err(), "{}: {told:?}", stage.name);
    }
}

#[tokio::test]
async fn a_cassette_with_a_planted_secret_is_refused() {
    let folder = folder("planted");
    for stage in stages_with(Feature::ChangeAccessCode).await.unwrap() {
        let (recording, ..) = recorded(&stage, &folder).await;
        let clean = written(&recording).text();
        let file = recording.file();
        for (what, text) in [
            ("a name", clean.replacen("{name:1}", "Anna Zoë", 1)),
            ("an address", clean.replacen("@example.com", "@corp.test", 1)),
            ("an id", clean.replacen("{id:1}", "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001", 1)),
            ("a code", clean.replacen("{secret:1}", "C0de-new", 1)),
            ("a link", clean.replacen("https://link-1.example.com/", "https://app.vendor.test/sign/1", 1)),
        ] {
            assert_ne!(text, clean, "{what}");
            std::fs::write(file, text).unwrap();
            let refused = load(file).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidRequest, "{what}");
            assert!(!format!("{refused:?} {:?}", refused.details()).contains("@corp"), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn a_recording_is_refused_for_what_was_named_and_then_not_written() {
    let folder = folder("refused");
    for stage in stages_with(Feature::ChangeAccessCode).await.unwrap() {
        let recording = Recording::new(&folder, stage.name, Source::Sandbox)
            .unwrap()
            .never("properties")
            .never("recipients");
        let client = Client::builder(stage.account.provider().unwrap()).record(&recording).build();
        lock_out_at(&stage, &client, &HERE).await;
        let refused = recording.finish().unwrap_err();
        assert!(refused.to_string().contains("refused"), "{refused}");
        drop((client, recording));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    }
    assert!(Recording::new(&folder, "../x", Source::Sandbox).is_err());
}

#[tokio::test]
async fn the_last_client_that_goes_writes_the_file() {
    let folder = folder("last");
    let stage = stages().await.unwrap().remove(0);
    let recording = Recording::new(&folder, "last", Source::Sandbox).unwrap();
    let file = recording.file().to_path_buf();
    let client = Client::builder(stage.account.provider().unwrap()).record(&recording).build();
    drop(recording);
    lock_out_at(&stage, &client, &HERE).await;
    assert!(!file.exists());
    drop(client);
    assert_eq!(load(&file).unwrap().calls.len(), 6);
}

#[tokio::test]
async fn repetitions_are_recorded_and_replayed_without_a_pause() {
    let folder = folder("repeated");
    for stage in stages().await.unwrap() {
        let recording = Recording::new(&folder, stage.name, Source::Sandbox).unwrap();
        let quick = RetryPolicy { base: Duration::ZERO, ..RetryPolicy::default() };
        let client =
            Client::builder(stage.account.provider().unwrap()).retry(quick).record(&recording).build();
        let busy = FaultKind::Answer {
            status: 503,
            body: "<html>busy, anna@corp.test</html>".to_owned(),
            content_type: "text/html".to_owned(),
            headers: [("retry-after".to_owned(), "2".to_owned())].into(),
            after_work: false,
        };
        let steps = Job::List.steps(stage.name);
        let path = steps.last().unwrap().path;
        stage.world.inject(Fault::on("GET", path, busy).times(1));
        let new =
            NewEnvelope::new(stage.vendor, "x").with_recipient(NewRecipient::new("Anna", "anna@corp.test"));
        let envelope = EnvelopeId::new(stage.world.make_envelope(new).unwrap().id).unwrap();
        let list = client.list_recipients(&ListRecipients::new(envelope.clone())).await.unwrap();
        let cassette = written(&recording);
        assert_eq!(cassette.calls[0].exchanges.len(), 2, "{}", cassette.text());

        let replayer = Replayer::new(cassette, Arc::new(SystemClock));
        let began = std::time::Instant::now();
        let again =
            Client::replaying(&replayer).unwrap().list_recipients(&ListRecipients::new(envelope)).await;
        assert_eq!(again.unwrap().recipients.len(), list.recipients.len());
        assert!(began.elapsed() < Duration::from_secs(2), "a replay waits for nobody");
        replayer.finish().unwrap();
    }
}

#[tokio::test]
async fn calls_side_by_side_get_their_own_answers() {
    let folder = folder("beside");
    for stage in stages().await.unwrap() {
        let recording = Recording::new(&folder, stage.name, Source::Sandbox).unwrap();
        let client = Client::builder(stage.account.provider().unwrap()).record(&recording).build();
        let mut requests = Vec::new();
        for at in 0..6 {
            let mut new = NewEnvelope::new(stage.vendor, "x");
            for person in 0..=at {
                new = new.with_recipient(NewRecipient::new("Anna", format!("anna-{person}@corp.test")));
            }
            let made = stage.world.make_envelope(new).unwrap();
            requests.push(ListRecipients::new(EnvelopeId::new(made.id).unwrap()));
        }
        // In their order, so that the recording and the run meet in it.
        for request in &requests {
            client.list_recipients(request).await.unwrap();
        }
        let replayer = Replayer::new(written(&recording), Arc::new(SystemClock));
        let client = Client::replaying(&replayer).unwrap();
        let calls: Vec<_> = requests
            .iter()
            .map(|request| {
                let (client, request) = (client.clone(), request.clone());
                tokio::spawn(async move {
                    client.list_recipients(&request).await.map(|list| list.recipients.len())
                })
            })
            .collect();
        for (at, call) in calls.into_iter().enumerate() {
            assert_eq!(call.await.unwrap().unwrap(), at + 1, "{}", stage.name);
        }
        replayer.finish().unwrap();
    }
}
