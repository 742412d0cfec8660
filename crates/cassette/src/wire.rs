//! From what goes over the wire to what a cassette keeps of it.

use std::collections::BTreeMap;

use bytes::Bytes;
use countersign_core::{Call, Effect, Names, Phase, SentFor, TransportError, TransportFault};
use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::dates;
use crate::file::{Answered, Body, Fault, Sent};
use crate::labels::Kind;
use crate::lenient;
use crate::names::{self, Place};
use crate::patterns::{is_country_code, stretches};
use crate::redact::Redactor;

/// From so many on, what is left of a limit does not matter, and changes with every run.
const PLENTY: u64 = 10;

/// What was asked for, as JSON without personal data and secrets.
pub(crate) fn call(redactor: &mut Redactor, call: &Call) -> Value {
    // In the order of their names, whatever order a JSON object keeps: it is the order of the numbers.
    let mut members: BTreeMap<String, Value> = match call.to_json() {
        Value::Object(members) => members.into_iter().collect(),
        _ => BTreeMap::new(),
    };
    if let (Call::ChangeAccessCode(request), Some(code)) = (call, members.get_mut("code")) {
        *code = Value::String(redactor.know(Kind::Secret, request.code.expose()));
    }
    for (name, value) in &mut members {
        let texts = match value {
            Value::Array(items) => items.as_mut_slice(),
            one => std::slice::from_mut(one),
        };
        for one in texts {
            if let Some(shown) = one.as_str().and_then(|text| argument(redactor, name, text)) {
                *one = Value::String(shown);
            }
        }
    }
    Value::Object(members.into_iter().collect())
}

/// A text among the arguments of a call; `None` for our own words.
pub(crate) fn argument(redactor: &mut Redactor, name: &str, text: &str) -> Option<String> {
    Some(match name {
        "envelope" => id(redactor, text),
        "recipient" => recipient(redactor, text),
        "return_url" | "ping_url" | "frame_ancestors" | "message_origins" => {
            redactor.labels.label(Kind::Url, text)
        }
        "on_behalf_of" => redactor.labels.address(text),
        "message" | "assertion_id" => redactor.labels.label(Kind::Text, text),
        _ => return None,
    })
}

/// A recipient in text form.
fn recipient(redactor: &mut Redactor, text: &str) -> String {
    let Some((kind, rest)) = text.split_once(':') else { return id(redactor, text) };
    let rest = match kind {
        "phone" => redactor.phone(rest, None),
        "email" => match rest.rsplit_once('#').filter(|(_, order)| !order.contains('@')) {
            Some((address, order)) => format!("{}#{order}", redactor.labels.address(address)),
            None => redactor.labels.address(rest),
        },
        _ => id(redactor, rest),
    };
    format!("{kind}:{rest}")
}

/// An id that the caller gave: looked for from now on, since it may look like any word.
fn id(redactor: &mut Redactor, text: &str) -> String {
    let is_small = text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let found = stretches(text);
    if is_small || !(found.is_empty() || redactor.is_long_id("reference", text, &found)) {
        return redactor.looks("id", text, Place::default());
    }
    redactor.know(Kind::Id, text)
}

/// What is sent.
pub(crate) fn sent(redactor: &mut Redactor, request: &http::Request<Bytes>, about: Option<&SentFor>) -> Sent {
    redactor.names = about.map_or(Names::generic(), |about| about.names);
    credentials(redactor, request.headers());
    // Support has to see the path that was asked for, a wrong base URL included.
    let base = about.filter(|_| !redactor.for_support).map_or("", |about| about.base_path.as_str());
    let path = request.uri().path();
    let path = path.strip_prefix(base).unwrap_or(path);
    Sent {
        effect: about.map(|about| about.effect.as_str().to_owned()),
        method: request.method().to_string(),
        path: self::path(redactor, path),
        query: query(redactor, request.uri().query().unwrap_or_default()),
        body: body(redactor, request.headers(), request.body(), Place::default()),
    }
}

/// Remembers what must not occur anywhere.
fn credentials(redactor: &mut Redactor, headers: &HeaderMap) {
    for (name, value) in headers {
        let is_secret = value.is_sensitive() || redactor.names.is_secret(name.as_str());
        if let (true, Ok(text)) = (is_secret, value.to_str()) {
            // A scheme such as `Bearer` stands before the credentials.
            redactor.learn(Kind::Secret, text.rsplit(' ').next().unwrap_or(text));
            redactor.learn(Kind::Secret, text);
        }
    }
}

/// A path, part by part.
pub(crate) fn path(redactor: &mut Redactor, path: &str) -> String {
    path.split('/').map(|segment| part(redactor, segment)).collect::<Vec<_>>().join("/")
}

fn part(redactor: &mut Redactor, segment: &str) -> String {
    let decoded = percent_decode_str(segment).decode_utf8_lossy();
    if decoded.is_empty() {
        return String::new();
    }
    let shown = redactor.looks("", &decoded, Place::default());
    shown
        .chars()
        .map(|c| match c {
            '/' | '%' | '?' => format!("%{:02X}", u32::from(c)),
            c => c.to_string(),
        })
        .collect()
}

