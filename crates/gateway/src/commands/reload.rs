//! SIGHUP: reads the configuration again, and applies what can change while the process runs.

use countersign::{Error, ErrorKind, Result};
use countersign_gateway::{Gateway, Tls, TrustedProxies};

use super::config::{Common, Config, Serving};
use super::log::LogLevel;

/// What a reload works on.
pub(super) struct Reload {
    pub(super) common: Common,
    pub(super) serving: Serving,
    /// At the start.
    pub(super) config: Config,
    pub(super) gateway: Gateway,
    pub(super) tls: Option<Tls>,
    pub(super) trusted_proxies: TrustedProxies,
    pub(super) log: LogLevel,
}

/// Waits for the signal until the process ends.
///
/// # Errors
/// `Unexpected` if the system lets no process handle the signal.
pub(super) fn start(reload: Reload) -> Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut asked = signal(SignalKind::hangup()).map_err(|error| {
            Error::new(ErrorKind::Unexpected, "the signal to reload cannot be handled").with_source(error)
        })?;
        tokio::spawn(async move {
            while asked.recv().await.is_some() {
                match reload.run() {
                    Ok(()) => tracing::info!("the configuration was reloaded"),
                    Err(error) => tracing::error!(
                        reason = error.message(),
                        next = error.hint(),
                        "the configuration is faulty; the former settings stay"
                    ),
                }
            }
        });
    }
    Ok(())
}

impl Reload {
    fn run(&self) -> Result<()> {
        let new = Config::read(&self.common, &self.serving)?;
        for key in self.config.fixed_differences(&new) {
            tracing::warn!(key, "changed; it is used after a restart");
        }
        // What can fail comes first, so that a faulty file changes nothing.
        new.tls.as_ref().map(|(certificate, key)| Tls::read(certificate, key)).transpose()?;
        self.gateway.reconfigure(&new.options())?;
        self.trusted_proxies.set(&new.trusted_proxies)?;
        if let (Some(tls), Some((certificate, key))) = (&self.tls, &new.tls) {
            tls.reload(certificate, key)?;
        }
        self.gateway.set_public_url(new.public_url);
        self.log.set(new.level);
        Ok(())
    }
}
