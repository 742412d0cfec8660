//! Every form and every row of a refusal.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{answer, folder, list, log, refusal, resend, script, to};
use countersign_core::{ErrorKind, Outcome, Retry};
use countersign_documenso::DESCRIPTOR;
use countersign_testkit::{Fixture, Script};
use serde_json::json;

#[tokio::test]
async fn each_recorded_refusal_has_its_kind() {
    let mut shown = String::new();
    for (name, fixture) in Fixture::load_all(&folder("refusals")) {
        let is_resend = fixture.operation.as_deref() == Some("resend_recipient");
        let error = if is_resend {
            let script = script(&[answer("parallel"), log(&[]), fixture.clone()]);
            resend(&script, &to("email:ann@example.com")).await.map(drop)
        } else {
            list(&script(std::slice::from_ref(&fixture))).await.map(drop)
        };
        let error = error.expect_err(&name);
        assert_eq!(Some(error.kind().as_str()), fixture.kind.as_deref(), "{name}: {error}");
        let problem = error.problem().expect("a problem");
        let code = problem.code.as_deref().unwrap_or("-");
        let retry = match error.retry() {
            Retry::Never => "never".to_owned(),
            Retry::After(wait) => wait.map_or("later".to_owned(), |wait| format!("{} s", wait.as_secs())),
        };
        let message = problem.message.as_deref().unwrap_or("-");
        shown.push_str(&format!(
            "{name}: {} {code}, {:?}, {retry}: {message}\n",
            problem.status,
            error.outcome()
        ));
    }
    insta::assert_snapshot!(shown);
}

/// The rows that no recording shows, in the form of the others.
#[tokio::test]
async fn each_row_is_met() {
    for (status, code, kind) in [
        (403, "FORBIDDEN", ErrorKind::PermissionDenied),
        (400, "LIMIT_EXCEEDED", ErrorKind::QuotaExceeded),
        (400, "PARSE_ERROR", ErrorKind::InvalidRequest),
        (400, "INVALID_REQUEST", ErrorKind::InvalidRequest),
        (500, "INTERNAL_SERVER_ERROR", ErrorKind::Unavailable),
        (401, "OTHER", ErrorKind::Unauthenticated),
        (429, "OTHER", ErrorKind::RateLimited),
    ] {
        assert!(status < 402 || DESCRIPTOR.facts.refusals.knows(code) || code == "OTHER");
        let script = Script::new();
        script.json(
            status,
            &json!({"message": "m", "code": "INTERNAL_SERVER_ERROR",
            "data": {"code": code, "httpStatus": status, "path": "envelope.get"}}),
        );
        let error = list(&script).await.expect_err(code);
        assert_eq!(error.kind(), kind, "{code}: {error}");
        assert_eq!(error.outcome(), Outcome::NoEffect);
    }
}

/// Only a resend can have renewed a time to sign.
#[tokio::test]
async fn a_refusal_speaks_of_a_renewed_time_only_after_a_resend() {
    for name in ["mail_window", "mail_quota"] {
        let script = script(&[answer("parallel"), log(&[]), refusal(name)]);
        let error = resend(&script, &to("email:ann@example.com")).await.expect_err(name);
        assert!(error.hint().contains("may have been renewed"), "{name}: {}", error.hint());
    }
    for name in ["mail_window", "mail_quota", "address_limit"] {
        let error = list(&script(&[refusal(name)])).await.expect_err(name);
        assert!(!error.hint().contains("renewed"), "{name}: {}", error.hint());
        // What the limit is, depends on the server.
        assert!(!error.to_string().contains("1,000"), "{error}");
    }
}

#[tokio::test]
async fn what_is_not_documensos_is_not_taken_for_it() {
    for (status, kind) in [(404, ErrorKind::Config), (502, ErrorKind::Unavailable), (307, ErrorKind::Config)]
    {
        let script = Script::new();
        script.raw(status, &[("content-type", "text/html")], "<html><body>nginx</body></html>");
        let error = list(&script).await.expect_err("a page");
        assert_eq!(error.kind(), kind, "{status}: {error}");
    }
}
