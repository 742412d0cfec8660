//! What commands share: where they listen, and what they print.

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
