//! The hosts that the gateway calls for a tenant: the vendor's own, and those that the operator allows.
//!
//! They are checked twice: in the settings, so that a mistake is noticed early, and with every request, because vendors
//! name further hosts after the sign-in.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::{Request, Response, Uri};
use countersign::provider::Descriptor;
use countersign::transport::{Limits, Phase, Transport, TransportError, TransportFault};
use countersign::{BaseUrl, Error, ErrorKind, Result};

/// Hosts that settings may name in addition to the vendors' own. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllowedHosts(Arc<RwLock<Vec<String>>>);

impl AllowedHosts {
    /// # Errors
    /// `Config` for a text that is not a host with an optional port.
    pub(crate) fn new(hosts: &[String]) -> Result<Self> {
        let allowed = Self::default();
        allowed.set(hosts)?;
        Ok(allowed)
    }

    /// Allows these from now on, also to clients that are there.
    ///
    /// # Errors
    /// As [`AllowedHosts::new`]. Then nothing changes.
    pub(crate) fn set(&self, hosts: &[String]) -> Result<()> {
        let new = hosts.iter().map(|host| read(host)).collect::<Result<_>>()?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// Whether a host is the vendor's own, or allowed by the operator.
    pub(crate) fn allow(&self, vendor: &Descriptor, url: &BaseUrl) -> bool {
        let facts = &vendor.facts;
        let host = url.url().host_str().unwrap_or_default();
        let is_below = |domain: &String| {
            let rest = host.strip_suffix(domain.as_str());
            url.is_https() && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let is_same = |own: &String| BaseUrl::new(own).is_ok_and(|own| own.authority() == url.authority());
        facts.api_domains.iter().any(is_below)
            || facts.hosts.iter().flat_map(|host| [&host.api, &host.auth]).flatten().any(is_same)
            || self.has(url.authority())
    }
}

impl AllowedHosts {
    fn has(&self, host: &str) -> bool {
        let allowed = self.0.read().unwrap_or_else(PoisonError::into_inner);
        allowed.iter().any(|one| one.eq_ignore_ascii_case(host))
    }
}

/// The host as URLs have it, without the usual port.
///
/// # Errors
/// `Config` for a text that is not a host with an optional port.
pub(crate) fn read(host: &str) -> Result<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let url = BaseUrl::new(&format!("https://{host}")).ok();
    let url = url.filter(|_| host.bytes().all(is_plain) && !host.ends_with(':'));
    url.map(|url| url.authority().to_owned()).ok_or_else(|| {
        Error::new(ErrorKind::Config, "an allowed host is not a host with an optional port").with_hint(
            "give hosts such as sign.example.com or 127.0.0.1:8080: no scheme, path, user or wildcard",
        )
    })
}

/// The network, for one vendor's hosts.
#[derive(Debug)]
pub(crate) struct OwnHosts {
    pub(crate) vendor: &'static Descriptor,
    pub(crate) hosts: AllowedHosts,
    pub(crate) inner: Arc<dyn Transport>,
}

#[async_trait]
impl Transport for OwnHosts {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: &Limits,
    ) -> std::result::Result<Response<Bytes>, TransportError> {
        if !origin(request.uri()).is_some_and(|url| self.hosts.allow(self.vendor, &url)) {
            return Err(TransportError::new(TransportFault::HostRefused, Phase::BeforeSending));
        }
        self.inner.send(request, limits).await
    }
}

fn origin(uri: &Uri) -> Option<BaseUrl> {
    BaseUrl::new(&format!("{}://{}", uri.scheme_str()?, uri.authority()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowed_host_is_a_host_and_nothing_else() {
        for good in ["sign.example.com", "127.0.0.1:8080", "localhost", "[::1]:8791", "[::1]", "a:1"] {
            assert!(AllowedHosts::new(&[good.to_owned()]).is_ok(), "{good}");
        }
        for bad in [
            "",
            "*",
            "*.example.com",
            "https://example.com",
            "example.com/x",
            "user@example.com",
            "example.com:",
            ":80",
            "example.com:99999",
            "a b",
            "a,b",
            "::1",
        ] {
            assert!(AllowedHosts::new(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
