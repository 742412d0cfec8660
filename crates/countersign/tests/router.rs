//! Who is asked about an envelope, what counts as an answer, and that nothing falls over.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod common;

use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use countersign::ledger::Scope;
use countersign::routing::{
    ByFunction, ByMap, EnvelopeRef, Found, Ownership, Router, RouterBuilder, RoutingRule,
};
use countersign::transport::{Phase, Transport, TransportFault};
use countersign::{
    EnvelopeId, Error, ErrorKind, ListRecipients, Outcome, RecipientRef, ResendRecipient, Result, Retry,
    RetryPolicy,
};
use countersign_testkit::Script;

use common::{builder, good};

fn id(text: &str) -> EnvelopeId {
    EnvelopeId::new(text).unwrap()
}

/// Accounts over scripts, each call made once.
fn router(accounts: &[(&str, &Arc<Script>)]) -> RouterBuilder {
    let mut router = Router::builder();
    for (name, script) in accounts {
        let client = builder(Arc::clone(script) as Arc<dyn Transport>).retry(RetryPolicy::never()).build();
        router = router.account(*name, client);
    }
    router
}

fn asked(script: &Script) -> usize {
    script.sent().len()
}

async fn owner(router: &Router, envelope: &str) -> Result<String> {
    Ok(router.locate(&id(envelope)).await?.0.account().to_owned())
}

#[tokio::test]
async fn an_envelope_with_its_account_goes_there_and_nobody_is_asked() {
    let (old, new) = (Script::new(), Script::new());
    good(&new, 1);
    let router = router(&[("old", &old), ("new", &new)]).probing(true).build().unwrap();
    let reference: EnvelopeRef = "new:e-1".parse().unwrap();
    let client = router.client(reference.account()).unwrap();
    client.list_recipients(&ListRecipients::new(reference.envelope().clone())).await.unwrap();
    assert_eq!((asked(&old), asked(&new)), (0, 1));
    let error = router.client("gone").unwrap_err();
    assert_eq!((error.kind(), error.hint()), (ErrorKind::Config, "there are: new, old"));
}

#[tokio::test]
async fn those_who_know_owners_are_asked_in_their_order() {
    let (old, new) = (Script::new(), Script::new());
    let router = router(&[("old", &old), ("new", &new)])
        .ownership(ByFunction(|id: &EnvelopeId| id.starts_with("a").then(|| "old".to_owned())))
        .ownership(ByMap::new(
            ["new:a-1", "new:m-1", "new:5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001"]
                .map(|row| row.parse().unwrap()),
        ))
        .ownership(ByFunction(|id: &EnvelopeId| (id.as_str() == "f-1").then(|| "old".to_owned())))
        .build()
        .unwrap();
    for (envelope, account) in [
        ("a1", "old"),
        ("a-1", "old"),
        ("m-1", "new"),
        ("f-1", "old"),
        ("5E29DC8D-54BB-4A7A-9A1C-33F0E2B5A001", "new"),
    ] {
        assert_eq!(owner(&router, envelope).await.unwrap(), account, "{envelope}");
    }
    let error = owner(&router, "z").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.hint().contains("account:envelope"), "{}", error.hint());
    assert_eq!((asked(&old), asked(&new)), (0, 0));
}

/// A table that cannot be read.
#[derive(Debug)]
struct Broken;

#[async_trait]
impl Ownership for Broken {
    async fn owner(&self, _scope: &Scope, _envelope: &EnvelopeId) -> Result<Option<String>> {
        Err(Error::new(ErrorKind::Unavailable, "the table cannot be read"))
    }
}

