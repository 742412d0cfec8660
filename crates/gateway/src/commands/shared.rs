//! What commands share: where they listen, what they print, and the signals that ask the process to stop.

use std::io::Write;
use std::net::SocketAddr;

use countersign::{Error, ErrorKind, Result};
use countersign_gateway::{AdminAccess, Gateway, serve_admin};
use tokio::net::TcpListener;

/// Serves the operator's pages until the process ends; returns where.
pub(super) async fn start_admin(
    at: SocketAddr,
    gateway: &Gateway,
    access: AdminAccess,
) -> Result<SocketAddr> {
    if !at.ip().is_loopback() && !access.needs_key() {
        let message = format!("other machines could open the operator's pages at {at}");
        return Err(Error::new(ErrorKind::Config, message)
            .with_hint("choose an address on loopback, or require a key with --admin-key"));
    }
    let listener = bind(at).await?;
    let at = address(&listener)?;
    tracing::info!(admin = %at, "serving the operator's pages");
    tokio::spawn(serve_admin(listener, gateway.clone(), access));
    Ok(at)
}

/// Where it listens.
pub(super) fn address(listener: &TcpListener) -> Result<SocketAddr> {
    listener
        .local_addr()
        .map_err(|error| Error::new(ErrorKind::Unexpected, "the port is gone").with_source(error))
}

/// # Errors
/// `Config` if the address is taken, or is not one of this machine.
pub(super) async fn bind(at: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(at).await.map_err(|error| {
        Error::new(ErrorKind::Config, format!("the gateway cannot listen on {at}: {error}"))
            .with_hint("choose another address or port")
    })
}

/// Writes on standard output, and is done when this returns.
pub(super) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| {
        Error::new(ErrorKind::Unexpected, "standard output cannot be written").with_source(error)
    })
}

/// Handles the signals to stop from now on; the future ends when one comes.
///
/// # Errors
/// `Unexpected` if the system lets no process handle them.
#[cfg(unix)]
pub(super) fn stop_asked() -> Result<impl Future<Output = ()>> {
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
pub(super) fn stop_asked() -> Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()
        .map_err(|error| Error::new(ErrorKind::Unexpected, "Ctrl-C cannot be handled").with_source(error))?;
    Ok(async move {
        interrupt.recv().await;
    })
}
