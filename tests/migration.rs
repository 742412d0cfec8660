//! A worked example of a move: an application's calls, played at DocuSign and at BoldSign in the sandbox, and back.
//! What differs is in the snapshots, which were read line by line; the report of `migrate::check` for the same calls
//! says beforehand what they show.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign::cassette::{self, Recording, Replayer, Source};
use countersign::migrate::{self, CallUse, Calls, Verdict};
use countersign::provider::{Context, Descriptor, ErrorMapping, Feature, Provider, Request};
use countersign::transport::{Call, HttpTransport, Limits, Transport};
use countersign::{
    AccessCode, AccessCodeChanged, ChangeAccessCode, Client, Clock, CreateView, EnvelopeId, ErrorKind,
    ListRecipients, Operations, Origin, RecipientRef, Recipients, ResendRecipient, Resent, ReturnUrl,
    SigningView, SystemClock, Timestamp,
};
use countersign_sandbox::{Act, NewEnvelope, NewRecipient, Role, Secret, World};
use countersign_testkit::assert_same_behavior;
use countersign_testkit::behavior::{self, Side, Step, Which};
use countersign_tests::{Stage, stages, stages_with};

const ANNA: &str = "email:anna@example.com";
const BEN: &str = "email:ben+lease@example.com";
const CARL: &str = "email:carl@example.com";

fn envelope(name: &str) -> EnvelopeId {
    EnvelopeId::new(name).unwrap()
}

fn to(recipient: &str) -> RecipientRef {
    recipient.parse().unwrap()
}

fn list() -> ListRecipients {
    ListRecipients::new(envelope("lease"))
}

fn view(recipient: &str) -> CreateView {
    CreateView::new(
        envelope("lease"),
        to(recipient),
        ReturnUrl::new("https://app.example.com/signed").unwrap(),
    )
}

fn resend(recipient: &str) -> ResendRecipient {
    ResendRecipient::new(envelope("lease"), to(recipient))
}

fn code(envelope_name: &str, recipient: &str, code: &str) -> ChangeAccessCode {
    ChangeAccessCode::new(envelope(envelope_name), to(recipient), AccessCode::new(code).unwrap())
}

/// A vendor with the application's envelopes: a lease that Anna and Ben sign in this order within the application, each
/// with an access code, with a copy for Carl; and a note that Anna signs without a code.
struct Place {
    world: World,
    client: Client,
    lease: EnvelopeId,
    note: EnvelopeId,
}

impl Place {
    fn at(stage: &Stage) -> Self {
        let anna = || NewRecipient::new("Anna Ek", "anna@example.com").with_embedded("c-1");
        let ben = NewRecipient::new("Ben Öst", "ben+lease@example.com").with_order(2).with_embedded("c-2");
        let carl = NewRecipient::new("Carl", "carl@example.com").with_order(3).with_role(Role::CarbonCopy);
        let make = |new: NewEnvelope| EnvelopeId::new(stage.world.make_envelope(new).unwrap().id).unwrap();
        let lease = NewEnvelope::new(stage.vendor, "Lease")
            .with_recipient(anna().with_access_code("Anna-2345"))
            .with_recipient(ben.with_access_code("Ben-23456"))
            .with_recipient(carl);
        let note = NewEnvelope::new(stage.vendor, "Note").with_recipient(anna());
        let client = stage.client_over(Arc::new(HttpTransport::default()), Limits::default(), None).unwrap();
        Self { world: stage.world.clone(), client, lease: make(lease), note: make(note) }
    }

    fn side(&self) -> Side<'_> {
        Side::new(&self.client)
            .with_envelope("lease", self.lease.clone())
            .with_envelope("note", self.note.clone())
    }
}

/// Where the story is played: the old account and the new one. At a recording no one can act, and no one has to.
type Places<'p> = [Option<&'p Place>; 2];

/// Something that a signer does at both vendors.
fn act(title: &str, places: Places<'_>, recipient: &'static str, acts: Vec<Act>) -> Step {
    let worlds = places.map(|place| place.map(|place| (place.world.clone(), place.lease.clone())));
    Step::between(title, move |which| {
        let Some((world, lease)) = &worlds[usize::from(which == Which::New)] else { return };
        for act in &acts {
            world.act(lease.as_str(), recipient, act.clone()).unwrap();
        }
    })
}

fn types(code: &str) -> Act {
    Act::EnterCode { code: Secret::new(code) }
}

fn signs() -> Act {
    Act::Sign { new_name: None }
}

