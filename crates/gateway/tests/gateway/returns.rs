//! Signers return from the vendors' pages through the gateway, to where the caller said and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use countersign::{BaseUrl, Timestamp};
use countersign_gateway::{KeyScope, app};
use countersign_sandbox::{Act, Fault, FaultKind};
use countersign_testkit::FakeClock;
use serde_json::{Value, json};

use crate::events::events;
use crate::support::{ANNA, Answer, Stage};

/// Where the vendors send the browsers.
const PUBLIC: &str = "https://sign.example.com/gw";

/// Where the caller wants them, with what only the caller should know.
const TARGET: &str = "https://app.example.com/signed?state=Planted11#top";

pub(crate) async fn stage() -> Stage {
    let stage = Stage::new().await;
    stage.dev.gateway.set_public_url(Some(BaseUrl::new(PUBLIC).unwrap()));
    stage
}

fn through(target: &str) -> Value {
    json!({ "recipient": ANNA, "return_url": target, "return_through_gateway": true })
}

/// A link for Anna under this key.
async fn view(stage: &Stage, key: &str) -> Value {
    stage.ask("POST", stage.at("views")).keyed(key).json(through(TARGET)).send().await.good()
}

const LATER: Act = Act::FinishLater { new_name: None };
pub(crate) const SIGN: Act = Act::Sign { new_name: None };

/// What a signer does with a link, up to where the vendor sends the browser.
pub(crate) fn visit(stage: &Stage, envelope: &str, link: &Value, end: Act) -> String {
    let act = |act| stage.world().act(envelope, "anna@example.com", act).unwrap();
    act(Act::OpenLink { url: link["link"].as_str().unwrap().into() });
    act(Act::EnterCode { code: "Anna2345".into() });
    act(end).redirect.unwrap()
}

/// The path and the query at the gateway.
pub(crate) fn path(redirect: &str) -> String {
    format!("/returns/{}", redirect.strip_prefix(&format!("{PUBLIC}/returns/")).unwrap())
}

/// Where an answer sends the browser.
fn location(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.text, "");
    answer.header("location").unwrap()
}

