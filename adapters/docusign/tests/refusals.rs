//! Every form of refusal that is on file, and every known code in its form, played through a real call.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use std::sync::Arc;

use common::{
    account, answer, clock, code, coded, config, context, envelope, folder, known, script, shown, view_of,
};
use countersign_core::vendor::{CheckAccess, Rule, perform};
use countersign_core::{
    AccountId, BaseUrl, ChangeAccessCode, Error, ErrorKind, ListRecipients, Operation, Outcome, Problem,
    Provider, ResendRecipient, Retry,
};
use countersign_docusign::{DESCRIPTOR, Docusign};
use countersign_testkit::{Fixture, Script};

/// Every code that is publicly known, in the layer's own spelling: `(operation, statuses, codes)`. Two statuses where sources
/// disagree, or where DocuSign moves from one to the other. That a code comes in this operation is a guess for most, that it
/// comes with this status for those that are named in public lists only; `RULES` has the sources of the codes.
const CODES: &[(&str, &[u16], &[&str])] = &[
    (
        "create_view",
        &[400],
        &[
            "UNKNOWN_ENVELOPE_RECIPIENT",
            "RECIPIENT_NOT_IN_SEQUENCE",
            "ACTIVATION_FAILED",
            "RECIPIENT_HAS_FAILED_SECURITY_CHECK",
            "ACCOUNT_NOT_AUTHORIZED_FOR_ENVELOPE",
        ],
    ),
    ("create_view", &[401], &["USER_AUTHENTICATION_FAILED"]),
    ("create_view", &[400, 404], &["ENVELOPE_DOES_NOT_EXIST"]),
    ("create_view", &[400, 415], &["INVALID_CONTENT_TYPE"]),
    ("create_view", &[400, 429], &["BURST_APIINVOCATION_LIMIT_EXCEEDED"]),
    (
        "list_recipients",
        &[400],
        &[
            "INVALID_USERID",
            "ACCOUNT_DOES_NOT_EXIST_IN_SYSTEM",
            "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT",
            "UNSPECIFIED_ERROR",
            "USER_LACKS_MEMBERSHIP",
            "USER_NOT_ENVELOPE_SENDER_OR_RECIPIENT",
        ],
    ),
    ("list_recipients", &[401], &["AUTHORIZATION_INVALID_TOKEN"]),
    ("list_recipients", &[404], &["ENVELOPE_DOES_NOT_EXIST", "RESOURCE_NOT_FOUND"]),
    ("list_recipients", &[400, 401], &["PARTNER_AUTHENTICATION_FAILED"]),
    (
        "list_recipients",
        &[400, 429],
        &[
            "HOURLY_APIINVOCATION_LIMIT_EXCEEDED",
            "Hourly_Envelope_Polling_Limit_Exceeded",
            "Burst_Envelope_Polling_Limit_Exceeded",
        ],
    ),
    (
        "resend_recipient",
        &[400],
        &[
            "ENVELOPE_INVALID_STATUS",
            "ENVELOPE_HAS_DUPLICATE_RECIPIENTS",
            "INVALID_EMAIL_ADDRESS_FOR_RECIPIENT",
            "EDIT_LOCK_INVALID_STATE_FOR_LOCK",
        ],
    ),
    ("resend_recipient", &[401, 403], &["USER_LACKS_PERMISSIONS"]),
    ("resend_recipient", &[429], &["ENVELOPE_SEND_LIMIT_EXCEEDED"]),
    (
        "resend_recipient",
        &[400, 429],
        &["RECIPIENT_LIMIT_EXCEEDED", "Burst_APIInvocation_Envelope_Limit_Exceeded"],
    ),
    (
        "resend_everyone",
        &[400],
        &[
            "ENVELOPE_ALLOWANCE_EXCEEDED",
            "ENVELOPE_CANNOT_VOID_INVALID_STATE",
            "ENVELOPE_IS_INCOMPLETE",
            "INVALID_REQUEST_BODY",
            "INVALID_REQUEST_PARAMETER",
            "ONESIGNALLSIGN_NOT_SATISFIED",
        ],
    ),
    ("change_access_code", &[200], &["RECIPIENT_UPDATE_FAILED"]),
    (
        "change_access_code",
        &[400],
        &[
            "ACCOUNT_LACKS_PERMISSIONS",
            "EDIT_LOCK_NOT_LOCK_OWNER",
            "EDIT_LOCK_TEMPLATE_ALREADY_LOCKED",
            "NO_AUTHENTICATION_METHOD_FOR_RECIPIENT",
            "SUCCESS",
        ],
    ),
    ("change_access_code", &[400, 429], &["Hourly_APIInvocation_Envelope_Limit_Exceeded"]),
    (
        "sign_in",
        &[400],
        &[
            "consent_required",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_grant/issuer_not_found",
            "invalid_grant/no_valid_keys_or_signatures",
            "invalid_grant/user_not_found",
            "invalid_grant/expired_client_token",
        ],
    ),
    ("sign_in", &[401], &["invalid_token", "internal_server_error+reference_id"]),
];

