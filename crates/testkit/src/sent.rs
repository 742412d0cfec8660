//! A sent request, and its form in snapshots.

use std::fmt;

use bytes::Bytes;
use countersign_core::redact::{REDACTED, walk};

/// Fields of forms whose values are secrets.
const SECRET_FIELDS: [&str; 6] =
    ["assertion", "client_secret", "code", "code_verifier", "refresh_token", "password"];

/// A sent request. `Display` is the form for snapshots: secrets hidden, JSON formatted.
#[derive(Clone)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// Host and path, without the query.
    pub url: String,
    /// The query as sent, still encoded.
    pub query: String,
    /// The headers, in order; values of secret headers are hidden.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Sent {
    pub(crate) fn of(request: &http::Request<Bytes>) -> Self {
        let text = request.uri().to_string();
        let (url, query) = text.split_once('?').unwrap_or((&text, ""));
        Self {
            method: request.method().to_string(),
            url: url.to_owned(),
            query: query.to_owned(),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| {
                    let shown = if value.is_sensitive() {
                        REDACTED.to_owned()
                    } else {
                        String::from_utf8_lossy(value.as_bytes()).into_owned()
                    };
                    (name.to_string(), shown)
                })
                .collect(),
            body: request.body().clone(),
        }
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    /// The pairs of a form body, decoded; none for other bodies.
    pub fn form(&self) -> Vec<(String, String)> {
        let form = "application/x-www-form-urlencoded";
        if !self.headers.iter().any(|(name, value)| name == "content-type" && value.starts_with(form)) {
            return Vec::new();
        }
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The values of one name in the query, decoded.
    pub fn query_values(&self, name: &str) -> Vec<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .collect()
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.method, self.url)?;
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            writeln!(f, "  ? {pair}")?;
        }
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        if self.body.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        match serde_json::from_slice::<serde_json::Value>(&self.body) {
            Ok(mut value) => {
                hide(&mut value);
                // The same text whether or not another crate of the build makes serde_json keep the order of
                // members.
                value.sort_all_objects();
                writeln!(f, "{value:#}")
            }
            Err(_) => {
                let form = self.form();
                if form.is_empty() {
                    return writeln!(f, "({} bytes that are not JSON)", self.body.len());
                }
                for (name, value) in form {
                    let secret = SECRET_FIELDS.iter().any(|known| known.eq_ignore_ascii_case(&name));
                    writeln!(f, "{name} = {}", if secret { REDACTED } else { &value })?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn hide(value: &mut serde_json::Value) {
    walk(value, &mut |name, value| {
        if name.eq_ignore_ascii_case("accessCode") {
            *value = REDACTED.into();
        }
        true
    });
}
