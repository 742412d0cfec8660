//! DocuSign: codes, lock-outs, corrections, resends, and who is mailed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use countersign_sandbox::{Act, ActOutcome, NewEnvelope, NewRecipient, Reason, Role, Vendor};
use serde_json::{Value, json};
use support::{Client, frozen, mails};

fn ann() -> NewRecipient {
    NewRecipient::new("Ann Lee", "ann@example.com").with_access_code("Right-1")
}

fn bob() -> NewRecipient {
    NewRecipient::new("Bob Ray", "bob@example.com").with_order(2)
}

fn code(code: &str) -> Act {
    Act::EnterCode { code: code.into() }
}

fn make(client: &Client, recipients: &[NewRecipient]) -> String {
    let envelope = recipients
        .iter()
        .fold(NewEnvelope::new(Vendor::DOCUSIGN, "Contract"), |env, r| env.with_recipient(r.clone()));
    client.sandbox.world().make_envelope(envelope).unwrap().id
}

async fn put(client: &Client, id: &str, query: &str, body: Value) -> support::Answer {
    client.call("PUT", &client.envelope(&format!("/{id}/recipients{query}")), Some(body)).await
}

async fn lock_ann(client: &Client, id: &str) {
    let world = client.sandbox.world();
    assert_eq!(world.act(id, "1", code("a")).unwrap().outcome, ActOutcome::CodeWrong);
    assert_eq!(world.act(id, "1", code("b")).unwrap().outcome, ActOutcome::CodeWrong);
    assert_eq!(world.act(id, "1", code("c")).unwrap().outcome, ActOutcome::Locked);
}

async fn listed(client: &Client, id: &str) -> Value {
    client.get(&client.envelope(&format!("/{id}/recipients"))).await.json()
}

