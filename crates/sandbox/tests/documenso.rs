//! Documenso: success for everything, the log that shows the result, links for good, and refusals in the wrong status,
//! as a server of version 2.17.0 was measured to answer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use countersign_sandbox::{
    Act, ActOutcome, EnvelopeView, Making, NewEnvelope, NewRecipient, Role, Secret, Vendor, WebhookTarget,
};
use serde_json::{Value, json};
use support::{Answer, Client, frozen, mails};

const BASE: &str = "/api/v2/envelope";

fn ann() -> NewRecipient {
    NewRecipient::new("Ann Lee", "Ann@example.com").with_access_code("1234")
}

fn lease() -> NewEnvelope {
    NewEnvelope::new(Vendor::DOCUMENSO, "Lease")
        .with_recipient(ann())
        .with_recipient(NewRecipient::new("Bea", "bea@example.com").with_order(2))
        .with_recipient(
            NewRecipient::new("Cora", "copy@example.com").with_order(3).with_role(Role::CarbonCopy),
        )
}

struct Made {
    client: Client,
    envelope: EnvelopeView,
}

async fn made(new: NewEnvelope) -> Made {
    let client = Client::keyed(Vendor::DOCUMENSO, "Bearer", frozen()).await;
    let envelope = client.sandbox.world().make_envelope(new).unwrap();
    Made { client, envelope }
}

impl Made {
    async fn get(&self) -> Value {
        self.client.get(&format!("{BASE}/{}", self.envelope.id)).await.json()
    }

    async fn row(&self, at: usize) -> Value {
        self.get().await["recipients"][at].clone()
    }

    async fn redistribute(&self, recipients: Value) -> Answer {
        let body = json!({"envelopeId": self.envelope.id, "recipients": recipients});
        self.client.call("POST", &format!("{BASE}/redistribute"), Some(body)).await
    }

    /// Those who were mailed again, by the log, newest first.
    async fn resent(&self) -> Vec<Value> {
        let log = self.client.get(&format!("{BASE}/{}/audit-log?perPage=100", self.envelope.id)).await.json();
        let entries = log["data"].as_array().unwrap().clone();
        let again = entries.iter().filter(|entry| entry["data"]["isResending"] == true);
        again.map(|entry| entry["data"]["recipientId"].clone()).collect()
    }

    fn act(&self, who: &str, act: Act) -> ActOutcome {
        self.client.sandbox.world().act(&self.envelope.id, who, act).unwrap().outcome
    }
}

fn words(row: &Value) -> [&str; 3] {
    ["readStatus", "signingStatus", "sendStatus"].map(|name| row[name].as_str().unwrap())
}

#[tokio::test]
async fn rows_say_what_a_server_says() {
    let made = made(lease()).await;
    assert!(made.envelope.id.starts_with("envelope_") && made.envelope.id.len() == 25);
    assert_eq!(words(&made.row(0).await), ["NOT_OPENED", "NOT_SIGNED", "SENT"]);
    assert_eq!(words(&made.row(1).await), ["NOT_OPENED", "NOT_SIGNED", "NOT_SENT"], "not in turn");
    assert_eq!(words(&made.row(2).await), ["NOT_OPENED", "SIGNED", "SENT"], "a copy, from the beginning");
    assert_eq!(made.row(0).await["email"], "ann@example.com", "in small letters");
    made.act("1", Act::Open);
    assert_eq!(words(&made.row(0).await), ["OPENED", "NOT_SIGNED", "SENT"]);
    made.act("1", Act::Decline { reason: "no thanks".to_owned() });
    let (all, row) = (made.get().await, made.row(0).await);
    assert_eq!((&all["status"], &row["signingStatus"]), (&json!("REJECTED"), &json!("REJECTED")));
    assert!(row["signedAt"].is_string(), "set by a rejection as well");
    assert_eq!(row["rejectionReason"], "no thanks");
}

