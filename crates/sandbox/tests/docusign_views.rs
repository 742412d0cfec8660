//! DocuSign: making envelopes, listing recipients, asking for a view.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use serde_json::{Value, json};
use support::{Client, frozen, hiding};

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
    let shown = hiding(answer.shown(), &[("/body/signers/0/accessCode", "[code]")]);
    insta::assert_json_snapshot!("two_signers", shown);
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

#[tokio::test]
async fn envelopes_are_read_one_by_one_with_recipients_and_in_a_list() {
    let client = Client::docusign(frozen()).await;
    let id = two_signers(&client).await;
    let one = client.get(&client.envelope(&format!("/{id}?include=recipients"))).await;
    assert_eq!(one.json()["recipients"]["signers"][1]["name"], "Bob Ray");
    insta::assert_json_snapshot!("envelope", hiding(one.shown(), &[("/body/recipients", "[as above]")]));
    let list = client.get(&client.envelope("?from_date=2026-01-01")).await.json();
    assert_eq!((&list["resultSetSize"], &list["envelopes"][0]["envelopeId"]), (&json!("1"), &json!(id)));
}

#[tokio::test]
async fn a_draft_reaches_nobody_until_it_is_sent() {
    let client = Client::docusign(frozen()).await;
    let draft = json!({"emailSubject": "Later", "recipients": {"signers": [
        {"recipientId": "1", "name": "Ann Lee", "email": "ann@example.com"}]}});
    let made = client.call("POST", &client.envelope(""), Some(draft)).await.json();
    assert_eq!(made["status"], "created");
    let path = client.envelope(&format!("/{}", made["envelopeId"].as_str().unwrap()));
    assert_eq!(support::mails(&client), Vec::<String>::new());
    assert_eq!(client.call("PUT", &path, Some(json!({"status": "sent"}))).await.status, 200);
    assert_eq!(support::mails(&client), ["request ann@example.com"]);
}

#[tokio::test]
async fn a_long_return_url_is_cut_without_a_word() {
    let client = Client::docusign(frozen()).await;
    let id = two_signers(&client).await;
    let mut view = view_of("Ann Lee", "ann@example.com", "c-1");
    view["returnUrl"] = json!(format!("https://app.example/{}", "x".repeat(500)));
    let path = client.envelope(&format!("/{id}/views/recipient"));
    let url = client.call("POST", &path, Some(view)).await.json()["url"].as_str().unwrap().to_owned();
    let world = client.sandbox.world();
    let open = || countersign_sandbox::Act::OpenLink { url: url.as_str().into() };
    world.act(&id, "1", open()).unwrap();
    let back = world.act(&id, "1", open()).unwrap().redirect.unwrap();
    assert_eq!(back.strip_suffix("?event=ttl_expired").map(str::len), Some(470));
}
