//! One return URL, signed, and the ways in which it is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use common::{VENDOR, clock};
use countersign::redact::is_harmful;
use countersign::returns::{
    Destination, MemoryNonces, Nonce, NonceStore, ReturnKey, ReturnKeys, ReturnOutcome, ReturnRefused,
    ReturnRoutes, ReturnState,
};
use countersign::secrecy::SecretString;
use countersign::{BaseUrl, EnvelopeId, ErrorKind, RecipientId, ReturnUrl};
use countersign_testkit::FakeClock;
use proptest::prelude::*;

fn key(id: &str) -> ReturnKey {
    ReturnKey::new(id, SecretString::from(format!("marked-secret-of-the-returns-{id:>12}"))).unwrap()
}

fn at(path: &str) -> Destination {
    Destination::new(path).unwrap()
}

fn state() -> ReturnState {
    let envelope = EnvelopeId::new("5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001").unwrap();
    of(envelope, RecipientId::new("anna@example.com#1").unwrap())
}

fn of(envelope: EnvelopeId, recipient: RecipientId) -> ReturnState {
    ReturnState { vendor: "acme".to_owned(), account: "main".to_owned(), envelope, recipient }
}

/// Routes of the made-up vendor; a day's life, and a clock that stands still.
fn routes(keys: ReturnKeys, clock: &Arc<FakeClock>) -> ReturnRoutes {
    let base = BaseUrl::new("https://app.example.com/back/").unwrap();
    ReturnRoutes::new(base, keys, at("/contracts/{envelope}"))
        .to(ReturnOutcome::Signed, at("/contracts/{account}/{envelope}/signed?by=return#top"))
        .to(ReturnOutcome::Declined, at("https://other.example.com/declined/{recipient}"))
        .to(ReturnOutcome::Other("Fax".to_owned()), at("/fax"))
        .clock(clock.clone())
        .vendor(&VENDOR)
}

fn word(refused: &ReturnRefused) -> &'static str {
    match refused {
        ReturnRefused::Malformed => "malformed",
        ReturnRefused::UnknownKey => "unknown key",
        ReturnRefused::Forged => "forged",
        ReturnRefused::Expired { .. } => "expired",
        ReturnRefused::Replayed { .. } => "replayed",
        ReturnRefused::UnknownVendor => "unknown vendor",
        ReturnRefused::Unavailable(_) => "unavailable",
        _ => "something new",
    }
}

async fn refusal(routes: &ReturnRoutes, url: &str) -> &'static str {
    match routes.accept(url).await {
        Ok(_) => "accepted",
        Err(refused) => word(&refused),
    }
}

#[tokio::test]
async fn a_return_is_taken_once_and_leads_where_the_application_said() {
    let routes = routes(ReturnKeys::new(key("k1")), &clock());
    let url = routes.issue(&state()).unwrap();
    assert!(!url.has_query_or_fragment(), "{url}");
    let accepted = routes.accept(&format!("{url}?documentId=x")).await.unwrap();
    assert_eq!(accepted.state, state());
    assert_eq!(accepted.hint.outcome, None, "this vendor tells nothing");
    assert_eq!(accepted.destination(), "/contracts/5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001");
    for (outcome, place) in [
        (ReturnOutcome::Signed, "/contracts/main/5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001/signed?by=return#top"),
        (ReturnOutcome::Declined, "https://other.example.com/declined/anna%40example.com%231"),
        (ReturnOutcome::Other("fax".to_owned()), "/fax"),
        (ReturnOutcome::Other("mail".to_owned()), "/contracts/5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001"),
        (ReturnOutcome::Failed, "/contracts/5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001"),
    ] {
        assert_eq!(accepted.destination_for(Some(&outcome)), place);
    }
    let again = routes.accept(url.as_str()).await.unwrap_err();
    assert_eq!((word(&again), again.state()), ("replayed", Some(&state())));
}

#[tokio::test]
async fn debug_shows_neither_keys_nor_used_returns() {
    let routes = routes(ReturnKeys::new(key("k1")), &clock());
    let url = routes.issue(&state()).unwrap();
    let accepted = routes.accept(url.as_str()).await.unwrap();
    let shown = format!("{accepted:?}");
    assert!(shown.contains("k1") && !shown.contains("marked") && !shown.contains("MemoryNonces"), "{shown}");
}

#[tokio::test]
async fn a_return_ends_to_the_second() {
    let time = clock();
    let routes = routes(ReturnKeys::new(key("k1")), &time);
    let day = routes.issue(&state()).unwrap();
    let also_day = routes.issue(&state()).unwrap();
    let short = routes.clone().life(Duration::from_secs(60)).issue(&state()).unwrap();
    time.advance(Duration::from_secs(60));
    let late = routes.accept(short.as_str()).await.unwrap_err();
    assert_eq!((word(&late), late.state()), ("expired", Some(&state())));
    time.advance(Duration::from_secs(86_339));
    assert_eq!(refusal(&routes, day.as_str()).await, "accepted", "one second before its end");
    time.advance(Duration::from_secs(1));
    assert_eq!(refusal(&routes, also_day.as_str()).await, "expired");
    assert_eq!(refusal(&routes, day.as_str()).await, "expired", "a used one that is too old is too old");
}

