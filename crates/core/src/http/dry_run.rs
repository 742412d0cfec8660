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
    found: DryRunFindings,
    preview: CredentialsPreview,
}

/// What a [`DryRun`] has found.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct DryRunFindings {
    /// The number of requests that only read, or would have if the recipients had not been passed. Token requests do
    /// not count.
    pub reads: u32,
    /// The number of requests that would only read, after a recorded step, to learn the result of it. They cannot be
    /// made.
    pub later_reads: u32,
    /// The recorded steps, in order.
    pub steps: Vec<PlannedStep>,
    /// The recipients that the adapter has read, if it reported them, or that the caller passed.
    pub recipients: Option<Recipients>,
    /// Whether something would have to be read although the recipients were passed.
    pub held_back: bool,
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
        let found = DryRunFindings { recipients: Some(list.clone()), ..Default::default() };
        Self { given: Some(list), state: Mutex::new(State { found, ..State::default() }) }
    }

    /// What was found so far.
    pub fn found(&self) -> DryRunFindings {
        locked(&self.state).found.clone()
    }

    /// The caller's list instead of a read; counts as one, because the call itself would make it.
    pub(crate) fn given(&self) -> Option<&Recipients> {
        let given = self.given.as_ref()?;
        locked(&self.state).found.reads += 1;
        Some(given)
    }

    pub(crate) fn record_recipients(&self, list: &Recipients) {
        locked(&self.state).found.recipients = Some(list.clone());
    }

    /// Starts another round of the same call.
    pub(crate) fn restart(&self) {
        let mut state = locked(&self.state);
        (state.found.reads, state.found.later_reads) = (0, 0);
        state.found.steps.clear();
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
            if !state.found.steps.is_empty() {
                state.found.later_reads += 1;
                return Some(Err(ends()));
            }
            if self.given.is_some() {
                state.found.held_back = true;
                let message =
                    "the vendor has to be asked for something that the given recipients do not include";
                return Some(Err(Error::new(ErrorKind::Unsupported, message)
                    .with_hint("plan without a list of recipients, so that the vendor can be asked")));
            }
            state.found.reads += 1;
            return None;
        }
        if state.preview.base.is_none() {
            state.preview = preview();
        }
        let planned = PlannedStep::new(&step, out, &state.preview);
        state.found.steps.push(planned);
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
#[non_exhaustive]
pub struct PlannedStep {
    /// What it would do.
    pub effect: Effect,
    /// The HTTP method.
    pub method: http::Method,
    /// The whole URL; with the placeholder `base URL` in front if the API's host is known only after sign-in.
    pub url: RedactedText,
    /// The headers set by this library; the transport adds its own, such as `Host`. Credentials are blank.
    pub headers: Vec<(http::HeaderName, RedactedText)>,
    /// The exact body.
    pub body: Option<RedactedText>,
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
        let hiding =
            |text: &str| RedactedText::hiding(text, &out.secrets, &step.vocabulary.facts.names, name);
        let mut url = base
            .map_or_else(|| RedactedText::blank("base URL"), RedactedText::text)
            .then(RedactedText::text(&out.path));
        if !out.query.is_empty() {
            url = url.then(RedactedText::text("?")).then(hiding(&out.query));
        }
        let body = body.map(|(_, bytes)| hiding(&String::from_utf8_lossy(bytes)));
        Self { effect: step.effect, method: out.method.clone(), url, headers, body }
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
