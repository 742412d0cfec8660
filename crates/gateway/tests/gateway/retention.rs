//! What is older than it is kept goes, also that of tenants who do nothing.

use axum::http::StatusCode;
use countersign_sandbox::DropWhen;
use serde_json::{Value, json};

use crate::endpoints::Scene;
use crate::events::events;
use crate::keys::ben_mail_is_lost;
use crate::support::{Stage, resend};

fn count(stage: &Stage, table: &str) -> String {
    stage.row(&format!("select count(*) from {table}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn old_call_ids_and_audit_entries_of_an_idle_tenant_are_swept() {
    let stage = Stage::new().await;
    let send = |key: &'static str| stage.ask("POST", stage.at("resends")).keyed(key).json(resend()).send();
    send("done").await.good();
    ben_mail_is_lost(&stage, DropWhen::AfterWork);
    let call = send("lost").await.json()["call"].as_str().unwrap().to_owned();
    stage.dev.gateway.sweep().await.unwrap();
    assert_eq!(count(&stage, "gateway_call"), "2", "nothing is old");
    assert_ne!(count(&stage, "gateway_audit"), "0");
    stage.row("update gateway_call set used_at = 0 returning key");
    stage.row("update gateway_audit set at = 0 returning who");
    stage.dev.gateway.sweep().await.unwrap();
    assert_eq!(count(&stage, "gateway_audit"), "0");
    assert_eq!(count(&stage, "gateway_call"), "1");
    assert_eq!(stage.ask("GET", call).send().await.good()["state"], "unknown", "its id lives as long");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_events_can_go_on_after_the_last_one_was_swept() {
    let scene = Scene::new().await;
    let stage = &scene.stage;
    for sample in 0..2 {
        scene.happen_at(sample).await;
    }
    let all = events(stage, "").await;
    let after = |event: &Value| format!("?after={}", event["id"].as_str().unwrap());
    stage.row("update gateway_event set received_at = 0 returning seq");
    stage.row("update gateway_envelope set changed_at = 0 returning version");
    stage.dev.gateway.sweep().await.unwrap();
    assert_eq!(count(stage, "gateway_envelope"), "0");
    assert_eq!(events(stage, "").await, all[1..], "the newest one stays");
    assert_eq!(events(stage, &after(&all[1])).await, [] as [Value; 0]);
    scene.happen_at(2).await;
    assert_eq!(events(stage, &after(&all[1])).await.len(), 1);
    let swept = stage.ask("GET", format!("/v1/events{}", after(&all[0]))).send().await;
    assert_eq!(swept.problem(400, "query_invalid")["hint"], "begin again without it");
    stage.dev.gateway.sweep().await.unwrap();
    assert_eq!(events(stage, "").await.len(), 1, "now there is a newer one");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_shown_for_a_week() {
    let scene = Scene::new().await;
    let (endpoint, _) = scene.endpoint(json!({})).await;
    scene.happen().await;
    scene.work().await;
    scene.stage.dev.gateway.sweep().await.unwrap();
    assert_eq!(scene.deliveries(&endpoint).await.as_array().unwrap().len(), 1);
    scene.stage.row("update gateway_delivery set tried_at = 0 returning seq");
    scene.stage.dev.gateway.sweep().await.unwrap();
    assert_eq!(scene.deliveries(&endpoint).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_an_endpoint_that_is_off_goes_with_its_event() {
    let scene = Scene::new().await;
    let stage = &scene.stage;
    let (endpoint, _) = scene.endpoint(json!({})).await;
    scene.happen_at(0).await;
    scene.happen_at(1).await;
    scene.receiver.will(StatusCode::BAD_GATEWAY);
    scene.receiver.will(StatusCode::BAD_GATEWAY);
    scene.work().await;
    stage.ask("PATCH", &endpoint).json(json!({ "enabled": false })).send().await.good();
    stage.row("update gateway_delivery set due_at = 0");
    stage.dev.gateway.sweep().await.unwrap();
    assert_eq!(count(stage, "gateway_delivery"), "2", "it may be switched on again");
    stage.row("update gateway_event set received_at = 0");
    stage.dev.gateway.sweep().await.unwrap();
    assert_eq!(
        (count(stage, "gateway_event"), count(stage, "gateway_delivery")),
        ("1".to_owned(), "1".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_deleted_keeps_neither_other_tables_nor_most_of_its_own() {
    let stage = Stage::new().await;
    stage.ask("POST", stage.at("resends")).keyed("done").json(resend()).send().await.good();
    stage.row("update gateway_audit set at = 0");
    stage.row("delete from gateway_call");
    stage.row(
        "insert into gateway_call (tenant, id, key, used_at) with recursive n(i) as \
         (select 1 union all select i + 1 from n where i < 2500) \
         select t.id, 'call_' || i, 'key_' || i, i from gateway_tenant t, n",
    );
    stage.row(
        "create table stuck (tenant text, id text, foreign key (tenant, id) references gateway_call (tenant, id))",
    );
    stage.row("insert into stuck select tenant, id from gateway_call where id = 'call_2500'");
    stage.dev.gateway.sweep().await.unwrap_err();
    assert_eq!(
        (count(&stage, "gateway_call"), count(&stage, "gateway_audit")),
        ("500".to_owned(), "0".to_owned())
    );
    stage.row("drop table stuck");
    stage.dev.gateway.sweep().await.unwrap();
    assert_eq!(count(&stage, "gateway_call"), "0");
}
