//! PandaDoc's reminders, webhooks and tokens.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use aws_lc_rs::hmac;
use countersign_sandbox::{
    Act, EnvelopeView, MailKind, Making, NewEnvelope, NewRecipient, Phone, Role, Vendor, WebhookFault,
    WebhookFaultKind, WebhookTarget,
};
use serde_json::{Value, json};
use support::{Answer, Client, frozen, mails};

/// No one listens there: what would be delivered is in the log.
const NOWHERE: &str = "http://127.0.0.1:9/hook?x=1";

const DAY: Duration = Duration::from_secs(86_400);

struct Made {
    client: Client,
    envelope: EnvelopeView,
    /// Ids as the vendor's API has them.
    ids: Vec<String>,
}

async fn made(new: NewEnvelope) -> Made {
    let client = Client::keyed(Vendor::PANDADOC, "API-Key", frozen()).await;
    let envelope = client.sandbox.world().make_envelope(new).unwrap();
    let details = client.get(&format!("/public/v1/documents/{}/details", envelope.id)).await.json();
    let rows = details["recipients"].as_array().unwrap();
    let ids = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    client.sandbox.world().clear_outbox();
    Made { client, envelope, ids }
}

fn lease() -> NewEnvelope {
    NewEnvelope::new(Vendor::PANDADOC, "Lease")
        .with_recipient(NewRecipient::new("Ann Lee", "ann@example.com"))
        .with_recipient(NewRecipient::new("Bea", "bea@example.com").with_order(2))
        .with_recipient(NewRecipient::new("Cora", "copy@example.com").with_role(Role::CarbonCopy))
        .with_recipient(NewRecipient {
            phone: Some(Phone { country_code: "+49".to_owned(), number: "15112345678".to_owned() }),
            ..NewRecipient::new("Dan", "")
        })
}

impl Made {
    async fn remind(&self, entries: Value) -> Answer {
        let path = format!("/public/v1/documents/{}/send-reminder", self.envelope.id);
        self.client.call("POST", &path, Some(json!({"reminders": entries}))).await
    }

    /// The status, or the vendor's sentence, of a reminder to one by the ways that it names.
    async fn said(&self, at: usize, way: Option<&str>) -> String {
        let mut entry = json!({"recipient_id": self.ids[at]});
        if let Some(way) = way {
            entry["delivery_methods"] = json!({way: true});
        }
        let answer = self.remind(json!([entry])).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let result = answer.json()["result"][0].clone();
        let of_way = if result["email"].is_object() { &result["email"] } else { &result["sms"] };
        of_way["detail"].as_str().or(of_way["status"].as_str()).unwrap().to_owned()
    }
}

#[tokio::test]
async fn each_recipient_and_channel_has_a_result_of_its_own() {
    let made = made(lease()).await;
    assert_eq!(made.said(0, None).await, "sent");
    assert_eq!(made.said(3, None).await, "sent", "by text message, as this recipient gets everything");
    assert_eq!(mails(&made.client), ["reminder ann@example.com", "reminder +4915112345678"]);
    made.client.sandbox.world().clear_outbox();
    for (at, way, wanted) in [
        (0, None, "to the Recipient more than once every 24 hours"),
        (1, None, "Signing order is enabled and this Recipient can't sign the document yet"),
        (2, None, "CC recipient"),
        (0, Some("sms"), "no phone number"),
        (3, Some("email"), "to the Recipient with no email"),
        (3, None, "Can't send SMS reminder to the Recipient more than once every 24 hours"),
    ] {
        let said = made.said(at, way).await;
        assert!(said.contains(wanted), "{at} {way:?}: {said}");
    }
    let world = made.client.sandbox.world();
    world.advance(DAY);
    world.bounce(&made.envelope.id, "1").unwrap();
    assert!(made.said(0, None).await.contains("mailbox is unreachable"));
    world.change_settings(|settings| settings.pandadoc.sms_certified = false);
    assert!(made.said(3, None).await.contains("Confirmation of recipient consent is required"));
    assert_eq!(mails(&made.client), Vec::<String>::new());
    for (phone, email, way, wanted) in [
        ("+4915112345678", true, "sms", "SMS delivery method is not selected"),
        ("+4915112345678", false, "email", "Email delivery method is not selected"),
        ("12", false, "sms", "with invalid phone number"),
    ] {
        let ways = json!({"phone": phone, "delivery_methods": {"email": email, "sms": !email}});
        let path = format!("/public/v1/documents/{}/recipients/recipient/{}", made.envelope.id, made.ids[0]);
        assert_eq!(made.client.call("PATCH", &path, Some(ways)).await.status, 204);
        let said = made.said(0, Some(way)).await;
        assert!(said.contains(wanted), "{said}");
    }
    world.act(&made.envelope.id, "1", Act::Sign { new_name: None }).unwrap();
    assert!(made.said(0, None).await.contains("who completed their part"));
    let both = made.remind(json!([{"recipient_id": "none"}, {"recipient_id": made.ids[1]}])).await.json();
    assert!(both["result"][0]["email"]["detail"].as_str().unwrap().contains("specified recipient ID"));
}

