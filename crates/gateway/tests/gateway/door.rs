//! Webhooks in a burst, and connections that misbehave.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use countersign_gateway::{Listening, serve};
use countersign_sandbox::{NewEnvelope, NewRecipient, Vendor, WebhookTarget};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::support::{Stage, resend};

/// Envelopes, each with one report. With one in ten again and one in a hundred forged, that is what 5 seconds bring.
const ENVELOPES: usize = 2_252;

/// The pace: 500 in a second.
const PACE: Duration = Duration::from_millis(2);

const WHOLE: &str = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// A webhook as its vendor sends it.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// Signed webhooks of as many envelopes.
pub(crate) async fn webhooks(stage: &Stage, count: usize) -> Vec<Sent> {
    let directory = stage.dev.gateway.directory();
    let tenant = directory.tenants().await.unwrap()[0].id.clone();
    let vendor = Vendor::named(&stage.sample().account).unwrap();
    let account = directory.account(&tenant, vendor.id()).await.unwrap().unwrap();
    let path = format!("/hooks/{}", account.id);
    let (world, webhooks) = (stage.world(), stage.dev.sandbox.webhooks());
    let settings = directory.settings(&tenant, &account.id).await.unwrap().unwrap();
    let secret = settings["webhook_secrets"].as_str().unwrap();
    // Each is signed when it is sent, so one that takes anything is the first to get them.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}{path}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(async || {})).await });
    webhooks.set_target(vendor, WebhookTarget::new(url, secret)).unwrap();
    webhooks.hold();
    let mut found = Vec::new();
    for _ in 0..count {
        let anna = NewRecipient::new("Anna Sample", "anna@example.com");
        let made = world.make_envelope(NewEnvelope::new(vendor, "Lease").with_recipient(anna)).unwrap();
        webhooks.clear_log();
        world.void(&made.id, "a mistake").unwrap();
        webhooks.deliver_all().await;
        let request = webhooks.request(webhooks.log().pop().unwrap().id).unwrap();
        let headers = request.headers.iter().map(|(name, value)| (name.clone(), value.as_str().to_owned()));
        let (headers, body) = (headers.collect(), request.body.expose().to_owned());
        found.push(Sent { path: path.clone(), headers, body });
    }
    found
}

pub(crate) async fn answer(stage: &Stage, sent: &Sent) -> u16 {
    let bare = stage.bare("POST", &sent.path);
    let ask = sent.headers.iter().fold(bare, |ask, (name, value)| ask.header(name, value.as_str()));
    ask.body(sent.body.clone()).send().await.status.as_u16()
}

/// Sends webhooks at their pace, whether or not earlier ones have their answers. Each has to get its status.
async fn send(stage: &Arc<Stage>, all: Vec<(Sent, u16)>) {
    let (mut sending, mut pace) = (JoinSet::new(), tokio::time::interval(PACE));
    for (sent, expected) in all {
        pace.tick().await;
        let stage = stage.clone();
        sending.spawn(async move {
            // What a busy database does not take is sent again.
            let mut status = 503;
            for _ in 0..100 {
                status = answer(&stage, &sent).await;
                if status != 503 {
                    break;
                }
            }
            assert_eq!(status, expected);
        });
    }
    sending.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_500_webhooks_a_second_none_is_lost_and_each_becomes_one_event() {
    let stage = Arc::new(Stage::new().await);
    let real = webhooks(&stage, ENVELOPES).await;
    let mut all = Vec::new();
    for (number, sent) in real.iter().enumerate() {
        all.push((sent.clone(), 200));
        if number % 10 == 0 {
            // Of the second half, one that is an event already.
            all.push((real[number / 2].clone(), 200));
        }
        if number % 100 == 0 {
            all.push((Sent { body: sent.body.clone() + " ", ..sent.clone() }, 401));
        }
    }
    let (count, began) = (all.len(), Instant::now());
    let late = all.split_off(count / 2);
    send(&stage, all).await;
    let events = stage.ask("GET", "/v1/events").send().await.good();
    assert_eq!(events["data"], json!([]), "no one works yet");

    // Two replicas begin to work.
    let (one, other) = (stage.dev.gateway.clone(), stage.replica(&[]).await);
    let (first, second) = tokio::join!(one.work(), other.work());
    println!("{} and {} reports read by two replicas", first.unwrap(), second.unwrap());

    // The rest arrives while one works.
    let sending = AtomicBool::new(true);
    let working = async {
        while sending.load(Ordering::Relaxed) {
            one.work().await.unwrap();
        }
    };
    let late = async {
        send(&stage, late).await;
        sending.store(false, Ordering::Relaxed);
    };
    tokio::join!(late, working);
    one.work().await.unwrap();
    println!("{count} webhooks became events in {:?}", began.elapsed());
    let mut envelopes = HashSet::new();
    let mut after = String::new();
    loop {
        let page = stage.ask("GET", format!("/v1/events?limit=100{after}")).send().await.good();
        let page = page["data"].as_array().unwrap().clone();
        for event in &page {
            assert!(envelopes.insert(event["envelope"].as_str().unwrap().to_owned()), "twice: {event}");
        }
        match page.last() {
            Some(last) => after = format!("&after={}", last["id"].as_str().unwrap()),
            None => break,
        }
    }
    assert_eq!(envelopes.len(), ENVELOPES);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_requests_keep_no_other_caller_waiting_and_send_nothing() {
    let stage = Stage::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async { drop(stopped.await) };
    let gateway = stage.dev.gateway.clone();
    let serving = tokio::spawn(serve(listener, gateway, stopped, Duration::ZERO, Duration::from_secs(5)));
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nIdempotency-Key: half\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{\"recipient\"",
        stage.at("resends"),
        stage.dev.key.expose()
    );
    let before = stage.mails();
    let talk = move || {
        let open = |text: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(text.as_bytes()).unwrap();
            stream
        };
        let half: Vec<TcpStream> =
            (0..200).map(|number| open(if number % 2 == 0 { &head } else { &head[..40] })).collect();
        let mut answer = String::new();
        open(WHOLE).read_to_string(&mut answer).unwrap();
        drop(half);
        answer
    };
    let answer = tokio::task::spawn_blocking(talk).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    // Nothing was begun under their key.
    stage.ask("POST", stage.at("resends")).keyed("half").json(resend()).send().await.good();
    assert_eq!(stage.mails(), before + 1);
    drop(stop);
    serving.await.unwrap();
    let calls: Value = stage.ask("GET", "/v1/calls?state=unknown").send().await.good();
    assert_eq!(calls["data"], json!([]), "no outcome is unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_allowed_wait() {
    let stage = Stage::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listening = Listening::from(listener).with_most_connections(2);
    let gateway = stage.dev.gateway.clone();
    tokio::spawn(serve(listening, gateway, std::future::pending(), Duration::ZERO, Duration::ZERO));
    let talk = move || {
        let open = |text: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(text.as_bytes()).unwrap();
            stream
        };
        // Answered, and kept open.
        let kept = WHOLE.replace("close", "keep-alive");
        let mut first = [open(&kept), open(&kept)];
        for stream in &mut first {
            stream.read_exact(&mut [0; 12]).unwrap();
        }
        let mut third = open(WHOLE);
        third.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        assert!(third.read(&mut [0; 1]).is_err(), "it waits");
        drop(first);
        third.set_read_timeout(None).unwrap();
        let mut answer = String::new();
        third.read_to_string(&mut answer).unwrap();
        answer
    };
    let answer = tokio::task::spawn_blocking(talk).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}
