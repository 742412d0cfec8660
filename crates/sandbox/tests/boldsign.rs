//! BoldSign: sending, links, reminders, access codes, recipients.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use countersign_sandbox::{Act, ActOutcome, NewEnvelope, NewRecipient, Reason, Vendor};
use serde_json::{Value, json};
use support::{Answer, Client, START, frozen, mails};

fn signer(name: &str, email: &str, order: u32, code: &str) -> Value {
    json!({"name": name, "emailAddress": email, "signerType": "Signer", "signerOrder": order,
           "authenticationType": "AccessCode", "authenticationCode": code})
}

fn document() -> Value {
    json!({
        "title": "Contract", "message": "Please", "enableSigningOrder": true, "disableEmails": false,
        "files": ["data:application/pdf;base64,JVBERi0="],
        "signers": [signer("Ann Lee", "ann@example.com", 1, "1234"),
                    {"name": "Bob Ray", "emailAddress": "bob@example.com", "signerOrder": 2}],
        "cc": [{"emailAddress": "cy@example.com"}],
    })
}

async fn send(client: &Client, body: Value) -> String {
    let answer = client.call("POST", "/v1/document/send", Some(body)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["documentId"].as_str().unwrap().to_owned()
}

async fn properties(client: &Client, id: &str) -> Answer {
    client.get(&format!("/v1/document/properties?documentId={id}")).await
}

async fn remind(client: &Client, id: &str, emails: &str) -> Answer {
    let path = format!("/v1/document/remind?documentId={id}{emails}");
    client.call("POST", &path, Some(json!({"message": "Hello again"}))).await
}

async fn change_code(client: &Client, query: &str, code: &str) -> Answer {
    let path = format!("/v1/document/changeAccessCode?{query}");
    client.call("PATCH", &path, Some(json!({"accessCode": code}))).await
}

#[tokio::test]
async fn properties_have_the_vendors_shape() {
    let client = Client::boldsign(frozen()).await;
    let id = send(&client, document()).await;
    let answer = properties(&client, &id).await;
    assert_eq!(answer.header("x-rate-limit-remaining"), "1998");
    insta::assert_json_snapshot!("properties", answer.shown());
    assert_eq!(mails(&client), ["request ann@example.com", "copy cy@example.com"]);
}

#[tokio::test]
async fn a_document_is_unknown_until_it_is_made_and_for_ever_if_that_fails() {
    let client = Client::boldsign(frozen()).await;
    let world = client.sandbox.world();
    world.change_settings(|settings| settings.boldsign.creation_delay_seconds = 5);
    let id = send(&client, document()).await;
    let early = properties(&client, &id).await;
    assert_eq!((early.status, early.json()), (403, json!({"error": "Invalid Document ID"})));
    let link = format!("/v1/document/getEmbeddedSignLink?DocumentId={id}&SignerEmail=ann@example.com");
    assert_eq!(client.get(&link).await.json(), json!({"error": "Invalid Document ID"}));
    assert_eq!(client.get("/v1/document/list?Page=1").await.json()["result"], json!([]));
    assert_eq!(mails(&client), Vec::<String>::new());
    world.advance(Duration::from_secs(5));
    assert_eq!(properties(&client, &id).await.status, 200);
    assert_eq!(client.get("/v1/document/list?Page=1").await.json()["result"][0]["documentId"], id);
    assert_eq!(mails(&client).len(), 2);
    world.change_settings(|settings| settings.boldsign.creation_fails = true);
    let never = send(&client, document()).await;
    world.advance(Duration::from_secs(86_400));
    assert_eq!(properties(&client, &never).await.status, 403);
}

#[tokio::test]
async fn a_form_with_one_part_per_signer_is_the_same_document() {
    let client = Client::boldsign(frozen()).await;
    let part = |name: &str, value: &str| {
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = "--XX\r\nContent-Disposition: form-data; name=\"Files\"; filename=\"a.pdf\"\r\n\
                Content-Type: application/pdf\r\n\r\n%PDF\r\n--XX--\r\n";
    let ann = signer("Ann Lee", "ann@example.com", 1, "1234").to_string();
    let bob = signer("Bob Ray", "bob@example.com", 2, "5678").to_string();
    let head = part("Title", "Contract") + &part("EnableSigningOrder", "True") + &part("labels[0]", "x");
    let auth = client.auth[0].1.clone();
    let headers = [("x-api-key", auth.as_str()), ("content-type", "multipart/form-data; boundary=XX")];
    let good = head.clone() + &part("Signers", &ann) + &part("Signers", &bob) + file;
    let answer = client.raw("POST", "/v1/document/send", &headers, good.into_bytes()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let id = answer.json()["documentId"].as_str().unwrap().to_owned();
    let made = properties(&client, &id).await.json();
    assert_eq!(made["enableSigningOrder"], true);
    assert_eq!(made["labels"], json!(["x"]));
    assert_eq!(made["signerDetails"][1]["signerEmail"], "bob@example.com");
    let as_list = head + &part("Signers", &format!("[{ann},{bob}]")) + file;
    let answer = client.raw("POST", "/v1/document/send", &headers, as_list.into_bytes()).await;
    assert_eq!((answer.status, &answer.json()["errors"]["Signers"][0]), (400, &json!("Value is invalid")));
}

#[tokio::test]
async fn one_reminder_a_day_and_mails_even_when_muted() {
    let client = Client::boldsign(frozen()).await;
    let mut muted = document();
    muted["disableEmails"] = json!(true);
    let id = send(&client, muted).await;
    assert_eq!(mails(&client), Vec::<String>::new());
    let malformed = remind(&client, &id, "&receiverEmails=nobody").await;
    assert_eq!(malformed.status, 400);
    assert_eq!(malformed.json()["errors"]["receiverEmails"][0], "The field receiverEmails is invalid.");
    assert_eq!(remind(&client, &id, "&receiverEmails=ann%40example.com").await.status, 204);
    assert_eq!(mails(&client), ["reminder ann@example.com"]);
    assert_eq!(client.sandbox.world().outbox()[0].message, "Hello again");
    let second = remind(&client, &id, "&receiverEmails=ann%40example.com").await;
    assert_eq!(second.status, 403);
    client.sandbox.world().advance(Duration::from_secs(86_400));
    let (method, path) = ("POST", format!("/v1/document/remind?documentId={id}"));
    assert_eq!(client.call(method, &path, None).await.status, 204, "no body, nobody named");
    assert_eq!(mails(&client).len(), 2, "only Ann: Bob's turn has not come");
}

#[tokio::test]
async fn a_new_code_unlocks_and_a_reminder_does_not() {
    let client = Client::boldsign(frozen()).await;
    let world = client.sandbox.world();
    let id = send(&client, document()).await;
    let failed = |body: Value| body["signerDetails"][0]["isAuthenticationFailed"].clone();
    assert_eq!(failed(properties(&client, &id).await.json()), json!(false));
    for _ in 0..3 {
        world.act(&id, "1", Act::EnterCode { code: "wrong".into() }).unwrap();
    }
    let locked = properties(&client, &id).await.json();
    assert_eq!((failed(locked.clone()), &locked["displayStatus"]), (json!(true), &json!("NeedAttention")));
    assert_eq!(locked["signerDetails"][1]["isAuthenticationFailed"], Value::Null, "Bob has no code");
    assert_eq!(remind(&client, &id, "").await.status, 204);
    assert!(world.envelope(&id).unwrap().recipients[0].locked);
    let target = format!("DocumentId={id}&EmailId=ann%40example.com");
    let wrong_order = change_code(&client, &format!("{target}&ZOrder=2"), "9999").await;
    assert_eq!((wrong_order.status, wrong_order.json()), (403, json!({"error": "Forbidden"})));
    let changed = change_code(&client, &format!("{target}&ZOrder=1"), "9999").await;
    assert_eq!((changed.status, changed.text.as_str()), (204, ""));
    assert_eq!(failed(properties(&client, &id).await.json()), json!(false));
    let outcome = world.act(&id, "1", Act::EnterCode { code: "9999".into() }).unwrap().outcome;
    assert_eq!(outcome, ActOutcome::CodeAccepted);
}

#[tokio::test]
async fn refusals_have_the_vendors_two_shapes() {
    let client = Client::boldsign(frozen()).await;
    let id = send(&client, document()).await;
    let unknown = "7b52a5ab-0000-4000-8000-000000000000";
    let link = "/v1/document/getEmbeddedSignLink";
    let mut seen = Vec::new();
    let mut note = |what: &str, answer: &Answer| {
        let body = answer.json();
        let errors = body.get("errors").or(body.get("error")).unwrap().to_string();
        seen.push(format!("{what}: {} {errors}", answer.status));
    };
    note("properties, malformed", &properties(&client, "x").await);
    note("properties, empty", &properties(&client, "").await);
    note("properties, unknown", &properties(&client, unknown).await);
    note("link, malformed", &client.get(&format!("{link}?DocumentId=x&SignerEmail=a@example.com")).await);
    note("link, nobody", &client.get(&format!("{link}?DocumentId={id}")).await);
    note("link, bad address", &client.get(&format!("{link}?DocumentId={id}&SignerEmail=ann")).await);
    note("link, stranger", &client.get(&format!("{link}?DocumentId={id}&SignerEmail=z@example.com")).await);
    note("link, copy", &client.get(&format!("{link}?DocumentId={id}&SignerEmail=cy@example.com")).await);
    note(
        "code, unknown",
        &change_code(&client, &format!("DocumentId={unknown}&EmailId=a@example.com"), "1").await,
    );
    note("code, empty", &change_code(&client, &format!("DocumentId={id}&EmailId=ann@example.com"), "").await);
    note(
        "code, none before",
        &change_code(&client, &format!("DocumentId={id}&EmailId=bob@example.com"), "1").await,
    );
    note("remind, stranger", &remind(&client, &id, "&receiverEmails=z@example.com").await);
    let revoke = format!("/v1/document/revoke?documentId={id}");
    note("revoke, no message", &client.call("POST", &revoke, Some(json!({}))).await);
    let nobody = json!({"title": "x", "files": ["data:,"], "signers": []});
    note("send, nobody", &client.call("POST", "/v1/document/send", Some(nobody)).await);
    assert_eq!(client.call("POST", &revoke, Some(json!({"message": "no"}))).await.status, 204);
    note("link, revoked", &client.get(&format!("{link}?DocumentId={id}&SignerEmail=ann@example.com")).await);
    note("remind, revoked", &remind(&client, &id, "").await);
    note(
        "code, revoked",
        &change_code(&client, &format!("DocumentId={id}&EmailId=ann@example.com"), "1").await,
    );
    insta::assert_debug_snapshot!(seen);
    let revoked = properties(&client, &id).await.json();
    assert_eq!(
        (&revoked["status"], &revoked["signerDetails"][0]["status"]),
        (&json!("Revoked"), &json!("Revoked"))
    );
}

#[tokio::test]
async fn keys_are_worth_something_in_their_own_region_only() {
    let client = Client::boldsign(frozen()).await;
    let access = client.sandbox.boldsign();
    assert_eq!(client.get("/v1/brand/list").await.status, 200);
    assert_eq!(client.get("/regions/us/v1/brand/list").await.status, 200);
    assert_eq!(client.get(&format!("{}/v1/brand/list", access.eu_base_url)).await.status, 401);
    let wrong = client.raw("GET", "/v1/brand/list", &[("X-API-KEY", "wrong")], Vec::new()).await;
    assert_eq!(wrong.status, 401);
    let bearer = format!("Bearer {}", access.bearer_token.expose());
    let bearer = client.raw("GET", "/V1/Brand/List", &[("authorization", &bearer)], Vec::new()).await;
    assert_eq!(bearer.status, 200, "a token does as well, and names match in any case");
}

#[tokio::test]
async fn the_hourly_limit_is_429_with_a_wait_and_ends_with_the_hour() {
    let client = Client::boldsign(frozen()).await;
    let world = client.sandbox.world();
    world.change_settings(|settings| settings.boldsign.hourly_limit = 1);
    assert_eq!(client.get("/v1/brand/list").await.header("x-rate-limit-remaining"), "0");
    let over = client.get("/v1/brand/list").await;
    assert_eq!((over.status, over.header("retry-after")), (429, "3233"));
    world.advance(Duration::from_secs(3_600));
    assert_eq!(client.get("/v1/brand/list").await.status, 200);
}

#[tokio::test]
async fn links_live_as_long_as_asked_and_open_more_than_once() {
    let client = Client::boldsign(frozen()).await;
    let world = client.sandbox.world();
    let new =
        NewEnvelope::new(Vendor::BOLDSIGN, "x").with_recipient(NewRecipient::new("A", "a+b@example.com"));
    let id = world.make_envelope(new).unwrap().id;
    let path = format!("/v1/document/getEmbeddedSignLink?DocumentId={id}&SignerEmail=a%2Bb%40example.com");
    let link = |query: &str| {
        let path = format!("{path}{query}");
        let client = &client;
        async move {
            let answer = client.get(&path).await;
            Act::OpenLink { url: answer.json()["signLink"].as_str().expect("a link").into() }
        }
    };
    let open = |act: Act| world.act(&id, "1", act).unwrap();
    let plain = link("&RedirectUrl=https%3A%2F%2Fa.example%2F%3Fx%3D1").await;
    assert_eq!(open(plain.clone()).outcome, ActOutcome::Done);
    assert_eq!(open(plain.clone()).outcome, ActOutcome::Done);
    let past = link("&SignLinkValidTill=2023-01-01").await;
    assert_eq!(open(past).outcome, ActOutcome::LinkUsedUp);
    let start: jiff::Timestamp = START.parse().unwrap();
    let two_days = start + jiff::SignedDuration::from_hours(48);
    let short = link(&format!("&SignLinkValidTill={two_days}")).await;
    world.advance(Duration::from_secs(47 * 3_600));
    assert_eq!(open(short.clone()).outcome, ActOutcome::Done);
    world.advance(Duration::from_secs(2 * 3_600));
    assert_eq!(open(short).outcome, ActOutcome::LinkUsedUp);
    assert_eq!(client.get(&format!("{path}&SignLinkValidTill=2027-01-01")).await.status, 400);
    open(plain);
    let signed = open(Act::Sign { new_name: None });
    assert_eq!(signed.redirect.unwrap(), format!("https://a.example/?x=1?documentId={id}"));
}

#[tokio::test]
async fn order_counts_only_when_switched_on_and_documents_expire() {
    let client = Client::boldsign(frozen()).await;
    let world = client.sandbox.world();
    let ordered = send(&client, document()).await;
    let sign = || Act::Sign { new_name: None };
    assert_eq!(world.act(&ordered, "2", sign()).unwrap_err().reason, Reason::NotTheirTurn);
    let mut free = document();
    free["enableSigningOrder"] = json!(false);
    free["expiryDateType"] = json!("Days");
    free["expiryValue"] = json!(1);
    let free = send(&client, free).await;
    assert_eq!(world.act(&free, "bob@example.com", sign()).unwrap().outcome, ActOutcome::Done);
    world.advance(Duration::from_secs(86_400));
    let expired = properties(&client, &free).await.json();
    assert_eq!(expired["status"], "Expired");
    let states: Vec<&Value> =
        expired["signerDetails"].as_array().unwrap().iter().map(|s| &s["status"]).collect();
    assert_eq!(states, ["Expired", "Completed"]);
    assert_eq!(properties(&client, &ordered).await.json()["status"], "InProgress");
}

#[tokio::test]
async fn authentication_can_be_added_and_removed() {
    let client = Client::boldsign(frozen()).await;
    let id = send(&client, document()).await;
    let add = json!({"authenticationType": "AccessCode", "emailId": "bob@example.com", "order": 2, "accessCode": "77"});
    let path = format!("/v1/document/addAuthentication?documentId={id}");
    assert_eq!(client.call("PATCH", &path, Some(add)).await.status, 200);
    assert_eq!(bob_in(&properties(&client, &id).await.json()), (json!("AccessCode"), json!(false)));
    let path = format!("/v1/document/RemoveAuthentication?DocumentId={id}");
    let remove = json!({"emailId": "bob@example.com", "zOrder": 2});
    assert_eq!(client.call("PATCH", &path, Some(remove)).await.status, 204);
    assert_eq!(bob_in(&properties(&client, &id).await.json()), (json!("None"), Value::Null));
}

fn bob_in(body: &Value) -> (Value, Value) {
    let bob = &body["signerDetails"][1];
    (bob["authenticationType"].clone(), bob["isAuthenticationFailed"].clone())
}
