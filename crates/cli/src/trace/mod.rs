//! `--trace-http`: what went over the wire, fit to be given away with a support ticket.
//!
//! Kept are method, host, path, query, the headers that say something about the exchange, status, the vendor's ids
//! for it, and the bodies. Taken out are codes, links, keys and tokens. What belongs to people is replaced by a number,
//! the same one for the same value, so that it can still be seen whether two names differ.

mod mask;
mod record;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use countersign::{HttpTransport, Limits, Result, Timestamp, Transport, TransportError};

use crate::private::{Lines, cannot};
use crate::report::note;
use mask::Masks;
use record::Record;

/// Writes down what another transport sends.
#[derive(Debug)]
struct Traced {
    inner: HttpTransport,
    lines: Lines,
    masks: Mutex<Masks>,
}

/// The transport of this process, which writes to this file.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn transport(file: &Path) -> Result<Arc<dyn Transport>> {
    static SHARED: Mutex<Option<Arc<Traced>>> = Mutex::new(None);
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(traced) = shared.as_ref() {
        return Ok(Arc::clone(traced) as Arc<dyn Transport>);
    }
    let lines = Lines::open(file).map_err(|error| cannot("written", file, &error))?;
    let traced = Arc::new(Traced { inner: HttpTransport::default(), lines, masks: Mutex::default() });
    *shared = Some(Arc::clone(&traced));
    Ok(traced)
}

/// Writes its record when the exchange is over, or was let go.
struct Open<'t> {
    traced: &'t Traced,
    record: Option<Record>,
    start: Instant,
}

impl Open<'_> {
    fn with(&mut self, tell: impl FnOnce(&mut Record, &mut Masks)) {
        if let Some(record) = &mut self.record {
            tell(record, &mut self.traced.masks.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let Some(mut record) = self.record.take() else { return };
        record.duration_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        // A call is not given up for its trace.
        if let Err(error) = self.traced.lines.add(&record) {
            note(&format!("the exchange could not be traced ({})\n", error.kind()));
        }
    }
}

#[async_trait]
impl Transport for Traced {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let record = {
            let mut masks = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
            Record::of(&request, Timestamp::now(), &mut masks)
        };
        let mut open = Open { traced: self, record: Some(record), start: Instant::now() };
        let result = self.inner.send(request, limits).await;
        open.with(|record, masks| match &result {
            Ok(answer) => record.answered(answer, masks),
            Err(error) => record.failed(error),
        });
        result
    }
}