#[tokio::test]
async fn keys_change_without_a_return_being_lost() {
    let time = clock();
    let old = routes(ReturnKeys::new(key("2026-10")), &time);
    let issued = old.issue(&state()).unwrap();
    let both = routes(ReturnKeys::new(key("2026-11")).with_older(key("2026-10")).unwrap(), &time);
    assert_eq!(refusal(&both, issued.as_str()).await, "accepted", "the old key still verifies");
    let new = both.issue(&state()).unwrap();
    assert_eq!(refusal(&old, new.as_str()).await, "unknown key", "the newest key signs");
    let only_new = routes(ReturnKeys::new(key("2026-11")), &time);
    assert_eq!(refusal(&only_new, issued.as_str()).await, "unknown key", "the old key was taken out");
    let same_id =
        ReturnKey::new("2026-11", SecretString::from("another secret of at least 32 bytes")).unwrap();
    let forger = routes(ReturnKeys::new(same_id), &time);
    assert_eq!(refusal(&only_new, forger.issue(&state()).unwrap().as_str()).await, "forged");
}

#[tokio::test]
async fn what_is_no_return_is_told_from_a_forged_one() {
    let routes = routes(ReturnKeys::new(key("k1")), &clock());
    let url = routes.issue(&state()).unwrap().to_string();
    let (_, token) = url.rsplit_once('/').unwrap();
    for nothing in ["", "/", "/back/", "/back/x", "/back/%2e%2e", "https://app.example.com/back/ü"] {
        assert_eq!(refusal(&routes, nothing).await, "malformed", "{nothing}");
    }
    for cut in [1, 20, token.len() - 1] {
        assert_ne!(refusal(&routes, &format!("/back/{}", &token[..cut])).await, "accepted", "{cut}");
    }
    assert_eq!(refusal(&routes, &format!("/back/{token}{}", "A".repeat(600))).await, "malformed");
    assert_eq!(
        refusal(&routes, &format!("/back/{token}=")).await,
        "malformed",
        "padding is another spelling"
    );
    assert_eq!(
        refusal(&routes, &format!("/elsewhere/{token}/?x=/back")).await,
        "accepted",
        "none of them used it up"
    );
}

#[test]
fn what_does_not_fit_into_a_return_url_is_refused_when_it_is_made() {
    let routes = routes(ReturnKeys::new(key("k1")), &clock());
    let long = of(EnvelopeId::new("e".repeat(256)).unwrap(), RecipientId::new("r".repeat(100)).unwrap());
    let error = routes.issue(&long).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(
        error.hint(),
        "give an absolute http or https URL of at most 470 characters without user info"
    );
    let mut other = state();
    other.vendor = "nobody".to_owned();
    assert_eq!(routes.issue(&other).unwrap_err().kind(), ErrorKind::Config);
    let usual = routes.issue(&state()).unwrap();
    assert!(usual.as_str().len() < 230, "{} of {}", usual.as_str().len(), ReturnUrl::MAX);
}

#[test]
fn keys_are_checked_and_hidden() {
    let secret = |text: &str| SecretString::from(text.to_owned());
    let short = ReturnKey::new("k1", secret("marked-too-short")).unwrap_err().to_string();
    assert!(short.contains("16 bytes") && !short.contains("marked"), "{short}");
    for id in ["", "a b", "ü", "a/b", &"k".repeat(33)] {
        assert!(ReturnKey::new(id, secret(&"s".repeat(32))).is_err(), "{id}");
    }
    assert!(ReturnKeys::new(key("k1")).with_older(key("k1")).is_err());
    let routes = routes(ReturnKeys::new(key("k1")).with_older(key("k2")).unwrap(), &clock());
    let shown = format!("{routes:?} {routes:#?} {:?}", key("k1"));
    assert!(!shown.contains("marked"), "{shown}");
    let random = BTreeSet::from([(); 3].map(|()| {
        let routes = self::routes(ReturnKeys::new(ReturnKey::random("r").unwrap()), &clock());
        routes.issue(&state()).unwrap().to_string()
    }));
    assert_eq!(random.len(), 3);
}

