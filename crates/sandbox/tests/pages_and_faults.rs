//! The signing pages as a browser sees them, the control API, and faults on purpose.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use countersign_sandbox::{
    Act, DropWhen, Fault, FaultKind, NewEnvelope, NewRecipient, Options, Secret, Vendor,
};
use serde_json::json;
use support::browser::{ann_and_bob, docusign_link};
use support::{Answer, Client, frozen, mails};

/// A browser that does not follow redirects by itself.
async fn browse(client: &Client, url: &str) -> Answer {
    client.raw("GET", url, &[], Vec::new()).await
}

async fn submit(client: &Client, page: &str, form: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    client.raw("POST", page, &headers, body.into_bytes()).await
}

async fn enter(client: &Client, link: &str) -> String {
    let answer = browse(client, link).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.header("location").to_owned()
}

#[tokio::test]
async fn a_signer_types_the_code_signs_and_is_sent_back() {
    let client = Client::docusign(frozen()).await;
    let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    let link = docusign_link(&client, &id).await;
    let page = enter(&client, &link).await;
    let asks = browse(&client, &page).await;
    assert!(asks.text.contains("Access code") && !asks.text.contains("1234"), "{}", asks.text);
    assert_eq!(submit(&client, &page, &[("action", "code"), ("code", "9")]).await.status, 303);
    let wrong = browse(&client, &page).await.text;
    assert!(wrong.contains("That code is wrong. You have 2 attempts left."), "{wrong}");
    let sneaky = submit(&client, &page, &[("action", "sign"), ("name", "Ann Lee")]).await;
    assert_eq!(sneaky.status, 303, "nobody signs past the code");
    assert_eq!(submit(&client, &page, &[("action", "code"), ("code", "1234")]).await.status, 303);
    assert!(browse(&client, &page).await.text.contains("Full name"));
    let signed = submit(&client, &page, &[("action", "sign"), ("name", "Ann B. Lee")]).await;
    assert_eq!(signed.status, 302);
    assert_eq!(signed.header("location"), "https://app.example/back?x=1&event=signing_complete");
    let ann = &client.sandbox.world().envelope(&id).unwrap().recipients[0];
    assert_eq!(ann.name, "Ann B. Lee");
    let used = browse(&client, &link).await;
    assert_eq!(used.header("location"), "https://app.example/back?x=1&event=ttl_expired");
    assert_eq!(browse(&client, &page).await.status, 410, "the visit is over");
}

#[tokio::test]
async fn pages_explain_why_there_is_nothing_to_sign() {
    let client = Client::boldsign(frozen()).await;
    let world = client.sandbox.world();
    let id = ann_and_bob(&client, Vendor::BOLDSIGN).id;
    let link = |email: &str| format!("/v1/document/getEmbeddedSignLink?DocumentId={id}&SignerEmail={email}");
    let ann = client.get(&link("ann@example.com")).await.json()["signLink"].as_str().unwrap().to_owned();
    let bob = client.get(&link("bob@example.com")).await.json()["signLink"].as_str().unwrap().to_owned();
    let bob_page = enter(&client, &bob).await;
    assert!(browse(&client, &bob_page).await.text.contains("It is not your turn yet"));
    let ann_page = enter(&client, &ann).await;
    for _ in 0..3 {
        submit(&client, &ann_page, &[("action", "code"), ("code", "x")]).await;
    }
    let ann_page = enter(&client, &ann).await;
    assert!(browse(&client, &ann_page).await.text.contains("You are locked out"));
    let target = format!("/v1/document/changeAccessCode?DocumentId={id}&EmailId=ann@example.com&ZOrder=1");
    client.call("PATCH", &target, Some(json!({"accessCode": "1234"}))).await;
    submit(&client, &ann_page, &[("action", "code"), ("code", "1234")]).await;
    let thanks = submit(&client, &ann_page, &[("action", "sign"), ("name", "Ann Lee")]).await;
    assert!(thanks.status == 200 && thanks.text.contains("You have signed"), "no return URL was given");
    let ann_page = enter(&client, &ann).await;
    assert!(browse(&client, &ann_page).await.text.contains("You have already finished"));
    assert!(browse(&client, &bob_page).await.text.contains("Bob &#60;b&#62;Ray"), "names are escaped");
    let revoke = format!("/v1/document/revoke?documentId={id}");
    client.call("POST", &revoke, Some(json!({"message": "no"}))).await;
    assert!(browse(&client, &bob_page).await.text.contains("These documents were voided"));
    assert_eq!(browse(&client, "/sign/nowhere").await.status, 404);
    assert!(browse(&client, "/inbox").await.text.contains("bob@example.com"));
    let inbox = browse(&client, "/inbox/bob%40example.com").await.text;
    assert!(inbox.contains("Review and sign") && inbox.contains("/sign/"));
    let console = browse(&client, "/console").await.text;
    assert!(console.contains(&id) && !console.contains("1234"));
    assert!(browse(&client, "/console/rules").await.text.contains("guess"));
    assert_eq!(world.calls().iter().filter(|call| call.path.contains("revoke")).count(), 1);
}

