//! Signing in: keys, tokens that are renewed, the place of an account, and what a refused sign-in is called.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::auth::{Locate, RenewalLease, Session, TokenSource};
use countersign_core::vendor::Facts;
use countersign_core::{
    Authenticator, BaseUrl, ClientProof, Clock, Connection, Context, Descriptor, Effect, Error, ErrorKind,
    ExposeSecret, MemoryTokenStore, OauthClient, Operation, Outcome, Problem, RequestBuilder, Result, Retry,
    SecretString, SignedCredentials, StoredTokens, Timestamp, TokenEndpoint, TokenSave, TokenSlot,
    TokenStore, TokenVersion,
};
use countersign_testkit::{FakeClock, Script};
use http::{HeaderMap, HeaderName, Method};
use serde_json::{Value, json};

static VENDOR: Descriptor = Descriptor {
    name: "acme",
    facts: LazyLock::new(|| Facts::load("acme", r#"title = "Acme""#)),
    read_problem: |status, _: &HeaderMap, body: &Bytes| {
        let said: Value = serde_json::from_slice(body).unwrap_or_default();
        Problem::new(status).with_code(said["error"].as_str().map(str::to_owned))
    },
    webhooks: None,
    build: |_| Err(Error::new(ErrorKind::Config, "not in this test")),
    offline: || Err(Error::new(ErrorKind::Config, "not in this test")),
};

fn url(text: &str) -> BaseUrl {
    BaseUrl::new(text).unwrap()
}

/// Tokens `token-1`, `token-2` and so on, each good for an hour, from nowhere.
#[derive(Debug, Default)]
struct Counting(Arc<AtomicU32>);

#[async_trait]
impl TokenSource for Counting {
    async fn token(&self, cx: &Context) -> Result<(SecretString, Timestamp)> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        let end = cx.now().saturating_add(Duration::from_secs(3600)).unwrap();
        Ok((format!("token-{number}").into(), end))
    }
}

/// Keeps its token until it hears that the vendor refused it.
#[derive(Debug, Default)]
struct Keeping(AtomicU32);

#[async_trait]
impl TokenSource for Keeping {
    async fn token(&self, cx: &Context) -> Result<(SecretString, Timestamp)> {
        let end = cx.now().saturating_add(Duration::from_secs(3600)).unwrap();
        Ok((format!("kept-{}", self.0.load(Ordering::SeqCst)).into(), end))
    }

    fn refuse(&self, _: SecretString) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Asks one host where the account is.
#[derive(Debug)]
struct AskHost(BaseUrl);

#[async_trait]
impl Locate for AskHost {
    fn host(&self) -> &BaseUrl {
        &self.0
    }

    fn may_pass(&self, problem: &Problem) -> bool {
        problem.code.as_deref() == Some("try_again")
    }

    async fn locate(&self, cx: &Context, connection: &Connection) -> Result<BaseUrl> {
        let answer = cx.exchange(connection, Effect::Read, RequestBuilder::new(Method::GET, &["me"])).await?;
        Ok(url(answer.json::<Value>()?["base"].as_str().unwrap()))
    }
}

struct Account {
    script: Arc<Script>,
    clock: Arc<FakeClock>,
    session: Arc<Session>,
}

impl Account {
    fn new(session: Session) -> Self {
        let clock = Arc::new(FakeClock::at("2026-11-22T10:00:00Z"));
        Self { script: Script::new(), clock, session: Arc::new(session) }
    }

    /// What it signs with.
    async fn credentials(&self) -> SignedCredentials {
        let cx = self.script.context(Operation::ListRecipients, &self.clock);
        self.session.credentials(&cx).await.unwrap()
    }

    async fn call(&self) -> Result<()> {
        let cx = self.script.context(Operation::ListRecipients, &self.clock);
        let connection =
            Connection::new(VENDOR.vocabulary(), Arc::clone(&self.session) as Arc<dyn Authenticator>);
        cx.exchange(&connection, Effect::Read, RequestBuilder::new(Method::GET, &["things"])).await.map(drop)
    }

    fn asked(&self) -> Vec<String> {
        self.script.finish().into_iter().map(|sent| sent.url).collect()
    }
}

#[tokio::test]
async fn a_key_goes_into_its_header_and_is_never_renewed() {
    let header = HeaderName::from_static("x-acme-key");
    let account = Account::new(Session::api_key(url("https://api.acme.example"), header, "k".into()));
    account.script.raw(401, &[], "");
    let error = account.call().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unauthenticated, 1));
    let sent = account.script.finish();
    assert!(sent[0].headers.iter().any(|(name, _)| name == "x-acme-key"), "{:?}", sent[0].headers);
    assert!(!account.session.has_scopes());
}