#[tokio::test]
async fn a_text_is_used_only_with_a_way_and_reminders_go_out_for_silent_documents() {
    let made = made(NewEnvelope { emails_disabled: true, ..lease() }).await;
    let text = json!({"subject": "Soon", "message": "Please sign by Friday"});
    let entry = |ways: Value| json!([{"recipient_id": made.ids[0], "delivery_methods": ways, "email_customization": text}]);
    made.remind(entry(Value::Null)).await;
    made.client.sandbox.world().advance(DAY);
    made.remind(entry(json!({"email": true}))).await;
    let outbox = made.client.sandbox.world().outbox();
    let seen: Vec<_> = outbox.iter().map(|mail| (mail.kind, &*mail.subject, &*mail.message)).collect();
    let reminder = MailKind::Reminder;
    assert_eq!(seen, [(reminder, "Reminder: Lease", ""), (reminder, "Soon", "Please sign by Friday")]);
    let bad = json!({"message": "http://malicious.example"});
    made.client.sandbox.world().advance(DAY);
    let refused = made
        .remind(json!([{"recipient_id": made.ids[0], "delivery_methods": {"email": true}, "email_customization": bad}]))
        .await;
    let detail = refused.json()["result"][0]["email"]["detail"].clone();
    assert!(detail.as_str().unwrap().starts_with("Can’t send reminder."), "{detail}");
    let long = json!({"subject": "x".repeat(513)});
    let entry = json!([{"recipient_id": made.ids[0], "delivery_methods": {"email": true}, "email_customization": long}]);
    assert_eq!(made.remind(entry).await.status, 400);
    assert_eq!(made.remind(json!([])).await.status, 400);
}

#[tokio::test]
async fn reminders_need_a_document_in_progress() {
    for (making, voided, word) in [
        (Making::Draft, false, "document.draft"),
        (Making::Background { seconds: 60 }, false, "document.uploaded"),
        (Making::Sent, true, "document.voided"),
    ] {
        let client = Client::keyed(Vendor::PANDADOC, "API-Key", frozen()).await;
        let world = client.sandbox.world();
        let id = world.make_envelope(NewEnvelope { making, ..lease() }).unwrap().id;
        if voided {
            world.void(&id, "x").unwrap();
        }
        let body = json!({"reminders": [{"recipient_id": "r"}]});
        let refused =
            client.call("POST", &format!("/public/v1/documents/{id}/send-reminder"), Some(body)).await;
        assert_eq!((refused.status, refused.json()["status"].clone()), (409, json!(word)));
        assert_eq!(
            refused.json()["info_message"],
            "Can't send reminder. Document is not in SENT or VIEWED statuses"
        );
    }
}

