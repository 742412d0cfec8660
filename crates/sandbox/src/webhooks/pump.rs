//! The tasks that deliver, one per vendor, by the world's clock.

use std::time::Duration;

use tokio::sync::watch;

use super::Webhooks;
use crate::vendors::Vendor;

/// Delivers what is due until told to stop.
pub(crate) async fn pump(webhooks: Webhooks, vendor: Vendor, mut stop: watch::Receiver<bool>) {
    tokio::select! {
        () = deliver(&webhooks, vendor) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

async fn deliver(webhooks: &Webhooks, vendor: Vendor) {
    let mut bell = webhooks.bell();
    loop {
        // Before looking, so that a ring while looking is not missed.
        bell.borrow_and_update();
        while let Some(shot) = webhooks.take_due(vendor) {
            webhooks.shoot(shot).await;
        }
        let rung = bell.changed();
        match webhooks.wait_for_clock(vendor) {
            Some(wait) => {
                // A minute at most: the real clock may be set, too.
                let _ = tokio::time::timeout(wait.min(Duration::from_secs(60)), rung).await;
            }
            None if rung.await.is_err() => return,
            None => {}
        }
    }
}