/// Codes that are newer than this library: no row has them.
const NEW_CODES: &[(&str, &[u16], &[&str])] =
    &[("create_view", &[400], &["SOMETHING_NEW"]), ("change_access_code", &[200], &["SOMETHING_NEW"])];

/// Answers that are no answer to the call, under a status of success: guesses, all of them.
const UNREADABLE: &[(&str, u16, &str)] = &[
    ("list_recipients", 200, ""),
    ("list_recipients", 200, "[]"),
    ("list_recipients", 200, "<html>Sign in to the hotel network</html>"),
    ("list_recipients", 200, r#"{"signers":[{"recipientId":"1","name":"Jon"#),
    ("list_recipients", 200, r#"{"signers":[{"name":"Jon Doe"}]}"#),
    ("list_recipients", 200, r#"{"signers":[{"recipientId":"1","name":["private"]}]}"#),
    ("list_recipients", 200, r#"{"signers":{"recipientId":"1"}}"#),
    ("create_view", 201, "{}"),
    ("create_view", 201, r#"{"url":"javascript:marked-link"}"#),
    ("resend_recipient", 200, r#"{"recipientUpdateResults":[{"recip"#),
    ("resend_recipient", 200, r#"{"recipientUpdateResults":[]}"#),
    ("change_access_code", 200, r#"{"recipientUpdateResults":[{"recipientId":"99"}]}"#),
];

fn refusals() -> Vec<(String, Fixture)> {
    Fixture::load_all(&folder("refusals"))
}

/// The rows of a table of codes, each as a refusal.
fn rows(table: &[(&str, &[u16], &[&str])]) -> Vec<(String, Fixture)> {
    let mut rows = Vec::new();
    for (operation, statuses, codes) in table {
        for (code, status) in codes.iter().flat_map(|code| statuses.iter().map(move |status| (code, status)))
        {
            let mut fixture = coded(&format!("{status} {code}"));
            fixture.operation = Some((*operation).to_owned());
            rows.push((format!("{operation} {status} {code}"), fixture));
        }
    }
    rows
}

/// One row of a table of errors, for a snapshot.
fn row(error: &Error) -> String {
    shown(error);
    format!(
        "{}, {:?}, {:?}: {error}\n  {}\n",
        error.kind().as_str(),
        error.outcome(),
        error.retry(),
        error.hint()
    )
}

/// Plays one refusal through the operation that it belongs to.
async fn play(name: &str, fixture: &Fixture) -> Error {
    let script = Script::new();
    if matches!(fixture.operation.as_deref(), Some("resend_recipient" | "change_access_code")) {
        script.fixture(&answer("two_signers"));
    }
    script.fixture(fixture);
    let person = known("two_signers", "2").await;
    let result = match fixture.operation.as_deref() {
        Some("list_recipients") => {
            let cx = context(&script, Operation::ListRecipients);
            perform(&account(), &cx, &ListRecipients::new(envelope())).await.map(drop)
        }
        Some("create_view") => {
            let code = fixture.body.as_ref().and_then(|body| body["errorCode"].as_str());
            if code == Some("UNKNOWN_ENVELOPE_RECIPIENT") {
                // Read again.
                script.fixture(&answer("two_signers"));
            }
            let cx = context(&script, Operation::CreateView);
            perform(&account(), &cx, &view_of(person)).await.map(drop)
        }
        Some("resend_recipient") => {
            let cx = context(&script, Operation::ResendRecipient);
            perform(&account(), &cx, &ResendRecipient::new(envelope(), person)).await.map(drop)
        }
        Some("resend_everyone") => {
            let script_of_two = common::script(&["two_signers"]);
            script_of_two.fixture(fixture);
            let cx = context(&script_of_two, Operation::ResendRecipient);
            let result = perform(&account(), &cx, &ResendRecipient::everyone(envelope())).await.map(drop);
            script_of_two.finish();
            return result.unwrap_err();
        }
        Some("change_access_code") => {
            let cx = context(&script, Operation::ChangeAccessCode);
            let request = ChangeAccessCode::new(envelope(), person, code());
            perform(&account(), &cx, &request).await.map(drop)
        }
        Some("sign_in") => {
            if name.ends_with("401 internal_server_error+reference_id") {
                // Comes for good tokens as well, so it is asked once more.
                script.fixture(fixture);
            }
            let cx = script.context(Operation::SignIn, &clock());
            // A 401 comes from userinfo for a token that is no good.
            perform(&Docusign::new(config()).unwrap(), &cx, &CheckAccess).await.map(drop)
        }
        other => panic!("{name}: no such operation: {other:?}"),
    };
    script.finish();
    match result {
        Err(error) => error,
        Ok(()) => panic!("{name} is no refusal"),
    }
}

#[tokio::test]
async fn every_refusal_on_file_becomes_its_kind() {
    for (name, fixture) in refusals() {
        let error = play(&name, &fixture).await;
        let kind: ErrorKind = fixture.kind.as_deref().unwrap().parse().unwrap();
        assert_eq!(error.kind(), kind, "{name}: {error}");
        assert_eq!(error.vendor(), Some("docusign"), "{name}");
        assert_eq!(error.status(), Some(fixture.status), "{name}");
        if fixture.status < 500 && !(200..300).contains(&fixture.status) {
            assert_ne!(error.outcome(), Outcome::Unknown, "{name}: a refused call did nothing");
        }
        insta::assert_snapshot!(name, format!("{}\n{}", fixture.source, shown(&error)));
    }
}

#[tokio::test]
async fn every_code_becomes_its_kind_under_each_of_its_statuses() {
    let mut table = String::new();
    for (name, fixture) in rows(CODES).iter().chain(&rows(NEW_CODES)) {
        let error = play(name, fixture).await;
        assert_eq!(error.vendor(), Some("docusign"), "{name}");
        assert_eq!(error.status(), Some(fixture.status), "{name}");
        assert_ne!(error.outcome(), Outcome::Unknown, "{name}: a refused call did nothing");
        table += &row(&error);
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn an_unreadable_answer_is_an_error_and_says_what_is_wrong_with_it() {
    let mut table = String::new();
    for (operation, status, body) in UNREADABLE {
        let mut fixture = common::refusal("html_502");
        (fixture.operation, fixture.status, fixture.text) =
            (Some((*operation).to_owned()), *status, Some((*body).to_owned()));
        let error = play(body, &fixture).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidResponse, Some(*status)), "{body}");
        table += &row(&error);
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn every_row_is_hit_by_a_code_or_by_a_refusal_on_file() {
    let mut hit = vec![false; DESCRIPTOR.facts.refusals.rules().len()];
    for (name, fixture) in refusals().into_iter().chain(rows(CODES)) {
        let error = play(&name, &fixture).await;
        let (Some(problem), Some(operation)) = (error.problem(), error.operation()) else { continue };
        if let Some(at) = first(operation, problem) {
            hit[at] = true;
        }
    }
    let rules = DESCRIPTOR.facts.refusals.rules();
    let missed: Vec<&Rule> = rules.iter().zip(&hit).filter(|(_, hit)| !**hit).map(|(rule, _)| rule).collect();
    assert!(missed.is_empty(), "no refusal hits {missed:#?}");
}

fn first(operation: Operation, problem: &Problem) -> Option<usize> {
    DESCRIPTOR.facts.refusals.rules().iter().position(|rule| rule.applies(operation, problem))
}

#[test]
fn every_known_code_has_a_row_with_source_and_meaning() {
    for code in CODES.iter().flat_map(|(_, _, codes)| codes.iter()) {
        let rules = DESCRIPTOR.facts.refusals.rules();
        let is = |rule: &&Rule| rule.code.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(code));
        let rows: Vec<&Rule> = rules.iter().filter(is).collect();
        assert_eq!(rows.len(), 1, "{code}");
    }
    for rule in DESCRIPTOR.facts.refusals.rules() {
        assert!(!rule.source.is_empty() && !rule.meaning.is_empty(), "{rule:?}");
        assert!(rule.text.is_none(), "DocuSign rewords its messages: {rule:?}");
    }
    assert!(DESCRIPTOR.facts.refusals.rules().iter().any(|rule| rule.status == Some(444)));
}

#[tokio::test]
async fn limit_codes_are_recognised_in_any_case_and_under_both_statuses() {
    for status in [400, 429] {
        for code in ["BURST_APIINVOCATION_LIMIT_EXCEEDED", "burst_apiinvocation_envelope_limit_exceeded"] {
            let script = Script::new();
            script.json(status, &serde_json::json!({"errorCode": code, "message": "slow down"}));
            let error = common::list(&script).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::RateLimited);
            assert_eq!(error.retry(), Retry::After(Some(std::time::Duration::from_secs(30))));
        }
    }
}

/// The hourly budget is renewed at the top of the hour; the clock of these tests stands at 09:30.
#[tokio::test]
async fn an_hourly_limit_without_headers_is_waited_for_until_the_top_of_the_hour() {
    let error = common::list(&script(&["400 HOURLY_APIINVOCATION_LIMIT_EXCEEDED"])).await.unwrap_err();
    assert_eq!(error.retry(), Retry::After(Some(std::time::Duration::from_secs(1800))));
    let error = common::list(&script(&["hourly_apiinvocation_limit_exceeded_429"])).await.unwrap_err();
    assert_eq!(error.retry(), Retry::After(Some(std::time::Duration::from_secs(1800))));
}

#[tokio::test]
async fn a_resend_whose_gateway_failed_has_an_open_outcome() {
    let mut fixture = common::refusal("html_502");
    fixture.operation = Some("resend_recipient".to_owned());
    let error = play("html_502", &fixture).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never));
}

#[test]
fn accounts_are_used_as_written() {
    let url = BaseUrl::new("https://demo.docusign.net/restapi").unwrap();
    let account: Arc<dyn Provider> = Arc::new(Docusign::new(config().with_base_url(url)).unwrap());
    assert_eq!(account.descriptor().name, "docusign");
    assert_eq!(AccountId::new(common::ACCOUNT).unwrap().as_str(), common::ACCOUNT);
}

fn read(status: u16, body: &str) -> Problem {
    let mut headers = http::HeaderMap::new();
    headers.insert("X-DocuSign-TraceToken", "t-1".parse().unwrap());
    (DESCRIPTOR.read_problem)(status, &headers, &bytes::Bytes::copy_from_slice(body.as_bytes()))
}

#[test]
fn both_shapes_of_a_refusal_are_read() {
    for (body, code, message) in [
        (r#"{"errorCode":"X_Y","message":"text"}"#, "X_Y", "text"),
        (
            r#"{"error":"invalid_grant","error_description":"issuer_not_found"}"#,
            "invalid_grant/issuer_not_found",
            "issuer_not_found",
        ),
        // A description that is prose is a message and no code.
        (
            r#"{"error":"invalid_grant","error_description":"something else"}"#,
            "invalid_grant",
            "something else",
        ),
    ] {
        let problem = read(400, body);
        assert_eq!((problem.code.as_deref(), problem.message.as_deref()), (Some(code), Some(message)));
        assert_eq!(problem.request_id.as_deref(), Some("t-1"));
    }
    for body in ["", "<html>", "[1,2]", "\"text\"", "{\"errorCode\":[1]}", "{\"errorCode\":\"\"}", "null"] {
        let problem = read(502, body);
        assert_eq!((problem.code, problem.message), (None, None), "{body}");
    }
}
