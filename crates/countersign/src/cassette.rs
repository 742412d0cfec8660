//! Records the exchanges of a client with its vendor, and replays them.
//!
//! ```
//! use std::path::Path;
//! use std::sync::Arc;
//!
//! use countersign::cassette::{Recording, Source};
//! use countersign::{Client, provider::Provider};
//!
//! # async fn run(provider: Arc<dyn Provider>) -> countersign::Result<()> {
//! let recording = Recording::new(Path::new("cassettes"), "lock-out", Source::Sandbox)?;
//! let client = Client::builder(provider).record(&recording).build();
//! // Make the calls, then write `cassettes/lock-out.cassette.json`, without names, addresses and secrets.
//! recording.finish()?;
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::locked;
use countersign_core::{
    Clock, Error, ErrorKind, Limits, Phase, Provider, Result, Transport, TransportError, TransportFault,
};

use crate::registry::vendors;

pub use countersign_cassette::{
    Answered, Body, Cassette, Exchange, Fault, Finding, Findings, RecordedCall, Recorder, Replayer, SUFFIX,
    Scanner, Sent, Source, Traced, Tracer, VERSION, files, load,
};

/// A cassette that is being recorded, and its file. Clones are the same recording.
///
/// [`Recording::finish`] writes the file and reports errors. Otherwise the file is written when the last clone and
/// the last recording client are dropped; a failure then appears only as a `tracing` event of level error. An
/// earlier recording is replaced; a recording that is rejected because of its content leaves the file unchanged.
#[derive(Clone)]
pub struct Recording {
    inner: Arc<Inner>,
}

struct Inner {
    file: PathBuf,
    story: String,
    source: Source,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    markers: Vec<String>,
    recorder: Option<(&'static str, Arc<Recorder>)>,
    /// Another vendor whose client tried to record here.
    other: Option<&'static str>,
    finished: bool,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("file", &self.inner.file).finish_non_exhaustive()
    }
}

impl Recording {
    /// A recording of one scenario, into `STORY.cassette.json` in a folder, which is created if needed.
    ///
    /// # Errors
    /// `InvalidRequest` if the scenario's name is empty or contains characters other than letters, digits, `-`, `_`
    /// and `.`.
    pub fn new(folder: &Path, story: &str, source: Source) -> Result<Self> {
        let harmless = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if story.is_empty() || story.len() > 100 || story.starts_with('.') || !story.chars().all(harmless) {
            let message = "the recording's name cannot be used as a file name";
            return Err(Error::new(ErrorKind::InvalidRequest, message)
                .with_hint("use up to 100 letters, digits, `-` and `_`, such as lock-out"));
        }
        let file = folder.join(format!("{story}{SUFFIX}"));
        let (story, state) = (story.to_owned(), Mutex::default());
        Ok(Self { inner: Arc::new(Inner { file, story, source, state }) })
    }

    /// Also rejects the cassette if it contains this text in any form.
    #[must_use]
    pub fn never(self, marker: impl Into<String>) -> Self {
        locked(&self.inner.state).markers.push(marker.into());
        self
    }

    /// The file of the recording.
    pub fn file(&self) -> &Path {
        &self.inner.file
    }

    /// Writes what was recorded so far. Writes nothing if there was no exchange.
    ///
    /// # Errors
    /// `InvalidRequest`, with the positions, if the recording contains data that must not leave the process; or if
    /// the file cannot be written. Nothing is written in either case.
    pub fn finish(&self) -> Result<Cassette> {
        self.inner.write()
    }

    /// A transport that records what another transport sends.
    pub(crate) fn around(
        &self,
        vendor: &'static str,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Arc<dyn Transport> {
        let mut state = locked(&self.inner.state);
        match &state.recorder {
            Some((first, _)) if *first != vendor => {
                state.other = Some(vendor);
                return transport;
            }
            // A second client of the same vendor continues the recording, over the first one's connections.
            Some(_) => {}
            None => {
                let cassette = Cassette::new(vendor, &self.inner.story, self.inner.source);
                state.recorder = Some((vendor, Recorder::new(cassette, transport, clock)));
            }
        }
        drop(state);
        Arc::new(self.clone())
    }
}

impl Inner {
    fn write(&self) -> Result<Cassette> {
        let mut state = locked(&self.state);
        state.finished = true;
        if let (Some((first, _)), Some(other)) = (&state.recorder, state.other) {
            let message = format!("clients of {first} and {other} tried to record into one cassette");
            return Err(Error::new(ErrorKind::InvalidRequest, message)
                .with_hint("use a separate recording for each vendor"));
        }
        let Some((_, recorder)) = &state.recorder else {
            return Err(Error::new(ErrorKind::InvalidRequest, "no client records into this cassette")
                .with_hint("pass the recording to `Client::builder(…).record(…)`"));
        };
        for marker in &state.markers {
            recorder.never(marker.clone());
        }
        if recorder.is_empty() { recorder.cassette() } else { recorder.write(&self.file) }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let (finished, empty) = {
            let state = locked(&self.state);
            (state.finished, state.recorder.as_ref().is_none_or(|(_, recorder)| recorder.is_empty()))
        };
        if !finished
            && !empty
            && let Err(error) = self.write()
        {
            tracing::error!(%error, "a recording could not be written");
        }
    }
}

/// A client's transport keeps the recording alive.
#[async_trait]
impl Transport for Recording {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let recorder = locked(&self.inner.state).recorder.as_ref().map(|(_, recorder)| Arc::clone(recorder));
        match recorder {
            Some(recorder) => recorder.send(request, limits).await,
            None => Err(TransportError::new(TransportFault::Setup, Phase::BeforeSending)),
        }
    }
}

/// A provider of a vendor by its name, without an account and without network access.
pub(crate) fn offline(vendor: &str) -> Result<Arc<dyn Provider>> {
    match vendors().iter().find(|known| known.name == vendor) {
        Some(descriptor) => (descriptor.offline)(),
        None => {
            let names: Vec<&str> = vendors().iter().map(|vendor| vendor.name).collect();
            let hint = format!("this program includes the adapters for: {}", names.join(", "));
            Err(Error::new(ErrorKind::Config, "the recording belongs to a vendor that is not built in")
                .with_hint(hint))
        }
    }
}
