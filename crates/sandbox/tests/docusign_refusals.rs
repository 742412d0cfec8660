//! DocuSign: who is let in, and what is refused before anything happens.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use countersign_sandbox::{NewEnvelope, NewRecipient, Options, Vendor};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use support::{Answer, Client, frozen};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn claims(client: &Client) -> Value {
    let access = client.sandbox.docusign();
    let now = jiff::Timestamp::now().as_second();
    json!({"iss": access.integration_key, "sub": access.user_id, "aud": "account-d.docusign.com",
           "iat": now - 1, "exp": now + 600, "scope": "signature impersonation"})
}

fn signed(client: &Client, claims: &Value) -> String {
    let key = client.sandbox.docusign().private_key_pem;
    let key = EncodingKey::from_rsa_pem(key.expose().as_bytes()).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), claims, &key).unwrap()
}

async fn ask(client: &Client, assertion: &str) -> Answer {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", GRANT)
        .append_pair("assertion", assertion)
        .finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    client.raw("POST", "/oauth/token", &headers, form.into_bytes()).await
}

async fn with_token(client: &Client, token: &str, path: &str) -> Answer {
    client.raw("GET", path, &[("authorization", &format!("Bearer {token}"))], Vec::new()).await
}

#[tokio::test]
async fn the_jwt_grant_gives_a_token_that_works_until_it_expires() {
    let client = Client::docusign(Options::new()).await;
    let answer = ask(&client, &signed(&client, &claims(&client))).await;
    let body = answer.json();
    assert_eq!(
        (answer.status, &body["token_type"], &body["expires_in"]),
        (200, &json!("Bearer"), &json!(3600))
    );
    let token = body["access_token"].as_str().unwrap();
    let info = with_token(&client, token, "/oauth/userinfo").await.json();
    assert_eq!(info["accounts"][0]["base_uri"], client.sandbox.url());
    assert_eq!(info["accounts"][0]["account_id"], client.sandbox.docusign().account_id);
    let path = client.envelope("/7b52a5ab-0000-4000-8000-000000000000");
    assert_eq!(with_token(&client, token, &path).await.json()["errorCode"], "ENVELOPE_DOES_NOT_EXIST");
    client.sandbox.world().advance(Duration::from_secs(3_600));
    let late = with_token(&client, token, &path).await;
    assert_eq!((late.status, late.json()["errorCode"].clone()), (401, json!("AUTHORIZATION_INVALID_TOKEN")));
    let info = with_token(&client, token, "/oauth/userinfo").await;
    assert_eq!((info.status, info.json()["error"].clone()), (401, json!("internal_server_error")));
    let again = ask(&client, &signed(&client, &claims(&client))).await;
    assert_eq!(again.status, 200, "assertions follow the real clock, however far the world's was moved");
}

#[tokio::test]
async fn an_assertion_for_the_host_that_was_called_is_taken() {
    let client = Client::docusign(Options::new()).await;
    let mut claims = claims(&client);
    claims["aud"] = json!("docusign.test:8443");
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", GRANT)
        .append_pair("assertion", &signed(&client, &claims))
        .finish();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let front = client
        .raw("POST", "/oauth/token", &[kind, ("host", "docusign.test:8443")], form.clone().into())
        .await;
    assert_eq!(front.status, 200, "behind a TLS front or a mapped port: {}", front.text);
    let other = client.raw("POST", "/oauth/token", &[kind, ("host", "other.test")], form.into()).await;
    assert_eq!(other.json()["error_description"], "no_valid_keys_or_signatures");
}

#[tokio::test]
async fn bad_assertions_are_refused_in_the_vendors_words() {
    let client = Client::docusign(Options::new()).await;
    let now = jiff::Timestamp::now().as_second();
    let other = json!("00000000-0000-4000-8000-000000000000");
    let changed = |name: &str, value: Value| {
        let mut claims = claims(&client);
        claims[name] = value;
        claims
    };
    let mut seen = Vec::new();
    for (what, claims) in [
        ("another issuer", changed("iss", other.clone())),
        ("another user", changed("sub", other)),
        ("another audience", changed("aud", json!("account.docusign.com"))),
        ("from the future", changed("iat", json!(now + 60))),
        ("expired", changed("exp", json!(now - 1))),
        ("too long", changed("exp", json!(now + 7_200))),
        ("without impersonation", changed("scope", json!("signature"))),
    ] {
        let answer = ask(&client, &signed(&client, &claims)).await;
        seen.push(format!("{what}: {} {}", answer.status, answer.text));
    }
    let mut forged = signed(&client, &claims(&client));
    forged.truncate(forged.len() - 8);
    seen.push(format!("forged: {}", ask(&client, &forged).await.text));
    seen.push(format!("nonsense: {}", ask(&client, "nonsense").await.text));
    let json = [("content-type", "application/json")];
    seen.push(format!("as JSON: {}", client.raw("POST", "/oauth/token", &json, b"{}".to_vec()).await.text));
    client.sandbox.world().change_settings(|settings| settings.docusign.consent = false);
    seen.push(format!("no consent: {}", ask(&client, &signed(&client, &claims(&client))).await.text));
    insta::assert_debug_snapshot!(seen);
}

