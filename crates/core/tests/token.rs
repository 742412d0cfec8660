//! Tokens: renewed early, one renewal at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use countersign_core::{Error, ErrorKind, Timestamp, TokenCache};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

async fn token(cache: &TokenCache<u32>, now: i64, life: i64, made: &AtomicU32) -> Result<u32, Error> {
    let renew = || async {
        tokio::task::yield_now().await;
        Ok((made.fetch_add(1, Ordering::SeqCst), at(now + life)))
    };
    cache.get(at(now), renew).await.map(|lease| lease.value)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_callers_make_one_request() {
    let (cache, made) = (Arc::new(TokenCache::new(Duration::from_secs(600))), Arc::new(AtomicU32::new(0)));
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let (cache, made) = (Arc::clone(&cache), Arc::clone(&made));
            tokio::spawn(async move { token(&cache, 0, 3600, &made).await.unwrap() })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), 0);
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end() {
    let (cache, made) = (TokenCache::new(Duration::from_secs(600)), AtomicU32::new(0));
    assert_eq!(token(&cache, 0, 3600, &made).await.unwrap(), 0);
    assert_eq!(token(&cache, 2999, 3600, &made).await.unwrap(), 0);
    assert_eq!(token(&cache, 3000, 3600, &made).await.unwrap(), 1);
}

#[tokio::test]
async fn a_short_lived_token_is_used_for_half_its_life() {
    let (cache, made) = (TokenCache::new(Duration::from_secs(600)), AtomicU32::new(0));
    assert_eq!(token(&cache, 0, 100, &made).await.unwrap(), 0);
    assert_eq!(token(&cache, 49, 100, &made).await.unwrap(), 0);
    assert_eq!(token(&cache, 50, 100, &made).await.unwrap(), 1);
}

#[tokio::test]
async fn a_refused_token_is_dropped_only_if_it_is_still_in_use() {
    let (cache, made) = (TokenCache::new(Duration::from_secs(0)), AtomicU32::new(0));
    let first = cache.get(at(0), || async { Ok((7, at(3600))) }).await.unwrap();
    cache.drop_generation(first.generation + 1);
    assert_eq!(token(&cache, 1, 3600, &made).await.unwrap(), 7);
    cache.drop_generation(first.generation);
    assert_eq!(token(&cache, 1, 3600, &made).await.unwrap(), 0);
}

#[tokio::test]
async fn those_who_waited_behind_a_failed_renewal_share_its_failure() {
    let (cache, tries) = (Arc::new(TokenCache::<u32>::new(Duration::ZERO)), Arc::new(AtomicU32::new(0)));
    let open = Arc::new(tokio::sync::Semaphore::new(0));
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (cache, tries, open) = (Arc::clone(&cache), Arc::clone(&tries), Arc::clone(&open));
            tokio::spawn(async move {
                let renew = || async move {
                    tries.fetch_add(1, Ordering::SeqCst);
                    let _open = open.acquire().await;
                    Err::<(u32, Timestamp), _>(Error::new(ErrorKind::ConsentRequired, "no consent"))
                };
                cache.get(at(0), renew).await.unwrap_err().kind()
            })
        })
        .collect();
    // On this single thread every caller has queued by now.
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    open.add_permits(100);
    for call in calls {
        assert_eq!(call.await.unwrap(), ErrorKind::ConsentRequired);
    }
    assert_eq!(tries.load(Ordering::SeqCst), 1);
}
