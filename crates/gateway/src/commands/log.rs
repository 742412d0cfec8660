//! The log: JSON on standard error, and its level, which can be changed while the process runs.

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry, reload};

/// Something that takes spans or lines.
pub(super) type Sink = Box<dyn Layer<Registry> + Send + Sync>;

/// Changes the level of the log.
#[derive(Debug)]
pub(super) struct LogLevel(reload::Handle<Targets, Registry>);

impl LogLevel {
    /// Starts the log, and what takes spans beside it.
    pub(super) fn init(level: Level, beside: Option<Sink>) -> Self {
        let (filter, handle) = reload::Layer::new(targets(level));
        // A log that cannot be written is no reason to fail: reporting that would panic.
        let lines = tracing_subscriber::fmt::layer().json().log_internal_errors(false);
        let lines: Sink = lines.with_writer(std::io::stderr).with_filter(filter).boxed();
        let sinks: Vec<Sink> = [lines].into_iter().chain(beside).collect();
        tracing_subscriber::registry().with(sinks).init();
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
