//! The console and the inbox: what they show, what they move, and who may move it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use std::collections::HashSet;

use countersign_sandbox::{NewEnvelope, NewRecipient, Phone, Vendor, WebhookState};
use serde_json::json;
use support::browser::{Tab, ann_and_bob, docusign_link, make};
use support::{Answer, Client, frozen};

async fn submit(client: &Client, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    client.raw("POST", path, &headers, body.into_bytes()).await
}

async fn text(client: &Client, path: &str) -> String {
    let answer = client.raw("GET", path, &[], Vec::new()).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.text
}

#[tokio::test]
async fn an_envelope_is_made_by_hand_signed_and_seen() {
    let client = Client::boldsign(frozen()).await;
    let world = client.sandbox.world();
    let empty = submit(&client, "/console/envelopes", &[("vendor", "boldsign"), ("order-1", "x")]).await;
    assert_eq!(empty.status, 422);
    for problem in ["#subject", "#name-1", "#email-1", "#order-1"] {
        assert!(empty.text.contains(&format!("href=\"{problem}\"")), "{problem}");
    }
    assert!(empty.text.contains("value=\"boldsign\" checked"), "what was chosen stays");
    let fields = [
        ("vendor", "boldsign"),
        ("subject", "Lease <1>"),
        ("message", "Hello"),
        ("document", "Pay rent."),
        ("ordered", "on"),
        ("mails", "on"),
        ("name-1", "Ann Lee"),
        ("email-1", "ann@example.com"),
        ("code-1", "77"),
        ("order-1", "1"),
        ("role-1", "signer"),
        ("name-2", "Bob Ray"),
        ("email-2", "bob@example.com"),
        ("order-2", "2"),
        ("role-2", "reviewer"),
        ("order-3", "3"),
    ];
    let made = submit(&client, "/console/envelopes", &fields).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let page = made.header("location").to_owned();
    let shown = text(&client, &page).await;
    assert!(
        shown.contains("Lease &#60;1&#62;") && shown.contains("access code not entered yet, 3 attempts left")
    );
    assert!(!shown.contains(">77<") && !shown.contains("\"77\""), "codes are not shown");
    let opened = submit(&client, &format!("{page}/recipients/1/link"), &[]).await;
    let mut tab = Tab::open(&client, opened.header("location")).await;
    tab.press("code", &[("code", "77")]).await;
    assert!(tab.says("Pay rent.") && tab.says("Hello"));
    tab.press("sign", &[("name", "Ann Lee")]).await;
    assert_eq!((tab.page(), tab.shown.status), ("returned", 200));
    assert!(tab.says("?documentId="), "{}", tab.shown.text);
    let shown = text(&client, &page).await;
    for seen in
        ["signed within the application", "Please sign: Lease", "/inbox/bob%40example%2Ecom", "open it"]
    {
        assert!(shown.contains(seen), "{seen} in {shown}");
    }
    assert_eq!(submit(&client, &format!("{page}/void"), &[("reason", "moved out")]).await.status, 303);
    assert!(text(&client, &page).await.contains("moved out"));
    assert_eq!(world.envelopes()[0].close_reason.as_deref(), Some("moved out"));
    let missing = submit(&client, "/console/envelopes/none/void", &[]).await;
    assert_eq!(missing.status, 404);
    let docusign = [
        ("vendor", "docusign"),
        ("subject", "Loan"),
        ("name-1", "Ann"),
        ("email-1", "ann@example.com"),
        ("order-1", "1"),
        ("embedded-1", "on"),
        ("identity-1", "on"),
    ];
    submit(&client, "/console/envelopes", &docusign).await;
    let made = world.envelopes().pop().unwrap();
    assert!(made.emails_disabled && made.recipients[0].embedded.is_some());
    let opened = submit(&client, &format!("/console/envelopes/{}/recipients/1/link", made.id), &[]).await;
    let mut tab = Tab::open(&client, opened.header("location")).await;
    tab.press("identity_fail", &[]).await;
    assert!(tab.says("<strong id=\"event\">id_check_failed</strong>"), "{}", tab.shown.text);
}

