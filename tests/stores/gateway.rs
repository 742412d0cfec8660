//! A worker that is a gateway, and calls to it over HTTP.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use countersign::Retry;
use countersign_gateway::{Gateway, KeyScope, Options, State, dev, serve};
use countersign_sandbox::{Sandbox, Vendor};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;

use crate::ledger::ShortLeases;
use crate::round::LEASE;
use crate::said::{Asked, Caller, End, Kind, SERVING, Setup};

/// A tenant with an account at each simulated vendor.
pub(crate) async fn prepare(setup: &Setup, sandbox: &Sandbox) -> Caller {
    let host = sandbox.url().trim_start_matches("http://").to_owned();
    let gateway = Gateway::open(&options_of(setup, &host)).await.unwrap();
    let directory = gateway.directory();
    let tenant = directory.add_tenant("sales").await.unwrap();
    for vendor in Vendor::all() {
        let settings = dev::settings(sandbox, *vendor);
        directory.add_account(&tenant, vendor.id(), vendor.id(), &settings).await.unwrap().unwrap();
    }
    let key = directory.add_key(&tenant, &KeyScope::ALL, "", true, None).await.unwrap();
    Caller { authorization: format!("Bearer {}", key.expose()), host }
}

fn options_of(setup: &Setup, host: &str) -> Options {
    options(setup.store.parse().unwrap(), setup.key.clone(), host)
}

/// With short leases, and access to the simulated vendors.
pub(crate) fn options(state: State, key: PathBuf, host: &str) -> Options {
    let options = Options::new(state, vec![key]);
    options.with_allowed_hosts(vec![host.to_owned()]).with_ledger(|inner| {
        Arc::new(ShortLeases { inner, lease: LEASE, marks: true, dies: None, marked: AtomicBool::new(false) })
    })
}

/// Serves until the input of this process ends.
pub(crate) async fn run(setup: Setup, caller: Caller) {
    let gateway = loop {
        match Gateway::open(&options_of(&setup, &caller.host)).await {
            Ok(gateway) => break gateway,
            Err(error) if error.retry() == Retry::Never => panic!("{error}"),
            // As soon as a server accepts connections.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{SERVING}{}", listener.local_addr().unwrap().port());
    let end = async {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(_)) = lines.next_line().await {}
    };
    serve(listener, gateway, end, Duration::ZERO, Duration::ZERO).await;
    std::process::exit(0);
}

/// How a call at the gateway with this port ended; `None` if it died before it answered.
pub(crate) async fn ask(port: u16, caller: &Caller, asked: &Asked) -> Option<End> {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    let client = CLIENT.get_or_init(reqwest::Client::new);
    let at = format!("http://127.0.0.1:{port}/v1/envelopes/{}:{}", asked.vendor, asked.envelope);
    let code = |notify| json!({ "recipient": "email:anna@example.com", "code": "New2222", "notify": notify });
    let (request, body) = match asked.kind {
        Kind::Resend => {
            (client.post(format!("{at}/resends")), json!({ "recipient": "email:anna@example.com" }))
        }
        Kind::CodeAndResend => (client.put(format!("{at}/access-code")), code(true)),
        other => panic!("{other:?}"),
    };
    let request = request
        .header("authorization", &caller.authorization)
        .header("idempotency-key", &asked.key)
        .header("content-type", "application/json")
        .body(body.to_string());
    let answer = request.send().await.ok()?;
    let status = answer.status();
    let text = answer.text().await.ok()?;
    if status.is_success() {
        return Some(End::Reply(text));
    }
    let problem: Value = serde_json::from_str(&text).unwrap_or_default();
    // A call that sent nothing learns by a repetition how another one under its key ended.
    Some(match (&problem["outcome"], &problem["retry"]) {
        (outcome, retry) if outcome == "no_effect" || *retry == json!(true) => End::Again(text),
        (outcome, _) if outcome == "unknown" => End::Unknown(text),
        _ => End::Failed(text),
    })
}
