//! BoldSign: mistakes are reported as the vendor's own integration tests have it, what is not played is refused by
//! name, and answers look as they were recorded.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use countersign_sandbox::{NewEnvelope, NewRecipient, RateLimits, Vendor};
use serde_json::{Value, json};
use support::{Answer, Client, frozen, mails};

fn document() -> Value {
    json!({"title": "Lease", "files": ["data:application/pdf;base64,JVBERi0="], "labels": ["rent"],
           "signers": [{"name": "Ann Lee", "emailAddress": "ann@example.com", "signerOrder": 1}]})
}

async fn send(client: &Client, body: Value) -> Answer {
    client.call("POST", "/v1/document/send", Some(body)).await
}

async fn sent(client: &Client, body: Value) -> String {
    let answer = send(client, body).await;
    answer.json()["documentId"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

/// Status and the fields that were wrong.
fn problems(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json()["errors"].clone())
}

fn not_played(what: &str) -> (u16, Value) {
    (501, json!({"error": format!("the sandbox does not simulate {what}")}))
}

#[tokio::test]
async fn what_is_not_played_is_refused_by_name() {
    let client = Client::boldsign(frozen()).await;
    for (method, path) in [
        ("GET", "/v1/document/download?documentId=x"),
        ("PATCH", "/V1/Document/ExtendExpiry"),
        ("POST", "/v1/template/mergeAndSend"),
        ("DELETE", "/v1/contacts/delete"),
    ] {
        let answer = client.call(method, path, Some(json!({}))).await;
        assert_eq!((answer.status, answer.json()), not_played("this route"), "{path}");
    }
    assert_eq!(client.get("/v1/document/downloads").await.status, 404);
    assert_eq!(client.call("PUT", "/v1/document/send", Some(json!({}))).await.status, 404);
    for (place, member, value, what) in [
        ("", "scheduledSendTime", json!(1_900_000_000), "`scheduledSendTime`"),
        (
            "",
            "reminderSettings",
            json!({"enableAutoReminder": true, "reminderDays": 2}),
            "`enableAutoReminder`",
        ),
        ("", "enablePrintAndSign", json!(true), "`enablePrintAndSign`"),
        ("", "useTextTags", json!("True"), "`useTextTags`"),
        ("/signers/0", "groupId", json!("g"), "`groupId`"),
        ("/signers/0", "signType", json!("Group"), "`signType` Group"),
        ("/signers/0", "deliveryMode", json!("WhatsApp"), "`deliveryMode` WhatsApp"),
    ] {
        let mut body = document();
        body.pointer_mut(place).unwrap()[member] = value;
        let answer = send(&client, body).await;
        assert_eq!((answer.status, answer.json()), not_played(what));
    }
    let mut harmless = document();
    harmless["reminderSettings"] = json!({"enableAutoReminder": false, "reminderDays": 3});
    harmless["enablePrintAndSign"] = json!(false);
    harmless["nobodyKnowsThis"] = json!(1);
    assert_eq!(send(&client, harmless).await.status, 201);
    assert_eq!(client.sandbox.world().envelopes().len(), 1);
}

#[tokio::test]
async fn all_mistakes_of_a_request_are_told_at_once() {
    let client = Client::boldsign(frozen()).await;
    let mut body = document();
    body["title"] = json!("");
    body["onBehalfOf"] = json!("invalid-email");
    body["files"] = json!([]);
    body["signers"][0]["authenticationType"] = json!("Magic");
    body["signers"][0]["emailAddress"] = json!("invalid-email.com");
    let (status, errors) = problems(&send(&client, body).await);
    assert_eq!(status, 400);
    let fields: Vec<&String> = errors.as_object().unwrap().keys().collect();
    let wanted = ["Files", "OnBehalfOf", "Signers[0].AuthenticationType", "Signers[0].EmailAddress", "Title"];
    assert_eq!(fields, wanted);
    assert_eq!(errors["Signers[0].EmailAddress"], json!(["The field EmailAddress is invalid."]));

    let add =
        |body: Value| client.call("PATCH", "/v1/document/addAuthentication?documentId=invalid", Some(body));
    let both = problems(&add(json!({"authenticationType": "EmailOTP", "emailId": "invalid-email"})).await);
    let wanted = json!({"documentId": ["The field documentId is invalid."], "EmailId": ["The field EmailId is invalid."]});
    assert_eq!(both, (400, wanted));
    let body = json!({"emailId": "ann@example.com"});
    let remove =
        client.call("PATCH", "/v1/document/RemoveAuthentication?DocumentId=invalid", Some(body)).await;
    assert_eq!(problems(&remove), (400, json!({"DocumentId": ["The field DocumentId is invalid."]})));
    let change = "/v1/document/changeAccessCode?DocumentId=invalid&EmailId=ann%40example.com&ZOrder=first";
    let change = client.call("PATCH", change, Some(json!({"accessCode": ""}))).await;
    let fields: Vec<String> = problems(&change).1.as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["AccessCode", "DocumentId", "ZOrder"]);
}

