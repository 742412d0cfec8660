//! The certificate of the listener.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use countersign::{Error, ErrorKind, Result};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate and its key. Clones share them; connections that are open keep those that they began with.
#[derive(Clone)]
pub struct Tls(Arc<RwLock<Arc<ServerConfig>>>);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Reads PEM files: the certificate with those of the authorities between it and the root, and its key.
    ///
    /// # Errors
    /// `Config` if a file cannot be read, or the key is not that of the certificate.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self> {
        Ok(Self(Arc::new(RwLock::new(Arc::new(config(certificate, key)?)))))
    }

    /// Reads the files for the connections that begin from now on.
    ///
    /// # Errors
    /// As [`Tls::read`]. Then the former certificate stays.
    pub fn reload(&self, certificate: &Path, key: &Path) -> Result<()> {
        let new = Arc::new(config(certificate, key)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn config(certificate: &Path, key: &Path) -> Result<ServerConfig> {
    // The library's own texts may repeat what is in the file.
    let wrong = |file: &Path, what: &str| {
        Error::new(ErrorKind::Config, format!("{} {what}", file.display())).with_hint(
            "give PEM files that this user can read: the certificate chain, and the key of its first one",
        )
    };
    let no_chain = |_| wrong(certificate, "cannot be read as a certificate");
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>);
    let chain = chain.map_err(no_chain)?;
    if chain.is_empty() {
        return Err(wrong(certificate, "has no certificate"));
    }
    let private =
        PrivateKeyDer::from_pem_file(key).map_err(|_| wrong(key, "cannot be read as a private key"))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| wrong(key, "cannot be used"))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|_| wrong(key, "is not the key of the certificate"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
