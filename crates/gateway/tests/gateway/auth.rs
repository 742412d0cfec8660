//! Keys of callers and their scopes, on every route of the document.

use std::time::Duration;

use countersign_gateway::KeyScope;
use serde_json::Value;

use crate::document::operations;
use crate::support::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn every_route_needs_a_key_with_its_scope() {
    let stage = Stage::new().await;
    let weak = stage.key("dev", &[]).await;
    let mut open = Vec::new();
    // A vendor has no key of the gateway; its signature counts.
    for operation in operations().into_iter().filter(|one| one.id != "receiveWebhook") {
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
