//! What goes wrong on the way, what belongs to signing in, and calls side by side.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use countersign_cassette::{Cassette, Recorder, Replayer, Scanner, Source};
use countersign_core::{Limits, Phase, SystemClock, Transport, TransportError, TransportFault};
use countersign_testkit::Script;

type Answer = Result<(u16, &'static str, String), (TransportFault, Phase)>;

/// A header that every answer has: none of our integer types can hold it.
const RESET: (&str, &str) = ("x-ratelimit-reset", "-9223372036854775808");

fn vendor(answers: impl IntoIterator<Item = Answer>) -> Arc<Recorder> {
    let vendor = Script::new();
    for answer in answers {
        match answer {
            Ok((status, kind, body)) => vendor.raw(status, &[("content-type", kind), RESET], body),
            Err((fault, phase)) => vendor.fail(fault, phase),
        }
    }
    Recorder::new(Cassette::new("acme", "faults", Source::Sandbox), vendor, Arc::new(SystemClock))
}

fn get(path: &str) -> http::Request<Bytes> {
    http::Request::get(format!("https://api.acme.test{path}"))
        .header("x-api-key", "K3y-of-the-account-1")
        .body(Bytes::new())
        .unwrap()
}

fn token() -> http::Request<Bytes> {
    http::Request::post("https://account.acme.test/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from_static(b"grant_type=client_credentials&client_secret=cl1ent-secret"))
        .unwrap()
}

async fn ask(
    transport: &Arc<impl Transport>,
    request: http::Request<Bytes>,
) -> Result<(u16, String), TransportError> {
    let answer = transport.send(request, &Limits::default()).await?;
    Ok((answer.status().as_u16(), String::from_utf8(answer.body().to_vec()).unwrap()))
}

#[tokio::test]
async fn faults_pages_and_answers_that_are_cut_come_back_as_they_were() {
    let page = "<html>\u{1b}[2Jsorry, anna@corp.test (K3y-of-the-account-1), api-key: S3cretKey</html>";
    let cut = r#"{"signers":[{"name":"Anna Zoë","email":"anna@corp.test"},{"name":"Be"#;
    let recorder = vendor([
        Err((TransportFault::Timeout, Phase::AfterSending)),
        Err((TransportFault::Connect, Phase::BeforeSending)),
        Ok((502, "text/html", page.to_owned())),
        Ok((200, "application/json", cut.to_owned())),
        Ok((204, "application/json", String::new())),
    ]);
    for _ in 0..5 {
        let _ = ask(&recorder, get("/x")).await;
    }
    let cassette = recorder.cassette().unwrap();
    let text = cassette.text();
    for gone in ["corp", "Anna", "K3y", "S3cret", "\u{1b}"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
    let replayer = Replayer::new(cassette, Arc::new(SystemClock));
    let timeout = ask(&replayer, get("/x")).await.unwrap_err();
    assert_eq!((timeout.fault, timeout.phase), (TransportFault::Timeout, Phase::AfterSending));
    let connect = ask(&replayer, get("/x")).await.unwrap_err();
    assert_eq!((connect.fault, connect.phase), (TransportFault::Connect, Phase::BeforeSending));
    let (status, page) = ask(&replayer, get("/x")).await.unwrap();
    assert!(status == 502 && page.starts_with("<html>") && page.contains("person-1@example.com"), "{page}");
    let (_, cut) = ask(&replayer, get("/x")).await.unwrap();
    assert_eq!(cut, r#"{"signers":[{"name":"Person 1","email":"person-1@example.com"},{"name":"Person 2"#);
    assert_eq!(ask(&replayer, get("/x")).await.unwrap(), (204, String::new()));
    replayer.finish().unwrap();
    // Once more is once too often.
    let missed = ask(&replayer, get("/x")).await.unwrap_err();
    assert_eq!((missed.fault, missed.phase), (TransportFault::NotRecorded, Phase::BeforeSending));
    assert!(replayer.finish().unwrap_err().to_string().contains("used already"));
}

#[tokio::test]
async fn signing_in_is_left_out_and_a_refused_token_with_it() {
    let granted = r#"{"access_token":"t0ken-of-the-user","expires_in":3600}"#;
    let recorder = vendor([
        Ok((200, "application/json", granted.to_owned())),
        Ok((401, "application/json", "{}".to_owned())),
        Ok((200, "application/json", granted.to_owned())),
        Ok((200, "application/json", r#"{"status":"sent"}"#.to_owned())),
        Ok((401, "application/json", r#"{"error":"no such key t0ken-of-the-user"}"#.to_owned())),
    ]);
    for request in [token(), get("/x"), token(), get("/x"), get("/y")] {
        let _ = ask(&recorder, request).await;
    }
    let cassette = recorder.cassette().unwrap();
    let shown: Vec<(&str, u16)> = cassette
        .exchanges()
        .map(|(_, one)| (one.request.path.as_str(), one.answer.as_ref().unwrap().status))
        .collect();
    assert_eq!(shown, [("/x", 200), ("/y", 401)]);
    assert!(!cassette.text().contains("cl1ent"));

    let replayer = Replayer::new(cassette, Arc::new(SystemClock));
    let (_, made_up) = ask(&replayer, token()).await.unwrap();
    assert!(made_up.contains("\"access_token\":\"replayed\""), "{made_up}");
    for path in ["/x", "/y"] {
        ask(&replayer, get(path)).await.unwrap();
    }
    replayer.finish().unwrap();
    // A person's sign-in is not touched.
    let refresh = http::Request::post("https://account.acme.test/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from_static(b"grant_type=refresh_token&refresh_token=r"))
        .unwrap();
    assert_eq!(ask(&replayer, refresh).await.unwrap_err().fault, TransportFault::NotRecorded);
}

#[tokio::test]
async fn queries_match_in_any_order_and_repeated_names_count() {
    let recorder = vendor([Ok((204, "text/plain", String::new()))]);
    ask(&recorder, get("/remind?to=anna%40a.test&to=ben%40a.test&n=1")).await.unwrap();
    let cassette = recorder.cassette().unwrap();
    let play = |path: &'static str| {
        let replayer = Replayer::new(cassette.clone(), Arc::new(SystemClock));
        async move {
            ask(&replayer, get(path))
                .await
                .map_err(|error| std::error::Error::source(&error).unwrap().to_string())
        }
    };
    for path in ["/remind?n=1&to=x%40b.test&to=y%40b.test", "/remind?to=x@b.test&n=1&to=y@b.test"] {
        assert!(play(path).await.is_ok(), "{path}");
    }
    for (path, told) in [
        ("/remind?n=1&to=x%40b.test", "was recorded and not sent"),
        ("/remind?n=1&to=x%40b.test&to=x%40b.test", "query"),
        ("/remind?n=2&to=x%40b.test&to=y%40b.test", "`n=2` was sent and not recorded"),
        ("/other?n=1&to=x%40b.test&to=y%40b.test", "path: recorded `/remind`, sent `/other`"),
    ] {
        let missed = play(path).await.unwrap_err();
        assert!(missed.contains(told), "{path}: {missed}");
    }
}

#[tokio::test]
async fn a_query_to_many_people_that_differs_is_told_at_once() {
    let to: String = ('a'..='p').map(|name| format!("to={name}%40a.test&")).collect();
    let recorder = vendor([Ok((204, "text/plain", String::new()))]);
    ask(&recorder, get(&format!("/remind?{to}n=1"))).await.unwrap();
    let cassette = recorder.cassette().unwrap();
    let replayer = Replayer::new(cassette.clone(), Arc::new(SystemClock));
    ask(&replayer, get(&format!("/remind?n=1&{to}"))).await.unwrap();
    let replayer = Replayer::new(cassette, Arc::new(SystemClock));
    let missed = ask(&replayer, get(&format!("/remind?{to}n=2"))).await.unwrap_err();
    assert_eq!(missed.fault, TransportFault::NotRecorded);
}

#[tokio::test]
async fn large_numbers_are_replaced_whatever_their_form() {
    let numbers = "[-9223372036854775808, 18446744073709551615, 4917112345678.5, 1e300, 7, 0.5]";
    let recorder = vendor([Ok((200, "application/json", numbers.to_owned()))]);
    ask(&recorder, get("/x")).await.unwrap();
    let cassette = recorder.cassette().unwrap();
    let text = cassette.text();
    for gone in ["922337", "1844674", "49171", "300"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
    let replayer = Replayer::new(cassette, Arc::new(SystemClock));
    let (_, body) = ask(&replayer, get("/x")).await.unwrap();
    assert_eq!(body, "[100001,100002,100003,100004,7,0.5]");
}

#[tokio::test]
async fn a_secret_that_comes_back_as_a_number_is_replaced() {
    let early = (200, "application/json", r#"{"echo":[7781]}"#.to_owned());
    let late =
        (200, "application/json", r#"{"accessCode":"7781","echo":7781,"others":[778,77810]}"#.to_owned());
    let recorder = vendor([Ok(early), Ok(late)]);
    for _ in 0..2 {
        ask(&recorder, get("/x")).await.unwrap();
    }
    let text = recorder.cassette().unwrap().text();
    assert!(!text.contains(" 7781,") && !text.contains("7781\n"), "{text}");
    assert!(text.contains(" 778,") && text.contains("77810"), "{text}");
}

#[test]
fn a_secret_is_found_where_it_stands_as_a_number() {
    let scanner = Scanner::new().with_marker("7781").with_marker("200");
    let found = scanner.scan_text(Path::new("a.json"), "{\"status\": 200,\n \"echo\": [77810, 7781]}");
    assert_eq!(found.found.iter().map(|one| one.line).collect::<Vec<_>>(), [2]);
}
