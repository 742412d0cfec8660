//! Every form of refusal that is on file, and every row of the rules in its form, played through a real call.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use std::sync::Arc;

use common::{
    Says, answer, change, code, document, error_forms, folder, known, list, refusal, refused, resend,
    return_url, script, view,
};
use countersign_boldsign::DESCRIPTOR;
use countersign_core::{ChangeAccessCode, CreateView, Error, Operation, Provider, ResendRecipient, Retry};
use countersign_testkit::{Fixture, Script};

use Says::{Field, Nothing, Text, Word};

const STATUSES: &str = "developers.boldsign.com/troubleshooting/possible-errors-and-solution names the status; the text is a guess";
const NOT_YET: &str =
    "developers.boldsign.com/troubleshooting/integration-errors gives the causes; `Access denied` is a guess";
const SDK_TESTS: &str =
    "integration tests of boldsign-python-sdk, boldsign-java-sdk and boldsign-php-sdk on GitHub";
const OAUTH: &str = "RFC 6749, 5.2; that BoldSign keeps to it is a guess";

/// Refusals: operation, status, text, and on what they rest.
const ROWS: &[(Operation, u16, Says, &str)] = &[
    (
        Operation::ResendRecipient,
        402,
        Text("You do not have enough credits to perform this action."),
        STATUSES,
    ),
    (Operation::ChangeAccessCode, 417, Text("The request body has invalid data."), STATUSES),
    (
        Operation::CreateView,
        422,
        Text("SignerEmail or PhoneNumber with CountryCode is required."),
        "boldsign-java-sdk's tests demand one of them; status and text are guesses",
    ),
    (Operation::ChangeAccessCode, 500, Nothing, "a guess"),
    (Operation::ListRecipients, 403, Text("Access denied"), NOT_YET),
    (Operation::CreateView, 403, Text("Invalid Document ID"), NOT_YET),
    (Operation::CreateView, 403, Nothing, "a guess"),
    (
        Operation::ListRecipients,
        404,
        Text("Invalid Document ID"),
        "the SDKs' tests, on extendExpiry; assumed for other routes",
    ),
    (Operation::ListRecipients, 400, Field("documentId", "The documentId field is required."), SDK_TESTS),
    (Operation::ListRecipients, 400, Field("documentId", "Provide valid document id."), SDK_TESTS),
    (Operation::ChangeAccessCode, 400, Field("DocumentId", "The field DocumentId is invalid."), SDK_TESTS),
    (
        Operation::CreateView,
        400,
        Field("SignerEmail", "The SignerEmail field is not a valid e-mail address."),
        "the SDKs' tests; the text is a guess",
    ),
    (
        Operation::ResendRecipient,
        400,
        Field("receiverEmails", "The field receiverEmails is invalid."),
        SDK_TESTS,
    ),
    (
        Operation::ResendRecipient,
        400,
        Text("Manual reminders limit reached"),
        "a user's code on GitHub reports 400 for the limit; the text is a guess",
    ),
    (
        Operation::ResendRecipient,
        403,
        Text("Manual reminders limit reached"),
        "support.boldsign.com/kb/article/23064 gives the limit; status and gist of the text as users' code on GitHub reports them",
    ),
    (Operation::ResendRecipient, 403, Nothing, "a guess"),
    (Operation::SignIn, 400, Word("invalid_grant"), OAUTH),
    (Operation::SignIn, 400, Word("invalid_request"), OAUTH),
    (Operation::SignIn, 400, Word("invalid_scope"), OAUTH),
    (Operation::SignIn, 400, Word("unauthorized_client"), OAUTH),
    (Operation::SignIn, 400, Word("unsupported_grant_type"), OAUTH),
];

/// The rows of the table, each as a refusal.
fn rows() -> impl Iterator<Item = Fixture> {
    ROWS.iter().map(|(operation, status, says, source)| {
        let mut fixture = refused(*status, *says);
        (fixture.operation, fixture.source) = (Some(operation.as_str().to_owned()), (*source).to_owned());
        fixture
    })
}

