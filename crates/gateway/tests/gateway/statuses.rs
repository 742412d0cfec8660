//! Answers that requests which are made up rarely get: 409, 424 and 429. Each has the form that the document promises.

use countersign_gateway::{KeyLimits, KeyScope};
use countersign_sandbox::{DropWhen, Fault, FaultKind};
use serde_json::{Value, json};

use crate::document::operations;
use crate::keys::ben_mail_is_lost;
use crate::support::{Answer, Stage, code, resend, unlock, view};

fn document() -> Value {
    serde_json::to_value(countersign_gateway::document()).unwrap()
}

fn resolved<'d>(document: &'d Value, part: &'d Value) -> &'d Value {
    let named = part["$ref"].as_str().map(|name| document.pointer(&name[1..]).unwrap());
    named.unwrap_or(part)
}

/// The answer has this status, the document says so of the operation, and the body is as its schema says.
fn promised(document: &Value, operation: &str, status: u16, answer: &Answer) {
    assert_eq!(answer.status, status, "{operation}: {answer:?}");
    let methods =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let described = methods.into_iter().find(|one| one["operationId"] == operation).unwrap();
    let response = resolved(document, &described["responses"][status.to_string()]);
    let kind = answer.header("content-type").unwrap();
    let schema = &response["content"][kind]["schema"];
    fits(document, schema, &answer.json(), &format!("{operation} {status}"));
    assert!(answer.header("retry-after").is_none() || response["headers"]["Retry-After"].is_object());
}

fn fits(document: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = resolved(document, schema);
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = &schema["type"];
    let is_one = kinds.as_array().is_some_and(|kinds| kinds.contains(&json!(kind)));
    assert!(kinds == kind || is_one, "{at} is {kind}: {schema:#}");
    for item in value.as_array().into_iter().flatten() {
        fits(document, &schema["items"], item, at);
    }
    let required = schema["required"].as_array().into_iter().flatten();
    let missing: Vec<&Value> = required.filter(|name| value.get(name.as_str().unwrap()).is_none()).collect();
    assert!(missing.is_empty(), "{at} lacks {missing:?}");
    for (name, member) in value.as_object().into_iter().flatten() {
        fits(document, &schema["properties"][name], member, &format!("{at}.{name}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_with_a_key_tells_of_its_limit_as_promised() {
    let (stage, document) = (Stage::new().await, document());
    let directory = stage.dev.gateway.directory();
    let limits = KeyLimits::default().with_per_minute(Some(1));
    let key = directory.add_limited_key("dev", &KeyScope::ALL, "", true, None, &limits).await.unwrap();
    let ask = |method, path: &str| {
        stage.bare(method, path).header("authorization", format!("Bearer {}", key.expose()))
    };
    ask("GET", "/v1/vendors").send().await.good();
    let mut told = 0;
    for one in operations().into_iter().filter(|one| one.path.starts_with("/v1/")) {
        let path = one.path.replace(['{', '}'], "");
        promised(&document, &one.id, 429, &ask(one.method, &path).keyed("k").json(json!({})).send().await);
        told += 1;
    }
    assert!(told >= 30, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendor_limits_or_refuses_is_told_as_promised() {
    let document = document();
    for (status, by_vendor) in [(429, 429), (424, 401)] {
        for (operation, method, rest, body) in [
            ("listRecipients", "GET", "recipients", json!({})),
            ("createView", "POST", "views", view()),
            ("resend", "POST", "resends", resend()),
            ("changeAccessCode", "PUT", "access-code", code("New2345")),
            ("unlock", "POST", "unlocks", unlock()),
        ] {
            // A client waits for a limit that it knows.
            let stage = Stage::new().await;
            let answer = FaultKind::Answer {
                status: by_vendor,
                body: "{}".to_owned(),
                content_type: "application/json".to_owned(),
                headers: [("Retry-After".to_owned(), "120".to_owned())].into(),
                after_work: false,
            };
            stage.world().inject(Fault::on("", "/envelopes/", answer).times(20));
            let ask = stage.ask(method, stage.at(rest)).keyed("k").json(body);
            promised(&document, operation, status, &ask.send().await);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_are_told_as_promised() {
    let (stage, document) = (Stage::new().await, document());
    ben_mail_is_lost(&stage, DropWhen::AfterWork);
    let ask = |method, rest: &str, body: Value| stage.ask(method, stage.at(rest)).keyed("lost").json(body);
    let lost = ask("POST", "resends", resend()).send().await.json()["call"].as_str().unwrap().to_owned();
    let (sample, found) = (stage.sample().clone(), json!({ "happened": true }));
    let name = format!("{}:{}", sample.account, sample.envelope);
    let of_account = format!("/v1/accounts/{}", sample.account);
    let about_ben = json!({ "envelope": name, "recipient": "email:ben@example.com" });
    let resolution = format!("{lost}/resolution");
    for (operation, ask) in [
        ("resend", ask("POST", "resends", resend())),
        ("eraseEnvelope", stage.ask("DELETE", stage.at("data"))),
        ("eraseRecipient", stage.ask("POST", "/v1/erasures").json(about_ben)),
        ("deleteAccount", stage.ask("DELETE", of_account)),
    ] {
        promised(&document, operation, 409, &ask.send().await);
    }
    stage.ask("PUT", &resolution).json(found).send().await.good();
    let other = stage.ask("PUT", &resolution).json(json!({ "happened": false }));
    promised(&document, "resolveCall", 409, &other.send().await);

    stage.world().void(&sample.envelope, "a mistake").unwrap();
    for (operation, method, rest, body) in
        [("createView", "POST", "views", view()), ("changeAccessCode", "PUT", "access-code", code("New2345"))]
    {
        let ask = stage.ask(method, stage.at(rest)).keyed(operation).json(body);
        promised(&document, operation, 409, &ask.send().await);
    }
    let settings = json!({ "auth": { "kind": "api_key", "api_key": "k" } });
    let same_name = json!({ "name": sample.account, "vendor": "boldsign", "settings": settings });
    promised(
        &document,
        "createAccount",
        409,
        &stage.ask("POST", "/v1/accounts").json(same_name).send().await,
    );
    let endpoint =
        || stage.ask("POST", "/v1/endpoints").json(json!({ "url": "https://app.example.com/hook" }));
    for _ in 0..20 {
        endpoint().send().await.good();
    }
    promised(&document, "createEndpoint", 409, &endpoint().send().await);
}
