//! Two accounts with one store, as two processes have it: one renews, and each sees what the other has stored.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use common::{ACCOUNT, Watched, envelope};
use countersign_core::{
    AccountId, BaseUrl, Clock, Context, ErrorKind, ExposeSecret, Limits, ListRecipients, Operation, Provider,
    RenewalLease, Result, Retry, StoredTokens, TokenSlot, TokenStore, Transport, TransportError,
};
use countersign_docusign::{Credentials, Docusign, DocusignConfig};
use countersign_testkit::{FakeClock, Script, Yielding, polled};

/// Sees what requests are signed with; the script hides it.
#[derive(Debug)]
struct Bearers {
    script: Arc<Script>,
    seen: Mutex<Vec<String>>,
}

#[async_trait]
impl Transport for Bearers {
    async fn send(
        &self,
        request: http::Request<bytes::Bytes>,
        limits: &Limits,
    ) -> std::result::Result<http::Response<bytes::Bytes>, TransportError> {
        let header = request.headers()["authorization"].to_str().unwrap();
        self.seen.lock().unwrap().push(header.to_owned());
        self.script.send(request, limits).await
    }
}

struct Stage {
    store: Arc<Watched>,
    clock: Arc<FakeClock>,
    one: Docusign,
    other: Docusign,
}

impl Stage {
    /// Susan has signed in; her access token is good for so many seconds.
    async fn signed_in(left: u64) -> Self {
        let (store, clock) = (Arc::new(Watched::default()), common::clock());
        let account = || {
            let credentials = Credentials::AuthorizationCode {
                integration_key: "dddddddd-0000-4000-8000-000000000001".to_owned(),
                client_secret: None,
            };
            let config = DocusignConfig::new(AccountId::new(ACCOUNT).unwrap(), credentials)
                .with_base_url(BaseUrl::new("https://demo.docusign.net").unwrap())
                .with_tokens(TokenSlot::new(Arc::clone(&store) as Arc<dyn TokenStore>, "susan"));
            Docusign::new(config).unwrap()
        };
        let (one, other) = (account(), account());
        let stage = Self { store, clock, one, other };
        stage.store("susan-1", left).await;
        stage
    }

    /// A user signs in, in a process that is not played here.
    async fn store(&self, name: &str, left: u64) {
        let end = self.clock.now() + Duration::from_secs(left);
        let access = format!("marked-token-{name}");
        let tokens = StoredTokens::new(access.into(), end - Duration::from_secs(28_800), end)
            .with_refresh_token(Some(format!("marked-refresh-{name}").into()));
        self.store.inner.save("susan", &tokens, None).await.unwrap();
    }

    async fn list(&self, account: &Docusign, script: &Arc<Script>) -> Result<()> {
        let cx = script.context(Operation::ListRecipients, &self.clock);
        account.list_recipients(&cx, &ListRecipients::new(envelope())).await.map(drop)
    }

    /// Lists as the first account, and tells the header that signed it.
    async fn bearer(&self) -> Result<String> {
        let bearers = Arc::new(Bearers { script: common::script(&["empty"]), seen: Mutex::default() });
        let transport = Arc::clone(&bearers) as Arc<dyn Transport>;
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let cx = Context::new(Operation::ListRecipients, transport, clock);
        self.one.list_recipients(&cx, &ListRecipients::new(envelope())).await?;
        let seen = bearers.seen.lock().unwrap().pop();
        Ok(seen.unwrap())
    }

    async fn stored(&self) -> String {
        let (tokens, _) = self.store.load("susan").await.unwrap().unwrap();
        tokens.access_token.expose_secret().to_owned()
    }

    async fn lease(&self) -> Option<RenewalLease> {
        self.store.begin_renewal("susan", Duration::from_secs(600)).await.unwrap()
    }
}