/// The page for a token that opens nothing.
fn unknown(answer: &Answer) {
    assert_eq!(answer.status, 404, "{answer:?}");
    assert!(answer.header("content-type").unwrap().starts_with("text/html"), "{answer:?}");
    assert!(answer.text.contains("not known, or no longer"), "{answer:?}");
    assert!(!answer.text.contains("app.example") && !answer.text.contains("Planted"), "{answer:?}");
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

fn claims(events: &[Value]) -> Vec<&str> {
    let returned = events.iter().filter(|one| one["type"] == "browser.returned");
    returned.map(|one| one["claimed_outcome"].as_str().unwrap()).collect()
}

fn returns(stage: &Stage) -> String {
    stage.row("select count(*) from gateway_return")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signer_returns_at_another_replica_with_the_outcome_in_the_same_words_for_every_vendor() {
    let stage = stage().await;
    let other = stage.second().await;
    let mut seen = Vec::new();
    for sample in stage.dev.samples.clone() {
        let at = format!("/v1/envelopes/{}:{}/views", sample.account, sample.envelope);
        let link = stage.ask("POST", at).keyed(&sample.account).json(through(TARGET)).send().await.good();
        if !link["returns_to"].is_null() {
            assert_eq!(link["returns_to"], "vendor", "{}", sample.account);
            continue;
        }
        let redirect = visit(&stage, &sample.envelope, &link, SIGN);
        assert!(!redirect.contains("app.example") && !redirect.contains("Planted"), "{redirect}");
        let back = stage.bare("GET", path(&redirect)).send_to(&other).await;
        seen.push(format!("{} {}", sample.account, location(&back)));
    }
    let to = "https://app.example.com/signed?state=Planted11&claimed_outcome=";
    assert_eq!(seen, [format!("docusign {to}signed#top"), format!("boldsign {to}not_reported#top"),]);
    assert_eq!(returns(&stage), "2", "nothing is kept for vendors that do not send the signer to it");

    let happened = events(&stage, "").await;
    assert_eq!(claims(&happened), ["signed", "not_reported"], "{happened:#?}");
    let first = happened.iter().find(|one| one["type"] == "browser.returned").unwrap();
    assert_eq!(first["envelope"], stage.sample().envelope.as_str());
    assert_eq!((&first["vendor"], &first["recipient"]), (&json!("docusign"), &json!("1")));
    assert!(first["account"].as_str().unwrap().starts_with("acc_"), "{first}");
    // An endpoint may ask for it.
    let new = json!({ "url": "https://app.example.com/hooks", "types": ["browser.returned"] });
    stage.ask("POST", "/v1/endpoints").json(new).send().await.good();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_is_the_same_call_and_without_the_wish_nothing_changes() {
    let stage = stage().await;
    let first = view(&stage, "visit").await;
    assert_eq!(view(&stage, "visit").await, first);
    assert_eq!(stage.world().links_made(&stage.sample().envelope), 1);
    assert_eq!(returns(&stage), "1");
    let ask = |body| stage.ask("POST", stage.at("views")).keyed("visit").json(body);
    for other in [crate::support::view(), through("https://app.example.com/elsewhere")] {
        ask(other).send().await.problem(422, "key_used_for_another_request");
    }
    // Two visits have tokens of their own.
    view(&stage, "second").await;
    assert_eq!(returns(&stage), "2");

    let direct = json!({ "recipient": ANNA, "return_url": "https://elsewhere.example/x?y=1" });
    let link = stage.ask("POST", stage.at("views")).keyed("direct").json(direct).send().await.good();
    let redirect = visit(&stage, &stage.sample().envelope, &link, SIGN);
    assert_eq!(redirect, "https://elsewhere.example/x?y=1&event=signing_complete");
    assert_eq!(returns(&stage), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_leads_only_to_hosts_that_the_operator_allows_to_the_tenant() {
    let stage = stage().await;
    let directory = stage.dev.gateway.directory();
    let hosts = |hosts: &[&str]| hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>();
    let allow = |allowed: &[&str]| {
        let allowed = hosts(allowed);
        async move { directory.set_return_hosts("dev", &allowed).await }
    };
    let calls = stage.world().calls().len();
    let ask = |target: &str| stage.ask("POST", stage.at("views")).keyed("k").json(through(target)).send();
    for target in [
        "https://evil.example/",
        "https://app.example.com.evil.example/",
        "https://evil.example/app.example.com",
        "https://app.example.com./",
        "https://app.example.com:8443/",
        "http://app.example.com/",
        "https://xapp.example.com/",
    ] {
        let problem = ask(target).await.problem(422, "return_host_not_allowed");
        assert!(problem["hint"].as_str().unwrap().ends_with("are allowed: app.example.com"), "{problem}");
        let plan = json!({ "operation": "create_view", "request": through(target),
            "envelope": format!("{}:{}", stage.sample().account, stage.sample().envelope) });
        stage.ask("POST", "/v1/plans").json(plan).send().await.problem(422, "return_host_not_allowed");
    }
    for target in [
        "https://app.example.com@evil.example/",
        "https://evil.example\\@app.example.com/",
        "//app.example.com/",
        "javascript:alert(1)",
        "https://app.example.com/?claimed_outcome=signed",
    ] {
        ask(target).await.problem(422, "invalid_request");
    }
    allow(&[]).await.unwrap();
    let problem = ask(TARGET).await.problem(422, "return_host_not_allowed");
    assert!(problem["hint"].as_str().unwrap().contains("ask the operator"), "{problem}");
    assert!(allow(&["https://app.example.com"]).await.is_err() && allow(&["*"]).await.is_err());
    allow(&["app.example.com", "127.0.0.1:3000"]).await.unwrap();
    assert_eq!(directory.tenants().await.unwrap()[0].return_hosts, "app.example.com 127.0.0.1:3000");
    stage.dev.gateway.set_public_url(None);
    ask(TARGET).await.problem(422, "unsupported");
    assert_eq!(stage.world().calls().len(), calls, "nothing was sent");
    assert_eq!(returns(&stage), "0");

    stage.dev.gateway.set_public_url(Some(BaseUrl::new(PUBLIC).unwrap()));
    // Another tenant has hosts of its own: none.
    let other = stage.key("other", &KeyScope::ALL).await;
    let account = stage.sample().account.clone();
    let dev = directory.tenant_named("dev").await.unwrap();
    let row = directory.account(&dev, &account).await.unwrap().unwrap();
    let settings = directory.settings(&dev, &row.id).await.unwrap().unwrap();
    let new = json!({ "name": account, "vendor": account, "settings": settings });
    stage.ask("POST", "/v1/accounts").header("authorization", &other).json(new).send().await.good();
    let theirs = stage.ask("POST", stage.at("views")).keyed("k").json(through(TARGET));
    theirs.header("authorization", &other).send().await.problem(422, "return_host_not_allowed");

    // On this machine without TLS, as for a try. What the browser adds leads nowhere.
    let link = ask("http://127.0.0.1:3000/done").await.good();
    let back = path(&visit(&stage, &stage.sample().envelope, &link, SIGN));
    let more = format!("{back}&next=https://evil.example&claimed_outcome=x&event=%0d%0aSet-Cookie:a=b");
    let answer = stage.bare("GET", more).send().await;
    assert_eq!(location(&answer), "http://127.0.0.1:3000/done?claimed_outcome=other");
    // A host that the operator takes back is left out at once.
    allow(&["app.example.com"]).await.unwrap();
    unknown(&stage.bare("GET", back).send().await);
    let page = stage.ask("GET", "/v1/audit?limit=1").send().await.good();
    assert_eq!(page["data"][0]["note"], "return hosts: app.example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_can_be_repeated_and_ends_a_day_after_its_link() {
    let stage = stage().await;
    let clock = Arc::new(FakeClock::at(&Timestamp::now().to_string()));
    let fake = Arc::clone(&clock);
    let later: Router = app(stage.gateway(|options| options.with_clock(fake)).await);
    let link = view(&stage, "visit").await;
    let back = path(&visit(&stage, &stage.sample().envelope, &link, SIGN));
    let (bare, _) = back.split_once('?').unwrap();
    let open = |path: String| stage.bare("GET", path).send_to(&later);
    assert_eq!(stage.bare("HEAD", &back).send_to(&later).await.status, 303);
    assert_eq!(claims(&events(&stage, "").await), [""; 0], "nothing was opened yet");
    let turn = || stage.row("select turn from gateway_feed");
    assert!(location(&open(back.clone()).await).ends_with("&claimed_outcome=signed#top"));
    let first = turn();
    assert!(location(&open(back.clone()).await).ends_with("&claimed_outcome=signed#top"));
    assert_eq!(turn(), first, "a repetition writes nothing");
    assert!(location(&open(format!("{bare}?event=decline")).await).ends_with("=declined#top"));
    let happened = events(&stage, "").await;
    assert_eq!(claims(&happened), ["signed", "declined"], "one event for each claim: {happened:#?}");

    unknown(&open("/returns/x".to_owned()).await);
    unknown(&open("/returns/%ff".to_owned()).await);
    unknown(&open(format!("{bare}x")).await);
    unknown(&open(bare.to_lowercase()).await);

    clock.advance(Duration::from_secs(24 * 60 * 60));
    location(&open(back.clone()).await);
    clock.advance(Duration::from_secs(6 * 60));
    unknown(&open(back).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_used_again_leads_to_returns_of_its_own() {
    let stage = stage().await;
    for number in 1..=2 {
        let link = view(&stage, "visit").await;
        let back = path(&visit(&stage, &stage.sample().envelope, &link, LATER));
        location(&stage.bare("GET", back).send().await);
        assert_eq!(claims(&events(&stage, "").await), vec!["cancelled"; number], "an event for each link");
        // As it happens when the link has ended.
        assert_eq!(stage.row("delete from call where key = 'visit' returning 1").lines().next(), Some("1"));
    }
    assert_eq!(returns(&stage), "1");
    let other = json!({ "recipient": "id:1", "return_url": TARGET, "return_through_gateway": true });
    stage.ask("POST", stage.at("views")).keyed("visit").json(other).send().await.good();
    assert_eq!(returns(&stage), "2", "another recipient has another address");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_return_is_erased_with_its_recipient_envelope_and_account() {
    let stage = stage().await;
    let sample = stage.sample().clone();
    let name = format!("{}:{}", sample.account, sample.envelope);
    let link = view(&stage, "one").await;
    let back = path(&visit(&stage, &sample.envelope, &link, LATER));
    assert!(location(&stage.bare("GET", &back).send().await).contains("claimed_outcome=cancelled"));
    let erase = |recipient: &str| {
        stage.ask("POST", "/v1/erasures").json(json!({ "envelope": name, "recipient": recipient })).send()
    };
    erase("email:ben@example.com").await.good();
    location(&stage.bare("GET", &back).send().await);
    // By the id, which the view told.
    assert_eq!(erase("id:1").await.good()["events"], 1);
    unknown(&stage.bare("GET", &back).send().await);
    let happened = events(&stage, "").await;
    let returned = happened.iter().find(|one| one["type"] == "browser.returned").unwrap();
    assert!(returned["claimed_outcome"].is_null() && returned["recipient"].is_null(), "{returned}");

    for (key, path) in [
        ("two", format!("/v1/envelopes/{name}/data")),
        ("three", format!("/v1/accounts/{}?force=true", sample.account)),
    ] {
        view(&stage, key).await;
        assert_eq!(returns(&stage), "1");
        assert_eq!(stage.ask("DELETE", path).send().await.status, 204);
        assert_eq!(returns(&stage), "0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_while_the_link_is_made_leaves_no_return_behind() {
    let stage = stage().await;
    let ask = stage.ask("POST", stage.at("views")).keyed("visit").json(through(TARGET));
    stage.world().inject(Fault::on("POST", "/views", FaultKind::Delay { delay_ms: 2_000 }));
    let erase = async {
        while !stage.world().faults().is_empty() {
            tokio::task::yield_now().await;
        }
        stage.ask("DELETE", format!("{}?force=true", stage.at("data"))).send().await.status
    };
    let (made, erased) = tokio::join!(ask.clone().send(), erase);
    assert_eq!(erased, 204);
    made.problem(409, "data_erased");
    assert_eq!(returns(&stage), "0");
    ask.send().await.good();
    assert_eq!(returns(&stage), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn returns_that_are_too_old_are_deleted() {
    let stage = stage().await;
    view(&stage, "old").await;
    view(&stage, "new").await;
    let old = "update gateway_return set expires_at = 1 where token = \
        (select token from gateway_return limit 1) returning 1";
    assert_eq!(stage.row(old).lines().next(), Some("1"));
    stage.dev.gateway.sweep().await.unwrap();
    assert_eq!(returns(&stage), "1");
}
