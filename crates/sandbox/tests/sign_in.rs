//! Signing in with a browser: the page, codes, tokens, refresh tokens, scopes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use support::{Answer, Client, frozen};

const BACK: &str = "http://127.0.0.1:8712/callback";
const VERIFIER: &str = "a-verifier-of-43-characters-or-more-0123456789";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, VERIFIER.as_bytes()))
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// One vendor's paths and application.
struct Door {
    client: Client,
    page: &'static str,
    token: &'static str,
    id: String,
    secret: String,
    scope: &'static str,
}

impl Door {
    async fn docusign() -> Self {
        let client = Client::docusign(frozen()).await;
        let access = client.sandbox.docusign();
        let (id, secret) = (access.integration_key, access.client_secret.expose().to_owned());
        Self { client, page: "/oauth/auth", token: "/oauth/token", id, secret, scope: "signature extended" }
    }

    async fn boldsign() -> Self {
        let client = Client::boldsign(frozen()).await;
        let access = client.sandbox.boldsign();
        let (id, secret) = (access.client_id, access.client_secret.expose().to_owned());
        let scope = "BoldSign.Documents.All offline_access";
        Self { client, page: "/connect/authorize", token: "/connect/token", id, secret, scope }
    }

    fn request(&self) -> Vec<(&'static str, String)> {
        [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", BACK),
            ("scope", self.scope),
            ("state", "st&te"),
            ("code_challenge", &challenge()),
            ("code_challenge_method", "S256"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
    }

    /// The page with some parameters changed; an empty one is left out.
    async fn open(&self, changes: &[(&'static str, &str)]) -> Answer {
        let mut pairs = self.request();
        for (name, value) in changes {
            pairs.retain(|(key, _)| key != name);
            if !value.is_empty() {
                pairs.push((name, (*value).to_owned()));
            }
        }
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.client.raw("GET", &format!("{}?{}", self.page, encoded(&pairs)), &[], Vec::new()).await
    }

    /// Presses a button of the page, with what its hidden fields say.
    async fn press(&self, page: &Answer, action: &str) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> = page
            .text
            .split("<input type=\"hidden\" name=\"")
            .skip(1)
            .map(|part| {
                let (name, rest) = part.split_once("\" value=\"").unwrap();
                (name.to_owned(), rest.split_once('"').unwrap().0.replace("&#38;", "&"))
            })
            .collect();
        pairs.push(("action".to_owned(), action.to_owned()));
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let answer = self.post(self.page, &pairs, &[]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let url = url::Url::parse(answer.header("location")).unwrap();
        assert!(url.as_str().starts_with(BACK), "{url}");
        url.query_pairs().into_owned().collect()
    }

    async fn post(&self, path: &str, pairs: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        self.client.raw("POST", path, &all, encoded(pairs).into_bytes()).await
    }

    async fn code(&self) -> String {
        let page = self.open(&[]).await;
        let back = self.press(&page, "allow").await;
        assert_eq!(back[1], ("state".to_owned(), "st&te".to_owned()));
        back[0].1.clone()
    }

    /// Changes a code for tokens, as an application without a secret.
    async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", BACK),
            ("code", code),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in changes {
            pairs.retain(|(key, _)| key != name);
            if !value.is_empty() {
                pairs.push((name, value));
            }
        }
        self.post(self.token, &pairs, &[]).await
    }

    async fn refresh(&self, token: &Value) -> Answer {
        let token = token.as_str().unwrap();
        let pairs =
            [("grant_type", "refresh_token"), ("client_id", self.id.as_str()), ("refresh_token", token)];
        self.post(self.token, &pairs, &[]).await
    }

    fn pass(&self, seconds: u64) {
        self.client.sandbox.world().advance(Duration::from_secs(seconds));
    }
}

fn word(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

fn refused(error: &str) -> (u16, String) {
    (400, error.to_owned())
}

#[tokio::test]
async fn a_code_works_once_for_minutes_and_for_its_verifier_only() {
    for door in [Door::docusign().await, Door::boldsign().await] {
        let code = door.code().await;
        let given = door.redeem(&code, &[]).await;
        assert_eq!((given.status, &given.json()["token_type"]), (200, &json!("Bearer")));
        assert_eq!(word(&door.redeem(&code, &[]).await), refused("invalid_grant"), "a second time");
        for change in [
            ("code_verifier", "another-verifier-of-43-characters-or-more-0123"),
            ("code_verifier", ""),
            ("redirect_uri", "http://127.0.0.1:1/callback"),
        ] {
            let code = door.code().await;
            assert_eq!(word(&door.redeem(&code, &[change]).await), refused("invalid_grant"), "{change:?}");
            assert_eq!(word(&door.redeem(&code, &[]).await), refused("invalid_grant"), "used up by that");
        }
        let code = door.code().await;
        door.pass(120);
        assert_eq!(word(&door.redeem(&code, &[]).await), refused("invalid_grant"), "too late");
    }
}

#[tokio::test]
async fn a_refresh_token_works_once_and_for_thirty_days() {
    for (door, life) in [(Door::docusign().await, 28_800), (Door::boldsign().await, 3_600)] {
        let code = door.code().await;
        let first = door.redeem(&code, &[]).await.json();
        assert_eq!(first["expires_in"], life);
        let second = door.refresh(&first["refresh_token"]).await.json();
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        assert_ne!(first["access_token"], second["access_token"]);
        assert_eq!(word(&door.refresh(&first["refresh_token"]).await), refused("invalid_grant"));
        door.pass(30 * 86_400 - 1);
        let third = door.refresh(&second["refresh_token"]).await.json();
        door.pass(30 * 86_400);
        assert_eq!(word(&door.refresh(&third["refresh_token"]).await), refused("invalid_grant"));
    }
}

#[tokio::test]
async fn whoever_is_not_known_gets_a_page_and_mistakes_go_back_to_the_application() {
    for door in [Door::docusign().await, Door::boldsign().await] {
        for strange in [("client_id", "somebody"), ("redirect_uri", "https://evil.example/")] {
            let page = door.open(&[strange]).await;
            assert_eq!((page.status, page.header("location")), (400, ""), "{strange:?}");
        }
        for (wrong, error) in [
            (("response_type", "token"), "unsupported_response_type"),
            (("scope", ""), "invalid_scope"),
            (("code_challenge_method", "plain"), "invalid_request"),
        ] {
            let answer = door.open(&[wrong]).await;
            let query = format!("?error={error}&state=st%26te");
            assert!(answer.header("location").ends_with(&query), "{}", answer.header("location"));
        }
        let page = door.open(&[]).await;
        assert!(page.text.contains(&door.id) && page.header("cache-control") == "no-store");
        let back = door.press(&page, "deny").await;
        assert_eq!(back[0], ("error".to_owned(), "access_denied".to_owned()));
    }
    let answer = Door::boldsign().await.open(&[("code_challenge", "")]).await;
    assert!(answer.header("location").contains("error=invalid_request"), "PKCE is required");
}

#[tokio::test]
async fn docusign_takes_the_secret_in_the_header_and_consent_opens_the_jwt_grant() {
    let door = Door::docusign().await;
    let page = door.open(&[("code_challenge", ""), ("code_challenge_method", "")]).await;
    let code = door.press(&page, "allow").await[0].1.clone();
    let basic = |secret: &str| format!("Basic {}", STANDARD.encode(format!("{}:{secret}", door.id)));
    let form = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let wrong = door.post(door.token, &form, &[("authorization", &basic("wrong"))]).await;
    assert_eq!(wrong.json()["error_description"], "expired_client_token");
    let given = door.post(door.token, &form, &[("authorization", &basic(&door.secret))]).await;
    assert_eq!(given.status, 200, "{}", given.text);
    let token = given.json()["access_token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let info = door.client.raw("GET", "/oauth/userinfo", &[("authorization", &bearer)], Vec::new()).await;
    assert_eq!(info.status, 200);
    door.pass(28_800);
    let info = door.client.raw("GET", "/oauth/userinfo", &[("authorization", &bearer)], Vec::new()).await;
    assert_eq!(info.status, 401);

    let world = door.client.sandbox.world();
    world.change_settings(|settings| settings.docusign.consent = false);
    let page = door.open(&[("scope", "signature impersonation")]).await;
    door.press(&page, "allow").await;
    assert!(world.settings().docusign.consent);
}

#[tokio::test]
async fn boldsigns_applications_ask_for_themselves_and_scopes_count() {
    let door = Door::boldsign().await;
    let ask = async |secret: &str, scope: &str| {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_id", door.id.as_str()),
            ("client_secret", secret),
            ("scope", scope),
        ];
        door.post(door.token, &pairs, &[]).await
    };
    assert_eq!(word(&ask("wrong", "BoldSign.Documents.All").await), refused("invalid_client"));
    assert_eq!(word(&ask(&door.secret, "offline_access").await), refused("invalid_scope"));
    let call = async |token: &str, method: &str, path: &str| {
        let bearer = format!("Bearer {token}");
        door.client.raw(method, path, &[("authorization", &bearer)], Vec::new()).await.status
    };
    for (scope, reads, writes, brands) in [
        ("BoldSign.Documents.All", 200, 400, 403),
        ("BoldSign.Documents.Read", 200, 403, 403),
        ("BoldSign.Documents.Write", 403, 400, 403),
        ("BoldSign.Brands.All", 403, 403, 200),
    ] {
        let given = ask(&door.secret, scope).await.json();
        assert!(given.get("refresh_token").is_none());
        let token = given["access_token"].as_str().unwrap();
        assert_eq!(call(token, "GET", "/v1/document/list?page=1").await, reads, "{scope}");
        assert_eq!(call(token, "POST", "/v1/document/remind?documentId=x").await, writes, "{scope}");
        assert_eq!(call(token, "GET", "/v1/brand/list").await, brands, "{scope}");
        assert_eq!(call(token, "GET", "/regions/eu/v1/brand/list").await, 401);
        door.pass(3_600);
        assert_eq!(call(token, "GET", "/v1/document/list?page=1").await, 401, "an hour later");
    }
}
