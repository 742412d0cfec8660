//! The calls that are measured.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::RequestBuilder;
use serde_json::json;

use crate::by_hand::docusign::VENDOR;
use crate::calls::{CODE, Operation, SIGNER, Through};

type Call = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// A call, and its name in the table.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) call: Call,
}

impl Row {
    /// By the client in this process.
    pub(crate) fn direct(name: &str, url: &str, operation: Operation) -> Self {
        // As the gateway lists.
        let client = Arc::new(Through::new(&VENDOR, url).with_envelope_status());
        let call = move || {
            let client = Arc::clone(&client);
            let call = async move { client.call(operation).await };
            Box::pin(call) as Pin<Box<dyn Future<Output = ()> + Send>>
        };
        Self { name: name.to_owned(), call: Arc::new(call) }
    }

    /// By the gateway.
    pub(crate) fn list(name: String, url: &str, key: &str) -> Self {
        let request = reqwest::Client::new().get(url).bearer_auth(key);
        Self::of(name, move || request.try_clone().unwrap())
    }

    /// By the gateway, under a new key each.
    pub(crate) fn change(name: String, url: &str, key: &str) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let body = json!({ "recipient": format!("email:{SIGNER}"), "code": CODE }).to_string();
        let request = reqwest::Client::new().put(url).bearer_auth(key);
        let request = request.header("content-type", "application/json").body(body);
        Self::of(name, move || {
            let number = LAST.fetch_add(1, Ordering::Relaxed);
            request.try_clone().unwrap().header("idempotency-key", format!("bench-{number}"))
        })
    }

    fn of(name: String, request: impl Fn() -> RequestBuilder + Send + Sync + 'static) -> Self {
        let call = move || {
            let request = request();
            let call = async move {
                let answer = request.send().await.unwrap();
                assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
                answer.bytes().await.unwrap();
            };
            Box::pin(call) as Pin<Box<dyn Future<Output = ()> + Send>>
        };
        Self { name, call: Arc::new(call) }
    }
}
