//! Webhooks as a vendor signs them, as fast as the gateway takes them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use countersign_gateway::Gateway;
use countersign_sandbox::{NewEnvelope, NewRecipient, Options, Sandbox, Vendor, WebhookTarget};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::measure::Sample;
use crate::places::{Place, Process};

/// Signs the webhooks of the benchmark.
pub(crate) const SECRET: &str = "webhooks-of-the-benchmark";

const SENDERS: usize = 16;

/// Sends this many webhooks of different envelopes.
pub(crate) async fn burst(
    place: &Place,
    gateway: &Process,
    client: &reqwest::Client,
    count: usize,
) -> Sample {
    let directory = Gateway::open(&place.options()).await.unwrap().directory().clone();
    let tenant = directory.tenants().await.unwrap().remove(0).id;
    let account = directory.accounts(&tenant).await.unwrap().remove(0);
    let url = format!("{}/hooks/{}", gateway.url, account.id);
    let requests = Arc::new(requests(client, &url, count).await);
    let began = Instant::now();
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let requests = Arc::clone(&requests);
        senders.spawn(async move {
            let mut took = Vec::new();
            for request in requests.iter().skip(sender).step_by(SENDERS) {
                let begun = Instant::now();
                let answer = request.try_clone().unwrap().send().await.unwrap();
                assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
                took.push(begun.elapsed());
            }
            took
        });
    }
    let mut took: Vec<Duration> = senders.join_all().await.into_iter().flatten().collect();
    let elapsed = began.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |part: usize| took[took.len() * part / 100].as_secs_f64() * 1e6;
    let per_second = f64::from(u32::try_from(took.len()).unwrap()) / elapsed;
    Sample { per_second, cpu_micros: 0.0, p50_micros: at(50), p99_micros: at(99) }
}

async fn requests(client: &reqwest::Client, url: &str, count: usize) -> Vec<reqwest::RequestBuilder> {
    let sandbox = Sandbox::start(Options::new()).await.unwrap();
    let (world, webhooks) = (sandbox.world(), sandbox.webhooks());
    let vendor = Vendor::named("docusign").unwrap();
    // Each is signed when it is sent, so one that takes anything is the first to get them.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let sink = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(async || {})).await });
    webhooks.set_target(vendor, WebhookTarget::new(sink, SECRET)).unwrap();
    webhooks.hold();
    let mut signed = Vec::new();
    for _ in 0..count {
        let anna = NewRecipient::new("Anna Sample", "anna@example.com");
        let made = world.make_envelope(NewEnvelope::new(vendor, "Lease").with_recipient(anna)).unwrap();
        webhooks.clear_log();
        world.void(&made.id, "a mistake").unwrap();
        webhooks.deliver_all().await;
        let sent = webhooks.request(webhooks.log().pop().unwrap().id).unwrap();
        let request = client.post(url).body(sent.body.expose().to_owned());
        let headers = sent.headers.iter();
        signed.push(headers.fold(request, |request, (name, value)| request.header(name, value.as_str())));
    }
    signed
}
