//! The signals that ask the process to stop.

use countersign::{Error, ErrorKind, Result};

/// Handles them from now on; the future ends when one comes.
///
/// # Errors
/// `Unexpected` if the system lets no process handle them.
#[cfg(unix)]
pub(super) fn asked() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let handle = |kind| {
        signal(kind).map_err(|error| {
            Error::new(ErrorKind::Unexpected, "the signal to stop cannot be handled").with_source(error)
        })
    };
    let (mut interrupt, mut end) = (handle(SignalKind::interrupt())?, handle(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = end.recv() => {}
        }
    })
}

/// Handles Ctrl-C; the future ends when it comes.
#[cfg(not(unix))]
pub(super) fn asked() -> Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()
        .map_err(|error| Error::new(ErrorKind::Unexpected, "Ctrl-C cannot be handled").with_source(error))?;
    Ok(async move {
        interrupt.recv().await;
    })
}
