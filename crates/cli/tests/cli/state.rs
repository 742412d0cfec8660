//! What outlives a command: keys, tokens and webhooks in the database of `[state]`.
#![cfg(unix)]

use std::time::Duration;

use countersign_sandbox::{NewRecipient, SignIn, Vendor};
use countersign_testkit::servers::PgServer;
use countersign_vault::KeyEncryptionKey;

use crate::database::Database;
use crate::login;
use crate::support::{ANNA as ZOE, BACK, PREFIX, Ran, Run, Stage, VENDORS, command, folder, snapshot, typed};
use crate::webhook::{Listening, posted};
use crate::webhook_forward::deliver;

/// An account at a sandbox, and a configuration with a database.
struct Desk {
    stage: Stage,
    database: Database,
}

impl Desk {
    /// With each kind of database.
    fn all(name: &str) -> impl Iterator<Item = Self> {
        Self::all_at(name, "boldsign", Vendor::BOLDSIGN)
    }

    fn all_at(name: &str, vendor: &'static str, world: Vendor) -> impl Iterator<Item = Self> {
        Database::all(name).map(move |database| Self { stage: Stage::at(vendor, world), database })
    }

    fn over(database: Database) -> Self {
        Self { stage: Stage::at("boldsign", Vendor::BOLDSIGN), database }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let ran = self.database.at(self.stage.command(arguments)).ran("N3wCode22\n");
        Ran { out: self.database.hidden(&ran.out), err: self.database.hidden(&ran.err), ..ran }
    }

    /// What these commands show, one after the other.
    fn shown(&self, commands: &[&[&str]]) -> String {
        commands.iter().map(|arguments| self.run(arguments).shown() + "\n").collect()
    }

    /// Someone who signs by mail, so that a resend sends one.
    fn envelope(&self) -> String {
        let anna = NewRecipient::new("Anna", "anna@example.com");
        self.stage.contract([anna]).id
    }

    /// As [`Desk::envelope`], with an access code.
    fn envelope_with_code(&self) -> String {
        let anna = NewRecipient::new("Anna", "anna@example.com").with_access_code("Anna2345");
        self.stage.contract([anna]).id
    }

    fn mails(&self) -> usize {
        self.stage.world.outbox().len()
    }
}

const ANNA: &str = "email:anna@example.com";

#[test]
fn a_resend_under_a_key_is_made_once_however_often_the_command_runs() {
    // The other vendor sends one reminder a day.
    for desk in Desk::all_at("state-once", "docusign", Vendor::DOCUSIGN) {
        let envelope = desk.envelope();
        let resend = |key: &str| desk.run(&["resend", &envelope, "--recipient", ANNA, "--key", key]);
        let before = desk.mails();
        let (first, again) = (resend("k-1"), resend("k-1"));
        assert_eq!((first.code, &first.out), (again.code, &again.out), "{first:?} {again:?}");
        assert_eq!((first.code, desk.mails()), (0, before + 1));
        let second = resend("k-2");
        assert_eq!((second.code, desk.mails()), (0, before + 2), "{second:?}");
        let without_key = desk.run(&["resend", &envelope, "--recipient", ANNA]);
        assert_eq!((without_key.code, desk.mails()), (0, before + 3));
        let other = desk.run(&["resend", &envelope, "--everyone", "--key", "k-1"]);
        assert_eq!((other.code, desk.mails()), (3, before + 3));
        snapshot("state_other_request", &other.shown().replace(&envelope, "ENVELOPE"));
    }
}

#[test]
fn links_and_codes_are_made_once_too() {
    for desk in Desk::all("state-links") {
        let envelope = desk.stage.envelope().id;
        let view =
            || desk.run(&["view", &envelope, "--recipient", ZOE, "--return-url", BACK, "--key", "view"]);
        let (first, again) = (view(), view());
        assert_eq!((first.code, &first.out), (0, &again.out), "{first:?} {again:?}");
        let code = ["access-code", &envelope, "--recipient", ZOE, "--code-stdin", "--key", "code", "--json"];
        let (first, again) = (desk.run(&code), desk.run(&code));
        assert_eq!((first.code, first.json()), (0, again.json()));
    }
}

