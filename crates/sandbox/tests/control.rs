//! The control API and the console: who may steer, what there is, and many envelopes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use std::time::Instant;

use countersign_sandbox::{NewEnvelope, NewRecipient, Options, Vendor, World};
use serde_json::{Value, json};
use support::browser::{ann_and_bob, make};
use support::{Client, frozen};

#[tokio::test]
async fn pages_of_other_sites_can_neither_read_nor_steer() {
    let client =
        Client::docusign(Options { allowed_hosts: vec!["tunnel.example".to_owned()], ..frozen() }).await;
    let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
    let status = |method: &'static str, path: String, headers: Vec<(&'static str, &'static str)>| {
        let client = &client;
        async move { client.raw(method, &path, &headers, Vec::new()).await.status }
    };
    let recipient = format!("/_sandbox/envelopes/{id}/recipients/1");
    for path in [
        format!("/_sandbox/envelopes/{id}/expire"),
        format!("{recipient}/bounce"),
        format!("/_sandbox/envelopes/{id}/edit"),
        "/_sandbox/docusign/tokens".to_owned(),
        "/_sandbox/webhooks/release".to_owned(),
    ] {
        let foreign = vec![("origin", "https://evil.example")];
        assert_eq!(status("POST", path.clone(), foreign).await, 403, "{path}");
        assert_eq!(status("POST", path.clone(), vec![("origin", "null")]).await, 403, "{path}");
    }
    for path in ["/_sandbox/access", "/_sandbox/outbox", "/_sandbox", "/console", "/inbox", "/"] {
        let rebound = vec![("host", "evil.example:8700")];
        assert_eq!(status("GET", path.to_owned(), rebound).await, 403, "{path}");
        let tunnel = vec![("host", "tunnel.example"), ("origin", "https://tunnel.example")];
        assert!(status("GET", path.to_owned(), tunnel).await < 400, "{path}");
        assert!(status("GET", path.to_owned(), Vec::new()).await < 400, "{path}");
    }
    let envelope = client.sandbox.world().envelope(&id).unwrap();
    assert!(envelope.closed_at.is_none(), "nothing of it happened");
    let front = [("host", "api.example"), ("authorization", client.auth[0].1.as_str())];
    let path = client.envelope(&format!("/{id}/recipients"));
    assert_eq!(
        client.raw("GET", &path, &front, Vec::new()).await.status,
        200,
        "vendors answer under any name"
    );
}

#[tokio::test]
async fn the_control_api_lists_its_routes_with_bodies_that_work() {
    let client = Client::docusign(frozen()).await;
    let list = client.raw("GET", "/_sandbox", &[], Vec::new()).await.json();
    let rows = list.as_array().unwrap();
    assert!(rows.len() > 30 && rows.iter().all(|row| !row["what"].as_str().unwrap().is_empty()));
    for row in rows {
        let id = ann_and_bob(&client, Vendor::DOCUSIGN).id;
        let path = row["path"].as_str().unwrap();
        let webhook = path.contains("/webhooks/{id}");
        let path = path
            .replace("{id}", if webhook { "1" } else { &id })
            .replace("{recipient}", "1")
            .replace("{vendor}", "docusign");
        let method = row["method"].as_str().unwrap();
        let body = row.get("body").map(Value::to_string);
        let headers: &[_] = if body.is_some() { &[("content-type", "application/json")] } else { &[] };
        let answer = client.raw(method, &path, headers, body.clone().unwrap_or_default().into()).await;
        assert_ne!(answer.status, 405, "{row}");
        if body.is_some() {
            assert!((200..300).contains(&answer.status), "{row}: {} {}", answer.status, answer.text);
        }
    }
    let body = |path: &str| rows.iter().find(|row| row["path"] == path && row.get("body").is_some());
    assert!(body("/_sandbox/envelopes").is_some() && body("/_sandbox/clock").is_some());
}

fn many(world: &World, envelopes: usize) {
    for _ in 0..envelopes {
        let new = NewEnvelope::new(Vendor::DOCUSIGN, "Lease")
            .with_recipient(NewRecipient::new("Ann", "ann@example.com"));
        world.make_envelope(new).unwrap();
    }
}

#[tokio::test]
async fn the_eighteen_thousandth_envelope_takes_no_longer_than_the_first() {
    let client = Client::docusign(Options::new()).await;
    let world = client.sandbox.world();
    // The best of some batches, since other programs run as well.
    let best = |batches: usize| {
        let batch = || {
            let start = Instant::now();
            many(&world, 400);
            start.elapsed()
        };
        (0..batches).map(|_| batch()).min().unwrap()
    };
    let first = best(4);
    many(&world, 16_000);
    let last = best(4);
    assert!(last < first * 8, "400 envelopes took {first:?}, and {last:?} when there were 18,000");
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let client = Client::docusign(frozen()).await;
    many(&client.sandbox.world(), 120);
    let page = |path: &'static str| client.raw("GET", path, &[], Vec::new());
    let first = page("/console").await.text;
    assert!(first.contains("1 to 50 of 120") && first.contains("href=\"/console?page=2\""), "{first}");
    assert_eq!(first.matches("<h3><a href=\"/console/envelopes/").count(), 50);
    let last = page("/console?page=3").await.text;
    assert!(last.contains("101 to 120 of 120") && !last.contains(">Older<") && last.contains("?page=2"));
    let beyond = page("/console?page=99").await.text;
    assert!(beyond.contains("101 to 120 of 120"));
    let mails = page("/inbox/ann%40example%2Ecom?page=2").await.text;
    assert!(mails.contains("51 to 100 of 120") && mails.matches("<article").count() == 50);
    for number in 0..60 {
        let to = NewRecipient::new("Bo", format!("bo{number}@example.com"));
        make(&client, NewEnvelope::new(Vendor::BOLDSIGN, "x").with_recipient(to));
    }
    let people = page("/inbox").await.text;
    assert!(people.contains("1 to 50 of 61") && people.contains("bo59@example.com"), "the newest first");
    assert_eq!(json!(people.matches("<li><h2>").count()), 50);
}
