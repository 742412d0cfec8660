//! Processing webhooks in an axum application over real connections: a sender that hangs up, work that fails, and
//! deliveries that overlap lose nothing.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::post;
use countersign::provider::Descriptor;
use countersign::provider::Facts;
use countersign::secrecy::SecretString;
use countersign::webhook::{
    IncomingWebhook, Notification, NotificationKey, Received, VerifiedWebhook, Webhook, WebhookAnswer,
    WebhookEvent, WebhookRefused,
};
use countersign::{Error, ErrorKind, Problem};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

/// A made-up vendor that signs nothing: the body has the ids of the events, one per line; or the query has them.
const FACTS: &str = r#"
title = "Acme Sign"

[webhook]
guide = "ask acme"
max_age = "60s"
answer_within = "10s"
covers = "body"
evidence = "documented"
source = "docs.example"
"#;

fn receive(incoming: &IncomingWebhook<'_>) -> Result<Received, WebhookRefused> {
    let body = std::str::from_utf8(incoming.body).unwrap();
    Ok(notification(if body.is_empty() { incoming.query } else { body }))
}

fn notification(ids: &str) -> Received {
    let told = ids.lines().map(|id| {
        let key = NotificationKey::told("acme", id);
        Notification::new("acme", WebhookEvent::EnvelopeSent, id, key)
    });
    Received::Notifications(told.collect())
}

static ACME: Descriptor = Descriptor {
    name: "acme",
    facts: LazyLock::new(|| Facts::load("acme", FACTS)),
    read_problem: |status, _, _| Problem::new(status),
    webhooks: Some(receive),
    build: |_| Err(Error::new(ErrorKind::Config, "none")),
    offline: || Err(Error::new(ErrorKind::Config, "none")),
};

fn webhook() -> Webhook {
    Webhook::new(&ACME, vec![SecretString::from("a secret")]).unwrap()
}

/// How a test ends work: true for success, false for an error, dropped for a panic.
type End = oneshot::Sender<bool>;

#[derive(Clone)]
struct App {
    webhook: Webhook,
    started: mpsc::UnboundedSender<End>,
    left: mpsc::UnboundedSender<()>,
}

impl FromRef<App> for Webhook {
    fn from_ref(app: &App) -> Self {
        app.webhook.clone()
    }
}

/// Tells when a handler ends, or is dropped by the server.
struct Leaving(mpsc::UnboundedSender<()>);

impl Drop for Leaving {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// The documented pattern.
async fn hook(State(app): State<App>, VerifiedWebhook(received): VerifiedWebhook) -> WebhookAnswer {
    let _leaving = Leaving(app.left.clone());
    let started = app.started.clone();
    app.webhook.process(received, move |_| work(started.clone())).await
}

async fn work(started: mpsc::UnboundedSender<End>) -> Result<(), &'static str> {
    let (end, ended) = oneshot::channel();
    started.send(end).unwrap();
    if ended.await.expect("the end of the work") { Ok(()) } else { Err("the database is away") }
}

/// A running application.
struct Server {
    address: SocketAddr,
    started: mpsc::UnboundedReceiver<End>,
    left: mpsc::UnboundedReceiver<()>,
}

