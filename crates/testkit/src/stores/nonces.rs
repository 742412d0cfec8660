//! What every store of used returns has to do.

use std::sync::Arc;

use countersign_core::store::{Nonce, NonceStore};

use super::{LONG, at_once};

/// Returns false for the second return, and true for another nonce.
pub async fn a_nonce_is_taken_once(store: Arc<dyn NonceStore>) {
    for byte in [0, 1, 255] {
        let nonce = Nonce::from_bytes([byte; Nonce::BYTES]);
        assert!(store.claim(nonce, LONG).await.expect("an answer"), "{byte}");
        assert!(!store.claim(nonce, LONG).await.expect("an answer"), "{byte}");
    }
}

/// The claim is one atomic step.
pub async fn of_many_simultaneous_returns_one_takes_the_nonce(store: Arc<dyn NonceStore>) {
    let nonce = Nonce::from_bytes([7; Nonce::BYTES]);
    let taken =
        at_once(&store, |store, _| async move { store.claim(nonce, LONG).await.expect("an answer") }).await;
    assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
}
