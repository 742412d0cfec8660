//! What is logged during a trial, to be searched for secrets.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Crates below an adapter, whose logs are not its affair; some show requests as they are.
const BELOW: [&str; 8] = ["h2", "hyper", "hyper_util", "mio", "reqwest", "rustls", "tokio", "tower"];

/// Keeps every span and event of one thread, at every level.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listener {
    lines: Arc<Mutex<String>>,
    spans: Arc<AtomicU64>,
}

impl Listener {
    pub(crate) fn heard(&self) -> String {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, line: &str) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
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
        !BELOW.contains(&root)
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
