//! What the simulation of a vendor has to implement.

use std::pin::Pin;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;

use crate::secret::Secret;
use crate::world::{Event, Live, News, Refused, Vendor};

/// What an account is created from.
pub(crate) struct Start<'a> {
    /// Where the sandbox listens, without a trailing slash.
    pub(crate) base_url: &'a str,
    pub(crate) seed: u64,
    /// The sandbox's time.
    pub(crate) now: Timestamp,
}

/// An account of Countersign's configuration: keys, with dots between the parts. Those of inner tables come last.
pub type Configuration = Vec<(&'static str, Secret)>;

/// The credentials of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignIn {
    /// Those that an application without users has.
    Own,
    /// Good ones of another customer, who has none of the envelopes.
    Other,
    /// A key that the vendor refuses.
    Refused,
    /// An access token that is not renewed.
    Token,
    /// An application that gets tokens for its secret.
    Application,
    /// A person who signs in with a browser, at an application with a secret.
    Person,
    /// The same at an application that can keep no secret.
    PersonWithoutSecret,
}

/// A key that no vendor has given to anyone.
pub(crate) const WRONG_KEY: &str = "5d0c0008-7b5e-4b62-9f7e-000000000008";

/// An account with an API key.
pub(crate) fn with_key(vendor: &'static str, base_url: &str, key: impl Into<Secret>) -> Configuration {
    with_auth(vendor, base_url, "api_key", ("auth.api_key", key.into()))
}

/// An account that gets tokens as this OAuth client.
pub(crate) fn with_client(
    vendor: &'static str,
    base_url: &str,
    kind: &'static str,
    id: String,
) -> Configuration {
    with_auth(vendor, base_url, kind, ("auth.client_id", id.into()))
}

fn with_auth(
    vendor: &'static str,
    base_url: &str,
    kind: &'static str,
    row: (&'static str, Secret),
) -> Configuration {
    vec![("vendor", vendor.into()), ("base_url", base_url.into()), ("auth.kind", kind.into()), row]
}

pub(crate) type Answering<'a> = Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

/// Where webhooks go, for vendors whose API sets that.
pub(crate) trait Targets: Send + Sync {
    /// Posts a vendor's future events to this URL, signed with this key.
    fn set(&self, vendor: Vendor, url: &str, key: &Secret) -> Result<(), Refused>;

    fn clear(&self, vendor: Vendor);
}

/// The account at a vendor, and how the vendor answers and posts webhooks.
pub(crate) trait Played: Send + Sync {
    fn vendor(&self) -> Vendor;

    fn answer<'a>(
        &'a self,
        live: &'a Live,
        targets: &'a dyn Targets,
        parts: Parts,
        body: Bytes,
    ) -> Answering<'a>;

    /// The answer to a body that is too large.
    fn too_large(&self) -> Response;

    /// What a client needs, as the control API returns it.
    fn access(&self) -> Value;

    /// The same as keys of a Countersign account with these credentials, if the vendor has such.
    fn configuration(&self, sign_in: SignIn) -> Option<Configuration>;

    /// The parts of it that are not secret, by name, for display.
    fn public_access(&self) -> Vec<(&'static str, String)>;

    /// A new token without sign-in.
    fn issue_token(&self, now: Timestamp) -> Secret;

    /// Revokes every issued token.
    fn revoke_tokens(&self);

    /// The event's names in webhooks, which are reported together.
    fn event_names(&self, news: News) -> Vec<&'static str> {
        self.vendor().traits().webhooks.words(news).iter().map(String::as_str).collect()
    }

    /// The message of an event, without the parts that an attempt adds. `stamp` is the time that the vendor writes.
    fn message(&self, event: &Event, name: &str, stamp: Timestamp, with_data: bool) -> Value;

    /// The body of one attempt after this many failed ones, with its timestamp shifted by this many seconds.
    fn body(&self, message: &Value, failures: usize, shift: i32) -> String {
        let _ = (failures, shift);
        message.to_string()
    }

    /// The URL of one attempt, at vendors that sign there.
    fn signed_url(&self, url: &str, secrets: &[Secret], body: &str) -> String {
        let _ = (secrets, body);
        url.to_owned()
    }

    /// The headers that name an event's message, the same at each attempt.
    fn message_headers(&self, message: &Value) -> Vec<(String, String)> {
        let _ = message;
        Vec::new()
    }

    /// The headers that sign an attempt and name its event.
    fn headers(&self, event: &str, secrets: &[Secret], stamp: Timestamp, body: &str)
    -> Vec<(String, String)>;

    /// What the vendor posts when an endpoint is set up, if it does: headers and body.
    fn endpoint_check(&self, stamp: Timestamp) -> Option<(Vec<(String, String)>, Value)> {
        let _ = stamp;
        None
    }
}
