//! The processes of the benchmark, and where their state is.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use countersign_gateway::{Gateway, KeyScope, Options, State, serve};
use countersign_vault::KeyEncryptionKey;
use serde_json::json;
use tokio::net::TcpListener;

use crate::webhooks::SECRET;

/// A gateway's state.
pub(crate) struct Place {
    pub(crate) name: &'static str,
    folder: PathBuf,
    state: String,
    host: String,
}

/// A tenant's key, and the id of its account.
pub(crate) struct Tenant {
    pub(crate) key: String,
    pub(crate) account: String,
}

impl Place {
    pub(crate) fn new(name: &'static str, state: &str, folder: &Path, host: &str) -> Self {
        KeyEncryptionKey::read_or_create(&key_file(folder)).unwrap();
        Self { name, folder: folder.to_owned(), state: state.to_owned(), host: host.to_owned() }
    }

    /// Adds tenants with an account at the vendor.
    pub(crate) async fn tenants(&self, vendor: &str, name: &str, count: usize) -> Vec<Tenant> {
        let gateway = Gateway::open(&options(&self.state, &self.folder, &self.host)).await.unwrap();
        let directory = gateway.directory();
        let settings = json!({
            "account_id": "1234567", "base_url": vendor, "auth": { "kind": "token", "token": "bench-token" },
            "webhook_secrets": SECRET,
        });
        let settings = settings.as_object().unwrap();
        let mut tenants = Vec::new();
        for number in 0..count {
            let tenant = directory.add_tenant(&format!("{name}-{number}")).await.unwrap();
            let account =
                directory.add_account(&tenant, "sales", "docusign", settings).await.unwrap().unwrap();
            let key = directory.add_key(&tenant, &KeyScope::ALL, "", true, None).await.unwrap();
            tenants.push(Tenant { key: key.expose().to_owned(), account: account.id });
        }
        tenants
    }
}

/// The file of the sealing key.
fn key_file(folder: &Path) -> PathBuf {
    folder.join("state.key")
}

fn options(state: &str, folder: &Path, host: &str) -> Options {
    let options = Options::new(state.parse::<State>().unwrap(), vec![key_file(folder)]);
    options.with_allowed_hosts(vec![host.to_owned()])
}

/// A process with a port; ends with this value.
pub(crate) struct Process {
    child: Child,
    pub(crate) url: String,
}

impl Process {
    pub(crate) fn gateway(place: &Place) -> Self {
        Self::start(&["gateway", &place.state, &place.folder.display().to_string(), &place.host])
    }

    pub(crate) fn proxy(url: &str) -> Self {
        Self::start(&["proxy", url])
    }

    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = command.arg("--role").args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }

    /// Resident memory in MiB; 0 where the system does not tell.
    pub(crate) fn resident(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is one of the processes until it is killed; prints its URL first.
pub(crate) fn play(role: &str, arguments: &[String]) {
    let given = arguments.iter().skip_while(|argument| *argument != role).skip(1);
    let given: Vec<&str> = given.map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        if role == "gateway" {
            let gateway = Gateway::open(&options(given[0], Path::new(given[1]), given[2])).await.unwrap();
            println!("{url}");
            serve(listener, gateway, std::future::pending(), Duration::ZERO, Duration::ZERO).await;
        } else {
            println!("{url}");
            axum::serve(listener, proxy(given[0].to_owned())).await.unwrap();
        }
    });
}

/// What the gateway is compared with: it copies bytes.
fn proxy(vendor: String) -> Router {
    let client = reqwest::Client::new();
    let copy = move |request: Request| {
        let url = format!("{vendor}{}", request.uri());
        let copied = client.request(request.method().clone(), url);
        async move {
            let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap();
            let answer = copied.body(body).send().await.unwrap();
            let copied = Response::builder().status(answer.status());
            copied.body(Body::from(answer.bytes().await.unwrap())).unwrap()
        }
    };
    Router::new().fallback(copy)
}

/// A new folder, removed at the end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(base: &Path) -> Self {
        let folder = base.join(format!("countersign-bench-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