#[tokio::test]
async fn who_cannot_look_does_not_send_to_another_account() {
    let old = Script::new();
    let router = router(&[("old", &old)]).ownership(Broken).probing(true).build().unwrap();
    assert_eq!(owner(&router, "e").await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(asked(&old), 0);
}

/// A table that keeps its calls.
#[derive(Debug, Clone, Default)]
struct Table(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Ownership for Table {
    async fn owner(&self, _scope: &Scope, _envelope: &EnvelopeId) -> Result<Option<String>> {
        Ok(None)
    }

    async fn found(&self, _scope: &Scope, envelope: &EnvelopeId, account: &str) -> Result<Found> {
        self.0.lock().unwrap().push(format!("{account}:{envelope}"));
        Err(Error::new(ErrorKind::Unavailable, "the disk is full"))
    }
}

#[tokio::test]
async fn asking_finds_the_owner_once_and_remembers() {
    let (old, new) = (Script::new(), Script::new());
    old.raw(404, &[], "NO_SUCH_ENVELOPE");
    good(&new, 1);
    let table = Table::default();
    let router =
        router(&[("old", &old), ("new", &new)]).ownership(table.clone()).probing(true).build().unwrap();
    let (a, b) = tokio::join!(owner(&router, "e"), owner(&router, "e"));
    assert_eq!((a.unwrap().as_str(), b.unwrap().as_str()), ("new", "new"));
    assert_eq!(owner(&router, "e").await.unwrap(), "new");
    assert_eq!((asked(&old), asked(&new)), (1, 1));
    assert_eq!(*table.0.lock().unwrap(), ["new:e"]);
}

/// A table in which another process has just recorded the owner.
#[derive(Debug)]
struct Taken(&'static str);

#[async_trait]
impl Ownership for Taken {
    async fn owner(&self, scope: &Scope, _envelope: &EnvelopeId) -> Result<Option<String>> {
        assert_eq!(scope.as_str(), "tenant-7");
        Ok(None)
    }

    async fn found(&self, scope: &Scope, _envelope: &EnvelopeId, account: &str) -> Result<Found> {
        assert_eq!((scope.as_str(), account), ("tenant-7", "old"));
        Ok(Found::OwnedBy(self.0.to_owned()))
    }
}

#[tokio::test]
async fn an_owner_that_was_recorded_first_counts() {
    let (old, new) = (Script::new(), Script::new());
    good(&old, 1);
    new.raw(404, &[], "NO_SUCH_ENVELOPE");
    let accounts = router(&[("old", &old), ("new", &new)]).scope(Scope::new("tenant-7").unwrap());
    let router = accounts.ownership(Taken("new")).probing(true).build().unwrap();
    assert_eq!(owner(&router, "e").await.unwrap(), "new");
}

#[tokio::test]
async fn an_owner_that_answers_counts_whatever_the_others_do() {
    let (old, new) = (Script::new(), Script::new());
    old.fail(TransportFault::Timeout, Phase::AfterSending);
    good(&new, 1);
    let router = router(&[("old", &old), ("new", &new)]).probing(true).build().unwrap();
    assert_eq!(owner(&router, "e").await.unwrap(), "new");
}

#[tokio::test]
async fn who_cannot_tell_is_no_owner_and_nothing_is_remembered() {
    let (old, new) = (Script::new(), Script::new());
    let router = router(&[("old", &old), ("new", &new)]).probing(true).build().unwrap();
    let mut shown = Vec::new();
    // Denied, a 404 without a word of the vendor's, an outage: none of them says that there is no such envelope.
    for status in [403, 404, 503] {
        old.raw(404, &[], "NO_SUCH_ENVELOPE");
        new.raw(status, &[], "");
        let error = owner(&router, "e").await.unwrap_err();
        assert_eq!((error.outcome(), error.problem().is_some()), (Outcome::NoEffect, false));
        let details: Vec<String> = error
            .details()
            .iter()
            .map(|detail| format!("{}: {}", detail.field, detail.present.as_deref().unwrap_or_default()))
            .collect();
        shown.push(format!("{error}\n  {}\n  retry: {:?}", details.join("\n  "), error.retry()));
    }
    insta::assert_snapshot!(shown.join("\n"));
    // Asked anew each time.
    assert_eq!((asked(&old), asked(&new)), (3, 3));
}

#[tokio::test]
async fn nowhere_and_in_two_places() {
    let (old, new) = (Script::new(), Script::new());
    let router = router(&[("old", &old), ("new", &new)]).probing(true).build().unwrap();
    for script in [&old, &new] {
        script.raw(404, &[], "NO_SUCH_ENVELOPE");
    }
    let error = owner(&router, "e").await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::EnvelopeNotFound, Retry::Never));
    for script in [&old, &new] {
        good(script, 1);
    }
    let error = owner(&router, "e").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.details().len(), 2);
}

