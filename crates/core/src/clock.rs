//! Where "now" comes from, so that tests can move it.

use std::fmt::Debug;

/// An instant in UTC.
pub use jiff::Timestamp;

/// A source of the present time.
///
/// Expiry of tokens and of links is judged by it; tests give a clock that they move by hand.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
