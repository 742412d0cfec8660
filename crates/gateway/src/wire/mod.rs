//! What callers send and get: types of the gateway's own, so that its interface does not change with the library.

pub(crate) mod endpoints;
mod replies;
mod requests;

pub(crate) use replies::{Done, PlanShown, RecipientList, ResentList, Unlocked, View};
pub(crate) use requests::{NewAccessCode, NewPlan, NewResend, NewUnlock, NewView};
