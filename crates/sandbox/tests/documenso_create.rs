//! Documenso: envelopes through the API, from the form to the deletion, as a server of version 2.17.0 was measured to
//! answer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]
#![allow(clippy::needless_pass_by_value, reason = "JSON is written where it is given")]

mod support;

use std::time::Duration;

use countersign_sandbox::{Vendor, WebhookTarget};
use serde_json::{Value, json};
use support::{Answer, Client, frozen, mails};

const BASE: &str = "/api/v2/envelope";
const PDF: (&str, &str, &str) = ("a.pdf", "application/pdf", "%PDF-1.4");

async fn post(client: &Client, route: &str, body: Value) -> Answer {
    client.call("POST", &format!("{BASE}/{route}"), Some(body)).await
}

/// A form with the part `payload` and files: name, content type, contents.
async fn create(client: &Client, payload: &Value, files: &[(&str, &str, &str)]) -> Answer {
    let mut form = format!("--b\r\nContent-Disposition: form-data; name=\"payload\"\r\n\r\n{payload}\r\n");
    for (name, kind, content) in files {
        form += &format!(
            "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
             Content-Type: {kind}\r\n\r\n{content}\r\n"
        );
    }
    form += "--b--\r\n";
    let headers = [client.auth[0].clone(), ("content-type", "multipart/form-data; boundary=b".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    client.raw("POST", &format!("{BASE}/create"), &headers, form.into_bytes()).await
}

fn signer(name: &str, order: Value) -> Value {
    let fields =
        json!([{"type": "SIGNATURE", "page": 1, "positionX": 10, "positionY": 10, "width": 20, "height": 5}]);
    json!({"name": name, "email": format!("{name}@Example.com"), "role": "SIGNER", "signingOrder": order, "fields": fields})
}

fn lease(recipients: Value, meta: Value) -> Value {
    json!({"title": "Lease", "type": "DOCUMENT", "recipients": recipients, "meta": meta, "unknown": 1})
}

async fn made(client: &Client, recipients: Value, meta: Value) -> String {
    let answer = create(client, &lease(recipients, meta), &[PDF]).await;
    answer.json()["id"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

async fn get(client: &Client, id: &str) -> Value {
    client.get(&format!("{BASE}/{id}")).await.json()
}

async fn distribute(client: &Client, id: &str) -> Answer {
    post(client, "distribute", json!({"envelopeId": id})).await
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["data"]["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_draft_is_sent_and_the_first_in_the_order_is_mailed() {
    let client = Client::keyed(Vendor::DOCUMENSO, "Bearer", frozen()).await;
    let people = json!([
        signer("bea", json!(2)),
        signer("ann", json!(-1)),
        signer("cid", json!(null)),
        {"name": "Cora", "email": "copy@example.com", "role": "CC"},
    ]);
    let meta =
        json!({"signingOrder": "SEQUENTIAL", "redirectUrl": "https://example.com/back", "subject": "Sign"});
    let id = made(&client, people, meta).await;
    let draft = get(&client, &id).await;
    assert_eq!((&draft["status"], &draft["documentMeta"]["subject"]), (&json!("DRAFT"), &json!("Sign")));
    let orders: Vec<&Value> =
        draft["recipients"].as_array().unwrap().iter().map(|row| &row["signingOrder"]).collect();
    assert_eq!(orders, [&json!(2), &json!(-1), &json!(null), &json!(null)], "as they were given");
    assert_eq!(mails(&client), Vec::<String>::new());

    let sent = distribute(&client, &id).await;
    let url = sent.json()["recipients"][0]["signingUrl"].as_str().unwrap().to_owned();
    assert!(sent.status == 200 && url.contains("/sign/"), "{}", sent.text);
    assert_eq!(mails(&client), ["request ann@Example.com"], "the lowest order, which may be negative");
    let first = get(&client, &id).await;
    client.sandbox.world().advance(Duration::from_secs(60));
    assert_eq!(distribute(&client, &id).await.status, 200);
    assert_eq!(mails(&client).len(), 1, "what was sent already is mailed to no one again");
    let ends = [&first, &get(&client, &id).await].map(|one| one["recipients"][0]["expiresAt"].clone());
    assert_ne!(ends[0], ends[1], "but has new times to sign");
}

#[tokio::test]
async fn of_recipients_with_one_order_the_first_is_mailed_unless_all_may_sign_at_once() {
    for (order, wanted) in [("SEQUENTIAL", 1), ("PARALLEL", 2)] {
        let client = Client::keyed(Vendor::DOCUMENSO, "Bearer", frozen()).await;
        let people = json!([signer("ann", json!(1)), signer("bea", json!(1))]);
        let id = made(&client, people, json!({"signingOrder": order})).await;
        distribute(&client, &id).await;
        assert_eq!(mails(&client).len(), wanted, "{order}");
    }
}

#[tokio::test]
async fn what_the_sender_sets_is_kept_also_when_sending() {
    let client = Client::keyed(Vendor::DOCUMENSO, "Bearer", frozen()).await;
    for (period, days) in [
        (json!({"unit": "day", "amount": 2}), Some(2)),
        (json!({"unit": "month", "amount": 3}), Some(90)),
        (json!({"disabled": true}), None),
    ] {
        let id = made(&client, json!([signer("ann", json!(1))]), json!({"envelopeExpirationPeriod": period}))
            .await;
        distribute(&client, &id).await;
        let ends = get(&client, &id).await["recipients"][0]["expiresAt"].clone();
        let ends = ends.as_str().map(|ends| ends.parse::<jiff::Timestamp>().unwrap().as_second());
        let now = client.sandbox.world().now().as_second();
        assert_eq!(ends.map(|ends| (ends - now) / 86_400), days, "{period}");
    }
    client.sandbox.world().clear_outbox();
    for (meta, late) in [
        (json!({"distributionMethod": "NONE"}), json!(null)),
        (json!({"emailSettings": {"recipientSigningRequest": false}}), json!(null)),
        (json!(null), json!({"distributionMethod": "NONE"})),
    ] {
        let id = made(&client, json!([signer("ann", json!(1))]), meta).await;
        assert_eq!(post(&client, "distribute", json!({"envelopeId": id, "meta": late})).await.status, 200);
        assert_eq!(mails(&client), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_cannot_be_made_or_sent_is_refused() {
    let client = Client::keyed(Vendor::DOCUMENSO, "Bearer", frozen()).await;
    let one = || json!([signer("ann", json!(1))]);
    let text = ("a.txt", "text/plain", "hello");
    for (files, wanted) in [
        (vec![text], "UNSUPPORTED_FILE_TYPE"),
        (vec![("a.pdf", "application/pdf", "hello")], "INVALID_DOCUMENT_FILE"),
        (vec![PDF; 6], "ENVELOPE_ITEM_LIMIT_EXCEEDED"),
    ] {
        let answer = create(&client, &lease(one(), json!({})), &files).await;
        assert_eq!(code(&answer), (400, wanted.to_owned()));
    }
    let nameless = json!({"type": "DOCUMENT"});
    let bad_mail = lease(json!([{"email": "nope", "name": "A", "role": "SIGNER"}]), json!({}));
    let bad_role = lease(json!([{"email": "a@example.com", "name": "A", "role": "NOTARY"}]), json!({}));
    let bad_url = lease(one(), json!({"redirectUrl": "javascript:alert(1)"}));
    for payload in [json!("text"), nameless, bad_mail, bad_role, bad_url] {
        let answer = create(&client, &payload, &[PDF]).await;
        assert!(answer.status == 400 && answer.json()["issues"].is_array(), "{payload}: {}", answer.text);
    }
    assert_eq!(post(&client, "create", lease(one(), json!({}))).await.status, 400, "not a form");

    let no_field = json!([{"name": "Ann", "email": "ann@example.com", "role": "SIGNER"}]);
    for (recipients, files, wanted) in [
        (one(), vec![], (500, "INTERNAL_SERVER_ERROR")),
        (json!([]), vec![PDF], (500, "INTERNAL_SERVER_ERROR")),
        (no_field, vec![PDF], (400, "MISSING_SIGNATURE_FIELD")),
    ] {
        let draft = create(&client, &lease(recipients, json!({})), &files).await;
        assert_eq!(draft.status, 200, "a draft all the same");
        let refused = distribute(&client, draft.json()["id"].as_str().unwrap()).await;
        assert_eq!(code(&refused), (wanted.0, wanted.1.to_owned()));
    }
    assert_eq!(
        distribute(&client, "envelope_aaaaaaaaaaaaaaaa").await.json()["message"],
        "Document not found"
    );
    assert_eq!(mails(&client), Vec::<String>::new());
}

#[tokio::test]
async fn a_rejection_closes_and_a_deletion_is_announced_as_a_cancellation() {
    let client = Client::keyed(Vendor::DOCUMENSO, "Bearer", frozen()).await;
    let webhooks = client.sandbox.webhooks();
    // No one listens there: what would be delivered is in the log.
    webhooks.set_target(Vendor::DOCUMENSO, WebhookTarget::new("http://127.0.0.1:9/", "s")).unwrap();
    let people = || json!([signer("ann", json!(1)), signer("bea", json!(1))]);
    let (open, closed) = (made(&client, people(), json!({})).await, made(&client, people(), json!({})).await);
    distribute(&client, &open).await;
    distribute(&client, &closed).await;
    let ann = get(&client, &closed).await["recipients"][0]["id"].clone();
    let reject = async || {
        post(&client, &format!("recipient/{ann}/reject"), json!({"envelopeId": closed, "reason": "no"})).await
    };
    assert_eq!(reject().await.status, 200);
    let after = get(&client, &closed).await;
    let row = &after["recipients"][0];
    assert_eq!(
        (&after["status"], &row["signingStatus"], &row["rejectionReason"]),
        (&json!("REJECTED"), &json!("REJECTED"), &json!("no"))
    );
    assert_eq!(code(&reject().await), (400, "INVALID_REQUEST".to_owned()));
    let again = distribute(&client, &closed).await;
    assert_eq!(
        (again.status, again.json()["message"].clone()),
        (500, json!("Can not send completed document"))
    );

    for id in [&open, &closed] {
        assert_eq!(post(&client, "delete", json!({"envelopeId": id})).await.status, 200);
    }
    assert_eq!(client.get(&format!("{BASE}/{open}")).await.status, 404);
    assert_eq!(post(&client, "delete", json!({"envelopeId": open})).await.status, 404);
    assert!(get(&client, &closed).await["deletedAt"].is_string(), "can still be read by its id");
    assert_eq!(client.get(BASE).await.json()["count"], 0);
    let cancelled = webhooks.log().iter().filter(|one| one.event == "DOCUMENT_CANCELLED").count();
    assert_eq!(cancelled, 2);
}
