//! Whatever is sent, the answer is one of the vendor's, never a crash.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use countersign_sandbox::{NewEnvelope, NewRecipient, Vendor};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use support::browser::Tab;
use support::{Client, frozen};

/// JSON with the members that the routes look for, holding anything.
fn anything() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "signers",
        "recipientId",
        "name",
        "email",
        "accessCode",
        "status",
        "recipients",
        "returnUrl",
        "userName",
        "clientUserId",
        "routingOrder",
        "phoneNumber",
        "authenticationMethod",
        "files",
        "title",
        "emailAddress",
        "signerOrder",
        "expiryValue",
        "message",
        "reminderPhoneNumbers",
        "documents",
        "emailSubject",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~äß€]{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["1", "sent", "ann@example.com", "Ann", "c-1", "None", "https://a.example"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        let pair = (names.clone(), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            prop::collection::vec(pair, 0..6).prop_map(|pairs| {
                let members = pairs.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(members.collect::<Map<_, _>>())
            }),
        ]
    })
}

#[test]
fn no_body_breaks_a_route() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (docusign, boldsign, id) = runtime.block_on(async {
        let docusign = Client::docusign(frozen()).await;
        let boldsign = Client::boldsign(frozen()).await;
        let ann = NewRecipient::new("Ann", "ann@example.com").with_embedded("c-1");
        let new = |vendor| NewEnvelope::new(vendor, "x").with_recipient(ann.clone());
        let id = docusign.sandbox.world().make_envelope(new(Vendor::DOCUSIGN)).unwrap().id;
        let same = boldsign.sandbox.world().make_envelope(new(Vendor::BOLDSIGN)).unwrap().id;
        assert_eq!(id.replacen("-8", "-4", 1), same, "same seed, same ids, but for the version");
        for client in [&docusign, &boldsign] {
            client.sandbox.world().change_settings(|settings| settings.limit_calls(u32::MAX));
        }
        (docusign, boldsign, id)
    });
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(48));
    let outcome = runner.run(&anything(), |body| {
        let routes = [
            (&docusign, "POST", docusign.envelope("")),
            (&docusign, "PUT", docusign.envelope(&format!("/{id}/recipients?resend_envelope=true"))),
            (&docusign, "POST", docusign.envelope(&format!("/{id}/views/recipient"))),
            (&boldsign, "POST", "/v1/document/send".to_owned()),
            (&boldsign, "POST", format!("/v1/document/remind?documentId={id}")),
            (
                &boldsign,
                "PATCH",
                format!("/v1/document/changeAccessCode?DocumentId={id}&EmailId=ann@example.com"),
            ),
            (&boldsign, "PATCH", format!("/v1/document/addAuthentication?documentId={id}")),
        ];
        for (client, method, path) in routes {
            let answer = runtime.block_on(client.call(method, &path, Some(body.clone())));
            prop_assert!(answer.status < 500, "{method} {path} {body}: {} {}", answer.status, answer.text);
            if answer.status >= 400 {
                let error = answer.json();
                let named = ["errorCode", "error", "errors"].iter().any(|name| error.get(name).is_some());
                prop_assert!(named, "{method} {path} {body}: {error}");
            }
        }
        Ok(())
    });
    outcome.unwrap();
    let alive = runtime.block_on(docusign.get(&docusign.envelope(&format!("/{id}"))));
    assert_eq!(alive.json()["envelopeId"], json!(id));
}

#[tokio::test]
async fn a_percent_encoded_segment_is_one_segment() {
    let client = Client::docusign(frozen()).await;
    for odd in ["a%2Fb", "%252e%252e", "a%3Fb", "%C3%BC"] {
        let answer = client.get(&client.envelope(&format!("/{odd}/recipients"))).await;
        assert_eq!(answer.json()["errorCode"], "ENVELOPE_DOES_NOT_EXIST", "{odd}");
    }
}

