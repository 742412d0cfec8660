//! Accounts: settings go in and never come out, and cannot make the gateway read files or call its own network.

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
