//! The transport of a trial: records requests, injects faults, and puts unknown words into answers.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::redact::walk;
use countersign_core::{Limits, Phase, SecretString, Transport, TransportError, TransportFault};
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

/// Records every request, including those that a fault prevents from reaching the vendor.
pub(crate) struct Wire {
    faulty: Arc<FaultTransport>,
    words: Arc<Words>,
    faults: usize,
    unknown_words: bool,
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
        let read = vendor.requests.find(At::Read, scenario.call);
        let words = Arc::new(Words {
            inner,
            members: if scenario.story.unknown_words { vendor.words.clone() } else { Vec::new() },
            read: read.map(|(method, path)| When::method(method).path(path)),
            replaced: AtomicUsize::new(0),
        });
        let faulty = FaultTransport::new(Arc::clone(&words) as Arc<dyn Transport>);
        for fault in &scenario.story.faults {
            let missing = || format!("the vendor's file has no request for `at = {:?}`", fault.at);
            let (method, path) = vendor.requests.find(fault.at, scenario.call).ok_or_else(missing)?;
            let when = When::method(method).path(path).times(fault.times as usize);
            faulty.add(when, trouble(fault, vendor)?);
        }
        Ok(Arc::new(Self {
            faulty,
            words,
            faults: scenario.story.faults.len(),
            unknown_words: scenario.story.unknown_words,
            seen: Mutex::default(),
        }))
    }

    pub(crate) fn seen(&self) -> Vec<Exchange> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A scenario whose fault never occurred would prove nothing.
    pub(crate) fn unmet(&self) -> Vec<String> {
        let mut unmet = Vec::new();
        if self.faults > 0 && self.faulty.met() == 0 {
            unmet.push("the fault applied to no request".to_owned());
        }
        if self.unknown_words && self.words.replaced.load(Ordering::Relaxed) == 0 {
            unmet.push("no word was replaced by an unknown one".to_owned());
        }
        unmet
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
        let result = self.faulty.send(request, limits).await;
        let ended = match &result {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) => Err((error.fault(), error.phase())),
        };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(Exchange { sent, ended, credentials });
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

/// Puts unknown words into the answers to reads.
#[derive(Debug)]
struct Words {
    inner: Arc<dyn Transport>,
    members: Vec<String>,
    read: Option<When>,
    replaced: AtomicUsize,
}

impl Words {
    fn replace(&self, value: &mut Value) {
        walk(value, &mut |name, member| {
            if member.is_string() && self.members.iter().any(|known| known == name) {
                *member = Value::from(UNHEARD_OF);
                self.replaced.fetch_add(1, Ordering::Relaxed);
            }
            true
        });
    }
}

#[async_trait]
impl Transport for Words {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let read = self.read.as_ref().is_some_and(|when| when.fits(&request));
        let response = self.inner.send(request, limits).await?;
        if !read || self.members.is_empty() {
            return Ok(response);
        }
        Ok(response.map(|body| match serde_json::from_slice::<Value>(&body) {
            Ok(mut value) => {
                self.replace(&mut value);
                value.to_string().into()
            }
            Err(_) => body,
        }))
    }
}
