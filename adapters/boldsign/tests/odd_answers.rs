//! Answers that are not what was agreed: each gives an error with the status, and none gives a success.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use std::sync::Arc;

use common::{answer, change, list, named, resend, script};
use countersign_boldsign::DESCRIPTOR;
use countersign_core::{
    ChangeAccessCode, ErrorKind, Operation, Outcome, Provider as _, ResendRecipient, Retry,
};
use countersign_testkit::Script;

fn raw(status: u16, body: &str) -> Arc<Script> {
    let script = Script::new();
    script.raw(status, &[], body.to_owned());
    script
}

#[tokio::test]
async fn an_unreadable_list_says_what_is_wrong_with_it() {
    let whole = String::from_utf8(answer("properties_in_order").bytes()).expect("text");
    let cases = [
        ("html", "<html>Sign in</html>".to_owned()),
        ("empty", String::new()),
        ("cut", whole[..whole.len() / 2].to_owned()),
        ("null", "null".to_owned()),
        ("a list", "[1]".to_owned()),
        ("a refusal under 200", r#"{"error":"Invalid Document ID"}"#.to_owned()),
        ("no document", "{}".to_owned()),
        ("people as text", r#"{"signerDetails":"anna@example.com"}"#.to_owned()),
        ("a number as status", r#"{"status":3,"signerDetails":[]}"#.to_owned()),
        ("an order as text", r#"{"signerDetails":[{"order":"first"}]}"#.to_owned()),
        ("a flag as text", r#"{"signerDetails":[{"isViewed":"perhaps"}]}"#.to_owned()),
    ];
    let mut said = String::new();
    for (what, body) in cases {
        let error = list(&raw(200, &body)).await.expect_err(what);
        assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidResponse, Some(200)), "{what}");
        assert_eq!(error.outcome(), Outcome::NoEffect);
        said.push_str(&format!("{what}: {error}\n"));
    }
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn refusals_of_any_form_keep_their_status_and_what_text_they_have() {
    let cases = [
        (502, "<html><h1>Bad Gateway</h1></html>"),
        (503, ""),
        (400, r#"{"error":"#),
        (400, r#"{"error":{"code":7}}"#),
        (400, r#"{"errors":{"A":"one text","B":["x","y",3]},"title":"Wrong"}"#),
        (400, r#"{"errors":["a","b"]}"#),
        (400, r#""Just a text""#),
        (400, "Just a text"),
        (400, "[]"),
        (418, r#"{"message":"unknown form"}"#),
        (302, ""),
    ];
    let mut said = String::new();
    for (status, body) in cases {
        let error = list(&raw(status, body)).await.expect_err(body);
        assert_eq!(error.status(), Some(status), "{body}");
        let problem = error.problem().expect("a problem");
        said.push_str(&format!("{status} {body}\n  {error}\n  vendor: {:?}\n", problem.message));
    }
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn a_failure_of_the_vendors_on_a_reminder_leaves_the_outcome_unknown() {
    let script = script(&[answer("properties_in_order"), common::refusal("list_502_html")]);
    let request = ResendRecipient::everyone(common::document());
    let error = resend(&script, &request).await.expect_err("a refusal");
    assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never));
}

/// "Done" has no body, under 204 or 200. What else comes may be from a gateway, and says nothing of the request.
#[tokio::test]
async fn content_where_none_is_documented_is_no_success() {
    let contents = [
        "null",
        "false",
        "true",
        "[]",
        "{}",
        r#"{"success":false,"message":"not now"}"#,
        r#"{"success":true}"#,
        r#""<html>Sign in</html>""#,
        "<html>Sign in</html>",
        r#"{"result": "o"#,
        "OK",
    ];
    for content in contents {
        let both = || {
            let script = script(&[answer("properties_in_order")]);
            script.raw(200, &[], content.to_owned());
            script
        };
        let reminder = ResendRecipient::everyone(common::document());
        let error = resend(&both(), &reminder).await.expect_err(content);
        assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidResponse, Some(200)), "{content}");
        assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never), "{content}");
        let code = ChangeAccessCode::new(common::document(), named("email:ben@example.com"), common::code());
        let error = change(&both(), &code).await.expect_err(content);
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::InvalidResponse, Outcome::Unknown),
            "{content}"
        );
        // Nor does it show that the key is good.
        let cx = raw(200, content).context(Operation::SignIn, &common::clock());
        let error = common::account().check_access(&cx).await.expect_err(content);
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{content}");
    }
    for (status, content) in [(204, ""), (200, ""), (200, "\r\n")] {
        let script = script(&[answer("properties_in_order")]);
        script.raw(status, &[], content.to_owned());
        resend(&script, &ResendRecipient::everyone(common::document())).await.expect("done");
    }
    let refused = script(&[answer("properties_in_order")]);
    refused.raw(200, &[], r#"{"error":"Manual reminders limit reached"}"#.to_owned());
    let error =
        resend(&refused, &ResendRecipient::everyone(common::document())).await.expect_err("a refusal");
    assert_eq!(error.outcome(), Outcome::Refused);
}

#[test]
fn a_trace_is_found_in_the_body_or_in_a_header() {
    let read = |headers: &http::HeaderMap, body: &'static str| {
        (DESCRIPTOR.read_problem)(400, headers, &body.as_bytes().into()).request_id
    };
    let mut headers = http::HeaderMap::new();
    assert_eq!(read(&headers, ""), None);
    headers.insert("x-request-id", http::HeaderValue::from_static("from-header"));
    assert_eq!(read(&headers, "<html>").as_deref(), Some("from-header"));
    assert_eq!(read(&headers, r#"{"traceId":"00-abc"}"#).as_deref(), Some("00-abc"));
}
