//! Webhooks come in, signed by the vendor, and go out as events.

use std::time::Duration;

use countersign::provider::SignatureReach;
use countersign_gateway::{KeyScope, serve};
use countersign_sandbox::{Fault, FaultKind, WebhookState};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::support::{Ask, Stage, resend};

/// The stage with its gateway on a port, to which the vendors send.
pub(crate) async fn stage() -> (Stage, oneshot::Sender<()>) {
    let stage = Stage::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async { drop(stopped.await) };
    tokio::spawn(serve(listener, stage.dev.gateway.clone(), stopped, Duration::ZERO, Duration::from_secs(5)));
    stage.dev.send_webhooks(&url).await.unwrap();
    (stage, stop)
}

/// Waits until the vendors have sent everything.
pub(crate) async fn delivered(stage: &Stage, at_least: usize) {
    let is_done = || {
        let log = stage.dev.sandbox.webhooks().log();
        log.len() >= at_least && log.iter().all(|one| one.state == WebhookState::Delivered)
    };
    while !is_done() {
        tokio::task::yield_now().await;
    }
}

pub(crate) async fn events(stage: &Stage, query: &str) -> Vec<Value> {
    stage.dev.gateway.work().await.unwrap();
    let page = stage.ask("GET", format!("/v1/events{query}")).send().await.good();
    page["data"].as_array().unwrap().clone()
}

/// The last webhook of the vendors, as a request that anyone could send again.
fn again(stage: &Stage) -> (String, Ask<'_>) {
    let webhooks = stage.dev.sandbox.webhooks();
    let last = webhooks.log().pop().unwrap();
    let sent = webhooks.request(last.id).unwrap();
    let path = sent.url.split_once("/hooks/").map(|(_, account)| format!("/hooks/{account}")).unwrap();
    let bare = stage.bare("POST", &path);
    let ask = sent.headers.iter().fold(bare, |ask, (name, value)| ask.header(name, value.as_str()));
    let body = sent.body.expose().to_owned();
    (body.clone(), ask.body(body))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vendors_report_is_listed_once_in_one_vocabulary() {
    let (stage, _stop) = stage().await;
    for sample in stage.dev.samples.clone() {
        let before = stage.dev.sandbox.webhooks().log().len();
        stage.world().void(&sample.envelope, "a mistake").unwrap();
        delivered(&stage, before + 1).await;
        let all = events(&stage, "").await;
        let found = all.iter().filter(|event| {
            event["type"] == "envelope.voided" && event["envelope"] == sample.envelope.as_str()
        });
        let found: Vec<&Value> = found.collect();
        assert_eq!(found.len(), 1, "{all:#?}");
        // A status only from a body that the vendor signed.
        let signed = countersign::vendors().iter().find(|one| one.name == sample.account).unwrap();
        let signed = signed.facts.webhook.as_ref().unwrap().covers == SignatureReach::Body;
        assert_eq!(
            (found[0]["envelope_status"].as_str(), found[0]["vendor"].as_str()),
            (signed.then_some("voided"), Some(sample.account.as_str()))
        );

        // The same webhook once more is accepted, and changes nothing.
        let (_, again) = again(&stage);
        assert_eq!(again.send().await.status, 200);
        assert_eq!(events(&stage, "").await, all);
    }
    let all = events(&stage, "").await;
    let mut read = Vec::new();
    let mut query = "?limit=1".to_owned();
    loop {
        let page = events(&stage, &query).await;
        let Some(last) = page.last() else { break };
        query = format!("?limit=1&after={}", last["id"].as_str().unwrap());
        read.extend(page);
    }
    assert_eq!(read, all, "page by page");
    stage.ask("GET", "/v1/events?after=evt_x").send().await.problem(400, "query_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendor_did_not_sign_is_refused() {
    let (stage, _stop) = stage().await;
    stage.world().void(&stage.sample().envelope, "a mistake").unwrap();
    delivered(&stage, 1).await;
    let all = events(&stage, "").await;
    let (body, ask) = again(&stage);
    let forged = body.replace("voided", "completed").replace("Revoked", "Completed");
    let bare = stage.bare("POST", "/hooks/acc_0").raw(body.clone());
    bare.send().await.problem(404, "account_not_found");
    ask.clone().body(forged + " ").send().await.problem(401, "webhook_refused");
    ask.clone().body("x".repeat(5_000_000)).send().await.problem(413, "webhook_refused");

    // Another tenant's account with other secrets, and one without.
    let stranger = stage.key("stranger", &KeyScope::ALL).await;
    let directory = stage.dev.gateway.directory();
    let tenant = directory.tenants().await.unwrap().into_iter().find(|one| one.name == "dev").unwrap().id;
    let account = directory.account(&tenant, &stage.sample().account).await.unwrap().unwrap();
    let mut settings = directory.settings(&tenant, &account.id).await.unwrap().unwrap();
    let secrets = settings["webhook_secrets"].clone();
    for (name, secret) in [("other", Some("another-secret")), ("none", None)] {
        match secret {
            Some(secret) => settings.insert("webhook_secrets".to_owned(), json!([secret])),
            None => settings.remove("webhook_secrets"),
        };
        let new = json!({ "name": name, "vendor": account.vendor, "settings": settings });
        let made = stage
            .ask("POST", "/v1/accounts")
            .header("authorization", &stranger)
            .json(new)
            .send()
            .await
            .good();
        let status = if secret.is_some() { 401 } else { 503 };
        ask.clone().path(made["webhooks"].as_str().unwrap()).send().await.problem(status, "webhook_refused");
    }
    // Another account of the vendor, with the right secret.
    if settings.contains_key("account_id") {
        settings.insert("account_id".to_owned(), "00000000-54bb-4a7a-9a1c-33f0e2b5a001".into());
        settings.insert("webhook_secrets".to_owned(), secrets);
        let new = json!({ "name": "wrong", "vendor": account.vendor, "settings": settings });
        let ask_new = stage.ask("POST", "/v1/accounts").header("authorization", &stranger).json(new);
        let made = ask_new.send().await.good();
        ask.clone().path(made["webhooks"].as_str().unwrap()).send().await.problem(403, "webhook_refused");
    }
    let list = stage.ask("GET", "/v1/events").header("authorization", &stranger).send().await.good();
    assert_eq!(list["data"], json!([]));
    assert_eq!(events(&stage, "").await, all);

    stage.ask("DELETE", format!("/v1/accounts/{}", account.id)).send().await;
    ask.send().await.problem(404, "account_not_found");
    assert_eq!(events(&stage, "").await, Vec::<Value>::new(), "they are deleted with their account");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_run_when_the_gateway_stops_end_in_order() {
    let (stage, stop) = stage().await;
    stage.world().inject(Fault::on("PUT", "/recipients", FaultKind::Delay { delay_ms: 300 }));
    let mails = stage.mails();
    let ask = stage.ask("POST", stage.at("resends")).keyed("mail").json(resend());
    let stopping = async {
        while !stage.world().faults().is_empty() {
            tokio::task::yield_now().await;
        }
        drop(stop);
        assert!(stage.dev.gateway.quiet(Duration::from_secs(5)).await);
    };
    let (answer, ()) = tokio::join!(ask.send(), stopping);
    answer.good();
    assert_eq!(stage.mails(), mails + 1);
}
