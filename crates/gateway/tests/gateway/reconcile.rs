//! Calls with an unknown outcome are settled where the vendor proves that they happened, and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use countersign::Timestamp;
use countersign_gateway::Gateway;
use countersign_sandbox::{DropWhen, Fault, FaultKind};
use countersign_testkit::FakeClock;
use serde_json::{Value, json};

use crate::events::{delivered, events, stage};
use crate::reports::hook;
use crate::support::{Ask, Stage, resend};

/// Longer than clocks may differ.
const LATER: Duration = Duration::from_secs(3 * 60);

/// A resend whose answer gets lost; the path of the call.
async fn lost(stage: &Stage, when: DropWhen) -> String {
    stage.world().inject(Fault::on("PUT", "/recipients", FaultKind::Drop { drop: when }));
    let lost = ask(stage, "lost").send().await.json();
    assert_eq!(lost["outcome"], "unknown", "{lost:#}");
    lost["call"].as_str().unwrap().to_owned()
}

fn ask<'s>(stage: &'s Stage, key: &str) -> Ask<'s> {
    let sample = stage.dev.samples.iter().find(|one| one.account == "docusign").unwrap();
    let path = format!("/v1/envelopes/docusign:{}/resends", sample.envelope);
    stage.ask("POST", path).keyed(key).json(resend())
}

/// The vendor reports that the first mail went out long before.
async fn first_mail(stage: &Stage) {
    let sample = stage.dev.samples.iter().find(|one| one.account == "docusign").unwrap();
    let at = Timestamp::now().checked_sub(LATER).unwrap();
    let sent = json!({ "event": "envelope-sent", "generatedDateTime": at.to_string(),
        "data": { "envelopeId": sample.envelope } });
    let account = stage.ask("GET", "/v1/accounts/docusign").send().await.good();
    let post = stage.bare("POST", account["webhooks"].as_str().unwrap()).body(sent.to_string());
    let signature = hook("webhooks-of-the-sandbox", sent.to_string());
    assert_eq!(post.header("x-docusign-signature-1", signature).send().await.status, 200);
}

async fn state(stage: &Stage, call: &str) -> Value {
    stage.ask("GET", call).send().await.good()
}

/// The types of the events about calls.
async fn told(stage: &Stage, call: &str) -> Vec<String> {
    let all = events(stage, "").await;
    let own = all.iter().filter(|one| one["call"].as_str().is_some_and(|id| call.ends_with(id)));
    own.map(|one| one["type"].as_str().unwrap().to_owned()).collect()
}