#[tokio::test]
async fn a_token_from_elsewhere_is_not_renewed() {
    let account = Account::new(Session::fixed(Some(url("https://api.acme.example")), &"t".into()));
    account.script.raw(401, &[], "");
    assert_eq!(account.call().await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    assert_eq!(account.asked().len(), 1);
}

#[tokio::test]
async fn tokens_are_kept_renewed_before_their_end_and_once_when_refused() {
    let made = Arc::new(AtomicU32::new(0));
    let source = Counting(Arc::clone(&made));
    let account =
        Account::new(Session::grant(Some(url("https://api.acme.example")), source, Duration::from_secs(60)));
    for _ in 0..2 {
        account.script.json(200, &json!({}));
        account.call().await.unwrap();
    }
    assert_eq!(made.load(Ordering::SeqCst), 1, "kept");
    account.clock.advance(Duration::from_secs(3541));
    account.script.json(200, &json!({}));
    account.call().await.unwrap();
    assert_eq!(made.load(Ordering::SeqCst), 2, "renewed a minute before its end");
    account.script.raw(401, &[], "");
    account.script.json(200, &json!({}));
    account.call().await.unwrap();
    assert_eq!(made.load(Ordering::SeqCst), 3, "renewed when refused");
}

#[tokio::test]
async fn a_source_that_keeps_its_token_hears_that_it_was_refused() {
    let (base, early) = (Some(url("https://api.acme.example")), Duration::ZERO);
    let slot = TokenSlot::new(Arc::new(MemoryTokenStore::new()), "application");
    for session in [
        Session::grant(base.clone(), Keeping::default(), early),
        Session::shared_grant(base, Keeping::default(), early, slot),
    ] {
        let account = Account::new(session);
        account.session.refused(&account.credentials().await, &Problem::new(401)).await;
        let (_, header) = account.credentials().await.header.unwrap();
        assert_eq!(header.expose_secret(), "Bearer kept-1");
    }
}

/// Two processes whose application keeps its tokens in one store.
struct Two {
    made: Arc<AtomicU32>,
    slot: TokenSlot,
    accounts: [Account; 2],
}

impl Two {
    fn over(store: Arc<dyn TokenStore>) -> Self {
        let (made, slot) = (Arc::<AtomicU32>::default(), TokenSlot::new(store, "application"));
        let session = || {
            let (source, early) = (Counting(Arc::clone(&made)), Duration::from_secs(60));
            Session::shared_grant(Some(url("https://api.acme.example")), source, early, slot.clone())
        };
        let one = Account::new(session());
        let other = Account { clock: Arc::clone(&one.clock), ..Account::new(session()) };
        Self { accounts: [one, other], made, slot }
    }

    async fn token(&self, process: usize) -> String {
        let (_, header) = self.accounts[process].credentials().await.header.unwrap();
        header.expose_secret().to_owned()
    }

    async fn refused(&self, process: usize) {
        let credentials = self.accounts[process].credentials().await;
        self.accounts[process].session.refused(&credentials, &Problem::new(401)).await;
    }

    fn made(&self) -> u32 {
        self.made.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn processes_that_share_a_store_use_one_token() {
    let two = Two::over(Arc::new(MemoryTokenStore::new()));
    for process in [0, 1] {
        assert_eq!(two.token(process).await, "Bearer token-1");
    }
    two.accounts[0].clock.advance(Duration::from_secs(3541));
    for process in [1, 0] {
        assert_eq!(two.token(process).await, "Bearer token-2");
    }
    // The first call that is refused obtains another one; a later one finds it.
    for process in [0, 1] {
        two.refused(process).await;
        assert_eq!(two.token(process).await, "Bearer token-3");
    }
    assert_eq!(two.made(), 3);
}

#[tokio::test]
async fn while_another_process_obtains_a_token_the_old_one_is_used_and_nobody_waits_for_ever() {
    let two = Two::over(Arc::new(MemoryTokenStore::new()));
    assert_eq!(two.token(0).await, "Bearer token-1");
    let held = two.slot.store.begin_renewal(&two.slot.key, Duration::from_secs(3600)).await.unwrap();
    two.accounts[0].clock.advance(Duration::from_secs(3550));
    assert_eq!(two.token(1).await, "Bearer token-1");
    two.accounts[0].clock.advance(Duration::from_secs(60));
    let before = two.accounts[0].clock.now();
    assert_eq!(two.token(1).await, "Bearer token-2");
    let waited = before.duration_until(two.accounts[0].clock.now());
    assert!((10..11).contains(&waited.as_secs()), "{waited:?}");
    let (stored, _) = two.slot.store.load(&two.slot.key).await.unwrap().unwrap();
    assert_eq!(stored.access_token.expose_secret(), "token-1", "it is not this process's turn to store one");
    drop(held);
}

/// A store that cannot be reached.
#[derive(Debug)]
struct Away;

fn away<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Unavailable, "the store is away"))
}

