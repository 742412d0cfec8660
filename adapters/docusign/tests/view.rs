//! Links under which embedded recipients sign.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use std::time::Duration;

use common::{
    account, context, envelope, known, named, script, sent, shown, signer, view, view_of, with_signers,
};
use countersign_core::vendor::perform;
use countersign_core::{
    AuthenticationMethod, CreateView, EnvelopeId, ErrorKind, Operation, Origin, Outcome, Ping, ReturnUrl,
    WebUrl,
};
use countersign_testkit::{Fixture, Script};

#[tokio::test]
async fn a_view_is_asked_for_with_the_envelopes_present_values() {
    let script = script(&["two_signers", "view"]);
    let view = view(&script, &view_of(named("email:jon@example.com"))).await.unwrap();
    assert!(view.link.expose().starts_with("https://demo.docusign.net/Signing/"));
    assert_eq!(view.expires_at, Some("2026-01-01T09:35:00Z".parse().unwrap()));
    assert_eq!(view.single_use, Some(true));
    assert_eq!(view.recipient.as_str(), "2");
    assert!(!format!("{view:?}").contains("marked"));
    insta::assert_snapshot!(sent(&script));
}

#[tokio::test]
async fn every_option_is_sent() {
    let script = script(&["view"]);
    let request = view_of(known("two_signers", "2").await)
        .with_authentication_method(AuthenticationMethod::SingleSignOn)
        .with_assertion_id("event-9")
        .with_ping(
            Ping::new(WebUrl::new("https://app.example/ping").unwrap(), Duration::from_secs(600)).unwrap(),
        )
        .with_frame_ancestors(vec![
            Origin::new("https://app.example").unwrap(),
            Origin::new("https://apps-d.docusign.com/").unwrap(),
        ])
        .with_message_origins(vec![Origin::new("https://apps-d.docusign.com").unwrap()]);
    view(&script, &request).await.unwrap();
    insta::assert_snapshot!(sent(&script));
}

#[tokio::test]
async fn methods_become_docusigns_words() {
    let person = known("two_signers", "2").await;
    let mut words = Vec::new();
    for method in [
        AuthenticationMethod::None,
        AuthenticationMethod::Email,
        AuthenticationMethod::Password,
        AuthenticationMethod::SingleSignOn,
        AuthenticationMethod::Biometric,
        AuthenticationMethod::KnowledgeBased,
        AuthenticationMethod::PaperDocuments,
        AuthenticationMethod::Certificate,
        AuthenticationMethod::Other("SSLMutualAuth".to_owned()),
    ] {
        let script = script(&["view"]);
        view(&script, &view_of(person.clone()).with_authentication_method(method)).await.unwrap();
        words.push(script.finish()[0].json()["authenticationMethod"].as_str().unwrap().to_owned());
    }
    assert_eq!(
        words.join(" "),
        "None Email Password SingleSignOn_Other Biometric KnowledgeBasedAuth PaperDocuments X509Certificate SSLMutualAuth"
    );
}

/// Names, addresses and ids that invite mistakes arrive as they are.
#[tokio::test]
async fn tricky_values_arrive_word_for_word() {
    let script = Script::new();
    script.json(
        200,
        &serde_json::json!({"currentRoutingOrder": "1", "signers": [{
            "recipientId": "a/b", "name": " Zoë \"Z\" Müller-Łukasz ", "email": "zoë+x@exämple.com",
            "clientUserId": "../c?d#e", "status": "sent", "routingOrder": "1",
        }]}),
    );
    script.fixture(&common::answer("view"));
    let long = format!("https://app.example/{}", "x".repeat(450));
    let request = CreateView::new(
        EnvelopeId::new("../e%2e/ü?x#y").unwrap(),
        named("id:a/b"),
        ReturnUrl::new(&long).unwrap(),
    );
    let cx = context(&script, Operation::CreateView);
    perform(&account(), &cx, &request).await.unwrap();
    let sent = script.finish();
    let path = "https://demo.docusign.net/restapi/v2.1/accounts/cccccccc-0000-4000-8000-000000000001/envelopes/..%2Fe%252e%2F%C3%BC%3Fx%23y";
    assert_eq!(sent[0].url, format!("{path}/recipients"));
    assert_eq!(sent[1].url, format!("{path}/views/recipient"));
    let body = sent[1].json();
    assert_eq!(body["userName"], " Zoë \"Z\" Müller-Łukasz ");
    assert_eq!(body["email"], "zoë+x@exämple.com");
    assert_eq!(body["clientUserId"], "../c?d#e");
    assert_eq!(body["recipientId"], "a/b");
    assert_eq!(body["returnUrl"], long.as_str());
}