async fn look(gateway: &Gateway) -> usize {
    gateway.reconcile().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_mail_that_the_vendor_reports_settles_its_call() {
    let (stage, _stop) = stage().await;
    first_mail(&stage).await;
    let mails = stage.mails();
    let call = lost(&stage, DropWhen::AfterWork).await;
    delivered(&stage, 1).await;
    let person = stage.gateway(|options| options.with_reconciler(false)).await;
    assert_eq!(look(&person).await, 0);
    assert_eq!(told(&stage, &call).await, ["call.unknown"]);
    assert_eq!(look(&stage.dev.gateway).await, 1, "{:#?}", events(&stage, "").await);
    let settled = state(&stage, &call).await;
    assert_eq!((&settled["state"], &settled["resolved_by"]), (&json!("resolved"), &json!("reconciler")));
    let note = settled["note"].as_str().unwrap();
    assert!(note.starts_with("the vendor reported a message of "), "{note}");
    assert_eq!(look(&stage.dev.gateway).await, 0);
    assert_eq!(told(&stage, &call).await, ["call.unknown", "call.resolved"]);
    ask(&stage, "lost").send().await.problem(409, "call_resolved");
    assert_eq!(stage.mails(), mails + 1);
    // A person who finds the same later is told about once.
    let found = json!({ "happened": true });
    stage.ask("PUT", format!("{call}/resolution")).json(found).send().await.good();
    assert_eq!(told(&stage, &call).await, ["call.unknown", "call.resolved"]);
    let audit = stage.ask("GET", "/v1/audit").send().await.good();
    let entries = audit["data"].as_array().unwrap().iter().filter(|one| one["what"] == "call.resolved");
    let entries: Vec<&Value> = entries.map(|one| &one["who"]).collect();
    assert_eq!(entries, [&json!("reconciler")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_says_who_resolved_a_call_also_if_what_comes_after_it_fails() {
    let stage = Stage::new().await;
    let call = lost(&stage, DropWhen::AfterWork).await;
    let find = || stage.ask("PUT", format!("{call}/resolution")).json(json!({ "happened": true })).send();
    let audit = async || {
        let page = stage.ask("GET", "/v1/audit?limit=2").send().await.good();
        let entry = |one: &Value| {
            [&one["what"], &one["target"], &one["note"]].map(|it| it.as_str().unwrap().to_owned())
        };
        let who = page["data"][0]["who"].as_str().unwrap();
        assert!(who.starts_with("key "), "{page:#}");
        page["data"].as_array().unwrap().iter().map(entry).collect::<Vec<_>>()
    };
    let id = call.rsplit('/').next().unwrap();
    let entry = |what: &str| [what, id, "happened"].map(str::to_owned);
    stage.row("alter table gateway_event rename to gateway_event_away");
    assert!(!find().await.status.is_success());
    stage.row("alter table gateway_event_away rename to gateway_event");
    assert_eq!(state(&stage, &call).await["state"], "resolved");
    assert_eq!(audit().await[0], entry("call.resolving"));
    find().await.good();
    assert_eq!(audit().await, [entry("call.resolved"), entry("call.resolving")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_a_mail_is_left_to_a_person() {
    let stage = Stage::new().await;
    let call = lost(&stage, DropWhen::BeforeWork).await;
    assert_eq!(look(&stage.dev.gateway).await, 0);
    assert_eq!(state(&stage, &call).await["state"], "unknown");
    let found = json!({ "happened": false });
    for _ in 0..2 {
        stage.ask("PUT", format!("{call}/resolution")).json(found.clone()).send().await.good();
    }
    assert_eq!(told(&stage, &call).await, ["call.unknown", "call.resolved"], "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_looked_at_costs_no_writes_until_it_is_time_again() {
    let stage = Stage::new().await;
    lost(&stage, DropWhen::BeforeWork).await;
    look(&stage.dev.gateway).await;
    let kept = || {
        let turn = stage.row("select turn from gateway_feed");
        turn + " " + &stage.row("select used_at || ' ' || looked_at from gateway_call")
    };
    let (before, calls) = (kept(), stage.world().calls().len());
    look(&stage.dev.gateway).await;
    assert_eq!(
        (kept(), stage.world().calls().len()),
        (before, calls),
        "nothing was written, no vendor asked"
    );

    // The pauses grow with the age of the call.
    let clock = Arc::new(FakeClock::at(&Timestamp::now().to_string()));
    clock.advance(Duration::from_secs(30 * 60));
    let later = stage.gateway(|options| options.with_clock(clock)).await;
    for (minutes, is_asked) in [(14, false), (16, true)] {
        stage.row(&format!(
            "update gateway_call set looked_at = looked_at - {minutes} * 60000000 returning key"
        ));
        look(&later).await;
        assert_eq!(stage.world().calls().len() > calls, is_asked, "{minutes} minutes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_another_call_of_that_time_can_have_sent_the_mail() {
    let (stage, _stop) = stage().await;
    first_mail(&stage).await;
    ask(&stage, "other").send().await.good();
    let call = lost(&stage, DropWhen::AfterWork).await;
    delivered(&stage, 2).await;
    // A call may take 5 minutes, its mail 10 more, and clocks differ by 2.
    for (minutes, settled) in [(0, 0), (16, 0), (18, 1)] {
        let sql = "update gateway_call set looked_at = 0, used_at = used_at";
        stage.row(&format!("{sql} - {minutes} * 60000000 where key = 'other' returning key"));
        stage.row("update gateway_call set looked_at = 0 where key = 'lost' returning key");
        assert_eq!(look(&stage.dev.gateway).await, settled, "{minutes} minutes before");
        stage.row(&format!("{sql} + {minutes} * 60000000 where key = 'other' returning key"));
    }
    assert_eq!(state(&stage, &call).await["resolved_by"], "reconciler");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_may_be_of_a_forgotten_call_proves_nothing() {
    let (stage, _stop) = stage().await;
    first_mail(&stage).await;
    let call = lost(&stage, DropWhen::AfterWork).await;
    delivered(&stage, 1).await;
    let (gateway, again) = (&stage.dev.gateway, "update gateway_call set looked_at = 0 returning key");
    gateway.directory().hold(None).await.unwrap();
    assert_eq!(look(gateway).await, 0, "while calls are held");
    gateway.directory().end_hold(None).await.unwrap();
    for (minutes, settled) in [(0, 0), (16, 0), (2, 1)] {
        stage.row(again);
        let sql = "update gateway_tenant set hold_ended_at = hold_ended_at";
        stage.row(&format!("{sql} - {minutes} * 60000000 returning id"));
        assert_eq!(look(gateway).await, settled, "{minutes} minutes more after the hold");
    }
    assert_eq!(state(&stage, &call).await["resolved_by"], "reconciler");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_may_be_of_another_call_proves_nothing() {
    let (stage, _stop) = stage().await;
    first_mail(&stage).await;
    let call = lost(&stage, DropWhen::BeforeWork).await;
    ask(&stage, "other").send().await.good();
    delivered(&stage, 1).await;
    assert!(events(&stage, "").await.iter().any(|one| one["type"] == "recipient.reminded"));
    assert_eq!(look(&stage.dev.gateway).await, 0);
    assert_eq!(state(&stage, &call).await["state"], "unknown");
}
