//! Endpoints that take what is sent and do not answer.

use std::time::Duration;

use countersign_gateway::{KeyScope, dev, serve};
use countersign_sandbox::Vendor;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::door::{Sent, answer, webhooks};
use crate::endpoints::{Receiver, Scene};

/// Adds a tenant with so many endpoints at this URL, and an account, about which these reports arrive.
async fn tenant(scene: &Scene, name: &str, (endpoints, url): (usize, &str), reports: &[Sent]) {
    let stage = &scene.stage;
    let key = stage.key(name, &KeyScope::ALL).await;
    for _ in 0..endpoints {
        let ask = stage.ask("POST", "/v1/endpoints").header("authorization", key.as_str());
        ask.json(json!({ "url": url })).send().await.good();
    }
    let directory = stage.dev.gateway.directory();
    let (tenant, vendor) = (directory.tenant_named(name).await.unwrap(), stage.sample().account.as_str());
    let settings = dev::settings(&stage.dev.sandbox, Vendor::named(vendor).unwrap());
    let account = directory.add_account(&tenant, "sales", vendor, &settings).await.unwrap().unwrap();
    for report in reports {
        let sent = Sent { path: format!("/hooks/{}", account.id), ..report.clone() };
        assert_eq!(answer(stage, &sent).await, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_endpoints_of_four_tenants_hang_and_a_fifth_gets_its_event() {
    let scene = Scene::new().await;
    let _held = scene.receiver.hold.lock().await;
    let reports = webhooks(&scene.stage, 10).await;
    // Each endpoint takes ten at once, so these would take 800 of the 640 places of a replica.
    for name in ["one", "two", "three", "four"] {
        tenant(&scene, name, (20, &scene.receiver.url), &reports).await;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (_stop, stopped) = oneshot::channel::<()>();
    let stopped = async { drop(stopped.await) };
    let gateway = scene.stage.dev.gateway.clone();
    tokio::spawn(serve(listener, gateway, stopped, Duration::ZERO, Duration::ZERO));
    // They get more as long as each has no more than a quarter of the places that are free.
    scene.receiver.until(300).await;
    let good = Receiver::new().await;
    tenant(&scene, "five", (1, &good.url), &reports[..1]).await;
    good.until(1).await;
    let taken = scene.receiver.count();
    assert!(taken < 400, "{taken}");
    let ended = "select count(*) from gateway_delivery where tried_at is not null and state = 'waiting'";
    assert_eq!(scene.stage.row(ended), "0", "no one waited for the end of these");
}
