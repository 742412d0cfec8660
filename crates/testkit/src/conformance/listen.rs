//! Collects log output, to search it for secrets.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use countersign_core::locked;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Crates below an adapter, for whose logs it is not responsible; some log unredacted requests.
const BELOW: [&str; 8] = ["h2", "hyper", "hyper_util", "mio", "reqwest", "rustls", "tokio", "tower"];

/// A subscriber that stores every span and event, at every level. Clones share the same text.
#[derive(Debug, Clone, Default)]
pub struct Listener {
    lines: Arc<Mutex<String>>,
    spans: Arc<AtomicU64>,
    below: bool,
}

impl Listener {
    /// One that also stores the logs of the crates below an adapter.
    pub fn everything() -> Self {
        Self { below: true, ..Self::default() }
    }

    /// The amount stored so far.
    pub fn mark(&self) -> usize {
        locked(&self.lines).len()
    }

    /// The text stored since then.
    pub fn since(&self, mark: usize) -> String {
        locked(&self.lines).get(mark..).unwrap_or_default().to_owned()
    }

    /// Stores a line from another source.
    pub fn keep(&self, line: &str) {
        let mut lines = locked(&self.lines);
        lines.push_str(line);
        lines.push('\n');
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {}={value}", field.name());
    }
}

fn head(about: &Metadata<'_>) -> Line {
    Line(format!("{} {} {}", about.level(), about.target(), about.name()))
}

impl Subscriber for Listener {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        let root = about.target().split("::").next().unwrap_or_default();
        self.below || !BELOW.contains(&root)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = head(span.metadata());
        span.record(&mut line);
        self.keep(&line.0);
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line("record".to_owned());
        values.record(&mut line);
        self.keep(&line.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = head(event.metadata());
        event.record(&mut line);
        self.keep(&line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
