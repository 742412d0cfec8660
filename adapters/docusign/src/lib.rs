//! Countersign adapter for DocuSign eSignature v2.1.

mod error;

use std::sync::Arc;

use countersign_core::{Descriptor, Error, ErrorKind, Provider, Result, Settings};

/// DocuSign, as data.
pub static DESCRIPTOR: Descriptor = Descriptor {
    name: "docusign",
    title: "DocuSign eSignature REST API v2.1",
    capabilities: &[],
    rules: &[],
    read_problem: error::read_problem,
    build,
    verified_live: None,
};

fn build(_settings: &Settings) -> Result<Arc<dyn Provider>> {
    Err(Error::new(ErrorKind::Config, "the DocuSign adapter is not complete in this build"))
}
