//! A vendor's answer under a status of success. It can still be a failure.

use std::borrow::Cow;

use bytes::Bytes;
use http::response::Parts;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Problem, Result, tidy};
use crate::http::{Reached, Step};

/// What came back with a 2xx status.
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
    #[must_use]
    pub fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    /// The body as it came.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// `InvalidResponse` that names the member at fault, without its value; the outcome is unknown if the step does
    /// more than read.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        // Checked as a whole, text by text costs the parser a tenth of its time.
        let read = match std::str::from_utf8(&self.body) {
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(&self.body),
        };
        match read {
            Ok(value) => Ok(value),
            // Parsed once more only on failure: naming the member costs more than the parse itself.
            Err(_) => Err(self.unreadable(describe::<T>(&self.body))),
        }
    }

    /// An error for an answer that lacks something it must have.
    #[must_use]
    pub fn unreadable(&self, message: impl Into<Cow<'static, str>>) -> Error {
        let mut problem = Problem::new(self.status());
        problem.request_id = self.step.request_id(self.status(), &self.head.headers);
        // The names of members are the vendor's as well, and may be what it was sent.
        let secrets = self.step.all_secrets();
        let message = match message.into() {
            Cow::Owned(message) => Cow::Owned(tidy(&message, &secrets, 300)),
            ours => ours,
        };
        self.step
            .error(ErrorKind::InvalidResponse, message, Reached::Perhaps, None)
            .with_problem(problem.clean(&secrets))
    }

    /// An error for a refusal that stands inside this success, classified by the vendor's rows.
    #[must_use]
    pub fn refusal(&self, code: Option<String>, message: Option<String>) -> Error {
        self.step.undo_last();
        let mut problem = Problem::new(self.status()).with_code(code).with_message(message);
        problem.request_id = self.step.request_id(self.status(), &self.head.headers);
        self.step.refusal(problem, None)
    }
}

/// Shows the status only: bodies hold personal data.
impl std::fmt::Debug for VendorResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status(), self.body.len())
    }
}

fn describe<T: DeserializeOwned>(body: &[u8]) -> String {
    if body.is_empty() {
        return "the answer is empty where JSON was expected".to_owned();
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut reader) else {
        return "the answer has something behind its JSON".to_owned();
    };
    let path = error.path().to_string();
    match error.inner().classify() {
        serde_json::error::Category::Data if path == "." => {
            "the answer is not the JSON document that was expected".to_owned()
        }
        serde_json::error::Category::Data => {
            format!("the answer's member `{path}` has another type than expected, or is missing a part")
        }
        serde_json::error::Category::Eof => format!("the answer is cut off after {} bytes", body.len()),
        _ if body.trim_ascii_start().starts_with(b"<") => {
            "the answer is HTML or XML where JSON was expected".to_owned()
        }
        _ => format!("the answer is no JSON (line {})", error.inner().line()),
    }
}
