//! Two replicas with one state.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use countersign_gateway::{KeyScope, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::support::{Stage, resend};

#[tokio::test(flavor = "multi_thread")]
async fn what_one_replica_changes_holds_at_once_in_the_other() {
    let stage = Stage::new().await;
    let other = stage.second().await;
    let directory = stage.dev.gateway.directory();
    let list = stage.ask("GET", stage.at("recipients"));
    let key = stage.key("dev", &KeyScope::ALL).await;
    let mail = stage.ask("POST", stage.at("resends")).keyed("mail").json(resend());
    let before = stage.mails();
    mail.clone().header("authorization", &key).send_to(&other).await.good();

    let id = key.split('_').nth(2).unwrap();
    assert!(directory.revoke_key(id).await.unwrap());
    mail.clone().header("authorization", &key).send_to(&other).await.problem(401, "key_invalid");
    mail.send().await.good();
    assert_eq!(stage.mails(), before + 1, "the same call at both replicas");

    // The other replica has built the client of this account.
    let path = format!("/v1/accounts/{}", stage.sample().account);
    assert_eq!(stage.ask("DELETE", path).send().await.status, 204);
    list.send_to(&other).await.problem(404, "account_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_is_listed_while_it_runs() {
    let stage = Stage::new().await;
    let directory = stage.dev.gateway.directory().clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let stop_asked = async {
        let _ = stopped.await;
    };
    let gateway = stage.dev.gateway.clone();
    let serving = tokio::spawn(serve(listener, gateway, stop_asked, Duration::ZERO, Duration::from_secs(5)));
    let ask = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let answer = tokio::task::spawn_blocking(ask).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    let replicas = directory.replicas().await.unwrap();
    assert_eq!(replicas.len(), 1, "{replicas:?}");
    assert_eq!(replicas[0].version, env!("CARGO_PKG_VERSION"));
    stop.send(()).unwrap();
    serving.await.unwrap();
    assert!(directory.replicas().await.unwrap().is_empty());
}
