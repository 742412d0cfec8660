//! The one door: what is classified how, and whether it may be repeated.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use countersign_core::vendor::Facts;
use countersign_core::{
    Anonymous, AuthRetry, Authenticator, BaseUrl, Connection, Context, Descriptor, Effect, Error, ErrorKind,
    MailExpectation, NoMail, Operation, Outcome, Phase, Problem, Provider, RequestBuilder, Result, Retry,
    SecretString, Settings, SignedCredentials, TransportFault,
};
use countersign_testkit::{FakeClock, Script};
use http::Method;

const FACTS: &str = r#"
title = "Acme Sign"

[rate]
headers = { remaining = ["x-acme-left"], reset = ["x-acme-reset"] }
full_hour = true
evidence = "documented"
source = "docs.example"

[[refusal]]
code = "BURST"
kind = "rate_limited"
meaning = "too many calls at once"
wait = "30s"
source = "docs.example"

[[refusal]]
code = "CODE_LOCKED"
kind = "recipient_locked"
meaning = "too many wrong codes"
source = "docs.example"

[[refusal]]
code = "NOTHING_SENT"
kind = "recipient_done"
meaning = "already signed"
effect = "none"
source = "docs.example"

[[refusal]]
code = "FELL_OVER"
kind = "unexpected"
meaning = "something fell over at the vendor"
remedy = "ask the vendor's support"
effect = "unknown"
source = "docs.example"

[[refusal]]
code = "TOO_MANY"
kind = "rate_limited"
meaning = "too many calls"
remedy = "repeat the call; the refused call did nothing"
source = "docs.example"

[[refusal]]
code = "DONE"
kind = "recipient_done"
meaning = "already signed"
source = "docs.example"
"#;

static VENDOR: Descriptor = Descriptor {
    name: "acme",
    facts: LazyLock::new(|| Facts::load("acme", FACTS)),
    read_problem,
    webhooks: None,
    build: |_: &Settings| -> Result<Arc<dyn Provider>> {
        Err(Error::new(ErrorKind::Config, "not in this test"))
    },
    offline: || Err(Error::new(ErrorKind::Config, "not in this test")),
};

fn read_problem(status: u16, headers: &http::HeaderMap, body: &Bytes) -> Problem {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let mut problem = Problem::new(status);
    problem.code = value["code"].as_str().map(str::to_owned);
    problem.message = value["message"].as_str().map(str::to_owned);
    problem.request_id = headers.get("x-trace").and_then(|v| v.to_str().ok()).map(str::to_owned);
    problem
}

#[derive(Debug)]
struct Keys(std::sync::atomic::AtomicU64);

#[async_trait::async_trait]
impl Authenticator for Keys {
    async fn credentials(&self, _cx: &Context) -> Result<SignedCredentials> {
        let generation = self.0.load(std::sync::atomic::Ordering::SeqCst);
        let key = SecretString::from(format!("marked-key-{generation}"));
        Ok(SignedCredentials::anonymous(base())
            .with_header(http::header::AUTHORIZATION, key)
            .with_generation(generation))
    }

    async fn refused(&self, credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        match self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == credentials.generation {
            true => AuthRetry::Renewed,
            false => AuthRetry::Never,
        }
    }
}

fn base() -> BaseUrl {
    BaseUrl::new("https://api.acme.example").unwrap()
}

fn link() -> Connection {
    Connection::new(VENDOR.vocabulary(), Arc::new(Anonymous::new(base())))
}

fn get() -> RequestBuilder {
    RequestBuilder::new(Method::GET, &["things"])
}

fn start() -> (Arc<Script>, Context) {
    let script = Script::new();
    let clock = Arc::new(FakeClock::at("2026-11-22T10:00:00Z"));
    let cx = script.context(Operation::ResendRecipient, &clock);
    (script, cx)
}

