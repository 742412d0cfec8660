//! PandaDoc: a document's life, sessions, passcodes and refusals, as the specification and the vendor's pages tell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use countersign_sandbox::{Act, ActOutcome, DropWhen, Fault, FaultKind, Secret, Vendor};
use serde_json::{Value, json};
use support::browser::Tab;
use support::{Answer, Client, frozen, mails};

const BASE: &str = "/public/v1/documents";

struct Document {
    client: Client,
    id: String,
}

fn lease() -> Value {
    let passcode =
        json!({"verification_place": "before_open", "passcode_verification": {"passcode": "Simple1"}});
    json!({"name": "Lease", "template_uuid": "T", "metadata": {"case": "7"}, "recipients": [
        {"email": "Ann@example.com", "first_name": "Ann", "last_name": "Lee", "role": "Tenant", "signing_order": 1,
         "verification_settings": passcode},
        {"email": "bea@example.com", "first_name": "Bea", "role": "Landlord", "signing_order": 2},
        {"email": "copy@example.com", "first_name": "Cora"},
    ]})
}

impl Document {
    async fn created() -> Self {
        let client = Client::keyed(Vendor::PANDADOC, "API-Key", frozen()).await;
        let made = client.call("POST", BASE, Some(lease())).await;
        assert_eq!(
            (made.status, &made.json()["status"]),
            (201, &json!("document.uploaded")),
            "{}",
            made.text
        );
        Self { id: made.json()["id"].as_str().unwrap().to_owned(), client }
    }

    async fn draft() -> Self {
        let document = Self::created().await;
        document.client.sandbox.world().advance(Duration::from_secs(3));
        document
    }

    async fn sent() -> Self {
        let document = Self::draft().await;
        let answer = document.post("/send", json!({"message": "Please", "subject": "Your lease"})).await;
        assert_eq!(
            (answer.status, &answer.json()["status"]),
            (200, &json!("document.sent")),
            "{}",
            answer.text
        );
        document
    }

    async fn post(&self, rest: &str, body: Value) -> Answer {
        self.client.call("POST", &format!("{BASE}/{}{rest}", self.id), Some(body)).await
    }

    async fn patch(&self, rest: &str, body: Value) -> Answer {
        self.client.call("PATCH", &format!("{BASE}/{}{rest}", self.id), Some(body)).await
    }

    async fn get(&self, rest: &str) -> Answer {
        self.client.get(&format!("{BASE}/{}{rest}", self.id)).await
    }

    async fn row(&self, at: usize) -> Value {
        self.get("/details").await.json()["recipients"][at].clone()
    }

    async fn session(&self, email: &str) -> Answer {
        self.post("/session", json!({"recipient": email, "lifetime": 900.0})).await
    }

    async fn passcode(&self, at: usize, code: &str) -> Answer {
        let id = self.row(at).await["id"].as_str().unwrap().to_owned();
        let settings =
            json!({"verification_place": "before_sign", "passcode_verification": {"passcode": code}});
        self.patch(&format!("/recipients/recipient/{id}"), json!({"verification_settings": settings})).await
    }

    fn act(&self, who: &str, act: Act) -> ActOutcome {
        self.client.sandbox.world().act(&self.id, who, act).unwrap().outcome
    }

    fn types(&self, code: &str) -> ActOutcome {
        self.act("1", Act::EnterCode { code: Secret::new(code) })
    }
}

