//! What is erased is gone, in every table.

use countersign_sandbox::{DropWhen, Fault, FaultKind};
use serde_json::json;

use crate::support::{Stage, resend};

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
    assert_eq!(problem["detail"], "the outcome of 1 calls is unknown");
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