/// The repeated command finds a signer who is not locked any more, and tells what the first one did.
#[test]
fn an_unlocked_signer_is_not_written_to_again_under_the_same_key() {
    for (vendor, world) in VENDORS {
        for desk in Desk::all_at(&format!("state-unlock-{vendor}"), vendor, world) {
            let envelope = desk.envelope_with_code();
            desk.stage.lock(&envelope, "1");
            let unlock = ["unlock", &envelope, "--recipient", ANNA, "--code-stdin", "--key", "u-1", "--json"];
            let first = desk.run(&unlock);
            assert_eq!((first.code, &first.json()["unlocking"]), (0, &"unlocked".into()), "{first:?}");
            let mails = desk.mails();
            let again = desk.run(&unlock);
            assert_eq!((again.code, again.json(), desk.mails()), (0, first.json(), mails));
            let other = desk.run(&[&unlock[..6], &["u-2", "--json"]].concat());
            assert_eq!((other.code, &other.json()["by"], desk.mails()), (0, &serde_json::Value::Null, mails));
        }
    }
}

/// As another process leaves them behind that was killed after it had sent.
fn unknown(desk: &Desk, envelope: &str, key: &str) {
    use countersign::ledger::{Ask, CallAbout, CanonicalRequest, Claim, IdempotencyKey, Scope};
    use countersign_core::{Call, Effect};
    let request = countersign::ResendRecipient::new(
        envelope.parse().expect("an id"),
        ANNA.parse::<countersign::RecipientRef>().expect("a reference"),
    );
    let call = Call::ResendRecipient(request);
    let (vendor, account) = (desk.stage.name, Some("trial"));
    let (scope, key) = (Scope::of_account(account), IdempotencyKey::new(key).expect("a key"));
    let request = CanonicalRequest::of(vendor, account, &call);
    let about = CallAbout::of(vendor, account, &call);
    desk.stage.wait(async {
        let store = desk.database.ledger().await;
        let ask = Ask::new(&scope, &key, &request, std::time::Duration::ZERO, &about);
        let Claim::Acquired(lease) = store.claim(&ask).await.expect("an answer") else {
            panic!("it is free")
        };
        let _ = store.mark_in_flight(&lease, Effect::Notifies).await.expect("an answer");
    });
}

#[test]
fn an_unknown_outcome_is_listed_shown_and_resolved() {
    for desk in Desk::all("state-unknown") {
        let envelope = desk.envelope();
        unknown(&desk, &envelope, "k-1");
        unknown(&desk, &envelope, "k-2");
        let before = desk.mails();
        let resend = |key: &str| desk.run(&["resend", &envelope, "--recipient", ANNA, "--key", key]);
        let shown = desk.shown(&[
            &["resend", &envelope, "--recipient", ANNA, "--key", "k-1"],
            &["calls", "list"],
            &["calls", "list", "--limit", "1"],
            &["calls", "show", "k-1"],
            &["calls", "resolve", "k-1", "--happened", "--by", "ops", "--note", "seen in the audit trail"],
            &["calls", "show", "k-1"],
            &["calls", "resolve", "k-1", "--did-not-happen", "--by", "ops"],
            &["resend", &envelope, "--recipient", ANNA, "--key", "k-1"],
            &["calls", "resolve", "k-2", "--did-not-happen", "--by", "ops"],
            &["calls", "show", "k-2"],
            &["calls", "list"],
        ]);
        snapshot("state_unknown", &shown.replace(&envelope, "ENVELOPE"));
        assert_eq!(desk.mails(), before, "nothing was sent");
        assert_eq!((resend("k-2").code, desk.mails()), (0, before + 1), "the key is free again");
    }
}

#[test]
fn lists_and_records_are_json_for_programs() {
    for desk in Desk::all("state-json") {
        let envelope = desk.envelope();
        let migrated = desk.run(&["state", "migrate", "--json"]).json();
        assert!(migrated["now"].as_u64() >= Some(1), "{migrated}");
        unknown(&desk, &envelope, "k-1");
        unknown(&desk, &envelope, "k-2");
        let list = desk.run(&["calls", "list", "--limit", "1", "--json"]).json();
        assert_eq!((&list["calls"][0]["key"], &list["calls"][0]["recipient"]), (&"k-1".into(), &ANNA.into()));
        let next = list["next"].as_str().expect("a position");
        let rest = desk.run(&["calls", "list", "--after", next, "--json"]).json();
        assert_eq!((&rest["calls"][0]["key"], &rest["next"]), (&"k-2".into(), &serde_json::Value::Null));
        let record = desk.run(&["calls", "show", "k-2", "--json"]).json();
        assert_eq!((&record["unknown"], &record["effect"]), (&true.into(), &"notifies".into()));
        let found = desk.run(&["calls", "resolve", "k-2", "--happened", "--json"]).json();
        assert_eq!(found["happened"], true);
        let check = desk.run(&["state", "check", "--json"]).json();
        assert_eq!((&check["unresolved"], &check["problems"]), (&1.into(), &serde_json::json!([])));
    }
}