fn query(redactor: &mut Redactor, text: &str) -> Vec<String> {
    let pairs = pairs(text);
    let code = pairs
        .iter()
        .find(|(name, code)| names::is_country_code(name) && is_country_code(code))
        .map(|(_, value)| value.clone());
    let mut written = Vec::with_capacity(pairs.len());
    for (name, value) in &pairs {
        let value = match (names::is_secret_in_query(name, redactor.names), names::is_phone(name)) {
            (true, _) if !value.is_empty() => redactor.secret(value),
            (_, true) => redactor.phone(value, code.as_deref()),
            _ => redactor.text(name, value, Place::default()),
        };
        written.push(format!("{}={value}", redactor.looks("", name, Place::default()).replace('=', "%3D")));
    }
    written
}

/// The pairs of a query or a form, decoded.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Whether a body is a form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

fn body(redactor: &mut Redactor, headers: &HeaderMap, body: &Bytes, place: Place) -> Option<Body> {
    if body.is_empty() {
        return None;
    }
    if is_form(headers) {
        let pairs = pairs(&String::from_utf8_lossy(body));
        // A form is how one signs in: all of it is secret but what it asks for.
        let plain = ["grant_type", "scope", "response_type", "token_type"];
        let shown = pairs.iter().map(|(name, value)| {
            let value = if plain.contains(&name.as_str()) { value.clone() } else { redactor.secret(value) };
            format!("{name}={value}")
        });
        return Some(Body::Form(shown.collect()));
    }
    Some(match serde_json::from_slice::<Value>(body) {
        Ok(json) => Body::Json(redactor.json(&json, "", place)),
        Err(_) => Body::Text(lenient::text(redactor, &String::from_utf8_lossy(body), place)),
    })
}

/// What came back to a request.
pub(crate) fn answered(
    redactor: &mut Redactor,
    response: &http::Response<Bytes>,
    about: Option<&SentFor>,
) -> Answered {
    // Another request may have been sent meanwhile.
    redactor.names = about.map_or(Names::generic(), |about| about.names);
    let status = response.status().as_u16();
    let refusal = !(200..300).contains(&status);
    // What opens a signing page may be a mere `id`, and ids are shown to support.
    let is_link = about.is_some_and(|about| about.effect == Effect::MintsLink);
    let secret = redactor.for_support && is_link && !refusal;
    let place = Place { refusal, secret, ..Place::default() };
    let mut headers = BTreeMap::new();
    for (name, value) in response.headers() {
        let name = name.as_str();
        let is_wanted = names::is_telling_header(name, redactor.names)
            || (redactor.for_support && names::is_for_support(name));
        if is_wanted && !value.is_sensitive() {
            let value = String::from_utf8_lossy(value.as_bytes());
            headers.insert(name.to_owned(), header(redactor, name, &value));
        }
    }
    Answered { status, headers, body: body(redactor, response.headers(), response.body(), place) }
}

fn header(redactor: &mut Redactor, name: &str, value: &str) -> String {
    if redactor.for_support {
        return redactor.without_known(value, |_| true);
    }
    if name == "content-type" {
        return redactor.sentence(value);
    }
    let remaining = redactor.names.is_limit(name) && name.ends_with("remaining");
    if remaining && value.parse::<u64>().is_ok_and(|left| left >= PLENTY) {
        return crate::MANY.to_owned();
    }
    let reset = redactor.names.is_limit(name) && name.ends_with("reset");
    if let Some((form, at)) = Some(value).filter(|_| reset).and_then(dates::of_header)
        && at.as_second().abs_diff(redactor.now.as_second()) <= 3600
    {
        // How much of the hour is left is chance.
        return dates::within_an_hour(form);
    }
    redactor.text(name, value, Place::default())
}

/// The words for what goes wrong on the way; anything else is a broken connection.
const FAULTS: [(&str, TransportFault); 4] = [
    ("connect", TransportFault::Connect),
    ("timeout", TransportFault::Timeout),
    ("too_large", TransportFault::TooLarge),
    ("setup", TransportFault::Setup),
];

/// Why nothing came back.
pub(crate) fn fault(error: &TransportError) -> Fault {
    let known = FAULTS.iter().find(|(_, fault)| *fault == error.fault);
    let kind = known.map_or("broken", |(word, _)| word).to_owned();
    Fault { kind, may_have_arrived: error.phase == Phase::AfterSending }
}

/// The error that a fault was.
pub(crate) fn error(fault: &Fault) -> TransportError {
    let known = FAULTS.iter().find(|(word, _)| *word == fault.kind);
    let kind = known.map_or(TransportFault::Broken, |(_, fault)| *fault);
    let phase = if fault.may_have_arrived { Phase::AfterSending } else { Phase::BeforeSending };
    TransportError::new(kind, phase)
}