#[tokio::test]
async fn a_locked_signer_is_let_in_again_by_hand() {
    let client = Client::docusign(frozen()).await;
    let world = client.sandbox.world();
    for vendor in [Vendor::DOCUSIGN, Vendor::BOLDSIGN] {
        let id = ann_and_bob(&client, vendor).id;
        let page = format!("/console/envelopes/{id}");
        let opened = submit(&client, &format!("{page}/recipients/1/link"), &[]).await;
        let mut tab = Tab::open(&client, opened.header("location")).await;
        for _ in 0..3 {
            tab.press("code", &[("code", "x")]).await;
        }
        assert!(text(&client, &page).await.contains("locked after wrong access codes"));
        let fresh = [("code", "fresh")];
        assert_eq!(submit(&client, &format!("{page}/recipients/1/code"), &fresh).await.status, 303);
        assert_eq!(submit(&client, &format!("{page}/recipients/1/again"), &[]).await.status, 303);
        let ann = &world.envelope(&id).unwrap().recipients[0];
        assert_eq!((ann.locked, ann.attempts_left), (false, Some(3)), "{vendor:?}");
        if vendor == Vendor::BOLDSIGN {
            let refused = submit(&client, &format!("{page}/recipients/1/again"), &[]).await;
            assert_eq!(refused.status, 409);
            assert!(
                refused.text.contains("the manual reminders of this day are used up."),
                "{}",
                refused.text
            );
            check_page("a refused reminder", &refused.text);
        }
        submit(&client, &format!("{page}/void"), &[]).await;
        let late = submit(&client, &format!("{page}/recipients/1/code"), &fresh).await;
        assert!(late.status == 409 && late.text.contains("the envelope has ended."));
        assert!(
            !text(&client, &page).await.contains("Set another access code"),
            "nothing is offered any more"
        );
    }
    assert_eq!(submit(&client, "/console/envelopes/none/recipients/1/code", &[]).await.status, 404);
}

#[tokio::test]
async fn clock_and_faults_are_moved_by_the_consoles_own_pages_only() {
    let client = Client::docusign(frozen()).await;
    let world = client.sandbox.world();
    submit(&client, "/console/clock", &[("minutes", "5")]).await;
    assert_eq!(world.now().to_string(), "2026-03-04T05:11:07.089Z");
    for odd in ["", "-5", "soon", "99999999999999999999"] {
        assert_eq!(submit(&client, "/console/clock", &[("minutes", odd)]).await.status, 303);
    }
    assert_eq!(world.now().to_string(), "2026-03-04T05:11:07.089Z");
    let fault = [("kind", "502"), ("method", "PUT"), ("path", "/recipients"), ("times", "2")];
    submit(&client, "/console/faults", &fault).await;
    assert_eq!(world.faults()[0].times, 2);
    let shown = text(&client, "/console/faults").await;
    assert!(
        shown.contains("The next 2 calls, PUT with “/recipients” in the path: the answer is 502."),
        "{shown}"
    );
    let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    let put = client.envelope(&format!("/{id}/recipients"));
    assert_eq!(client.call("PUT", &put, Some(json!({"signers": []}))).await.status, 502);
    assert!(text(&client, "/console/calls").await.contains("502"));
    submit(&client, "/console/faults", &[("kind", "500"), ("times", "9")]).await;
    assert_eq!(text(&client, "/console").await.matches("2 faults").count(), 1, "faults spare the console");
    let foreign = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "cross-site")];
    for (path, body) in
        [("/console/clock", "minutes=5"), ("/console/faults/clear", ""), ("/console/envelopes", "")]
    {
        let refused = client.raw("POST", path, &foreign, body.into()).await;
        assert_eq!(refused.status, 403, "{path}");
        let older = [foreign[0], ("origin", "https://evil.example")];
        assert_eq!(client.raw("POST", path, &older, body.into()).await.status, 403, "{path}");
    }
    assert_eq!(world.faults().len(), 2);
    submit(&client, "/console/faults/clear", &[]).await;
    assert!(world.faults().is_empty());
}

