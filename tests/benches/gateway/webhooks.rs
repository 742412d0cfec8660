//! Webhooks as a vendor signs them, as fast as the gateway takes them, and the events that they become.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use countersign_sandbox::{NewEnvelope, NewRecipient, Options, Sandbox, Vendor, WebhookTarget};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::measure::Sample;
use crate::places::{Process, Tenant};

/// Signs the webhooks of the benchmark.
pub(crate) const SECRET: &str = "webhooks-of-the-benchmark";

const SENDERS: usize = 16;

/// The headers and the body of a webhook.
type Signed = (Vec<(String, String)>, String);

/// Sends webhooks and waits for their events; also how many became events in a second, from the first webhook on.
pub(crate) async fn burst(signed: &Arc<Vec<Signed>>, gateway: &Process, tenant: &Tenant) -> (Sample, f64) {
    let client = reqwest::Client::new();
    let url = format!("{}/hooks/{}", gateway.url, tenant.account);
    let began = Instant::now();
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let (signed, client, url) = (Arc::clone(signed), client.clone(), url.clone());
        senders.spawn(async move {
            let mut took = Vec::new();
            for (headers, body) in signed.iter().skip(sender).step_by(SENDERS) {
                let request = client.post(&url).body(body.clone());
                let request =
                    headers.iter().fold(request, |request, (name, value)| request.header(name, value));
                let begun = Instant::now();
                let answer = request.send().await.unwrap();
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
    let count = f64::from(u32::try_from(took.len()).unwrap());
    let sample =
        Sample { per_second: count / elapsed, cpu_micros: 0.0, p50_micros: at(50), p99_micros: at(99) };
    wait_for_events(&client, gateway, tenant, signed.len()).await;
    (sample, count / began.elapsed().as_secs_f64())
}

/// Reads events in their order until there is one of each webhook.
async fn wait_for_events(client: &reqwest::Client, gateway: &Process, tenant: &Tenant, count: usize) {
    let (mut seen, mut after) = (0, String::new());
    while seen < count {
        let url = format!("{}/v1/events?limit=100{after}", gateway.url);
        let answer = client.get(url).bearer_auth(&tenant.key).send().await.unwrap();
        let page: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let events = page["data"].as_array().unwrap();
        match events.last() {
            Some(last) => after = format!("&after={}", last["id"].as_str().unwrap()),
            None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
        seen += events.len();
    }
    assert_eq!(seen, count, "one event of each webhook");
}

/// This many webhooks, each of another envelope.
pub(crate) async fn signed(count: usize) -> Arc<Vec<Signed>> {
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
        let headers = sent.headers.iter().map(|(name, value)| (name.clone(), value.as_str().to_owned()));
        signed.push((headers.collect(), sent.body.expose().to_owned()));
    }
    Arc::new(signed)
}
