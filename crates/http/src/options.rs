//! Connection options.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url};

/// Connection options.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    connect_timeout: Duration,
    user_agent: String,
    plain_http: bool,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            user_agent: concat!("countersign/", env!("CARGO_PKG_VERSION")).to_owned(),
            plain_http: false,
        }
    }
}

impl HttpOptions {
    /// How long connecting may take; by default 5 seconds.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The `User-Agent` header.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Allows plain http to other machines, for test networks. Credentials are then sent in clear.
    #[must_use]
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.plain_http = allow;
        self
    }

    pub(crate) fn allows_plain_http(&self) -> bool {
        self.plain_http
    }

    pub(crate) fn client(&self, loopback: bool) -> reqwest::Result<Client> {
        let builder = ClientBuilder::new()
            // The library's defaults differ from all of these: it follows ten redirects including custom key
            // headers, sends `Referer`, retries, and has no time limit.
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(Duration::from_secs(50))
            .pool_max_idle_per_host(256)
            .user_agent(self.user_agent.clone());
        // A proxy from the environment cannot reach this machine's loopback.
        if loopback { builder.no_proxy().build() } else { builder.build() }
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
