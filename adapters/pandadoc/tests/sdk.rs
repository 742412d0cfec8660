//! Our requests, compared with those that the vendor's own client was recorded to send for the same work.
#![allow(clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

use std::sync::Arc;
use std::time::Duration;

use countersign_core::vendor::perform;
use countersign_core::{
    AccessCode, ChangeAccessCode, CreateView, EnvelopeId, ListRecipients, Operation, RecipientRef, ReturnUrl,
    SecretString,
};
use countersign_pandadoc::{Credentials, Pandadoc, PandadocConfig};
use countersign_testkit::{FakeClock, Script, Sent};
use serde_json::{Value, json};

const RECORDED: &str = include_str!("../../../fixtures/pandadoc/vectors/sdk_requests.json");
const DOCUMENT: &str = "BhVzRcxH9Z2LgfPPGXFUBa";

/// The one recipient of the recorded requests.
fn details() -> Value {
    json!({"id": DOCUMENT, "name": "Lease", "status": "document.sent", "recipients": [{
        "id": "tf5dGS3Tmu3cj228ao6fnc", "email": "anna+x@example.com", "first_name": "Anna", "last_name": "Ek",
        "recipient_type": "signer", "signing_order": null, "has_completed": false, "verification_settings": null,
        "type": "recipient",
    }]})
}

/// The last request of an operation.
async fn sent(operation: Operation) -> Sent {
    let config =
        PandadocConfig::new(Credentials::ApiKey(SecretString::from("KEY")), "com").expect("a region");
    let account = Pandadoc::new(config).expect("an account");
    let clock = Arc::new(FakeClock::at("2026-11-28T12:00:00Z"));
    let script = Script::new();
    script.json(200, &details());
    let cx = script.context(operation, &clock);
    let document = EnvelopeId::new(DOCUMENT).expect("an id");
    let anna: RecipientRef = "email:anna+x@example.com".parse().expect("a recipient");
    match operation {
        Operation::ListRecipients => {
            perform(&account, &cx, &ListRecipients::new(document)).await.expect("a list");
        }
        Operation::CreateView => {
            script.json(201, &json!({"id": "s1", "expires_at": "2026-11-28T12:15:00Z"}));
            let back = ReturnUrl::new("https://app.example.com/done").expect("a URL");
            let request = CreateView::new(document, anna, back).with_expires_in(Duration::from_secs(900));
            perform(&account, &cx, &request).await.expect("a link");
        }
        Operation::ChangeAccessCode => {
            script.raw(204, &[], "");
            let code = AccessCode::new("Simple1").expect("a code");
            perform(&account, &cx, &ChangeAccessCode::new(document, anna, code)).await.expect("a change");
        }
        other => panic!("the client has no call for {other}"),
    }
    script.finish().pop().expect("a request")
}

/// The names of the headers but for those that the transport adds.
fn names<'n>(all: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut names: Vec<_> =
        all.filter(|name| !["accept-encoding", "content-length", "user-agent"].contains(name)).collect();
    names.sort_unstable();
    names
}

/// The recorded body as far as we want the same. The client writes whole numbers as fractions; and a name in a change
/// would change the contact book, so we send none.
fn wanted(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("first_name");
        if let Some(life) = members.get_mut("lifetime") {
            *life = json!(life.as_f64().map(|life| life as u64));
        }
    }
    body
}

#[tokio::test]
async fn our_requests_are_those_of_the_vendors_own_client() {
    let recorded: Value = serde_json::from_str(RECORDED).expect("JSON");
    let rows = recorded["requests"].as_array().expect("requests");
    assert_eq!(rows.len(), 3);
    for row in rows {
        let operation = [Operation::ListRecipients, Operation::CreateView, Operation::ChangeAccessCode]
            .into_iter()
            .find(|operation| row["operation"] == operation.as_str())
            .expect("an operation");
        let ours = sent(operation).await;
        assert_eq!(ours.method, row["method"], "{operation}");
        let host = "https://api.pandadoc.com";
        assert_eq!(ours.url, format!("{host}{}", row["path"].as_str().expect("a path")), "{operation}");
        assert_eq!(ours.query, "");
        let theirs = row["headers"].as_array().expect("names").iter().filter_map(Value::as_str);
        assert_eq!(names(ours.headers.iter().map(|(name, _)| &**name)), names(theirs), "{operation}");
        let body = if ours.body.is_empty() { Value::Null } else { ours.json() };
        assert_eq!(body, wanted(&row["body"]), "{operation}");
    }
}
