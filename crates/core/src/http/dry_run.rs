//! Simulates a call without making it.

use std::sync::Mutex;

use bytes::Bytes;
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::ser::SerializeStruct;

use crate::auth::{CredentialsPreview, SignedCredentials};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{RequestBuilder, Step, VendorResponse};
use crate::locked;
use crate::model::{BaseUrl, Effect, Operation, Recipients};
use crate::redact::RedactedText;

/// Simulates one call: requests that only read are sent; requests that would change something or send mail are
/// recorded instead. It is part of the only way to the network, so no adapter can bypass it.
///
/// A recorded step is answered with the adapter's simulated answer ([`RequestBuilder::simulated_response`]), so
/// that the following steps and the result are found as well. Without one, the dry run ends there. Nothing is read
/// after a recorded step, because its effects would not be visible.
#[derive(Debug, Default)]
pub struct DryRun {
    /// The recipients, if the caller passed them: nothing is read then.
    given: Option<Recipients>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    reads: u32,
    /// Reads that would follow a recorded step.
    later_reads: u32,
    steps: Vec<PlannedStep>,
    list: Option<Recipients>,
    preview: CredentialsPreview,
    held_back: bool,
}

impl DryRun {
    /// Sends requests that only read.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends nothing, not even to read: these are the recipients.
    #[must_use]
    pub fn with_recipients(list: Recipients) -> Self {
        Self { given: Some(list), state: Mutex::default() }
    }

    /// The number of requests that only read, or would have if the recipients had not been passed. Token requests
    /// do not count.
    pub fn reads(&self) -> u32 {
        locked(&self.state).reads
    }

    /// The number of requests that would only read, after a recorded step, to learn the result of it. They cannot
    /// be made.
    pub fn later_reads(&self) -> u32 {
        locked(&self.state).later_reads
    }

    /// The recorded steps, in order.
    pub fn steps(&self) -> Vec<PlannedStep> {
        locked(&self.state).steps.clone()
    }

    /// The recipients that the adapter has read, if it reported them.
    pub fn recipients(&self) -> Option<Recipients> {
        locked(&self.state).list.clone().or_else(|| self.given.clone())
    }

    /// Whether something would have to be read although the recipients were passed.
    pub fn held_back(&self) -> bool {
        locked(&self.state).held_back
    }

    /// The caller's list instead of a read; counts as one, because the call itself would make it.
    pub(crate) fn given(&self) -> Option<&Recipients> {
        let given = self.given.as_ref()?;
        locked(&self.state).reads += 1;
        Some(given)
    }

    pub(crate) fn record_recipients(&self, list: &Recipients) {
        locked(&self.state).list = Some(list.clone());
    }

    /// Starts another round of the same call.
    pub(crate) fn restart(&self) {
        let mut state = locked(&self.state);
        state.reads = 0;
        state.later_reads = 0;
        state.steps.clear();
    }

    /// Stores how requests are signed, but not the credentials.
    pub(crate) fn granted(&self, credentials: &SignedCredentials) {
        let header = credentials.header.as_ref().map(|(name, value)| {
            let bearer = value.expose_secret().starts_with(BEARER);
            (name.clone(), if bearer { BEARER } else { "" })
        });
        locked(&self.state).preview = CredentialsPreview { base: Some(credentials.base.clone()), header };
    }

    /// Handles a step: `None` if it is to be sent. `preview` describes how it would be signed.
    pub(crate) fn step(
        &self,
        step: Step,
        out: &RequestBuilder,
        preview: impl FnOnce() -> CredentialsPreview,
    ) -> Option<Result<VendorResponse>> {
        let mut state = locked(&self.state);
        if step.effect == Effect::Read {
            if !state.steps.is_empty() {
                state.later_reads += 1;
                return Some(Err(ends()));
            }
            if self.given.is_some() {
                state.held_back = true;
                let message =
                    "the vendor has to be asked for something that the given recipients do not include";
                return Some(Err(Error::new(ErrorKind::Unsupported, message)
                    .with_hint("plan without a list of recipients, so that the vendor can be asked")));
            }
            state.reads += 1;
            return None;
        }
        if state.preview.base.is_none() {
            state.preview = preview();
        }
        let planned = PlannedStep::new(&step, out, &state.preview);
        state.steps.push(planned);
        let Some(answer) = out.accepted else { return Some(Err(ends())) };
        let body = answer(out.body.as_ref().map(|(_, bytes)| bytes.as_ref()).unwrap_or_default());
        let (head, ()) = http::Response::new(()).into_parts();
        Some(Ok(VendorResponse::new(step, head, Bytes::from(body))))
    }
}

