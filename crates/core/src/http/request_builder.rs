//! A request before it is signed.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::vendor::{Facts, RouteLimit};

/// All but the unreserved characters of RFC 3986, which need no encoding in any part of a URL.
const ENCODE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request that has a method, a path below the vendor's base URL, a query and a body, but no host and no
/// credentials yet. Path segments and query values are percent-encoded here and nowhere else.
#[derive(Clone)]
pub struct RequestBuilder {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) accept: &'static str,
    pub(super) body: Option<(&'static str, Bytes)>,
    /// To be redacted in the answer.
    pub(super) secrets: Vec<SecretString>,
    pub(super) accepted: Option<fn(&[u8]) -> String>,
}

impl RequestBuilder {
    /// A request to a path of segments. Each segment stays one segment, whatever it contains.
    #[must_use]
    pub fn new(method: Method, segments: &[&str]) -> Self {
        Self {
            method,
            path: String::with_capacity(128),
            query: String::new(),
            accept: "application/json",
            body: None,
            secrets: Vec::new(),
            accepted: None,
        }
        .below(segments)
    }

    /// The method, and the path with `{id}` instead of each segment that may be an id or an address.
    pub(crate) fn route(&self) -> (&Method, String) {
        let is_word = |segment: &str| {
            let version =
                segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            let letters = segment.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '.'));
            segment.len() <= 24 && (letters || (version && segment.len() <= 5))
        };
        let segments = self.path.split('/');
        let shown = segments.map(|segment| if is_word(segment) { segment } else { "{id}" });
        (&self.method, shown.collect::<Vec<_>>().join("/"))
    }

    /// The limit of this request's route, at a vendor that has one.
    pub(crate) fn limit(&self, facts: &'static Facts) -> Option<&'static RouteLimit> {
        facts.limit_of(&self.method, &self.path)
    }

    /// Adds further segments to the path.
    #[must_use]
    pub fn below(mut self, segments: &[&str]) -> Self {
        for segment in segments {
            self.path.push('/');
            self.path.extend(utf8_percent_encode(segment, ENCODE));
        }
        self
    }

    /// Adds one pair to the query; the same name may be added again.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        if self.query.is_empty() {
            self.query.reserve(128);
        } else {
            self.query.push('&');
        }
        push_pair(&mut self.query, name, value);
        self
    }

    /// Sets a JSON body.
    ///
    /// # Errors
    /// `InvalidRequest` if the value cannot be serialized.
    pub fn json(mut self, body: &impl Serialize) -> Result<Self> {
        let bytes = serde_json::to_vec(body).map_err(|error| {
            Error::new(ErrorKind::InvalidRequest, "the request cannot be written as JSON").with_source(error)
        })?;
        self.body = Some(("application/json", Bytes::from(bytes)));
        Ok(self)
    }

    /// Sets a form body (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        let mut text = String::new();
        for (name, value) in pairs {
            if !text.is_empty() {
                text.push('&');
            }
            push_pair(&mut text, name, value);
        }
        self.body = Some(("application/x-www-form-urlencoded", Bytes::from(text)));
        self
    }

    /// Marks a secret in this request, to be redacted in the text of a refusal.
    #[must_use]
    pub fn secret(mut self, secret: SecretString) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Sets how the vendor's answer would look after a success, built from this request's body. Only a
    /// [`DryRun`](crate::DryRun) uses it, to find the following steps.
    #[must_use]
    pub fn simulated_response(mut self, answer: fn(body: &[u8]) -> String) -> Self {
        self.accepted = Some(answer);
        self
    }

    /// Adds the base URL and the credentials.
    pub(crate) fn build(
        &self,
        base: &Url,
        credentials: Option<&(HeaderName, Arc<SecretString>)>,
    ) -> Result<http::Request<Bytes>> {
        let cannot = |source: http::Error| {
            Error::new(ErrorKind::InvalidRequest, "the request cannot be built").with_source(source)
        };
        let mut uri = String::with_capacity(base.as_str().len() + self.path.len() + self.query.len() + 1);
        uri.push_str(base.as_str().trim_end_matches('/'));
        uri.push_str(&self.path);
        if !self.query.is_empty() {
            uri.push('?');
            uri.push_str(&self.query);
        }
        let mut request = http::Request::new(Bytes::new());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = Uri::try_from(uri).map_err(|error| cannot(error.into()))?;
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static(self.accept));
        if let Some((name, secret)) = credentials {
            let mut value = HeaderValue::from_str(secret.expose_secret()).map_err(|_| {
                Error::new(ErrorKind::Config, "the key or token contains characters that no header can carry")
                    .with_hint("check that the key or token was copied completely and without line breaks")
            })?;
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
        if let Some((content_type, bytes)) = &self.body {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            *request.body_mut() = bytes.clone();
        }
        Ok(request)
    }
}

fn push_pair(to: &mut String, name: &str, value: &str) {
    to.extend(utf8_percent_encode(name, ENCODE));
    to.push('=');
    to.extend(utf8_percent_encode(value, ENCODE));
}

/// Shows method and path; the query and the body may contain addresses and secrets.
impl std::fmt::Debug for RequestBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RequestBuilder({} {})", self.method, self.path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn uri(out: &RequestBuilder) -> String {
        out.build(&Url::parse("https://api.example.com/root/").unwrap(), None).unwrap().uri().to_string()
    }

    #[test]
    fn odd_ids_stay_one_segment() {
        for (id, encoded) in
            [("a/b", "a%2Fb"), ("a?b", "a%3Fb"), ("ü", "%C3%BC"), ("%2e%2e", "%252e%252e"), ("#", "%23")]
        {
            let out = RequestBuilder::new(Method::GET, &["envelopes", id, "recipients"]);
            assert_eq!(uri(&out), format!("https://api.example.com/root/envelopes/{encoded}/recipients"));
        }
    }

    #[test]
    fn a_plus_in_a_query_is_encoded_and_names_may_repeat() {
        let out =
            RequestBuilder::new(Method::POST, &["remind"]).query("to", "a+b@x.com").query("to", "ü@x.com");
        assert_eq!(uri(&out), "https://api.example.com/root/remind?to=a%2Bb%40x.com&to=%C3%BC%40x.com");
    }

    #[test]
    fn a_key_with_a_line_end_is_a_configuration_error() {
        let key = (http::header::AUTHORIZATION, Arc::new(SecretString::from("abc\ndef")));
        let url = Url::parse("https://api.example.com").unwrap();
        let error = RequestBuilder::new(Method::GET, &["x"]).build(&url, Some(&key)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!format!("{error:?}").contains("abc"));
    }

    proptest! {
        #[test]
        fn segments_and_values_come_back_as_they_were(segment in "\\PC{1,40}", value in "\\PC{0,40}") {
            prop_assume!(segment != "." && segment != "..");
            let text = uri(&RequestBuilder::new(Method::GET, &["x", &segment]).query("q", &value));
            let url = Url::parse(&text).unwrap();
            let segments: Vec<String> = url.path_segments().unwrap()
                .map(|s| percent_encoding::percent_decode_str(s).decode_utf8().unwrap().into_owned())
                .collect();
            prop_assert_eq!(segments, vec!["root".to_owned(), "x".to_owned(), segment]);
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, vec![("q".to_owned(), value)]);
        }
    }
}
