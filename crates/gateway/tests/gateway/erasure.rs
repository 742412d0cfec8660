//! What is erased is gone, in every table.

use countersign_sandbox::{DropWhen, Fault, FaultKind};
use serde_json::{Value, json};

use crate::endpoints::Scene;
use crate::events::{events, stage};
use crate::reports::signed;
use crate::support::{ANNA, BEN, Stage, resend};

/// How many rows mention it, in the tables that a tenant's data can be in.
fn rows(stage: &Stage, what: &str) -> Vec<(&'static str, String)> {
    let tables = [
        ("gateway_tenant", "id"),
        ("gateway_key", "tenant"),
        ("gateway_account", "tenant || id"),
        ("gateway_call", "tenant || key"),
        ("gateway_event", "tenant || account || coalesce(envelope, '')"),
        ("gateway_inbox", "tenant || account"),
        ("gateway_envelope", "tenant || account || envelope"),
        ("gateway_endpoint", "tenant"),
        ("gateway_delivery", "tenant"),
        ("gateway_feed", "tenant"),
        ("gateway_return", "tenant || account || envelope"),
        ("call", "scope || coalesce(account, '') || envelope || key"),
        ("token", "key"),
        ("sign_in", "scope"),
        ("sealing_key", "scope"),
    ];
    let count = |(table, text): (&'static str, &str)| {
        (table, stage.row(&format!("select count(*) from {table} where {text} like '%{what}%'")))
    };
    tables.into_iter().map(count).filter(|(_, count)| count != "0").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_of_an_envelope_is_erased_unless_calls_are_open() {
    let stage = Stage::new().await;
    let envelope = stage.sample().envelope.clone();
    let send = |key: &'static str| stage.ask("POST", stage.at("resends")).keyed(key).json(resend()).send();
    send("ben@example.com").await.good();
    assert!(!rows(&stage, &envelope).is_empty() && !rows(&stage, "ben@example.com").is_empty());

    stage.world().inject(Fault::on("PUT", "/recipients", FaultKind::Drop { drop: DropWhen::AfterWork }));
    let call = send("lost").await.json()["call"].as_str().unwrap().to_owned();
    let erase = stage.ask("DELETE", stage.at("data"));
    let problem = erase.clone().send().await.problem(409, "calls_unknown");
    assert_eq!(problem["detail"], "calls that are running, or whose outcome is unknown: 1");
    assert_eq!(stage.ask("GET", &call).send().await.good()["state"], "unknown", "nothing was erased");
    let found = json!({ "happened": true });
    stage.ask("PUT", format!("{call}/resolution")).json(found).send().await.good();
    assert_eq!(erase.send().await.status, 204);
    assert_eq!(rows(&stage, &envelope), []);
    assert_eq!(rows(&stage, "ben@example.com"), []);
    let page = stage.ask("GET", "/v1/audit?limit=1").send().await.good();
    assert_eq!(page["data"][0]["what"], "data.erased");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_no_event_yet_is_erased_with_its_envelope() {
    let scene = Scene::new().await;
    let stage = &scene.stage;
    scene.happen().await;
    assert_eq!(stage.row("select count(*) from gateway_inbox"), "1");
    // As a caller may write it.
    let sample = stage.sample();
    let path = format!("/v1/envelopes/{}:{}/data", sample.account, sample.envelope.to_uppercase());
    assert_eq!(stage.ask("DELETE", path).send().await.status, 204);
    assert_eq!(rows(stage, &sample.envelope), []);
    assert_eq!(events(stage, "").await, Vec::<Value>::new());
}

/// Whether what is kept has this text in clear. The log of PostgreSQL's changes has it until it is used again.
fn shows(stage: &Stage, text: &str) -> bool {
    let mut kept = stage.content();
    if env!("CARGO_CRATE_NAME") == "gateway_postgres" {
        kept.truncate(1);
    }
    kept.iter().any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_is_erased_and_the_others_stay() {
    let (stage, _stop) = stage().await;
    let send = |key: &str, body| stage.ask("POST", stage.at("resends")).keyed(key).json(body);
    send("mail:ben@example.com", resend()).send().await.good();
    send("all", json!({ "everyone": true })).send().await.good();
    send("anna", json!({ "recipient": ANNA })).send().await.good();
    stage.world().inject(Fault::on("PUT", "/recipients", FaultKind::Drop { drop: DropWhen::AfterWork }));
    let lost = send("lost", json!({ "recipient": BEN })).send().await.json()["call"].take();
    signed(&stage).await;
    assert!(shows(&stage, "ben@example.com"), "callers' keys are in clear");

    let erase = |name: &str, force| {
        let body = json!({ "envelope": name, "recipient": BEN, "force": force });
        stage.ask("POST", "/v1/erasures").json(body)
    };
    let before = events(&stage, "").await;
    for sample in &stage.dev.samples {
        let name = format!("{}:{}", sample.account, sample.envelope);
        let list = stage.ask("GET", format!("/v1/envelopes/{name}/recipients")).send().await.good();
        let of = |email: &str| {
            let found = list["recipients"].as_array().unwrap().iter().find(|one| one["email"] == email);
            found.unwrap()["id"].clone()
        };
        let (anna, ben) = (of("anna@example.com"), of("ben@example.com"));
        if sample.envelope == stage.sample().envelope {
            erase(&name, false).send().await.problem(409, "calls_unknown");
            assert_eq!(events(&stage, "").await, before, "nothing was erased");
        }
        let told = erase(&name, true).send().await.good();
        let about = |events: &[Value], who: &Value| {
            let own = |one: &&Value| one["envelope"] == sample.envelope.as_str() && one["recipient"] == *who;
            events.iter().filter(own).count()
        };
        let after = events(&stage, "").await;
        assert!(told["events"].as_u64().unwrap() >= about(&before, &ben) as u64, "{told}");
        assert_eq!((about(&after, &ben), about(&after, &anna)), (0, about(&before, &anna)), "{after:#?}");
        let again = erase(&name, false).send().await.good();
        assert_eq!(again, json!({ "events": 0, "calls": 0 }));
        let path = format!("/v1/envelopes/{name}/recipients?max_age=900");
        assert_eq!(stage.ask("GET", path).send().await.good()["from"], "vendor", "no list lacks a recipient");
    }
    let ids = |events: &[Value]| events.iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&events(&stage, "").await), ids(&before), "cursors stay");
    assert!(before.iter().any(|one| one["recipient"].is_string()), "{before:#?}");

    stage.ask("GET", lost.as_str().unwrap()).send().await.problem(404, "call_not_found");
    let mails = stage.mails();
    send("all", json!({ "everyone": true })).send().await.problem(409, "call_resolved");
    send("anna", json!({ "recipient": ANNA })).send().await.good();
    assert_eq!(stage.mails(), mails, "what also concerned others is not repeated");
    assert!(!shows(&stage, "ben@example.com"));
    let page = stage.ask("GET", "/v1/audit?limit=1").send().await.good();
    assert_eq!(
        (&page["data"][0]["what"], &page["data"][0]["note"]),
        (&json!("data.erased"), &json!("a recipient"))
    );
    let absent = json!({ "envelope": "absent:1", "recipient": BEN });
    stage.ask("POST", "/v1/erasures").json(absent).send().await.problem(404, "account_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_an_account_and_of_a_tenant_is_erased() {
    let stage = Stage::new().await;
    let account = stage.sample().account.clone();
    let path = format!("/v1/accounts/{account}");
    let id = stage.ask("GET", &path).send().await.good()["id"].as_str().unwrap().to_owned();
    stage.world().inject(Fault::on("PUT", "/recipients", FaultKind::Drop { drop: DropWhen::AfterWork }));
    stage.ask("POST", stage.at("resends")).keyed("lost").json(resend()).send().await;
    let delete = stage.ask("DELETE", &path);
    delete.clone().send().await.problem(409, "calls_unknown");
    assert_eq!(delete.path(&format!("{path}?force=true")).send().await.status, 204);
    assert_eq!(rows(&stage, &id), []);
    stage.ask("GET", &path).send().await.problem(404, "account_not_found");

    // The other accounts are as before, until the tenant goes.
    let other = &stage.dev.samples[1];
    let at = format!("/v1/envelopes/{}:{}/resends", other.account, other.envelope);
    stage.ask("POST", at).keyed("mail").json(resend()).send().await.good();
    let directory = stage.dev.gateway.directory();
    let tenant = directory.tenant_named("dev").await.unwrap();
    directory.add_tenant("other").await.unwrap();
    assert!(!rows(&stage, &tenant).is_empty());
    directory.remove_tenant("dev", false).await.unwrap();
    assert_eq!(rows(&stage, &tenant), []);
    stage.ask("GET", "/v1/accounts").send().await.problem(401, "key_invalid");
    let names: Vec<String> = directory.tenants().await.unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["other"]);
    assert!(directory.remove_tenant("dev", true).await.is_err());
}