#[test]
fn destinations_are_fixed_addresses() {
    for good in [
        "/",
        "/done",
        "/a/{envelope}",
        "/{account}/{recipient}?x=1#y",
        "https://app.example.com",
        "http://localhost:1/{envelope}",
    ] {
        assert!(Destination::new(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "done",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "ftp://a.example/x",
        "https://",
        "https://{account}.example/x",
        "/a{envelope}",
        "/{nonce}",
        "/x?e={envelope}",
        "/a b",
        "/a\nb",
        "https://user:pw@app.example.com/",
    ] {
        assert!(Destination::new(bad).is_err(), "{bad}");
    }
}

#[derive(Debug)]
struct Broken;

#[async_trait::async_trait]
impl NonceStore for Broken {
    async fn claim(&self, _: Nonce, _: Duration) -> countersign::Result<bool> {
        Err(countersign::Error::new(ErrorKind::Unavailable, "the store is away"))
    }
}

#[tokio::test]
async fn without_its_store_nothing_is_let_in() {
    let base = BaseUrl::new("https://app.example.com/back").unwrap();
    let keys = ReturnKeys::new(key("k1"));
    let routes = ReturnRoutes::new(base, keys, at("/")).vendor(&VENDOR).nonces(Arc::new(Broken));
    let url = routes.issue(&state()).unwrap();
    let refused = routes.accept(url.as_str()).await.unwrap_err();
    assert_eq!((word(&refused), refused.status()), ("unavailable", 503));
}

#[tokio::test]
async fn the_memory_of_returns_is_bounded_and_forgets_what_ends_first() {
    let (time, store) = (clock(), Arc::new(MemoryNonces::new(2)));
    let base = BaseUrl::new("https://app.example.com/back").unwrap();
    let routes = ReturnRoutes::new(base, ReturnKeys::new(key("k1")), at("/")).vendor(&VENDOR);
    let routes = routes.nonces(store).clock(time.clone());
    let lives =
        [300, 100, 200].map(|life| routes.clone().life(Duration::from_secs(life)).issue(&state()).unwrap());
    for url in &lives {
        assert_eq!(refusal(&routes, url.as_str()).await, "accepted");
    }
    assert_eq!(refusal(&routes, lives[0].as_str()).await, "replayed");
    assert_eq!(refusal(&routes, lives[2].as_str()).await, "replayed");
    assert_eq!(refusal(&routes, lives[1].as_str()).await, "accepted", "it ended first, so it was forgotten");
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #[test]
    fn whatever_fits_comes_back_as_it_was(
        account in "\\PC{0,20}", envelope in "[!-~]{1,40}", recipient in "\\PC{1,20}"
    ) {
        let ids = (EnvelopeId::new(envelope), RecipientId::new(recipient));
        let (Ok(envelope), Ok(recipient)) = ids else { return Ok(()) };
        prop_assume!(!account.contains(is_harmful));
        let state = ReturnState { account, ..of(envelope, recipient) };
        let routes = routes(ReturnKeys::new(key("k1")), &clock());
        let url = routes.issue(&state).unwrap();
        prop_assert_eq!(block(routes.accept(&format!("{url}?event=cancel?documentId=1"))).unwrap().state, state);
    }

    #[test]
    fn any_changed_character_is_refused(place: prop::sample::Index, with in "[!-~&&[^?#/]]") {
        let routes = routes(ReturnKeys::new(key("k1")), &clock());
        let url = routes.issue(&state()).unwrap().to_string();
        let start = url.rfind('/').unwrap() + 1;
        let at = start + place.index(url.len() - start);
        prop_assume!(url[at..=at] != with);
        let altered = format!("{}{with}{}", &url[..at], &url[at + 1..]);
        prop_assert_ne!(block(refusal(&routes, &altered)), "accepted");
        prop_assert_eq!(block(refusal(&routes, &url)), "accepted", "the altered one used up nothing");
    }

    #[test]
    fn no_token_makes_a_destination_leave_its_place(
        account in "\\PC{0,12}", envelope in "\\PC{1,12}", recipient in "\\PC{1,12}"
    ) {
        let ids = (EnvelopeId::new(envelope), RecipientId::new(recipient));
        let (Ok(envelope), Ok(recipient)) = ids else { return Ok(()) };
        let state = ReturnState { account, ..of(envelope, recipient) };
        let page = url::Url::parse("https://app.example.com/here").unwrap();
        for template in ["/{account}/{envelope}/x", "/{recipient}", "/a/{envelope}/{account}"] {
            let there = page.join(&at(template).fill(&state)).unwrap();
            prop_assert_eq!(there.host_str(), Some("app.example.com"));
            prop_assert_eq!(there.path().split('/').count(), template.split('/').count());
            prop_assert_eq!(there.query(), None);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(url in "\\PC{0,200}") {
        let routes = routes(ReturnKeys::new(key("k1")), &clock());
        prop_assert_ne!(block(refusal(&routes, &url)), "accepted");
    }
}

#[tokio::test]
async fn a_return_of_an_earlier_release_is_still_taken() {
    // Made by the first release with the key of these tests, a year before its end.
    let token = [
        "AQJrMQAAAABs4_Cg80g30uzSBg0_C8XvAARh",
        "Y21lAARtYWlugABeKdyNVLtKepocM_DitaAB",
        "ABJhbm5hQGV4YW1wbGUuY29tIzG8AShUpxpV",
        "PArOl0wYJZghsuRFkP1eLGD476vJrJaxtA",
    ];
    let routes = routes(ReturnKeys::new(key("k1")), &clock());
    let accepted = routes.accept(&format!("/back/{}", token.concat())).await.unwrap();
    assert_eq!(accepted.state, state());
}
