//! A gateway with simulated vendors, and requests to it.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use countersign_gateway::dev::{Dev, Sample};
use countersign_gateway::{Gateway, KeyScope, Options, app};
use countersign_sandbox::World;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::kept::Kept;

pub(crate) const ANNA: &str = "email:anna@example.com";
pub(crate) const BEN: &str = "email:ben@example.com";
pub(crate) const BACK: &str = "https://app.example.com/signed";

pub(crate) struct Stage {
    pub(crate) dev: Dev,
    kept: Kept,
    app: Router,
}

/// A request before it is sent.
#[derive(Clone)]
pub(crate) struct Ask<'s> {
    stage: &'s Stage,
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let kept = Kept::new().await;
        let dev = Dev::start_on(|folder| kept.state(folder)).await.expect("a gateway");
        let app = app(dev.gateway.clone());
        Self { dev, kept, app }
    }

    /// As a second process with the same state.
    pub(crate) async fn second(&self) -> Router {
        self.with_hosts(&[self.dev.sandbox.url().trim_start_matches("http://")]).await
    }

    /// As [`Stage::second`], with other allowed hosts.
    pub(crate) async fn with_hosts(&self, hosts: &[&str]) -> Router {
        app(self.replica(hosts).await)
    }

    /// Another gateway with the same state, which may call these hosts.
    pub(crate) async fn replica(&self, hosts: &[&str]) -> Gateway {
        let folder = self.dev.folder();
        let options = Options::new(self.kept.state(folder), vec![folder.join("state.key")]);
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        Gateway::open(&options.with_allowed_hosts(hosts)).await.expect("a second gateway")
    }

    /// The row of a statement, as the operator of the database sees it.
    pub(crate) fn row(&self, sql: &str) -> String {
        self.kept.one(self.dev.folder(), sql)
    }

    /// All that is kept.
    pub(crate) fn content(&self) -> Vec<Vec<u8>> {
        self.kept.content(self.dev.folder())
    }

    /// A second gateway with the same state, and changed options.
    pub(crate) async fn gateway(&self, change: impl FnOnce(Options) -> Options) -> Gateway {
        let folder = self.dev.folder();
        let options = Options::new(self.kept.state(folder), vec![folder.join("state.key")]);
        let host = self.dev.sandbox.url().trim_start_matches("http://").to_owned();
        let options = options.with_allowed_hosts(vec![host]).with_private_hosts(vec!["127.0.0.1".to_owned()]);
        Gateway::open(&change(options)).await.expect("a second gateway")
    }

    pub(crate) fn world(&self) -> World {
        self.dev.sandbox.world()
    }

    pub(crate) fn mails(&self) -> usize {
        self.world().outbox().len()
    }

    pub(crate) fn sample(&self) -> &Sample {
        self.dev.samples.first().expect("a sample")
    }

    /// The path of the first sample's envelope, and what comes behind it.
    pub(crate) fn at(&self, rest: &str) -> String {
        let sample = self.sample();
        format!("/v1/envelopes/{}:{}/{rest}", sample.account, sample.envelope)
    }

    /// A request with the tenant's key.
    pub(crate) fn ask(&self, method: &'static str, path: impl Into<String>) -> Ask<'_> {
        self.bare(method, path).header("authorization", format!("Bearer {}", self.dev.key.expose()))
    }

    /// A request without a key.
    pub(crate) fn bare(&self, method: &'static str, path: impl Into<String>) -> Ask<'_> {
        Ask { stage: self, method, path: path.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// Another key of the tenant, or of a new tenant.
    pub(crate) async fn key(&self, tenant: &str, scopes: &[KeyScope]) -> String {
        let directory = self.dev.gateway.directory();
        if tenant != "dev" {
            directory.add_tenant(tenant).await.expect("a tenant");
        }
        let key = directory.add_key(tenant, scopes, "", false, None).await.expect("a key");
        format!("Bearer {}", key.expose())
    }
}

impl Ask<'_> {
    /// In place of an earlier one of this name.
    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn keyed(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers write it in place")]
    pub(crate) fn json(self, body: Value) -> Self {
        self.raw(body.to_string())
    }

    /// To another path.
    pub(crate) fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// With this body, and the headers as they are.
    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", "application/json")
    }

    pub(crate) async fn send(self) -> Answer {
        let app = self.stage.app.clone();
        self.send_to(&app).await
    }

    pub(crate) async fn send_to(self, app: &Router) -> Answer {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(self.body)).expect("a request");
        let response = app.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        Answer { status: parts.status, headers: parts.headers, text }
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    /// The answer, which has to be good.
    pub(crate) fn good(self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        assert!(self.header("countersign-request-id").is_some(), "{self:?}");
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The problem, which has to be of this status and kind.
    pub(crate) fn problem(self, status: u16, kind: &str) -> Value {
        let problem = self.json();
        assert_eq!((self.status.as_u16(), problem["kind"].as_str()), (status, Some(kind)), "{problem:#}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"].as_str(), self.header("countersign-request-id"));
        assert_eq!(
            problem["retry"] == json!(true) && problem["retry_after_seconds"].is_u64(),
            self.header("retry-after").is_some(),
            "{problem:#}"
        );
        problem
    }
}

pub(crate) fn view() -> Value {
    json!({ "recipient": ANNA, "return_url": BACK })
}

pub(crate) fn resend() -> Value {
    json!({ "recipient": BEN })
}

pub(crate) fn code(code: &str) -> Value {
    json!({ "recipient": BEN, "code": code })
}

pub(crate) fn unlock() -> Value {
    json!({ "recipient": ANNA, "code": "Anna3456" })
}
