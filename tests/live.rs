//! The live backend of the conformance suite, with the sandbox in the place of the service: how it reads its file, who plays
//! whom, what it leaves out. No live service was asked in these tests, nor anywhere else so far.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

#[path = "conformance/live.rs"]
mod live;

use countersign::vendors;
use countersign_sandbox::{NewEnvelope, NewRecipient};
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

/// What the census says of a vendor that only a service plays: such a run leaves out what nobody prepared.
const NOBODY: &str = "no backend can run every scenario of this vendor";

/// Whether every failure is a hole in the census of this kind.
fn only_holes(report: &Report, why: &str) -> bool {
    !report.failures().is_empty() && report.failures().iter().all(|(_, failure)| failure.contains(why))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_prepared_is_played_and_the_rest_is_left_out_with_a_reason() {
    for stage in stages().await.unwrap() {
        let folder =
            std::env::temp_dir().join(format!("countersign-live-{}-{}", std::process::id(), stage.name));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("accounts.toml"), countersign_tests::config(&stage.sandbox)).unwrap();
        std::fs::write(folder.join("live.toml"), prepare(&stage)).unwrap();
        let descriptor = vendors().iter().find(|vendor| vendor.name == stage.name).unwrap();
        let live = live::vendor(&folder.join("live.toml"), descriptor).unwrap().unwrap();
        let other = vendors().iter().find(|vendor| vendor.name != stage.name).unwrap();
        assert!(live::vendor(&folder.join("live.toml"), other).unwrap().is_none());

        let suite = Suite::new(descriptor, "[requests]\nread = \"GET /\"", &folder).backend(live);
        let report = tokio::task::spawn_blocking(move || suite.run()).await.unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(report.played(), 2, "{}", stage.name);
        assert!(only_holes(&report, NOBODY), "{report}");
        let why = |id: &str| {
            let planned = report.plan().iter().find(|planned| planned.scenario == id).unwrap();
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
        let folder =
            std::env::temp_dir().join(format!("countersign-tape-{}-{}", std::process::id(), stage.name));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("accounts.toml"), countersign_tests::config(&stage.sandbox)).unwrap();
        std::fs::write(folder.join("live.toml"), prepare(&stage)).unwrap();
        let descriptor = vendors().iter().find(|vendor| vendor.name == stage.name).unwrap();
        let live = live::vendor(&folder.join("live.toml"), descriptor).unwrap().unwrap();

        let record = Record::new(live, descriptor, folder.join("cassettes"), Source::Live);
        let suite = Suite::new(descriptor, "", &folder).backend(record);
        let report = tokio::task::spawn_blocking(move || suite.run()).await.unwrap();
        assert!(report.played() == 2 && only_holes(&report, NOBODY), "{report}");
        for file in ["list_recipients/happy_path", "create_view/by_id"] {
            let text =
                std::fs::read_to_string(folder.join(format!("cassettes/{file}.cassette.json"))).unwrap();
            // What was recorded from a machine's own loopback is no evidence of a service, whoever says so.
            assert!(text.contains("\"source\": \"sandbox\""), "{text}");
            for somebody in ["Pia", "kim@", "prepared.example"] {
                assert!(!text.contains(somebody), "{somebody} is in {text}");
            }
        }

        let suite =
            Suite::new(descriptor, "", &folder).backend(Replay::new(descriptor, folder.join("cassettes")));
        let report = tokio::task::spawn_blocking(move || suite.run()).await.unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(report.played(), 2, "{report}");
        assert!(only_holes(&report, "there is no cassette"), "{report}");
    }
}

#[test]
fn a_mistake_in_the_file_is_named() {
    let problem = LiveFile::parse("[vendors.acme]\nacount = \"x\"\n").unwrap_err();
    for part in ["line 2", "`acount`", "`account`"] {
        assert!(problem.contains(part), "{part} is missing in: {problem}");
    }
}