/// What the last attempt of each webhook sent: URL, id and events.
async fn deliveries(client: &Client) -> Vec<(String, String, Value)> {
    let webhooks = client.sandbox.webhooks();
    webhooks.deliver_all().await;
    let sent = webhooks.log().into_iter().map(|one| webhooks.request(one.id).unwrap());
    sent.map(|request| {
        let id = request.headers.iter().find(|(name, _)| name == "X-PandaDoc-Webhook-Event-Id").unwrap();
        (request.url, id.1.clone(), serde_json::from_str(request.body.expose()).unwrap())
    })
    .collect()
}

fn events(all: &[(String, String, Value)]) -> Vec<String> {
    let word = |entry: &Value| {
        let status = entry["data"]["status"].as_str().unwrap_or_default();
        format!("{} {status}", entry["event"].as_str().unwrap())
    };
    let joined = |body: &Value| body.as_array().unwrap().iter().map(word).collect::<Vec<_>>().join(", ");
    all.iter().map(|(_, _, body)| joined(body)).collect()
}

#[tokio::test]
async fn a_subscription_delivers_lists_of_events_signed_in_the_query() {
    let client = Client::keyed(Vendor::PANDADOC, "API-Key", frozen()).await;
    client.sandbox.webhooks().hold();
    let path = "/public/v1/webhook-subscriptions";
    let triggers = json!(["recipient_completed", "document_state_changed", "document_completed_pdf_ready"]);
    let body = json!({"name": "mine", "url": NOWHERE, "triggers": triggers, "payload": ["metadata"]});
    for (member, value, status) in [
        ("url", json!("https://example.com/"), 400),
        ("triggers", json!(["all"]), 400),
        ("payload", json!(["products"]), 501),
    ] {
        let mut wrong = body.clone();
        wrong[member] = value;
        assert_eq!(client.call("POST", path, Some(wrong)).await.status, status, "{member}");
    }
    let own = client.call("POST", path, Some(body.clone())).await;
    assert_eq!((own.status, own.json()["status"].clone()), (201, json!("ACTIVE")), "{}", own.text);
    assert_eq!(client.call("POST", path, Some(body)).await.status, 501, "a second one");
    let world = client.sandbox.world();
    let id = world.make_envelope(lease()).unwrap().id;
    world.act(&id, "1", Act::Sign { new_name: None }).unwrap();
    world.act(&id, "4", Act::Sign { new_name: None }).unwrap();
    world.act(&id, "2", Act::Sign { new_name: None }).unwrap();
    let all = deliveries(&client).await;
    assert_eq!(
        events(&all),
        [
            "document_state_changed document.sent",
            "document_state_changed document.viewed",
            "recipient_completed document.viewed",
            "recipient_completed document.viewed",
            "recipient_completed document.viewed",
            "document_state_changed document.completed, document_completed_pdf_ready document.completed",
        ]
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, own.json()["shared_key"].as_str().unwrap().as_bytes());
    let request = client.sandbox.webhooks().request(3).unwrap();
    let tag = hmac::sign(&key, request.body.expose().as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(request.url, format!("{NOWHERE}&signature={hex}"));
    assert_eq!(all[2].2[0]["data"]["action_by"]["email"], "ann@example.com");
    // The same id at the next attempt.
    world.advance(Duration::from_secs(60));
    assert_eq!(deliveries(&client).await[2].1, all[2].1);
    let own_path = format!("{path}/{}", own.json()["uuid"].as_str().unwrap());
    assert_eq!(client.get(&own_path).await.json()["name"], "mine");
    assert_eq!(client.call("DELETE", &own_path, None).await.status, 204);
    assert_eq!(client.get(path).await.json()["items"], json!([]));
    assert!(client.sandbox.webhooks().target(Vendor::PANDADOC).is_none());
}

#[tokio::test]
async fn drafts_deletions_and_failures_are_reported_and_a_fault_takes_the_signature() {
    let client = Client::keyed(Vendor::PANDADOC, "API-Key", frozen()).await;
    let (webhooks, world) = (client.sandbox.webhooks(), client.sandbox.world());
    webhooks.hold();
    webhooks.set_target(Vendor::PANDADOC, WebhookTarget::new(NOWHERE, "k")).unwrap();
    webhooks.inject(WebhookFault::next(WebhookFaultKind::NoSignature).on("document_deleted"));
    let create = json!({"template_uuid": "T", "recipients": [{"email": "ann@example.com", "role": "a"}]});
    let id = client.call("POST", "/public/v1/documents", Some(create.clone())).await.json()["id"].clone();
    world.advance(Duration::from_secs(3));
    let path = format!("/public/v1/documents/{}", id.as_str().unwrap());
    client.call("POST", &format!("{path}/send"), Some(json!({}))).await;
    client.call("POST", &format!("{path}/draft"), Some(json!({}))).await;
    client.call("DELETE", &path, None).await;
    world.change_settings(|settings| settings.pandadoc.creation_fails = true);
    client.call("POST", "/public/v1/documents", Some(create)).await;
    let all = deliveries(&client).await;
    assert_eq!(
        events(&all),
        [
            "document_state_changed document.draft",
            "document_state_changed document.sent",
            "document_updated document.draft",
            "document_deleted document.draft",
            "document_creation_failed ",
        ]
    );
    assert_eq!(all[3].0, NOWHERE);
}

#[tokio::test]
async fn tokens_are_refreshed_with_a_form_and_codes_work_once() {
    let client = Client::keyed(Vendor::PANDADOC, "API-Key", frozen()).await;
    let access = client.sandbox.pandadoc();
    let encoded = |pairs: &[(&str, &str)]| {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    };
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let token = async |more: &[(&str, &str)], secret: &str| {
        let mut pairs =
            vec![("client_id", &*access.client_id), ("client_secret", secret), ("scope", "read+write")];
        pairs.extend_from_slice(more);
        client.raw("POST", "/oauth2/access_token", &form, encoded(&pairs).into_bytes()).await
    };
    let secret = access.client_secret.expose();
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", access.refresh_token.expose())];
    let good = token(&refresh, secret).await;
    assert_eq!((good.status, good.json()["expires_in"].clone()), (200, json!(31_535_999)), "{}", good.text);
    let bearer = format!("Bearer {}", good.json()["access_token"].as_str().unwrap());
    let headers = [("authorization", &*bearer)];
    assert_eq!(client.raw("GET", "/public/v1/members/current", &headers, Vec::new()).await.status, 200);
    let error = |answer: Answer| (answer.status, answer.json()["error"].as_str().unwrap().to_owned());
    assert_eq!(error(token(&refresh, secret).await), (400, "invalid_grant".to_owned()), "used");
    let next = good.json()["refresh_token"].as_str().unwrap().to_owned();
    let next = [("grant_type", "refresh_token"), ("refresh_token", &*next)];
    assert_eq!(error(token(&next, "wrong").await), (400, "invalid_client".to_owned()));
    let other = [("grant_type", "password")];
    assert_eq!(error(token(&other, secret).await), (400, "unsupported_grant_type".to_owned()));
    let back = "http://127.0.0.1:8712/callback";
    let asked = [
        ("response_type", "code"),
        ("client_id", &*access.client_id),
        ("redirect_uri", back),
        ("scope", "read write"),
        ("state", "s"),
        ("action", "allow"),
    ];
    let sent = client.raw("POST", "/oauth2/authorize", &form, encoded(&asked).into_bytes()).await;
    let url: url::Url = sent.header("location").parse().unwrap();
    let code = url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let grant = [("grant_type", "authorization_code"), ("code", &*code)];
    assert_eq!(token(&grant, secret).await.status, 200);
    assert_eq!(error(token(&grant, secret).await), (400, "invalid_grant".to_owned()), "once");
}
