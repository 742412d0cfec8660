//! A trial as a text for snapshots, and the search for secrets in all of its readable output.

use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::LazyLock;

use countersign_core::{
    Error, ExposeSecret, REDACTED, ReturnsTo, SecretString, SigningView, Timestamp, redact,
};
use regex::{Captures, Regex};
use serde_json::json;

use super::request::Reply;
use super::scenario::Scenario;
use super::wire::Exchange;

/// Requests, and the reply or error, in one text. It does not include who was mailed: not every backend can know,
/// and all have the same snapshot. Secrets in requests are redacted here; results are shown unchanged, so that a
/// secret in them is found.
pub(crate) fn shown(
    scenario: &Scenario,
    exchanges: &[Exchange],
    result: &Result<Reply, Error>,
    secrets: &[SecretString],
    places: &[(String, String)],
    at: Timestamp,
) -> String {
    let mut text = format!("{}\n", scenario.story.about);
    for (number, exchange) in exchanges.iter().enumerate() {
        let sent = exchange.sent.to_string();
        let _ = write!(text, "\n--- request {}\n{}", number + 1, redact(&sent, secrets));
        let _ = match exchange.ended {
            Ok(status) => writeln!(text, "--> {status}"),
            Err((fault, phase)) => writeln!(text, "--> {fault:?}, {phase:?}"),
        };
    }
    if exchanges.is_empty() {
        text.push_str("\n--- nothing was sent\n");
    }
    let _ = match result {
        Ok(reply) => writeln!(text, "\n--- reply\n{}", pretty(document(reply))),
        Err(error) => writeln!(text, "\n--- error: {error}\n{}", pretty(json!(error))),
    };
    let text = places.iter().fold(text, |text, (found, place)| text.replace(found, place));
    numbered(&lately(&text, at))
}

/// Members sorted by name, whether or not another crate of the build makes serde_json keep their order.
fn pretty(mut value: serde_json::Value) -> String {
    value.sort_all_objects();
    format!("{value:#}")
}

fn document(reply: &Reply) -> serde_json::Value {
    match reply {
        Reply::Viewed(SigningView { expires_at, single_use, recipient, returns_to, .. }) => {
            let mut shown = json!({"link": REDACTED, "expires_at": expires_at, "single_use": single_use,
                "recipient": recipient});
            if *returns_to != ReturnsTo::Requested {
                shown["returns_to"] = format!("{returns_to:?}").into();
            }
            shown
        }
        Reply::Resent(resent) => json!(resent),
        Reply::Changed(changed) => json!(changed),
        Reply::Listed(list) => json!(list),
    }
}

/// All readable output of a result.
pub(crate) fn readings(result: &Result<Reply, Error>) -> Vec<(&'static str, String)> {
    match result {
        Ok(reply) => vec![("the Debug of the reply", format!("{reply:#?}"))],
        Err(error) => {
            let mut texts = vec![
                ("the Display of the error", error.to_string()),
                ("the Debug of the error", format!("{error:?}")),
                ("the hint of the error", error.hint().to_owned()),
                ("the JSON of the error", json!(error).to_string()),
            ];
            if let Some(problem) = error.problem() {
                texts.push(("the vendor's description in the error", json!(problem).to_string()));
            }
            let mut cause = error.source();
            while let Some(error) = cause {
                texts.push(("a cause of the error", format!("{error} {error:?}")));
                cause = error.source();
            }
            texts
        }
    }
}

/// The texts that contain a secret, in clear or encoded. Of a long one, the first two thirds are sufficient.
pub(crate) fn leaks(texts: &[(&'static str, String)], secrets: &[SecretString]) -> Vec<String> {
    let parts: Vec<SecretString> = secrets
        .iter()
        .map(|secret| {
            let secret = secret.expose_secret();
            let length = secret.chars().count();
            let enough = if length < 12 { length } else { length * 2 / 3 };
            secret.chars().take(enough).collect::<String>().into()
        })
        .collect();
    let shows = |text: &str| redact(text, &parts) != *text;
    texts.iter().filter(|(_, text)| shows(text)).map(|(what, _)| format!("{what} shows a secret")).collect()
}

/// Times in the hour before the call: recordings store them as distances, and not to the second.
fn lately(text: &str, at: Timestamp) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('"');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push('"');
        let ago = part.parse::<Timestamp>().map(|instant| at.as_second() - instant.as_second());
        out.push_str(if ago.is_ok_and(|ago| (0..3600).contains(&ago)) { "{lately}" } else { part });
    }
    out
}

/// GUIDs differ from run to run; equal ones get equal numbers.
fn numbered(text: &str) -> String {
    static GUID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}").expect("an expression")
    });
    let mut known: Vec<String> = Vec::new();
    let number = |found: &Captures<'_>| {
        let guid = found.get(0).map_or("", |guid| guid.as_str());
        let number = known.iter().position(|one| one == guid).unwrap_or_else(|| {
            known.push(guid.to_owned());
            known.len() - 1
        });
        format!("{{guid {}}}", number + 1)
    };
    GUID.replace_all(text, number).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ids_get_equal_numbers_and_the_rest_stays() {
        let (a, b) = ("5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001", "910a2dec-8902-4cc1-ad12-884882d6d876");
        let text = numbered(&format!("ü {a}/{b} {a}-"));
        assert_eq!(text, "ü {guid 1}/{guid 2} {guid 1}-");
        assert_eq!(numbered("5e29dc8d-54bb"), "5e29dc8d-54bb");
    }

    #[test]
    fn only_the_hour_before_the_call_is_blurred() {
        let at: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let text = r#"{"a": "2026-03-02T08:59:00Z", "b": "2026-03-02T09:05:00Z", "c": "2026-03-01T09:00:00Z", "d": "x"}"#;
        assert_eq!(lately(text, at), text.replace("2026-03-02T08:59:00Z", "{lately}"));
    }

    #[test]
    fn a_secret_is_found_encoded_and_in_part() {
        let secrets = [SecretString::from("key with \"quotes\" 0123456789".to_owned())];
        let shows = |text: &str| !leaks(&[("it", text.to_owned())], &secrets).is_empty();
        assert!(shows("… key with \\\"quotes\\\" 0123456789"));
        assert!(shows("key%20with%20%22quotes%22%200"));
        assert!(!shows("key with"));
    }
}