const BEARER: &str = "Bearer ";

fn ends() -> Error {
    Error::new(ErrorKind::Unexpected, "this is a dry run; the call would continue from here")
}

/// A request that would be sent, without secrets.
#[derive(Clone)]
pub struct PlannedStep {
    effect: Effect,
    method: http::Method,
    url: RedactedText,
    headers: Vec<(http::HeaderName, RedactedText)>,
    body: Option<RedactedText>,
}

impl PlannedStep {
    fn new(step: &Step, out: &RequestBuilder, preview: &CredentialsPreview) -> Self {
        let name = if step.operation == Operation::ChangeAccessCode { "access code" } else { "secret" };
        let mut headers = vec![(http::header::ACCEPT, RedactedText::text(out.accept))];
        let credentials = |(header, scheme): &(http::HeaderName, &'static str)| {
            let blank = if *scheme == BEARER { "access token" } else { "API key" };
            let value = if scheme.is_empty() { RedactedText::default() } else { RedactedText::text(*scheme) };
            (header.clone(), value.then(RedactedText::blank(blank)))
        };
        headers.extend(preview.header.as_ref().map(credentials));
        let body = out.body.as_ref();
        headers.extend(body.map(|(kind, _)| (http::header::CONTENT_TYPE, RedactedText::text(*kind))));
        let base = preview.base.as_ref().map(BaseUrl::as_str).map(|base| base.trim_end_matches('/'));
        let hiding = |text: &str| RedactedText::hiding(text, &out.secrets, &step.vendor.facts.names, name);
        let mut url = base
            .map_or_else(|| RedactedText::blank("base URL"), RedactedText::text)
            .then(RedactedText::text(&out.path));
        if !out.query.is_empty() {
            url = url.then(RedactedText::text("?")).then(hiding(&out.query));
        }
        let body = body.map(|(_, bytes)| hiding(&String::from_utf8_lossy(bytes)));
        Self { effect: step.effect, method: out.method.clone(), url, headers, body }
    }

    /// What it would do.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The HTTP method.
    pub fn method(&self) -> &http::Method {
        &self.method
    }

    /// The whole URL; with the placeholder `base URL` in front if the API's host is known only after sign-in.
    pub fn url(&self) -> &RedactedText {
        &self.url
    }

    /// The headers set by this library; the transport adds its own, such as `Host`. Credentials are blank.
    pub fn headers(&self) -> &[(http::HeaderName, RedactedText)] {
        &self.headers
    }

    /// The exact body.
    pub fn body(&self) -> Option<&RedactedText> {
        self.body.as_ref()
    }
}

/// Only the method, because URL and body contain ids, names and addresses.
impl std::fmt::Debug for PlannedStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PlannedStep({} {})", self.method, self.effect.as_str())
    }
}

impl Serialize for PlannedStep {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let shown = |value: &RedactedText| {
            if value.has_blanks() { "<redacted>".to_owned() } else { value.to_string() }
        };
        let headers: std::collections::BTreeMap<&str, String> =
            self.headers.iter().map(|(name, value)| (name.as_str(), shown(value))).collect();
        let mut step = serializer.serialize_struct("PlannedStep", 5)?;
        step.serialize_field("effect", self.effect.as_str())?;
        step.serialize_field("method", self.method.as_str())?;
        step.serialize_field("url", &self.url)?;
        step.serialize_field("headers", &headers)?;
        step.serialize_field("body", &self.body)?;
        step.end()
    }
}