#[tokio::test]
async fn the_control_api_tells_the_whole_story() {
    let client = Client::docusign(frozen()).await;
    let control = |method: &'static str, path: &str, body: Option<serde_json::Value>| {
        let path = format!("/_sandbox/{path}");
        let client = &client;
        async move { client.call(method, &path, body).await }
    };
    let new = json!({"vendor": "docusign", "subject": "Lease", "recipients": [
        {"name": "Ann Lee", "email": "ann@example.com", "access_code": "77"}]});
    let made = control("POST", "envelopes", Some(new)).await;
    assert_eq!(made.status, 201);
    assert!(!made.text.contains("77\""), "views hold no code");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let act = format!("envelopes/{id}/recipients/ann@example.com/act");
    let early = control("POST", &act, Some(json!({"act": "sign"}))).await;
    assert_eq!((early.status, &early.json()["reason"]), (409, &json!("code_needed")));
    let code = control("POST", &act, Some(json!({"act": "enter_code", "code": "77"}))).await;
    assert_eq!(code.json()["outcome"], "code_accepted");
    let signed = control("POST", &act, Some(json!({"act": "sign", "new_name": null}))).await;
    assert_eq!(signed.json()["envelope_status"], "completed");
    assert_eq!(
        control("POST", "clock", Some(json!({"advance_seconds": 90}))).await.json()["now"],
        "2026-03-04T05:07:37.089Z"
    );
    assert_eq!(control("GET", "outbox", None).await.json()[0]["kind"], "request");
    assert_eq!(control("DELETE", "outbox", None).await.status, 204);
    assert_eq!(mails(&client), Vec::<String>::new());
    let settings = control("PATCH", "settings", Some(json!({"boldsign_hourly_limit": 50}))).await.json();
    assert_eq!(
        (&settings["boldsign_hourly_limit"], &settings["docusign_consent"]),
        (&json!(50), &json!(true))
    );
    assert_eq!(control("PATCH", "settings", Some(json!({"hourly": 50}))).await.status, 400);
    assert_eq!(control("GET", "envelopes/none", None).await.status, 404);
    assert_eq!(
        control("POST", "envelopes", Some(json!({"vendor": "acme", "recipients": []}))).await.status,
        400
    );
    let access = control("GET", "access", None).await.json();
    assert_eq!(access["docusign"]["base_url"], client.sandbox.url());
    let guesses = control("GET", "rules", None).await.json();
    assert!(guesses.as_array().unwrap().iter().any(|rule| rule["evidence"] == "guess"));
}

