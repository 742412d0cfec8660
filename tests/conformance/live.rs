//! Accounts of the vendors' own services, by a file that names them.

use std::path::Path;
use std::sync::Arc;

use countersign::Config;
use countersign::provider::Descriptor;
use countersign::transport::HttpTransport;
use countersign_testkit::conformance::{Live, LiveFile};

/// The live backend for a vendor, if the file has it.
pub(crate) fn vendor(file: &Path, descriptor: &Descriptor) -> Result<Option<Live>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let live = LiveFile::parse(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let Some(vendor) = live.vendors.get(descriptor.name).cloned() else { return Ok(None) };
    let config = live.config.map(|name| file.parent().unwrap_or(Path::new(".")).join(name));
    let account = Config::load(config.as_deref())
        .and_then(|config| config.account(Some(&vendor.account)).cloned())
        .map_err(|error| format!("{error}; {}", error.hint()))?;
    if account.vendor().name != descriptor.name {
        return Err(format!("the account {} is one at {}", vendor.account, account.vendor().name));
    }
    let provider = account.provider().map_err(|error| format!("{error}; {}", error.hint()))?;
    Ok(Some(Live::new(provider, Arc::new(HttpTransport::default()), vendor)))
}
