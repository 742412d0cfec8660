//! A call that is played through without being made.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::ser::SerializeStruct;

use crate::auth::{CredentialsPreview, SignedCredentials};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{RequestBuilder, Step, VendorResponse};
use crate::model::{BaseUrl, Effect, Operation, Recipients};
use crate::redact::RedactedText;

/// Plays one call through: its reads are made, and what would change or mail anything is noted in place of being
/// sent. It stands in the one door to the network, so no adapter can forget it.
///
/// A step that was noted is answered as the adapter says that the vendor would ([`RequestBuilder::simulated_response`]),
/// so that the steps behind it are found as well, and what the call would return. Without that the dry run ends there.
/// Nothing is read behind a noted step: what it would have changed is not there to be seen.
#[derive(Debug, Default)]
pub struct DryRun {
    /// The recipients, if the caller has them: then nothing is read at all.
    given: Option<Recipients>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    reads: u32,
    steps: Vec<PlannedStep>,
    list: Option<Recipients>,
    preview: CredentialsPreview,
    held_back: bool,
}

impl DryRun {
    /// Reads are made.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing is sent, not even to read: the recipients are these.
    #[must_use]
    pub fn with_recipients(list: Recipients) -> Self {
        Self { given: Some(list), state: Mutex::default() }
    }

    /// Requests that only read, or would have if the recipients had not been given. Those for tokens do not count.
    #[must_use]
    pub fn reads(&self) -> u32 {
        self.lock().reads
    }

    /// The steps that were noted, in order.
    #[must_use]
    pub fn steps(&self) -> Vec<PlannedStep> {
        self.lock().steps.clone()
    }

    /// Whom the adapter has seen, if it told.
    #[must_use]
    pub fn recipients(&self) -> Option<Recipients> {
        self.lock().list.clone().or_else(|| self.given.clone())
    }

    /// Whether something would have had to be read although the recipients were given.
    #[must_use]
    pub fn held_back(&self) -> bool {
        self.lock().held_back
    }

    /// The caller's list in place of a read, which counts as one: the call itself would make it.
    pub(crate) fn given(&self) -> Option<&Recipients> {
        let given = self.given.as_ref()?;
        self.lock().reads += 1;
        Some(given)
    }

    pub(crate) fn record_recipients(&self, list: &Recipients) {
        self.lock().list = Some(list.clone());
    }

    /// Another round of the same call begins.
    pub(crate) fn restart(&self) {
        let mut state = self.lock();
        state.reads = 0;
        state.steps.clear();
    }

    /// Keeps how requests are signed; not what with.
    pub(crate) fn granted(&self, credentials: &SignedCredentials) {
        let header = credentials.header.as_ref().map(|(name, value)| {
            let bearer = value.expose_secret().starts_with(BEARER);
            (name.clone(), if bearer { BEARER } else { "" })
        });
        self.lock().preview = CredentialsPreview { base: Some(credentials.base.clone()), header };
    }

    /// What becomes of a step: `None` if it is to be sent. `preview` says how it would be signed.
    pub(crate) fn step(
        &self,
        step: Step,
        out: &RequestBuilder,
        preview: impl FnOnce() -> CredentialsPreview,
    ) -> Option<Result<VendorResponse>> {
        let mut state = self.lock();
        if step.effect == Effect::Read {
            if self.given.is_some() {
                state.held_back = true;
                let message = "something has to be read that the given recipients do not tell";
                return Some(Err(Error::new(ErrorKind::Unsupported, message)
                    .with_hint("plan without a list of recipients, so that the vendor is asked")));
            }
            if !state.steps.is_empty() {
                return Some(Err(ends()));
            }
            state.reads += 1;
            return None;
        }
        if state.preview.base.is_none() {
            state.preview = preview();
        }
        let planned = PlannedStep::new(&step, out, &state.preview);
        state.steps.push(planned);
        let shown = out.shown();
        let Some(answer) = shown.accepted else { return Some(Err(ends())) };
        let body = answer(shown.body.map(|(_, bytes)| bytes.as_ref()).unwrap_or_default());
        let (head, ()) = http::Response::new(()).into_parts();
        Some(Ok(VendorResponse::new(step, head, Bytes::from(body))))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const BEARER: &str = "Bearer ";

fn ends() -> Error {
    Error::new(ErrorKind::Unexpected, "the call is only rehearsed; it would go on from here")
}

/// A request that would be sent, without its secrets.
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
        let shown = out.shown();
        let mut headers = vec![(http::header::ACCEPT, RedactedText::text(shown.accept))];
        let credentials = |(header, scheme): &(http::HeaderName, &'static str)| {
            let blank = if *scheme == BEARER { "access token" } else { "API key" };
            let value = if scheme.is_empty() { RedactedText::default() } else { RedactedText::text(*scheme) };
            (header.clone(), value.then(RedactedText::blank(blank)))
        };
        headers.extend(preview.header.as_ref().map(credentials));
        headers.extend(shown.body.map(|(kind, _)| (http::header::CONTENT_TYPE, RedactedText::text(kind))));
        let base = preview.base.as_ref().map(BaseUrl::as_str).map(|base| base.trim_end_matches('/'));
        let mut url = base
            .map_or_else(|| RedactedText::blank("base URL"), RedactedText::text)
            .then(RedactedText::text(shown.path));
        if !shown.query.is_empty() {
            let query = RedactedText::hiding(shown.query, shown.secrets, name);
            url = url.then(RedactedText::text("?")).then(query);
        }
        let body = shown.body.map(|(_, bytes)| String::from_utf8_lossy(bytes));
        Self {
            effect: step.effect,
            method: shown.method.clone(),
            url,
            headers,
            body: body.map(|body| RedactedText::hiding(&body, shown.secrets, name)),
        }
    }

    /// What it would do.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> &http::Method {
        &self.method
    }

    /// The whole URL; with the blank `base URL` in front where only a sign-in tells where the API begins.
    #[must_use]
    pub fn url(&self) -> &RedactedText {
        &self.url
    }

    /// The headers that are set here; the transport adds its own, such as `Host`. Credentials are blank.
    #[must_use]
    pub fn headers(&self) -> &[(http::HeaderName, RedactedText)] {
        &self.headers
    }

    /// The body, word for word.
    #[must_use]
    pub fn body(&self) -> Option<&RedactedText> {
        self.body.as_ref()
    }
}

/// Method only: URL and body hold ids, names and addresses.
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