/// Fields of every form there is, with anything in them.
fn any_form() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = vec![
        "action",
        "code",
        "name",
        "reason",
        "other_name",
        "other_email",
        "minutes",
        "vendor",
        "subject",
        "name-1",
        "email-1",
        "order-1",
        "embedded-1",
        "kind",
        "times",
        "method",
        "path",
        "url",
        "secret",
        "event",
        "flow",
    ];
    let values = prop_oneof![
        prop::sample::select(vec![
            "code",
            "sign",
            "later",
            "decline",
            "reassign",
            "timeout",
            "fail_sign",
            "identity_pass",
            "fax",
            "1",
            "0",
            "boldsign",
            "docusign",
            "hold",
            "drop-after",
            "ann@example.com",
            "http://127.0.0.1:1/",
            "",
        ])
        .prop_map(str::to_owned),
        ".{0,16}",
    ];
    prop::collection::vec((prop::sample::select(names).prop_map(str::to_owned), values), 0..8)
}

#[test]
fn no_form_breaks_a_page() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = runtime.block_on(Client::boldsign(frozen()));
    let world = client.sandbox.world();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(48));
    let outcome = runner.run(&any_form(), |form| {
        let ann = NewRecipient::new("Ann", "ann@example.com");
        world.make_envelope(NewEnvelope::new(Vendor::BOLDSIGN, "x").with_recipient(ann)).unwrap();
        let link = world.outbox().pop().unwrap().link.unwrap();
        let tab = runtime.block_on(Tab::open(&client, link.expose()));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
        let own = [
            "clock",
            "envelopes",
            "faults",
            "webhooks/target",
            "webhooks/stop",
            "webhooks/flow",
            "webhooks/faults",
        ];
        let paths = own.iter().map(|path| format!("/console/{path}")).chain([tab.at.clone()]);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        for path in paths {
            world.clear_faults();
            let answer = runtime.block_on(client.raw("POST", &path, &headers, body.clone().into_bytes()));
            let meant = answer.text.contains("data-page=\"failed\"");
            prop_assert!(answer.status < 500 || meant, "{path} {form:?}: {} {}", answer.status, answer.text);
        }
        Ok(())
    });
    outcome.unwrap();
}

/// The vendors' own clients send parameters, in letters of either case.
#[tokio::test]
async fn a_content_type_may_have_parameters_and_capitals() {
    let client = Client::docusign(frozen()).await;
    let bold = client.sandbox.boldsign();
    let envelope = client.envelope("/none");
    for (method, path, auth, [right, wrong]) in [
        ("PUT", &*envelope, ("authorization", &*client.auth[0].1), [400, 400]),
        (
            "POST",
            "/v1/document/revoke?documentId=00000000-0000-4000-8000-000000000001",
            ("x-api-key", bold.api_key.expose()),
            [403, 415],
        ),
    ] {
        for (kind, status) in [
            ("application/json;odata.metadata=minimal;odata.streaming=true", right),
            ("Application/JSON ; charset=UTF-8", right),
            ("application/json-seq", wrong),
        ] {
            let body = json!({"status": "voided", "voidedReason": "x", "message": "x"}).to_string();
            let answer = client.raw(method, path, &[auth, ("content-type", kind)], body.into()).await;
            assert_eq!(answer.status, status, "{path}, {kind}: {}", answer.text);
            let is_named = answer.text.contains("INVALID_CONTENT_TYPE");
            assert_eq!(is_named, path == envelope && kind == "application/json-seq", "{path}, {kind}");
        }
    }
    for (path, word) in [("/oauth/token", "unauthorized_client"), ("/connect/token", "invalid_client")] {
        let kind = [("content-type", "Application/x-www-form-urlencoded; charset=utf-8")];
        let answer = client.raw("POST", path, &kind, b"grant_type=refresh_token".to_vec()).await;
        assert_eq!(answer.json()["error"], word, "{path}");
    }
    let mixed = [("authorization", &*client.auth[0].1), ("content-type", "multipart/mixed; boundary=x")];
    assert_eq!(client.raw("POST", &client.envelope(""), &mixed, b"--x--".to_vec()).await.status, 501);
}
