//! A replay that fails its test if it was not used completely.

use std::path::Path;
use std::sync::Arc;

use countersign_cassette::{Replayer, load};
use countersign_core::{Clock, Detail, Error, Transport};

/// A cassette replayed in a test. When it is dropped, the test fails if an exchange was not used, or if a request
/// is not in it.
#[derive(Debug)]
pub struct Replayed(Arc<Replayer>);

impl Replayed {
    /// Replays a file.
    ///
    /// # Panics
    /// Panics if the file cannot be read, or contains something that cassettes must not contain.
    pub fn file(file: &Path, clock: Arc<dyn Clock>) -> Self {
        match load(file) {
            Ok(cassette) => Self(Replayer::new(cassette, clock)),
            Err(error) => panic!("{}", told(&error)),
        }
    }

    /// The replayer, for a client's `replay`.
    pub fn replayer(&self) -> Arc<Replayer> {
        Arc::clone(&self.0)
    }

    /// The transport, for a context or a client.
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.0) as Arc<dyn Transport>
    }
}

impl Drop for Replayed {
    fn drop(&mut self) {
        // A test that is already failing has reported the reason.
        if std::thread::panicking() {
            return;
        }
        if let Err(error) = self.0.finish() {
            panic!("{}", told(&error));
        }
    }
}

/// An error with its details, which contain positions and no values.
pub(crate) fn told(error: &Error) -> String {
    let place = |detail: &Detail| {
        let what = detail.present.as_deref().or(detail.sent.as_deref()).unwrap_or_default();
        format!("\n  {}: {what}", detail.field)
    };
    format!("{error}; {}{}", error.hint(), error.details().iter().map(place).collect::<String>())
}
