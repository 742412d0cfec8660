//! What happens to an endpoint while one of its answers is still on its way.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::Response;
use countersign_gateway::serve;
use countersign_sandbox::{Fault, FaultKind};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::endpoints::{HOUR, Scene};
use crate::figures::{figures, pages};
use crate::support::resend;

/// An accepting answer that ends when it is told to.
fn slow() -> (oneshot::Sender<()>, Response) {
    let (end, ended) = oneshot::channel::<()>();
    let body = futures_util::stream::once(async move {
        let _ = ended.await;
        Ok::<_, std::convert::Infallible>(Bytes::new())
    });
    (end, Response::new(Body::from_stream(body)))
}

/// Works in a task of its own, until the receiver has got so much.
async fn begin(scene: &Scene, got: usize) -> JoinHandle<()> {
    let gateway = scene.gateway.clone();
    let work = tokio::spawn(async move { assert!(gateway.work().await.is_ok()) });
    while scene.receiver.count() < got {
        tokio::task::yield_now().await;
    }
    work
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_an_endpoint_asked_for_is_not_ended_by_another_answer() {
    let scene = Scene::new().await;
    let (endpoint, _) = scene.endpoint(json!({})).await;
    scene.happen().await;
    scene.happen_at(1).await;
    let (end, answer) = slow();
    scene.receiver.will(answer);
    scene.receiver.will((StatusCode::TOO_MANY_REQUESTS, [("retry-after", "3600")]));
    let work = begin(&scene, 2).await;
    let is_refused = |log: &Value| log.as_array().unwrap().iter().any(|one| one["last_status"] == 429);
    while !is_refused(&scene.deliveries(&endpoint).await) {
        tokio::task::yield_now().await;
    }
    end.send(()).unwrap();
    work.await.unwrap();
    scene.receiver.take();
    scene.happen_at(2).await;
    assert_eq!(scene.work().await, [], "it asked for an hour");
    scene.clock.advance(HOUR);
    assert_eq!(scene.work().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_overdue_at_an_endpoint_that_is_off_is_no_lag() {
    let scene = Scene::new().await;
    let (endpoint, _) = scene.endpoint(json!({})).await;
    scene.happen().await;
    scene.receiver.will(StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(scene.work().await.len(), 1);
    let pages = pages(&scene.stage);
    let lag = async || {
        let text = figures(&pages).await;
        let (_, lag) = text.split_once("\ncountersign_gateway_delivery_lag_seconds ").unwrap();
        lag.lines().next().unwrap().parse::<f64>().unwrap()
    };
    assert_eq!(lag().await, 0.0, "it is due later");
    scene.stage.row("update gateway_delivery set due_at = due_at - 600000000 returning seq");
    assert!((500.0..600.0).contains(&lag().await));
    let switch = |on: bool| scene.stage.ask("PATCH", &endpoint).json(json!({ "enabled": on })).send();
    switch(false).await.good();
    assert_eq!(lag().await, 0.0);
    switch(true).await.good();
    assert!(lag().await > 500.0);
    scene.work().await;
    assert_eq!(lag().await, 0.0, "it is delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_takes_no_longer_than_it_may_whatever_hangs() {
    let scene = Scene::new().await;
    let stage = &scene.stage;
    scene.endpoint(json!({})).await;
    scene.happen().await;
    let (_end, answer) = slow();
    scene.receiver.will(answer);
    stage.world().inject(Fault::on("PUT", "/recipients", FaultKind::Delay { delay_ms: 60_000 }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}{}", listener.local_addr().unwrap(), stage.at("resends"));
    let (stop, stopped) = oneshot::channel::<()>();
    let last = Duration::from_secs(3);
    let gateway = stage.dev.gateway.clone();
    let serving = tokio::spawn(serve(listener, gateway, async { drop(stopped.await) }, Duration::ZERO, last));
    let key = format!("Authorization: Bearer {}", stage.dev.key.expose());
    let mut call = std::process::Command::new("curl")
        .args([
            "-sS",
            &url,
            "-H",
            &key,
            "-H",
            "Idempotency-Key: hangs",
            "-H",
            "Content-Type: application/json",
        ])
        .args(["-d", &resend().to_string()])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while scene.receiver.count() == 0 || !stage.world().faults().is_empty() {
        tokio::task::yield_now().await;
    }
    let began = Instant::now();
    stop.send(()).unwrap();
    serving.await.unwrap();
    let took = began.elapsed();
    assert!(took >= last && took < last * 2, "a connection, a call and a delivery hang: {took:?}");
    drop((call.kill(), call.wait()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_does_not_send_what_is_on_its_way_a_second_time_at_once() {
    let scene = Scene::new().await;
    let (endpoint, _) = scene.endpoint(json!({})).await;
    scene.happen().await;
    let (end, answer) = slow();
    scene.receiver.will(answer);
    let work = begin(&scene, 1).await;
    let since = json!({ "since": "2020-01-01T00:00:00Z" });
    let replay = scene.stage.ask("POST", format!("{endpoint}/replays")).json(since);
    assert_eq!(replay.send().await.good()["events"], 1);
    scene.stage.dev.gateway.work().await.unwrap();
    assert_eq!(scene.receiver.count(), 1, "while its answer is on its way");
    end.send(()).unwrap();
    work.await.unwrap();
    // As after a minute, when the lease of the attempt has ended.
    scene.stage.row("update gateway_delivery set leased_until = 0 returning seq");
    scene.clock.advance(Duration::from_secs(60));
    assert_eq!(scene.work().await.len(), 2);
    assert_eq!(scene.deliveries(&endpoint).await[0]["state"], "delivered");
}