#[tokio::test]
async fn while_one_renews_the_other_waits_and_uses_what_came_of_it() {
    let stage = Stage::signed_in(0).await;
    let renews = common::script(&["token_with_refresh", "empty"]);
    let slow = Yielding::new(Arc::clone(&renews) as Arc<dyn Transport>);
    let clock = Arc::clone(&stage.clock) as Arc<dyn Clock>;
    let cx = Context::new(Operation::ListRecipients, slow, clock);
    let request = ListRecipients::new(envelope());
    let mut first = std::pin::pin!(stage.one.list_recipients(&cx, &request));
    assert!(polled(&mut first, 1).await.is_none(), "its request for tokens is on the way");
    let waits = common::script(&["empty"]);
    let (first, second) = tokio::join!(first, stage.list(&stage.other, &waits));
    first.unwrap();
    second.unwrap();
    assert_eq!((renews.finish().len(), waits.finish().len()), (2, 1));
}

#[tokio::test]
async fn the_other_waits_for_ten_seconds_and_no_longer() {
    let stage = Stage::signed_in(0).await;
    let held = stage.lease().await.unwrap();
    let before = stage.clock.now();
    let error = stage.list(&stage.other, &Script::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(matches!(error.retry(), Retry::After(Some(_))), "{error:?}");
    assert!(error.message().contains("another process"), "{error}");
    let waited = stage.clock.now().as_second() - before.as_second();
    assert!((10..12).contains(&waited), "{waited}");
    drop(held);
    stage.clock.advance(Duration::from_secs(60));
    let script = common::script(&["token_with_refresh", "empty"]);
    stage.list(&stage.other, &script).await.unwrap();
    script.finish();
}

#[tokio::test]
async fn while_the_old_token_works_nobody_waits_for_another_process() {
    let stage = Stage::signed_in(300).await;
    let _held = stage.lease().await.unwrap();
    let (before, script) = (stage.clock.now(), common::script(&["empty"]));
    stage.list(&stage.other, &script).await.unwrap();
    assert_eq!((script.finish().len(), stage.clock.now()), (1, before));
}

#[tokio::test]
async fn what_another_process_has_stored_is_used_within_five_seconds() {
    let stage = Stage::signed_in(20_000).await;
    assert_eq!(stage.bearer().await.unwrap(), "Bearer marked-token-susan-1");
    stage.store("paul-1", 20_000).await;
    stage.clock.advance(Duration::from_secs(5));
    assert_eq!(stage.bearer().await.unwrap(), "Bearer marked-token-paul-1");
    stage.store.remove("susan").await.unwrap();
    stage.clock.advance(Duration::from_secs(5));
    assert_eq!(stage.bearer().await.unwrap_err().message(), "no user has signed in to this account");
}

#[tokio::test]
async fn a_late_save_replaces_no_newer_tokens() {
    let stage = Stage::signed_in(0).await;
    stage.store.broken.store(true, Ordering::SeqCst);
    let script = common::script(&["token_with_refresh"]);
    assert_eq!(stage.list(&stage.one, &script).await.unwrap_err().message(), "the disk is full");
    // Others know only the refresh token that is used up by now, so they do not get to renew.
    assert!(stage.lease().await.is_none());
    stage.store("paul-1", 20_000).await;
    stage.store.broken.store(false, Ordering::SeqCst);
    stage.clock.advance(Duration::from_secs(2));
    let script = common::script(&["empty"]);
    stage.list(&stage.one, &script).await.unwrap();
    assert_eq!(stage.stored().await, "marked-token-paul-1");
    assert!(stage.lease().await.is_some());
}

#[tokio::test]
async fn who_signed_out_during_a_renewal_stays_signed_out() {
    let stage = Stage::signed_in(0).await;
    let script = common::script(&["token_with_refresh"]);
    let slow = Yielding::new(Arc::clone(&script) as Arc<dyn Transport>);
    let cx = Context::new(Operation::ListRecipients, slow, Arc::clone(&stage.clock) as Arc<dyn Clock>);
    let request = ListRecipients::new(envelope());
    let mut call = std::pin::pin!(stage.one.list_recipients(&cx, &request));
    assert!(polled(&mut call, 1).await.is_none());
    stage.other.code_grant().unwrap().forget().await.unwrap();
    assert_eq!(call.await.unwrap_err().message(), "no user has signed in to this account");
    assert!(stage.store.load("susan").await.unwrap().is_none());
}
