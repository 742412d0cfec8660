//! A person signs in with a browser that returns to the tenant's application.

use serde_json::{Value, json};

use crate::program::{ran, shell};
use crate::support::Stage;

/// Where the browser of the application returns. Nothing listens there: the test reads where it is sent.
const BACK: &str = "http://127.0.0.1:8712/callback";

/// An account of each vendor for whose calls a person signs in.
async fn accounts(stage: &Stage) -> Vec<String> {
    let directory = stage.dev.gateway.directory();
    let tenant = directory.tenants().await.unwrap()[0].id.clone();
    let (docusign, boldsign) = (stage.dev.sandbox.docusign(), stage.dev.sandbox.boldsign());
    let applications = [
        (
            "docusign",
            json!({ "kind": "authorization_code", "integration_key": docusign.integration_key,
            "client_secret": docusign.client_secret.expose() }),
        ),
        (
            "boldsign",
            json!({ "kind": "authorization_code", "client_id": boldsign.client_id,
            "client_secret": boldsign.client_secret.expose() }),
        ),
    ];
    let mut names = Vec::new();
    for (vendor, auth) in applications {
        let account = directory.account(&tenant, vendor).await.unwrap().unwrap();
        let mut settings = directory.settings(&tenant, &account.id).await.unwrap().unwrap();
        settings.insert("auth".to_owned(), auth);
        let name = format!("{vendor}-person");
        let new = json!({ "name": name, "vendor": vendor, "settings": settings });
        stage.ask("POST", "/v1/accounts").json(new).send().await.good();
        names.push(name);
    }
    names
}

async fn start(stage: &Stage, account: &str) -> Value {
    let ask = stage.ask("POST", format!("/v1/accounts/{account}/sign-ins"));
    ask.json(json!({ "redirect_uri": BACK })).send().await.good()
}

