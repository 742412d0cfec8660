//! The log: JSON on standard error, and its level, which can be changed while the process runs.

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Registry, reload};

/// Changes the level of the log.
#[derive(Debug)]
pub(super) struct LogLevel(reload::Handle<Targets, Registry>);

impl LogLevel {
    /// Starts the log.
    pub(super) fn init(level: Level) -> Self {
        let (filter, handle) = reload::Layer::new(targets(level));
        // A log that cannot be written is no reason to fail: reporting that would panic.
        let lines = tracing_subscriber::fmt::layer().json().log_internal_errors(false);
        tracing_subscriber::registry().with(filter).with(lines.with_writer(std::io::stderr)).init();
        Self(handle)
    }

    pub(super) fn set(&self, level: Level) {
        // Fails only if the log is gone.
        let _ = self.0.reload(targets(level));
    }
}

/// Other crates' lines could have values of requests, so only their warnings are in the log.
fn targets(level: Level) -> Targets {
    Targets::new().with_default(level.min(Level::WARN)).with_target("countersign", level)
}
