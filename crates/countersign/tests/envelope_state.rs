//! The newest state: any order of delivery, with copies and losses of copies, ends the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeMap;

use countersign::webhook::{
    DatedStatus, EnvelopeState, Notification, NotificationKey, NotifiedRecipient, WebhookEvent,
};
use countersign::{
    EnvelopeId, EnvelopeStatus, Recipient, RecipientId, RecipientStatus, Recipients, Role, Timestamp,
};
use proptest::prelude::*;

fn told(event: WebhookEvent, second: Option<i64>, recipient: Option<&str>) -> Notification {
    let mut told = Notification::new("acme", event, "word", NotificationKey::told("acme", "1"));
    told.envelope = Some(EnvelopeId::new("e").unwrap());
    told.at = second.map(|second| Timestamp::from_second(second).unwrap());
    told.recipient = recipient.map(|id| {
        let mut concerned = NotifiedRecipient::new(RecipientId::new(id).unwrap());
        concerned.status = told.event.recipient_status();
        concerned
    });
    told
}

fn folded(all: &[Notification]) -> EnvelopeState {
    let mut latest = EnvelopeState::default();
    for one in all {
        latest.apply(one);
    }
    latest
}

fn envelope(latest: &EnvelopeState) -> &str {
    latest.envelope.as_ref().map_or("", |standing| standing.status.as_str())
}

#[test]
fn an_older_state_never_overwrites_a_newer_one() {
    let mut latest = EnvelopeState::default();
    let viewed = told(WebhookEvent::EnvelopeViewed, Some(20), None);
    assert_eq!(latest.apply(&viewed).envelope, Some(EnvelopeStatus::Viewed));
    assert!(latest.apply(&told(WebhookEvent::EnvelopeSent, Some(10), None)).is_empty());
    assert!(latest.apply(&viewed).is_empty(), "a copy changes nothing");
    assert_eq!(envelope(&latest), "viewed");
}

#[test]
fn what_is_finished_never_goes_back_whatever_the_times_say() {
    let mut latest = folded(&[told(WebhookEvent::EnvelopeCompleted, Some(10), None)]);
    assert!(latest.apply(&told(WebhookEvent::EnvelopeViewed, Some(99), None)).is_empty());
    let mut later = told(WebhookEvent::Other("new".into()), Some(99), None);
    later.envelope_status = Some(EnvelopeStatus::Other("pending".into()));
    assert!(latest.apply(&later).is_empty());
    assert_eq!(envelope(&latest), "completed");
    let signed = told(WebhookEvent::RecipientSigned, None, Some("1"));
    let again = told(WebhookEvent::RecipientNotified, Some(99), Some("1"));
    let one = RecipientId::new("1").unwrap();
    assert_eq!(folded(&[signed, again]).recipients.get(&one).unwrap().status, RecipientStatus::Signed);
}

#[test]
fn at_the_same_time_the_one_further_on_stays() {
    for order in [[0, 1], [1, 0]] {
        let all = [
            told(WebhookEvent::RecipientViewed, Some(5), Some("1")),
            told(WebhookEvent::RecipientNotified, Some(5), Some("1")),
        ];
        let latest = folded(&order.map(|at: usize| all[at].clone()));
        assert_eq!(latest.recipients.iter().next().unwrap().1.status, RecipientStatus::Viewed);
    }
}

#[test]
fn a_status_that_is_told_beside_an_older_one_is_no_change() {
    let one = RecipientId::new("1").unwrap();
    let mut latest = folded(&[told(WebhookEvent::RecipientViewed, Some(5), Some("1"))]);
    let mut again = told(WebhookEvent::RecipientViewed, Some(6), Some("1"));
    let mut listed = Recipient::new(one.clone(), Role::Signer);
    listed.status = RecipientStatus::Notified;
    again.recipients = Some(Recipients::new(vec![listed], None, None));
    assert!(latest.apply(&again).is_empty());
    assert_eq!(latest.recipients.get(&one).unwrap().status, RecipientStatus::Viewed);
}

#[test]
fn a_state_may_go_back_before_the_end() {
    // A bounced address was corrected, and the person told anew.
    let all = [
        told(WebhookEvent::RecipientDeliveryFailed, Some(5), Some("1")),
        told(WebhookEvent::RecipientNotified, Some(6), Some("1")),
    ];
    assert_eq!(folded(&all).recipients.iter().next().unwrap().1.status, RecipientStatus::Notified);
}