#[tokio::test]
async fn webhooks_are_steered_and_seen() {
    let client = Client::docusign(frozen()).await;
    let webhooks = client.sandbox.world().webhooks();
    let away = [("vendor", "docusign"), ("url", "http://example.com/"), ("secret", "k")];
    let refused = submit(&client, "/console/webhooks/target", &away).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("href=\"#url\"") && refused.text.contains("value=\"http://example.com/\""));
    let here = [("vendor", "docusign"), ("url", "http://127.0.0.1:9/hooks"), ("secret", "k")];
    submit(&client, "/console/webhooks/flow", &[("flow", "hold")]).await;
    assert_eq!(submit(&client, "/console/webhooks/target", &here).await.status, 303);
    submit(
        &client,
        "/console/webhooks/faults",
        &[("kind", "lose"), ("vendor", "docusign"), ("event", "envelope-sent")],
    )
    .await;
    let shown = text(&client, "/console/webhooks").await;
    assert!(
        shown.contains("held back")
            && shown.contains("The next 1 webhook of DocuSign, envelope-sent: never comes.")
    );
    ann_and_bob(&client, Vendor::DOCUSIGN);
    let log = webhooks.log();
    assert_eq!(log[0].state, WebhookState::Lost);
    let shown = text(&client, "/console/webhooks").await;
    assert!(shown.contains("1. envelope-sent") && shown.contains(">lost<"), "{shown}");
    let waits = log.iter().find(|one| one.state == WebhookState::Waiting).unwrap().id;
    submit(&client, &format!("/console/webhooks/{waits}/deliver"), &[]).await;
    assert_eq!(webhooks.log().iter().find(|one| one.id == waits).unwrap().attempts.len(), 1);
    submit(&client, "/console/webhooks/stop", &[("vendor", "docusign")]).await;
    assert!(webhooks.target(Vendor::DOCUSIGN).is_none());
}

#[tokio::test]
async fn everybody_finds_their_own_mail() {
    let client = Client::boldsign(frozen()).await;
    let phone = Phone { country_code: "+49".to_owned(), number: "17012345".to_owned() };
    let mut new = NewEnvelope::new(Vendor::BOLDSIGN, "Lease")
        .with_recipient(NewRecipient::new("Ann", "Ann+1@Example.com"))
        .with_recipient(NewRecipient::new("Zoë", "ZOË@Example.com"))
        .with_recipient(NewRecipient { phone: Some(phone), ..NewRecipient::new("Pat", "") });
    (new.message, new.signing_order) = ("Please <read>".to_owned(), false);
    make(&client, new);
    let people = text(&client, "/inbox").await;
    assert!(
        people.contains("ann+1@example.com")
            && people.contains("+4917012345")
            && people.contains("1 message")
    );
    let mine = text(&client, "/inbox/ann%2B1%40example%2Ecom").await;
    assert!(mine.contains("Please sign: Lease") && mine.contains("Please &#60;read&#62;"), "{mine}");
    assert!(mine.contains("Sandbox Sender via BoldSign &#60;sender@sandbox.example&#62;"));
    assert!(!mine.contains("17012345"), "only her own");
    assert!(text(&client, "/inbox/%2B4917012345").await.contains("(text message)"));
    assert!(text(&client, "/inbox/zo%C3%AB%40example%2Ecom").await.contains("Please sign: Lease"));
    assert!(text(&client, "/inbox/nobody").await.contains("There are no messages"));
    let older = client.raw("GET", "/outbox", &[], Vec::new()).await;
    assert_eq!((older.status, older.header("location")), (303, "/inbox"));
}

