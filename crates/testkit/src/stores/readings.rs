//! What every store of readings has to do.

use std::sync::Arc;
use std::time::Duration;

use countersign_core::store::{Reading, Readings, Scope};
use countersign_core::{EnvelopeId, Recipient, RecipientId, Recipients, Role, Timestamp};

use super::{LONG, SHORT, at_once, eventually, scope};

const ID: &str = "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001";

fn envelope(id: &str) -> EnvelopeId {
    EnvelopeId::new(id).expect("an id")
}

fn list(name: &str) -> Recipients {
    let mut recipient = Recipient::new(RecipientId::new("1").expect("an id"), Role::Signer);
    recipient.name = Some(name.to_owned());
    Recipients::new(vec![recipient], Some(1), None)
}

async fn ask(store: &dyn Readings, id: &str, interval: Duration) -> Reading {
    store.may_read(&scope(), &envelope(id), interval).await.expect("an answer")
}

async fn allowed(store: &dyn Readings, interval: Duration) -> Timestamp {
    eventually(async || match ask(store, ID, interval).await {
        Reading::Allowed { at } => Some(at),
        Reading::Before { .. } => None,
    })
    .await
}

/// Also if its id is written in another letter case.
pub async fn an_envelope_is_read_once_in_an_interval(store: Arc<dyn Readings>) {
    let first = allowed(&*store, LONG).await;
    for id in [ID, &ID.to_uppercase()] {
        let Reading::Before { at, again_in, list } = ask(&*store, id, LONG).await else { panic!("{id}") };
        assert_eq!((at, list), (first, None));
        assert!(again_in <= LONG && again_in > LONG / 2, "{again_in:?}");
    }
    assert!(matches!(ask(&*store, "e-2", LONG).await, Reading::Allowed { .. }));
    let second = allowed(&*store, SHORT).await;
    assert!(second > first);
}

/// The question is one atomic step.
pub async fn of_many_simultaneous_callers_one_may_read(store: Arc<dyn Readings>) {
    let answers = at_once(&store, |store, _| async move { ask(&*store, ID, LONG).await }).await;
    let allowed = answers.iter().filter(|answer| matches!(answer, Reading::Allowed { .. }));
    assert_eq!(allowed.count(), 1, "{answers:?}");
}

/// Those who may not read get the list of the one who did.
pub async fn an_answer_is_returned_until_the_next_reading(store: Arc<dyn Readings>) {
    let first = allowed(&*store, LONG).await;
    store.record(&scope(), &envelope(ID), first, &list("Anna \u{e9} \"x\"")).await.expect("recorded");
    let Reading::Before { at, list: Some(found), .. } = ask(&*store, ID, LONG).await else {
        panic!("a list")
    };
    assert_eq!((at, found), (first, list("Anna \u{e9} \"x\"")));
    let second = allowed(&*store, SHORT).await;
    store.record(&scope(), &envelope(ID), second, &list("Ben")).await.expect("recorded");
    let Reading::Before { at, list: Some(found), .. } = ask(&*store, ID, LONG).await else {
        panic!("a list")
    };
    assert_eq!((at, found), (second, list("Ben")));
}

/// A vendor that did not answer was not read.
pub async fn a_failed_reading_may_be_repeated_at_once(store: Arc<dyn Readings>) {
    let first = allowed(&*store, LONG).await;
    store.release(&scope(), &envelope(ID), first).await.expect("released");
    let Reading::Allowed { at } = ask(&*store, ID, LONG).await else { panic!("allowed") };
    // The first caller cannot release the reading of the second.
    assert!(at > first);
    store.release(&scope(), &envelope(ID), first).await.expect("nothing to release");
    assert!(matches!(ask(&*store, ID, LONG).await, Reading::Before { .. }));
}

/// Nor does it end it.
pub async fn a_late_answer_does_not_replace_a_later_reading(store: Arc<dyn Readings>) {
    let first = allowed(&*store, LONG).await;
    let second = allowed(&*store, SHORT).await;
    store.record(&scope(), &envelope(ID), second, &list("new")).await.expect("recorded");
    store.record(&scope(), &envelope(ID), first, &list("old")).await.expect("left out");
    let Reading::Before { list: Some(found), .. } = ask(&*store, ID, LONG).await else { panic!("a list") };
    assert_eq!(found, list("new"));
}

/// A tenant does not see what another one read.
pub async fn scopes_separate_equal_envelopes(store: Arc<dyn Readings>) {
    allowed(&*store, LONG).await;
    let other = Scope::new("other").expect("a scope");
    let answer = store.may_read(&other, &envelope(ID), LONG).await.expect("an answer");
    assert!(matches!(answer, Reading::Allowed { .. }));
}