#[tokio::test]
async fn a_link_needs_a_signer_and_a_number_that_is_one() {
    let client = Client::boldsign(frozen()).await;
    let id = sent(&client, document()).await;
    let link = |query: &str| {
        let path = format!("/v1/document/getEmbeddedSignLink?DocumentId={id}{query}");
        let client = &client;
        async move { client.get(&path).await }
    };
    assert_eq!(link("&SignerEmail=ann%40example.com&CountryCode=%2B91&PhoneNumber=").await.status, 200);
    assert_eq!(
        link("&SignerEmail=ann%40example.com&CountryCode=%2B91&PhoneNumber=9876543210").await.status,
        200
    );
    let odd = link("&SignerEmail=ann%40example.com&CountryCode=%2B91&PhoneNumber=INVALID_PHONE").await;
    assert_eq!(problems(&odd), (400, json!({"PhoneNumber": ["The field PhoneNumber is invalid."]})));
    let half = link("&SignerEmail=zoe%40example.com&CountryCode=%2B91&PhoneNumber=").await;
    assert_eq!(half.status, 400, "half a number, and the e-mail names nobody");
    let nobody = link("&SignerEmail=&CountryCode=%2B91&PhoneNumber=").await;
    assert!(nobody.status == 400 && nobody.text.contains("phone number along with the country code"));
    let several = link("&SignerEmail=odd&RedirectUrl=odd&SignLinkValidTill=odd").await;
    assert_eq!(problems(&several).1.as_object().unwrap().len(), 3, "{}", several.text);
}

#[tokio::test]
async fn lists_are_filtered_and_their_pages_checked() {
    let client = Client::boldsign(frozen()).await;
    let first = sent(&client, document()).await;
    let mut other = document();
    other["title"] = json!("Purchase");
    other["labels"] = json!(["sale"]);
    other["signers"][0]["emailAddress"] = json!("bob@example.com");
    let second = sent(&client, other).await;
    let get = |query: &str| {
        let path = format!("/v1/document/list?Page=1{query}");
        let client = &client;
        async move { client.get(&path).await }
    };
    for (query, wanted) in [
        ("", vec![&second, &first]),
        ("&SearchKey=purch", vec![&second]),
        ("&Labels=RENT", vec![&first]),
        ("&Recipients=bob%40example.com", vec![&second]),
        ("&Status=Completed", vec![]),
        ("&TransmitType=Received", vec![]),
        ("&TransmitType=Both&Status=WaitingForOthers", vec![&second, &first]),
        ("&StartDate=2026-04-01", vec![]),
        ("&DateFilterType=Expiring&StartDate=2026-04-01", vec![&second, &first]),
        ("&SentBy=zoe%40example.com", vec![]),
    ] {
        let list = get(query).await.json();
        let ids: Vec<&str> = list["result"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["documentId"].as_str().unwrap())
            .collect();
        assert_eq!(ids, wanted, "{query}");
    }
    let sizes = json!({"PageSize": ["Provide a valid page size between 1 and 100"]});
    assert_eq!(problems(&get("&PageSize=250").await), (400, sizes));
    let both = problems(&client.get("/v1/document/list?Page=0&PageSize=0").await).1;
    assert_eq!(both["Page"], json!(["Page number should be greater than 0"]));
    assert_eq!(both["PageSize"], json!(["Provide a valid page size between 1 and 100"]));
    assert_eq!(get("&StartDate=2026-03-02&EndDate=2026-03-01").await.status, 400);
    assert_eq!(get("&DateFilterType=").await.status, 400);
    let cursor = get("&NextCursor=1").await;
    assert_eq!((cursor.status, cursor.json()), not_played("the parameter `NextCursor`"));
}