#[tokio::test]
async fn faults_befall_the_calls_that_they_name() {
    let client = Client::docusign(frozen()).await;
    let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    let world = client.sandbox.world();
    world.act(&id, "1", Act::EnterCode { code: "1234".into() }).unwrap();
    world.act(&id, "1", Act::Sign { new_name: None }).unwrap();
    world.clear_outbox();
    let path = client.envelope(&format!("/{id}/recipients?resend_envelope=true"));
    let resend = || client.call("PUT", &path, Some(json!({"signers": [{"recipientId": "2"}]})));
    world.inject(Fault::on("PUT", "/recipients", FaultKind::answer(502, "<html>Bad gateway</html>")));
    assert_eq!(client.get(&client.envelope(&format!("/{id}/recipients"))).await.status, 200, "only PUT");
    let gateway = resend().await;
    assert_eq!((gateway.status, gateway.header("content-type")), (502, "text/html"));
    assert_eq!(mails(&client).len(), 0);
    assert_eq!(resend().await.status, 200, "once only");
    assert_eq!(mails(&client).len(), 1);
    let lost = json!({"method": "PUT", "path_contains": "/recipients",
                      "fault": {"status": 504, "after_work": true, "headers": {"x-seen": "yes"}}});
    assert_eq!(client.call("POST", "/_sandbox/faults", Some(lost)).await.status, 204);
    let lost = resend().await;
    assert_eq!((lost.status, lost.header("x-seen")), (504, "yes"));
    assert_eq!(mails(&client).len(), 2, "the work was done");
    let headers: Vec<(&str, &str)> =
        vec![("authorization", &client.auth[0].1), ("content-type", "application/json")];
    let body = json!({"signers": [{"recipientId": "2"}]}).to_string().into_bytes();
    world.inject(Fault::on("PUT", "", FaultKind::Drop { drop: DropWhen::BeforeWork }));
    assert!(client.try_raw("PUT", &path, &headers, body.clone()).await.is_err());
    assert_eq!(mails(&client).len(), 2);
    world.inject(Fault::on("", "/recipients", FaultKind::Drop { drop: DropWhen::AfterWork }));
    assert!(client.try_raw("PUT", &path, &headers, body).await.is_err());
    assert_eq!(mails(&client).len(), 3);
    let seen: Vec<Option<u16>> = world.calls().iter().map(|call| call.status).collect();
    assert_eq!(seen, [Some(200), Some(502), Some(200), Some(504), None, None]);
    world.inject(Fault::on("GET", "", FaultKind::Delay { delay_ms: 1 }).times(2));
    world.clear_faults();
    assert_eq!(client.call("GET", "/_sandbox/faults", None).await.json(), json!([]));
    assert_eq!(
        client.call("POST", "/_sandbox/faults", Some(json!({"fault": {"explode": 1}}))).await.status,
        400
    );
}

#[tokio::test]
async fn secrets_do_not_show_in_debug_output() {
    let client = Client::docusign(frozen()).await;
    ann_and_bob(&client, Vendor::DOCUSIGN);
    let bob = NewEnvelope::new(Vendor::DOCUSIGN, "x").with_recipient(NewRecipient::new("B", "b@example.com"));
    client.sandbox.world().make_envelope(bob.clone()).unwrap();
    let access = (client.sandbox.docusign(), client.sandbox.boldsign());
    let act = Act::EnterCode { code: "canary-7".into() };
    let new = NewRecipient::new("B", "b@example.com").with_access_code("canary-7");
    let shown =
        format!("{access:?} {act:?} {new:?} {:?} {:?}", client.sandbox, client.sandbox.world().outbox());
    for secret in
        ["canary-7", "PRIVATE KEY", "/sign/", access.1.api_key.expose(), access.0.access_token.expose()]
    {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert_eq!(format!("{:?}", Secret::new("x")), "Secret(hidden)");
}

#[tokio::test]
async fn stopping_frees_the_port() {
    let client = Client::docusign(frozen()).await;
    let url = client.sandbox.url();
    let port: u16 = url.rsplit(':').next().unwrap().parse().unwrap();
    client.sandbox.stop().await;
    let again = support::start(Options { port, ..frozen() }).await;
    assert_eq!(again.url(), url);
}
