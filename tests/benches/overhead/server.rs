//! A server that answers the two calls with fixed bytes, as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The server's process; ends with this value.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pub(crate) url: String,
}

impl Process {
    pub(crate) fn start() -> Self {
        let this = std::env::current_exe().unwrap();
        let mut child = Command::new(this).arg("--serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, url: line.trim().to_owned() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves until it is killed; prints its URL first.
pub(crate) fn serve() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    serve_on(listener);
}

/// Serves for ever.
pub(crate) fn serve_on(listener: std::net::TcpListener) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let answers: &'static Answers = Box::leak(Box::new(Answers {
        list: answer(200, &recipients(9)),
        view: answer(201, VIEW),
        update: answer(200, UPDATED),
    }));
    runtime.block_on(async {
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(converse(socket, answers));
        }
    });
}

struct Answers {
    list: Vec<u8>,
    view: Vec<u8>,
    update: Vec<u8>,
}

/// Answers requests on one connection: a POST with a view, a PUT with an update, anything else with the list.
async fn converse(mut socket: TcpStream, answers: &'static Answers) {
    let _ = socket.set_nodelay(true);
    let mut buffer = Vec::with_capacity(8192);
    loop {
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            match socket.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => continue,
            }
        };
        let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let whole = end + 4 + length.map_or(0, |length| length.trim().parse::<usize>().unwrap());
        while buffer.len() < whole {
            if matches!(socket.read_buf(&mut buffer).await, Ok(0) | Err(_)) {
                return;
            }
        }
        buffer.drain(..whole);
        let body = match head.get(..4) {
            Some("post") => &answers.view,
            Some("put ") => &answers.update,
            _ => &answers.list,
        };
        if socket.write_all(body).await.is_err() {
            return;
        }
    }
}

fn answer(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {length}\r\n\
         x-docusign-tracetoken: 6d1ea2b5-0000-4000-8000-5c1a1c1a1c1a\r\nx-ratelimit-limit: 3000\r\n\
         x-ratelimit-remaining: 2999\r\nx-ratelimit-reset: 1795320000\r\n\r\n"
    );
    (head + body).into_bytes()
}

const VIEW: &str = r#"{"url":"https://demo.docusign.net/Signing/MTRedeem/v1/5e29dc8d?slt=0123456789abcdef0123456789abcdef"}"#;

const UPDATED: &str =
    r#"{"recipientUpdateResults":[{"recipientId":"8","errorDetails":{"errorCode":"SUCCESS","message":""}}]}"#;

/// Signers as the vendor lays them out, about half a KB each.
pub(crate) fn recipients(count: usize) -> String {
    let signer = |n: usize| {
        serde_json::json!({
            "creationReason": "sender", "isBulkRecipient": "false", "requireUploadSignature": "false",
            "name": format!("Anna Signer {n}"), "firstName": "Anna", "lastName": format!("Signer {n}"),
            "email": format!("anna{n}@example.com"), "recipientId": n.to_string(),
            "recipientIdGuid": format!("0a1b2c3d-0000-4000-8000-{n:012}"), "requireIdLookup": "false",
            "userId": format!("9f8e7d6c-0000-4000-8000-{n:012}"), "clientUserId": format!("client-{n}"),
            "routingOrder": "1", "note": "", "status": "sent", "completedCount": "0",
            "deliveryMethod": "email", "totalTabCount": "2", "recipientType": "signer",
            "sentDateTime": "2026-11-22T10:00:00.1230000Z",
            "recipientAuthenticationStatus": {"accessCodeResult": {"status": "Passed", "eventTimestamp": "2026-11-22T10:00:00.1230000Z"}}
        })
    };
    let signers: Vec<_> = (1..=count).map(signer).collect();
    serde_json::json!({
        "signers": signers, "agents": [], "editors": [], "intermediaries": [], "carbonCopies": [],
        "certifiedDeliveries": [], "inPersonSigners": [], "seals": [], "witnesses": [], "notaries": [],
        "recipientCount": count.to_string(), "currentRoutingOrder": "1"
    })
    .to_string()
}