/// The table of outcomes: what happened on the way, against what the step does.
#[tokio::test]
async fn outcome_and_retry_follow_effect_and_reach() {
    let effects = [Effect::Read, Effect::MintsLink, Effect::SetsState, Effect::Notifies];
    let mut table = String::new();
    for (name, prepare) in [
        ("not sent", (|s: &Script| s.fail(TransportFault::Connect, Phase::BeforeSending)) as fn(&Script)),
        ("timeout", |s| s.fail(TransportFault::Timeout, Phase::AfterSending)),
        ("cut", |s| s.fail(TransportFault::Broken, Phase::AfterSending)),
        ("too large", |s| s.fail(TransportFault::TooLarge, Phase::AfterSending)),
        ("502 html", |s| s.raw(502, &[], "<html>")),
        ("408", |s| s.raw(408, &[], "")),
        ("429 in 7 s", |s| s.raw(429, &[("retry-after", "7")], "")),
        ("423", |s| s.raw(423, &[], "")),
        ("400 code", |s| s.json(400, &serde_json::json!({"code": "code_locked"}))),
        ("403", |s| s.raw(403, &[], "")),
        ("302", |s| s.raw(302, &[("location", "https://elsewhere")], "")),
        ("303", |s| s.raw(303, &[("location", "https://elsewhere")], "")),
        ("200 cut json", |s| s.raw(200, &[], "{\"a\":")),
    ] {
        for effect in effects {
            let (script, cx) = start();
            prepare(&script);
            let error = match cx.exchange(&link(), effect, get()).await {
                Ok(answer) => answer.json::<serde_json::Value>().unwrap_err(),
                Err(error) => error,
            };
            table += &format!(
                "{name:13} {:10} {:17} {:9} {:?}\n",
                effect.as_str(),
                error.kind().as_str(),
                format!("{:?}", error.outcome()),
                error.retry()
            );
        }
    }
    insta::assert_snapshot!(table);
}

/// The clock stands at 10:00. Requests for tokens are not of the account's window.
#[tokio::test]
async fn a_limit_waits_by_its_headers_its_row_or_the_end_of_the_window() {
    let counted = || Connection::new(VENDOR.vocabulary(), Arc::new(Keys(Default::default())));
    let reset = [("x-acme-left", "0"), ("x-acme-reset", "2026-11-22T10:20:00Z")];
    for (connection, code, headers, wait) in [
        (counted(), "BURST", &reset[..], Some(1200)),
        (counted(), "BURST", &[], Some(30)),
        (counted(), "TOO_MANY", &[], Some(3600)),
        (counted(), "UNKNOWN", &[], Some(3600)),
        (link(), "UNKNOWN", &[], None),
        (link(), "BURST", &[], Some(30)),
    ] {
        let (script, cx) = start();
        script.raw(429, headers, format!(r#"{{"code":"{code}"}}"#));
        let error = cx.exchange(&connection, Effect::Read, get()).await.unwrap_err();
        let wait = wait.map(std::time::Duration::from_secs);
        assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, Retry::After(wait)), "{code}");
    }
}

/// A row says what happened to the request where the status says otherwise.
#[tokio::test]
async fn a_row_overrides_what_the_status_says() {
    for (status, code, outcome, hint) in [
        (503, "NOTHING_SENT", Outcome::Refused, "nothing needs to be done for this recipient"),
        (400, "FELL_OVER", Outcome::Unknown, "ask the vendor's support"),
    ] {
        let (script, cx) = start();
        script.json(status, &serde_json::json!({"code": code}));
        let error = cx.exchange(&link(), Effect::Notifies, get()).await.unwrap_err();
        assert_eq!((error.outcome(), error.retry(), error.hint()), (outcome, Retry::Never, hint), "{code}");
        assert_eq!(cx.possible_effect().is_some(), outcome == Outcome::Unknown, "{code}");
    }
}

