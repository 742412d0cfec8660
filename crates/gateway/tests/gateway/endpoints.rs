//! Events go out to tenants' endpoints, as the specification of Standard Webhooks says and its library checks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use countersign::Timestamp;
use countersign_gateway::{Gateway, app, serve};
use countersign_sandbox::WebhookState;
use countersign_testkit::FakeClock;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::support::Stage;

pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);

/// An endpoint that answers as it is told, 204 otherwise, and keeps what it got.
#[derive(Clone, Default)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    got: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answers: Arc<Mutex<VecDeque<Response>>>,
    /// While someone has it, nothing is answered.
    pub(crate) hold: Arc<tokio::sync::Mutex<()>>,
}

impl Receiver {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = Self { url, ..Self::default() };
        let take = |State(this): State<Self>, headers: HeaderMap, body: Bytes| async move {
            this.got.lock().unwrap().push((headers, body));
            drop(this.hold.lock().await);
            let told = this.answers.lock().unwrap().pop_front();
            told.unwrap_or_else(|| StatusCode::NO_CONTENT.into_response())
        };
        let app = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        receiver
    }

    pub(crate) fn will(&self, answer: impl IntoResponse) {
        self.answers.lock().unwrap().push_back(answer.into_response());
    }

    pub(crate) fn take(&self) -> Vec<(HeaderMap, Bytes)> {
        std::mem::take(&mut self.got.lock().unwrap())
    }

    /// Waits until it got so much since the last time that it was taken.
    pub(crate) async fn until(&self, count: usize) {
        while self.count() < count {
            tokio::task::yield_now().await;
        }
    }

    /// How much it got since the last time that it was taken.
    pub(crate) fn count(&self) -> usize {
        self.got.lock().unwrap().len()
    }

    /// The ids of what it got.
    fn ids(&self) -> Vec<String> {
        self.take().iter().map(|(headers, _)| headers["webhook-id"].to_str().unwrap().to_owned()).collect()
    }
}

