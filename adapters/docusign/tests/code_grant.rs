//! Signing in as a person: the code, its tokens, their renewal, and that no refresh token is ever lost.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use common::{ACCOUNT, MARK, Watched, envelope, shown};
use countersign_core::{
    AccountId, CodeGrant, ErrorKind, ListRecipients, Operation, PendingSignIn, Phase, Provider, Result,
    SecretString, StoredTokens, TokenSlot, TokenStore, TransportFault, WebUrl,
};
use countersign_docusign::{Credentials, Docusign, DocusignConfig};
use countersign_testkit::{FakeClock, Script, Yielding, polled};

const BACK: &str = "http://127.0.0.1:8712/callback";

struct Stage {
    store: Arc<Watched>,
    clock: Arc<FakeClock>,
    account: Docusign,
}

impl Stage {
    fn new(secret: Option<&str>) -> Self {
        let store = Arc::new(Watched::default());
        let account = account(secret, Arc::clone(&store) as Arc<dyn TokenStore>);
        Self { store, clock: common::clock(), account }
    }

    /// A user signed in eight hours ago, less the seconds.
    async fn signed_in(left: i64) -> Self {
        let stage = Self::new(None);
        let end =
            common::NOW.parse::<countersign_core::Timestamp>().unwrap() + Duration::from_secs(left as u64);
        let tokens = StoredTokens::new("marked-token-1".into(), end - Duration::from_secs(28_800), end)
            .with_refresh_token(Some("marked-refresh-1".into()));
        stage.store.save("susan", &tokens, None).await.unwrap();
        stage.store.saved.lock().unwrap().clear();
        stage
    }

    fn grant(&self) -> &CodeGrant {
        self.account.code_grant().unwrap()
    }

    fn begin(&self) -> PendingSignIn {
        self.grant().begin(WebUrl::new(BACK).unwrap()).unwrap()
    }

    async fn finish(&self, script: &Arc<Script>, pending: &PendingSignIn, query: &str) -> Result<()> {
        let cx = script.context(Operation::SignIn, &self.clock);
        self.grant().finish(&cx, pending, query).await
    }

    async fn list(&self, script: &Arc<Script>) -> Result<()> {
        let cx = script.context(Operation::ListRecipients, &self.clock);
        self.account.list_recipients(&cx, &ListRecipients::new(envelope())).await.map(drop)
    }

    fn saved(&self) -> Vec<String> {
        self.store.saved.lock().unwrap().clone()
    }
}

fn account(secret: Option<&str>, store: Arc<dyn TokenStore>) -> Docusign {
    let credentials = Credentials::AuthorizationCode {
        integration_key: "dddddddd-0000-4000-8000-000000000001".to_owned(),
        client_secret: secret.map(SecretString::from),
    };
    let config = DocusignConfig::new(AccountId::new(ACCOUNT).unwrap(), credentials);
    Docusign::new(config.with_tokens(TokenSlot::new(store, "susan"))).unwrap()
}

fn parameter(pending: &PendingSignIn, name: &str) -> String {
    let (_, query) = pending.url().split_once('?').unwrap();
    let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    pair.unwrap_or_else(|| panic!("no {name}")).to_owned()
}

fn answer_to(pending: &PendingSignIn) -> String {
    format!("code=marked-code&state={}", parameter(pending, "state"))
}

#[tokio::test]
async fn the_browser_is_sent_with_state_and_challenge() {
    let stage = Stage::new(None);
    let (one, other) = (stage.begin(), stage.begin());
    let state = parameter(&one, "state");
    let challenge = parameter(&one, "code_challenge");
    assert_eq!((state.len(), challenge.len()), (43, 43));
    assert_ne!(parameter(&other, "state"), state);
    assert_ne!(parameter(&other, "code_challenge"), challenge);
    assert!(!format!("{one:?}").contains(&state), "{one:?}");
    insta::assert_snapshot!(one.url().replace(&state, "[state]").replace(&challenge, "[challenge]"));
}