#[tokio::test]
async fn the_wrong_door_is_named() {
    let client = Client::docusign(frozen()).await;
    let envelope = NewEnvelope::new(Vendor::DOCUSIGN, "x")
        .with_recipient(NewRecipient::new("Ann", "ann@example.com").with_embedded("c-1"))
        .with_recipient(NewRecipient::new("Bob", "bob@example.com"));
    let id = client.sandbox.world().make_envelope(envelope).unwrap().id;
    let foreign =
        NewEnvelope::new(Vendor::BOLDSIGN, "x").with_recipient(NewRecipient::new("A", "a@example.com"));
    let foreign = client.sandbox.world().make_envelope(foreign).unwrap().id;
    let view = |name: &str, email: &str| json!({"userName": name, "email": email, "authenticationMethod": "none", "returnUrl": "https://a.example"});
    let with = |mut body: Value, name: &str, value: &str| {
        body[name] = json!(value);
        body
    };
    let ann = with(view("Ann", "ann@example.com"), "clientUserId", "c-1");
    let path = |rest: &str| client.envelope(rest);
    let views = path(&format!("/{id}/views/recipient"));
    let mut seen = Vec::new();
    for (what, method, path, body) in [
        ("another account", "GET", "/restapi/v2.1/accounts/1/envelopes/x".to_owned(), None),
        ("no account", "GET", "/restapi/v2.1/accounts/acme/envelopes/x".to_owned(), None),
        ("unknown path", "GET", "/restapi/v2.1/nowhere".to_owned(), None),
        ("reminders", "POST", path(&format!("/{id}/reminders")), Some(json!({}))),
        ("unknown envelope", "PUT", path("/7b52a5ab-0000-4000-8000-000000000000"), Some(json!({}))),
        ("another vendor's", "GET", path(&format!("/{foreign}/recipients")), None),
        ("blank id", "PUT", path("/?resend_envelope=true"), Some(json!({}))),
        ("blank id, recipients", "PUT", path("//recipients"), Some(json!({}))),
        ("no body", "PUT", path(&format!("/{id}?resend_envelope=true")), None),
        ("a list", "PUT", path(&format!("/{id}/recipients")), Some(json!([]))),
        (
            "long code",
            "PUT",
            path(&format!("/{id}/recipients")),
            Some(json!({"signers": [{"recipientId": "1", "accessCode": "x".repeat(51)}]})),
        ),
        (
            "bad address",
            "PUT",
            path(&format!("/{id}/recipients")),
            Some(json!({"signers": [{"recipientId": "1", "email": "nobody"}]})),
        ),
        ("remote, no client id", "POST", views.clone(), Some(view("Bob", "bob@example.com"))),
        (
            "remote, client id",
            "POST",
            views.clone(),
            Some(with(view("Bob", "bob@example.com"), "clientUserId", "1")),
        ),
        ("embedded, no client id", "POST", views.clone(), Some(view("Ann", "ann@example.com"))),
        ("a short user id", "POST", views.clone(), Some(with(ann.clone(), "userId", "1"))),
        ("odd method", "POST", views.clone(), Some(with(ann.clone(), "authenticationMethod", "handshake"))),
        ("incomplete", "POST", path(""), Some(json!({"status": "sent", "emailSubject": "x"}))),
        (
            "twice the same id",
            "POST",
            path(""),
            Some(json!({"recipients": {"signers": [
            {"recipientId": "1", "name": "A", "email": "a@example.com"},
            {"recipientId": "1", "name": "B", "email": "b@example.com"}]}})),
        ),
    ] {
        let answer = client.call(method, &path, body).await;
        seen.push(format!("{what}: {} {}", answer.status, answer.json()["errorCode"].as_str().unwrap()));
    }
    let url = path(&format!("/{id}"));
    let bare = client.raw("GET", &url, &[], Vec::new()).await;
    seen.push(format!("no token: {} {}", bare.status, bare.json()["errorCode"]));
    let auth = client.auth[0].1.clone();
    let text = [("authorization", auth.as_str()), ("content-type", "text/plain")];
    let text = client.raw("PUT", &url, &text, b"{}".to_vec()).await;
    seen.push(format!("text: {} {}", text.status, text.json()["errorCode"]));
    client.sandbox.world().revoke_tokens(Vendor::DOCUSIGN);
    seen.push(format!("revoked: {}", client.get(&url).await.status));
    insta::assert_debug_snapshot!(seen);
    let by_number = client
        .raw(
            "GET",
            "/restapi/v2.1/accounts/1703061/envelopes/x",
            &[(
                "authorization",
                &format!("Bearer {}", client.sandbox.world().issue_token(Vendor::DOCUSIGN).unwrap().expose()),
            )],
            Vec::new(),
        )
        .await;
    assert_eq!(
        by_number.json()["errorCode"],
        "ENVELOPE_DOES_NOT_EXIST",
        "the short account number works too"
    );
}

#[tokio::test]
async fn limits_refuse_before_doing_anything() {
    let client = Client::docusign(frozen()).await;
    let world = client.sandbox.world();
    world.change_settings(|settings| {
        settings.docusign.hourly_limit = 3;
        settings.docusign.burst_limit = 2;
    });
    let path = client.envelope("/7b52a5ab-0000-4000-8000-000000000000");
    let code = || async {
        let answer = client.get(&path).await;
        (answer.status, answer.json()["errorCode"].as_str().unwrap().to_owned())
    };
    let missing = (404, "ENVELOPE_DOES_NOT_EXIST".to_owned());
    assert_eq!((code().await, code().await), (missing.clone(), missing.clone()));
    assert_eq!(code().await, (429, "BURST_APIINVOCATION_LIMIT_EXCEEDED".to_owned()));
    world.advance(Duration::from_secs(30));
    assert_eq!(code().await, missing);
    assert_eq!(code().await, (429, "HOURLY_APIINVOCATION_LIMIT_EXCEEDED".to_owned()));
    world.advance(Duration::from_secs(3_600));
    assert_eq!(code().await, missing);
}
