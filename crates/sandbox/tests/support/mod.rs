//! A tiny client, so that tests read like conversations.
#![allow(dead_code, reason = "each test file uses another part")]

use countersign_sandbox::{Options, Sandbox};
use reqwest::Method;
use serde_json::Value;

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and body, for snapshots.
    pub fn shown(&self) -> Value {
        match serde_json::from_str::<Value>(&self.text) {
            Ok(body) => serde_json::json!({"status": self.status, "body": body}),
            Err(_) => serde_json::json!({"status": self.status, "text": self.text}),
        }
    }
}

pub struct Client {
    pub http: reqwest::Client,
    pub sandbox: Sandbox,
    pub auth: Vec<(&'static str, String)>,
}

/// The moment at which frozen worlds begin.
pub const START: &str = "2026-03-04T05:06:07.089Z";

pub async fn start(options: Options) -> Sandbox {
    Sandbox::start(options).await.expect("the sandbox starts")
}

pub fn frozen() -> Options {
    Options::new().with_seed(7).with_frozen_clock(START.parse().unwrap())
}

pub fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .retry(reqwest::retry::never())
        .build()
        .unwrap()
}

impl Client {
    pub async fn docusign(options: Options) -> Self {
        let sandbox = start(options).await;
        let token = sandbox.docusign().access_token.expose().to_owned();
        Self { http: http(), sandbox, auth: vec![("authorization", format!("Bearer {token}"))] }
    }

    pub async fn boldsign(options: Options) -> Self {
        let sandbox = start(options).await;
        let key = sandbox.boldsign().api_key.expose().to_owned();
        Self { http: http(), sandbox, auth: vec![("x-api-key", key)] }
    }

    pub async fn raw(&self, method: &str, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        self.try_raw(method, url, headers, body).await.expect("an answer")
    }

    pub async fn try_raw(
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
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut headers: Vec<(&str, &str)> = self.auth.iter().map(|(n, v)| (*n, v.as_str())).collect();
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        self.raw(method, path, &headers, body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    /// Path of an envelope at DocuSign.
    pub fn envelope(&self, rest: &str) -> String {
        let account = self.sandbox.docusign().account_id;
        format!("/restapi/v2.1/accounts/{account}/envelopes{rest}")
    }
}
