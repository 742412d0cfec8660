//! What a call through [`countersign::Client`] costs beside the same call written by hand with reqwest and serde,
//! against the same server in the same run.
//!
//! `cargo bench -p countersign-tests --bench overhead` prints a table; `--smoke` only checks that it runs. The server
//! is a process of its own, so that its work is not counted. Both sides take turns, and the median of the rounds'
//! ratios is shown, so that a machine that slows down slows both.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its table, and stops where it fails"
)]

mod by_hand;
mod measure;
mod server;

use std::sync::Arc;
use std::time::Duration;

use countersign::adapters::docusign::{Docusign, DocusignAuth, DocusignConfig};
use countersign::{
    AccountId, BaseUrl, Client, CreateView, EnvelopeId, ListRecipients, RecipientRef, ReturnUrl, SecretString,
};

use by_hand::ByHand;
use measure::{Sample, median, run};

const ENVELOPE: &str = "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--serve") {
        return server::serve();
    }
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let (round, rounds) =
        if smoke { (Duration::from_millis(50), 1) } else { (Duration::from_millis(1500), 9) };
    let server = server::Process::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();

    println!("per call; create_view takes two exchanges (list, then view), by hand as through the client\n");
    println!(
        "operation        calls |  by hand: calls/s   CPU us |  client: calls/s   CPU us | throughput ratio  CPU ratio"
    );
    for operation in ["list_recipients", "create_view"] {
        for concurrent in [1, 64] {
            // Each side has its own runtime state for the whole series, as an application would.
            let ours = Arc::new(client(&server.url));
            let theirs = Arc::new(ByHand::new(&server.url));
            let mut samples: Vec<(Sample, Sample)> = Vec::new();
            for _ in 0..=rounds {
                let (a, b) = (Arc::clone(&theirs), Arc::clone(&ours));
                let hand =
                    runtime.block_on(run(concurrent, round, move || by_hand(Arc::clone(&a), operation)));
                let client =
                    runtime.block_on(run(concurrent, round, move || through(Arc::clone(&b), operation)));
                samples.push((hand, client));
            }
            // The first round warms up connections and caches.
            samples.remove(0);
            let of = |pick: fn(&(Sample, Sample)) -> f64| median(samples.iter().map(pick).collect());
            println!(
                "{operation:16} {concurrent:5} | {:18.0} {:8.1} | {:16.0} {:8.1} | {:16.2} {:10.2}",
                of(|s| s.0.per_second),
                of(|s| s.0.cpu_micros),
                of(|s| s.1.per_second),
                of(|s| s.1.cpu_micros),
                of(|s| s.1.per_second / s.0.per_second),
                of(|s| s.1.cpu_micros / s.0.cpu_micros),
            );
        }
    }
}

fn client(url: &str) -> Client {
    let auth = DocusignAuth::token(SecretString::from("bench-token"));
    let config =
        DocusignConfig::new(AccountId::new("acct").unwrap(), auth).with_base_url(BaseUrl::new(url).unwrap());
    Client::new(Arc::new(Docusign::new(config).unwrap()))
}

async fn by_hand(client: Arc<ByHand>, operation: &str) {
    match operation {
        "list_recipients" => drop(client.list().await),
        _ => drop(client.view("anna8@example.com").await),
    }
}

async fn through(client: Arc<Client>, operation: &str) {
    let envelope = EnvelopeId::new(ENVELOPE).unwrap();
    match operation {
        "list_recipients" => {
            let list = client.list_recipients(&ListRecipients::new(envelope)).await.unwrap();
            assert_eq!(list.recipients.len(), 9);
        }
        _ => {
            let recipient: RecipientRef = "email:anna8@example.com".parse().unwrap();
            let back = ReturnUrl::new("https://app.example.com/signed").unwrap();
            client.create_view(&CreateView::new(envelope, recipient, back)).await.unwrap();
        }
    }
}