#[test]
fn another_envelope_and_an_unknown_event_change_nothing() {
    let mut latest = folded(&[told(WebhookEvent::EnvelopeSent, Some(1), None)]);
    let mut other = told(WebhookEvent::EnvelopeCompleted, Some(2), None);
    other.envelope = Some(EnvelopeId::new("f").unwrap());
    assert!(latest.apply(&other).is_empty());
    other.envelope = None;
    assert!(latest.apply(&other).is_empty());
    assert!(latest.apply(&told(WebhookEvent::Other("x".into()), Some(9), Some("1"))).is_empty());
    assert_eq!(envelope(&latest), "sent");
}

#[test]
fn it_goes_on_from_what_was_kept() {
    let at = |second| Some(Timestamp::from_second(second).unwrap());
    let mut latest = EnvelopeState {
        id: Some(EnvelopeId::new("e").unwrap()),
        envelope: Some(DatedStatus { status: EnvelopeStatus::Viewed, at: at(5) }),
        recipients: BTreeMap::from([(
            RecipientId::new("1").unwrap(),
            DatedStatus { status: RecipientStatus::Viewed, at: at(5) },
        )]),
    };
    assert!(latest.apply(&told(WebhookEvent::RecipientNotified, Some(4), Some("1"))).is_empty());
    let changes = latest.apply(&told(WebhookEvent::RecipientSigned, Some(6), Some("1")));
    assert_eq!(changes.recipients, [(RecipientId::new("1").unwrap(), RecipientStatus::Signed)]);
    insta::assert_json_snapshot!(latest, @r#"
    {
      "id": "e",
      "envelope": {
        "status": "viewed",
        "at": "1970-01-01T00:00:05Z"
      },
      "recipients": {
        "1": {
          "status": "signed",
          "at": "1970-01-01T00:00:06Z"
        }
      }
    }
    "#);
}

fn any_notification() -> impl Strategy<Value = Notification> {
    let events = WebhookEvent::NAMED.to_vec();
    let event = prop_oneof![
        8 => proptest::sample::select(events),
        1 => "[a-c]".prop_map(WebhookEvent::Other),
    ];
    let status = proptest::option::of(prop_oneof![
        proptest::sample::select(EnvelopeStatus::NAMED.to_vec()),
        "[x-z]".prop_map(EnvelopeStatus::Other),
    ]);
    let of_recipient = proptest::option::of(prop_oneof![
        proptest::sample::select(RecipientStatus::NAMED.to_vec()),
        "[x-z]".prop_map(RecipientStatus::Other),
    ]);
    (event, proptest::option::of(0i64..4), proptest::option::of("[12]"), status, of_recipient).prop_map(
        |(event, second, recipient, status, of_recipient)| {
            let mut told = told(event, second, recipient.as_deref());
            told.envelope_status = told.envelope_status.or(status);
            if let Some(concerned) = &mut told.recipient {
                concerned.status = concerned.status.take().or(of_recipient);
            }
            told
        },
    )
}

proptest! {
    #[test]
    fn any_order_with_copies_ends_the_same(
        (all, shuffled) in proptest::collection::vec(any_notification(), 1..8).prop_flat_map(|all| {
            let twice: Vec<Notification> = all.iter().chain(&all).cloned().collect();
            (Just(all), Just(twice).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(folded(&all), folded(&shuffled));
    }

    #[test]
    fn changes_say_what_is_different(all in proptest::collection::vec(any_notification(), 1..8)) {
        let mut latest = EnvelopeState::default();
        for one in &all {
            let before = latest.clone();
            let changes = latest.apply(one);
            let status = |latest: &EnvelopeState| latest.envelope.as_ref().map(|standing| standing.status.clone());
            prop_assert_eq!(changes.envelope.is_some(), status(&before) != status(&latest));
            for (id, standing) in &latest.recipients {
                let changed = before.recipients.get(id).is_none_or(|old| old.status != standing.status);
                prop_assert_eq!(changed, changes.recipients.iter().any(|(changed, _)| changed == id));
            }
            // Once final, always final.
            if before.envelope.as_ref().is_some_and(|standing| standing.status.is_final()) {
                prop_assert!(latest.envelope.as_ref().unwrap().status.is_final());
            }
        }
    }
}