/// Plays a refusal to a call on a known recipient. A 403 makes the adapter read the document, which is shown to it,
/// except where the refusal itself says that it is not.
async fn play(fixture: &Fixture) -> Error {
    let operation = operation(fixture);
    let played: Arc<Script> = script(std::slice::from_ref(fixture));
    if fixture.status == 403 && operation != Operation::ListRecipients {
        let not_shown = operation == Operation::CreateView;
        played.fixture(&if not_shown { fixture.clone() } else { answer("properties_in_order") });
    }
    let ben = known("properties_in_order", "ben@example.com#2").await;
    let error = match operation {
        Operation::SignIn => {
            let cx = played.context(operation, &common::clock());
            common::application().check_access(&cx).await.expect_err("a refusal")
        }
        Operation::ListRecipients => list(&played).await.expect_err("a refusal"),
        Operation::CreateView => {
            let request = CreateView::new(document(), ben, return_url());
            view(&played, &request).await.expect_err("a refusal")
        }
        Operation::ResendRecipient => {
            let request = ResendRecipient::new(document(), ben).allow_muted(true);
            resend(&played, &request).await.expect_err("a refusal")
        }
        _ => {
            let request = ChangeAccessCode::new(document(), ben, code());
            change(&played, &request).await.expect_err("a refusal")
        }
    };
    played.finish();
    error
}

fn operation(fixture: &Fixture) -> Operation {
    let word = fixture.operation.as_deref().expect("a refusal names its operation");
    *Operation::ALL.iter().find(|operation| operation.as_str() == word).expect("a known operation")
}

#[tokio::test]
async fn every_row_becomes_its_kind() {
    let mut table = String::new();
    for fixture in rows() {
        let error = play(&fixture).await;
        assert_eq!(error.status(), Some(fixture.status), "{error}");
        let (kind, outcome, retry) = (error.kind().as_str(), error.outcome(), error.retry());
        let said = error.problem().and_then(|problem| problem.message.as_deref()).unwrap_or("nothing");
        table += &format!("{kind}, {outcome:?}, {retry:?}: {error}\n  {}\n  said: {said}\n", error.hint());
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn every_refusal_becomes_its_kind() {
    for (name, fixture) in Fixture::load_all(&folder("refusals")) {
        let error = play(&fixture).await;
        assert_eq!(Some(error.kind().as_str()), fixture.kind.as_deref(), "{name}");
        assert_eq!(error.status(), Some(fixture.status), "{name}");
        insta::assert_snapshot!(format!("refusal_{name}"), error_forms(&error));
    }
}

#[test]
fn every_rule_is_hit() {
    let problems: Vec<_> = Fixture::load_all(&folder("refusals"))
        .into_iter()
        .map(|(_, fixture)| fixture)
        .chain(rows())
        .map(|fixture| {
            let body = fixture.bytes().into();
            let headers = http::HeaderMap::new();
            (operation(&fixture), (DESCRIPTOR.read_problem)(fixture.status, &headers, &body))
        })
        .collect();
    let rules = DESCRIPTOR.facts.refusals.rules();
    let mut hit = vec![false; rules.len()];
    for (operation, problem) in &problems {
        let first = rules.iter().position(|row| row.applies(*operation, problem));
        let found = DESCRIPTOR.facts.refusals.find(*operation, problem);
        assert_eq!(first.map(|row| &rules[row].meaning), found.map(|row| &row.meaning));
        first.into_iter().for_each(|row| hit[row] = true);
    }
    for (row, hit) in rules.iter().zip(hit) {
        assert!(hit, "no refusal hits {row:?}");
    }
}

/// The clock of the tests stands at 10:00. BoldSign's windows end at the full hour, which counts where no header tells.
#[tokio::test]
async fn the_time_to_wait_comes_from_the_headers_in_either_form() {
    let (period, none_left) = (("X-Rate-Limit-Limit", "1h"), ("X-Rate-Limit-Remaining", "0"));
    let cases: [(&[(&str, &str)], u64); 5] = [
        (&[("Retry-After", "90")], 90),
        (&[period, none_left, ("X-Rate-Limit-Reset", "2026-11-22T10:20:00.0000000Z")], 1200),
        (&[("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "1795343400")], 1800),
        (&[period, ("X-Rate-Limit-Reset", "2026-11-22T10:20:00.0000000Z")], 3600),
        (&[], 3600),
    ];
    for (headers, seconds) in cases {
        let mut fixture = refusal("any_429_plain_text");
        fixture.headers =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let wait = std::time::Duration::from_secs(seconds);
        assert_eq!(play(&fixture).await.retry(), Retry::After(Some(wait)), "{headers:?}");
    }
}
