//! Logs the exchanges with the vendor to stderr, if requested.

use std::io;

use countersign::redact::escape_control;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::report::note;

/// The prefix of our own crates' names.
const OURS: &str = "countersign";

/// Configuration warnings are always shown.
const CONFIG: &str = "countersign::config";

/// Starts logging if requested: with `-v`, or with `RUST_LOG`, which takes precedence. Otherwise only configuration
/// warnings are shown.
pub(crate) fn start(verbose: u8) {
    let wanted = match (variable(), verbose) {
        (Some(text), _) => match text.parse::<Targets>() {
            Ok(targets) => ours(&targets),
            Err(_) => {
                note("RUST_LOG is not valid and is ignored; examples: info, countersign_core=debug\n");
                level(verbose)
            }
        },
        (None, 0) => {
            let warnings = fmt::layer().without_time().with_level(false).with_target(false);
            let warnings =
                warnings.with_ansi(false).log_internal_errors(false).with_writer(|| Escaped("warning: "));
            let wanted = Targets::new().with_target(CONFIG, LevelFilter::WARN);
            let _ = tracing_subscriber::registry().with(warnings.with_filter(wanted)).try_init();
            return;
        }
        (None, verbose) => level(verbose),
    };
    // A log that cannot be written is no reason to fail: reporting that would panic.
    let lines = fmt::layer().with_ansi(false).log_internal_errors(false).with_writer(|| Escaped(""));
    // This process has no other subscriber, so this cannot fail.
    let _ = tracing_subscriber::registry().with(lines.with_filter(wanted)).try_init();
}

pub(crate) fn is_wanted(verbose: u8) -> bool {
    verbose > 0 || variable().is_some()
}

fn variable() -> Option<String> {
    std::env::var("RUST_LOG").ok().filter(|text| !text.trim().is_empty())
}

fn level(verbose: u8) -> Targets {
    let level = match verbose {
        0 => LevelFilter::OFF,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    Targets::new().with_target(OURS, level)
}

/// The requested level for our own crates. Other crates may log whole requests, including keys and codes.
fn ours(wanted: &Targets) -> Targets {
    let all = wanted.default_level().unwrap_or(LevelFilter::OFF);
    let ours = wanted.iter().filter(|(target, _)| target.starts_with(OURS));
    Targets::new().with_target(OURS, all).with_targets(ours)
}

/// Stderr without terminal escape sequences. An event arrives in one piece, with its line break.
struct Escaped(&'static str);

impl io::Write for Escaped {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        note(&format!("{}{}\n", self.0, escape_control(text.strip_suffix('\n').unwrap_or(&text))));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::filter::LevelFilter as L;

    fn enabled(targets: &Targets, target: &str) -> Option<L> {
        [L::TRACE, L::DEBUG, L::INFO, L::WARN, L::ERROR]
            .into_iter()
            .find(|level| level.into_level().is_some_and(|level| targets.would_enable(target, &level)))
    }

    #[test]
    fn only_our_own_crates_are_heard_whatever_is_asked_for() {
        for (asked, core, http) in [
            ("debug", Some(L::DEBUG), Some(L::DEBUG)),
            ("hyper=trace,warn", Some(L::WARN), Some(L::WARN)),
            ("countersign_core=trace", Some(L::TRACE), None),
            ("reqwest=debug", None, None),
        ] {
            let targets = ours(&asked.parse().expect(asked));
            assert_eq!(enabled(&targets, "countersign_core::exchange"), core, "{asked}");
            assert_eq!(enabled(&targets, "countersign_http"), http, "{asked}");
            assert_eq!(enabled(&targets, "hyper::proto"), None, "{asked}");
        }
        assert_eq!(enabled(&level(1), "countersign_acme"), Some(L::INFO));
        assert_eq!(enabled(&level(7), "countersign"), Some(L::DEBUG));
    }
}
