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
pub use dry_run::{DryRun, PlannedStep};
pub use observer::{Admission, RequestObserver};
pub use request_builder::RequestBuilder;
pub use response::VendorResponse;
pub use retry_after::retry_after;
pub use transport::{Limits, Phase, Transport, TransportError, TransportFault};

pub(crate) use journal::{Journal, Progress};
pub(crate) use observer::Permit;
pub(crate) use retry_after::answered_at;
pub(crate) use step::{Reached, Step};
