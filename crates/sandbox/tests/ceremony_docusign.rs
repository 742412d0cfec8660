//! The signing ceremony at DocuSign: every way out, and what tabs and links do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use countersign_sandbox::{Act, IdentityCheck, NewEnvelope, NewRecipient, RecipientState, Role, Vendor};
use serde_json::json;
use support::browser::{Tab, ann_and_bob, ask_for_view, docusign_link, listen, make, told};
use support::{Client, frozen, mails};

const CODE: &[(&str, &str)] = &[("code", "1234")];
const NAME: &[(&str, &str)] = &[("name", "Ann Lee")];

/// A signer who has to pass more checks than a code.
fn alone(client: &Client, shape: impl Fn(NewRecipient) -> NewRecipient) -> String {
    let ann = shape(NewRecipient::new("Ann Lee", "ann@example.com").with_embedded("c-1"));
    make(client, NewEnvelope::new(Vendor::DOCUSIGN, "Contract").with_recipient(ann)).id
}

/// A tab on a fresh envelope of Ann's, past the code.
async fn reading(client: &Client) -> (String, Tab<'_>) {
    let id = ann_and_bob(client, Vendor::DOCUSIGN).id;
    let mut tab = Tab::open(client, &docusign_link(client, &id).await).await;
    tab.press("code", CODE).await;
    assert_eq!(tab.page(), "documents", "{}", tab.shown.text);
    (id, tab)
}

#[tokio::test]
async fn every_word_of_the_vendor_comes_back_on_the_return_url() {
    let client = Client::docusign(frozen()).await;
    let world = client.sandbox.world();
    for (action, fields, event) in [
        ("sign", NAME, "signing_complete"),
        ("later", NAME, "cancel"),
        ("decline", &[("reason", "too dear")][..], "decline"),
        ("timeout", &[], "session_timeout"),
        ("exception", &[], "exception"),
        ("fax", &[], "fax_pending"),
    ] {
        let (_, mut tab) = reading(&client).await;
        assert_eq!(tab.press(action, fields).await.event(), event);
        assert_eq!(tab.shown.status, 302);
    }
    let viewer = alone(&client, |ann| ann.with_role(Role::CertifiedDelivery));
    let mut tab = Tab::open(&client, &docusign_link(&client, &viewer).await).await;
    assert!(tab.says("Finish viewing") && !tab.says("Full name"));
    assert_eq!(tab.press("sign", &[]).await.event(), "viewing_complete");
    let checked = alone(&client, |ann| NewRecipient { identity_check: true, ..ann });
    let mut tab = Tab::open(&client, &docusign_link(&client, &checked).await).await;
    assert_eq!(tab.press("identity_fail", &[]).await.event(), "id_check_failed");
    let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    let mut tab = Tab::open(&client, &docusign_link(&client, &id).await).await;
    assert_eq!(tab.press("no_code", &[]).await.event(), "access_code_failed");
    let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    let late = docusign_link(&client, &id).await;
    world.advance(Duration::from_secs(5 * 60));
    assert_eq!(Tab::open(&client, &late).await.event(), "ttl_expired");
    let (_, mut tab) = reading(&client).await;
    world.advance(Duration::from_secs(20 * 60));
    assert_eq!(tab.press("sign", NAME).await.event(), "session_timeout", "nobody signs after the time-out");
    tab.reload().await;
    assert_eq!((tab.shown.status, tab.page()), (410, "over"));
}

#[tokio::test]
async fn three_wrong_codes_cost_three_attempts_and_not_one_more() {
    let client = Client::docusign(frozen()).await;
    let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    let mut tab = Tab::open(&client, &docusign_link(&client, &id).await).await;
    assert!(tab.says("You have 3 attempts.") && !tab.says("1234"));
    tab.press("code", &[("code", " ")]).await;
    assert_eq!(tab.shown.status, 422);
    assert!(
        tab.says("Enter the access code") && tab.says("href=\"#code\"") && tab.says("aria-invalid=\"true\"")
    );
    tab.press("code", &[("code", "x")]).await;
    for _ in 0..3 {
        assert!(tab.says("That code is wrong. You have 2 attempts left."), "{}", tab.shown.text);
        tab.reload().await;
    }
    tab.press("code", &[("code", "x")]).await;
    assert!(tab.says("You have 1 attempt left.") && tab.says("<title>Error: "));
    assert_eq!(tab.press("code", &[("code", "x")]).await.event(), "access_code_failed");
    let refused = ask_for_view(&client, &id, json!({})).await;
    assert_eq!(refused.json()["errorCode"], "ACTIVATION_FAILED");
    let resend = client.envelope(&format!("/{id}/recipients?resend_envelope=true"));
    client.call("PUT", &resend, Some(json!({"signers": [{"recipientId": "1"}]}))).await;
    let mut tab = Tab::open(&client, &docusign_link(&client, &id).await).await;
    assert!(tab.says("You have 3 attempts."));
    assert_eq!(tab.press("code", CODE).await.page(), "documents");
}

