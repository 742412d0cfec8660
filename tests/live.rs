//! The live backend of the conformance suite, with the sandbox in the place of the service: how it reads its file, who
//! plays whom, what it leaves out, and how it makes envelopes itself. No live service was asked in these tests, nor
//! anywhere else so far.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

#[path = "conformance/live.rs"]
mod live;

use std::path::{Path, PathBuf};

use countersign::vendors;
use countersign_sandbox::{
    EnvelopeStatus, EnvelopeView, NewEnvelope, NewRecipient, Options, Sandbox, SignIn, Vendor,
};
use countersign_testkit::conformance::{Fate, LiveFile, Record, Replay, Report, Source, Suite};
use countersign_tests::{Stage, stages};

/// Two envelopes as a user would prepare them, with other recipients than the scenarios have.
fn prepare(stage: &Stage) -> String {
    let people = || {
        NewEnvelope::new(stage.vendor, "Lease")
            .with_recipient(NewRecipient::new("Pia Lund", "pia@prepared.example").with_embedded("k-1"))
            .with_recipient(
                NewRecipient::new("Kim Holm", "kim@prepared.example").with_order(2).with_embedded("k-2"),
            )
    };
    let list = stage.world.make_envelope(people()).unwrap().id;
    let view = stage.world.make_envelope(people()).unwrap().id;
    let actors = "people.anna = { name = \"Pia Lund\", email = \"pia@prepared.example\", client_id = \"k-1\" }\n\
                  people.bo = { name = \"Kim Holm\", email = \"kim@prepared.example\", client_id = \"k-2\" }\n";
    format!(
        "config = \"accounts.toml\"\n[vendors.{name}]\naccount = \"{name}\"\n\
         [vendors.{name}.prepared.\"list_recipients/happy_path\"]\nenvelope = \"{list}\"\n{actors}\
         [vendors.{name}.prepared.\"create_view/by_id\"]\nenvelope = \"{view}\"\n{actors}\
         [vendors.{name}.prepared.\"create_view/recipient_from_list\"]\nenvelope = \"{view}\"\n\
         people.anna = {{ name = \"Pia Lund\" }}\n",
        name = stage.name,
    )
}

/// What the census says of a vendor that only a service plays: such a run leaves out what was not prepared.
const NOBODY: &str = "no backend can run every scenario of this vendor";