#[tokio::test]
async fn nothing_is_null_that_the_vendor_leaves_out_and_fields_come_back() {
    let client = Client::boldsign(frozen()).await;
    let mut body = document();
    body["enableReassign"] = json!(false);
    body["signers"][0]["formFields"] = json!([{"fieldType": "Signature", "pageNumber": 1, "isRequired": true,
                                               "bounds": {"x": 1, "y": 2, "width": 3, "height": 4}}]);
    let id = sent(&client, body).await;
    let properties = client.get(&format!("/v1/document/properties?documentId={id}")).await;
    assert_eq!(properties.header("content-type"), "application/json; charset=utf-8");
    let (document, signer) = (properties.json(), properties.json()["signerDetails"][0].clone());
    assert_eq!((document.get("behalfOf"), &document["enableReassign"]), (None, &json!(false)));
    assert_eq!((signer.get("phoneNumber"), signer.get("recipientNotificationSettings")), (None, None));
    let field = &signer["formFields"][0];
    assert_eq!(
        (&field["type"], &field["pageNumber"], field.get("fieldType")),
        (&json!("Signature"), &json!(1), None)
    );
    let add = json!({"authenticationType": "AccessCode", "emailId": "ann@example.com", "accessCode": "77"});
    let path = format!("/v1/document/addAuthentication?documentId={id}");
    let added = client.call("PATCH", &path, Some(add)).await;
    assert_eq!((added.status, added.text.as_str()), (200, ""));
}

#[tokio::test]
async fn signers_who_switched_reminders_off_get_none() {
    let client = Client::boldsign(frozen()).await;
    let mut body = document();
    body["signers"][0]["recipientNotificationSettings"] = json!({"reminders": false});
    let id = sent(&client, body).await;
    let remind = format!("/v1/document/remind?documentId={id}");
    assert_eq!(client.call("POST", &remind, Some(json!({}))).await.status, 204);
    assert_eq!(mails(&client), ["request ann@example.com"]);
}

#[tokio::test]
async fn limits_are_told_in_the_recorded_form_and_on_demand_in_the_documented_one() {
    let client = Client::boldsign(frozen()).await;
    let world = client.sandbox.world();
    world.change_settings(|settings| settings.boldsign.hourly_limit = 1);
    let fine = client.get("/v1/brand/list").await;
    assert_eq!(fine.header("x-rate-limit-limit"), "1h");
    assert_eq!(fine.header("x-rate-limit-remaining"), "0");
    assert_eq!(fine.header("x-rate-limit-reset"), "2026-03-04T06:00:00.0000000Z");
    let over = client.get("/v1/brand/list").await;
    assert_eq!(
        (over.status, over.header("content-type"), over.header("retry-after")),
        (429, "text/plain", "3233")
    );
    assert_eq!(over.text, "API calls quota exceeded! maximum admitted 1 per 1h.");
    assert_eq!(over.header("x-rate-limit-limit"), "");
    world.change_settings(|settings| settings.boldsign.rate_limits = RateLimits::Documented);
    let over = client.get("/v1/brand/list").await;
    assert_eq!((over.status, over.header("x-ratelimit-limit")), (429, "1"));
    assert_eq!((over.header("x-ratelimit-reset"), over.header("retry-after")), ("1772604000", ""));
    world.change_settings(|settings| settings.boldsign.rate_limits = RateLimits::Untold);
    world.advance(Duration::from_secs(3_600));
    let fine = client.get("/v1/brand/list").await;
    assert!(fine.headers.keys().all(|name| !name.as_str().contains("limit")), "{:?}", fine.headers);
}

#[tokio::test]
async fn webhooks_can_come_without_a_context() {
    let client = Client::boldsign(frozen()).await;
    let world = client.sandbox.world();
    support::browser::listen(&client, Vendor::BOLDSIGN);
    let body = || async {
        let new = NewEnvelope::new(Vendor::BOLDSIGN, "x")
            .with_recipient(NewRecipient::new("Ann", "ann@example.com"));
        world.make_envelope(new).unwrap();
        let id = world.webhooks().log().last().unwrap().id;
        let _ = world.webhooks().deliver(id).await;
        let body = world.webhooks().request(id).unwrap().body;
        serde_json::from_str::<Value>(body.expose()).unwrap()
    };
    assert_eq!(body().await["context"]["eventType"], "Sent");
    world.change_settings(|settings| settings.boldsign.webhook_context = false);
    let without = body().await;
    assert_eq!((without.get("context"), &without["event"]["eventType"]), (None, &json!("Sent")));
    let signer = &without["data"]["signerDetails"][0];
    for absent in ["deliveryMode", "groupSigners", "formFields", "phoneNumber"] {
        assert_eq!(signer.get(absent), None, "{absent}");
    }
    assert_eq!(
        (&signer["isAuthenticationFailed"], &signer["authenticationRetryCount"]),
        (&Value::Null, &Value::Null)
    );
}