/// A stage whose vendors send to it, with a clock that is moved by hand. Nothing works until it is told to.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) gateway: Gateway,
    pub(crate) receiver: Receiver,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let stage = Stage::new().await;
        let clock = Arc::new(FakeClock::at(&Timestamp::now().to_string()));
        let fake = Arc::clone(&clock);
        let gateway = stage.gateway(|options| options.with_clock(fake)).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let door = app(stage.dev.gateway.clone());
        tokio::spawn(async move { axum::serve(listener, door).await });
        stage.dev.send_webhooks(&url).await.unwrap();
        Self { stage, clock, gateway, receiver: Receiver::new().await }
    }

    pub(crate) async fn endpoint(&self, more: Value) -> (String, String) {
        let mut new = json!({ "url": self.receiver.url });
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.stage.ask("POST", "/v1/endpoints").json(new).send().await.good();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (format!("/v1/endpoints/{}", text(&made["endpoint"]["id"])), text(&made["secret"]))
    }

    /// Something that a vendor reports.
    pub(crate) async fn happen(&self) {
        self.happen_at(0).await;
    }

    /// Something that the vendor of this sample reports, once.
    pub(crate) async fn happen_at(&self, sample: usize) {
        let before = self.stage.dev.sandbox.webhooks().log().len();
        self.stage.world().void(&self.stage.dev.samples[sample].envelope, "too dear").unwrap();
        loop {
            let log = self.stage.dev.sandbox.webhooks().log();
            if log.len() > before && log.iter().all(|one| one.state == WebhookState::Delivered) {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn work(&self) -> Vec<(HeaderMap, Bytes)> {
        self.gateway.work().await.unwrap();
        self.receiver.take()
    }

    pub(crate) async fn deliveries(&self, endpoint: &str) -> Value {
        let path = format!("{endpoint}/deliveries");
        self.stage.ask("GET", path).send().await.good()["data"].take()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_library_accepts_what_goes_out() {
    let scene = Scene::new().await;
    let (_, secret) = scene.endpoint(json!({})).await;
    let (full, _) = scene.endpoint(json!({ "include": ["people"], "types": ["envelope.voided"] })).await;
    scene.happen().await;
    let got = scene.work().await;
    assert_eq!(got.len(), 2, "{got:?}");
    let verifier = Webhook::new(&secret).unwrap();
    let is_thin = |(headers, body): &&(HeaderMap, Bytes)| verifier.verify(body, headers).is_ok();
    let thin: Vec<_> = got.iter().filter(is_thin).collect();
    let [(headers, body)] = thin[..] else { panic!("{got:?}") };
    let forged = String::from_utf8(body.to_vec()).unwrap().replace("voided", "signed");
    verifier.verify(forged.as_bytes(), headers).unwrap_err();
    let told: Value = serde_json::from_slice(body).unwrap();
    let list = scene.stage.ask("GET", "/v1/events").send().await.good();
    let mut listed = list["data"][0].clone();
    assert_eq!((&told["type"], &told["data"]["id"]), (&json!("envelope.voided"), &listed["id"]));
    assert_eq!(headers["webhook-id"], listed["id"].as_str().unwrap());
    assert_eq!(told["data"]["envelope"], scene.stage.sample().envelope.as_str());
    // What people wrote goes out only to those who asked for it.
    listed["reason"] = Value::Null;
    assert_eq!(told["data"], listed);
    let other = got.iter().find(|one| !is_thin(one)).unwrap();
    let other: Value = serde_json::from_slice(&other.1).unwrap();
    assert!(other["data"].get("recipient_email").is_some(), "{other:#}");

    assert_eq!(scene.work().await, [], "once");
    let log = scene.deliveries(&full).await;
    assert_eq!(
        (&log[0]["state"], &log[0]["attempts"], &log[0]["last_status"]),
        (&json!("delivered"), &json!(1), &json!(204))
    );
    scene.stage.ask("DELETE", &full).send().await.good();
    scene.stage.ask("GET", &full).send().await.problem(404, "endpoint_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_deliveries_come_again_by_the_schedule_under_the_same_id() {
    let scene = Scene::new().await;
    let (endpoint, _) = scene.endpoint(json!({})).await;
    scene.happen().await;
    scene.receiver.will(StatusCode::INTERNAL_SERVER_ERROR);
    scene.receiver.will((StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "3600")]));
    scene.receiver.will((StatusCode::FOUND, [("location", "/elsewhere")]));
    let ids = || scene.receiver.ids();
    scene.gateway.work().await.unwrap();
    let first = ids();
    assert_eq!(first.len(), 1);
    assert_eq!(scene.work().await, [], "not before its time");
    scene.clock.advance(Duration::from_secs(6));
    scene.gateway.work().await.unwrap();
    assert_eq!(ids(), first);
    // The schedule says five minutes, the endpoint an hour.
    scene.clock.advance(Duration::from_secs(600));
    assert_eq!(scene.work().await, []);
    scene.clock.advance(HOUR);
    scene.gateway.work().await.unwrap();
    assert_eq!(ids(), first, "once: redirects are not followed");
    let log = scene.deliveries(&endpoint).await;
    assert_eq!((&log[0]["state"], &log[0]["last_status"]), (&json!("waiting"), &json!(302)));
    assert_eq!(log[0]["last_error"], "it redirects, which is not followed");
    let shown = scene.stage.ask("GET", &endpoint).send().await.good();
    assert!(shown["failing_since"].is_string(), "{shown:#}");
    scene.clock.advance(HOUR);
    scene.gateway.work().await.unwrap();
    assert_eq!(ids(), first);
    let shown = scene.stage.ask("GET", &endpoint).send().await.good();
    assert_eq!(shown["failing_since"], Value::Null, "a success ends it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_gone_or_fails_for_five_days_is_switched_off() {
    let scene = Scene::new().await;
    let (endpoint, _) = scene.endpoint(json!({ "types": ["envelope.voided"] })).await;
    scene.happen().await;
    scene.receiver.will(StatusCode::GONE);
    assert_eq!(scene.work().await.len(), 1);
    let shown = scene.stage.ask("GET", &endpoint).send().await.good();
    assert_eq!((&shown["enabled"], &shown["disabled_because"]), (&json!(false), &json!("it answered 410")));
    let list = scene.stage.ask("GET", "/v1/events").send().await.good();
    let last = list["data"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (last["type"].as_str(), endpoint.ends_with(last["endpoint"].as_str().unwrap())),
        (Some("endpoint.disabled"), true)
    );
    scene.clock.advance(HOUR * 24);
    assert_eq!(scene.work().await, [], "nothing more");

    // On again, from the beginning; and it fails for as long as deliveries are tried.
    let on = scene.stage.ask("PATCH", &endpoint).json(json!({ "enabled": true })).send().await.good();
    assert_eq!((&on["enabled"], &on["disabled_because"]), (&json!(true), &Value::Null));
    let since = json!({ "since": "2020-01-01T00:00:00Z" });
    let replay = || scene.stage.ask("POST", format!("{endpoint}/replays")).json(since.clone()).send();
    assert_eq!(replay().await.good()["events"], 1);
    let mut attempts = 0;
    for _ in 0..100 {
        scene.receiver.will(StatusCode::BAD_GATEWAY);
        attempts += scene.work().await.len();
        scene.clock.advance(HOUR);
    }
    let log = scene.deliveries(&endpoint).await;
    assert_eq!((attempts, &log[0]["state"], &log[0]["attempts"]), (10, &json!("failed"), &json!(10)));
    assert_eq!(scene.stage.ask("GET", &endpoint).send().await.good()["enabled"], true, "four days");
    scene.clock.advance(HOUR * 24);
    replay().await.good();
    scene.receiver.answers.lock().unwrap().clear();
    scene.receiver.will(StatusCode::BAD_GATEWAY);
    assert_eq!(scene.work().await.len(), 1);
    let shown = scene.stage.ask("GET", &endpoint).send().await.good();
    assert_eq!(shown["disabled_because"], "it accepted nothing for five days", "{shown:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_secret_signs_for_another_day() {
    let scene = Scene::new().await;
    let (endpoint, former) = scene.endpoint(json!({})).await;
    let new = scene.stage.ask("POST", format!("{endpoint}/secrets")).send().await.good();
    let new = new["secret"].as_str().unwrap().to_owned();
    let test = || scene.stage.ask("POST", format!("{endpoint}/tests")).send();
    assert_eq!(test().await.good(), json!({ "accepted": true, "status": 204, "error": null }));
    let got = scene.receiver.take();
    let is_by = |secret: &str| Webhook::new(secret).unwrap().verify(&got[0].1, &got[0].0).is_ok();
    assert!(is_by(&former) && is_by(&new));

    scene.happen().await;
    scene.clock.advance(HOUR * 25);
    let got = scene.work().await;
    let signatures = got[0].0["webhook-signature"].to_str().unwrap();
    assert_eq!(signatures.split(' ').count(), 1, "{signatures}");
    scene.receiver.will(StatusCode::IM_A_TEAPOT);
    let refused = json!({ "accepted": false, "status": 418, "error": "it answered 418" });
    assert_eq!(test().await.good(), refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_endpoint_may_not_be_is_refused_without_repeating_it() {
    let stage = Stage::new().await;
    for (wrong, word) in [
        (json!({ "url": "https://10.0.0.1/x" }), "10.0.0.1"),
        (json!({ "url": "http://app.example.com/x" }), "app.example"),
        (json!({ "url": "https://app.example.com/", "types": ["envelope_signed"] }), "envelope_signed"),
        (json!({ "url": "https://app.example.com/", "include": ["codes"] }), "codes"),
    ] {
        let answer = stage.ask("POST", "/v1/endpoints").json(wrong).send().await;
        let problem = answer.problem(422, "invalid_request");
        assert!(!problem.to_string().contains(word), "{problem:#}");
    }
    let new = json!({ "url": "https://hooks.invalid/s3cret", "types": ["recipient.signed"] });
    for _ in 0..20 {
        stage.ask("POST", "/v1/endpoints").json(new.clone()).send().await.good();
    }
    stage.ask("POST", "/v1/endpoints").json(new).send().await.problem(409, "too_many_endpoints");
    let list = stage.ask("GET", "/v1/endpoints").send().await.good();
    assert_eq!(list["data"].as_array().unwrap().len(), 20);
    assert!(!list.to_string().contains("whsec_"), "{list}");
    let first = format!("/v1/endpoints/{}", list["data"][0]["id"].as_str().unwrap());
    let tested = stage.ask("POST", format!("{first}/tests")).send().await.good();
    assert_eq!((&tested["accepted"], &tested["status"]), (&json!(false), &Value::Null), "{tested:#}");
    assert!(!tested.to_string().contains("s3cret"), "{tested:#}");
    let bad = stage.ask("POST", format!("{first}/replays")).json(json!({ "since": "yesterday" }));
    bad.send().await.problem(422, "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_share_the_deliveries() {
    let scene = Scene::new().await;
    let (endpoint, _) = scene.endpoint(json!({})).await;
    scene.happen().await;
    scene.work().await;
    let path = format!("{endpoint}/replays");
    for _ in 0..5 {
        let since = json!({ "since": "2020-01-01T00:00:00Z" });
        scene.stage.ask("POST", &path).json(since).send().await.good();
        let (one, other) = tokio::join!(scene.gateway.work(), scene.stage.dev.gateway.work());
        assert_eq!(one.unwrap() + other.unwrap(), 1);
        assert_eq!(scene.receiver.take().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_endpoint_answers_counts_also_if_a_replay_comes_before_it() {
    let scene = Scene::new().await;
    let (endpoint, _) = scene.endpoint(json!({ "types": ["envelope.voided"] })).await;
    scene.happen().await;
    let answered = async |answer: Response, on_its_way: usize| {
        scene.receiver.will(answer);
        let held = scene.receiver.hold.lock().await;
        let gateway = scene.gateway.clone();
        let working = tokio::spawn(async move { gateway.work().await.unwrap() });
        scene.receiver.until(1).await;
        let since = json!({ "since": "2020-01-01T00:00:00Z" });
        scene.stage.ask("POST", format!("{endpoint}/replays")).json(since).send().await.good();
        // The replay was asked of the other gateway, whose clock goes on.
        scene.clock.advance(HOUR / 60);
        drop(held);
        working.await.unwrap();
        assert_eq!(scene.receiver.take().len(), on_its_way);
        let log = scene.deliveries(&endpoint).await;
        (log[0]["state"].clone(), scene.stage.ask("GET", &endpoint).send().await.good())
    };
    // The replay comes after what was on its way.
    let (state, shown) = answered(StatusCode::OK.into_response(), 2).await;
    assert_eq!((state, &shown["enabled"]), (json!("delivered"), &json!(true)));

    let replay = json!({ "since": "2020-01-01T00:00:00Z" });
    scene.stage.ask("POST", format!("{endpoint}/replays")).json(replay.clone()).send().await.good();
    let pause = (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "3600")]);
    let (state, shown) = answered(pause.into_response(), 1).await;
    assert_eq!((state, shown["failing_since"].is_string()), (json!("waiting"), true), "{shown:#}");
    scene.clock.advance(HOUR + Duration::from_secs(1));
    let (state, shown) = answered(StatusCode::GONE.into_response(), 1).await;
    assert_eq!((state, &shown["disabled_because"]), (json!("waiting"), &json!("it answered 410")));
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_that_do_not_answer_hold_up_no_others() {
    let scene = Scene::new().await;
    let _held = scene.receiver.hold.lock().await;
    for _ in 0..19 {
        scene.endpoint(json!({})).await;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (_stop, stopped) = oneshot::channel::<()>();
    let stopped = async { drop(stopped.await) };
    let gateway = scene.stage.dev.gateway.clone();
    tokio::spawn(serve(listener, gateway, stopped, Duration::ZERO, Duration::ZERO));
    for round in 0..4 {
        scene.happen_at(round).await;
        scene.receiver.until(19 * (round + 1)).await;
    }
    let good = Receiver::new().await;
    let (endpoint, _) = scene.endpoint(json!({ "url": good.url })).await;
    let since = json!({ "since": "2020-01-01T00:00:00Z" });
    scene.stage.ask("POST", format!("{endpoint}/replays")).json(since).send().await.good();
    good.until(4).await;
    let id = endpoint.rsplit('/').next().unwrap();
    let ended = "select count(*) from gateway_delivery where tried_at is not null and endpoint <> ";
    assert_eq!(scene.stage.row(&format!("{ended}'{id}'")), "0", "no one waited for the end of these");
}