/// What can be seen of a page's accessibility without a browser.
fn check_page(name: &str, html: &str) {
    assert!(html.starts_with("<!doctype html>") && html.contains("<html lang=\"en\">"), "{name}");
    assert_eq!(html.matches("<h1").count(), 1, "{name}: one heading of the first rank");
    assert_eq!(html.matches("<main id=\"main\"").count(), 1, "{name}");
    assert!(!html.contains("<title></title>") && html.contains("<title>"), "{name}");
    assert!(!html.contains("style=\"") && !html.contains("<script>"), "{name}: the policy forbids it");
    let values = |attribute: &str| -> Vec<&str> {
        let start = format!(" {attribute}=\"");
        html.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    };
    let ids: HashSet<&str> = values("id").into_iter().collect();
    assert_eq!(ids.len(), values("id").len(), "{name}: ids stand once: {:?}", values("id"));
    for attribute in ["for", "aria-labelledby", "aria-describedby"] {
        for id in values(attribute).iter().flat_map(|ids| ids.split(' ')) {
            assert!(ids.contains(id), "{name}: {attribute} names {id}");
        }
    }
    let labelled: HashSet<&str> = values("for").into_iter().collect();
    for tag in ["<input ", "<select ", "<textarea "] {
        for field in html.split(tag).skip(1).filter_map(|rest| rest.split('>').next()) {
            let ticked = field.contains("type=\"checkbox\"") || field.contains("type=\"radio\"");
            let id = field.split("id=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("");
            assert!(ticked || labelled.contains(id), "{name}: {field} has a label");
        }
    }
}

#[tokio::test]
async fn every_page_has_a_heading_landmarks_and_labels() {
    let client = Client::docusign(frozen()).await;
    let world = client.sandbox.world();
    let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    let checked = NewRecipient::new("Ann Lee", "ann@example.com").with_embedded("c-1");
    let checked = NewRecipient { identity_check: true, ..checked };
    let checked = make(&client, NewEnvelope::new(Vendor::DOCUSIGN, "Checked").with_recipient(checked)).id;
    let bold = ann_and_bob(&client, Vendor::BOLDSIGN).id;
    for path in [
        "/console",
        "/console/envelopes/new",
        "/console/calls",
        "/console/webhooks",
        "/console/faults",
        "/console/rules",
        "/console/returned?event=cancel",
        "/console/envelopes/none",
        "/inbox",
        "/inbox/ann%40example.com",
        "/sign/none",
        &format!("/console/envelopes/{id}"),
    ] {
        let answer = client.raw("GET", path, &[], Vec::new()).await;
        check_page(path, &answer.text);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    let mut tab = Tab::open(&client, &docusign_link(&client, &id).await).await;
    check_page("code", &tab.shown.text);
    check_page("wrong code", &tab.press("code", &[("code", "x")]).await.shown.text);
    check_page("documents", &tab.press("code", &[("code", "1234")]).await.shown.text);
    check_page("no reason", &tab.press("decline", &[]).await.shown.text);
    check_page("identity", &Tab::open(&client, &docusign_link(&client, &checked).await).await.shown.text);
    let mail = world.outbox().into_iter().find(|mail| mail.envelope == bold).unwrap().link.unwrap();
    let mut tab = Tab::open(&client, mail.expose()).await;
    tab.press("code", &[("code", "1234")]).await;
    check_page("documents with somebody else", &tab.press("reassign", &[]).await.shown.text);
    check_page("failed", &tab.press("fail_sign", &[]).await.shown.text);
    check_page("signed", &tab.press("sign", &[("name", "A")]).await.shown.text);
    tab.reload().await;
    check_page("over", &tab.shown.text);
    let new = submit(&client, "/console/envelopes", &[]).await;
    check_page("new, with problems", &new.text);
}