#[tokio::test]
async fn a_sign_in_is_finished_by_another_process() {
    let (here, there) = (Stage::new(None), Stage::new(None));
    let pending = here.begin();
    let bytes = pending.to_bytes();
    let query = answer_to(&pending);
    assert_eq!(PendingSignIn::handle_in(&query).as_ref(), Some(&pending.handle()));
    assert!(!pending.handle().contains(&parameter(&pending, "state")));
    let taken = PendingSignIn::from_bytes(&bytes).unwrap();
    let script = common::script(&["token_with_refresh"]);
    there.finish(&script, &taken, &query).await.unwrap();
    assert_eq!(there.saved(), ["marked-refresh-2"]);
    let refused = there.finish(&Script::new(), &taken, &answer_to(&here.begin())).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidRequest);
    for damaged in [&bytes[1..], b"{\"v\":2}".as_slice(), b"{}".as_slice()] {
        let error = PendingSignIn::from_bytes(damaged).unwrap_err();
        assert!(!format!("{error:?}").contains("state"), "{error:?}");
    }
}

#[tokio::test]
async fn a_code_is_changed_for_tokens_and_these_are_stored_before_they_are_used() {
    let mut all = String::new();
    for secret in [None, Some("marked-client-secret")] {
        let stage = Stage::new(secret);
        let pending = stage.begin();
        let script = common::script(&["token_with_refresh"]);
        stage.finish(&script, &pending, &answer_to(&pending)).await.unwrap();
        assert_eq!(stage.saved(), ["marked-refresh-2"]);
        let sent = script.sent();
        let form = sent[0].form();
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        assert_eq!(field("code_verifier").unwrap().len(), 43);
        all += &common::sent(&script);
        let script = common::script(&["userinfo", "empty"]);
        stage.list(&script).await.unwrap();
        all += &common::sent(&script);
        let debug = format!("{:?} {pending:?}", stage.account);
        assert!(!debug.contains(MARK), "{debug}");
    }
    assert!(!all.contains(MARK), "{all}");
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn the_verifier_belongs_to_the_challenge() {
    use base64::Engine as _;
    let stage = Stage::new(None);
    let pending = stage.begin();
    let script = common::script(&["token_with_refresh"]);
    stage.finish(&script, &pending, &answer_to(&pending)).await.unwrap();
    let form = script.finish()[0].form();
    let verifier = &form.iter().find(|(name, _)| name == "code_verifier").unwrap().1;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest);
    assert_eq!(parameter(&pending, "code_challenge"), challenge);
}

#[tokio::test]
async fn what_comes_back_wrongly_is_refused_and_nothing_is_stored() {
    let stage = Stage::new(None);
    let pending = stage.begin();
    let other = stage.begin();
    let state = parameter(&pending, "state");
    let mut all = String::new();
    for query in [
        String::new(),
        "code=marked-code".to_owned(),
        format!("code=marked-code&state={}", parameter(&other, "state")),
        format!("state={state}"),
        format!("error=access_denied&state={state}"),
        format!("error=invalid_scope%0a%1b[2J&error_description=marked&state={state}"),
    ] {
        let script = Script::new();
        let error = stage.finish(&script, &pending, &query).await.unwrap_err();
        script.finish();
        all += &format!("{error}\n  {}\n", error.hint());
    }
    for refusal in ["invalid_grant", "400 invalid_grant/expired_client_token", "oauth_500"] {
        let script = common::script(&[refusal]);
        let error = stage.finish(&script, &pending, &answer_to(&pending)).await.unwrap_err();
        shown(&error);
        all += &format!("{error}\n  {}\n", error.hint());
    }
    assert!(stage.saved().is_empty());
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn without_a_sign_in_the_error_says_how_to() {
    let stage = Stage::new(None);
    let script = Script::new();
    let error = stage.list(&script).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.hint().contains("CodeGrant::begin"), "{}", error.hint());
    script.finish();
}

#[tokio::test]
async fn a_stored_token_is_used_and_renewed_ten_minutes_before_its_end() {
    let stage = Stage::signed_in(601).await;
    let script = common::script(&["userinfo", "empty"]);
    stage.list(&script).await.unwrap();
    script.finish();
    // A new process, a second later.
    let account = account(None, Arc::clone(&stage.store) as Arc<dyn TokenStore>);
    let stage = Stage { account, ..stage };
    stage.clock.advance(Duration::from_secs(1));
    let script = common::script(&["token_with_refresh", "userinfo", "empty"]);
    stage.list(&script).await.unwrap();
    assert_eq!(stage.saved(), ["marked-refresh-2"]);
    insta::assert_snapshot!(common::sent(&script));
}

