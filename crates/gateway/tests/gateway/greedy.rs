//! Clients that send slowly, halves, or too much, at the real program: they cost little memory, and no other waits.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::program::{Running, behind, program, ran, shell, until};

/// Of each kind.
const CLIENTS: usize = 125;

/// What all of them together may cost, in MiB. What they send is several times as much.
const MEMORY: usize = 160;

/// Resident memory in MiB.
fn resident(process: u32) -> usize {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() / 1024
}

/// Sends as much as is taken; a gateway that takes no more is not waited for.
fn send(address: &str, head: &str, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let part = [b' '; 16 * 1024];
    for _ in 0..length / part.len() {
        if stream.write_all(&part).is_err() {
            break;
        }
    }
    stream
}

#[test]
fn greedy_clients_cost_little_memory_and_keep_no_one_waiting() {
    let mut command = program();
    command.args(["dev", "--port", "0"]);
    let (mut dev, mut out) = Running::start(command);
    let text = until(&mut out, "/v1/events");
    let (gateway, key) = (behind(&text, "GATEWAY=").to_owned(), behind(&text, "Bearer ").to_owned());
    let ask = |path: &str| ran(&shell(&format!("curl -sS -H 'Authorization: Bearer {key}' {gateway}{path}")));
    let accounts: Value = serde_json::from_str(&ask("/v1/accounts")).unwrap();
    let hook = accounts["data"][0]["webhooks"].as_str().unwrap();
    let account = accounts["data"][0]["id"].as_str().unwrap();
    let address = gateway.trim_start_matches("http://");
    let call = |length: usize| {
        format!(
            "POST /v1/envelopes/{account}:x/resends HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\
             Idempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    let webhook =
        |length: usize| format!("POST {hook} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
    let before = resident(dev.0.id());

    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(send(address, "GET /livez HTTP/1.1\r\nHo", 0));
        clients.push(send(address, "GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ", 384 * 1024));
        clients.push(send(address, &call(250_000), 240_000));
        clients.push(send(address, &webhook(4_000_000), 3_900_000));
    }
    assert_eq!(ran(&shell(&format!("curl -sS -o /dev/null -w '%{{http_code}}' {gateway}/livez"))), "204");
    let cost = resident(dev.0.id()).saturating_sub(before);
    println!("{} clients cost {cost} MiB", clients.len());
    assert!(cost < MEMORY, "{cost} MiB");
    drop(clients);

    // Larger than is taken, and the gateway goes on as before.
    let refused = |length: usize, path: &str| {
        let curl = "curl -sS -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -H 'Idempotency-Key: k'";
        ran(&shell(&format!(
            "head -c {length} /dev/zero | {curl} -H 'Authorization: Bearer {key}' --data-binary @- {gateway}{path}"
        )))
    };
    assert_eq!(refused(300 * 1024, &format!("/v1/envelopes/{account}:x/resends")), "413");
    assert_eq!(refused(5_000_000, hook), "413");
    assert!(ask("/v1/events").starts_with('{'));
    assert!(dev.stop(), "it ends in order");
}