/// What a row says of its refusal alone is not said of a call whose mail may be out.
#[tokio::test]
async fn after_a_mail_that_may_be_out_the_hint_is_to_look() {
    let (script, cx) = start();
    script.json(200, &serde_json::json!({}));
    script.json(429, &serde_json::json!({"code": "TOO_MANY"}));
    cx.exchange(&link(), Effect::Notifies, get()).await.unwrap();
    let error = cx.exchange(&link(), Effect::Read, get()).await.unwrap_err();
    assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never));
    assert!(error.hint().contains("do not repeat the call before that"), "{}", error.hint());
    let late = cx.failed(Error::new(ErrorKind::RateLimited, "later").with_hint("repeat it"));
    assert!(late.hint().contains("do not repeat the call before that"), "{}", late.hint());
}

#[tokio::test]
async fn after_a_step_that_changed_something_no_failure_claims_no_effect() {
    let (script, cx) = start();
    script.json(200, &serde_json::json!({}));
    script.raw(400, &[], "");
    cx.exchange(&link(), Effect::SetsState, get()).await.unwrap();
    let error = cx.exchange(&link(), Effect::Read, get()).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn a_failure_behind_a_mail_that_went_out_is_never_offered_for_repetition() {
    let (script, cx) = start();
    script.json(200, &serde_json::json!({}));
    script.fail(TransportFault::Connect, Phase::BeforeSending);
    cx.exchange(&link(), Effect::Notifies, get()).await.unwrap();
    let error = cx.exchange(&link(), Effect::Read, get()).await.unwrap_err();
    assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never));
}

/// A refusal says that no mail left, unless its row says that the call may have taken effect.
#[test]
fn a_reminder_of_unknown_effect_may_have_mailed() {
    let refused = NoMail::Refused(ErrorKind::RecipientDone);
    for (code, mail) in
        [("DONE", MailExpectation::NotExpected(refused)), ("FELL_OVER", MailExpectation::Unknown)]
    {
        let problem = Problem::new(400).with_code(Some(code.to_owned()));
        let error = Error::new(ErrorKind::RecipientDone, "refused").with_problem(problem);
        assert_eq!(VENDOR.facts.refusals.mail_after(&error), mail, "{code}");
    }
}

#[tokio::test]
async fn a_refusal_inside_a_success_is_a_refusal() {
    let (script, cx) = start();
    script.raw(200, &[("x-trace", "t-1")], "{}");
    let answer = cx.exchange(&link(), Effect::Notifies, get()).await.unwrap();
    let error = answer.refusal(Some("Done".to_owned()), Some("no".to_owned()));
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::RecipientDone, Outcome::Refused));
    assert_eq!(error.to_string(), "acme resend_recipient: recipient already done: already signed (200 Done)");
    assert_eq!(error.request_id(), Some("t-1"));
    script.raw(403, &[], "");
    let next = cx.exchange(&link(), Effect::SetsState, get()).await.unwrap_err();
    assert_eq!(next.outcome(), Outcome::Refused, "the refused step changed nothing");
}

#[tokio::test]
async fn a_refused_key_is_renewed_once() {
    for (second, attempts) in [(200, None), (401, Some(2))] {
        let (script, cx) = start();
        script.raw(401, &[], "");
        script.raw(second, &[], "{}");
        let link = Connection::new(VENDOR.vocabulary(), Arc::new(Keys(0.into())));
        let result = cx.exchange(&link, Effect::Notifies, get()).await;
        assert_eq!(script.finish().len(), 2);
        assert_eq!(result.err().map(|error| error.attempts()), attempts);
    }
}

/// Says of every refusal the same.
#[derive(Debug)]
struct Sure(AuthRetry);

#[async_trait::async_trait]
impl Authenticator for Sure {
    async fn credentials(&self, _cx: &Context) -> Result<SignedCredentials> {
        Ok(SignedCredentials::anonymous(base()))
    }

    async fn refused(&self, _credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        self.0
    }
}

#[tokio::test]
async fn a_refused_request_is_repeated_at_most_once_whatever_is_said_of_it() {
    for (again, requests) in [(AuthRetry::Never, 1), (AuthRetry::Unchanged, 2), (AuthRetry::Renewed, 2)] {
        let (script, cx) = start();
        (0..requests).for_each(|_| script.raw(401, &[], ""));
        let link = Connection::new(VENDOR.vocabulary(), Arc::new(Sure(again)));
        let error = cx.exchange(&link, Effect::Notifies, get()).await.unwrap_err();
        assert_eq!((error.attempts(), script.finish().len()), (requests, requests as usize));
    }
}

