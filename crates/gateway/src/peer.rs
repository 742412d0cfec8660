//! Who is at the other end: the address of the client, also behind proxies.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::HeaderMap;
use countersign::{Error, ErrorKind, Result};
use ipnet::IpNet;

/// The address at the other end of a connection: a client or a proxy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The proxies whose `X-Forwarded-For` is believed. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<RwLock<Vec<IpNet>>>);

impl TrustedProxies {
    /// Reads addresses and networks such as `10.0.0.0/8`.
    ///
    /// # Errors
    /// `Config` for a text that is neither.
    pub fn read(networks: &[String]) -> Result<Self> {
        let trusted = Self::default();
        trusted.set(networks)?;
        Ok(trusted)
    }

    /// Whether a text can be one of them.
    ///
    /// # Errors
    /// `Config`, with what would be right.
    pub fn check(text: &str) -> Result<()> {
        network(text).map(drop)
    }

    /// Believes these from now on.
    ///
    /// # Errors
    /// As [`TrustedProxies::read`]. Then nothing changes.
    pub fn set(&self, networks: &[String]) -> Result<()> {
        let read = networks.iter().map(|text| network(text)).collect::<Result<_>>()?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    /// The client's address. Each proxy appends the address that it was called from, so the last one that is not a
    /// trusted proxy is the client; whatever is before it, anyone can have written.
    pub(crate) fn client(&self, peer: Peer, headers: &HeaderMap) -> IpAddr {
        let trusted = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
        let mut client = peer.0.to_canonical();
        let lines = headers.get_all("x-forwarded-for").iter().rev().filter_map(|line| line.to_str().ok());
        for text in lines.flat_map(|line| line.rsplit(',')) {
            if !is_trusted(&client) {
                break;
            }
            let Ok(before) = text.trim().parse::<IpAddr>() else { break };
            client = before.to_canonical();
        }
        client
    }
}

fn network(text: &str) -> Result<IpNet> {
    text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
        Error::new(ErrorKind::Config, "a trusted proxy is not an address or network")
            .with_hint("give addresses and networks such as 127.0.0.1 or 10.0.0.0/8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_say_who_the_client_is() {
        let trusted = TrustedProxies::read(&["10.0.0.0/8".to_owned(), "::1".to_owned()]).unwrap();
        let client = |peer: &str, lines: &[&str]| {
            let lines = lines.iter().map(|line| ("x-forwarded-for".parse().unwrap(), line.parse().unwrap()));
            trusted.client(Peer(peer.parse().unwrap()), &lines.collect()).to_string()
        };
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9", "a client that pretends");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1", "IPv4 on a socket for both");
        assert_eq!(client("::1", &["192.0.2.1, 198.51.100.1, 10.1.1.1"]), "198.51.100.1");
        assert_eq!(client("::1", &["192.0.2.1, 198.51.100.1", "10.1.1.1"]), "198.51.100.1", "two lines");
        assert_eq!(client("10.0.0.1", &["192.0.2.1, unknown"]), "10.0.0.1");
        assert!(trusted.set(&["10.0.0.0/33".to_owned()]).is_err());
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), "198.51.100.1", "a faulty list changes nothing");
    }
}
