//! The targets of webhooks, their signing secrets, and posting.

use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::delivery::WebhookRequest;
use crate::secret::Secret;
use crate::world::{Reason, Refused, Vendor};

/// An address that a vendor posts to, and the signing secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct WebhookTarget {
    /// The URL. On this machine, unless [`remote_webhooks`](crate::Options::remote_webhooks) allows others.
    pub url: String,
    /// The secrets, the current one first: a vendor signs with as many of them as the real one does, where it does.
    /// Without any, nothing is signed.
    #[serde(default)]
    pub secrets: Vec<Secret>,
    /// DocuSign: whether each event includes the envelope's data. Otherwise only its id is included.
    #[serde(default = "crate::world::yes")]
    pub with_data: bool,
}

impl WebhookTarget {
    /// Posts to this URL, signed with this secret.
    pub fn new(url: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self { url: url.into(), secrets: vec![secret.into()], with_data: true }
    }

    pub(super) fn check(&self, remote_allowed: bool) -> Result<(), Refused> {
        let invalid = |text: &str| Err(Refused::new(Reason::Invalid, text));
        let Ok(url) = Url::parse(&self.url) else { return invalid("the webhook's URL cannot be read") };
        if !matches!(url.scheme(), "http" | "https") {
            return invalid("the webhook's URL must begin with http:// or https://");
        }
        if !remote_allowed && !is_here(&url) {
            return invalid("webhooks can only be sent to this machine (localhost, 127.0.0.1, [::1])");
        }
        if self.secrets.iter().any(|secret| secret.expose().is_empty()) {
            return invalid("a webhook secret is empty");
        }
        if self.secrets.len() > 100 {
            return invalid("at most 100 webhook secrets are allowed");
        }
        Ok(())
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Posts. Uses reqwest, because targets may use TLS if other machines are allowed, and because it already is a
/// dependency; one connection pool for all webhooks, created with the first one.
#[derive(Default)]
pub(super) struct Poster(OnceLock<Result<reqwest::Client, String>>);

impl Poster {
    /// The receiver's status, or why there is none. Vendors differ in how long, in real time, it may take.
    pub(super) async fn post(&self, request: &WebhookRequest, vendor: Vendor) -> Result<u16, String> {
        let patience = Duration::from_secs(vendor.traits().webhooks.patience);
        let client = self.0.get_or_init(client).as_ref().map_err(Clone::clone)?;
        let mut out = client.post(&request.url).timeout(patience).body(request.body.expose().to_owned());
        for (name, value) in &request.headers {
            out = out.header(name, value);
        }
        match out.send().await {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) if error.is_timeout() => Err("no answer in time".to_owned()),
            Err(error) if error.is_connect() => Err("no connection".to_owned()),
            Err(error) => Err(error.without_url().to_string()),
        }
    }
}

fn client() -> Result<reqwest::Client, String> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .build()
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_posted_to_unless_others_are_allowed() {
        for url in ["http://127.0.0.1:1/a", "http://localhost/", "https://[::1]:2/x?y", "http://127.9.9.9"] {
            assert!(WebhookTarget::new(url, "k").check(false).is_ok(), "{url}");
        }
        for url in
            ["http://example.com/", "http://127.0.0.1.example.com", "http://10.0.0.1/", "http://localhost.x"]
        {
            assert!(WebhookTarget::new(url, "k").check(false).is_err(), "{url}");
            assert!(WebhookTarget::new(url, "k").check(true).is_ok(), "{url}");
        }
        for url in ["", "localhost", "ftp://localhost/", "file:///etc/passwd"] {
            assert!(WebhookTarget::new(url, "k").check(true).is_err(), "{url}");
        }
        assert!(WebhookTarget::new("http://localhost", "").check(true).is_err());
    }
}
