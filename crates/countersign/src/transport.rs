//! The network interface, and observers of it.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use countersign::transport::{HttpOptions, HttpTransport, Limits};
//!
//! # fn run(provider: Arc<dyn countersign::provider::Provider>) {
//! // One transport for all clients of a process: it holds the connections.
//! let transport = Arc::new(HttpTransport::new(HttpOptions::default()));
//! let limits = Limits::default().with_timeout(Duration::from_secs(10));
//! let client = countersign::Client::builder(provider).transport(transport).limits(limits).build();
//! # }
//! ```

pub use countersign_core::http::{
    Admission, Limits, Marking, Phase, RequestObserver, Transport, TransportError, TransportFault,
};
pub use countersign_core::model::{Call, SentFor};
pub use countersign_http::{HttpOptions, HttpTransport};
