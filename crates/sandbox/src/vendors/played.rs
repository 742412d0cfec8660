//! What the simulation of a vendor has to implement.

use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;

use super::account::Held;
use super::call::Call;
use crate::secret::Secret;
use crate::webhooks::WebhookRequest;
use crate::world::{Event, News, SignIn, Vendor};

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

/// What an attempt to deliver a message is named and signed by.
pub(crate) struct Attempt<'a> {
    pub(crate) event: &'a str,
    pub(crate) message: &'a Value,
    pub(crate) secrets: &'a [Secret],
    pub(crate) stamp: Timestamp,
}

/// The account at a vendor, and how the vendor answers and posts webhooks.
pub(crate) trait Played: Held {
    fn vendor(&self) -> Vendor;

    fn answer(&self, call: &Call<'_>) -> Response;

    /// The answer to a body that is too large.
    fn too_large(&self) -> Response;

    /// The account as keys of a Countersign account with these credentials, if the vendor has such.
    fn configuration(&self, sign_in: SignIn) -> Option<Configuration> {
        let traits = self.vendor().traits();
        let (own, access) = (traits.sign_ins.get(&sign_in)?, self.access());
        let mut rows: Configuration = vec![("vendor", self.vendor().id().into())];
        for (key, text) in traits.configuration.iter().chain(own) {
            let value = Secret::new(filled_in(text, &access));
            match rows.iter_mut().find(|(known, _)| known == key) {
                Some(row) => row.1 = value,
                None => rows.push((key, value)),
            }
        }
        Some(rows)
    }

    /// The parts of the account that are not secret, by name, for display.
    fn public_access(&self) -> Vec<(&'static str, String)> {
        let access = self.access();
        let shown = self.vendor().traits().shown.iter();
        shown.map(|(name, text)| (name.as_str(), filled_in(text, &access))).collect()
    }

    /// A new token without sign-in.
    fn issue_token(&self, now: Timestamp) -> Secret;

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

    /// Names and signs an attempt in its URL or its headers.
    fn sign(&self, request: &mut WebhookRequest, attempt: &Attempt<'_>);

    /// What the vendor posts when an endpoint is set up, if it does: headers and body.
    fn endpoint_check(&self, stamp: Timestamp) -> Option<(Vec<(String, String)>, Value)> {
        let _ = stamp;
        None
    }
}

/// Puts the members of the account into a text that has their names in braces.
fn filled_in(text: &str, access: &Value) -> String {
    let members = access.as_object().into_iter().flatten();
    members.fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default())
    })
}