impl Server {
    async fn start() -> Self {
        let ((started, starts), (left, leaves)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let app = App { webhook: webhook(), started, left };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/hook", post(hook)).with_state(app);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, started: starts, left: leaves }
    }

    /// The work that began.
    async fn work(&mut self) -> End {
        self.started.recv().await.unwrap()
    }

    fn is_idle(&mut self) -> bool {
        self.started.try_recv().is_err()
    }

    /// Delivers an event, waits until the application works on it, and hangs up.
    async fn hang_up(&mut self, id: &str) -> End {
        let sender = send(self.address, id).await;
        let work = self.work().await;
        drop(sender);
        self.left.recv().await.unwrap();
        work
    }
}

async fn send(to: SocketAddr, id: &str) -> TcpStream {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let head = format!("POST /hook HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}", id.len());
    stream.write_all(format!("{head}\r\n\r\n{id}").as_bytes()).await.unwrap();
    stream
}

/// Delivers an event; status and `Retry-After` of the answer.
async fn deliver(to: SocketAddr, id: &str) -> (u16, Option<u64>) {
    let mut text = String::new();
    send(to, id).await.read_to_string(&mut text).await.unwrap();
    let status = text.split(' ').nth(1).unwrap().parse().unwrap();
    let wait = text.lines().find_map(|line| line.strip_prefix("retry-after: "));
    (status, wait.map(|seconds| seconds.parse().unwrap()))
}

/// Delivers as a vendor does: again as long as it is asked to come back later, and some day for the last time.
async fn redeliver(to: SocketAddr, id: &'static str) -> u16 {
    for _ in 0..1_000 {
        match deliver(to, id).await {
            (503, wait) => assert!(wait.is_some_and(|seconds| (1..=300).contains(&seconds)), "{wait:?}"),
            (status, _) => return status,
        }
    }
    panic!("{id} is in progress for ever");
}

#[tokio::test]
async fn a_sender_that_hangs_up_does_not_end_the_work() {
    let mut server = Server::start().await;
    let work = server.hang_up("e-1").await;
    let (status, wait) = deliver(server.address, "e-1").await;
    assert_eq!(status, 503, "the work may still fail");
    assert!(wait.is_some_and(|seconds| (1..=300).contains(&seconds)), "{wait:?}");
    work.send(true).expect("the work goes on");
    assert_eq!(redeliver(server.address, "e-1").await, 200);
    assert!(server.is_idle(), "it was done once");
}

#[tokio::test]
async fn an_event_whose_work_fails_after_the_sender_hung_up_is_worked_on_again() {
    let mut server = Server::start().await;
    let work = server.hang_up("e-1").await;
    work.send(false).expect("the work goes on");
    let again = tokio::spawn(redeliver(server.address, "e-1"));
    server.work().await.send(true).unwrap();
    assert_eq!(again.await.unwrap(), 200);
    assert_eq!(deliver(server.address, "e-1").await, (200, None));
    assert!(server.is_idle());
}

#[tokio::test]
async fn work_that_fails_or_panics_has_the_vendor_deliver_again() {
    let mut server = Server::start().await;
    let address = server.address;
    for end in [Some(false), None] {
        let sender = tokio::spawn(async move { deliver(address, "e-1").await });
        let work = server.work().await;
        match end {
            Some(end) => work.send(end).unwrap(),
            None => drop(work),
        }
        assert_eq!(sender.await.unwrap(), (500, None), "{end:?}");
    }
    let sender = tokio::spawn(async move { deliver(address, "e-1").await });
    server.work().await.send(true).unwrap();
    assert_eq!(sender.await.unwrap(), (200, None));
}

#[tokio::test(start_paused = true)]
async fn work_that_takes_long_is_answered_before_the_vendor_gives_up_and_goes_on() {
    let webhook = webhook();
    let (started, mut starts) = mpsc::unbounded_channel();
    let began = tokio::time::Instant::now();
    let answer = webhook.process(notification("e-1"), move |_| work(started.clone())).await;
    assert_eq!((answer.status, answer.retry_after), (503, Some(300)));
    assert_eq!(began.elapsed(), Duration::from_millis(7_500));
    starts.recv().await.unwrap().send(true).expect("the work goes on");
    loop {
        let again = webhook.process(notification("e-1"), |_| async { Err("a second time") }).await;
        match again.status {
            503 => tokio::task::yield_now().await,
            status => break assert_eq!(status, 200),
        }
    }
    assert_eq!(webhook.process(Received::Check, |_| async { Err("no event") }).await.status, 200);
}

/// The second of three fails at first: it and the third are done with the next delivery, the first is not repeated.
#[tokio::test]
async fn several_notifications_of_one_webhook_are_each_done_once_and_in_order() {
    let (webhook, (done, mut seen)) = (webhook(), mpsc::unbounded_channel());
    let work = |fails: &'static str| {
        let done = done.clone();
        move |told: Notification| {
            let fails = told.vendor_event == fails;
            let sent = (!fails).then(|| done.send(told.vendor_event));
            async move { sent.map(drop).ok_or("the database is away") }
        }
    };
    let deliver = || webhook.receive("e-1\ne-2\ne-3", &http::HeaderMap::new(), b"").unwrap();
    assert_eq!(webhook.process(deliver(), work("e-2")).await.status, 500);
    assert_eq!(webhook.process(deliver(), work("none")).await.status, 200);
    assert_eq!(webhook.process(deliver(), work("none")).await.status, 200);
    let mut order = Vec::new();
    while let Ok(event) = seen.try_recv() {
        order.push(event);
    }
    assert_eq!(order, ["e-1", "e-2", "e-3"]);
}