#[tokio::test]
async fn a_thousand_calls_with_an_expired_token_make_one_request_for_tokens() {
    let stage = Arc::new(Stage::signed_in(0).await);
    let script = common::script(&["token_with_refresh", "userinfo"]);
    let calls = 1000;
    (0..calls).for_each(|_| script.fixture(&common::answer("empty")));
    let slow = Yielding::new(Arc::clone(&script) as Arc<dyn countersign_core::Transport>);
    let tasks: Vec<_> = (0..calls)
        .map(|_| {
            let (stage, slow) = (Arc::clone(&stage), Arc::clone(&slow));
            tokio::spawn(async move {
                let clock = Arc::clone(&stage.clock) as Arc<dyn countersign_core::Clock>;
                let cx = countersign_core::Context::new(Operation::ListRecipients, slow, clock);
                stage.account.list_recipients(&cx, &ListRecipients::new(envelope())).await.map(drop)
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let sent = script.finish();
    assert_eq!(sent.iter().filter(|one| one.url.ends_with("/oauth/token")).count(), 1);
    assert_eq!(stage.saved().len(), 1);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_though_its_end_is_far() {
    let stage = Stage::signed_in(20_000).await;
    let script = common::script(&[
        "userinfo",
        "401 AUTHORIZATION_INVALID_TOKEN",
        "token_with_refresh",
        "userinfo",
        "empty",
    ]);
    stage.list(&script).await.unwrap();
    script.finish();
    let script = common::script(&[
        "401 USER_AUTHENTICATION_FAILED",
        "token_with_refresh",
        "userinfo",
        "401 USER_AUTHENTICATION_FAILED",
    ]);
    assert_eq!(stage.list(&script).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    script.finish();
}

#[tokio::test]
async fn a_used_refresh_token_asks_for_a_new_sign_in() {
    let stage = Stage::signed_in(0).await;
    let script = common::script(&["invalid_grant"]);
    let error = stage.list(&script).await.unwrap_err();
    script.finish();
    insta::assert_snapshot!(format!("{}{}", shown(&error), error.hint()));
}

#[tokio::test]
async fn who_was_overtaken_by_another_process_uses_its_tokens() {
    let stage = Stage::signed_in(0).await;
    let refused = Overtaken {
        script: common::script(&["invalid_grant", "userinfo", "empty"]),
        store: Arc::clone(&stage.store),
    };
    let refused = Arc::new(refused);
    let clock = Arc::clone(&stage.clock) as Arc<dyn countersign_core::Clock>;
    let transport = Arc::clone(&refused) as Arc<dyn countersign_core::Transport>;
    let cx = countersign_core::Context::new(Operation::ListRecipients, transport, clock);
    stage.account.list_recipients(&cx, &ListRecipients::new(envelope())).await.unwrap();
    assert_eq!(refused.script.finish().len(), 3);
}

/// While a request for tokens is on its way, another process stores newer ones.
#[derive(Debug)]
struct Overtaken {
    script: Arc<Script>,
    store: Arc<Watched>,
}

#[async_trait]
impl countersign_core::Transport for Overtaken {
    async fn send(
        &self,
        request: http::Request<bytes::Bytes>,
        limits: &countersign_core::Limits,
    ) -> Result<http::Response<bytes::Bytes>, countersign_core::TransportError> {
        if request.uri().path().ends_with("/token") {
            let now: countersign_core::Timestamp = common::NOW.parse().unwrap();
            let tokens = StoredTokens::new("marked-token-9".into(), now, now + Duration::from_secs(28_800))
                .with_refresh_token(Some("marked-refresh-9".into()));
            self.store.inner.save("susan", &tokens, None).await.unwrap();
        }
        self.script.send(request, limits).await
    }
}

#[tokio::test]
async fn tokens_that_cannot_be_stored_are_not_used_and_not_lost() {
    let stage = Stage::signed_in(0).await;
    stage.store.broken.store(true, Ordering::SeqCst);
    let script = common::script(&["token_with_refresh"]);
    let error = stage.list(&script).await.unwrap_err();
    assert_eq!(error.message(), "the disk is full");
    assert_eq!(script.finish().len(), 1, "nothing was called with them");
    // Each failure is remembered for a second, also that of the second attempt, which sends nothing.
    stage.clock.advance(Duration::from_secs(1));
    stage.list(&Script::new()).await.unwrap_err();
    stage.store.broken.store(false, Ordering::SeqCst);
    let error = stage.list(&Script::new()).await.unwrap_err();
    assert_eq!(error.message(), "the disk is full");
    // Then the disk has room: they are stored, and no further request for tokens is made.
    stage.clock.advance(Duration::from_secs(1));
    let script = common::script(&["userinfo", "empty"]);
    stage.list(&script).await.unwrap();
    script.finish();
    assert_eq!(stage.saved(), ["marked-refresh-2"]);
}

#[tokio::test]
async fn a_caller_who_leaves_loses_no_refresh_token() {
    for steps in 1..4 {
        let stage = Stage::signed_in(0).await;
        let script = common::script(&["token_with_refresh", "userinfo", "empty"]);
        let slow = Yielding::new(Arc::clone(&script) as Arc<dyn countersign_core::Transport>);
        let clock = Arc::clone(&stage.clock) as Arc<dyn countersign_core::Clock>;
        let cx = countersign_core::Context::new(Operation::ListRecipients, slow, clock);
        let request = ListRecipients::new(envelope());
        assert!(polled(stage.account.list_recipients(&cx, &request), steps).await.is_none());
        stage.list(&script).await.unwrap();
        assert_eq!(stage.saved(), ["marked-refresh-2"], "left after {steps} looks");
        script.finish();
    }
}

#[tokio::test]
async fn an_old_token_that_still_works_bridges_a_failing_renewal() {
    let stage = Stage::signed_in(300).await;
    let script = Script::new();
    script.fail(TransportFault::Timeout, Phase::AfterSending);
    script.fixture(&common::answer("userinfo"));
    script.fixture(&common::answer("empty"));
    stage.list(&script).await.unwrap();
    script.finish();
}

#[tokio::test]
async fn right_after_a_failed_renewal_the_vendor_is_left_alone() {
    let stage = Stage::signed_in(0).await;
    let script = Script::new();
    script.fail(TransportFault::Connect, Phase::BeforeSending);
    for _ in 0..3 {
        assert_eq!(stage.list(&script).await.unwrap_err().kind(), ErrorKind::Unavailable);
    }
    assert_eq!(script.finish().len(), 1);
    stage.clock.advance(Duration::from_secs(1));
    let script = common::script(&["token_with_refresh", "userinfo", "empty"]);
    stage.list(&script).await.unwrap();
    script.finish();
}

#[tokio::test]
async fn whoever_signs_in_anew_is_who_calls_act_for() {
    let stage = Stage::signed_in(20_000).await;
    let script = common::script(&["userinfo", "empty"]);
    stage.list(&script).await.unwrap();
    let pending = stage.begin();
    let script = common::script(&["token_with_refresh"]);
    stage.finish(&script, &pending, &answer_to(&pending)).await.unwrap();
    let script = common::script(&["userinfo", "empty"]);
    stage.list(&script).await.unwrap();
    script.finish();
    stage.grant().forget().await.unwrap();
    let error = stage.list(&Script::new()).await.unwrap_err();
    assert_eq!(error.message(), "no user has signed in to this account");
}

#[tokio::test]
async fn a_sign_in_counts_at_once_although_a_call_has_just_failed() {
    let never = (Stage::new(None), None, "no user has signed in to this account");
    let revoked = (Stage::signed_in(0).await, Some("invalid_grant"), "the sign-in cannot be renewed");
    for (stage, refusal, message) in [never, revoked] {
        let other = Stage {
            store: Arc::clone(&stage.store),
            clock: Arc::clone(&stage.clock),
            account: account(None, Arc::clone(&stage.store) as Arc<dyn TokenStore>),
        };
        // In this process, and in another one with the same store.
        for by in [&stage, &other] {
            let script = common::script(refusal.as_slice());
            for _ in 0..2 {
                let error = stage.list(&script).await.unwrap_err();
                assert!(error.message().starts_with(message), "{error}");
            }
            script.finish();
            let pending = by.begin();
            let script = common::script(&["token_with_refresh", "userinfo", "empty"]);
            by.finish(&script, &pending, &answer_to(&pending)).await.unwrap();
            stage.list(&script).await.unwrap();
            script.finish();
            // Back to where it was, for the other process.
            stage.grant().forget().await.unwrap();
            if refusal.is_some() {
                let signed_in = Stage::signed_in(0).await.store.inner.load("susan").await.unwrap().unwrap().0;
                stage.store.save("susan", &signed_in, None).await.unwrap();
            }
        }
    }
}
