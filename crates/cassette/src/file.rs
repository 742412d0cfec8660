//! The file: what a cassette holds, and its form on disk.

use std::collections::BTreeMap;

use countersign_core::{Call, Error, ErrorKind, InvalidValue, Operation, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The form that this version reads and writes.
pub const VERSION: u32 = 1;

/// What the name of a cassette's file ends with.
pub const SUFFIX: &str = ".cassette.json";

/// One story: the calls that were made, and what went over the wire for each.
///
/// Personal data, ids, dates and secrets are placeholders in it, numbered in the order in which they appear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Cassette {
    /// The version of the form, [`VERSION`].
    #[serde(rename = "cassette")]
    pub version: u32,
    /// The vendor's short name.
    pub vendor: String,
    /// The story's name, as its file has it.
    pub story: String,
    /// What it is evidence of.
    pub source: Source,
    /// The day of the recording, `2026-11-22`; absent where it would say nothing, as for a sandbox.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recorded: Option<String>,
    /// The calls, in the order in which they began.
    pub calls: Vec<RecordedCall>,
}

/// Where the answers of a cassette come from, and so what they prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// The vendor's service.
    Live,
    /// A program that simulates the vendor.
    Sandbox,
    /// Written by hand from the vendor's documents.
    Documents,
}

/// One call: what the application asked for, and the exchanges that it took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RecordedCall {
    /// The operation by its stable name; absent where the transport was not told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub operation: Option<String>,
    /// The request as [`Call::to_json`] has it; absent where the transport was not told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<Value>,
    /// What went over the wire, in order.
    pub exchanges: Vec<Exchange>,
}

impl RecordedCall {
    /// The call, with placeholders in the place of personal data, ids and secrets; `None` where the recording does not
    /// know which call it was.
    ///
    /// # Errors
    /// [`InvalidValue`] when the file names an operation or a request that does not exist.
    pub fn call(&self) -> Result<Option<Call>, InvalidValue> {
        let (Some(name), Some(request)) = (&self.operation, &self.request) else { return Ok(None) };
        let operation = Operation::ALL.iter().copied().find(|operation| operation.as_str() == name);
        let expected = "the stable name of an operation, such as create_view";
        let operation = operation.ok_or_else(|| InvalidValue::new("operation", "is not known", expected))?;
        Call::from_json(operation, request).map(Some)
    }
}

/// One request and its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Exchange {
    /// What was sent.
    pub request: Sent,
    /// The answer; absent where none came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer: Option<Answered>,
    /// Why no answer came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fault: Option<Fault>,
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Sent {
    /// What the step does at the vendor (`read`, `mints_link`, `sets_state`, `notifies`), where that is known. Not
    /// matched.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effect: Option<String>,
    /// The method.
    pub method: String,
    /// The path behind the vendor's base URL, decoded but for what would change its meaning.
    pub path: String,
    /// The query's pairs, decoded, as `name=value`; their order does not matter.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub query: Vec<String>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<Body>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The headers that say something about the exchange.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<Body>,
}

/// A body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Body {
    /// A JSON document, members in order of their names.
    Json(Value),
    /// A form's pairs, as `name=value`.
    Form(Vec<String>),
    /// Anything else: a page, a document that was cut off.
    Text(String),
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// `connect`, `timeout`, `broken`, `too_large` or `setup`.
    pub kind: String,
    /// Whether the request may have reached the vendor.
    pub may_have_arrived: bool,
}

impl Cassette {
    /// An empty cassette.
    #[must_use]
    pub fn new(vendor: impl Into<String>, story: impl Into<String>, source: Source) -> Self {
        let (vendor, story) = (vendor.into(), story.into());
        Self { version: VERSION, vendor, story, source, recorded: None, calls: Vec::new() }
    }

    /// Reads a file's text. What it holds is not checked for secrets here; [`Cassette::load`](crate::load) does both.
    ///
    /// # Errors
    /// `InvalidRequest` with the line at which the text is not understood.
    pub fn parse(text: &str) -> Result<Self> {
        let cassette: Self = serde_json::from_str(text).map_err(|error| {
            // serde names members and types, and at times repeats a value that is of another type.
            let (line, what) = (error.line(), error.classify());
            let message = format!("the cassette is not understood at line {line} ({what:?})").to_lowercase();
            Error::new(ErrorKind::InvalidRequest, message)
                .with_hint("record it again, or undo the edits there")
        })?;
        if cassette.version != VERSION {
            let message = format!("the cassette is of form {}, not {VERSION}", cassette.version);
            return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint("record it again"));
        }
        Ok(cassette)
    }

    /// The file's text: the same cassette gives the same text.
    pub fn text(&self) -> String {
        // Maps with text keys and no foreign types: this cannot fail.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// All exchanges, with the place of their call.
    pub fn exchanges(&self) -> impl Iterator<Item = (usize, &Exchange)> {
        self.calls.iter().enumerate().flat_map(|(at, call)| call.exchanges.iter().map(move |one| (at, one)))
    }
}