#[test]
fn a_database_and_its_key_are_created_and_checked() {
    let desk = Desk::over(Database::sqlite("state-files"));
    let mut shown = desk.shown(&[&["state", "check"]]);
    assert_eq!(
        std::fs::read_dir(&desk.database.folder).expect("the folder").count(),
        1,
        "a check creates nothing"
    );
    shown += &desk.shown(&[&["state", "migrate"], &["state", "migrate"], &["state", "check"]]);
    let envelope = desk.envelope();
    assert_eq!(desk.run(&["resend", &envelope, "--recipient", ANNA, "--key", "k-1"]).code, 0);
    let key = desk.database.folder.join("state.db.key");
    std::fs::rename(&key, desk.database.folder.join("lost")).expect("the key");
    shown.push_str(&desk.run(&["state", "check"]).shown());
    assert!(!key.exists(), "no other key takes the place of a lost one");
    KeyEncryptionKey::read_or_create(&key).expect("another key");
    let wrong = desk.run(&["state", "check"]);
    let needed = KeyEncryptionKey::read(&desk.database.folder.join("lost")).expect("the key").id().to_owned();
    shown.push_str(&wrong.shown().replace(&needed, "ID"));
    snapshot("state_files", &shown);
}

#[test]
fn without_a_database_a_key_is_refused_and_all_else_is_as_before() {
    let stage = Stage::at("boldsign", Vendor::BOLDSIGN);
    let envelope = stage.envelope().id;
    let mut shown = String::new();
    for arguments in [
        ["resend", &envelope, "--everyone", "--key", "k-1"].as_slice(),
        &["calls", "list"],
        &["state", "check"],
        &["plan", "resend", &envelope, "--everyone", "--key", "k-1"],
    ] {
        shown.push_str(&stage.run(arguments).shown().replace(&envelope, "ENVELOPE"));
        shown.push('\n');
    }
    snapshot("state_missing", &shown);
    assert_eq!(stage.run(&["resend", &envelope, "--everyone"]).code, 0);
    let generated = ["access-code", &envelope, "--recipient", "id:1", "--generate", "8", "--key", "k-1"];
    assert_eq!(stage.run(&generated).code, 2, "a repeated command would generate another code");
}

#[test]
fn wrong_tables_are_refused_without_their_values() {
    let folder = folder("state-config");
    let refused = |text: &str| {
        let file = folder.join("countersign.toml");
        std::fs::write(&file, text).expect("a file");
        command(&["state", "migrate"])
            .env("COUNTERSIGN_CONFIG", &file)
            .ran("")
            .err
            .replace(&*folder.to_string_lossy(), "DIR")
    };
    let shown: Vec<String> = [
        "state = 1",
        "[state]\nkeys = []",
        "[state]\nurl = \"sqlite:\"",
        "[state]\nurl = \"mysql://user:hunter2@db/state\"",
        "[state]\nurl = \"postgres://user:hunter2@db/state\"",
        "[state]\nurl = \"postgres://user:hunter2@db\"\nkeys = [\"x.key\"]",
        "[state]\nurl = \"postgres://user:hunter2@db/state\"\npooler = \"session\"",
        "[state]\nurl = \"sqlite:x.db\"\nkeys = [1]",
        "[state]\nurl = \"sqlite:x.db\"\nkeys = [\"missing.key\"]",
        "[state]\nurl = \"sqlite:x.db\"\nkey = \"x.key\"",
    ]
    .map(refused)
    .into();
    assert!(!shown.concat().contains("hunter2"));
    snapshot("state_config", &shown.join("\n"));
}

