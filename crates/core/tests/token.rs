//! Tokens: renewed early, one renewal at a time, no storm after a failure, nothing lost with a caller who leaves.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use countersign_core::{Clock, Error, ErrorKind, Result, Retry, Timestamp, TokenCache};
use countersign_testkit::{FakeClock, polled};

/// A cache, a clock, and a vendor whose answers are numbered.
struct Stage {
    cache: TokenCache<u32>,
    clock: FakeClock,
    asked: Arc<AtomicU32>,
}

/// Looks away once, so that others get their turn.
async fn pause() {
    tokio::task::yield_now().await;
}

impl Stage {
    fn new(early: u64) -> Self {
        Self {
            cache: TokenCache::new(Duration::from_secs(early)),
            clock: FakeClock::at("2026-01-01T00:00:00Z"),
            asked: Arc::default(),
        }
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    /// Gets a token that would live so long.
    async fn token(&self, life: u64) -> Result<u32> {
        let end = self.clock.now() + Duration::from_secs(life);
        self.by(move |number| async move {
            pause().await;
            Ok((number, end))
        })
        .await
    }

    async fn fail(&self, error: Error) -> Result<u32> {
        self.by(move |_| std::future::ready(Err(error.clone()))).await
    }

    async fn by<R>(&self, renew: impl Fn(u32) -> R) -> Result<u32>
    where
        R: Future<Output = Result<(u32, Timestamp)>> + Send + 'static,
    {
        let asked = Arc::clone(&self.asked);
        let renew = move || renew(asked.fetch_add(1, Ordering::SeqCst));
        self.cache.get(|| self.clock.now(), renew).await.map(|lease| lease.value)
    }
}

fn broken() -> Error {
    Error::new(ErrorKind::Unavailable, "out of order")
        .with_outcome(countersign_core::Outcome::NoEffect, Retry::After(None))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_callers_make_one_request() {
    let stage = Arc::new(Stage::new(600));
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let stage = Arc::clone(&stage);
            tokio::spawn(async move { stage.token(3600).await.unwrap() })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), 0);
    }
    assert_eq!(stage.asked(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end() {
    let stage = Stage::new(600);
    assert_eq!(stage.token(3600).await.unwrap(), 0);
    stage.pass(2999);
    assert_eq!(stage.token(3600).await.unwrap(), 0);
    stage.pass(1);
    assert_eq!(stage.token(3600).await.unwrap(), 1);
}

#[tokio::test]
async fn a_short_lived_token_is_used_for_half_its_life() {
    let stage = Stage::new(600);
    assert_eq!(stage.token(100).await.unwrap(), 0);
    stage.pass(49);
    assert_eq!(stage.token(100).await.unwrap(), 0);
    stage.pass(1);
    assert_eq!(stage.token(100).await.unwrap(), 1);
}

#[tokio::test]
async fn a_refused_token_is_dropped_only_if_it_is_still_in_use() {
    let stage = Stage::new(0);
    stage.token(3600).await.unwrap();
    stage.cache.drop_generation(2);
    assert_eq!(stage.token(3600).await.unwrap(), 0);
    stage.cache.drop_generation(1);
    assert_eq!(stage.token(3600).await.unwrap(), 1);
}

#[tokio::test]
async fn those_who_waited_behind_a_failed_renewal_share_its_failure() {
    let stage = Arc::new(Stage::new(0));
    let open = Arc::new(tokio::sync::Semaphore::new(0));
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (stage, open) = (Arc::clone(&stage), Arc::clone(&open));
            tokio::spawn(async move {
                let renew = |_| {
                    let open = Arc::clone(&open);
                    async move {
                        let _open = open.acquire().await;
                        Err(Error::new(ErrorKind::ConsentRequired, "no consent"))
                    }
                };
                stage.by(renew).await.unwrap_err().kind()
            })
        })
        .collect();
    // On this single thread every caller has queued by now. A caller that waited gets the failure however late it
    // comes.
    for _ in 0..200 {
        pause().await;
    }
    stage.pass(30);
    open.add_permits(100);
    for call in calls {
        assert_eq!(call.await.unwrap(), ErrorKind::ConsentRequired);
    }
    assert_eq!(stage.asked(), 1);
}

#[tokio::test]
async fn right_after_a_failure_nobody_asks_again() {
    let stage = Stage::new(0);
    stage.fail(broken()).await.unwrap_err();
    stage.clock.advance(Duration::from_millis(400));
    let error = stage.token(60).await.unwrap_err();
    assert_eq!((error.kind(), stage.asked()), (ErrorKind::Unavailable, 1));
    assert_eq!(error.retry(), Retry::After(Some(Duration::from_millis(600))), "it says when to come back");
    stage.clock.advance(Duration::from_millis(600));
    stage.token(60).await.unwrap();
    assert_eq!(stage.asked(), 2);
}

#[tokio::test]
async fn a_vendor_who_names_a_wait_is_left_alone_so_long_but_not_for_ever() {
    for (told, quiet) in [(30, 30), (3600, 60)] {
        let stage = Stage::new(0);
        let wait = Retry::After(Some(Duration::from_secs(told)));
        let error = Error::new(ErrorKind::RateLimited, "later")
            .with_outcome(countersign_core::Outcome::NoEffect, wait);
        stage.fail(error).await.unwrap_err();
        stage.pass(quiet - 1);
        stage.token(60).await.unwrap_err();
        stage.pass(1);
        stage.token(60).await.unwrap();
        assert_eq!(stage.asked(), 2);
    }
}

#[tokio::test]
async fn while_the_old_token_is_good_a_failed_renewal_fails_nobody() {
    let stage = Stage::new(600);
    stage.token(3600).await.unwrap();
    stage.pass(3100);
    assert_eq!(stage.fail(broken()).await.unwrap(), 0);
    assert_eq!(stage.fail(broken()).await.unwrap(), 0);
    assert_eq!(stage.asked(), 2, "one failed renewal, and none right after it");
    stage.pass(500);
    assert_eq!(stage.fail(broken()).await.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn while_the_old_token_is_good_nobody_waits_for_its_renewal() {
    let stage = Stage::new(600);
    stage.token(3600).await.unwrap();
    stage.pass(3100);
    let mut renewing = std::pin::pin!(stage.by(|_| std::future::pending()));
    assert!(polled(&mut renewing, 1).await.is_none());
    assert_eq!(stage.token(3600).await.unwrap(), 0, "the old one, at once");
}

#[tokio::test]
async fn a_renewal_whose_caller_left_is_carried_on_by_the_next() {
    let stage = Stage::new(0);
    assert!(polled(stage.token(3600), 1).await.is_none());
    assert_eq!(stage.asked(), 1);
    assert_eq!(stage.token(3600).await.unwrap(), 0, "the answer to the first request");
    assert_eq!(stage.asked(), 1);
}

#[tokio::test]
async fn a_renewal_that_failed_for_having_been_left_is_begun_anew() {
    let stage = Stage::new(0);
    let left = stage.by(|_| async {
        pause().await;
        Err(broken())
    });
    assert!(polled(left, 1).await.is_none());
    assert_eq!(stage.token(3600).await.unwrap(), 1);
    assert_eq!(stage.asked(), 2);
}
