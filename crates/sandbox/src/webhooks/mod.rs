//! Webhooks as the vendors send them: created from the world's events, signed, posted, and retried.
//!
//! A vendor without a target sends none, and earlier events are not sent later. Webhooks are sent automatically, in
//! order and by the world's clock, unless they are held.

mod delivery;
mod delivery_queue;
mod fault;
mod handle;
mod target;

pub use delivery::{WebhookAttempt, WebhookDelivery, WebhookRequest, WebhookState};
pub use fault::{WebhookFault, WebhookFaultKind};
pub use handle::Webhooks;
pub(crate) use handle::worker;
pub use target::WebhookTarget;
