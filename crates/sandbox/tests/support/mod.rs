//! A tiny client, so that tests read like conversations.
#![allow(dead_code, reason = "each test file uses another part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

pub(crate) mod browser;

use countersign_sandbox::{Options, Sandbox, Vendor};
use reqwest::Method;
use serde_json::Value;

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and body, for snapshots.
    pub(crate) fn shown(&self) -> Value {
        match serde_json::from_str::<Value>(&self.text) {
            Ok(body) => serde_json::json!({"status": self.status, "body": body}),
            Err(_) => serde_json::json!({"status": self.status, "text": self.text}),
        }
    }
}

/// The document with these values in place of others, which change from run to run or say nothing.
pub(crate) fn hiding(mut document: Value, hidden: &[(&str, &str)]) -> Value {
    for (pointer, shown) in hidden {
        *document.pointer_mut(pointer).expect("the value that is hidden") = (*shown).into();
    }
    document
}

pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) sandbox: Sandbox,
    pub(crate) auth: Vec<(&'static str, String)>,
}

/// The moment at which frozen worlds begin.
pub(crate) const START: &str = "2026-03-04T05:06:07.089Z";

pub(crate) async fn start(options: Options) -> Sandbox {
    Sandbox::start(options).await.expect("the sandbox starts")
}

pub(crate) fn frozen() -> Options {
    Options { seed: 7, frozen_at: Some(START.parse().unwrap()), ..Options::new() }
}

pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .retry(reqwest::retry::never())
        .build()
        .unwrap()
}

impl Client {
    pub(crate) async fn docusign(options: Options) -> Self {
        let sandbox = start(options).await;
        let token = sandbox.docusign().access_token.expose().to_owned();
        Self { http: http(), sandbox, auth: vec![("authorization", format!("Bearer {token}"))] }
    }

    pub(crate) async fn boldsign(options: Options) -> Self {
        let sandbox = start(options).await;
        let key = sandbox.boldsign().api_key.expose().to_owned();
        Self { http: http(), sandbox, auth: vec![("x-api-key", key)] }
    }

    /// With the API key of the vendor's account, under this scheme.
    pub(crate) async fn keyed(vendor: Vendor, scheme: &str, options: Options) -> Self {
        let sandbox = start(options).await;
        let rows = sandbox.account(vendor);
        let (_, key) = rows.iter().find(|(name, _)| *name == "auth.api_key").expect("a key");
        Self { http: http(), auth: vec![("authorization", format!("{scheme} {}", key.expose()))], sandbox }
    }

    pub(crate) async fn raw(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        self.try_raw(method, url, headers, body).await.expect("an answer")
    }

    pub(crate) async fn try_raw(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> reqwest::Result<Answer> {
        let url =
            if url.starts_with("http") { url.to_owned() } else { format!("{}{url}", self.sandbox.url()) };
        let mut request = self.http.request(method.parse::<Method>().unwrap(), url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await? })
    }

    /// A call with the vendor's credentials and a JSON body, if any.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut headers: Vec<(&str, &str)> = self.auth.iter().map(|(n, v)| (*n, v.as_str())).collect();
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        self.raw(method, path, &headers, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    /// Path of an envelope at DocuSign.
    pub(crate) fn envelope(&self, rest: &str) -> String {
        let account = self.sandbox.docusign().account_id;
        format!("/restapi/v2.1/accounts/{account}/envelopes{rest}")
    }
}

/// Who got which kind of mail, in sequence.
pub(crate) fn mails(client: &Client) -> Vec<String> {
    let kind = |mail: &countersign_sandbox::Mail| serde_json::to_value(mail.kind).unwrap();
    let outbox = client.sandbox.world().outbox();
    outbox.iter().map(|mail| format!("{} {}", kind(mail).as_str().unwrap(), mail.to)).collect()
}