#[tokio::test]
async fn a_failure_at_the_owner_is_the_answer_and_goes_nowhere_else() {
    let (old, new) = (Script::new(), Script::new());
    good(&old, 1);
    old.raw(503, &[], "");
    let all = ByFunction(|_: &EnvelopeId| Some("old".to_owned()));
    let router = router(&[("old", &old), ("new", &new)]).ownership(all).build().unwrap();
    let (reference, client) = router.locate(&id("e")).await.unwrap();
    let request = ResendRecipient::new(reference.envelope().clone(), "id:1".parse::<RecipientRef>().unwrap());
    let error = client.resend_recipient(&request).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unavailable, Outcome::Unknown));
    assert_eq!((asked(&old), asked(&new)), (2, 0));
}

#[tokio::test]
async fn new_work_goes_where_the_first_rule_says_that_takes_it() {
    let (old, new) = (Script::new(), Script::new());
    let router = router(&[("old", &old), ("new", &new)])
        .rule(RoutingRule::all("new").of_tenant("brave"))
        .rule(RoutingRule::all("old").of_tenant("careful"))
        .rule(RoutingRule::share(30, "new").unwrap())
        .rule(RoutingRule::all("old"))
        .build()
        .unwrap();
    let to = |tenant: &str, key: &str| router.route_new(tenant, key).unwrap().0;
    assert_eq!((to("brave", "order-1"), to("careful", "order-2")), ("new", "old"));
    // As the rule's own test has it, they stand at 37 and at 11 of 100.
    assert_eq!((to("other", "order-1"), to("other", "order-2")), ("old", "new"));
    assert_eq!((asked(&old), asked(&new)), (0, 0));
}

#[test]
fn a_router_that_makes_no_sense_is_not_built() {
    let (old, new) = (Script::new(), Script::new());
    let message = |router: RouterBuilder| {
        let error = router.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        format!("{error}; {}", error.hint())
    };
    let shown = [
        message(router(&[("a", &old), ("a", &new)])),
        message(router(&[("a:b", &old)])),
        message(router(&[("a", &old)]).rule(RoutingRule::all("b"))),
    ];
    insta::assert_snapshot!(shown.join("\n"));
    let empty = router(&[("a", &old)]).build().unwrap();
    assert_eq!(empty.route_new("", "k").unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn a_map_is_read_from_a_file() {
    let folder = std::env::temp_dir().join(format!("countersign-map-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("map.txt");
    let read = |text: &str| {
        std::fs::write(&file, text).unwrap();
        ByMap::read(&file).map_err(|error| error.to_string().replace(&file.display().to_string(), "[file]"))
    };
    let map = read("# in flight\r\nold:e-1\n\n  new:e:2  \nold:e-1\n").unwrap();
    let scope = Scope::of_account(None);
    for (envelope, account) in [("e-1", Some("old")), ("e:2", Some("new")), ("e-3", None)] {
        assert_eq!(map.owner(&scope, &id(envelope)).await.unwrap().as_deref(), account, "{envelope}");
    }
    let errors = [read("old:e-1\nnew:e-1\n").unwrap_err(), read("old:e-1\ne-2\n").unwrap_err()];
    insta::assert_snapshot!(errors.join("\n"));
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(ByMap::read(&file).is_err());
}
