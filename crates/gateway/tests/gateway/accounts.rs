//! Accounts: settings go in and never come out, and cannot make the gateway read files or call its own network.

use std::path::PathBuf;

use countersign_gateway::Options;
use serde_json::{Map, Value, json};

use crate::support::Stage;

/// Settings that work, of the first sample's account.
async fn settings(stage: &Stage) -> (String, Map<String, Value>) {
    let directory = stage.dev.gateway.directory();
    let tenant = &directory.tenants().await.unwrap()[0];
    let account = directory.account(&tenant.id, &stage.sample().account).await.unwrap().unwrap();
    (account.vendor, directory.settings(&tenant.id, &account.id).await.unwrap().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_created_checked_used_and_deleted() {
    let stage = Stage::new().await;
    let (vendor, values) = settings(&stage).await;
    let new = json!({ "name": "sales", "vendor": vendor, "settings": values });
    let create = stage.ask("POST", "/v1/accounts").json(new);
    let answer = create.clone().send().await;
    assert_eq!(answer.status, 201);
    let made = answer.good();
    let mut members: Vec<&String> = made.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["created_at", "id", "name", "vendor", "webhooks"]);
    create.send().await.problem(409, "account_exists");

    let id = made["id"].as_str().unwrap();
    for named in ["sales", id] {
        assert_eq!(stage.ask("GET", format!("/v1/accounts/{named}")).send().await.good(), made);
        let access = stage.ask("POST", format!("/v1/accounts/{named}/checks")).send().await.good();
        assert!(access["base_url"].as_str().unwrap().starts_with(&stage.dev.sandbox.url()));
        let path = format!("/v1/envelopes/{named}:{}/recipients", stage.sample().envelope);
        stage.ask("GET", path).send().await.good();
    }
    assert_eq!(stage.ask("DELETE", format!("/v1/accounts/{id}")).send().await.status, 204);
    for named in ["sales", id] {
        stage.ask("GET", format!("/v1/accounts/{named}")).send().await.problem(404, "account_not_found");
        let path = format!("/v1/envelopes/{named}:{}/recipients", stage.sample().envelope);
        stage.ask("GET", path).send().await.problem(404, "account_not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_name_no_files_and_no_hosts() {
    let stage = Stage::new().await;
    let (vendor, good) = settings(&stage).await;
    let create = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut values = good.clone();
        change(&mut values);
        stage.ask("POST", "/v1/accounts").json(json!({ "name": "new", "vendor": vendor, "settings": values }))
    };
    for host in [
        "http://127.0.0.1:22",
        "http://169.254.169.254",
        "https://vendor.example.com",
        "http://[::1]:8791",
        " HTTP://localhost:1",
    ] {
        let ask = create(&|values| drop(values.insert("base_url".to_owned(), host.into())));
        let problem = ask.send().await.problem(422, "config");
        assert_eq!(problem["detail"], "`settings.base_url` names a host that is not allowed", "{host}");
    }
    for (table, key) in
        [(None, "private_key_file"), (Some("auth"), "token_file"), (Some("auth"), "private_key_file")]
    {
        let ask = create(&|values| {
            let inner = match table {
                Some(table) => values.entry(table).or_insert_with(|| json!({})).as_object_mut().unwrap(),
                None => values,
            };
            inner.insert(key.to_owned(), "/etc/passwd".into());
        });
        let problem = ask.send().await.problem(422, "config");
        assert!(problem["detail"].as_str().unwrap().contains("names a file"), "{problem:#}");
    }
    // Where a browser goes is not called by the gateway.
    let elsewhere = create(&|values| {
        let auth = values["auth"].as_object_mut().unwrap();
        auth.insert("redirect_uri".to_owned(), "https://app.example.com/callback".into());
    });
    let problem = elsewhere.send().await.problem(422, "config");
    assert!(!problem["detail"].as_str().unwrap().contains("host"), "{problem:#}");
    let mistyped = create(&|values| drop(values.insert("acount_id".to_owned(), "SecretValue9".into())));
    let problem = mistyped.send().await.problem(422, "config");
    assert!(!problem.to_string().contains("SecretValue9"), "{problem:#}");
    let list = stage.ask("GET", "/v1/accounts").send().await.good();
    assert_eq!(list["data"].as_array().unwrap().len(), stage.dev.samples.len(), "none of them was created");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_changed_and_its_clients_know_it() {
    let stage = Stage::new().await;
    // The vendor whose account is one key.
    let sample = stage.dev.samples.iter().find(|sample| sample.account == "boldsign").unwrap();
    let (account, envelope) = (sample.account.clone(), &sample.envelope);
    let path = format!("/v1/accounts/{account}");
    let list = stage.ask("GET", format!("/v1/envelopes/{account}:{envelope}/recipients"));
    list.clone().send().await.good();
    let change = |body: Value| stage.ask("PATCH", &path).json(body).send();
    // The settings do not work any more, at once and in every replica.
    let wrong = change(json!({ "settings": { "base_url": "https://x.example.com" } })).await;
    wrong.problem(422, "config");
    let second = stage.second().await;
    list.clone().send_to(&second).await.good();
    let shown = change(json!({ "settings": { "auth": { "api_key": "not-the-key" } } })).await.good();
    assert_eq!((&shown["name"], shown.get("settings")), (&json!(account), None));
    list.clone().send().await.problem(424, "unauthenticated");
    list.clone().send_to(&second).await.problem(424, "unauthenticated");
    change(json!({ "settings": { "auth": { "api_key": null } } })).await.problem(422, "config");

    let key = stage.dev.sandbox.boldsign().api_key.expose().to_owned();
    change(json!({ "settings": { "auth": { "api_key": key } }, "name": "renamed" })).await.good();
    list.send().await.problem(404, "account_not_found");
    let path = format!("/v1/envelopes/renamed:{envelope}/recipients");
    stage.ask("GET", path).send().await.good();

    let taken = stage.sample().account.clone();
    let rename = stage.ask("PATCH", "/v1/accounts/renamed").json(json!({ "name": taken }));
    rename.send().await.problem(409, "account_exists");
    let whole = stage.ask("PATCH", "/v1/accounts/renamed").json(json!({ "settings": {}, "replace": true }));
    whole.send().await.problem(422, "config");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_tell_what_is_left_at_the_vendor() {
    let stage = Stage::new().await;
    let answer = stage.ask("GET", stage.at("recipients")).send().await;
    assert!(answer.header("ratelimit").unwrap().starts_with("\"account\";r="), "{answer:?}");
    assert!(answer.header("ratelimit-policy").unwrap().starts_with("\"account\";q="), "{answer:?}");
    answer.good();
    let path = format!("/v1/accounts/{}/allowance", stage.sample().account);
    let left = stage.ask("GET", &path).send().await.good();
    assert!(left["limit"]["remaining"].as_u64() < left["limit"]["limit"].as_u64(), "{left:#}");
    assert!(left["limit"]["reset_at"].is_string() && left["in_flight"] == 0, "{left:#}");
    // Also after a reload of the configuration: nothing is forgotten.
    let gateway = &stage.dev.gateway;
    let unused = Options::new(PathBuf::new(), Vec::new());
    gateway.reconfigure(&unused.clone().with_allowed_hosts(vec!["sign.example.com".to_owned()])).unwrap();
    assert_eq!(stage.ask("GET", &path).send().await.good(), left);
    let refused = stage.ask("GET", stage.at("recipients")).send().await;
    refused.problem(424, "config");
    assert!(gateway.reconfigure(&unused.with_allowed_hosts(vec!["*".to_owned()])).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changed_what_is_recorded() {
    let stage = Stage::new().await;
    let (vendor, values) = settings(&stage).await;
    let new = json!({ "name": "sales", "vendor": vendor, "settings": values });
    let id = stage.ask("POST", "/v1/accounts").json(new).send().await.good()["id"].clone();
    let change = stage.ask("PATCH", "/v1/accounts/sales").json(json!({ "name": "support" }));
    change.send().await.good();
    stage.ask("DELETE", "/v1/accounts/support").send().await;
    let key = stage.dev.gateway.directory().add_key("dev", &[], "reports", false, None).await.unwrap();
    stage.dev.gateway.directory().revoke_key(key.id()).await.unwrap();

    let page = stage.ask("GET", "/v1/audit?limit=4").send().await.good();
    let own = format!("key {}", stage.dev.key.id());
    let entries = |page: &Value| -> Vec<[String; 4]> {
        let rows = page["data"].as_array().unwrap().iter();
        rows.map(|row| ["who", "what", "target", "note"].map(|name| row[name].as_str().unwrap().to_owned()))
            .collect()
    };
    let id = id.as_str().unwrap();
    let expected = [
        ["operator", "key.revoked", key.id(), ""],
        ["operator", "key.created", key.id(), "reports"],
        [own.as_str(), "account.deleted", id, ""],
        [own.as_str(), "account.changed", id, "name"],
    ];
    assert_eq!(entries(&page), expected.map(|row| row.map(str::to_owned)));
    let next = format!("/v1/audit?cursor={}", page["next_cursor"].as_str().unwrap());
    let rest = entries(&stage.ask("GET", next).send().await.good());
    assert_eq!(rest[0], [own.as_str(), "account.created", id, "sales"].map(str::to_owned));
    assert_eq!(rest.last().unwrap()[1], "tenant.created");
    stage.ask("GET", "/v1/audit?cursor=x").send().await.problem(400, "query_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_settings_are_refused_by_their_key() {
    let stage = Stage::new().await;
    let (vendor, good) = settings(&stage).await;
    let refused = |path: &'static str, value: Value| {
        let (mut values, vendor) = (good.clone(), vendor.clone());
        let (table, key) = path.split_once('.').unwrap_or(("", path));
        let inner = match table {
            "" => &mut values,
            table => values[table].as_object_mut().unwrap(),
        };
        inner.insert(key.to_owned(), value);
        let new = json!({ "name": "new", "vendor": vendor, "settings": values });
        async { stage.ask("POST", "/v1/accounts").json(new).send().await.problem(422, "config") }
    };
    for odd in ["Secret\r\nX-Other: 1", "Secret Nine", "Secret\tNine", "Secret\u{0}", "Secret\u{a0}Nine"] {
        let problem = refused("auth.token", odd.into()).await;
        assert_eq!(
            problem["detail"],
            "`settings.auth.token` has a blank, a line break or a control character inside"
        );
        assert!(!problem.to_string().contains("Secret"), "{problem:#}");
    }
    let problem = refused("vendor", vendor.clone().into()).await;
    assert_eq!(
        (problem["detail"].as_str(), problem["hint"].as_str()),
        (Some("`settings.vendor` is not a setting"), Some("give `vendor` beside `settings`"))
    );
    // Hints name only keys that the gateway takes.
    for problem in [
        refused("acount_id", "x".into()).await,
        refused("auth.colour", "x".into()).await,
        refused("auth", json!({ "kind": "api_key" })).await,
        refused("auth", json!({ "kind": "jwt" })).await,
        refused("auth", Value::Null).await,
    ] {
        assert!(!problem.to_string().contains("_file"), "{problem:#}");
        assert!(!problem["hint"].as_str().unwrap().contains("vendor,"), "{problem:#}");
    }
}

/// A vendor whose answers name a host that a tenant chose.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_the_vendor_names_after_the_sign_in_is_checked() {
    use axum::{Json, Router};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::net::TcpListener;

    const ACCOUNT: &str = "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001";
    let mut sample = None;
    let stage = Stage::new().await;
    let directory = stage.dev.gateway.directory();
    let tenant = directory.tenants().await.unwrap()[0].id.clone();
    for account in directory.accounts(&tenant).await.unwrap() {
        let values = directory.settings(&tenant, &account.id).await.unwrap().unwrap();
        if values.contains_key("account_id") {
            sample = Some((account.vendor, values));
        }
    }
    let (vendor, mut values) = sample.unwrap();

    let (named, vendors) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let (named_at, vendors_at) = (named.local_addr().unwrap(), vendors.local_addr().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let inner = Router::new().fallback(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Json(json!({})) }
    });
    let told = json!({ "sub": "u", "accounts": [{ "account_id": ACCOUNT, "is_default": true,
        "base_uri": format!("http://{named_at}") }] });
    let outer = Router::new().fallback(move || async { Json(told) });
    tokio::spawn(async { axum::serve(named, inner).await });
    tokio::spawn(async { axum::serve(vendors, outer).await });

    values.remove("base_url");
    values.insert("account_id".to_owned(), ACCOUNT.into());
    values.insert("oauth_url".to_owned(), format!("http://{vendors_at}").into());
    values.insert("auth".to_owned(), json!({ "kind": "token", "token": "sample-token" }));
    let new = json!({ "name": "new", "vendor": vendor, "settings": values });
    // The operator allows the host of the sign-in only.
    let gateway = stage.with_hosts(&[&vendors_at.to_string()]).await;
    stage.ask("POST", "/v1/accounts").json(new).send_to(&gateway).await.good();
    let path = format!("/v1/envelopes/new:{}/recipients", stage.sample().envelope);
    let problem = stage.ask("GET", path).send_to(&gateway).await.problem(424, "config");
    assert_eq!(problem["detail"], "the host may not be called");
    assert_eq!(calls.load(Ordering::Relaxed), 0, "nothing was sent there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_or_a_name_that_is_wrong_is_refused() {
    let stage = Stage::new().await;
    let (vendor, values) = settings(&stage).await;
    let create = |name: &str, vendor: &str| {
        stage.ask("POST", "/v1/accounts").json(json!({ "name": name, "vendor": vendor, "settings": values }))
    };
    let problem = create("new", "acme").send().await.problem(422, "invalid_request");
    assert!(problem["hint"].as_str().unwrap().contains(&vendor));
    for name in ["", "Sales", "a:b", "anna@example.com", "acc_1", &"a".repeat(65)] {
        create(name, &vendor).send().await.problem(422, "invalid_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_the_vendor_refuses_are_not_the_callers_key() {
    let stage = Stage::new().await;
    // The vendor whose account is one key, which can be replaced by a wrong one.
    let directory = stage.dev.gateway.directory();
    let tenant = directory.tenants().await.unwrap()[0].id.clone();
    for account in directory.accounts(&tenant).await.unwrap() {
        let mut values = directory.settings(&tenant, &account.id).await.unwrap().unwrap();
        let Some(key) = values.get_mut("auth").and_then(|auth| auth.get_mut("api_key")) else { continue };
        *key = "not-a-valid-key".into();
        let new = json!({ "name": "wrong", "vendor": account.vendor, "settings": values });
        stage.ask("POST", "/v1/accounts").json(new).send().await.good();
        let problem =
            stage.ask("POST", "/v1/accounts/wrong/checks").send().await.problem(424, "unauthenticated");
        assert_eq!(problem["vendor"], account.vendor);
        return;
    }
    panic!("no account has an API key");
}
