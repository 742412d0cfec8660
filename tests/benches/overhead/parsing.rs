//! Reading an envelope with 500 recipients: plain `serde_json` into the types written by hand, beside the adapter's
//! whole way from bytes to recipients, without any network.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use countersign::transport::{Limits, Transport, TransportError};
use countersign::{BaseUrl, Client, EnvelopeId, ListRecipients};

use crate::by_hand::docusign::{Envelope, VENDOR, recipients};
use crate::measure::median;

const PEOPLE: usize = 500;

/// Answers everything with the same body.
#[derive(Debug)]
struct Canned(Bytes);

#[async_trait]
impl Transport for Canned {
    async fn send(
        &self,
        _: http::Request<Bytes>,
        _: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        Ok(http::Response::new(self.0.clone()))
    }
}

pub(crate) fn compare(rounds: usize) {
    let body = Bytes::from(recipients(PEOPLE));
    let provider = (VENDOR.provider)(BaseUrl::new("https://demo.docusign.net").unwrap());
    let client = Client::builder(provider).transport(Arc::new(Canned(body.clone()))).build();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let request = ListRecipients::new(EnvelopeId::new(crate::calls::ENVELOPE).unwrap());

    let time = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    let mut rows: Vec<(Duration, Duration)> = (0..=rounds)
        .map(|_| {
            let hand = time(&mut || {
                let envelope: Envelope = serde_json::from_slice(&body).unwrap();
                assert_eq!(envelope.signers.len(), PEOPLE);
            });
            let ours = time(&mut || {
                let list = runtime.block_on(client.list_recipients(&request)).unwrap();
                assert_eq!(list.recipients.len(), PEOPLE);
            });
            (hand, ours)
        })
        .collect();
    rows.remove(0);
    let of = |pick: fn(&(Duration, Duration)) -> f64| median(rows.iter().map(pick).collect());
    println!(
        "{PEOPLE} recipients, {} KB: serde_json into wire types {:.0} us, list_recipients without network {:.0} us, ratio {:.2}",
        body.len() / 1024,
        of(|row| row.0.as_secs_f64() * 1e6),
        of(|row| row.1.as_secs_f64() * 1e6),
        of(|row| row.1.as_secs_f64() / row.0.as_secs_f64()),
    );
}
