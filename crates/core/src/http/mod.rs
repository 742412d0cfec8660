//! The one door to the network: [`Context::exchange`] signs, sends, classifies, and keeps account of what may have
//! happened.

mod context;
mod dry_run;
mod journal;
mod observer;
mod request_builder;
mod response;
mod retry_after;
mod step;
mod transport;

pub use context::Context;
pub use dry_run::{PlannedStep, Rehearsal};
pub use observer::{Entry, Watch};
pub use request_builder::Outgoing;
pub use response::Answer;
pub use retry_after::told_wait;
pub use transport::{Limits, Phase, Transport, TransportError, TransportFault};

pub(crate) use journal::{Journal, Progress};
pub(crate) use observer::Passage;
pub(crate) use retry_after::answered_at;
pub(crate) use step::{Reached, Step};
