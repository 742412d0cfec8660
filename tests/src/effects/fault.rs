//! The faults: at the vendor's end of the wire, played by the sandbox over real HTTP, and at ours, played by a
//! transport.

use std::collections::BTreeMap;

use countersign::transport::TransportFault;
use countersign_sandbox::{DropWhen, FaultKind};
use countersign_testkit::Trouble;

/// Where a fault is played, and how.
#[derive(Debug, Clone)]
pub(crate) enum Play {
    /// By the sandbox, in the answer to a real request.
    Vendor(FaultKind),
    /// By the transport, around a real request or in its place.
    Wire(Trouble),
}

/// One fault.
#[derive(Debug, Clone)]
pub struct Fault {
    /// For the table.
    pub name: &'static str,
    pub(crate) play: Play,
    pub(crate) ends: Ends,
}

/// What ends a call with a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// The fault itself.
    Itself,
    /// Only the limit of a request, so that a short one is set.
    Limit,
    /// Only the deadline of the call, since the transport heeds no limit; a short one is set.
    Deadline,
}

/// What a gateway says.
const HTML: &str = "<html><body><h1>502 Bad Gateway</h1></body></html>";
/// The beginning of an answer.
const CUT: &str = "{\"recipientUpdateResults\":[{\"recipientId\":\"1\",\"err";

/// Every fault that can befall a step.
pub fn faults() -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut add = |name, play| faults.push(Fault { name, play, ends: Ends::Itself });

    // Before sending.
    add("connection refused", Play::Wire(Trouble::NotSent(TransportFault::Connect)));
    add("connecting timed out", Play::Wire(Trouble::NotSent(TransportFault::Timeout)));

    // Sent, but lost before the vendor worked.
    add("cut while sending", Play::Wire(Trouble::LostOnTheWay(TransportFault::Broken)));
    add("timed out, not worked", Play::Wire(Trouble::LostOnTheWay(TransportFault::Timeout)));
    add("closed before work", Play::Vendor(FaultKind::Drop { drop: DropWhen::BeforeWork }));

    // The vendor worked, and the answer was lost.
    add("cut after work", Play::Wire(Trouble::AnswerLost(TransportFault::Broken)));
    add("timed out, worked", Play::Wire(Trouble::AnswerLost(TransportFault::Timeout)));
    add("answer too large, worked", Play::Wire(Trouble::AnswerLost(TransportFault::TooLarge)));
    add("closed after work", Play::Vendor(FaultKind::Drop { drop: DropWhen::AfterWork }));
    add("cut JSON, worked", Play::Vendor(answer(200, CUT, "application/json", true)));
    add("wrong type, worked", Play::Vendor(answer(200, HTML, "text/html", true)));
    add("not UTF-8, worked", Play::Wire(Trouble::Overwritten(utf16())));

    // Something answers in the vendor's place.
    for (without, with, status) in
        [("502 HTML, not worked", "502 HTML, worked", 502), ("504 HTML, not worked", "504 HTML, worked", 504)]
    {
        add(without, Play::Vendor(answer(status, HTML, "text/html", false)));
        add(with, Play::Vendor(answer(status, HTML, "text/html", true)));
    }
    add("500 JSON, not worked", Play::Vendor(answer(500, "{}", "application/json", false)));
    add("500 JSON, worked", Play::Vendor(answer(500, "{}", "application/json", true)));
    add("408, not worked", Play::Vendor(answer(408, "", "text/plain", false)));
    add("cut JSON, not worked", Play::Vendor(answer(200, CUT, "application/json", false)));
    add("wrong type, not worked", Play::Vendor(answer(200, HTML, "text/html", false)));
    let elsewhere = [("location", "http://127.0.0.1:1/elsewhere")];
    add("redirect", Play::Vendor(refusal(307, &elsewhere)));

    // The vendor refuses. A vendor that refuses and works all the same cannot be told from one that does not.
    add("429", Play::Vendor(refusal(429, &[])));
    add("429, told to wait", Play::Vendor(refusal(429, &[("retry-after", "3600")])));
    for (name, status) in
        [("400", 400), ("401", 401), ("403", 403), ("404", 404), ("409", 409), ("422", 422), ("423", 423)]
    {
        add(name, Play::Vendor(refusal(status, &[])));
    }

    // Only the limit ends it. The sandbox gives up when the caller has gone, so nothing is done.
    let hour = 3_600_000;
    let silence = Play::Vendor(FaultKind::Delay { delay_ms: hour });
    faults.push(Fault { name: "never answers", play: silence, ends: Ends::Limit });
    for (name, trouble) in
        [("hangs, not worked", Trouble::HangsBefore), ("hangs, worked", Trouble::HangsAfter)]
    {
        faults.push(Fault { name, play: Play::Wire(trouble), ends: Ends::Deadline });
    }
    faults
}

fn answer(status: u16, body: &str, content_type: &str, after_work: bool) -> FaultKind {
    let (body, content_type) = (body.to_owned(), content_type.to_owned());
    FaultKind::Answer { status, body, content_type, headers: BTreeMap::new(), after_work }
}

/// An empty document with these headers, and nothing worked.
fn refusal(status: u16, headers: &[(&str, &str)]) -> FaultKind {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (body, content_type) = ("{}".to_owned(), "application/json".to_owned());
    FaultKind::Answer { status, body, content_type, headers, after_work: false }
}

fn utf16() -> http::Response<bytes::Bytes> {
    let body: Vec<u8> = "{\"url\":\"x\"}".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut response = http::Response::new(body.into());
    let kind = http::HeaderValue::from_static("application/json; charset=utf-16");
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    response
}
