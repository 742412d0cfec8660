//! Webhooks as the vendors send them: made of what happens in the world, signed, posted, and tried again.
//!
//! A vendor without a target sends none, and what happened before it had one is not told later. Webhooks go out by
//! themselves, in order and by the world's clock, unless they are held.

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