#[tokio::test]
async fn a_resend_is_a_success_for_everyone_and_the_log_has_those_who_were_mailed() {
    let made = made(lease()).await;
    made.client.sandbox.world().clear_outbox();
    let [ann, bea, copy] = [0, 1, 2].map(|at| made.row(at));
    let [ann, bea, copy] = [ann.await["id"].clone(), bea.await["id"].clone(), copy.await["id"].clone()];
    for nothing in [json!([999_999]), json!([copy])] {
        let answer = made.redistribute(nothing).await;
        assert_eq!((answer.status, answer.json()["success"].clone()), (200, json!(true)));
    }
    assert_eq!(mails(&made.client), Vec::<String>::new());
    let both = made.redistribute(json!([ann, ann, bea])).await;
    assert_eq!(both.status, 200, "twice the same id, and one before the turn");
    assert_eq!(mails(&made.client), ["reminder Ann@example.com", "reminder bea@example.com"]);
    assert_eq!(made.resent().await, [bea.clone(), ann.clone()]);
    made.act("1", Act::Sign { new_name: None });
    assert_eq!(made.redistribute(json!([ann])).await.status, 200);
    assert_eq!(made.resent().await.len(), 2, "who has signed gets no more mail");
}

#[tokio::test]
async fn refusals_have_odd_statuses() {
    let draft = made(NewEnvelope { making: Making::Draft, ..lease() }).await;
    let seen = |answer: &Answer| (answer.status, answer.json()["data"]["code"].as_str().unwrap().to_owned());
    let internal = |status: u16| (status, "INTERNAL_SERVER_ERROR".to_owned());
    let refused = draft.redistribute(json!([1])).await;
    assert_eq!(seen(&refused), internal(500));
    assert_eq!(refused.json()["message"], "Can not send draft document");
    let open = made(lease()).await;
    assert_eq!(open.redistribute(json!([])).await.json()["issues"][0]["path"], json!(["recipients"]));
    open.client.sandbox.world().void(&open.envelope.id, "x").unwrap();
    let refused = open.redistribute(json!([1])).await;
    assert_eq!(
        (seen(&refused), refused.json()["message"].clone()),
        (internal(500), json!("Can not send completed document"))
    );
    let body = json!({"envelopeId": "envelope_aaaaaaaaaaaaaaaa", "recipients": [1]});
    let unknown = open.client.call("POST", &format!("{BASE}/redistribute"), Some(body)).await;
    assert_eq!(unknown.json()["message"], "Document not found");
    for (id, wanted) in [("document_1", (400, "INVALID_BODY")), ("", (404, "NOT_FOUND"))] {
        let body = json!({"envelopeId": id, "recipients": [1]});
        let refused = open.client.call("POST", &format!("{BASE}/redistribute"), Some(body)).await;
        assert_eq!(seen(&refused), (wanted.0, wanted.1.to_owned()), "{id:?}");
    }
    let get = async |path: &str| seen(&open.client.get(path).await);
    assert_eq!(get(&format!("{BASE}/envelope_aaaaaaaaaaaaaaaa")).await, (404, "NOT_FOUND".to_owned()));
    assert_eq!(get(&format!("{BASE}/document_1")).await, (400, "INVALID_BODY".to_owned()));
    assert_eq!(get(&format!("{BASE}/redistribute")).await, (400, "INVALID_BODY".to_owned()), "read as an id");
    let nowhere = open.client.get("/api/v2/nothing").await;
    assert!(nowhere.status == 404 && nowhere.json()["data"].get("path").is_none(), "{}", nowhere.text);
}

