//! Cassettes as a backend: `replay` answers from them, `record` creates them from another backend.
//!
//! A cassette contains placeholders instead of names. So that a replay can identify the recipients, each cassette
//! begins with an exchange that never reaches a vendor: the cast of the scenario. It is answered here.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use countersign_cassette::{Cassette, Recorder, Replayer, SUFFIX, Source, load};
use countersign_core::{Clock, Descriptor, Limits, SigningLink, Transport};
use serde_json::json;

use super::backend::{Backend, Events, Stage, Tape};
use super::scenario::{Account, Scenario};
use super::step::{DECLINE_REASON, Opening, Step};
use crate::faulty::{FaultTransport, Trouble};
use crate::fixture::response;
use crate::replayed::told;
use crate::script::FakeClock;
use crate::when::When;

/// When every replayed scenario starts. Dates in a cassette are relative to the recording, so a backend that is
/// recorded and replayed gives the same texts if its scenarios start at this time.
pub const START: &str = "2026-03-02T09:00:00Z";

/// The host of a replayed envelope.
const ENVELOPE: &str = "00000000-0000-4000-9000-000000000001";
/// The URL of the cast. `invalid` can never exist (RFC 2606).
const CAST: &str = "https://offline.invalid/conformance/cast";

/// Requests that recordings omit.
fn left_out(scenario: &Scenario) -> Option<String> {
    let story = &scenario.story;
    let signs_in = story.account == Account::WrongKey || story.before.contains(&Step::TokenExpires);
    signs_in.then(|| "recordings omit sign-in requests".to_owned())
}

/// The path of a scenario's cassette.
fn file(folder: &Path, scenario: &Scenario) -> PathBuf {
    folder.join(scenario.call.as_str()).join(format!("{}{SUFFIX}", scenario.name))
}

/// Tells a recorder or a replayer which recipient is which.
async fn introduce(transport: &dyn Transport, envelope: &str, scenario: &Scenario) -> Result<(), String> {
    let people: Vec<_> = scenario
        .story
        .people
        .iter()
        .map(|person| {
            let phone = person.phone.as_ref().map(|(country, number)| format!("{country}{number}"));
            json!({"name": person.name, "email": person.email, "clientUserId": person.client_id, "phone": phone})
        })
        .collect();
    let adopted = scenario.story.before.iter().filter_map(|step| match step {
        Step::Signs { new_name, .. } | Step::Leaves { new_name, .. } => new_name.as_deref(),
        _ => None,
    });
    let adopted: Vec<_> = adopted.map(|name| json!({"name": name})).collect();
    let body = json!({
        "envelopeId": envelope,
        "recipients": people,
        "adopted": adopted,
        "declinedReason": DECLINE_REASON,
    });
    let request = http::Request::post(CAST)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(body.to_string()))
        .map_err(|error| error.to_string())?;
    let answer = transport.send(request, &Limits::default()).await;
    answer.map(drop).map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        format!("the cast of the scenario: {error}: {cause}")
    })
}

/// A backend that answers from the cassettes of one vendor: `<folder>/<operation>/<scenario>.cassette.json`, as
/// [`Record`] writes them. The provider is the vendor's offline one.
#[derive(Debug)]
pub struct Replay {
    descriptor: &'static Descriptor,
    folder: PathBuf,
}

impl Replay {
    /// From the cassettes in this folder.
    pub fn new(descriptor: &'static Descriptor, folder: impl Into<PathBuf>) -> Self {
        Self { descriptor, folder: folder.into() }
    }
}

#[async_trait]
impl Backend for Replay {
    fn name(&self) -> &str {
        "replay"
    }

    fn excludes(&self, scenario: &Scenario) -> Option<String> {
        left_out(scenario)
    }

    fn ready(&self, scenario: &Scenario) -> Result<(), String> {
        let file = file(&self.folder, scenario);
        if file.is_file() { Ok(()) } else { Err(format!("there is no cassette {}", file.display())) }
    }

    async fn stage(&self, scenario: &Scenario) -> Result<Stage, String> {
        let cassette = load(&file(&self.folder, scenario)).map_err(|error| told(&error))?;
        let clock = Arc::new(FakeClock::at(START));
        let replayer = Replayer::new(cassette, Arc::clone(&clock) as Arc<dyn Clock>);
        introduce(replayer.as_ref(), ENVELOPE, scenario).await?;
        let provider = (self.descriptor.offline)().map_err(|error| error.to_string())?;
        let events = Passing(Arc::clone(&clock));
        let mut stage = Stage::new(provider, Arc::clone(&replayer) as _, clock, ENVELOPE, events);
        let places = [("https://offline.invalid", "{vendor}"), (ENVELOPE, "{envelope}")];
        stage.places = places.map(|(found, place)| (found.to_owned(), place.to_owned())).to_vec();
        stage.tape = Some(Tape::Played(replayer));
        Ok(stage)
    }
}

/// The recipients' actions are in the answers; only the time has to advance here as well.
#[derive(Debug)]
struct Passing(Arc<FakeClock>);

#[async_trait]
impl Events for Passing {
    async fn happen(&mut self, step: &Step, _link: Option<&SigningLink>) -> Result<Option<Opening>, String> {
        if let Step::Waits { seconds } = step {
            self.0.advance(Duration::from_secs(*seconds));
        }
        Ok(None)
    }
}

/// A backend that wraps another one and writes a cassette of each scenario: redacted, and not at all if a secret
/// remains in it. Sign-in requests are omitted.
#[derive(Debug)]
pub struct Record<B> {
    inner: B,
    descriptor: &'static Descriptor,
    folder: PathBuf,
    source: Source,
}

impl<B: Backend> Record<B> {
    /// Into this folder. `source` is written into the head of each file: what it is evidence of.
    pub fn new(
        inner: B,
        descriptor: &'static Descriptor,
        folder: impl Into<PathBuf>,
        source: Source,
    ) -> Self {
        Self { inner, descriptor, folder: folder.into(), source }
    }
}

#[async_trait]
impl<B: Backend> Backend for Record<B> {
    fn name(&self) -> &str {
        "record"
    }

    fn complete(&self) -> bool {
        false
    }

    fn repeatable(&self) -> bool {
        self.inner.repeatable()
    }

    fn excludes(&self, scenario: &Scenario) -> Option<String> {
        left_out(scenario)
    }

    fn ready(&self, scenario: &Scenario) -> Result<(), String> {
        match self.inner.excludes(scenario) {
            Some(reason) => Err(reason),
            None => self.inner.ready(scenario),
        }
    }

    fn recast(&self, scenario: &mut Scenario) {
        self.inner.recast(scenario);
    }

    async fn stage(&self, scenario: &Scenario) -> Result<Stage, String> {
        let mut stage = self.inner.stage(scenario).await?;
        let empty = Cassette::new(self.descriptor.name, scenario.id(), self.source);
        let prompter = FaultTransport::new(stage.transport);
        let cast = When::method("POST").path("/conformance/cast");
        prompter.add(cast, Trouble::Intercepted(response(204, &[], "")));
        let recorder = Recorder::new(empty, prompter, Arc::clone(&stage.clock));
        introduce(recorder.as_ref(), &stage.envelope, scenario).await?;
        stage.transport = Arc::clone(&recorder) as _;
        stage.tape = Some(Tape::Recorded(recorder, file(&self.folder, scenario)));
        Ok(stage)
    }
}
