//! DocuSign: what the vendor knows is played or refused by name, and answers look as they were recorded.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use countersign_sandbox::{Act, NewEnvelope, NewRecipient, Vendor};
use serde_json::{Value, json};
use support::browser::{listen, told};
use support::{Answer, Client, frozen, mails};

fn definition() -> Value {
    json!({"emailSubject": "Lease", "status": "sent",
           "documents": [{"documentBase64": "QQ==", "name": "a.txt", "fileExtension": "txt", "documentId": "1"}],
           "recipients": {"signers": [{"recipientId": "1", "name": "Ann Lee", "email": "ann@example.com",
                                       "routingOrder": "1"},
                                      {"recipientId": "2", "name": "Bob Ray", "email": "bob@example.com",
                                       "routingOrder": "2"}]}})
}

async fn create(client: &Client, body: Value) -> Answer {
    client.call("POST", &client.envelope(""), Some(body)).await
}

async fn made(client: &Client, body: Value) -> String {
    let answer = create(client, body).await;
    answer.json()["envelopeId"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

/// Status and the error's text.
fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["message"].as_str().unwrap_or_default().to_owned())
}

fn not_played(what: &str) -> (u16, String) {
    (501, format!("the sandbox does not simulate {what}"))
}

#[tokio::test]
async fn a_route_of_the_vendor_that_is_not_played_says_so_and_a_typo_is_the_vendors_404() {
    let client = Client::docusign(frozen()).await;
    let id = made(&client, definition()).await;
    let account = client.envelope("").replace("/envelopes", "");
    for (method, path) in [
        ("GET", client.envelope(&format!("/{id}/documents/combined"))),
        ("POST", client.envelope(&format!("/{id}/recipients"))),
        ("PUT", client.envelope("/status?envelope_ids=request_body")),
        ("GET", client.envelope("/transfer_rules")),
        ("GET", format!("{account}/templates")),
        ("POST", format!("{account}/Connect")),
        ("GET", "/restapi/v2.1".to_owned()),
        ("DELETE", client.envelope(&format!("/{id}/lock"))),
    ] {
        let answer = client.call(method, &path, Some(json!({}))).await;
        assert_eq!(refusal(&answer), not_played("this route"), "{method} {path}");
        assert_eq!(answer.json()["errorCode"], "NOT_PLAYED_BY_THE_SANDBOX");
    }
    for (method, path) in
        [("GET", format!("{account}/templatez")), ("DELETE", client.envelope(&format!("/{id}")))]
    {
        let answer = client.call(method, &path, None).await;
        assert_eq!(
            (answer.status, &answer.json()["errorCode"]),
            (404, &json!("RESOURCE_NOT_FOUND")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn members_that_would_change_something_are_refused_by_name_and_unknown_ones_ignored() {
    let client = Client::docusign(frozen()).await;
    for (place, member, value, what) in [
        ("", "templateId", json!("x"), "`templateId`"),
        ("", "compositeTemplates", json!([{"a": 1}]), "`compositeTemplates`"),
        ("", "workflow", json!({"scheduledSending": {"status": "pending"}}), "`workflow`"),
        ("/documents/0", "remoteUrl", json!("https://a.example/x.pdf"), "`remoteUrl`"),
        ("/recipients/signers/0", "deliveryMethod", json!("offline"), "`deliveryMethod` offline"),
        ("/recipients/signers/0", "deliveryMethod", json!("Fax"), "`deliveryMethod` fax"),
        ("/recipients/signers/0", "recipientGroup", json!({"groupName": "Owners"}), "`recipientGroup`"),
        (
            "/recipients/signers/0",
            "smsAuthentication",
            json!({"senderProvidedNumbers": ["1"]}),
            "`smsAuthentication`",
        ),
    ] {
        let mut body = definition();
        body.pointer_mut(place).unwrap()[member] = value;
        assert_eq!(refusal(&create(&client, body).await), not_played(what));
    }
    let form =
        [("content-type", "multipart/form-data; boundary=x"), ("authorization", client.auth[0].1.as_str())];
    let answer = client.raw("POST", &client.envelope(""), &form, b"--x--".to_vec()).await;
    assert_eq!(refusal(&answer), not_played("multipart bodies"));
    let mut harmless = definition();
    harmless["workflow"] = json!({"scheduledSending": null});
    harmless["compositeTemplates"] = json!([]);
    harmless["nobodyKnowsThis"] = json!("x");
    harmless["customFields"] = json!({"textCustomFields": [{"name": "case", "value": "7"}]});
    let id = made(&client, harmless).await;
    let kept = client.get(&client.envelope(&format!("/{id}?include=custom_fields"))).await.json();
    assert_eq!(kept["customFields"]["textCustomFields"][0]["value"], "7");
    let unknown = client.get(&client.envelope(&format!("/{id}?include=workflow"))).await;
    assert_eq!(refusal(&unknown), not_played("`include=workflow`"));
    assert_eq!(client.sandbox.world().envelopes().len(), 1, "what was refused has made nothing");
}

#[tokio::test]
async fn suppressed_mails_do_not_go_out() {
    let client = Client::docusign(frozen()).await;
    let mut body = definition();
    body["recipients"]["signers"][0]["suppressEmails"] = json!("true");
    let id = made(&client, body).await;
    assert_eq!(mails(&client), Vec::<String>::new());
    let path = client.envelope(&format!("/{id}?resend_envelope=true"));
    assert_eq!(client.call("PUT", &path, Some(json!({}))).await.status, 200);
    assert_eq!(mails(&client), Vec::<String>::new(), "a resend goes to nobody either");
}

#[tokio::test]
async fn drafts_take_new_recipients_and_corrections_change_what_they_say() {
    let client = Client::docusign(frozen()).await;
    let mut draft = definition();
    draft["status"] = json!("created");
    let id = made(&client, draft).await;
    let path = client.envelope(&format!("/{id}/recipients"));
    let put = |body: Value| client.call("PUT", &path, Some(body));
    let added = put(json!({"signers": [{"recipientId": "9", "name": "Cy Orr", "email": "cy@example.com",
                                        "routingOrder": "3"}]}));
    assert_eq!(added.await.json(), json!({"recipientUpdateResults": [{"recipientId": "9"}]}));
    let envelope = client.envelope(&format!("/{id}"));
    let changes = json!({"status": "sent", "emailSubject": "New lease", "emailBlurb": "Hello"});
    assert_eq!(client.call("PUT", &envelope, Some(changes)).await.status, 200);
    let mail = &client.sandbox.world().outbox()[0];
    assert_eq!((mail.subject.as_str(), mail.message.as_str()), ("Please sign: New lease", "Hello"));
    let purge = client.call("PUT", &envelope, Some(json!({"purgeState": "documents_queued"}))).await;
    assert_eq!(refusal(&purge), not_played("`purgeState`"));

    put(json!({"signers": [{"recipientId": "9", "routingOrder": "2", "note": "Call me"},
                           {"recipientId": "2", "routingOrder": "3"}]}))
    .await;
    let signers = client.get(&path).await.json()["signers"].clone();
    let seen: Vec<_> =
        signers.as_array().unwrap().iter().map(|s| (&s["recipientId"], &s["routingOrder"])).collect();
    assert_eq!(seen, [(&json!("1"), &json!("1")), (&json!("2"), &json!("3")), (&json!("9"), &json!("2"))]);
    assert_eq!(signers[2]["note"], "Call me");
    let late = put(json!({"signers": [{"recipientId": "1", "routingOrder": "4"}]})).await.json();
    let details = &late["recipientUpdateResults"][0]["errorDetails"];
    assert_eq!(details["errorCode"], "NOT_PLAYED_BY_THE_SANDBOX", "{late}");
    let refused = put(json!({"signers": [{"recipientId": "1", "emailNotification": {"emailSubject": "x"}}]}));
    assert_eq!(refusal(&refused.await), not_played("`emailNotification`"));
    let whole = client.get(&path).await.json();
    assert_eq!(put(whole).await.status, 200, "a list that is sent back as it came changes nothing");
}

#[tokio::test]
async fn recipients_are_taken_away_and_shown_as_deleted() {
    let client = Client::docusign(frozen()).await;
    let id = made(&client, definition()).await;
    let path = client.envelope(&format!("/{id}/recipients"));
    let gone = client.call("DELETE", &path, Some(json!({"signers": [{"recipientId": "1"}]}))).await;
    let row = json!({"signers": [{"recipientId": "1", "routingOrder": "0", "status": "deleted"}]});
    assert_eq!((gone.status, gone.json()), (200, row));
    assert_eq!(client.get(&path).await.json()["recipientCount"], "1");
    assert_eq!(
        mails(&client),
        ["request ann@example.com", "request bob@example.com"],
        "the next one has the turn"
    );
}

#[tokio::test]
async fn lists_are_filtered_paged_and_never_silently_whole() {
    let client = Client::docusign(frozen()).await;
    let (first, second) = (made(&client, definition()).await, made(&client, definition()).await);
    client.sandbox.world().void(&second, "x").unwrap();
    let ids = |query: String| {
        let path = client.envelope(&format!("?{query}"));
        let client = &client;
        async move {
            let list = client.get(&path).await.json();
            let all = list["envelopes"].as_array().unwrap().iter();
            all.map(|one| one["envelopeId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(ids(format!("envelope_ids={first},none")).await, std::slice::from_ref(&first));
    assert_eq!(ids("from_date=2026-01-01&status=voided".to_owned()).await, std::slice::from_ref(&second));
    assert_eq!(ids("from_date=2027-01-01".to_owned()).await, Vec::<String>::new());
    assert_eq!(ids("from_date=2026-01-01&search_text=ann%40&order=asc".to_owned()).await, [first, second]);
    let page = client.get(&client.envelope("?from_date=2026-01-01&count=1&start_position=1")).await.json();
    assert_eq!(
        (&page["resultSetSize"], &page["totalSetSize"], &page["nextUri"]),
        (&json!("1"), &json!("2"), &json!(""))
    );
    let folders = client.get(&client.envelope("?from_date=2026-01-01&folder_ids=1")).await;
    assert_eq!(refusal(&folders), not_played("the parameter `folder_ids`"));
    assert_eq!(client.get(&client.envelope("")).await.json()["errorCode"], "INVALID_REQUEST_PARAMETER");
}

#[tokio::test]
async fn the_host_of_an_in_person_signer_is_given_a_view() {
    let client = Client::docusign(frozen()).await;
    let mut body = definition();
    let host = json!({"recipientId": "1", "hostName": "Hope Host", "hostEmail": "hope@example.com",
                      "signerName": "Sam Signer", "routingOrder": "1"});
    body["recipients"] = json!({"inPersonSigners": [host]});
    let id = made(&client, body).await;
    let view = |name: &str| {
        let body = json!({"userName": name, "email": "hope@example.com", "authenticationMethod": "None",
                          "returnUrl": "https://app.example"});
        let path = client.envelope(&format!("/{id}/views/recipient"));
        let client = &client;
        async move { client.call("POST", &path, Some(body)).await.status }
    };
    assert_eq!(view("Hope Host").await, 201);
    assert_eq!(view("Someone Else").await, 400);
    let list = client.get(&client.envelope(&format!("/{id}/recipients"))).await.json();
    let row = &list["inPersonSigners"][0];
    assert_eq!((&row["hostName"], &row["hostEmail"]), (&json!("Hope Host"), &json!("hope@example.com")));
    assert_eq!((&row["signerName"], row.get("email")), (&json!("Sam Signer"), None));
}

#[tokio::test]
async fn answers_look_as_recorded() {
    let client = Client::docusign(frozen()).await;
    let mut draft = definition();
    draft["status"] = json!("created");
    let id = made(&client, draft).await;
    let list = client.get(&client.envelope(&format!("/{id}/recipients"))).await;
    assert_eq!(list.header("content-type"), "application/json; charset=utf-8");
    assert!(!list.header("x-docusign-node").is_empty());
    assert_eq!(list.json().get("currentRoutingOrder"), None, "drafts have none");
    let guid = list.json()["signers"][0]["recipientIdGuid"].as_str().unwrap().to_owned();
    assert_eq!((id.as_bytes()[14], guid.as_bytes()[14]), (b'8', b'8'), "UUIDs of version 8");
    let refused = client.get(&client.envelope("/none")).await;
    assert_eq!(refused.header("content-type"), "application/json; charset=utf-8");

    let world = client.sandbox.world();
    let signer = |name: &str, order| {
        NewRecipient::new(name, format!("{name}@example.com"))
            .with_order(order)
            .with_embedded(name)
            .with_access_code("1234")
    };
    let both = NewEnvelope::new(Vendor::DOCUSIGN, "Codes").with_recipient(signer("ann", 1));
    let id = world.make_envelope(both.with_recipient(signer("bob", 2))).unwrap().id;
    let code = |code: &str| Act::EnterCode { code: code.into() };
    let statuses = || async {
        let list = client.get(&client.envelope(&format!("/{id}/recipients"))).await.json();
        [0, 1].map(|at| {
            list["signers"][at]["recipientAuthenticationStatus"]["accessCodeResult"]["status"].clone()
        })
    };
    world.act(&id, "1", code("1234")).unwrap();
    world.act(&id, "1", Act::Sign { new_name: None }).unwrap();
    assert_eq!(statuses().await, [Value::Null, Value::Null], "nothing while nobody has failed");
    let view = json!({"userName": "bob", "email": "bob@example.com", "clientUserId": "bob",
                      "authenticationMethod": "None", "returnUrl": "https://app.example"});
    let path = client.envelope(&format!("/{id}/views/recipient"));
    let url = client.call("POST", &path, Some(view)).await.json()["url"].as_str().unwrap().to_owned();
    assert!((1_500..2_000).contains(&url.len()), "{} characters", url.len());
    for _ in 0..3 {
        world.act(&id, "2", code("x")).unwrap();
    }
    assert_eq!(statuses().await, [json!("Passed"), json!("Failed")]);
}

#[tokio::test]
async fn mail_that_comes_back_is_told() {
    let client = Client::docusign(frozen()).await;
    let world = client.sandbox.world();
    for (vendor, word) in
        [(Vendor::DOCUSIGN, "recipient-autoresponded"), (Vendor::BOLDSIGN, "DeliveryFailed")]
    {
        listen(&client, vendor);
        let new = NewEnvelope::new(vendor, "x").with_recipient(NewRecipient::new("Ann", "ann@example.com"));
        let id = world.make_envelope(new).unwrap().id;
        world.bounce(&id, "1").unwrap();
        assert_eq!(told(&client, &id).last().map(String::as_str), Some(word));
    }
}
