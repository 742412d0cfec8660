//! What happens to an endpoint while one of its answers is still on its way.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::endpoints::{HOUR, Scene};

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
    let work = tokio::spawn(async move { drop(gateway.work().await.unwrap()) });
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
    assert_eq!(scene.work().await.len(), 2);
    assert_eq!(scene.deliveries(&endpoint).await[0]["state"], "delivered");
}
