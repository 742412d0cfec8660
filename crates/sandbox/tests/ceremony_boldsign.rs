//! The signing ceremony at BoldSign: messages to frames, the way back, and passing the signature on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use countersign_sandbox::{Act, EnvelopeStatus, NewEnvelope, NewRecipient, RecipientState, Role, Vendor};
use serde_json::json;
use support::browser::{Tab, ann_and_bob, boldsign_link, listen, make, told};
use support::{Client, frozen, mails};

const CODE: &[(&str, &str)] = &[("code", "1234")];
const NAME: &[(&str, &str)] = &[("name", "Ann Lee")];
const KIM: &[(&str, &str)] = &[("other_name", "Kim Oh"), ("other_email", "kim@example.com")];
const ANN: &str = "ann@example.com";

/// A tab on a fresh document of Ann's, past the code.
async fn reading<'a>(client: &'a Client, framed: bool, more: &str) -> (String, Tab<'a>) {
    let id = ann_and_bob(client, Vendor::BOLDSIGN).id;
    let link = boldsign_link(client, &id, ANN, more).await;
    let mut tab = if framed { Tab::framed(client, &link).await } else { Tab::open(client, &link).await };
    tab.press("code", CODE).await;
    assert_eq!(tab.page(), "documents", "{}", tab.shown.text);
    (id, tab)
}

#[tokio::test]
async fn a_frame_is_told_in_the_vendors_six_words() {
    let client = Client::boldsign(frozen()).await;
    for (action, fields, word, page) in [
        ("sign", NAME, "onDocumentSigned", "ended"),
        ("fail_sign", &[][..], "onDocumentSigningFailed", "failed"),
        ("decline", &[("reason", "too dear")][..], "onDocumentDeclined", "ended"),
        ("fail_decline", &[][..], "onDocumentDecliningFailed", "failed"),
        ("reassign", KIM, "onDocumentReassigned", "ended"),
        ("fail_reassign", &[][..], "onDocumentReassigningFailed", "failed"),
    ] {
        let (_, mut tab) = reading(&client, true, "").await;
        assert_eq!(tab.posts(), "", "nothing is said before it happens");
        tab.press(action, fields).await;
        assert_eq!((tab.posts(), tab.page()), (word, page), "{}", tab.shown.text);
        assert!(
            !tab.shown.header("content-security-policy").contains("frame-ancestors"),
            "anybody may frame it"
        );
    }
    let script = client.raw("GET", "/assets/frame.js", &[], Vec::new()).await;
    assert!(
        script.text.contains("window.parent.postMessage({ action }, \"*\")"),
        "the member is called action"
    );
    for (action, fields) in [("later", NAME), ("timeout", &[][..])] {
        let (_, mut tab) = reading(&client, true, "").await;
        assert_eq!(tab.press(action, fields).await.posts(), "", "the vendor has no word for it");
    }
}

#[tokio::test]
async fn what_really_fails_is_said_as_failing() {
    let client = Client::boldsign(frozen()).await;
    let (id, mut tab) = reading(&client, true, "").await;
    let revoke = format!("/v1/document/revoke?documentId={id}");
    client.call("POST", &revoke, Some(json!({"message": "mistake"}))).await;
    tab.press("sign", NAME).await;
    assert_eq!((tab.posts(), tab.page()), ("onDocumentSigningFailed", "closed"));
    tab.press("decline", &[("reason", "no")]).await;
    assert_eq!(tab.posts(), "onDocumentDecliningFailed");
    tab.press("reassign", KIM).await;
    assert_eq!(tab.posts(), "onDocumentReassigningFailed");
    tab.reload().await;
    assert_eq!(tab.posts(), "", "looking is no attempt");
}

#[tokio::test]
async fn the_way_back_names_the_document_and_no_outcome() {
    let client = Client::boldsign(frozen()).await;
    let plain = "&RedirectUrl=https%3A%2F%2Fapp.example%2Fdone";
    let (id, mut tab) = reading(&client, false, plain).await;
    tab.press("sign", NAME).await;
    assert_eq!(
        (tab.shown.status, tab.away()),
        (302, format!("https://app.example/done?documentId={id}").as_str())
    );
    let (id, mut tab) = reading(&client, false, "&RedirectUrl=https%3A%2F%2Fapp.example%2F%3Fa%3D1").await;
    tab.press("decline", &[("reason", "no")]).await;
    assert_eq!(tab.away(), format!("https://app.example/?a=1?documentId={id}"), "literally a second one");
    let (_, mut tab) = reading(&client, false, plain).await;
    tab.press("later", NAME).await;
    assert_eq!((tab.away(), tab.page(), tab.heading()), ("", "ended", "Nothing is signed yet"));
    let (id, mut tab) = reading(&client, true, plain).await;
    tab.press("sign", NAME).await;
    assert_eq!((tab.shown.status, tab.posts()), (200, "onDocumentSigned"), "a frame is told first");
    assert!(tab.says(&format!("data-next=\"https://app.example/done?documentId={id}\"")));
    assert!(tab.says("Back to the application"), "also without scripts");
}

