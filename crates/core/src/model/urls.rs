//! URLs: where a signer returns to, signing links, and vendors' hosts.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::model::InvalidValue;
use crate::model::ids::shown;
use crate::redact::hidden;

fn parse_web(field: &'static str, text: &str, expected: &'static str) -> Result<Url, InvalidValue> {
    let bad = |problem: &str| Err(InvalidValue::new(field, problem, expected));
    if text.is_empty() {
        return bad("is empty");
    }
    // The standard's parser repairs these silently; a URL that needs repair is a mistake.
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return bad("contains a space, a backslash or a control character");
    }
    let begins =
        |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if !begins("https://") && !begins("http://") {
        return bad("does not start with https:// or http://");
    }
    let Ok(url) = Url::parse(text) else {
        return bad("is not a URL");
    };
    if url.host_str().is_none_or(str::is_empty) {
        return bad("has no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return bad("contains a user name or password");
    }
    Ok(url)
}

/// Where the browser goes after signing: absolute, http or https, no user info, at most 2,048 characters.
///
/// Vendors have stricter rules, which are checked when a call is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReturnUrl(Url);

impl ReturnUrl {
    /// The longest return URL, in characters of its encoded form.
    pub const MAX: usize = 2_048;

    /// Checks the URL.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        const EXPECTED: &str = "an absolute http or https URL of at most 2048 characters without user info";
        let url = parse_web("return URL", text, EXPECTED)?;
        let length = url.as_str().len();
        if length > Self::MAX {
            return Err(InvalidValue::new("return URL", format!("is {length} characters long"), EXPECTED));
        }
        Ok(Self(url))
    }

    /// Whether the URL has a query or a fragment, which not all vendors support.
    pub fn has_query_or_fragment(&self) -> bool {
        self.0.query().is_some() || self.0.fragment().is_some()
    }
}
shown!(ReturnUrl);

/// Any absolute http or https URL without user info.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebUrl(Url);

impl WebUrl {
    /// Checks the URL.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        parse_web("URL", text, "an absolute http or https URL without user info").map(Self)
    }

    /// Whether the scheme is https.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}
shown!(WebUrl);

/// A web origin, compared like browsers do: scheme, host and port, such as `https://app.example.com`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// Checks the origin; a path other than `/`, a query or a fragment is rejected.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        const EXPECTED: &str = "an origin such as https://app.example.com, without a path";
        let url = parse_web("origin", text, EXPECTED)?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidValue::new("origin", "has a path, query or fragment", EXPECTED));
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}
shown!(Origin);

/// The base URL of a vendor's API: an absolute http or https URL without user info, query and fragment. Cheap to
/// clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Arc<Url>);

impl BaseUrl {
    /// Checks the URL.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        const EXPECTED: &str = "an absolute http or https URL without user info, query and fragment";
        let url = parse_web("base URL", text, EXPECTED)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidValue::new("base URL", "has a query or fragment", EXPECTED));
        }
        Ok(Self(Arc::new(url)))
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The URL as text, without a trailing slash.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Removes the API's path, or the beginning of it, from the end of the URL, because calls add it themselves.
    /// For `["restapi", "v2.1"]` this is `/restapi/v2.1` or `/restapi`, in any letter case.
    #[must_use]
    pub fn without_api_path(&self, api: &[&str]) -> Self {
        let path = self.0.path().trim_end_matches('/');
        let stripped = (1..=api.len()).rev().find_map(|count| {
            let end = format!("/{}", api.get(..count)?.join("/"));
            let (rest, found) = path.split_at_checked(path.len().checked_sub(end.len())?)?;
            found.eq_ignore_ascii_case(&end).then_some(rest)
        });
        let Some(rest) = stripped else { return self.clone() };
        let mut url = (*self.0).clone();
        url.set_path(rest);
        Self(Arc::new(url))
    }

    /// Host and port, as in a `Host` header.
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// Whether the scheme is https.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether credentials may be sent there: https, or http on this machine.
    #[must_use]
    pub fn may_carry_credentials(&self) -> bool {
        self.is_https() || self.is_loopback()
    }

    /// Whether the host is this machine's loopback (`localhost`, `127.0.0.0/8`, `::1`).
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }
}
shown!(BaseUrl by its own as_str);

/// A signing link: anyone who has it can open the documents. `Debug` hides it, and it has no `Display`.
#[derive(Clone)]
pub struct SigningLink(SecretString);

impl SigningLink {
    /// Checks a vendor's link.
    ///
    /// # Errors
    /// [`InvalidValue`] if it is not an absolute http or https URL; the link is not repeated.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
        let text = SecretString::from(text.into());
        parse_web("signing link", text.expose_secret(), "an absolute http or https URL")?;
        Ok(Self(text))
    }

    /// The link itself, to redirect the signer to. Do not log, store or mail it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

hidden!(SigningLink);
