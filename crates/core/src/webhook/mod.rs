//! Webhooks: a vendor's notifications, checked and in one vocabulary.
//!
//! The vendor-specific part, the format of its signature and of its messages, is a [`ReceiveWebhook`] of the adapter's
//! [`Descriptor`](crate::Descriptor). This module is vendor-neutral.

mod dedup;
mod event;
mod key;
mod mac;
mod notification;
mod refusal;
mod spec;
mod verify;

pub use dedup::{Completion, Dedup, Delivery, FencingToken, SeenKey, SeenStore};
pub use event::WebhookEvent;
pub use key::NotificationKey;
pub use mac::{Tag, from_base64, from_hex, hmac_sha256};
pub use notification::{Notification, NotifiedRecipient};
pub use refusal::{WebhookRefusal, WebhookRefused};
pub use spec::{IncomingWebhook, ReceiveWebhook, Received};
pub use verify::{Presented, fresh, verify};

pub(crate) use mac::hmac;