/// Whether every failure is a hole in the census of this kind.
fn only_holes(report: &Report, why: &str) -> bool {
    !report.failures.is_empty() && report.failures.iter().all(|(_, failure)| failure.contains(why))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_prepared_is_played_and_the_rest_is_left_out_with_a_reason() {
    for stage in stages().await.unwrap() {
        let folder = folder(&format!("live-{}", stage.name));
        std::fs::write(folder.join("accounts.toml"), countersign_tests::config(&stage.sandbox)).unwrap();
        std::fs::write(folder.join("live.toml"), prepare(&stage)).unwrap();
        let descriptor = vendors().iter().find(|vendor| vendor.name == stage.name).unwrap();
        let live = live::vendor(&folder.join("live.toml"), descriptor).unwrap().unwrap();
        let other = vendors().iter().find(|vendor| vendor.name != stage.name).unwrap();
        assert!(live::vendor(&folder.join("live.toml"), other).unwrap().is_none());

        let suite = Suite::new(descriptor, "[requests]\nread = \"GET /\"", &folder).backend(live);
        let report = tokio::task::spawn_blocking(move || suite.run()).await.unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(report.played, 2, "{}", stage.name);
        assert!(only_holes(&report, NOBODY), "{report}");
        let why = |id: &str| {
            let planned = report.plan.iter().find(|planned| planned.scenario == id).unwrap();
            assert_eq!(planned.name(), format!("{}::{}::live", stage.name, id.replace('/', "::")));
            planned.fate.clone()
        };
        assert_eq!(why("list_recipients/happy_path"), Fate::Runs);
        assert_eq!(why("list_recipients/done"), Fate::Missing("no envelope was prepared for it".to_owned()));
        let nobody = "`prepared.\"create_view/recipient_from_list\"` has no recipient for bo".to_owned();
        assert_eq!(why("create_view/recipient_from_list"), Fate::Missing(nobody));
        assert!(matches!(why("list_recipients/rate_limit"), Fate::Cannot(_)));
        assert!(stage.world.calls().len() >= 4, "the calls went over HTTP: {:?}", stage.world.calls());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_from_a_service_is_replayed_with_the_people_of_the_scenario() {
    for stage in stages().await.unwrap() {
        let folder = folder(&format!("cassettes-{}", stage.name));
        std::fs::write(folder.join("accounts.toml"), countersign_tests::config(&stage.sandbox)).unwrap();
        std::fs::write(folder.join("live.toml"), prepare(&stage)).unwrap();
        let descriptor = vendors().iter().find(|vendor| vendor.name == stage.name).unwrap();
        let live = live::vendor(&folder.join("live.toml"), descriptor).unwrap().unwrap();

        let record = Record::new(live, descriptor, folder.join("cassettes"), Source::Live);
        let suite = Suite::new(descriptor, "", &folder).backend(record);
        let report = tokio::task::spawn_blocking(move || suite.run()).await.unwrap();
        assert!(report.played == 2 && only_holes(&report, NOBODY), "{report}");
        for file in ["list_recipients/happy_path", "create_view/by_id"] {
            let text =
                std::fs::read_to_string(folder.join(format!("cassettes/{file}.cassette.json"))).unwrap();
            // What was recorded from a machine's own loopback is no evidence of a service, whatever says so.
            assert!(text.contains("\"source\": \"sandbox\""), "{text}");
            for somebody in ["Pia", "kim@", "prepared.example"] {
                assert!(!text.contains(somebody), "{somebody} is in {text}");
            }
        }

        let suite =
            Suite::new(descriptor, "", &folder).backend(Replay::new(descriptor, folder.join("cassettes")));
        let report = tokio::task::spawn_blocking(move || suite.run()).await.unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(report.played, 2, "{report}");
        assert!(only_holes(&report, "there is no cassette"), "{report}");
    }
}

/// The sandbox in the place of a server that was started for the suite: with the time of this machine, and no pause
/// after some hundred calls; and keys of two teams there.
async fn started(vendor: &str) -> (Sandbox, [String; 2]) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    sandbox.world().change_settings(|settings| settings.limit_calls(100_000));
    let vendor = Vendor::named(vendor).unwrap();
    let keys = [SignIn::Own, SignIn::Other].map(|who| {
        let rows = sandbox.account_with(vendor, who).unwrap();
        rows.iter().find(|(name, _)| *name == "auth.api_key").unwrap().1.expose().to_owned()
    });
    (sandbox, keys)
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("countersign-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The suite at a vendor's server, by the two tables of the live file.
fn suite(vendor: &str, folder: &Path, server: &str, mails: &str) -> Suite {
    let file = folder.join("live.toml");
    let text = format!("[vendors.{vendor}]\nserver = {{ {server} }}\nmails = {{ {mails} }}\n");
    std::fs::write(&file, text).unwrap();
    let descriptor = vendors().iter().find(|known| known.name == vendor).unwrap();
    let live = live::vendor(&file, descriptor).unwrap().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(vendor);
    let conformance = std::fs::read_to_string(fixtures.join("conformance.toml")).unwrap();
    Suite::new(descriptor, &conformance, &fixtures).backend(live)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_ones_own_makes_the_envelopes_and_its_mails_are_read() {
    for (vendor, _) in live::SERVERS {
        let ((sandbox, [key, other]), folder) = (started(vendor).await, folder("server"));
        let url = sandbox.url();
        std::fs::write(folder.join("team.key"), key).unwrap();
        let server = format!("base_url = '{url}', api_key_file = 'team.key', other_key = '{other}'");
        let suite = suite(vendor, &folder, &server, &format!("url = '{url}/_sandbox/outbox'"));
        let report = tokio::task::spawn_blocking(move || suite.run()).await.unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(only_holes(&report, NOBODY), "{report}");
        let plan = report.plan.iter().filter(|planned| planned.backend == "live");
        let left_out = plan.filter_map(|planned| {
            let Fate::Cannot(why) = &planned.fate else { return None };
            Some(format!("{}: {why}\n", planned.scenario))
        });
        insta::assert_snapshot!(format!("left_out_at_{vendor}"), left_out.collect::<String>());
        assert!(report.played >= 75, "{}", report.played);

        let world = sandbox.world();
        let is_closed =
            |one: &EnvelopeView| matches!(one.status, EnvelopeStatus::Declined | EnvelopeStatus::Voided);
        assert!(world.envelopes().iter().all(is_closed), "closed ones are only hidden; all others are gone");
        let calls = world.calls();
        let count = |end: &str| {
            calls.iter().filter(|call| call.path.ends_with(end) && call.status == Some(200)).count()
        };
        assert_eq!((count("/create"), count("/delete")), (report.played, report.played));
        assert!(world.outbox().iter().all(|mail| mail.to.contains("example.com")), "addresses of no one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_that_fails_leaves_nothing_behind() {
    for (vendor, _) in live::SERVERS {
        let ((sandbox, [key, _]), folder) = (started(vendor).await, folder("mails"));
        let server = format!("base_url = '{}', api_key = '{key}'", sandbox.url());
        let suite = suite(vendor, &folder, &server, "command = ['false']");
        let wanted = format!("{vendor}::resend_recipient::happy_path::live");
        let one = suite.plan().iter().find(|one| one.name() == wanted).unwrap().clone();
        let problem = tokio::task::spawn_blocking(move || suite.play(&one)).await.unwrap().unwrap_err();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(problem.contains("the mails cannot be read") && !problem.contains(&key), "{problem}");
        let world = sandbox.world();
        assert_eq!((world.envelopes().len(), world.outbox().len()), (0, 1), "it was made and sent");
    }
}

#[test]
fn a_mistake_in_the_file_is_named() {
    let problem = LiveFile::parse("[vendors.acme]\nacount = \"x\"\n").unwrap_err();
    for part in ["line 2", "`acount`", "`account`"] {
        assert!(problem.contains(part), "{part} is missing in: {problem}");
    }
}
