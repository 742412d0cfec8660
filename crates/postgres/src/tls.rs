//! TLS to the server, with the checks of a web browser.

use std::path::Path;
use std::sync::Arc;

use countersign_core::{Error, ErrorKind, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres_rustls::MakeRustlsConnect;

/// A connector that accepts the system's authorities, or those in a file.
pub(crate) fn connector(authorities: Option<&Path>) -> Result<MakeRustlsConnect> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let failed = |error: rustls::Error| {
        Error::new(ErrorKind::Config, "TLS to the database cannot be set up").with_source(error)
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let builder = match authorities {
        Some(file) => builder.with_root_certificates(read(file)?),
        None => builder.with_platform_verifier().map_err(failed)?,
    };
    Ok(MakeRustlsConnect::new(builder.with_no_client_auth()))
}

fn read(file: &Path) -> Result<RootCertStore> {
    let failed = |problem| {
        let message = format!("{problem} in the file of `sslrootcert`, {}", file.display());
        Error::new(ErrorKind::Config, message)
    };
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(file)
        .map_err(|error| failed("there is nothing to read").with_source(error))?;
    for certificate in found {
        let certificate = certificate.map_err(|error| failed("there is no PEM").with_source(error))?;
        roots.add(certificate).map_err(|error| failed("there is a bad certificate").with_source(error))?;
    }
    if roots.is_empty() {
        return Err(failed("there is no certificate"));
    }
    Ok(roots)
}
