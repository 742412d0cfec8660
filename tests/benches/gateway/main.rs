//! What the gateway costs beside the client in the caller's own process, and beside a proxy that only copies bytes.
//!
//! `cargo bench -p countersign-tests --bench gateway` prints the tables, in Markdown; `-- --smoke` only checks that it
//! runs; `-- --folder DIR` says on which disk the databases are, in place of the folder for temporary files. The vendor,
//! the proxy and the gateway are processes of their own on this machine. Rows take turns, and each figure is the median
//! of the rounds. A PostgreSQL server is started, and left out where the program is missing.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark prints its table, and stops where it fails"
)]

#[path = "../overhead/calls.rs"]
#[allow(dead_code, reason = "some of it is for other benchmarks")]
mod calls;
#[path = "../overhead/measure.rs"]
mod measure;
mod places;
#[path = "../overhead/server.rs"]
mod server;
mod webhooks;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use calls::{ENVELOPE, Operation, Through, Vendor};
use countersign_gateway::{Gateway, KeyScope};
use countersign_testkit::servers::PgServer;
use measure::{Sample, median, run};
use places::{Place, Process};
use serde_json::json;
use tokio::runtime::Runtime;

type Call = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// How many tenants wait for their memory to be measured.
const TENANTS: usize = 1_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    if arguments.iter().any(|argument| argument == "--serve") {
        return server::serve();
    }
    if let Some(role) = value("--role") {
        return places::play(&role, &arguments);
    }
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let (round, rounds) = if smoke { (Duration::from_millis(20), 1) } else { (Duration::from_secs(1), 7) };
    let base = value("--folder").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = places::Folder::new(&base);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let vendor = server::Process::start();
    let host = vendor.url.trim_start_matches("http://").to_owned();
    let server = PgServer::start_in(&base);

    let mut places =
        vec![Place::new("SQLite", &folder.0.join("state.db").display().to_string(), &folder.0, &host)];
    places.extend(server.iter().map(|server| Place::new("PostgreSQL", &server.database(), &folder.0, &host)));
    let keys: Vec<String> =
        places.iter().map(|place| runtime.block_on(tenant(place, &vendor.url, 1))).collect();
    let gateways: Vec<Process> = places.iter().map(Process::gateway).collect();
    let proxy = Process::proxy(&vendor.url);

    println!("| call | at once | p50 ms | p99 ms | calls/s |\n| --- | ---: | ---: | ---: | ---: |");
    let client = reqwest::Client::new();
    let mut rows: Vec<(String, Call)> = vec![
        ("list: the client itself".into(), direct(&vendor.url, Operation::List)),
        (
            "list: through a proxy".into(),
            listed(&client, format!("{}/restapi/v2.1/recipients", proxy.url), ""),
        ),
    ];
    let at = |gateway: &Process, rest: &str| format!("{}/v1/envelopes/sales:{ENVELOPE}/{rest}", gateway.url);
    rows.push((
        "list: through the gateway".into(),
        listed(&client, at(&gateways[0], "recipients"), &keys[0]),
    ));
    rows.push((
        "new code: the client itself, without a key".into(),
        direct(&vendor.url, Operation::AccessCode),
    ));
    for ((place, gateway), key) in places.iter().zip(&gateways).zip(&keys) {
        let name = format!("new code under a key: through the gateway, {}", place.name);
        rows.push((name, changed(&client, at(gateway, "access-code"), key)));
    }
    table(&runtime, &rows, round, rounds);

    println!("\n| webhooks, 16 senders | webhooks/s | p50 ms | p99 ms |\n| --- | ---: | ---: | ---: |");
    let count = if smoke { 32 } else { 20_000 };
    for (place, gateway) in places.iter().zip(&gateways) {
        let sample = runtime.block_on(webhooks::burst(place, gateway, &client, count));
        let (p50, p99) = (sample.p50_micros / 1e3, sample.p99_micros / 1e3);
        println!("| {} | {:.0} | {p50:.2} | {p99:.2} |", place.name, sample.per_second);
    }

    drop(gateways);
    let tenants = if smoke { 2 } else { TENANTS };
    runtime.block_on(tenant(&places[0], &vendor.url, tenants));
    println!();
    let times = (0..rounds.max(3)).map(|_| {
        let begun = Instant::now();
        let gateway = Process::gateway(&places[0]);
        runtime.block_on(async {
            while !client.get(format!("{}/readyz", gateway.url)).send().await.unwrap().status().is_success() {
            }
        });
        begun.elapsed().as_secs_f64() * 1e3
    });
    println!("Ready after {:.0} ms, with {} tenants.", median(times.collect()), tenants + 1);
    let gateway = Process::gateway(&places[0]);
    println!("{:.1} MiB resident after the start;", gateway.resident());
    runtime.block_on(async {
        for key in places::keys(&folder.0) {
            listed(&client, at(&gateway, "recipients"), &key)().await;
        }
    });
    println!("{:.1} MiB once each of {tenants} tenants has made a call.", gateway.resident());
    // Connections belong to the runtime, and the server's folder outlives them.
    drop(runtime);
}

