//! What it takes to play a vendor.

use std::pin::Pin;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;

use crate::secret::Secret;
use crate::world::{Event, Live, News, Vendor};

/// What an account is made from.
pub(crate) struct Start<'a> {
    /// Where the sandbox listens, without a slash at the end.
    pub(crate) base_url: &'a str,
    pub(crate) seed: u64,
    /// The world's time.
    pub(crate) now: Timestamp,
}

pub(crate) type Answering<'a> = Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

/// The one account at a vendor, and how the vendor answers and posts webhooks.
pub(crate) trait Played: Send + Sync {
    fn vendor(&self) -> Vendor;

    /// First segments, in lower case, of the paths that are this vendor's.
    fn paths(&self) -> &'static [&'static str];

    fn answer<'a>(&'a self, live: &'a Live, parts: Parts, body: Bytes) -> Answering<'a>;

    /// The answer to a body that is larger than anything that is read.
    fn too_large(&self) -> Response;

    /// What a client needs to be let in, as the control API tells it.
    fn access(&self) -> Value;

    /// The part of it that is no secret, by name, for people.
    fn public_access(&self) -> Vec<(&'static str, String)>;

    /// A fresh token without any sign-in.
    fn issue_token(&self, now: Timestamp) -> Secret;

    /// Makes every token issued so far worthless, as a revocation would.
    fn revoke_tokens(&self);

    /// The event's name in webhooks, where the vendor has one for it.
    fn event_name(&self, news: News) -> Option<&'static str>;

    /// The message of an event, without what an attempt adds. `stamp` is what the vendor writes as the time of it.
    fn message(&self, event: &Event, name: &str, stamp: Timestamp, with_data: bool) -> Value;

    /// The body of one attempt after so many failed ones, its stamp shifted by so many seconds.
    fn body(&self, message: &Value, failures: usize, shift: i32) -> String {
        let _ = (failures, shift);
        message.to_string()
    }

    /// What signs an attempt, and tells of its event.
    fn headers(&self, event: &str, secrets: &[Secret], stamp: Timestamp, body: &str)
    -> Vec<(String, String)>;

    /// What the vendor posts when an endpoint is set up, if it does: headers and body.
    fn endpoint_check(&self, stamp: Timestamp) -> Option<(Vec<(String, String)>, Value)> {
        let _ = stamp;
        None
    }

    /// Seconds from a failed attempt to the next; `None` when that was the last.
    fn retry_after(&self, failures: usize) -> Option<i64>;

    /// How long a receiver may take to answer, in real time.
    fn patience(&self) -> Duration;
}
