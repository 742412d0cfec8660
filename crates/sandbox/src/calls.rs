//! Records the calls to the vendors' routes, and injects faults: a wrong answer, a delay, a broken connection,
//! before or after doing the work.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::world::Vendor;

/// How many calls are kept; older ones are dropped.
const KEPT: usize = 10_000;

/// One call to a vendor's route. Bodies and headers are not kept, because they contain secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallSeen {
    /// The sandbox's time.
    pub at: Timestamp,
    /// The vendor of the route.
    pub vendor: Vendor,
    /// HTTP method.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query, unchanged.
    pub query: Option<String>,
    /// Status of the answer; none if the connection was dropped.
    pub status: Option<u16>,
}

/// Adds a call to those that are kept.
pub(crate) fn keep(calls: &mut VecDeque<CallSeen>, call: CallSeen) {
    if calls.len() == KEPT {
        calls.pop_front();
    }
    calls.push_back(call);
}

/// A fault and the calls that it applies to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
#[must_use]
pub struct Fault {
    /// Only calls with this method; any if absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Only calls whose path contains this text (case-sensitive).
    #[serde(default)]
    pub path_contains: String,
    /// How many calls it applies to.
    #[serde(default = "one")]
    pub times: u32,
    /// The type of fault.
    pub fault: FaultKind,
}

pub(crate) fn one() -> u32 {
    1
}

/// The type of fault.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum FaultKind {
    /// Another answer than the vendor's.
    Answer {
        /// HTTP status.
        status: u16,
        /// Body, sent unchanged.
        #[serde(default)]
        body: String,
        /// Content type of the body.
        #[serde(default = "json")]
        content_type: String,
        /// More headers.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Whether the work is still done, and only the answer is lost.
        #[serde(default)]
        after_work: bool,
    },
    /// The right answer, late.
    Delay {
        /// Milliseconds of real time before the work starts.
        delay_ms: u64,
    },
    /// No answer: the connection is closed.
    Drop {
        /// Whether the work is done first.
        drop: DropWhen,
    },
}

fn json() -> String {
    "application/json".to_owned()
}

/// When a connection is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropWhen {
    /// Before the work: nothing has happened.
    BeforeWork,
    /// After the work: only the answer is missing.
    AfterWork,
}

impl Fault {
    /// Applies to the next call with this method whose path contains this text.
    pub fn on(method: &str, path_contains: &str, fault: FaultKind) -> Self {
        let method = (!method.is_empty()).then(|| method.to_owned());
        Self { method, path_contains: path_contains.to_owned(), times: 1, fault }
    }

    /// Sets how many calls it applies to.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    fn befalls(&self, method: &str, path: &str) -> bool {
        self.times > 0
            && self.method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case(method))
            && path.contains(&self.path_contains)
    }
}

impl FaultKind {
    /// An answer instead of the vendor's, without doing the work.
    pub fn answer(status: u16, body: &str) -> Self {
        let content_type = if body.starts_with('<') { "text/html".to_owned() } else { json() };
        Self::Answer {
            status,
            body: body.to_owned(),
            content_type,
            headers: BTreeMap::new(),
            after_work: false,
        }
    }
}

/// Uses up the first pending fault that applies to a call.
pub(crate) fn take(faults: &mut Vec<Fault>, method: &str, path: &str) -> Option<FaultKind> {
    let fault = faults.iter_mut().find(|fault| fault.befalls(method, path))?;
    fault.times -= 1;
    let kind = fault.fault.clone();
    faults.retain(|fault| fault.times > 0);
    Some(kind)
}

/// Tells the accept loop to close the connection instead of answering.
#[derive(Clone, Copy)]
pub(crate) struct CloseConnection;

fn closed() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CloseConnection);
    response
}

/// Answers with the fault that applies to the call, if any.
pub(crate) async fn with_fault(fault: Option<FaultKind>, request: Request, next: Next) -> Response {
    match fault {
        None => next.run(request).await,
        Some(FaultKind::Delay { delay_ms }) => {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            next.run(request).await
        }
        Some(FaultKind::Drop { drop: DropWhen::BeforeWork }) => closed(),
        Some(FaultKind::Drop { drop: DropWhen::AfterWork }) => {
            next.run(request).await;
            closed()
        }
        Some(FaultKind::Answer { status, body, content_type, headers, after_work }) => {
            if after_work {
                next.run(request).await;
            }
            answer(status, body, &content_type, &headers)
        }
    }
}

fn answer(status: u16, body: String, content_type: &str, headers: &BTreeMap<String, String>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = [(header::CONTENT_TYPE.as_str(), content_type)];
    let others = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in content_type.into_iter().chain(others) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