#[tokio::test]
async fn what_a_vendor_echoes_is_cleaned() {
    let (script, cx) = start();
    script.raw(
        400,
        &[("x-trace", "t-9")],
        serde_json::json!({"code": "X\u{1b}[2J", "message": "bad marked-key-0, and marked-code\n"})
            .to_string(),
    );
    let link = Connection::new(VENDOR.vocabulary(), Arc::new(Keys(0.into())));
    let out = get().secret(SecretString::from("marked-code"));
    let error = cx.exchange(&link, Effect::SetsState, out).await.unwrap_err();
    let all = format!("{error} {error:?} {}", serde_json::to_string(&error).unwrap());
    assert!(!all.contains("marked"), "{all}");
    assert!(!all.contains('\u{1b}'), "{all}");
    assert_eq!(error.provider_code(), Some("X\\u{1b}[2J"));
    insta::assert_json_snapshot!(error);
}

#[tokio::test]
async fn a_token_that_is_echoed_without_its_scheme_is_cleaned_too() {
    #[derive(Debug)]
    struct Bearer;

    #[async_trait::async_trait]
    impl Authenticator for Bearer {
        async fn credentials(&self, _cx: &Context) -> Result<SignedCredentials> {
            let token = SecretString::from("Bearer marked-token");
            Ok(SignedCredentials::anonymous(base()).with_header(http::header::AUTHORIZATION, token))
        }

        async fn refused(&self, _credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
            AuthRetry::Never
        }
    }

    let (script, cx) = start();
    script.json(401, &serde_json::json!({"code": "X", "message": "marked-token has run out"}));
    let link = Connection::new(VENDOR.vocabulary(), Arc::new(Bearer));
    let error = cx.exchange(&link, Effect::Read, get()).await.unwrap_err();
    let message = error.problem().and_then(|problem| problem.message.as_deref());
    assert_eq!(message, Some("[redacted] has run out"));
    assert!(!format!("{error:?}").contains("marked"), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_names_the_member_and_no_value() {
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "only its shape matters")]
    struct Shape {
        people: Vec<Person>,
    }
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "only its shape matters")]
    struct Person {
        order: u32,
    }
    let mut seen = Vec::new();
    for body in [
        r#"{"people":[{"order":"private"}]}"#,
        "",
        "<html>private",
        "{\"people\":[",
        "[1]",
        "{}private",
        "private",
    ] {
        let (script, cx) = start();
        script.raw(200, &[], body);
        let answer = cx.exchange(&link(), Effect::Read, get()).await.unwrap();
        let error = answer.json::<Shape>().unwrap_err();
        assert!(!format!("{error:?}").contains("private"), "{error:?}");
        seen.push(error.to_string());
    }
    insta::assert_snapshot!(seen.join("\n"));
}

/// A failed renewal is returned to all who wait for it, and for a second to others.
#[tokio::test]
async fn a_failed_sign_in_of_another_call_is_told_of_this_one() {
    #[derive(Debug)]
    struct Shared;

    #[async_trait::async_trait]
    impl Authenticator for Shared {
        async fn credentials(&self, _cx: &Context) -> Result<SignedCredentials> {
            let error = Error::new(ErrorKind::Unauthenticated, "the sign-in was refused");
            Err(error.in_operation("acme", Operation::ListRecipients))
        }
        async fn refused(&self, _credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
            AuthRetry::Never
        }
    }
    let (_script, cx) = start();
    let connection = Connection::new(VENDOR.vocabulary(), Arc::new(Shared));
    let error = cx.exchange(&connection, Effect::Notifies, get()).await.unwrap_err();
    assert_eq!((error.operation(), error.outcome()), (Some(Operation::ResendRecipient), Outcome::NoEffect));
}