#[tokio::test]
async fn keys() {
    let made = made(lease()).await;
    let access = made.client.sandbox.documenso();
    let path = format!("{BASE}/{}", made.envelope.id);
    for (value, status) in [
        (access.api_key.expose().to_owned(), 200),
        (format!("Bearer {}", access.api_key.expose()), 200),
        (format!("bearer {}", access.api_key.expose()), 401),
        (format!("Bearer {}", access.other_key.expose()), 404),
        // The status is 400, and 401 is inside.
        (format!("Bearer {}", access.expired_key.expose()), 400),
        ("Bearer api_x".to_owned(), 401),
        (String::new(), 401),
    ] {
        let answer = made.client.raw("GET", &path, &[("authorization", &value)], Vec::new()).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

#[tokio::test]
async fn the_limit_is_that_of_a_minute_of_the_clock() {
    let made = made(lease()).await;
    let world = made.client.sandbox.world();
    world.change_settings(|settings| settings.documenso.minute_limit = 2);
    let path = format!("{BASE}/{}", made.envelope.id);
    let first = made.client.get(&path).await;
    assert_eq!((first.header("x-ratelimit-limit"), first.header("x-ratelimit-remaining")), ("2", "1"));
    made.client.get("/api/v2/nothing").await;
    let over = made.client.get(&path).await;
    // The world begins seven seconds after the full minute.
    assert_eq!((over.status, over.header("retry-after")), (429, "53"));
    assert!(over.json()["error"].is_string() && over.json().get("data").is_none());
    world.advance(Duration::from_secs(53));
    assert_eq!(made.client.get(&path).await.status, 200);
}

/// The window of the organization stands behind that of the address, in the same headers; a used-up month has none.
#[tokio::test]
async fn mails_have_limits_of_their_own_after_which_the_time_to_sign_is_renewed_all_the_same() {
    let made = made(lease()).await;
    let world = made.client.sandbox.world();
    let ann = made.row(0).await;
    // The invitation is the first of the two.
    world.change_settings(|settings| settings.documenso.mail_window = Some(2));
    assert_eq!(made.redistribute(json!([ann["id"]])).await.status, 200);
    world.advance(Duration::from_secs(1));
    let over = made.redistribute(json!([ann["id"]])).await;
    assert_eq!((over.status, over.json()["data"]["code"].clone()), (429, json!("TOO_MANY_REQUESTS")));
    // 233 seconds before the next five minutes.
    let headers = ["x-ratelimit-limit", "x-ratelimit-remaining", "retry-after"].map(|name| over.header(name));
    assert_eq!(headers, ["1000, 2", "997, 0", "232"]);
    assert_ne!(made.row(0).await["expiresAt"], ann["expiresAt"]);
    assert_eq!(mails(&made.client).len(), 2);
    world.advance(Duration::from_secs(232));
    assert_eq!(made.redistribute(json!([ann["id"]])).await.status, 200);
    world.change_settings(|settings| settings.documenso.mail_quota = Some(3));
    let over = made.redistribute(json!([ann["id"]])).await;
    assert_eq!(
        (over.status, over.header("retry-after"), over.header("x-ratelimit-limit")),
        (429, "", "1000")
    );
    assert!(
        over.json()["message"].as_str().unwrap().contains("fair use"),
        "all that tells it from the window"
    );
}

#[tokio::test]
async fn a_recipient_has_one_link_for_good_and_a_resend_revives_it() {
    let made =
        made(NewEnvelope { return_url: Some("https://app.example.com/back?x=1#frag".to_owned()), ..lease() })
            .await;
    let row = made.row(0).await;
    let token = row["token"].as_str().unwrap().to_owned();
    let link = made.client.sandbox.world().outbox()[0].link.clone().unwrap();
    assert!(link.expose().ends_with(&token), "the link of the mail");
    let open = || made.act("1", Act::OpenLink { url: Secret::new(format!("x/sign/{token}")) });
    assert_eq!((open(), open()), (ActOutcome::Done, ActOutcome::Done));
    made.client.sandbox.world().advance(Duration::from_secs(91 * 86_400));
    assert_eq!(open(), ActOutcome::LinkUsedUp);
    assert_eq!(made.get().await["status"], "PENDING", "recipients expire, not envelopes");
    made.redistribute(json!([row["id"]])).await;
    assert_eq!((open(), made.row(0).await["token"].clone()), (ActOutcome::Done, json!(token)));
    let signed =
        made.client.sandbox.world().act(&made.envelope.id, "1", Act::Sign { new_name: None }).unwrap();
    assert_eq!(signed.redirect.as_deref(), Some("https://app.example.com/back?x=1#frag"), "unchanged");
}

#[tokio::test]
async fn of_several_who_have_expired_a_resend_revives_those_whom_it_names() {
    let made = made(NewEnvelope { signing_order: false, ..lease() }).await;
    let world = made.client.sandbox.world();
    world.expire(&made.envelope.id).unwrap();
    world.advance(Duration::from_secs(60));
    let ends = async |at: usize| {
        let ends = made.row(at).await["expiresAt"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        ends > world.now()
    };
    assert_eq!((ends(0).await, ends(1).await), (false, false));
    assert_eq!(made.redistribute(json!([made.row(0).await["id"]])).await.status, 200);
    assert_eq!((ends(0).await, ends(1).await), (true, false));
}

/// Of invitations, because they leave in the background; of reminders, because the event is made first.
#[tokio::test]
async fn webhooks_show_what_was_before_the_mails() {
    let draft = made(NewEnvelope { making: Making::Draft, ..lease() }).await;
    let webhooks = draft.client.sandbox.webhooks();
    // No one listens there: what would be delivered is kept.
    webhooks.set_target(Vendor::DOCUMENSO, WebhookTarget::new("http://127.0.0.1:9/", "s")).unwrap();
    webhooks.hold();
    let row = async |word: &str| {
        let one = webhooks.log().into_iter().find(|one| one.event == word).unwrap();
        webhooks.deliver(one.id).await.unwrap();
        let sent = webhooks.request(one.id).unwrap();
        serde_json::from_str::<Value>(sent.body.expose()).unwrap()["payload"]["recipients"][0].clone()
    };
    let body = json!({"envelopeId": draft.envelope.id});
    draft.client.call("POST", &format!("{BASE}/distribute"), Some(body)).await;
    assert_eq!(
        (&row("DOCUMENT_SENT").await["sendStatus"], &draft.row(0).await["sendStatus"]),
        (&json!("NOT_SENT"), &json!("SENT"))
    );
    let before = draft.row(0).await;
    draft.client.sandbox.world().advance(Duration::from_secs(60));
    draft.redistribute(json!([before["id"]])).await;
    assert_eq!(row("DOCUMENT_REMINDER_SENT").await["expiresAt"], before["expiresAt"]);
    assert_ne!(draft.row(0).await["expiresAt"], before["expiresAt"]);
}

#[tokio::test]
async fn an_address_that_the_mail_server_refuses_is_a_500_after_the_other_mails() {
    let made = made(NewEnvelope { signing_order: false, ..lease() }).await;
    let world = made.client.sandbox.world();
    world.bounce(&made.envelope.id, "1").unwrap();
    world.clear_outbox();
    let webhooks = made.client.sandbox.webhooks();
    // No one listens there: what would be delivered is in the log.
    webhooks.set_target(Vendor::DOCUMENSO, WebhookTarget::new("http://127.0.0.1:9/", "s")).unwrap();
    let reminders = || webhooks.log().iter().filter(|one| one.event == "DOCUMENT_REMINDER_SENT").count();
    let [ann, bea] = [made.row(0).await["id"].clone(), made.row(1).await["id"].clone()];
    assert_eq!(made.redistribute(json!([ann, bea])).await.status, 500);
    assert_eq!((mails(&made.client), reminders()), (vec!["reminder bea@example.com".to_owned()], 0));
    assert_eq!(made.redistribute(json!([bea])).await.status, 200);
    assert_eq!(reminders(), 1);
}

#[tokio::test]
async fn without_mails_a_resend_succeeds_and_sends_none() {
    let made = made(NewEnvelope { emails_disabled: true, ..lease() }).await;
    assert_eq!(made.row(0).await["sendStatus"], "NOT_SENT");
    assert_eq!(made.redistribute(json!([made.row(0).await["id"]])).await.status, 200);
    assert_eq!((mails(&made.client), made.resent().await), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn there_are_no_access_codes_and_cancelling_needs_a_pending_envelope() {
    let made = made(lease()).await;
    assert!(!made.envelope.recipients[0].has_access_code);
    let cancel = async || {
        let body = json!({"envelopeId": made.envelope.id, "reason": "x"});
        made.client.call("POST", &format!("{BASE}/cancel"), Some(body)).await.status
    };
    assert_eq!((cancel().await, cancel().await), (200, 400));
    assert_eq!(made.get().await["status"], "CANCELLED");
}