#[tokio::test]
async fn a_failed_identity_check_is_refused_until_the_request_is_resent() {
    let client = Client::docusign(frozen()).await;
    let world = client.sandbox.world();
    listen(&client, Vendor::DOCUSIGN);
    let id = alone(&client, |ann| NewRecipient { identity_check: true, ..ann.with_access_code("1234") });
    let mut tab = Tab::open(&client, &docusign_link(&client, &id).await).await;
    assert_eq!(tab.press("identity_pass", &[]).await.page(), "code", "the code comes first");
    tab.press("code", CODE).await;
    assert_eq!((tab.page(), tab.heading()), ("identity", "Confirm your identity"));
    assert_eq!(tab.press("sign", NAME).await.page(), "identity", "nobody signs past the check");
    let mut other = Tab::open(&client, &docusign_link(&client, &id).await).await;
    assert_eq!(tab.press("identity_fail", &[]).await.event(), "id_check_failed");
    assert_eq!(told(&client, &id), ["envelope-sent", "recipient-sent", "recipient-authenticationfailed"]);
    other.reload().await;
    assert_eq!((other.page(), other.heading()), ("locked", "Your identity was not confirmed"));
    let refused = ask_for_view(&client, &id, json!({})).await;
    assert_eq!(refused.json()["errorCode"], "RECIPIENT_HAS_FAILED_SECURITY_CHECK");
    let list = client.get(&client.envelope(&format!("/{id}/recipients"))).await.json();
    let status = &list["signers"][0]["recipientAuthenticationStatus"];
    assert_eq!(status["idQuestionsResult"]["status"], "Failed", "{list}");
    assert_eq!(status["accessCodeResult"]["status"], "Passed");
    assert_eq!(world.envelope(&id).unwrap().recipients[0].identity_check, IdentityCheck::Failed);
    client.call("PUT", &client.envelope(&format!("/{id}?resend_envelope=true")), Some(json!({}))).await;
    let mut tab = Tab::open(&client, &docusign_link(&client, &id).await).await;
    assert_eq!(tab.press("identity_pass", &[]).await.page(), "documents");
    assert_eq!(tab.press("sign", NAME).await.event(), "signing_complete");
}

#[tokio::test]
async fn a_link_opens_once_and_a_second_tab_is_told() {
    let client = Client::docusign(frozen()).await;
    let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    let link = docusign_link(&client, &id).await;
    let mut first = Tab::open(&client, &link).await;
    assert_eq!(Tab::open(&client, &link).await.event(), "ttl_expired");
    assert_eq!(first.press("code", CODE).await.page(), "documents", "the first tab goes on");
    let mut second = Tab::open(&client, &docusign_link(&client, &id).await).await;
    assert_eq!(first.press("sign", NAME).await.event(), "signing_complete");
    second.press("sign", &[("name", "Mallory")]).await;
    assert_eq!((second.shown.status, second.page()), (200, "done"));
    assert!(second.says("&#38;event=viewing_complete"), "{}", second.shown.text);
    let ann = &client.sandbox.world().envelope(&id).unwrap().recipients[0];
    assert_eq!((ann.name.as_str(), ann.state), ("Ann Lee", RecipientState::Completed));
    assert_eq!(mails(&client), ["request bob@example.com"], "Bob is asked once");
}

