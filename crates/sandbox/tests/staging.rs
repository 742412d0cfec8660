//! States that can be staged without a vendor's API: drafts, background creation, bounced mail, voiding, expiry, edits.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod support;

use std::time::Duration;

use countersign_sandbox::{EnvelopeStatus, Making, NewEnvelope, NewRecipient, Reason, Vendor};
use support::{frozen, http, start};

fn new(vendor: Vendor) -> NewEnvelope {
    NewEnvelope::new(vendor, "Lease")
        .with_recipient(NewRecipient::new("Anna", "anna@example.com"))
        .with_recipient(NewRecipient::new("Bo", "bo@example.com").with_order(2))
}

#[tokio::test]
async fn a_draft_asks_nobody_and_a_document_in_the_making_is_sent_when_it_is_made() {
    let world = start(frozen()).await.world();
    let draft = world.make_envelope(NewEnvelope { making: Making::Draft, ..new(Vendor::DOCUSIGN) }).unwrap();
    assert_eq!((draft.status, draft.ready), (EnvelopeStatus::Draft, true));
    let making = Making::Background { seconds: 60 };
    let later = world.make_envelope(NewEnvelope { making, ..new(Vendor::BOLDSIGN) }).unwrap();
    assert_eq!((later.ready, world.outbox().len()), (false, 0));
    world.advance(Duration::from_secs(60));
    let made = world.envelope(&later.id).unwrap();
    assert_eq!((made.ready, made.status), (true, EnvelopeStatus::Sent));
    assert_eq!(world.outbox().len(), 1, "{:?}", world.outbox());
    let refused = world.make_envelope(NewEnvelope { making, ..new(Vendor::DOCUSIGN) }).unwrap_err();
    assert_eq!(refused.reason, Reason::Invalid);
}

#[tokio::test]
async fn what_befalls_an_envelope_can_be_staged_over_http_as_well() {
    let sandbox = start(frozen()).await;
    let world = sandbox.world();
    let post = |path: String, body: &'static str| {
        let request = http().post(format!("{}/_sandbox/envelopes/{path}", sandbox.url()));
        async move {
            let request = request.header("content-type", "application/json").body(body);
            request.send().await.unwrap().status().as_u16()
        }
    };
    let voided = world.make_envelope(new(Vendor::DOCUSIGN)).unwrap().id;
    assert_eq!(post(format!("{voided}/void"), r#"{"reason": "mistake"}"#).await, 204);
    assert_eq!(world.envelope(&voided).unwrap().status, EnvelopeStatus::Voided);
    assert_eq!(post(format!("{voided}/expire"), "").await, 409, "it is over");

    let expired = world.make_envelope(new(Vendor::BOLDSIGN)).unwrap().id;
    assert_eq!(post(format!("{expired}/expire"), "").await, 204);
    assert_eq!(world.envelope(&expired).unwrap().status, EnvelopeStatus::Expired);

    let bounced = world.make_envelope(new(Vendor::BOLDSIGN)).unwrap().id;
    assert_eq!(post(format!("{bounced}/recipients/1/bounce"), "").await, 204);
    assert_eq!(post(format!("{bounced}/recipients/2/bounce"), "").await, 409, "nothing was sent to them");
    assert_eq!(post(format!("{bounced}/recipients/9/bounce"), "").await, 404);

    let edited = world.make_envelope(new(Vendor::DOCUSIGN)).unwrap().id;
    assert_eq!(post(format!("{edited}/edit"), "").await, 204);
    let access = sandbox.docusign();
    let resend = || {
        let path =
            format!("restapi/v2.1/accounts/{}/envelopes/{edited}?resend_envelope=true", access.account_id);
        http()
            .put(format!("{}/{path}", sandbox.url()))
            .bearer_auth(access.access_token.expose())
            .header("content-type", "application/json")
            .body("{}")
            .send()
    };
    let busy = resend().await.unwrap();
    assert_eq!(busy.status().as_u16(), 400);
    assert!(busy.text().await.unwrap().contains("EDIT_LOCK_NOT_LOCK_OWNER"));
    let url = format!("{}/_sandbox/envelopes/{edited}/edit", sandbox.url());
    assert_eq!(http().delete(url).send().await.unwrap().status().as_u16(), 204);
    assert_eq!(resend().await.unwrap().status().as_u16(), 200);
}
