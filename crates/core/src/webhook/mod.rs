//! Webhooks: what a vendor tells by itself, checked and put into one vocabulary.
//!
//! The vendor's part, the form of its signature and of its messages, is a [`WebhookSpec`] of the adapter's
//! [`Descriptor`](crate::Descriptor). What is here knows no vendor.

mod dedup;
mod event;
mod key;
mod mac;
mod notification;
mod refusal;
mod spec;

pub use dedup::{Completion, Dedup, Delivery, FencingToken, SeenKey, SeenStore};
pub use event::WebhookEvent;
pub use key::NotificationKey;
pub use mac::{Tag, hmac_sha256};
pub use notification::{Notification, NotifiedRecipient};
pub use refusal::{WebhookRefusal, WebhookRefused};
pub use spec::{Age, IncomingWebhook, Received, WebhookSpec};