#[tokio::test]
async fn a_repeated_signer_has_to_be_named_by_order_or_id() {
    let script = script(&["repeated_signer"]);
    let error = view(&script, &view_of(named("email:jon@example.com"))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RecipientAmbiguous);
    script.finish();
    insta::assert_snapshot!(shown(&error));

    let script = common::script(&["repeated_signer", "view"]);
    let view = view(&script, &view_of(named("email:jon@example.com#1"))).await.unwrap();
    assert_eq!(view.recipient.as_str(), "1");
    assert_eq!(script.finish()[1].json()["clientUserId"], "c-1");
}

/// What is refused before a link is asked for: (list, recipient, why).
#[tokio::test]
async fn what_cannot_work_is_refused_before_sending() {
    let mut all = String::new();
    for (list, who, kind) in [
        ("two_signers", "id:1", ErrorKind::RecipientDone),
        ("mail_cases", "id:2", ErrorKind::RecipientNotEmbedded),
        ("access_codes", "id:1", ErrorKind::RecipientLocked),
        ("repeated_signer", "id:2", ErrorKind::RecipientNotInTurn),
        ("draft", "id:1", ErrorKind::EnvelopeNotReady),
        ("mail_cases", "id:14", ErrorKind::Unsupported),
        ("two_signers", "email:JON@example.com", ErrorKind::RecipientNotFound),
        ("two_signers", "email:anna@example.com", ErrorKind::RecipientNotFound),
        ("empty", "id:1", ErrorKind::RecipientNotFound),
    ] {
        let script = script(&[list]);
        let error = view(&script, &view_of(named(who))).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{who} of {list}: {error}");
        assert_eq!(error.outcome(), Outcome::NoEffect);
        assert!(!error.to_string().contains('@'), "{error}");
        script.finish();
        all += &format!("--- {who} of {list}\n{}", shown(&error));
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn what_this_vendor_cannot_be_told_is_refused_without_a_request() {
    let script = script(&[]);
    let request = view_of(named("id:2")).with_expires_in(Duration::from_secs(60));
    let error = view(&script, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.hint(), "a link is always valid for 5 minutes; request one when the signer is ready");
    script.finish();
}

/// A list with recipient 2 under other values than in `two_signers`.
fn changed(change: impl FnOnce(&mut serde_json::Value)) -> Fixture {
    let mut fixture = common::answer("two_signers");
    if let Some(body) = &mut fixture.body {
        change(&mut body["signers"][1]);
    }
    fixture
}

#[tokio::test]
async fn a_known_recipient_who_renamed_themselves_is_read_again_and_served() {
    let script = script(&["unknown_envelope_recipient"]);
    script.fixture(&changed(|jon| jon["name"] = "Jonathan Doe".into()));
    script.fixture(&common::answer("view"));
    view(&script, &view_of(known("two_signers", "2").await)).await.unwrap();
    let sent = script.finish();
    assert_eq!(sent[0].json()["userName"], "Jon Doe");
    assert_eq!(sent[2].json()["userName"], "Jonathan Doe");
}

/// After an open outcome there is no second try, not even if the code says that no recipient was found.
#[tokio::test]
async fn a_known_recipient_of_a_crash_is_not_read_again() {
    let script = Script::new();
    script.json(500, &serde_json::json!({"errorCode": "UNKNOWN_ENVELOPE_RECIPIENT", "message": "no"}));
    let error = view(&script, &view_of(known("two_signers", "2").await)).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(script.finish().len(), 1);
}

/// A signer who renamed themselves is not found by user id either (a script of 2024 with its results shows it), so nothing
/// more is sent than what can work.
#[tokio::test]
async fn values_that_docusign_does_not_recognise_are_explained_without_another_request() {
    let script = script(&["two_signers", "unknown_envelope_recipient"]);
    let error = view(&script, &view_of(named("client:client-2"))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RecipientNotFound);
    assert_eq!(script.finish().len(), 2);
}

#[tokio::test]
async fn an_unknown_recipient_is_explained() {
    let mut all = String::new();
    // The caller's knowledge is old in several ways; nothing else helps.
    let old = {
        let mut person = known("two_signers", "2").await;
        person.name = Some("John Doe".to_owned());
        person.email = Some("john@example.com".to_owned());
        person.order = Some(1);
        person
    };
    let script = script(&["unknown_envelope_recipient", "two_signers", "unknown_envelope_recipient"]);
    let error = view(&script, &view_of(old.clone())).await.unwrap_err();
    script.finish();
    all += &format!("--- everything was tried\n{}", shown(&error));

    // By now the envelope has no client user id for them.
    let script = common::script(&["unknown_envelope_recipient"]);
    script.fixture(&changed(|jon| jon["clientUserId"] = serde_json::Value::Null));
    let error = view(&script, &view_of(old.clone())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RecipientNotEmbedded);
    assert_eq!(error.provider_code(), Some("UNKNOWN_ENVELOPE_RECIPIENT"));
    script.finish();
    all += &format!("--- no longer embedded\n{}", shown(&error));

    // No recipient like them is there.
    let script = common::script(&["unknown_envelope_recipient", "empty"]);
    let error = view(&script, &view_of(old.clone())).await.unwrap_err();
    script.finish();
    all += &format!("--- nobody near\n{}", shown(&error));

    // They were replaced: the id is gone, the address is another recipient's.
    let script = common::script(&["unknown_envelope_recipient"]);
    script.fixture(&changed(|jon| {
        jon["recipientId"] = "3".into();
        jon["name"] = "Joan Doe".into();
    }));
    let error = view(&script, &view_of(known("two_signers", "2").await)).await.unwrap_err();
    script.finish();
    all += &format!("--- replaced\n{}", shown(&error));

    // The list cannot be read again: the refusal itself is all there is to tell.
    let script = common::script(&["unknown_envelope_recipient", "html_502"]);
    let error = view(&script, &view_of(old)).await.unwrap_err();
    script.finish();
    all += &format!("--- no second list\n{}", shown(&error));
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn what_was_known_is_not_the_reason_for_a_refusal() {
    // Locked when it was read; a resend has given new attempts since.
    let script = script(&["two_signers", "view"]);
    let mut locked = known("access_codes", "2").await;
    assert!(locked.is_locked());
    locked.id = "2".parse().unwrap();
    view(&script, &view_of(locked)).await.unwrap();
    assert_eq!(script.finish()[1].json()["email"], "jon@example.com");
}

#[tokio::test]
async fn an_in_person_signer_is_asked_for_by_the_host() {
    let script = script(&["view"]);
    let mut person = known("all_arrays", "7").await;
    assert_eq!(person.name.as_deref(), Some("Ida Inperson"));
    person.client_user_id = Some("c".to_owned());
    person.embedded = Some(true);
    view(&script, &view_of(person)).await.unwrap();
    let body = script.finish()[0].json();
    assert_eq!((&body["userName"], &body["email"]), (&"Hugo Host".into(), &"hugo@example.com".into()));
    assert_eq!(envelope().as_str(), common::ENVELOPE);
}

/// As DocuSign's own example makes one: a host with name and e-mail, and no client user id.
#[tokio::test]
async fn the_host_of_an_in_person_signer_needs_no_client_user_id() {
    let script = Script::new();
    let entry = serde_json::json!({
        "recipientId": "1", "hostName": "Hugo Host", "hostEmail": "hugo@example.com", "signerName": "Ida Inperson",
        "routingOrder": "1", "status": "sent",
    });
    script.json(200, &common::listing(serde_json::json!({"inPersonSigners": [entry]})));
    script.fixture(&common::answer("view"));
    view(&script, &view_of(named("id:1"))).await.unwrap();
    let body = script.finish()[1].json();
    assert_eq!((&body["userName"], &body["email"]), (&"Hugo Host".into(), &"hugo@example.com".into()));
    assert_eq!(body.get("clientUserId"), None);
}

/// The hint names the way that fits the check that failed: an access code only for signers who have one.
#[tokio::test]
async fn a_refusal_for_a_failed_check_names_the_check_and_its_way_out() {
    let failed = |member: &str| {
        serde_json::json!({"clientUserId": "c", "recipientAuthenticationStatus": {
            member: {"status": "Failed", "eventTimestamp": "2026-01-01T09:00:00.1Z"},
        }})
    };
    for (member, check) in [("idQuestionsResult", "idQuestions"), ("smsAuthResult", "smsAuth")] {
        let script = with_signers(&[signer("1", failed(member))]);
        script.fixture(&common::coded("400 RECIPIENT_HAS_FAILED_SECURITY_CHECK"));
        let error = view(&script, &view_of(named("id:1"))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RecipientLocked);
        assert_eq!(error.message(), format!("the signer failed the check {check}"));
        assert!(error.hint().starts_with("resend: ") && !error.hint().contains("code"), "{}", error.hint());
        assert_eq!(error.provider_code(), Some("RECIPIENT_HAS_FAILED_SECURITY_CHECK"));
    }
    // Where nothing is shown, nothing is claimed of a code either.
    let script = with_signers(&[signer("1", serde_json::json!({"clientUserId": "c"}))]);
    script.fixture(&common::coded("400 RECIPIENT_HAS_FAILED_SECURITY_CHECK"));
    let error = view(&script, &view_of(named("id:1"))).await.unwrap_err();
    assert!(!error.hint().contains("code"), "{}", error.hint());
    // Wrong access codes are refused here, and a new code is a way out.
    let script = with_signers(&[signer("1", failed("accessCodeResult"))]);
    let error = view(&script, &view_of(named("id:1"))).await.unwrap_err();
    assert_eq!(error.message(), "the signer entered wrong access codes");
    assert!(error.hint().contains("change the access code"), "{}", error.hint());
    script.finish();
}
