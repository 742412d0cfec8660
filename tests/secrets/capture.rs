//! Catches every span, event and log record of every crate, at every level.

use std::sync::{LazyLock, Once};

use countersign_testkit::conformance::Listener;

static LISTENER: LazyLock<Listener> = LazyLock::new(Listener::everything);

/// Starts catching; once per process.
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        tracing::subscriber::set_global_default(LISTENER.clone()).expect("no other subscriber");
        log::set_logger(&Records).expect("no other logger");
        log::set_max_level(log::LevelFilter::Trace);
    });
}

/// How much was logged so far.
pub(crate) fn mark() -> usize {
    LISTENER.mark()
}

/// All that was logged since then, by any test of this process.
pub(crate) fn since(mark: usize) -> String {
    LISTENER.since(mark)
}

struct Records;

impl log::Log for Records {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LISTENER.keep(&format!("log {} {} {}", record.level(), record.target(), record.args()));
    }

    fn flush(&self) {}
}