#[tokio::test]
async fn a_signature_passed_on_is_asked_of_the_other_person() {
    let client = Client::boldsign(frozen()).await;
    let world = client.sandbox.world();
    listen(&client, Vendor::BOLDSIGN);
    let (id, mut tab) = reading(&client, false, "").await;
    tab.press("reassign", &[("other_name", ""), ("other_email", "ANN@example.com")]).await;
    assert_eq!(tab.shown.status, 422);
    assert!(tab.says("Enter the new signer’s name") && tab.says("This is your own address"));
    tab.press("reassign", KIM).await;
    assert_eq!((tab.page(), tab.heading()), ("ended", "Another signer was named"));
    assert_eq!(told(&client, &id), ["Sent", "Viewed", "Reassigned"]);
    tab.reload().await;
    assert_eq!(tab.page(), "over");
    let mut again = Tab::open(&client, world.outbox()[0].link.clone().unwrap().expose()).await;
    assert_eq!(again.press("sign", NAME).await.page(), "done", "the first signer is out");
    assert_eq!(mails(&client), ["request ann@example.com", "request kim@example.com"]);
    let list = client.get(&format!("/v1/document/properties?documentId={id}")).await.json();
    let row = |at: usize| {
        let row = &list["signerDetails"][at];
        (row["signerEmail"].clone(), row["isReassigned"].clone(), row["order"].clone())
    };
    assert_eq!(row(0), (json!(ANN), json!(true), json!(1)));
    assert_eq!(row(1), (json!("kim@example.com"), json!(false), json!(1)));
    let mut kim = Tab::open(&client, &boldsign_link(&client, &id, "kim@example.com", "").await).await;
    assert_eq!(kim.page(), "code", "the code is asked for anew");
    kim.press("code", CODE).await;
    kim.press("sign", &[("name", "Kim Oh")]).await;
    let now = world.envelope(&id).unwrap();
    let states: Vec<_> = now.recipients.iter().map(|r| (r.name.as_str(), r.state)).collect();
    assert_eq!(
        states,
        [
            ("Ann Lee", RecipientState::Reassigned),
            ("Kim Oh", RecipientState::Completed),
            ("Bob <b>Ray", RecipientState::InTurn)
        ]
    );
    world.act(&id, "bob@example.com", Act::Sign { new_name: None }).unwrap();
    assert_eq!(world.envelope(&id).unwrap().status, EnvelopeStatus::Completed);
    let docusign = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    let refused = world.act(
        &docusign,
        "1",
        Act::Reassign { new_name: "K".to_owned(), new_email: "k@x.example".to_owned() },
    );
    assert!(refused.is_err(), "played at one vendor only");
}

#[tokio::test]
async fn a_locked_signer_goes_on_with_the_same_link_and_a_new_code() {
    let client = Client::boldsign(frozen()).await;
    let id = ann_and_bob(&client, Vendor::BOLDSIGN).id;
    let link = boldsign_link(&client, &id, ANN, "&RedirectUrl=https%3A%2F%2Fapp.example%2Fdone").await;
    let mut tab = Tab::open(&client, &link).await;
    for _ in 0..3 {
        tab.press("code", &[("code", "x")]).await;
    }
    assert_eq!(
        (tab.shown.status, tab.page(), tab.away()),
        (403, "ended", ""),
        "the vendor keeps the browser"
    );
    assert!(tab.says("You are locked out") && tab.says("for a new access code"));
    let mut other = Tab::open(&client, &link).await;
    assert_eq!(other.page(), "locked");
    let target = format!("/v1/document/changeAccessCode?DocumentId={id}&EmailId={ANN}&ZOrder=1");
    client.call("PATCH", &target, Some(json!({"accessCode": "fresh"}))).await;
    other.reload().await;
    assert_eq!((other.page(), other.says("I never received")), ("code", false));
    assert_eq!(other.press("code", &[("code", "fresh")]).await.page(), "documents");
}

#[tokio::test]
async fn links_expire_by_the_worlds_clock_and_reviewers_finish_viewing() {
    let client = Client::boldsign(frozen()).await;
    let world = client.sandbox.world();
    let mut new = NewEnvelope::new(Vendor::BOLDSIGN, "Contract")
        .with_recipient(NewRecipient::new("Ann Lee", ANN).with_role(Role::Reviewer));
    new.document = Some("Only to be read.".to_owned());
    let id = make(&client, new).id;
    let link = boldsign_link(&client, &id, ANN, "&SignLinkValidTill=2026-03-05T05:06:07Z").await;
    let mut tab = Tab::framed(&client, &link).await;
    assert!(tab.says("Only to be read.") && tab.says("Finish viewing"));
    assert_eq!(tab.press("sign", &[]).await.posts(), "onDocumentSigned");
    assert_eq!(tab.heading(), "You have finished viewing");
    world.advance(Duration::from_secs(86_400));
    let late = Tab::open(&client, &link).await;
    assert_eq!((late.shown.status, late.heading()), (410, "This link has expired"));
}
