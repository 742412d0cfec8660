//! Where webhooks go, and which keys sign them.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::secret::Secret;
use crate::world::{Reason, Refused};

/// An address that a vendor posts to, and the secrets that sign what is posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WebhookTarget {
    /// Where to post to. On this machine, unless [`Options::with_remote_webhooks`](crate::Options) allows others.
    pub url: String,
    /// The secrets, the present one first. DocuSign signs once with each of up to 100; BoldSign with the first as
    /// `s0` and the second as `s1`. Without any, nothing is signed.
    #[serde(default)]
    pub secrets: Vec<Secret>,
    /// DocuSign: whether the envelope's data come with each event. Without them only its id does.
    #[serde(default = "yes")]
    pub with_data: bool,
}

fn yes() -> bool {
    true
}

impl WebhookTarget {
    /// Posts there, signed with this secret.
    pub fn new(url: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self { url: url.into(), secrets: vec![secret.into()], with_data: true }
    }

    /// Signs with one more secret, as while a key is being changed.
    #[must_use]
    pub fn and_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Tells ids only.
    #[must_use]
    pub fn without_data(mut self) -> Self {
        self.with_data = false;
        self
    }

    pub(super) fn check(&self, remote_allowed: bool) -> Result<(), Refused> {
        let invalid = |text: &str| Err(Refused::new(Reason::Invalid, text));
        let Ok(url) = Url::parse(&self.url) else { return invalid("the webhook's URL cannot be read") };
        if !matches!(url.scheme(), "http" | "https") {
            return invalid("the webhook's URL must begin with http:// or https://");
        }
        if !remote_allowed && !is_here(&url) {
            return invalid("webhooks go to this machine only (localhost, 127.0.0.1, [::1])");
        }
        if self.secrets.iter().any(|secret| secret.expose().is_empty()) {
            return invalid("a webhook secret is empty");
        }
        if self.secrets.len() > 100 {
            return invalid("there can be 100 webhook secrets at most");
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
