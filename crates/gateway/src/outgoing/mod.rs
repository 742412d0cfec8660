//! Events go out to tenants' endpoints as Standard Webhooks 1.0: the signature, the address, one attempt, the schedule.

mod schedule;
mod sender;
mod signature;
mod target;

pub(crate) use schedule::{GIVE_UP_AFTER, pause};
pub(crate) use sender::{Attempt, Message, Sender};
pub(crate) use signature::SigningSecret;
pub(crate) use target::{PrivateHosts, check_url};