/// Nothing that is secret is in the database, whatever the command did.
#[test]
fn the_database_contains_no_link_no_code_and_no_address() {
    for desk in Desk::all("state-secrets") {
        let envelope = desk.stage.envelope().id;
        let view = ["view", &envelope, "--recipient", ZOE, "--return-url", BACK, "--key", "v"];
        let link = desk.run(&view).out.trim().to_owned();
        assert!(link.starts_with("http"), "{link}");
        let code = ["access-code", &envelope, "--recipient", ZOE, "--code-stdin", "--key", "code"];
        assert_eq!(desk.run(&code).code, 0);
        let contents = desk.database.contents();
        let contains = |text: &str| {
            contents.iter().any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
        };
        assert!(contains(&envelope), "the id of the envelope is no secret");
        for secret in [&*link, "N3wCode22", "anna+sign@example.com"] {
            assert!(!contains(secret), "{secret}");
        }
    }
}

#[test]
fn the_tokens_of_a_user_are_in_the_database() {
    for database in Database::all("state-tokens") {
        for mut desk in login::Desk::all("state", false) {
            desk.config = Some(database.config());
            let envelope = desk.stage.envelope();
            let list = || desk.run(&["recipients", &envelope.id]).code;
            desk.signed_in();
            assert_eq!((list(), desk.has_files()), (0, false));
            // The token is over for the vendor: the next command renews it, and the one after uses the new one.
            desk.stage.world.advance(Duration::from_secs(9 * 3600));
            assert_eq!((list(), list()), (0, 0));
            assert_eq!((desk.run(&["logout"]).code, list()), (0, 4));
        }
    }
}

/// An application's token is good for all commands, until the vendor refuses it or the secret changes.
#[test]
fn commands_share_the_token_of_an_application() {
    for desk in Desk::all("state-application") {
        let envelope = desk.stage.envelope().id;
        let access = desk.stage.sandbox().boldsign();
        let list = |secret: &str| {
            let command = desk.stage.command_with(SignIn::Application, &["recipients", &envelope]);
            desk.database.at(command).env(format!("{PREFIX}AUTH__CLIENT_SECRET"), secret).ran("").code
        };
        let secret = access.client_secret.expose();
        let asked = || desk.stage.world.calls().iter().filter(|call| call.path.contains("token")).count();
        assert_eq!((list(secret), list(secret), asked()), (0, 0, 1));
        desk.stage.world.advance(Duration::from_secs(2 * 3600));
        assert_eq!((list(secret), list(secret), asked()), (0, 0, 2));
        assert_eq!((list("another secret"), list(secret)), (4, 0));
        let contents = desk.database.contents();
        assert!(
            !contents.iter().any(|bytes| bytes.windows(secret.len()).any(|part| part == secret.as_bytes()))
        );
    }
}

#[test]
fn a_webhook_that_one_process_has_seen_is_known_to_the_next() {
    for desk in Desk::all("state-webhooks") {
        let config = desk.database.config();
        let more = ["--config", typed(&config)];
        let request = posted(&desk.stage, None);
        for seen in ["first", "duplicate"] {
            let mut listening = Listening::start(&desk.stage, &more);
            assert_eq!(deliver(&listening.url, &request).0, 200);
            listening.expect(&[(200, seen, "envelope_sent")]);
        }
    }
}

#[test]
fn a_postgres_database_is_made_by_migrate_and_checked() {
    let Some(server) = PgServer::shared() else { return };
    let desk = Desk::over(Database::postgres("state-server", server.database()));
    let envelope = desk.envelope();
    let resend = ["resend", &envelope, "--recipient", ANNA, "--key", "k-1"];
    let (check, migrate) = (["state", "check"], ["state", "migrate"]);
    let mut shown = desk.shown(&[&resend, &check, &migrate, &migrate, &resend, &check]);
    let key = desk.database.folder.join("state.db.key");
    let needed = KeyEncryptionKey::read(&key).expect("the key").id().to_owned();
    std::fs::remove_file(&key).expect("the key");
    KeyEncryptionKey::read_or_create(&key).expect("another key");
    shown.push_str(&desk.run(&["state", "check"]).shown().replace(&needed, "ID"));
    snapshot("state_server", &shown.replace(&envelope, "ENVELOPE"));
}