/// The application's calls, in the order of a story in which most of what can happen happens.
fn story(places: Places<'_>) -> Vec<Step> {
    let framed = view(ANNA).with_frame_ancestors(vec![Origin::new("https://app.example.com").unwrap()]);
    let lasting = view(ANNA).with_expires_in(Duration::from_secs(2 * 24 * 60 * 60));
    vec![
        Step::call("who is on the lease", list()),
        Step::call("a link for Anna", view(ANNA)),
        Step::call("a link for Anna, named by our own id", view("client:c-1")),
        Step::call("a link for Anna, in a frame", framed),
        Step::call("a link for Anna that lives for two days", lasting),
        Step::call("a link for Ben before his turn", view(BEN)),
        Step::call("remind Ben before his turn", resend(BEN)),
        Step::call("a link for Carl, who gets a copy", view(CARL)),
        act("Anna types her code and signs", places, "anna@example.com", vec![types("Anna-2345"), signs()]),
        act("Ben types three wrong codes", places, "ben+lease@example.com", vec![types("wrong"); 3]),
        Step::call("who has signed", list()),
        Step::call("a link for Ben, who is locked", view(BEN)),
        Step::call("remind Ben, who is locked", resend(BEN)),
        Step::call("a link for Ben after the reminder", view(BEN)),
        Step::call("remind Ben once more on the same day", resend(BEN)),
        Step::call("a new code for Ben", code("lease", BEN, "Fresh-2345")),
        Step::call("a link for Ben with the new code", view(BEN)),
        Step::call("a code for Anna, who has signed", code("lease", ANNA, "Late-2345")),
        Step::call("a first code for Anna's note", code("note", ANNA, "First-2345")),
        act(
            "Ben types the new code and signs",
            places,
            "ben+lease@example.com",
            vec![types("Fresh-2345"), signs()],
        ),
        Step::call("who has signed in the end", list()),
        Step::call("a link for Ben, who has signed", view(BEN)),
        Step::call("remind everybody, when all is done", ResendRecipient::everyone(envelope("lease"))),
        Step::call(
            "who is on an envelope that is not there",
            ListRecipients::new(envelope("5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001")),
        ),
    ]
}

#[tokio::test]
async fn from_docusign_to_boldsign() {
    let stages = stages().await.unwrap();
    let [old, new] = [Place::at(&stages[0]), Place::at(&stages[1])];
    assert_same_behavior!("docusign_to_boldsign", old.side(), new.side(), story([Some(&old), Some(&new)]));
}

#[tokio::test]
async fn and_back() {
    let stages = stages().await.unwrap();
    let [old, new] = [Place::at(&stages[1]), Place::at(&stages[0])];
    assert_same_behavior!("boldsign_to_docusign", old.side(), new.side(), story([Some(&old), Some(&new)]));
}

/// A vendor beside itself: two envelopes with other ids and other moments, and nothing differs.
#[tokio::test]
async fn nothing_differs_between_two_envelopes_of_one_vendor() {
    for stage in stages_with(Feature::ChangeAccessCode).await.unwrap() {
        let [old, new] = [Place::at(&stage), Place::at(&stage)];
        let found = behavior::compare(&old.side(), &new.side(), &story([Some(&old), Some(&new)])).await;
        assert!(found.is_same(), "{}:\n{found}", stage.name);
    }
}

/// A provider that is called directly: each call once, without the layers of a client.
struct Bare(Arc<dyn Provider>, Arc<dyn Transport>);

impl Bare {
    async fn ask<R: Request>(&self, request: &R) -> countersign::Result<R::Reply> {
        let cx = Context::new(R::OPERATION, Arc::clone(&self.1), Arc::new(SystemClock));
        request.send(self.0.as_ref(), &cx).await
    }
}

#[async_trait]
impl Operations for Bare {
    fn descriptor(&self) -> &'static Descriptor {
        self.0.descriptor()
    }

    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    async fn create_view(&self, request: &CreateView) -> countersign::Result<SigningView> {
        self.ask(request).await
    }

    async fn resend_recipient(&self, request: &ResendRecipient) -> countersign::Result<Resent> {
        self.ask(request).await
    }

    async fn change_access_code(&self, request: &ChangeAccessCode) -> countersign::Result<AccessCodeChanged> {
        self.ask(request).await
    }

    async fn list_recipients(&self, request: &ListRecipients) -> countersign::Result<Recipients> {
        self.ask(request).await
    }
}

/// What a client adds (repetition, deadlines, limits) changes no outcome: the bare provider behaves the same.
#[tokio::test]
async fn a_provider_without_a_client() {
    let stages = stages().await.unwrap();
    let bare = Bare(stages[1].account.provider().unwrap(), Arc::new(HttpTransport::default()));
    let [old, new] = [Place::at(&stages[1]), Place::at(&stages[1])];
    let without =
        Side::new(&bare).with_envelope("lease", old.lease.clone()).with_envelope("note", old.note.clone());
    let steps = [
        Step::call("who is on the lease", list()),
        Step::call("a link for Ben before his turn", view(BEN)),
        Step::call("remind Anna", resend(ANNA)),
        Step::call("remind Anna once more on the same day", resend(ANNA)),
        Step::call("a first code for Anna's note", code("note", ANNA, "First-2345")),
    ];
    assert_same_behavior!(without, new.side(), steps);
}

