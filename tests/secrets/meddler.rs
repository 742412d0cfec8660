//! A transport to the sandbox that answers one request itself, and notes every secret that passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use countersign::transport::{HttpTransport, Limits, Phase, Transport, TransportError, TransportFault};

use crate::forms::Pool;
use crate::shapes::Echo;

/// What becomes of the chosen request.
#[derive(Clone, Copy)]
pub(crate) enum Meddling {
    /// Nothing; only watched.
    None,
    /// It is answered so.
    Answer(fn(&Echo) -> http::Response<Bytes>),
    /// It fails so.
    Fail(TransportFault, Phase),
}

/// Sends over the network, but for the requests from `from` on.
pub(crate) struct Meddler {
    inner: Arc<HttpTransport>,
    pool: Arc<Pool>,
    meddling: Meddling,
    from: usize,
    seen: AtomicUsize,
}

impl std::fmt::Debug for Meddler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meddler")
    }
}

impl Meddler {
    pub(crate) fn new(
        inner: Arc<HttpTransport>,
        pool: Arc<Pool>,
        meddling: Meddling,
        from: usize,
    ) -> Arc<Self> {
        Arc::new(Self { inner, pool, meddling, from, seen: AtomicUsize::new(0) })
    }

    /// How many requests there were.
    pub(crate) fn seen(&self) -> usize {
        self.seen.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Transport for Meddler {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let number = self.seen.fetch_add(1, Ordering::Relaxed);
        let echo = echo(&request);
        echo.secrets.iter().for_each(|secret| self.pool.add(secret));
        let answer = match self.meddling {
            Meddling::Answer(shape) if number >= self.from => Ok(shape(&echo)),
            Meddling::Fail(fault, phase) if number >= self.from => Err(TransportError::new(fault, phase)),
            _ => self.inner.send(request, limits).await,
        }?;
        for secret in members(answer.body(), &["access_token", "refresh_token", "url", "signLink", "token"]) {
            self.pool.add(&secret);
        }
        Ok(answer)
    }
}

/// All of a request, and the secrets in it.
fn echo(request: &http::Request<Bytes>) -> Echo {
    let mut all = format!("{} {}\n", request.method(), request.uri());
    let mut secrets = Vec::new();
    for (name, value) in request.headers() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        all.push_str(&format!("{name}: {value}\n"));
        if name == "x-api-key" || name == "authorization" {
            let (_, bare) = value.split_once(' ').unwrap_or(("", &value));
            secrets.push(bare.to_owned());
        }
    }
    let body = String::from_utf8_lossy(request.body()).into_owned();
    for pair in body.split('&') {
        let secret = ["assertion=", "client_secret=", "refresh_token=", "code=", "code_verifier="];
        secrets.extend(secret.iter().filter_map(|name| pair.strip_prefix(name)).map(str::to_owned));
    }
    secrets.extend(members(request.body(), &["accessCode"]));
    all.push_str(&body);
    Echo { secrets, all }
}

/// The texts under these names in a JSON document, however deep.
fn members(body: &[u8], names: &[&str]) -> Vec<String> {
    fn collect(value: &serde_json::Value, names: &[&str], found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(members) => members.iter().for_each(|(name, member)| match member {
                serde_json::Value::String(text) if names.contains(&name.as_str()) => found.push(text.clone()),
                other => collect(other, names, found),
            }),
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, names, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_slice(body) {
        collect(&value, names, &mut found);
    }
    found
}
