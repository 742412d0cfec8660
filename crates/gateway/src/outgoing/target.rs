//! Which addresses an endpoint may have: tenants choose URLs, and must not reach the gateway's own network by them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};

use countersign::{BaseUrl, Error, ErrorKind, Result};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The hosts that may have private addresses and plain http, because the operator allows them. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct PrivateHosts(Arc<RwLock<Vec<String>>>);

impl PrivateHosts {
    /// # Errors
    /// `Config` for a text that is not a host without a port.
    pub(crate) fn new(hosts: &[String]) -> Result<Self> {
        hosts.iter().try_for_each(|host| check_host(host))?;
        Ok(Self(Arc::new(RwLock::new(hosts.to_vec()))))
    }

    /// Allows those of another one from now on, and no others.
    pub(crate) fn replace(&self, other: &Self) {
        let new = other.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = new;
    }

    fn has(&self, host: &str) -> bool {
        let allowed = self.0.read().unwrap_or_else(PoisonError::into_inner);
        allowed.iter().any(|known| known.eq_ignore_ascii_case(host))
    }
}

/// # Errors
/// `Config` for a text that is not a host without a port.
pub(crate) fn check_host(host: &str) -> Result<()> {
    let url = BaseUrl::new(&format!("https://{host}")).ok();
    let is_host =
        url.is_some_and(|url| url.url().host_str().is_some_and(|read| read.eq_ignore_ascii_case(host)));
    // The standard of URLs allows `*` in a host.
    if is_host && !host.contains('*') {
        return Ok(());
    }
    let message = "a host that may be private is not a host without a port";
    Err(Error::new(ErrorKind::Config, message)
        .with_hint("give hosts such as hooks.internal or 10.0.0.7: no scheme, port, path or wildcard"))
}

/// The URL, if an endpoint may have it. The addresses of its name are checked when they are used.
///
/// # Errors
/// `InvalidRequest`, without the URL, which may contain a secret.
pub(crate) fn check_url(text: &str, private: &PrivateHosts) -> Result<Url> {
    let wrong = |problem: &str, hint: &'static str| {
        Err(Error::new(ErrorKind::InvalidRequest, format!("the URL {problem}")).with_hint(hint))
    };
    let Ok(url) = Url::parse(text) else { return wrong("cannot be read", "give an absolute URL with https") };
    let host = url.host_str().unwrap_or_default();
    let is_private = private.has(host);
    if url.scheme() != "https" && !(is_private && url.scheme() == "http") {
        return wrong("is not https", "events say who signs what: use https");
    }
    if text.len() > 2_000
        || !url.username().is_empty()
        || url.password().is_some()
        || url.fragment().is_some()
    {
        return wrong(
            "is too long, or has a user or a fragment",
            "check the signature in place of a password",
        );
    }
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    if address.is_ok_and(|address| !is_public(address)) && !is_private {
        return wrong("has a private address", "use a public one, or ask the operator (--allow-private)");
    }
    Ok(url)
}

/// Resolves names to public addresses only. The connection goes to what this returns, so a name that changes its
/// addresses after a check gains nothing.
#[derive(Debug, Clone)]
pub(super) struct Guard(pub(super) PrivateHosts);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let is_private = self.0.has(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.filter(|at| is_private || is_public(at.ip())).collect();
            if found.is_empty() {
                return Err("the name has no public address".into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is on the public Internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_4(four),
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or_else(|| is_public_6(six), is_public_4),
    }
}

fn is_public_4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_special = match (first, second, third) {
        // This network, and the upper eighth: multicast, reserved, broadcast.
        (0 | 224.., ..) => true,
        // Between a provider and its customers.
        (100, 64..=127, _) => true,
        // Protocol assignments, and benchmarks.
        (192, 0, 0) | (198, 18 | 19, _) => true,
        _ => false,
    };
    !is_special
        && !address.is_private()
        && !address.is_loopback()
        && !address.is_link_local()
        && !address.is_documentation()
}

/// Only global unicast, without the ranges in it that carry IPv4 addresses (Teredo, 6to4) or documentation.
fn is_public_6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, 0 | 0xdb8, ..] | [0x2002, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_allowed() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["1.1.1.1", "100.128.0.1", "192.0.1.1", "198.20.0.1", "2606:4700::1", "::ffff:1.1.1.1"]
        {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn urls_that_lead_inside_are_refused_unless_the_operator_allows_the_host() {
        let none = PrivateHosts::default();
        for wrong in [
            "",
            "/hook",
            "http://example.com/",
            "ftp://example.com/",
            "https://a@example.com/",
            "https://a:b@example.com/",
            "https://example.com/#x",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest",
        ] {
            let error = check_url(wrong, &none).unwrap_err();
            assert!(wrong.is_empty() || !error.message().contains(wrong), "{error}");
        }
        assert!(check_url("https://example.com:8443/hook?t=1", &none).is_ok());
        let some = PrivateHosts::new(&["127.0.0.1".to_owned(), "hooks.internal".to_owned()]).unwrap();
        assert!(check_url("http://127.0.0.1:9/", &some).is_ok());
        assert!(check_url("http://Hooks.Internal/", &some).is_ok());
        assert!(check_url("https://127.0.0.2/", &some).is_err());
    }

    #[test]
    fn a_host_that_may_be_private_is_a_host_and_nothing_else() {
        for good in ["hooks.internal", "10.0.0.7", "localhost", "[::1]", "Hooks"] {
            assert!(PrivateHosts::new(&[good.to_owned()]).is_ok(), "{good}");
        }
        for bad in ["", "*", "*.internal", "http://a", "a:80", "a/b", "a b", "u@a", "::1", "10.0.0.0/8"] {
            assert!(PrivateHosts::new(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_name_with_private_addresses_does_not_resolve() {
        let name = || "localhost".parse::<Name>().unwrap();
        assert!(Guard(PrivateHosts::default()).resolve(name()).await.is_err());
        let allowed = Guard(PrivateHosts::new(&["localhost".to_owned()]).unwrap());
        assert!(allowed.resolve(name()).await.unwrap().count() > 0);
    }
}