/// The old account need not be asked each time: its recording shows the same differences. And the check takes its calls
/// from the recording.
#[tokio::test]
async fn the_old_side_as_a_recording() {
    let stages = stages().await.unwrap();
    let folder = std::env::temp_dir().join(format!("countersign-migration-{}", std::process::id()));
    let recording = Recording::new(&folder, "lease", Source::Sandbox).unwrap();
    let mut old = Place::at(&stages[0]);
    old.client = Client::builder(stages[0].account.provider().unwrap()).record(&recording).build();
    let new = Place::at(&stages[1]);
    let live = behavior::compare(&old.side(), &new.side(), &story([Some(&old), Some(&new)])).await;
    recording.finish().unwrap();

    let replayer = Replayer::new(cassette::load(recording.file()).unwrap(), Arc::new(SystemClock));
    let replayed = Client::replaying(&replayer).unwrap();
    // Ids and personal data are placeholders in a recording, so those of this run may be any that look alike.
    let recorded = Side::new(&replayed)
        .with_envelope("lease", envelope("11111111-1111-4111-8111-111111111111"))
        .with_envelope("note", envelope("22222222-2222-4222-8222-222222222222"));
    let new = Place::at(&stages[1]);
    let found = behavior::compare(&recorded, &new.side(), &story([None, Some(&new)])).await;
    replayer.finish().unwrap();
    // Until the application has named a recipient, a recording shows a made-up one.
    let but_people = |found: &behavior::Behavior| {
        let text = found.to_string();
        let lines = text.lines().filter(|line| !line.contains("{email:") && !line.contains("{client:"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(but_people(&found), but_people(&live));

    let calls = Calls::recorded(&folder, stages[0].account.vendor()).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let names: Vec<&str> = calls.calls.iter().filter_map(|call| call.name.as_deref()).collect();
    assert_eq!(
        names,
        [
            "4 times in lease",
            "recipient by email, 7 times in lease",
            "recipient by client user id, once in lease",
            "recipient by email, frame_ancestors, once in lease",
            "recipient by email, 3 times in lease",
            "recipient by email, 3 times in lease",
            "everyone, once in lease",
        ]
    );
}

/// What `migrate check` says of the same calls beforehand.
#[test]
fn the_check_of_the_same_calls() {
    let [docusign, boldsign] = ["docusign", "boldsign"]
        .map(|name| *countersign::vendors().iter().find(|vendor| vendor.name == name).unwrap());
    let framed = view(ANNA).with_frame_ancestors(vec![Origin::new("https://app.example.com").unwrap()]);
    let lasting = view(ANNA).with_expires_in(Duration::from_secs(2 * 24 * 60 * 60));
    let asked: [(Call, Verdict, Verdict); 7] = [
        (list().into(), Verdict::Differs, Verdict::Differs),
        (view(ANNA).into(), Verdict::Differs, Verdict::Differs),
        (view("client:c-1").into(), Verdict::Impossible, Verdict::Differs),
        (framed.into(), Verdict::Differs, Verdict::Differs),
        (lasting.into(), Verdict::Differs, Verdict::Impossible),
        (resend(BEN).into(), Verdict::Differs, Verdict::Differs),
        (code("lease", BEN, "Fresh-2345").into(), Verdict::Differs, Verdict::Differs),
    ];
    for (call, forth, back) in asked {
        let calls = Calls { calls: vec![CallUse::of_call(&call).unwrap()], envelopes: Vec::new() };
        let verdict = |from, to| migrate::check(from, to, &calls).unwrap().verdict;
        assert_eq!((verdict(docusign, boldsign), verdict(boldsign, docusign)), (forth, back), "{call:?}");
    }
}

#[test]
fn every_vendor_has_a_whole_table() {
    for vendor in countersign::vendors() {
        assert_eq!(vendor.facts.gaps(), Vec::<String>::new(), "{}", vendor.name);
    }
}

/// What a vendor's own rules can make of a refusal is in the table of its operation, or can come everywhere.
#[test]
fn the_kinds_of_the_rules_can_occur() {
    for vendor in countersign::vendors() {
        let (rules, rows) = (vendor.facts.refusals.rules(), &vendor.facts.mappings.error);
        for rule in rules.iter().filter(|rule| !ErrorMapping::EVERYWHERE.contains(&rule.kind)) {
            let is_of = |operation| rule.operation.is_none_or(|own| own == operation);
            let there = rows.iter().any(|row| row.kind == rule.kind && is_of(row.operation));
            let elsewhere = rule.kind == ErrorKind::QuotaExceeded && rule.operation.is_none();
            assert!(there || elsewhere, "{}: {rule:?} comes in no operation", vendor.name);
        }
    }
}
