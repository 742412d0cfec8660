//! Events go out to tenants' endpoints as Standard Webhooks 1.0: the signature, the address, one attempt, the schedule.

mod sender;
mod signature;
mod target;

pub(crate) use sender::{Attempt, GIVE_UP_AFTER, Message, Sender, pause};
pub(crate) use signature::SigningSecret;
pub(crate) use target::{PrivateHosts, check_host, check_url};
