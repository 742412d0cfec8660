//! What vendors report becomes events, and answers for later questions.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::Timestamp;
use countersign::provider::SignatureReach;
use countersign_gateway::{KeyLimits, KeyScope, app};
use countersign_sandbox::Act;
use countersign_testkit::FakeClock;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::events::{delivered, events, stage};
use crate::support::Stage;

/// Anna and Ben sign at each vendor.
pub(crate) async fn signed(stage: &Stage) {
    for sample in stage.dev.samples.clone() {
        for who in ["anna", "ben"] {
            let before = stage.dev.sandbox.webhooks().log().len();
            let act = |act| stage.world().act(&sample.envelope, &format!("{who}@example.com"), act);
            if sample.locked.is_some() {
                let code = if who == "anna" { "Anna2345" } else { "Ben23456" };
                act(Act::EnterCode { code: code.into() }).unwrap();
            }
            act(Act::Sign { new_name: None }).unwrap();
            delivered(stage, before + 1).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_an_envelope_are_counted_and_have_its_newest_state() {
    let (stage, _stop) = stage().await;
    signed(&stage).await;
    let all = events(&stage, "").await;
    for sample in &stage.dev.samples {
        let own: Vec<&Value> = all.iter().filter(|one| one["envelope"] == sample.envelope.as_str()).collect();
        let versions: Vec<i64> = own.iter().filter_map(|one| one["version"].as_i64()).collect();
        assert_eq!(versions, (1..=i64::try_from(own.len()).unwrap()).collect::<Vec<_>>(), "{own:#?}");
        assert!(own.iter().any(|one| one["type"] == "envelope.completed"), "{own:#?}");
        // A status only from a body that the vendor signed.
        let vendor = countersign::vendors().iter().find(|one| one.name == sample.account).unwrap();
        let is_covered = vendor.facts.webhook.as_ref().unwrap().covers == SignatureReach::Body;
        let last = own.last().unwrap();
        assert_eq!(
            (last["stale"] == json!(false), last["envelope_status"] == json!("completed")),
            (is_covered, is_covered),
            "{last:#}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recipients_may_be_answered_from_reports_that_are_new_enough() {
    let (stage, _stop) = stage().await;
    signed(&stage).await;
    stage.dev.gateway.work().await.unwrap();
    let clock = Arc::new(FakeClock::at(&Timestamp::now().to_string()));
    let fake = Arc::clone(&clock);
    let later = app(stage.gateway(|options| options.with_clock(fake)).await);
    let mut told = 0;
    for sample in &stage.dev.samples {
        let list = async |app: &Router, query: &str| {
            let path = format!("/v1/envelopes/{}:{}/recipients{query}", sample.account, sample.envelope);
            let before = stage.world().calls().len();
            let list = stage.ask("GET", path).send_to(app).await.good();
            (list, stage.world().calls().len() - before)
        };
        let (asked, calls) = list(&later, "").await;
        assert_eq!((&asked["from"], calls > 0), (&json!("vendor"), true));
        let (known, calls) = list(&later, "?max_age=900").await;
        if known["from"] == "vendor" {
            // Its webhooks list no recipients, or it does not sign them.
            continue;
        }
        told += 1;
        assert_eq!((&known["from"], calls), (&json!("webhooks"), 0));
        assert!(known["as_of"].as_str() <= asked["as_of"].as_str(), "{known:#}");
        assert_eq!(known["envelope_status"], "completed");
        let statuses = |list: &Value| {
            let people = list["recipients"].as_array().unwrap().clone();
            people.iter().map(|one| (one["id"].clone(), one["status"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(statuses(&known), statuses(&asked));
        clock.advance(Duration::from_secs(901));
        let (old, calls) = list(&later, "?max_age=900").await;
        assert_eq!((&old["from"], calls > 0), (&json!("vendor"), true));
        assert_eq!(list(&later, "?max_age=3600").await.0["from"], "webhooks");
    }
    assert!(told >= 1);
    let path = stage.at("recipients?max_age=soon");
    stage.ask("GET", path).send().await.problem(400, "query_invalid");
}

/// A webhook of the account, signed as its vendor signs.
pub(crate) fn hook(secret: &str, body: impl AsRef<[u8]>) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_ref());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_at_once_is_kept_once_also_if_it_cannot_be_read() {
    let stage = Stage::new().await;
    let directory = stage.dev.gateway.directory();
    let tenant = directory.tenants().await.unwrap().remove(0).id;
    let account = directory.account(&tenant, "docusign").await.unwrap().unwrap();
    let mut settings = directory.settings(&tenant, &account.id).await.unwrap().unwrap();
    settings.insert("webhook_secrets".to_owned(), json!(["of-this-test"]));
    let new = json!({ "name": "hooked", "vendor": "docusign", "settings": settings });
    let made = stage.ask("POST", "/v1/accounts").json(new).send().await.good();
    let path = made["webhooks"].as_str().unwrap();
    let bodies: Vec<String> = (0..60).map(|number| format!("{{\"unheard-of\": {number}}}")).collect();
    // Each twice, all at the same time.
    let posts = bodies.iter().chain(&bodies).map(|body| {
        let ask = stage.bare("POST", path).body(body.clone());
        ask.header("x-docusign-signature-1", hook("of-this-test", body)).send()
    });
    let tasks: Vec<_> = posts.collect();
    for answer in futures_util::future::join_all(tasks).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let forged = stage.bare("POST", path).body("{}").header("x-docusign-signature-1", hook("other", "{}"));
    forged.send().await.problem(401, "webhook_refused");
    let all = events(&stage, "").await;
    assert_eq!(all.len(), 60);
    for event in all {
        assert_eq!((&event["type"], &event["vendor_event"]), (&json!("vendor.other"), &json!("unreadable")));
        assert_eq!(event["account"], made["id"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_what_cannot_be_read_is_kept_sealed_shown_to_its_tenant_and_erased() {
    let (stage, _stop) = stage().await;
    let account = stage.ask("GET", "/v1/accounts/docusign").send().await.good();
    let post = |body: &[u8]| {
        let ask = stage.bare("POST", account["webhooks"].as_str().unwrap()).body(body);
        ask.header("x-docusign-signature-1", hook("webhooks-of-the-sandbox", body)).send()
    };
    let first = "{\"new-form\": \"of anna@example.com\"}";
    let long = format!("not even JSON{}", " and long".repeat(10_000));
    for body in [first.as_bytes(), long.as_bytes(), &[0xff; 40_000]] {
        assert_eq!(post(body).await.status, 200);
    }
    let all = events(&stage, "").await;
    assert!(!all[0].to_string().contains("anna@example.com"), "{all:#?}");
    let text = |event: &Value| stage.ask("GET", format!("/v1/events/{}/text", event["id"].as_str().unwrap()));
    assert_eq!(text(&all[0]).send().await.good(), json!({ "text": first }));
    for event in &all[1..] {
        let length = text(event).send().await.good()["text"].as_str().unwrap().len();
        assert!((32 * 1024 - 3..=32 * 1024).contains(&length), "bounded, not {length}");
    }
    let content = stage.content();
    let kept = content.iter().map(|content| String::from_utf8_lossy(content));
    assert!(
        kept.into_iter().all(|kept| !kept.contains("new-form") && !kept.contains("not even JSON")),
        "sealed"
    );

    // The texts may name people, which events do not.
    let reader = stage.key("dev", &[KeyScope::EventsRead]).await;
    let other = text(&all[0]).header("authorization", &reader);
    other.send().await.problem(403, "scope_missing");

    // A key for another account does not see it.
    let directory = stage.dev.gateway.directory();
    let limits = KeyLimits::default().with_accounts(vec!["boldsign".to_owned()]);
    let scopes = [KeyScope::EventsText];
    let other = directory.add_limited_key("dev", &scopes, "", false, None, &limits).await.unwrap();
    let other = text(&all[0]).header("authorization", format!("Bearer {}", other.expose()));
    other.send().await.problem(404, "event_not_found");

    // No text mentions the envelope or the recipient, and yet one may be about them.
    let sample = stage.sample();
    let envelope = format!("{}:{}", sample.account, sample.envelope);
    let erasure = json!({ "envelope": envelope, "recipient": "email:anna@example.com" });
    stage.ask("POST", "/v1/erasures").json(erasure).send().await.good();
    for event in &all {
        text(event).send().await.problem(404, "text_not_found");
    }
    assert_eq!(post(b"another").await.status, 200);
    let last = events(&stage, "").await.pop().unwrap();
    text(&last).send().await.good();
    assert_eq!(stage.ask("DELETE", stage.at("data")).send().await.status, 204);
    text(&last).send().await.problem(404, "text_not_found");
    stage.world().void(&stage.dev.samples[1].envelope, "a mistake").unwrap();
    delivered(&stage, 1).await;
    text(events(&stage, "").await.last().unwrap()).send().await.problem(404, "text_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_hundred_texts_of_an_account_are_kept_for_a_month() {
    let (stage, _stop) = stage().await;
    let account = stage.ask("GET", "/v1/accounts/docusign").send().await.good();
    for number in 0..102 {
        let body = format!("text {number}");
        let ask = stage.bare("POST", account["webhooks"].as_str().unwrap()).body(body.clone());
        let ask = ask.header("x-docusign-signature-1", hook("webhooks-of-the-sandbox", &body));
        assert_eq!(ask.send().await.status, 200);
    }
    assert_eq!(events(&stage, "").await.len(), 100, "a page");
    let kept = || stage.row("select count(*) from gateway_event where text is not null");
    assert_eq!(kept(), "100");
    assert_eq!(
        stage.row("select count(*) from gateway_event where text is null and seq > 2"),
        "0",
        "the oldest went"
    );
    stage.row("update gateway_event set received_at = 0");
    stage.dev.gateway.sweep().await.unwrap();
    assert_eq!(stage.row("select count(*) from gateway_event"), "1");
    assert_eq!(kept(), "0", "also that of the newest event");
}
