//! Keys of callers and their scopes, on every route of the document.

use std::time::Duration;

use countersign_gateway::{KeyLimits, KeyRow, KeyScope};
use countersign_sandbox::{DropWhen, Fault, FaultKind};
use serde_json::{Value, json};

use crate::document::operations;
use crate::support::{Stage, resend};

#[tokio::test(flavor = "multi_thread")]
async fn every_route_needs_a_key_with_its_scope() {
    let stage = Stage::new().await;
    let weak = stage.key("dev", &[]).await;
    let mut open = Vec::new();
    // A vendor has no key of the gateway; its signature counts. A returning browser has a token.
    for operation in
        operations().into_iter().filter(|one| !["receiveWebhook", "followReturn"].contains(&one.id.as_str()))
    {
        let path =
            operation.path.replace("{envelope}", "a:b").replace("{account}", "a").replace("{call}", "c");
        let path = path.replace("{endpoint}", "e");
        let ask = stage.bare(operation.method, path).raw("{}");
        let answer = ask.clone().send().await;
        if answer.status.is_success() {
            open.push(operation.path);
            continue;
        }
        let header = answer.header("www-authenticate").map(str::to_owned);
        answer.problem(401, "key_invalid");
        assert_eq!(header.as_deref(), Some("Bearer"));
        let unknown = countersign_gateway::ApiKey::random(true).unwrap();
        let unknown = format!("Bearer {}", unknown.expose());
        ask.clone().header("authorization", unknown).send().await.problem(401, "key_invalid");
        let answer = ask.header("authorization", &weak).send().await;
        if operation.path == "/v1/vendors" {
            answer.good();
        } else {
            answer.problem(403, "scope_missing");
        }
    }
    assert_eq!(open, ["/livez", "/readyz"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_what_its_scopes_say() {
    let stage = Stage::new().await;
    let reader = stage.key("dev", &[KeyScope::EnvelopesRead]).await;
    let list = stage.ask("GET", stage.at("recipients")).header("authorization", &reader);
    list.send().await.good();
    let view = stage.ask("POST", stage.at("views")).header("authorization", &reader).keyed("k");
    let problem = view.send().await.problem(403, "scope_missing");
    assert_eq!(problem["detail"], "the key lacks the scope views:write");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistyped_revoked_and_expired_keys_open_nothing() {
    let stage = Stage::new().await;
    let directory = stage.dev.gateway.directory();
    let good = format!("Bearer {}", stage.dev.key.expose());
    let accepted = |value: String| async {
        stage.bare("GET", "/v1/vendors").header("authorization", value).send().await
    };
    accepted(good.replace("Bearer", "bearer")).await.good();
    let other = directory.add_key("dev", &[], "", false, None).await.unwrap();
    let end = if good.ends_with('x') { "y" } else { "x" };
    let mistyped = format!("{}{end}", &good[..good.len() - 1]);
    let expired = directory.add_key("dev", &[], "", false, Some(Duration::ZERO)).await.unwrap();
    for wrong in [
        mistyped,
        good.replace("Bearer", "Basic"),
        "Bearer".to_owned(),
        format!("Bearer {}", expired.expose()),
        // The public part of a good key, and another secret.
        forged(stage.dev.key.expose()),
        // A well-formed key that nobody has.
        format!("Bearer {}", countersign_gateway::ApiKey::random(true).unwrap().expose()),
    ] {
        accepted(wrong).await.problem(401, "key_invalid");
    }
    let bearer = format!("Bearer {}", other.expose());
    accepted(bearer.clone()).await.good();
    assert!(directory.revoke_key(other.id()).await.unwrap());
    assert!(!directory.revoke_key(other.id()).await.unwrap(), "it is revoked already");
    let problem: Value = accepted(bearer).await.problem(401, "key_invalid");
    assert!(!problem.to_string().contains(other.id()));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_are_slowed_down_and_the_right_one_is_not() {
    let stage = Stage::new().await;
    let good = format!("Bearer {}", stage.dev.key.expose());
    let send = |key: String| stage.bare("GET", "/v1/vendors").header("authorization", key).send();
    let wrong = forged(stage.dev.key.expose());
    for _ in 0..10 {
        send(wrong.clone()).await.problem(401, "key_invalid");
    }
    let problem = send(wrong).await.problem(429, "too_many_wrong_keys");
    assert!((1..=61).contains(&problem["retry_after_seconds"].as_u64().unwrap()), "{problem:#}");
    send(good.clone()).await.good();

    // By the address of the client, whatever the keys are, until the minute is over.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let gateway = stage.dev.gateway.clone();
    tokio::spawn(countersign_gateway::serve(
        listener,
        gateway,
        std::future::pending(),
        Duration::ZERO,
        Duration::ZERO,
    ));
    let status = |key: String| async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut stream = tokio::net::TcpStream::connect(at).await.unwrap();
        let ask = format!(
            "GET /v1/vendors HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: {key}\r\n\r\n"
        );
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(status(good.clone()).await, "200");
    for _ in 0..10 {
        assert_eq!(status("Bearer cs_live_mistyped".to_owned()).await, "401");
    }
    assert_eq!(status("Bearer cs_live_mistyped".to_owned()).await, "429");
    assert_eq!(status(good).await, "200", "others at the address of a proxy are not locked out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_a_limit_of_requests_and_the_day_of_its_last_use_is_known() {
    let stage = Stage::new().await;
    let directory = stage.dev.gateway.directory();
    let limits = KeyLimits::default().with_per_minute(Some(2));
    let key = directory.add_limited_key("dev", &[], "slow", false, None, &limits).await.unwrap();
    let row = |rows: Vec<KeyRow>| rows.into_iter().find(|row| row.id == key.id()).unwrap();
    assert!(row(directory.keys(Some("dev")).await.unwrap()).used_on.is_none());
    let ask = stage.bare("GET", "/v1/vendors").header("authorization", format!("Bearer {}", key.expose()));
    for _ in 0..2 {
        ask.clone().send().await.good();
    }
    let problem = ask.send().await.problem(429, "key_limit_reached");
    assert_eq!(problem["detail"], "the key may send 2 requests in a minute");
    let row = row(directory.keys(None).await.unwrap());
    let today = countersign::Timestamp::now().to_string();
    assert_eq!(row.used_on.unwrap().to_string(), format!("{}T00:00:00Z", &today[..10]));
    assert_eq!((row.per_minute, row.is_valid, row.note.as_str()), (Some(2), true, "slow"));
}

#[tokio::test(flavor = "multi_thread")]
async fn to_a_key_for_some_accounts_the_others_do_not_exist() {
    let stage = Stage::new().await;
    let directory = stage.dev.gateway.directory();
    let names: Vec<String> = stage.dev.samples.iter().map(|sample| sample.account.clone()).collect();
    let limits = KeyLimits::default().with_accounts(vec![names[0].clone()]);
    let key = directory.add_limited_key("dev", &KeyScope::ALL, "", false, None, &limits).await.unwrap();
    let key = format!("Bearer {}", key.expose());
    let ask = |method, path: &str| stage.ask(method, path).header("authorization", &key);

    // A call at another account whose outcome is unknown.
    let other = &stage.dev.samples[1];
    let path = format!("/v1/envelopes/{}:{}", other.account, other.envelope);
    stage.world().inject(Fault::on("POST", "/", FaultKind::Drop { drop: DropWhen::AfterWork }).times(9));
    let sent = stage.ask("POST", format!("{path}/resends")).keyed("mail").json(resend()).send().await;
    stage.world().clear_faults();
    let call = sent.json()["call"].as_str().unwrap().to_owned();

    let list = ask("GET", "/v1/accounts").send().await.good();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    ask("GET", &stage.at("recipients")).send().await.good();
    for (method, path) in [
        ("GET", format!("/v1/accounts/{}", names[1])),
        ("PATCH", format!("/v1/accounts/{}", names[1])),
        ("GET", format!("/v1/accounts/{}/allowance", names[1])),
        ("GET", format!("{path}/recipients")),
    ] {
        ask(method, &path).json(json!({})).send().await.problem(404, "account_not_found");
    }
    assert_eq!(stage.ask("GET", &call).send().await.good()["state"], "unknown");
    ask("GET", &call).send().await.problem(404, "call_not_found");
    let resolve = ask("PUT", &format!("{call}/resolution")).json(json!({ "happened": false }));
    resolve.send().await.problem(404, "call_not_found");
    let list = ask("GET", "/v1/calls?state=unknown").send().await.good();
    assert_eq!(list["data"], json!([]));
    let new = json!({ "name": "new", "vendor": names[0], "settings": {} });
    ask("POST", "/v1/accounts").json(new).send().await.problem(403, "key_restricted");
    ask("GET", "/v1/audit").send().await.problem(403, "key_restricted");
    let nowhere = KeyLimits::default().with_accounts(vec!["absent".to_owned()]);
    assert!(directory.add_limited_key("dev", &[], "", false, None, &nowhere).await.is_err());
}

/// A key that is well formed, and differs in one character of its secret.
fn forged(key: &str) -> String {
    const DIGITS: &[u8] =
        concat!("0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz").as_bytes();
    let (start, end) = (&key[..20], &key[21..key.len() - 6]);
    let other = if key[20..].starts_with('x') { 'y' } else { 'x' };
    let text = format!("{start}{other}{end}");
    // CRC-32, as the key's last six characters have it.
    let crc = text.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1)))
    });
    let sum = (0..6).rev().map(|place| char::from(DIGITS[(!crc / 62_u32.pow(place) % 62) as usize]));
    let forged = text + &sum.collect::<String>();
    assert!(countersign_gateway::ApiKey::parse(&forged).is_some(), "it is well formed");
    format!("Bearer {forged}")
}