#[tokio::test]
async fn the_back_button_and_a_double_click_do_nothing_twice() {
    let client = Client::docusign(frozen()).await;
    let (_, mut tab) = reading(&client).await;
    tab.press("sign", NAME).await;
    assert_eq!(
        tab.press("sign", NAME).await.event(),
        "signing_complete",
        "a double click leads back as well"
    );
    tab.press("decline", &[("reason", "changed my mind")]).await;
    assert_eq!((tab.shown.status, tab.page()), (410, "over"));
    tab.reload().await;
    assert!(tab.says("You have signed.") && tab.says("event=signing_complete") && tab.away().is_empty());
    assert!(!tab.says("<form"), "nothing can be done there");
    let documents = client.raw("GET", &format!("{}/documents/1", tab.at), &[], Vec::new()).await;
    assert_eq!(documents.status, 410);
}

#[tokio::test]
async fn finishing_later_keeps_the_adopted_name_and_the_code() {
    let client = Client::docusign(frozen()).await;
    let (id, mut tab) = reading(&client).await;
    tab.press("sign", &[("name", " ")]).await;
    assert_eq!(tab.shown.status, 422);
    assert!(tab.says("Enter the name that you sign with") && tab.says("href=\"#name\""));
    tab.press("decline", &[("reason", "")]).await;
    assert!(tab.says("Enter why you decline") && tab.says("<details open>"));
    assert_eq!(tab.press("later", &[("name", "Ann B. Lee")]).await.event(), "cancel");
    let stale = ask_for_view(&client, &id, json!({})).await;
    assert_eq!(stale.json()["errorCode"], "UNKNOWN_ENVELOPE_RECIPIENT", "the old name is unknown now");
    let renamed = ask_for_view(&client, &id, json!({"userName": "Ann B. Lee"})).await;
    let tab = Tab::open(&client, renamed.json()["url"].as_str().unwrap()).await;
    assert_eq!(tab.page(), "documents", "the code is not asked for again");
    assert!(tab.says("value=\"Ann B. Lee\""));
}

#[tokio::test]
async fn whoever_cannot_sign_is_told_why() {
    let client = Client::docusign(frozen()).await;
    let world = client.sandbox.world();
    let (id, mut tab) = reading(&client).await;
    let void = json!({"status": "voided", "voidedReason": "Wrong <file>"});
    client.call("PUT", &client.envelope(&format!("/{id}")), Some(void)).await;
    tab.press("sign", NAME).await;
    assert_eq!((tab.shown.status, tab.page(), tab.heading()), (410, "closed", "These documents were voided"));
    assert!(tab.says("Wrong &#60;file&#62;") && tab.says("event=exception"));
    let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    world.act(&id, "1", Act::EnterCode { code: "1234".into() }).unwrap();
    world.act(&id, "1", Act::Sign { new_name: None }).unwrap();
    let mail = world.outbox().pop().unwrap().link.unwrap();
    let mut bob = Tab::open(&client, mail.expose()).await;
    let resend = client.envelope(&format!("/{id}/recipients?resend_envelope=true"));
    client.call("PUT", &resend, Some(json!({"signers": [{"recipientId": "2"}]}))).await;
    let dead = Tab::open(&client, mail.expose()).await;
    assert_eq!((dead.shown.status, dead.page(), dead.heading()), (410, "ended", "This link has expired"));
    bob.press("decline", &[("reason", "no")]).await;
    assert_eq!((bob.page(), bob.heading()), ("ended", "You have declined"), "a mailed link has no way back");
    let nowhere = Tab::open(&client, "/sign/none").await;
    assert_eq!((nowhere.shown.status, nowhere.page()), (404, "unknown"));
    assert_eq!(Tab::open(&client, "/session/none").await.page(), "unknown");
}

