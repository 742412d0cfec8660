//! A vendor's answer with a success status. It can still be a failure.

use std::borrow::Cow;

use bytes::Bytes;
use http::HeaderMap;
use http::response::Parts;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Fate, Problem, Result, tidy};
use crate::http::Step;
use crate::model::{SigningLink, Timestamp};

/// An answer with a 2xx status.
pub struct VendorResponse {
    step: Step,
    head: Parts,
    body: Bytes,
}

impl VendorResponse {
    pub(crate) fn new(step: Step, head: Parts, body: Bytes) -> Self {
        Self { step, head, body }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    /// The unchanged body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Parses the body as JSON.
    ///
    /// # Errors
    /// `InvalidResponse`, which names the wrong member without its value; the outcome is unknown if the step does
    /// more than read.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        // Checked as a whole, because checking each text costs the parser a tenth of its time.
        let read = match std::str::from_utf8(&self.body) {
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(&self.body),
        };
        match read {
            Ok(value) => Ok(value),
            // Parsed again only on failure, because finding the member's name costs more than the parse itself.
            Err(_) => Err(self.unreadable(describe::<T>(&self.body))),
        }
    }

    /// The signing link that the answer must contain.
    ///
    /// # Errors
    /// [`VendorResponse::unreadable`] if it is absent, blank or not a link.
    pub fn signing_link(&self, link: Option<String>) -> Result<SigningLink> {
        let link = link.filter(|link| !link.trim().is_empty());
        let link = link.ok_or_else(|| self.unreadable("the answer has no signing link"))?;
        SigningLink::new(link)
            .map_err(|invalid| self.unreadable(format!("the signing link {}", invalid.problem())))
    }

    /// An error for an answer that lacks a required part.
    #[must_use]
    pub fn unreadable(&self, message: impl Into<Cow<'static, str>>) -> Error {
        let mut problem = Problem::new(self.status());
        problem.request_id = self.step.request_id(self.status(), &self.head.headers);
        // The vendor also chooses member names, and may echo a sent value there.
        let secrets = self.step.all_secrets();
        let names = &self.step.vocabulary.facts.names;
        let message = match message.into() {
            Cow::Owned(message) => Cow::Owned(tidy(&message, &secrets, names, 300)),
            ours => ours,
        };
        self.step
            .error(ErrorKind::InvalidResponse, message, Fate::Unknown, None)
            .with_problem(problem.clean(&secrets, names))
    }

    /// An error for a refusal inside this success, classified by the vendor's rows.
    #[must_use]
    pub fn refusal(&self, code: Option<String>, message: Option<String>) -> Error {
        self.step.undo_last();
        let mut problem = Problem::new(self.status()).with_code(code).with_message(message);
        problem.request_id = self.step.request_id(self.status(), &self.head.headers);
        self.step.refusal(problem, None, None)
    }
}

/// Shows only the status, because bodies contain personal data.
impl std::fmt::Debug for VendorResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VendorResponse({}, {} bytes)", self.status(), self.body.len())
    }
}

fn describe<T: DeserializeOwned>(body: &[u8]) -> String {
    if body.is_empty() {
        return "the answer is empty where JSON was expected".to_owned();
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut reader) else {
        return "the answer has extra text after its JSON".to_owned();
    };
    let path = error.path().to_string();
    match error.inner().classify() {
        serde_json::error::Category::Data if path == "." => {
            "the answer is not the expected JSON document".to_owned()
        }
        serde_json::error::Category::Data => {
            format!("the answer's member `{path}` has an unexpected type, or lacks a part")
        }
        serde_json::error::Category::Eof => format!("the answer is cut off after {} bytes", body.len()),
        _ if body.trim_ascii_start().starts_with(b"<") => {
            "the answer is HTML or XML where JSON was expected".to_owned()
        }
        _ => format!("the answer is not JSON (line {})", error.inner().line()),
    }
}

/// When the vendor answered, by its own clock.
pub(crate) fn answered_at(headers: &HeaderMap) -> Option<Timestamp> {
    let date = httpdate::parse_http_date(headers.get(http::header::DATE)?.to_str().ok()?.trim()).ok()?;
    let seconds = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}