fn kind(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["type"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_document_is_a_draft_after_some_seconds_and_then_sent() {
    let document = Document::created().await;
    assert_eq!(document.id.len(), 22);
    assert_eq!(document.get("").await.json()["status"], "document.uploaded");
    for early in [document.get("/details").await, document.post("/send", json!({})).await] {
        assert_eq!((early.status, early.json()["status"].clone()), (409, json!("document.uploaded")));
        assert_eq!(early.json()["id"], *document.id);
    }
    let session = document.session("ann@example.com").await;
    assert_eq!(kind(&session), (400, "state_error".to_owned()));
    document.client.sandbox.world().advance(Duration::from_secs(3));
    let details = document.get("/details").await.json();
    assert_eq!((&details["status"], &details["metadata"]["case"]), (&json!("document.draft"), &json!("7")));
    let ann = &details["recipients"][0];
    assert_eq!(ann["verification_settings"]["passcode_verification"]["passcode"], "Simple1");
    assert_eq!((&ann["shared_link"], &ann["roles"]), (&json!(""), &json!(["Tenant"])));
    assert_eq!(details["recipients"][2]["recipient_type"], "CC");
    let refused = document.session("ann@example.com").await;
    assert_eq!(refused.json()["detail"], "Cannot create session ID for a document in document.draft status");
    assert_eq!(
        document.post("/send", json!({"message": "Please", "subject": "Your lease"})).await.status,
        200
    );
    assert_eq!(mails(&document.client), ["copy copy@example.com", "request Ann@example.com"]);
    assert_eq!(document.client.sandbox.world().outbox()[1].subject, "Your lease");
    assert_eq!(document.post("/send", json!({})).await.json()["status"], "document.sent", "409: no draft");
    let link = document.row(0).await["shared_link"].as_str().unwrap().to_owned();
    let opened = Tab::open(&document.client, &link).await;
    assert!(opened.shown.text.contains("Enter your access code"), "{}", opened.shown.text);
}

#[tokio::test]
async fn a_session_opens_the_signing_page_until_it_ends_and_does_not_return_the_signer() {
    let document = Document::sent().await;
    let answer = document.session("ann@example.com").await;
    assert_eq!(
        (answer.status, answer.json()["expires_at"].clone()),
        (201, json!("2026-03-04T05:21:10.089000Z"))
    );
    let url = format!("/s/{}", answer.json()["id"].as_str().unwrap());
    let open = async || Tab::open(&document.client, &url).await;
    assert!(open().await.shown.text.contains("Enter your access code"));
    document.types("Simple1");
    document.act("1", Act::OpenLink { url: Secret::new(url.clone()) });
    let signed =
        document.client.sandbox.world().act(&document.id, "1", Act::Sign { new_name: None }).unwrap();
    assert_eq!(signed.redirect, None);
    document.client.sandbox.world().advance(Duration::from_secs(900));
    assert_eq!(open().await.shown.status, 410);
    let again = document.session("ann@example.com").await;
    assert_eq!(again.status, 201, "also for those who have signed");
    assert_eq!(kind(&document.session("nobody@example.com").await), (400, "validation_error".to_owned()));
    let endless = json!({"recipient": "ann@example.com", "lifetime": 40_000_000});
    assert!(document.post("/session", endless).await.json()["detail"]["lifetime"].is_array());
}

#[tokio::test]
async fn three_wrong_passcodes_lock_and_only_a_different_one_unlocks() {
    let document = Document::sent().await;
    assert_eq!([1, 2, 3].map(|_| document.types("no")).last(), Some(&ActOutcome::Locked));
    document.client.sandbox.world().clear_outbox();
    assert_eq!(document.passcode(0, "Simple1").await.status, 204);
    assert!(document.client.sandbox.world().envelope(&document.id).unwrap().recipients[0].locked);
    assert_eq!(document.passcode(0, "Simple2").await.status, 204);
    assert_eq!((document.types("Simple2"), mails(&document.client)), (ActOutcome::CodeAccepted, Vec::new()));
    assert_eq!(document.row(0).await["verification_settings"]["verification_place"], "before_sign");
    document.client.sandbox.world().change_settings(|settings| settings.pandadoc.shows_passcodes = false);
    let hidden = document.row(0).await["verification_settings"]["passcode_verification"]["passcode"].clone();
    assert_eq!(hidden, Value::Null);
}

#[tokio::test]
async fn a_passcode_has_a_form_and_replaces_every_other_check() {
    let document = Document::sent().await;
    for wrong in ["Sim1", "simple", "123456", "Simple 1", ""] {
        let refused = document.passcode(0, wrong).await;
        assert_eq!(kind(&refused), (400, "validation_error".to_owned()), "{wrong}");
        assert!(refused.text.contains("passcode"), "{}", refused.text);
    }
    let edit = async |at: usize, settings: Value| {
        let id = document.row(at).await["id"].as_str().unwrap().to_owned();
        document
            .patch(&format!("/recipients/recipient/{id}"), json!({"verification_settings": settings}))
            .await
    };
    let phone = json!({"phone_number": "+4915112345678"});
    let two = json!({"phone_verification": phone, "passcode_verification": {"passcode": "Simple1"}});
    assert_eq!(edit(1, two).await.status, 400, "exactly one");
    assert_eq!(edit(1, json!({"verification_place": "before_open"})).await.status, 400);
    assert_eq!(edit(1, json!({"phone_verification": phone})).await.status, 204);
    assert_eq!(document.row(1).await["verification_settings"]["phone_verification"], phone);
    assert_eq!(document.passcode(1, "Simple1").await.status, 204);
    assert!(document.row(1).await["verification_settings"].get("phone_verification").is_none());
    assert_eq!(edit(1, Value::Null).await.status, 204);
    assert_eq!(document.row(1).await["verification_settings"], Value::Null);
    let unknown = document.patch("/recipients/recipient/none", json!({"first_name": "X"})).await;
    assert_eq!(kind(&unknown), (404, "request_error".to_owned()));
    let world = document.client.sandbox.world();
    document.types("Simple1");
    document.act("1", Act::Sign { new_name: None });
    assert_eq!(kind(&document.passcode(0, "Simple9").await), (400, "state_error".to_owned()), "has signed");
    world.change_settings(|settings| settings.pandadoc.passcodes_in_plan = false);
    assert_eq!(kind(&document.passcode(1, "Simple9").await), (403, "permissions_error".to_owned()));
    world.change_settings(|settings| settings.pandadoc.may_edit = false);
    let name = json!({"first_name": "Beate", "email": "beate@example.com"});
    let path = format!("/recipients/recipient/{}", document.row(1).await["id"].as_str().unwrap());
    assert_eq!(document.patch(&path, name.clone()).await.status, 403);
    world.change_settings(|settings| settings.pandadoc.may_edit = true);
    world.clear_outbox();
    assert_eq!(
        (document.patch(&path, name).await.status, mails(&document.client)),
        (204, vec!["correction beate@example.com".to_owned()]),
        "a new address is mailed at once"
    );
}

#[tokio::test]
async fn a_lock_of_an_editor_refuses_changes_and_tells_until_when() {
    let document = Document::sent().await;
    let world = document.client.sandbox.world();
    world.edit_elsewhere(&document.id, true).unwrap();
    let refused = document.passcode(0, "Simple2").await;
    assert_eq!(kind(&refused), (423, "document_locked".to_owned()));
    assert_eq!(refused.json()["expires_at"], "2026-03-04T05:11:10.089000Z");
    let details = document.get("/details").await.json();
    assert_eq!(details["lock"]["lock_type"], "wopi_editing");
    assert_eq!(document.patch("/status", json!({"status": 11})).await.status, 423);
    world.edit_elsewhere(&document.id, false).unwrap();
    assert_eq!(document.passcode(0, "Simple2").await.status, 204);
}

#[tokio::test]
async fn voided_back_to_the_draft_and_deleted() {
    let document = Document::sent().await;
    document.types("Simple1");
    document.act("1", Act::Sign { new_name: None });
    assert_eq!(document.row(0).await["has_completed"], true);
    assert_eq!(document.get("").await.json()["status"], "document.viewed");
    assert_eq!(document.post("/draft", json!({})).await.json()["status"], "document.draft");
    document.client.sandbox.world().advance(Duration::from_secs(61 * 86_400));
    assert_eq!(
        document.get("").await.json()["status"],
        "document.draft",
        "a draft does not expire, or send itself"
    );
    assert_eq!(document.row(0).await["has_completed"], false);
    assert_eq!(document.patch("/status", json!({"status": 11})).await.status, 409);
    document.post("/send", json!({"silent": true})).await;
    for text in [json!("11"), json!(1), Value::Null] {
        assert_eq!(document.patch("/status", json!({"status": text})).await.status, 400);
    }
    assert_eq!(document.patch("/status", json!({"status": 10})).await.status, 501);
    let void = json!({"status": 11, "notify_recipients": false, "note": "mistake"});
    assert_eq!(document.patch("/status", void).await.status, 204);
    assert_eq!(document.get("").await.json()["status"], "document.voided");
    let refused = document.session("ann@example.com").await;
    assert!(refused.text.contains("document.voided status"), "{}", refused.text);
    let path = format!("{BASE}/{}", document.id);
    assert_eq!(document.client.call("DELETE", &path, None).await.status, 204);
    assert_eq!(kind(&document.get("").await), (404, "request_error".to_owned()));
    assert_eq!(document.client.get(&format!("{BASE}/{}", document.id.to_lowercase())).await.status, 404);
}

#[tokio::test]
async fn keys_limits_and_what_is_not_played() {
    let document = Document::sent().await;
    let access = document.client.sandbox.pandadoc();
    let path = format!("{BASE}/{}", document.id);
    let get =
        async |auth: String| document.client.raw("GET", &path, &[("authorization", &auth)], Vec::new()).await;
    for (auth, status) in [
        (format!("API-Key {}", access.api_key.expose()), 200),
        (format!("Bearer {}", access.access_token.expose()), 200),
        (format!("Bearer {}", access.api_key.expose()), 401),
        (access.api_key.expose().to_owned(), 401),
        (format!("API-Key {}", access.other_key.expose()), 404),
        ("API-Key x".to_owned(), 401),
    ] {
        assert_eq!(get(auth).await.status, status);
    }
    document.client.sandbox.world().revoke_tokens(countersign_sandbox::Vendor::PANDADOC);
    let expired = get(format!("Bearer {}", access.access_token.expose())).await;
    assert_eq!(kind(&expired), (401, "authentication_error".to_owned()));
    let of_sandbox = format!("API-Key {}", access.sandbox_key.expose());
    for _ in 0..10 {
        assert_eq!(get(of_sandbox.clone()).await.status, 200);
    }
    assert_eq!(kind(&get(of_sandbox.clone()).await), (429, "throttled".to_owned()));
    let details = format!("{path}/details");
    let other = document.client.raw("GET", &details, &[("authorization", &of_sandbox)], Vec::new()).await;
    assert_eq!(other.status, 200, "each route has its own");
    document.client.sandbox.world().advance(Duration::from_secs(60));
    assert_eq!(get(of_sandbox).await.status, 200);
    for (method, path, status) in [
        ("GET", format!("{path}/download"), 501),
        ("GET", "/public/v1/nothing".to_owned(), 404),
        ("POST", format!("{BASE}//session"), 405),
    ] {
        assert_eq!(kind(&document.client.call(method, &path, None).await).0, status, "{path}");
    }
    let trail = document.client.get(&format!("/public/v2/documents/{}/audit-trail", document.id)).await;
    assert_eq!((trail.status, trail.json()["code"].clone()), (501, json!("not_simulated")));
    let named = document
        .client
        .call("POST", BASE, Some(json!({"template_uuid": "T", "tables": [{"name": "x"}]})))
        .await;
    assert!(named.status == 501 && named.text.contains("`tables`"), "{}", named.text);
    assert_eq!(document.client.get("/public/v1/members/current").await.json()["role"], "Admin");
}

#[tokio::test]
async fn with_a_sandbox_key_mail_leaves_for_the_own_domain_only() {
    let mut client = Client::keyed(Vendor::PANDADOC, "API-Key", frozen()).await;
    let key = client.sandbox.pandadoc().sandbox_key.expose().to_owned();
    client.auth = vec![("authorization", format!("API-Key {key}"))];
    let body = json!({"name": "Lease", "url": "https://files.example/lease.pdf", "recipients": [
        {"email": "ann@sandbox.example", "role": "a"}, {"email": "bea@example.com", "role": "b"}]});
    let made = client.call("POST", BASE, Some(body)).await;
    client.sandbox.world().advance(Duration::from_secs(3));
    let document = Document { id: made.json()["id"].as_str().unwrap().to_owned(), client };
    document.post("/send", json!({})).await;
    assert_eq!(mails(&document.client), ["request ann@sandbox.example"]);
    assert_eq!(document.get("").await.json()["name"], "[DEV] Lease");
}

#[tokio::test]
async fn a_creation_that_fails_is_an_error_for_good() {
    let client = Client::keyed(Vendor::PANDADOC, "API-Key", frozen()).await;
    client.sandbox.world().change_settings(|settings| settings.pandadoc.creation_fails = true);
    let made = client.call("POST", BASE, Some(lease())).await;
    assert_eq!((made.status, &made.json()["status"]), (201, &json!("document.uploaded")));
    let document = Document { id: made.json()["id"].as_str().unwrap().to_owned(), client };
    assert_eq!(document.get("").await.json()["status"], "document.error");
    assert_eq!(document.get("/details").await.json()["status"], "document.error", "409");
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_work_leaves_its_effect() {
    let document = Document::sent().await;
    let world = document.client.sandbox.world();
    let lost = FaultKind::Drop { drop: DropWhen::AfterWork };
    world.inject(Fault::on("PATCH", "/recipients/recipient/", lost));
    let id = document.row(0).await["id"].as_str().unwrap().to_owned();
    let body = json!({"verification_settings": {"passcode_verification": {"passcode": "Simple2"}}});
    let path = format!("{BASE}/{}/recipients/recipient/{id}", document.id);
    let auth = document.client.auth[0].1.clone();
    let headers = [("authorization", auth.as_str()), ("content-type", "application/json")];
    assert!(document.client.try_raw("PATCH", &path, &headers, body.to_string().into()).await.is_err());
    let mut answer = FaultKind::answer(502, "<html>");
    if let FaultKind::Answer { after_work, .. } = &mut answer {
        *after_work = true;
    }
    world.inject(Fault::on("POST", "/send-reminder", answer));
    let reminded = document.post("/send-reminder", json!({"reminders": [{"recipient_id": id}]})).await;
    let reminders = mails(&document.client).iter().filter(|mail| mail.starts_with("reminder")).count();
    assert_eq!((reminded.status, reminders, document.types("Simple2")), (502, 1, ActOutcome::CodeAccepted));
}

/// The vendor's own clients send parameters.
#[tokio::test]
async fn a_content_type_may_have_parameters_and_capitals() {
    let client = Client::keyed(Vendor::PANDADOC, "API-Key", frozen()).await;
    for (kind, status) in [
        ("Application/JSON; charset=UTF-8", 400),
        ("application/json-seq", 415),
        ("multipart/form-data; boundary=x", 501),
        ("multipart/mixed; boundary=x", 501),
    ] {
        let headers = [("authorization", &*client.auth[0].1), ("content-type", kind)];
        let answer = client.raw("POST", BASE, &headers, b"{}".to_vec()).await;
        assert_eq!(answer.status, status, "{kind}: {}", answer.text);
    }
}
