//! The only way to the network: [`Context::exchange`] signs, sends, classifies errors, and records what may have
//! taken effect.

mod context;
mod dry_run;
mod journal;
mod observer;
mod request_builder;
mod response;
mod step;
mod transport;

pub use context::Context;
pub use dry_run::{DryRun, DryRunFindings, PlannedStep};
pub use observer::{Admission, Mark, RequestObserver};
pub use request_builder::RequestBuilder;
pub use response::VendorResponse;
pub use transport::{Limits, Phase, Transport, TransportError, TransportFault};

pub(crate) use journal::{Journal, Progress};
pub(crate) use observer::{Permit, observe_limit};
pub(crate) use response::answered_at;
pub(crate) use step::Step;
