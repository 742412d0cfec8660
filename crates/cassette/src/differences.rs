//! How a request differs from a recorded one, in words without personal data and secrets.

use countersign_core::redact::clip;
use serde_json::Value;

use crate::file::{Body, Sent};
use crate::matching::Bonds;

/// In what a request differs from a recorded one, in words.
pub(crate) fn differences(recorded: &Sent, run: &Sent, bonds: &Bonds) -> Vec<String> {
    let mut bonds = bonds.clone();
    let mut found = Vec::new();
    let differ = |what: &str, recorded: &str, run: &str| {
        format!("{what}: recorded `{}`, sent `{}`", short(recorded), short(run))
    };
    if recorded.method != run.method {
        found.push(differ("method", &recorded.method, &run.method));
    }
    if !bonds.same_text(&recorded.path, &run.path) {
        found.push(differ("path", &recorded.path, &run.path));
    }
    if !bonds.clone().same_pairs(&recorded.query, &run.query) {
        let mut left: Vec<&String> = run.query.iter().collect();
        let mut missing = Vec::new();
        for pair in &recorded.query {
            match left.iter().position(|sent| bonds.clone().same_text(pair, sent)) {
                Some(at) => {
                    bonds.same_text(pair, left.remove(at));
                }
                None => missing.push(pair),
            }
        }
        found.extend(
            missing.into_iter().map(|pair| format!("query: `{}` was recorded and not sent", short(pair))),
        );
        found.extend(
            left.into_iter().map(|pair| format!("query: `{}` was sent and not recorded", short(pair))),
        );
    }
    match (&recorded.body, &run.body) {
        (Some(Body::Json(recorded)), Some(Body::Json(run))) => {
            in_json(recorded, run, "body", &mut bonds, &mut found);
        }
        (recorded, run) => {
            if !bonds.same_body(recorded.as_ref(), run.as_ref()) {
                found.push(differ("body", body(recorded.as_ref()), body(run.as_ref())));
            }
        }
    }
    found
}

fn body(body: Option<&Body>) -> &str {
    match body {
        None => "none",
        Some(Body::Json(_)) => "a JSON document",
        Some(Body::Form(_)) => "a form",
        Some(Body::Text(text)) => text,
    }
}

fn in_json(recorded: &Value, run: &Value, place: &str, bonds: &mut Bonds, found: &mut Vec<String>) {
    let told = |value: &Value| short(&value.to_string());
    match (recorded, run) {
        (Value::Object(recorded), Value::Object(run)) => {
            for (name, value) in recorded {
                match run.get(name) {
                    Some(run) => in_json(value, run, &format!("{place}.{name}"), bonds, found),
                    None => {
                        found.push(format!("{place}.{name}: `{}` was recorded and not sent", told(value)));
                    }
                }
            }
            for (name, value) in run.iter().filter(|(name, _)| !recorded.contains_key(*name)) {
                found.push(format!("{place}.{name}: `{}` was sent and not recorded", told(value)));
            }
        }
        (Value::Array(recorded), Value::Array(run)) if recorded.len() == run.len() => {
            for (at, (value, run)) in recorded.iter().zip(run).enumerate() {
                in_json(value, run, &format!("{place}[{at}]"), bonds, found);
            }
        }
        (recorded, run) => {
            let mut trial = bonds.clone();
            if trial.same_json(recorded, run) {
                *bonds = trial;
            } else {
                found.push(format!("{place}: recorded `{}`, sent `{}`", told(recorded), told(run)));
            }
        }
    }
}

fn short(text: &str) -> String {
    clip(text, 120).into_owned()
}