#[async_trait]
impl TokenStore for Away {
    async fn load(&self, _: &str) -> Result<Option<(StoredTokens, TokenVersion)>> {
        away()
    }

    async fn save(&self, _: &str, _: &StoredTokens, _: Option<TokenVersion>) -> Result<TokenSave> {
        away()
    }

    async fn begin_renewal(&self, _: &str, _: Duration) -> Result<Option<RenewalLease>> {
        away()
    }

    async fn remove(&self, _: &str) -> Result<()> {
        away()
    }
}

#[tokio::test]
async fn an_application_needs_no_store_to_obtain_a_token() {
    let two = Two::over(Arc::new(Away));
    assert_eq!(two.token(0).await, "Bearer token-1");
    assert_eq!(two.token(0).await, "Bearer token-1");
    assert_eq!(two.token(1).await, "Bearer token-2");
}

#[tokio::test]
async fn where_an_account_is_asked_once_and_a_refused_token_is_renewed_there_too() {
    let made = Arc::new(AtomicU32::new(0));
    let session = Session::grant(None, Counting(Arc::clone(&made)), Duration::ZERO)
        .locating(VENDOR.vocabulary(), AskHost(url("https://login.acme.example")));
    let account = Account::new(session);
    // Once it passes by itself, once it needs another token.
    account.script.json(401, &json!({"error": "try_again"}));
    account.script.json(401, &json!({"error": "try_again"}));
    account.script.json(200, &json!({"base": "https://eu.acme.example"}));
    account.script.json(200, &json!({}));
    account.script.json(200, &json!({}));
    account.call().await.unwrap();
    account.call().await.unwrap();
    assert_eq!(made.load(Ordering::SeqCst), 2);
    let (me, things) = ("https://login.acme.example/me", "https://eu.acme.example/things");
    assert_eq!(account.asked(), [me, me, me, things, things]);
}

#[tokio::test]
async fn without_a_base_url_and_a_way_to_find_one_nothing_is_sent() {
    let account = Account::new(Session::grant(None, Counting::default(), Duration::ZERO));
    assert_eq!(account.call().await.unwrap_err().kind(), ErrorKind::Config);
    assert!(account.asked().is_empty());
}

/// A request for a token holds no value of the caller's that could be corrected.
#[tokio::test]
async fn a_sign_in_that_is_refused_as_invalid_is_no_invalid_request_of_the_caller() {
    for body in ["", r#"{"error": "invalid_request"}"#] {
        let script = Script::new();
        script.raw(400, &[], body);
        let clock = Arc::new(FakeClock::at("2026-11-22T10:00:00Z"));
        let cx = script.context(Operation::ListRecipients, &clock);
        let client = OauthClient { id: "app".into(), proof: ClientProof::None };
        let host = url("https://login.acme.example");
        let endpoint = TokenEndpoint { vocabulary: VENDOR.vocabulary(), host, path: &["t"], client };
        let error = endpoint.ask(&cx, "client_credentials", &[], &[]).await.unwrap_err();
        let (outcome, retry) = (Outcome::NoEffect, Retry::Never);
        assert_eq!(
            (error.kind(), error.outcome(), error.retry()),
            (ErrorKind::Unauthenticated, outcome, retry)
        );
        assert_eq!(error.message(), "the sign-in was refused");
        assert!(!error.hint().contains("message"), "{}", error.hint());
    }
}