/// What a browser does at the vendor: opens the page, and agrees. Returns the query with which it comes back.
fn agree(url: &str) -> String {
    let page = ran(&shell(&format!("curl -sS '{url}'")));
    let mut fields = String::from("--data-urlencode action=allow");
    for part in page.split("<input type=\"hidden\" name=\"").skip(1) {
        let (name, rest) = part.split_once("\" value=\"").unwrap();
        let value = rest.split_once('"').unwrap().0.replace("&#38;", "&");
        fields += &format!(" --data-urlencode '{name}={value}'");
    }
    let page = url.split_once('?').unwrap().0;
    let back = ran(&shell(&format!("curl -sS -o /dev/null -w '%{{redirect_url}}' {fields} '{page}'")));
    back.strip_prefix(&format!("{BACK}?")).unwrap_or_else(|| panic!("{back}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_calls_and_signs_out_at_every_vendor() {
    let stage = Stage::new().await;
    // The browser comes back to another replica.
    let other = stage.second().await;
    for (account, sample) in accounts(&stage).await.into_iter().zip(stage.dev.samples.clone()) {
        let list = stage.ask("GET", format!("/v1/envelopes/{account}:{}/recipients", sample.envelope));
        let problem = list.clone().send().await.problem(424, "unauthenticated");
        assert_eq!(problem["hint"], "let the person sign in: see POST /v1/accounts/{account}/sign-ins");

        let started = start(&stage, &account).await;
        assert_eq!(started["expires_in_seconds"], 600);
        let query = agree(started["url"].as_str().unwrap());
        let finish = stage.ask("PUT", format!("/v1/accounts/{account}/sign-ins"));
        let answer = json!({ "id": started["id"], "query": query });
        assert_eq!(finish.clone().json(answer.clone()).send_to(&other).await.status, 204);
        list.clone().send().await.good();
        finish.json(answer).send().await.problem(404, "sign_in_not_found");

        let out = stage.ask("DELETE", format!("/v1/accounts/{account}/sign-ins")).send_to(&other).await;
        assert_eq!(out.status, 204);
        list.send().await.problem(424, "unauthenticated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_belongs_to_its_browser_and_its_account() {
    let stage = Stage::new().await;
    let names = accounts(&stage).await;
    let (mine, theirs) = (start(&stage, &names[0]).await, start(&stage, &names[0]).await);
    let query = agree(theirs["url"].as_str().unwrap());
    let finish = |account: &str, id: &Value, query: &str| {
        let ask = stage.ask("PUT", format!("/v1/accounts/{account}/sign-ins"));
        ask.json(json!({ "id": id, "query": query })).send()
    };
    // The query of another browser, and the right one at another account.
    finish(&names[0], &mine["id"], &query).await.problem(404, "sign_in_not_found");
    finish(&names[1], &theirs["id"], &query).await.problem(404, "sign_in_not_found");
    assert_eq!(finish(&names[0], &theirs["id"], &query).await.status, 204);
    let refused = start(&stage, &names[0]).await;
    let state = refused["url"].as_str().unwrap().split("state=").nth(1).unwrap().split('&').next().unwrap();
    let denied = format!("error=access_denied&state={state}");
    finish(&names[0], &refused["id"], &denied).await.problem(424, "consent_required");

    // An account whose credentials are in its settings.
    let ask = stage.ask("POST", format!("/v1/accounts/{}/sign-ins", stage.sample().account));
    ask.json(json!({ "redirect_uri": BACK })).send().await.problem(422, "unsupported");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tokens_of_a_deleted_account_are_gone_and_no_other_account_has_them() {
    let stage = Stage::new().await;
    let names = accounts(&stage).await;
    let started = start(&stage, &names[1]).await;
    let query = agree(started["url"].as_str().unwrap());
    let finish = stage.ask("PUT", format!("/v1/accounts/{}/sign-ins", names[1]));
    assert_eq!(finish.json(json!({ "id": started["id"], "query": query })).send().await.status, 204);
    let check = |name: String| stage.ask("POST", format!("/v1/accounts/{name}/checks")).send();
    check(names[1].clone()).await.good();
    let tokens = || stage.row("select count(*) from token where sealed is not null");
    assert_eq!(tokens(), "1");
    let change = async |body: Value| {
        stage.ask("PATCH", format!("/v1/accounts/{}", names[1])).json(body).send().await.good();
        tokens()
    };
    let same = stage.dev.sandbox.boldsign().client_secret.expose().to_owned();
    assert_eq!(
        change(json!({ "settings": { "auth": { "client_secret": same } } })).await,
        "1",
        "a new secret"
    );
    start(&stage, &names[1]).await;
    let other = json!({ "settings": { "auth": { "client_id": "another-application" } } });
    assert_eq!(change(other).await, "0", "of another application they are no use");
    assert_eq!(stage.row("select count(*) from sign_in"), "0");
    let client_id = stage.dev.sandbox.boldsign().client_id.clone();
    change(json!({ "settings": { "auth": { "client_id": client_id } } })).await;
    check(names[1].clone()).await.problem(424, "unauthenticated");
    let started = start(&stage, &names[1]).await;
    let query = agree(started["url"].as_str().unwrap());
    let finish = stage.ask("PUT", format!("/v1/accounts/{}/sign-ins", names[1]));
    assert_eq!(finish.json(json!({ "id": started["id"], "query": query })).send().await.status, 204);
    assert_eq!(tokens(), "1");
    check(names[1].clone()).await.good();
    assert_eq!(stage.ask("DELETE", format!("/v1/accounts/{}", names[1])).send().await.status, 204);
    assert_eq!(tokens(), "0");
    // The same application again, under the same name.
    let directory = stage.dev.gateway.directory();
    let tenant = directory.tenants().await.unwrap()[0].id.clone();
    let account = directory.account(&tenant, "boldsign").await.unwrap().unwrap();
    let mut settings = directory.settings(&tenant, &account.id).await.unwrap().unwrap();
    let access = stage.dev.sandbox.boldsign();
    settings.insert(
        "auth".to_owned(),
        json!({ "kind": "authorization_code", "client_id": access.client_id,
        "client_secret": access.client_secret.expose() }),
    );
    let new = json!({ "name": names[1], "vendor": "boldsign", "settings": settings });
    stage.ask("POST", "/v1/accounts").json(new).send().await.good();
    check(names[1].clone()).await.problem(424, "unauthenticated");
}
