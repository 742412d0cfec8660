//! Catches every span, event and log record of every crate, at every level.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

static LINES: Mutex<String> = Mutex::new(String::new());

fn keep(line: &str) {
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.push_str(line);
    lines.push('\n');
}

/// Starts catching; once per process.
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        tracing::subscriber::set_global_default(Catch(AtomicU64::new(1))).expect("no other subscriber");
        log::set_logger(&Records).expect("no other logger");
        log::set_max_level(log::LevelFilter::Trace);
    });
}

/// How much was logged so far.
pub(crate) fn mark() -> usize {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// All that was logged since then, by any test of this process.
pub(crate) fn since(mark: usize) -> String {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).get(mark..).unwrap_or_default().to_owned()
}

struct Catch(AtomicU64);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {}={value}", field.name());
    }
}

fn head(kind: &str, about: &Metadata<'_>) -> Line {
    Line(format!("{kind} {} {} {}", about.level(), about.target(), about.name()))
}

impl Subscriber for Catch {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = head("span", span.metadata());
        span.record(&mut line);
        keep(&line.0);
        Id::from_u64(self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line("record".to_owned());
        values.record(&mut line);
        keep(&line.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = head("event", event.metadata());
        event.record(&mut line);
        keep(&line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Records;

impl log::Log for Records {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        keep(&format!("log {} {} {}", record.level(), record.target(), record.args()));
    }

    fn flush(&self) {}
}
