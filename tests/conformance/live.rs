//! Accounts of the vendors' own services, and servers of one's own, by a file that names them.

#[path = "documenso.rs"]
mod documenso;

use std::path::Path;
use std::sync::Arc;

use countersign::Config;
use countersign::provider::Descriptor;
use countersign::transport::HttpTransport;
use countersign_testkit::conformance::{EnvelopeMaker, Live, LiveFile, LiveServer};
use serde_json::{Map, Value};

/// The vendors at whose servers the suite makes envelopes itself.
pub(crate) const SERVERS: &[(&str, Open)] =
    &[("documenso", |vendor, table, folder| Ok(Arc::new(documenso::Server::new(vendor, table, folder)?)))];

/// Reads a vendor's table `server`; names of files in it are below the folder.
type Open = fn(&'static Descriptor, Map<String, Value>, &Path) -> Result<Arc<dyn EnvelopeMaker>, String>;

/// The live backend for a vendor, if the file has it.
pub(crate) fn vendor(file: &Path, descriptor: &'static Descriptor) -> Result<Option<Live>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let live = LiveFile::parse(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let Some(vendor) = live.vendors.get(descriptor.name).cloned() else { return Ok(None) };
    let folder = file.parent().unwrap_or(Path::new("."));
    if let Some(server) = vendor.server {
        let name = descriptor.name;
        let (_, open) = SERVERS.iter().find(|(vendor, _)| *vendor == name).ok_or_else(|| {
            format!("vendors.{name}: envelopes at it must be prepared, not made by a `server`")
        })?;
        return Ok(Some(Live::made(LiveServer::new(open(descriptor, server, folder)?, vendor.mails))));
    }
    let name = vendor.account.as_deref();
    let name = name.ok_or_else(|| format!("vendors.{}: give `account` or `server`", descriptor.name))?;
    let config = live.config.map(|name| folder.join(name));
    let account = Config::load(config.as_deref())
        .and_then(|config| config.account(Some(name)).cloned())
        .map_err(|error| format!("{error}; {}", error.hint()))?;
    if account.vendor().name != descriptor.name {
        return Err(format!("the account {name} is one at {}", account.vendor().name));
    }
    let provider = account.provider().map_err(|error| format!("{error}; {}", error.hint()))?;
    Ok(Some(Live::new(provider, Arc::new(HttpTransport::default()), vendor)))
}
