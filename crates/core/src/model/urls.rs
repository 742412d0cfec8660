//! Addresses on the web: where a signer returns to, where a link leads, where a vendor is.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};
use url::Url;

use crate::model::InvalidValue;

fn parse_web(field: &'static str, text: &str, expected: &'static str) -> Result<Url, InvalidValue> {
    let bad = |problem: &str| Err(InvalidValue::new(field, problem, expected));
    if text.is_empty() {
        return bad("is empty");
    }
    // The parser of the standard repairs these silently; a URL that has to be repaired is a mistake of its author.
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

macro_rules! shown {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = InvalidValue;

            fn from_str(text: &str) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }
    };
}

/// Where the browser goes after signing: absolute, http or https, no user info, at most 470 characters.
///
/// The limit is DocuSign's, which cuts longer ones silently (its reference, `recipientViewRequest.returnUrl`). It
/// holds for every vendor, so that a URL that works at one works at all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReturnUrl(Url);

impl ReturnUrl {
    /// The longest return URL, in characters of its encoded form.
    pub const MAX: usize = 470;

    /// Checks the URL.
    ///
    /// # Errors
    /// [`InvalidValue`] with the reason.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        const EXPECTED: &str = "an absolute http or https URL of at most 470 characters without user info";
        let url = parse_web("return URL", text, EXPECTED)?;
        let length = url.as_str().len();
        if length > Self::MAX {
            return Err(InvalidValue::new("return URL", format!("is {length} characters long"), EXPECTED));
        }
        Ok(Self(url))
    }

    /// The URL as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the URL has a query or a fragment, to which some vendors cannot append.
    #[must_use]
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
    ///
    /// # Errors
    /// [`InvalidValue`] with the reason.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        parse_web("URL", text, "an absolute http or https URL without user info").map(Self)
    }

    /// The URL as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the scheme is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}
shown!(WebUrl);

/// A web origin, as browsers compare it: scheme, host and port, such as `https://app.example.com`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// Checks the origin; a path other than `/`, a query or a fragment is refused.
    ///
    /// # Errors
    /// [`InvalidValue`] with the reason.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        const EXPECTED: &str = "an origin such as https://app.example.com, without a path";
        let url = parse_web("origin", text, EXPECTED)?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidValue::new("origin", "has a path, query or fragment", EXPECTED));
        }
        Ok(Self(url.origin().ascii_serialization()))
    }

    /// The origin as text, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
shown!(Origin);

/// Where a vendor's API begins: an absolute http or https URL without user info, query and fragment. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Arc<Url>);

impl BaseUrl {
    /// Checks the URL.
    ///
    /// # Errors
    /// [`InvalidValue`] with the reason.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        const EXPECTED: &str = "an absolute http or https URL without user info, query and fragment";
        let url = parse_web("base URL", text, EXPECTED)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidValue::new("base URL", "has a query or fragment", EXPECTED));
        }
        Ok(Self(Arc::new(url)))
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The URL as text, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Without the API's path, or the beginning of it, at the end of the URL: calls add it themselves. Of
    /// `["restapi", "v2.1"]` this is `/restapi/v2.1` or `/restapi`, in any letter case.
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

    /// Host and port, as they stand in a `Host` header.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// Whether the scheme is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether the host is this machine's loopback (`localhost`, `127.0.0.0/8`, `::1`).
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }
}
shown!(BaseUrl);

/// A signing link: whoever has it can open the documents. `Debug` hides it, and it has no `Display`.
#[derive(Clone)]
pub struct SigningLink(SecretString);

impl SigningLink {
    /// Takes the link that a vendor gave.
    ///
    /// # Errors
    /// [`InvalidValue`] when it is no absolute http or https URL; the link is not repeated.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
        let text = SecretString::from(text.into());
        parse_web("signing link", text.expose_secret(), "an absolute http or https URL")?;
        Ok(Self(text))
    }

    /// The link itself, to redirect the signer to. Do not log, store or mail it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SigningLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningLink([redacted])")
    }
}
