//! Every form and every row of a refusal.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use std::time::Duration;

use common::{ANNA, answer, change, folder, list, resend, script, to, view};
use countersign_core::{ErrorKind, Retry};
use countersign_testkit::{Fixture, Script};
use serde_json::json;

#[tokio::test]
async fn each_refusal_has_its_kind() {
    let mut shown = String::new();
    for (name, fixture) in Fixture::load_all(&folder("refusals")) {
        let after_list = || script(&[answer("parallel"), fixture.clone()]);
        let error = match fixture.operation.as_deref() {
            Some("create_view") => view(&after_list(), ANNA).await.map(drop),
            Some("resend_recipient") => resend(&after_list(), &to(ANNA)).await.map(drop),
            Some("change_access_code") => change(&after_list(), ANNA, false).await.map(drop),
            _ => list(&script(std::slice::from_ref(&fixture))).await.map(drop),
        };
        let error = error.expect_err(&name);
        assert_eq!(Some(error.kind().as_str()), fixture.kind.as_deref(), "{name}: {error}");
        let problem = error.problem().expect("a problem");
        let code = problem.code.as_deref().unwrap_or("-");
        let retry = match error.retry() {
            Retry::Never => "never".to_owned(),
            Retry::After(wait) => wait.map_or("later".to_owned(), |wait| format!("{} s", wait.as_secs())),
        };
        let (status, outcome) = (problem.status, error.outcome());
        let message = problem.message.as_deref().unwrap_or("-");
        shown.push_str(&format!("{name}: {status} {code}, {outcome:?}, {retry}: {message}\n"));
    }
    insta::assert_snapshot!(shown);
}

/// Only a 429 tells a wait, and one that cannot be read is a minute.
#[tokio::test]
async fn a_wait_is_read_from_the_text_of_a_429() {
    for (status, detail, seconds) in [
        (429, "Request was throttled. Expected available in 1 second.", 1),
        (429, "Request was throttled. Expected available in 99999999999 seconds.", 24 * 60 * 60),
        (429, "Request was throttled. Expected available in 2 minutes.", 60),
        (429, "Request was throttled. Expected available in a while.", 60),
        (429, "Request was throttled.", 60),
    ] {
        let script = Script::new();
        script.json(status, &json!({"type": "throttled", "detail": detail}));
        let error = list(&script).await.expect_err("a refusal");
        assert_eq!(error.retry(), Retry::After(Some(Duration::from_secs(seconds))), "{detail}");
    }
    let script = Script::new();
    script.json(400, &json!({"type": "request_error", "detail": "available in 13 seconds"}));
    assert_eq!(list(&script).await.expect_err("a refusal").retry(), Retry::Never);
}

fn no_session(word: &str) -> serde_json::Value {
    let detail = format!("Cannot create session ID for a document in document.{word} status");
    json!({"type": "validation_error", "detail": detail})
}

/// The rows that no fixture shows.
#[tokio::test]
async fn each_row_is_met() {
    for (status, body, kind) in [
        (409, json!({"status": "document.declined"}), ErrorKind::EnvelopeClosed),
        (409, json!({"status": "document.voided"}), ErrorKind::EnvelopeClosed),
        (409, json!({"status": "document.cancelled"}), ErrorKind::EnvelopeClosed),
        (409, json!({"status": "document.paid"}), ErrorKind::EnvelopeClosed),
        (409, json!({"status": "document.waiting_pay"}), ErrorKind::EnvelopeClosed),
        (409, json!({"status": "document.error"}), ErrorKind::EnvelopeClosed),
        (409, json!({"status": "document.other"}), ErrorKind::EnvelopeNotReady),
        // The state says more than a type beside it.
        (409, json!({"type": "request_error", "status": "document.completed"}), ErrorKind::EnvelopeClosed),
        (423, json!({}), ErrorKind::EnvelopeBusy),
        (
            400,
            json!({"type": "state_error", "detail": "in document.completed status"}),
            ErrorKind::EnvelopeClosed,
        ),
        (
            400,
            json!({"type": "state_error", "detail": "in document.declined status"}),
            ErrorKind::EnvelopeClosed,
        ),
        (401, json!({}), ErrorKind::Unauthenticated),
        (400, json!({"error": "invalid_grant"}), ErrorKind::Unauthenticated),
        (400, json!({"error": "invalid_client"}), ErrorKind::Config),
        (400, json!({"error": "unsupported_grant_type"}), ErrorKind::Config),
        (400, json!("plain"), ErrorKind::InvalidRequest),
        (503, json!({}), ErrorKind::Unavailable),
    ]
    .into_iter()
    .chain(["declined", "voided", "cancelled"].map(|word| (400, no_session(word), ErrorKind::EnvelopeClosed)))
    {
        let script = Script::new();
        script.json(status, &body);
        let error = list(&script).await.expect_err("a refusal");
        assert_eq!(error.kind(), kind, "{status} {body}: {error}");
    }
}

#[tokio::test]
async fn what_is_not_pandadocs_is_not_taken_for_it() {
    for (status, kind) in [(404, ErrorKind::Config), (502, ErrorKind::Unavailable), (307, ErrorKind::Config)]
    {
        let script = Script::new();
        script.raw(status, &[("content-type", "text/html")], "<html><body>nginx</body></html>");
        let error = list(&script).await.expect_err("a page");
        assert_eq!(error.kind(), kind, "{status}: {error}");
    }
}
