//! DocuSign: making envelopes, listing recipients, asking for a view.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use serde_json::{Value, json};
use support::{Client, frozen};

async fn two_signers(client: &Client) -> String {
    let body = json!({
        "emailSubject": "Contract",
        "status": "sent",
        "documents": [{"documentBase64": "QQ==", "name": "a.txt", "fileExtension": "txt", "documentId": "1"}],
        "recipients": {
            "signers": [
                {"recipientId": "1", "name": "Ann Lee", "email": "ann@example.com", "routingOrder": "1",
                 "clientUserId": "c-1", "accessCode": "1234"},
                {"recipientId": "2", "name": "Bob Ray", "email": "bob@example.com", "routingOrder": "2",
                 "clientUserId": "c-2", "roleName": "Buyer"},
            ],
            "carbonCopies": [
                {"recipientId": "3", "name": "Cy Orr", "email": "cy@example.com", "routingOrder": "2"},
            ],
        },
    });
    let answer = client.call("POST", &client.envelope(""), Some(body)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["envelopeId"].as_str().unwrap().to_owned()
}

fn view_of(name: &str, email: &str, client_id: &str) -> Value {
    json!({"userName": name, "email": email, "clientUserId": client_id,
           "authenticationMethod": "none", "returnUrl": "https://app.example/back?x=1"})
}

#[tokio::test]
async fn recipients_come_back_in_the_vendors_json() {
    let client = Client::docusign(frozen()).await;
    let id = two_signers(&client).await;
    let answer = client.get(&client.envelope(&format!("/{id}/recipients"))).await;
    assert_eq!(answer.header("x-ratelimit-limit"), "3000");
    assert_eq!(answer.header("x-ratelimit-remaining"), "2998");
    assert_eq!(answer.header("x-ratelimit-reset"), "1772604000");
    assert_eq!(answer.header("x-burstlimit-limit"), "200");
    assert!(!answer.header("x-docusign-tracetoken").is_empty());
    assert_eq!(answer.json()["signers"][0]["accessCode"], "1234", "the vendor returns codes in clear");
    insta::assert_json_snapshot!("two_signers", answer.shown(), {".**.accessCode" => "[code]"});
}

#[tokio::test]
async fn a_view_needs_the_recipient_as_the_envelope_has_them_now() {
    let client = Client::docusign(frozen()).await;
    let id = two_signers(&client).await;
    let path = client.envelope(&format!("/{id}/views/recipient"));
    let code = |body: Value| {
        let (client, path) = (&client, &path);
        async move {
            let answer = client.call("POST", path, Some(body)).await;
            (answer.status, answer.json()["errorCode"].as_str().unwrap_or_default().to_owned())
        }
    };
    let ann = view_of("Ann Lee", "ann@example.com", "c-1");
    assert_eq!(code(ann.clone()).await, (201, String::new()));
    let unknown = (400, "UNKNOWN_ENVELOPE_RECIPIENT".to_owned());
    assert_eq!(code(view_of("Ann lee", "ann@example.com", "c-1")).await, unknown);
    assert_eq!(code(view_of("Ann Lee", "ann@example.com", "c-9")).await, unknown);
    let not_yet = (400, "RECIPIENT_NOT_IN_SEQUENCE".to_owned());
    assert_eq!(code(view_of("Bob Ray", "bob@example.com", "c-2")).await, not_yet);
    let mut without = ann;
    without.as_object_mut().unwrap().remove("returnUrl");
    assert_eq!(code(without).await, (400, "INVALID_REQUEST_PARAMETER".to_owned()));
}