#[tokio::test]
async fn only_named_origins_may_frame_the_page() {
    let client = Client::docusign(frozen()).await;
    let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    let policy = |tab: &Tab<'_>| tab.shown.header("content-security-policy").to_owned();
    let anybody = Tab::framed(&client, &docusign_link(&client, &id).await).await;
    assert!(!policy(&anybody).contains("frame-ancestors"), "{}", policy(&anybody));
    let some = json!({"frameAncestors": ["https://app.example/", "https://apps-d.docusign.com"],
                      "messageOrigins": ["https://apps-d.docusign.com"]});
    let answer = ask_for_view(&client, &id, some).await;
    let mut tab = Tab::framed(&client, answer.json()["url"].as_str().unwrap()).await;
    let wanted = "; frame-ancestors https://app.example https://apps-d.docusign.com";
    assert!(policy(&tab).ends_with(wanted), "{}", policy(&tab));
    tab.press("code", CODE).await;
    assert!(policy(&tab).ends_with(wanted), "on every page of the visit");
    assert_eq!(
        tab.press("sign", NAME).await.event(),
        "signing_complete",
        "a frame is sent back like a window"
    );
    let older =
        ask_for_view(&client, &ann_and_bob(&client, Vendor::DOCUSIGN).id, json!({"xFrameOptions": "deny"}))
            .await;
    let tab = Tab::open(&client, older.json()["url"].as_str().unwrap()).await;
    assert_eq!(tab.shown.header("x-frame-options"), "DENY");
    let wrong = json!({"frameAncestors": ["https://a.example; script-src *"]});
    let refused = ask_for_view(&client, &ann_and_bob(&client, Vendor::DOCUSIGN).id, wrong).await;
    assert_eq!((refused.status, &refused.json()["errorCode"]), (400, &json!("INVALID_REQUEST_PARAMETER")));
}

#[tokio::test]
async fn documents_are_shown_to_those_who_may_read_them() {
    let client = Client::docusign(frozen()).await;
    // "Terms <one>", "%PDF-1.4" and "<script>".
    let body = json!({"emailSubject": "Lease", "emailBlurb": "Hello <you>", "status": "sent", "documents": [
        {"documentId": "1", "name": "Terms", "fileExtension": "txt", "documentBase64": "VGVybXMgPG9uZT4="},
        {"documentId": "2", "name": "Plan.pdf", "documentBase64": "JVBERi0xLjQ="},
        {"documentId": "3", "name": "Page", "fileExtension": "html", "documentBase64": "PHNjcmlwdD4="}],
        "recipients": {"signers": [{"recipientId": "1", "name": "Ann Lee", "email": "ann@example.com",
                                    "clientUserId": "c-1", "accessCode": "1234"}]}});
    let made = client.call("POST", &client.envelope(""), Some(body)).await.json();
    let id = made["envelopeId"].as_str().unwrap().to_owned();
    let mut tab = Tab::open(&client, &docusign_link(&client, &id).await).await;
    let file = async |at: &str, number: u32| {
        client.raw("GET", &format!("{at}/documents/{number}"), &[], Vec::new()).await
    };
    assert_ne!(file(&tab.at, 2).await.text, "%PDF-1.4", "not before the code");
    tab.press("code", CODE).await;
    assert!(tab.says("Terms &#60;one&#62;") && tab.says("Hello &#60;you&#62;") && tab.says("Plan.pdf"));
    let plan = file(&tab.at, 2).await;
    assert_eq!((plan.header("content-type"), plan.text.as_str()), ("application/pdf", "%PDF-1.4"));
    let page = file(&tab.at, 3).await;
    assert_eq!(page.header("content-disposition"), "attachment", "nothing of it runs here");
    assert_eq!(file(&tab.at, 4).await.status, 404);
    assert!(tab.shown.header("content-security-policy").contains("script-src 'self'"));
}

#[tokio::test]
async fn the_page_knocks_at_the_application_while_it_is_open() {
    let client = Client::docusign(frozen()).await;
    let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    let answer =
        ask_for_view(&client, &id, json!({"pingUrl": "https://app.example/here?x=1", "pingFrequency": "90"}))
            .await;
    let tab = Tab::open(&client, answer.json()["url"].as_str().unwrap()).await;
    assert!(
        tab.says("src=\"/assets/ping.js\" data-url=\"https://app.example/here?x=1\" data-seconds=\"90\""),
        "{}",
        tab.shown.text
    );
    let policy = tab.shown.header("content-security-policy");
    assert!(
        policy.contains("connect-src https://app.example;")
            || policy.ends_with("connect-src https://app.example"),
        "{policy}"
    );
    for odd in [
        json!({"pingUrl": "javascript:alert(1)"}),
        json!({"pingUrl": "https://a.example", "pingFrequency": "30"}),
    ] {
        assert_eq!(ask_for_view(&client, &id, odd).await.status, 400);
    }
    let plain = Tab::open(&client, &docusign_link(&client, &id).await).await;
    assert!(!plain.says("ping.js"));
}