#[tokio::test]
async fn three_wrong_codes_lock_and_leave_the_status_sent() {
    let client = Client::docusign(frozen()).await;
    let id = make(&client, &[ann().with_embedded("c-1")]);
    lock_ann(&client, &id).await;
    let signer = listed(&client, &id).await["signers"][0].clone();
    assert_eq!(signer["status"], "sent");
    assert_eq!(
        signer["recipientAuthenticationStatus"]["accessCodeResult"],
        json!({"status": "Failed", "eventTimestamp": "2026-03-04T05:06:07.0890000Z"})
    );
    let view = json!({"userName": "Ann Lee", "email": "ann@example.com", "clientUserId": "c-1",
                      "authenticationMethod": "None", "returnUrl": "https://app.example"});
    let answer = client.call("POST", &client.envelope(&format!("/{id}/views/recipient")), Some(view)).await;
    insta::assert_json_snapshot!(answer.shown(), @r#"
    {
      "body": {
        "errorCode": "ACTIVATION_FAILED",
        "message": "A token for a recipient that has failed activation cannot be generated."
      },
      "status": 400
    }
    "#);
    let refused = client.sandbox.world().act(&id, "1", code("Right-1")).unwrap_err();
    assert_eq!(refused.reason, Reason::Locked, "not even the right code helps now");
}

#[tokio::test]
async fn a_new_code_alone_leaves_the_lock_and_a_resend_opens_it() {
    let client = Client::docusign(frozen()).await;
    let id = make(&client, &[ann().with_embedded("c-1")]);
    let world = client.sandbox.world();
    lock_ann(&client, &id).await;
    let change = json!({"signers": [{"recipientId": "1", "name": "Ann Lee", "accessCode": "New-2"}]});
    assert_eq!(put(&client, &id, "", change.clone()).await.status, 200);
    assert!(world.envelope(&id).unwrap().recipients[0].locked);
    assert_eq!(put(&client, &id, "?resend_envelope=true", change).await.status, 200);
    let ann = &world.envelope(&id).unwrap().recipients[0];
    assert_eq!((ann.locked, ann.attempts_left), (false, Some(3)));
    assert_eq!(listed(&client, &id).await["signers"][0].get("recipientAuthenticationStatus"), None);
    assert_eq!(world.act(&id, "1", code("NEW-2")).unwrap().outcome, ActOutcome::CodeAccepted);
    assert_eq!(mails(&client), Vec::<String>::new(), "embedded recipients are not mailed");
}

#[tokio::test]
async fn each_result_of_an_update_says_what_became_of_that_recipient() {
    let client = Client::docusign(frozen()).await;
    let id = make(&client, &[NewRecipient::new("Ann Lee", "ann@example.com"), bob()]);
    client.sandbox.world().act(&id, "1", Act::Sign { new_name: None }).unwrap();
    let body = json!({
        "signers": [{"recipientId": "1", "name": "Ann Lee"}, {"recipientId": "2", "name": "Bob Ray"},
                    {"recipientId": "9"}],
        "agents": [{"recipientId": "2"}],
    });
    let resent = put(&client, &id, "?resend_envelope=true", body.clone()).await;
    insta::assert_json_snapshot!("resend_results", resent.shown());
    let plain = put(&client, &id, "", body).await.json();
    assert_eq!(plain["recipientUpdateResults"][1].get("errorDetails"), None, "no resend, no SUCCESS");
}

#[tokio::test]
async fn mails_go_to_whom_it_concerns() {
    let client = Client::docusign(frozen()).await;
    let cy = NewRecipient::new("Cy Orr", "cy@example.com").with_order(2).with_role(Role::CarbonCopy);
    let id = make(&client, &[NewRecipient::new("Ann Lee", "ann@example.com"), bob(), cy]);
    let world = client.sandbox.world();
    assert_eq!(mails(&client), ["request ann@example.com"]);
    put(&client, &id, "?resend_envelope=true", json!({"signers": [{"recipientId": "2"}]})).await;
    assert_eq!(mails(&client).len(), 1, "it is not Bob's turn");
    let everyone = client.envelope(&format!("/{id}?resend_envelope=true"));
    assert_eq!(client.call("PUT", &everyone, Some(json!({}))).await.status, 200);
    world.act(&id, "1", Act::Sign { new_name: None }).unwrap();
    assert_eq!(
        mails(&client),
        [
            "request ann@example.com",
            "resend ann@example.com",
            "request bob@example.com",
            "copy cy@example.com"
        ]
    );
    world.clear_outbox();
    put(&client, &id, "?resend_envelope=true", json!({"signers": [{"recipientId": "1"}]})).await;
    put(&client, &id, "", json!({"signers": [{"recipientId": "2", "name": "Bob Ray"}]})).await;
    assert_eq!(mails(&client), Vec::<String>::new(), "neither who is done, nor without being asked to");
    let same = json!({"signers": [{"recipientId": "2", "email": "bob@example.com"}]});
    put(&client, &id, "", same.clone()).await;
    put(&client, &id, "?resend_envelope=true", same).await;
    assert_eq!(mails(&client), ["correction bob@example.com", "resend bob@example.com"]);
    let moved = json!({"signers": [{"recipientId": "2", "email": "new@example.com"}]});
    put(&client, &id, "?resend_envelope=true", moved).await;
    assert_eq!(mails(&client)[2], "resend bob@example.com", "the old address, as users have seen");
    put(&client, &id, "?resend_envelope=true", json!({"signers": [{"recipientId": "2"}]})).await;
    assert_eq!(mails(&client)[3], "resend new@example.com");
}

#[tokio::test]
async fn a_closed_envelope_takes_no_change() {
    let client = Client::docusign(frozen()).await;
    let id = make(&client, &[bob()]);
    let path = client.envelope(&format!("/{id}"));
    let void = json!({"status": "voided", "voidedReason": "no longer needed"});
    let voided = client.call("PUT", &path, Some(void.clone())).await;
    assert_eq!((voided.status, voided.json()), (200, json!({"envelopeId": id})));
    let shown = client.get(&path).await.json();
    assert_eq!((&shown["status"], &shown["voidedReason"]), (&json!("voided"), &json!("no longer needed")));
    let codes = [
        client.call("PUT", &path, Some(void)).await.json(),
        put(&client, &id, "?resend_envelope=true", json!({"signers": []})).await.json(),
        client.call("PUT", &format!("{path}?resend_envelope=true"), Some(json!({}))).await.json(),
    ];
    let codes: Vec<&Value> = codes.iter().map(|body| &body["errorCode"]).collect();
    assert_eq!(
        codes,
        ["ENVELOPE_CANNOT_VOID_INVALID_STATE", "ENVELOPE_INVALID_STATUS", "ENVELOPE_INVALID_STATUS"]
    );
}

#[tokio::test]
async fn a_name_adopted_while_signing_is_the_envelopes_name() {
    let client = Client::docusign(frozen()).await;
    let id = make(&client, &[NewRecipient::new("Ann Lee", "ann@example.com").with_embedded("c-1")]);
    let later = Act::FinishLater { new_name: Some("Annabel Lee".into()) };
    client.sandbox.world().act(&id, "1", later).unwrap();
    let signer = listed(&client, &id).await["signers"][0].clone();
    assert_eq!((&signer["name"], &signer["status"]), (&json!("Annabel Lee"), &json!("delivered")));
    let view = json!({"userName": "Ann Lee", "email": "ann@example.com", "clientUserId": "c-1",
                      "authenticationMethod": "None", "returnUrl": "https://app.example"});
    let answer = client.call("POST", &client.envelope(&format!("/{id}/views/recipient")), Some(view)).await;
    assert_eq!(answer.json()["errorCode"], "UNKNOWN_ENVELOPE_RECIPIENT");
}

#[tokio::test]
async fn links_open_once_and_for_five_minutes() {
    let client = Client::docusign(frozen()).await;
    let id = make(&client, &[NewRecipient::new("Ann Lee", "ann@example.com").with_embedded("c-1")]);
    let world = client.sandbox.world();
    let view = json!({"userName": "Ann Lee", "email": "ann@example.com", "clientUserId": "c-1",
                      "authenticationMethod": "None", "returnUrl": "https://app.example/?a=1"});
    let path = client.envelope(&format!("/{id}/views/recipient"));
    let url = client.call("POST", &path, Some(view.clone())).await.json()["url"].as_str().unwrap().to_owned();
    let open = Act::OpenLink { url: url.as_str().into() };
    assert_eq!(world.act(&id, "1", open.clone()).unwrap().outcome, ActOutcome::Done);
    let again = world.act(&id, "1", open).unwrap();
    assert_eq!(again.outcome, ActOutcome::LinkUsedUp);
    assert_eq!(again.redirect.as_deref(), Some("https://app.example/?a=1&event=ttl_expired"));
    let url = client.call("POST", &path, Some(view)).await.json()["url"].as_str().unwrap().to_owned();
    world.advance(Duration::from_secs(300));
    let late = world.act(&id, "1", Act::OpenLink { url: url.into() }).unwrap();
    assert_eq!(late.outcome, ActOutcome::LinkUsedUp);
}
