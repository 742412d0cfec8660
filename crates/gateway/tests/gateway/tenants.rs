//! What belongs to another tenant is not there, on every route of the document.

use countersign_gateway::KeyScope;
use countersign_sandbox::{DropWhen, Fault, FaultKind};
use serde_json::{Value, json};

use crate::document::operations;
use crate::support::{Stage, code, resend, unlock, view};

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_another_tenant_are_not_found() {
    let stage = Stage::new().await;
    // A call of the first tenant whose outcome is unknown.
    stage.world().inject(Fault::on("PUT", "/recipients", FaultKind::Drop { drop: DropWhen::AfterWork }));
    let lost = stage.ask("POST", stage.at("resends")).keyed("mail").json(resend()).send().await.json();
    let call = lost["call"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();
    let new = json!({ "url": "https://app.example.com/hooks" });
    let endpoint = stage.ask("POST", "/v1/endpoints").json(new).send().await.good();
    let endpoint = endpoint["endpoint"]["id"].as_str().unwrap();
    let event = crate::events::events(&stage, "").await;
    let event = event.first().map_or("evt_0", |event| event["id"].as_str().unwrap());
    let list = stage.ask("GET", "/v1/accounts").send().await.good();
    let ids: Vec<&str> =
        list["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();

    let stranger = stage.key("stranger", &KeyScope::ALL).await;
    let calls = stage.world().calls().len();
    let envelope = &stage.sample().envelope;
    let mut seen = 0;
    for operation in
        operations().into_iter().filter(|one| !["receiveWebhook", "followReturn"].contains(&one.id.as_str()))
    {
        for account in ids.iter().copied().chain([stage.sample().account.as_str()]) {
            let envelope = format!("{account}:{envelope}");
            let path = operation.path.replace("{envelope}", &envelope).replace("{account}", account);
            let path =
                path.replace("{call}", &call).replace("{endpoint}", endpoint).replace("{event}", event);
            let body = match operation.id.as_str() {
                "createView" => view(),
                "resend" => resend(),
                "changeAccessCode" => code("Ben34567"),
                "unlock" => unlock(),
                "plan" => {
                    json!({ "operation": "resend_recipient", "envelope": envelope, "request": resend() })
                }
                "startSignIn" => json!({ "redirect_uri": "https://app.example.com" }),
                "finishSignIn" => json!({ "id": "x", "query": "state=x" }),
                "resolveCall" => json!({ "happened": false }),
                "changeAccount" => json!({ "name": "other" }),
                _ => Value::Null,
            };
            let ask = stage.ask(operation.method, &path).header("authorization", &stranger);
            let answer = ask.keyed("mail").json(body).send().await;
            if operation.path.contains('{') || operation.id == "plan" {
                let kind = match &operation.path {
                    path if path.contains("{call}") => "call_not_found",
                    path if path.contains("{endpoint}") => "endpoint_not_found",
                    path if path.contains("{event}") => "event_not_found",
                    _ => "account_not_found",
                };
                answer.problem(404, kind);
                seen += 1;
            } else if ["listAccounts", "listCalls", "listEvents", "listEndpoints", "listAudit"]
                .contains(&operation.id.as_str())
            {
                assert!(
                    !answer.text.contains(&call)
                        && !answer.text.contains("acc_")
                        && !answer.text.contains("end_"),
                    "{answer:?}"
                );
            }
        }
    }
    assert_eq!(seen, 25 * (ids.len() + 1), "a new route with an id has to be added here");
    assert_eq!(stage.world().calls().len(), calls, "nothing was sent");
    assert_eq!(stage.ask("GET", format!("/v1/calls/{call}")).send().await.good()["state"], "unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_have_their_own_keys_and_names() {
    let stage = Stage::new().await;
    let other = stage.key("other", &KeyScope::ALL).await;
    // The settings of the first tenant's account, given by the other one.
    let settings = stage.dev.gateway.directory();
    let tenants = settings.tenants().await.unwrap();
    let first = tenants.iter().find(|tenant| tenant.name == "dev").unwrap();
    let account = settings.account(&first.id, &stage.sample().account).await.unwrap().unwrap();
    let values = settings.settings(&first.id, &account.id).await.unwrap().unwrap();
    let new = json!({ "name": account.name, "vendor": account.vendor, "settings": values });
    stage.ask("POST", "/v1/accounts").header("authorization", &other).json(new).send().await.good();

    let mails = stage.mails();
    let ask = stage.ask("POST", stage.at("resends")).keyed("invoice-1").json(resend());
    ask.clone().send().await.good();
    ask.clone().header("authorization", &other).send().await.good();
    assert_eq!(stage.mails(), mails + 2, "the key of one tenant is not the key of the other");
    let tenants = settings.tenants().await.unwrap();
    let counts: Vec<_> = tenants.iter().map(|one| (one.name.as_str(), one.keys, one.accounts)).collect();
    let all = u32::try_from(stage.dev.samples.len()).unwrap();
    assert_eq!(counts, [("dev", 1, all), ("other", 1, 1)]);
}
