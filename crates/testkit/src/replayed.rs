//! A replay that fails its test if it was not used completely.

use std::path::Path;
use std::sync::Arc;

use countersign_cassette::{Replayer, load};
use countersign_core::{Clock, Transport};

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
            Err(error) => panic!("{error}\n{}", told(&error)),
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
            panic!("{error}\n{}", told(&error));
        }
    }
}

fn told(error: &countersign_core::Error) -> String {
    let lines = error.details().iter().filter_map(|detail| detail.present.clone());
    lines.collect::<Vec<_>>().join("\n")
}
