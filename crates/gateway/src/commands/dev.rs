//! The command `dev`: a gateway with simulated vendors, and lines to paste.

use std::net::SocketAddr;
use std::time::Duration;

use countersign::{BaseUrl, Result};
use countersign_gateway::dev::Dev;
use countersign_gateway::{AdminAccess, serve};

use super::shared::{address, bind, print, start_admin, stop_asked};

/// Serves on this port of loopback until it is asked to stop.
///
/// # Errors
/// `Config` if the port is taken; errors of the sandbox.
pub(super) async fn run(port: u16) -> Result<()> {
    let dev = Dev::start().await?;
    let stop = stop_asked()?;
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    let url = format!("http://{}", address(&listener)?);
    dev.gateway.set_public_url(Some(BaseUrl::new(&url)?));
    dev.send_webhooks(&url).await?;
    // A closed standard output is no reason to stop.
    dev.receive_events(|event| drop(print(&format!("# event  {event}\n")))).await?;
    let pages = SocketAddr::from(([127, 0, 0, 1], 0));
    let pages = start_admin(pages, &dev.gateway, AdminAccess::loopback()).await?;
    print(&format!(
        "# The gateway is at {url}, with simulated vendors: {}/console shows them, {}/inbox their mails.\n\
         # The operator's pages are at http://{pages}.\n\
         # Everything ends with Ctrl-C. Paste this into another shell:\n{}",
        dev.sandbox.url(),
        dev.sandbox.url(),
        dev.lines(&url)
    ))?;
    serve(listener, dev.gateway.clone(), stop, Duration::ZERO, Duration::from_secs(5)).await;
    Ok(())
}
