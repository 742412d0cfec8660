//! `--trace-http`: each exchange with the vendor as a line of JSON, fit to be given to the vendor's support.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use countersign::cassette::Tracer;
use countersign::{HttpTransport, Result, SystemClock, Transport};

use crate::private::{Lines, cannot};
use crate::report::note;

/// The transport of this process, which writes to this file.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn transport(file: &Path) -> Result<Arc<dyn Transport>> {
    static SHARED: Mutex<Option<Arc<Tracer>>> = Mutex::new(None);
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(tracer) = shared.as_ref() {
        return Ok(Arc::clone(tracer) as Arc<dyn Transport>);
    }
    let lines = Lines::open(file).map_err(|error| cannot("written", file, &error))?;
    let tracer = Tracer::new(Arc::new(HttpTransport::default()), Arc::new(SystemClock), move |exchange| {
        // The call goes on without its trace.
        if let Err(error) = lines.add(exchange) {
            note(&format!("the exchange could not be traced ({})\n", error.kind()));
        }
    });
    *shared = Some(Arc::clone(&tracer));
    Ok(tracer)
}