/// Adds tenants with an account at the vendor, and a file with their keys; returns the last key.
async fn tenant(place: &Place, vendor: &str, count: usize) -> String {
    let gateway = Gateway::open(&place.options()).await.unwrap();
    let directory = gateway.directory();
    let mut keys = Vec::new();
    for number in 0..count {
        let tenant = directory.add_tenant(&format!("tenant-{count}-{number}")).await.unwrap();
        let settings = json!({
            "account_id": "acct", "base_url": vendor, "auth": { "kind": "token", "token": "bench-token" },
            "webhook_secrets": webhooks::SECRET,
        });
        let settings = settings.as_object().unwrap();
        directory.add_account(&tenant, "sales", "docusign", settings).await.unwrap().unwrap();
        let key = directory.add_key(&tenant, &KeyScope::ALL, "", true, None).await.unwrap();
        keys.push(format!("Bearer {}", key.expose()));
    }
    places::keep_keys(&place.folder, &keys);
    keys.pop().unwrap()
}

fn direct(url: &str, operation: Operation) -> Call {
    let client = Arc::new(Through::new(Vendor::Docusign, url));
    Arc::new(move || {
        let client = Arc::clone(&client);
        Box::pin(async move { client.call(operation).await })
    })
}

fn listed(client: &reqwest::Client, url: String, key: &str) -> Call {
    let request = client.get(url).header("authorization", key);
    Arc::new(move || {
        let request = request.try_clone().unwrap();
        Box::pin(async move {
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
            answer.bytes().await.unwrap();
        })
    })
}

/// A change under a new key each.
fn changed(client: &reqwest::Client, url: String, key: &str) -> Call {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let body = json!({ "recipient": format!("email:{}", calls::SIGNER), "code": calls::CODE }).to_string();
    let request =
        client.put(url).header("authorization", key).header("content-type", "application/json").body(body);
    Arc::new(move || {
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let request = request.try_clone().unwrap().header("idempotency-key", format!("bench-{number}"));
        Box::pin(async move {
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
            answer.bytes().await.unwrap();
        })
    })
}

/// Rows take turns; the first round of each, which warms up connections and caches, is left out.
fn table(runtime: &Runtime, rows: &[(String, Call)], round: Duration, rounds: usize) {
    let mut samples: Vec<(usize, &str, &Call, Vec<Sample>)> = Vec::new();
    for (name, call) in rows {
        samples.extend([1, 16].map(|concurrent| (concurrent, name.as_str(), call, Vec::new())));
    }
    for number in 0..=rounds {
        for (concurrent, _, call, taken) in &mut samples {
            let call = Arc::clone(call);
            let sample = runtime.block_on(run(*concurrent, round, move || call()));
            if number > 0 {
                taken.push(sample);
            }
        }
    }
    for (concurrent, name, _, taken) in &samples {
        let of = |column: fn(&Sample) -> f64| median(taken.iter().map(column).collect());
        let (p50, p99) = (of(|sample| sample.p50_micros) / 1e3, of(|sample| sample.p99_micros) / 1e3);
        println!("| {name} | {concurrent} | {p50:.3} | {p99:.2} | {:.0} |", of(|sample| sample.per_second));
    }
}

/// The file of the sealing key in a folder.
fn key_file(folder: &Path) -> PathBuf {
    folder.join("state.key")
}
