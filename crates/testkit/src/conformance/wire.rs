//! The transport of a trial: records requests, injects faults, and puts unknown words into answers.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::redact::walk;
use countersign_core::{Limits, Phase, SecretString, Transport, TransportError, TransportFault, locked};
use serde_json::Value;

use super::scenario::Scenario;
use super::story::{At, Fault, What};
use super::vendor::VendorFile;
use crate::faulty::{FaultTransport, Trouble};
use crate::fixture::response;
use crate::sent::Sent;
use crate::when::When;

/// Replaces a vendor's word; no vendor uses it.
const UNHEARD_OF: &str = "UnheardOfState";

/// One request and how it ended.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) sent: Sent,
    pub(crate) ended: Result<u16, (TransportFault, Phase)>,
    /// Values of headers that are marked as sensitive.
    pub(crate) credentials: Vec<SecretString>,
}

/// Records every request, including those that a fault prevents from reaching the vendor, and puts unknown words into
/// the answers to reads.
pub(crate) struct Wire {
    faulty: Arc<FaultTransport>,
    has_faults: bool,
    /// Reads, and the members that get unknown words, if the scenario wants that.
    words: Option<(When, Vec<String>)>,
    replaced: AtomicUsize,
    seen: Mutex<Vec<Exchange>>,
}

/// Everything below belongs to the backend, which is not under test.
impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    /// Wraps a stage's transport, with the faults of a scenario.
    pub(crate) fn new(
        inner: Arc<dyn Transport>,
        scenario: &Scenario,
        vendor: &VendorFile,
    ) -> Result<Arc<Self>, String> {
        let story = &scenario.story;
        let when = |at: At| {
            let missing = || format!("the vendor's file has no request for `at = {at:?}`");
            let (method, path) = vendor.request(at, scenario.call).ok_or_else(missing)?;
            Ok::<_, String>(When::method(method).path(path))
        };
        let faulty = FaultTransport::new(inner);
        for fault in &story.faults {
            faulty.add(when(fault.at)?.times(fault.times as usize), trouble(fault, vendor)?);
        }
        let words = story.unknown_words.then(|| Ok::<_, String>((when(At::Read)?, vendor.words.clone())));
        let (words, has_faults) = (words.transpose()?, !story.faults.is_empty());
        Ok(Arc::new(Self {
            faulty,
            has_faults,
            words,
            replaced: AtomicUsize::new(0),
            seen: Mutex::default(),
        }))
    }

    pub(crate) fn seen(&self) -> Vec<Exchange> {
        locked(&self.seen).clone()
    }

    /// A scenario whose fault never occurred would prove nothing.
    pub(crate) fn unmet(&self) -> Vec<String> {
        let mut unmet = Vec::new();
        if self.has_faults && self.faulty.met() == 0 {
            unmet.push("the fault applied to no request".to_owned());
        }
        if self.words.is_some() && self.replaced.load(Ordering::Relaxed) == 0 {
            unmet.push("no word was replaced by an unknown one".to_owned());
        }
        unmet
    }

    /// An answer with unknown words in these members.
    fn reworded(&self, body: &Bytes, members: &[String]) -> Bytes {
        let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return body.clone() };
        walk(&mut value, &mut |name, member| {
            if member.is_string() && members.iter().any(|known| known == name) {
                *member = Value::from(UNHEARD_OF);
                self.replaced.fetch_add(1, Ordering::Relaxed);
            }
            true
        });
        value.to_string().into()
    }
}

/// Whether the vendor's file has all answers that the scenario needs.
pub(crate) fn missing_answer<'s>(scenario: &'s Scenario, vendor: &VendorFile) -> Option<&'s str> {
    let faults = scenario.story.faults.iter().filter(|fault| fault.what == What::Answer);
    faults.map(|fault| fault.answer.as_deref().unwrap_or_default()).find(|name| vendor.answer(name).is_none())
}

fn trouble(fault: &Fault, vendor: &VendorFile) -> Result<Trouble, String> {
    const PAGE: &str = "<html><head><title>Oops</title></head><body><h1>Bad Gateway</h1></body></html>";
    let broken = |fault_kind| match fault.worked {
        true => Trouble::AnswerLost(fault_kind),
        false => Trouble::LostOnTheWay(fault_kind),
    };
    let answer = |response| match fault.worked {
        true => Trouble::Overwritten(response),
        false => Trouble::Intercepted(response),
    };
    Ok(match fault.what {
        What::NotSent => Trouble::NotSent(TransportFault::Connect),
        What::Broken => broken(TransportFault::Broken),
        What::Timeout => broken(TransportFault::Timeout),
        What::BadGateway => answer(response(502, &[("content-type", "text/html")], PAGE)),
        What::Page => answer(response(200, &[("content-type", "text/html")], PAGE)),
        What::Cut => Trouble::Cut(20),
        What::Answer => {
            let name = fault.answer.as_deref().unwrap_or_default();
            let fixture = vendor
                .answer(name)
                .ok_or_else(|| format!("the vendor's file has no answer named `{name}`"))?;
            answer(fixture.response())
        }
    })
}

#[async_trait]
impl Transport for Wire {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let sent = Sent::of(&request);
        let credentials = credentials(request.headers());
        let reworded = self.words.as_ref().filter(|(reads, _)| reads.fits(&request));
        let mut result = self.faulty.send(request, limits).await;
        if let (Some((_, members)), Ok(response)) = (reworded, &mut result) {
            *response.body_mut() = self.reworded(response.body(), members);
        }
        let ended = match &result {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) => Err((error.fault, error.phase)),
        };
        locked(&self.seen).push(Exchange { sent, ended, credentials });
        result
    }
}

/// Each value, with and without the scheme (`Bearer …`). Words such as `offline` are not keys.
fn credentials(headers: &http::HeaderMap) -> Vec<SecretString> {
    let sensitive = headers.values().filter(|value| value.is_sensitive());
    let texts = sensitive.filter_map(|value| value.to_str().ok());
    let both = texts.flat_map(|text| [Some(text), text.split_once(' ').map(|(_, bare)| bare)]);
    both.flatten().filter(|text| text.len() >= 16).map(|text| SecretString::from(text.to_owned())).collect()
}
