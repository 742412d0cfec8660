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
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        let (list, view) = (answer(200, &recipients()), answer(201, VIEW));
        let (list, view): (&'static [u8], &'static [u8]) = (list.leak(), view.leak());
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(converse(socket, list, view));
        }
    });
}

/// Answers requests on one connection: a POST with a view, anything else with the list.
async fn converse(mut socket: TcpStream, list: &'static [u8], view: &'static [u8]) {
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
        let body = if head.starts_with("post") { view } else { list };
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

/// Nine signers, about 5 KB, as the vendor lays them out.
fn recipients() -> String {
    let signer = |n: usize| {
        serde_json::json!({
            "creationReason": "sender", "isBulkRecipient": "false", "requireUploadSignature": "false",
            "name": format!("Anna Signer {n}"), "firstName": "Anna", "lastName": format!("Signer {n}"),
            "email": format!("anna{n}@example.com"), "recipientId": n.to_string(),
            "recipientIdGuid": format!("0a1b2c3d-0000-4000-8000-00000000000{n}"), "requireIdLookup": "false",
            "userId": format!("9f8e7d6c-0000-4000-8000-00000000000{n}"), "clientUserId": format!("client-{n}"),
            "routingOrder": "1", "note": "", "status": "sent", "completedCount": "0",
            "deliveryMethod": "email", "totalTabCount": "2", "recipientType": "signer",
            "sentDateTime": "2026-11-22T10:00:00.1230000Z",
            "recipientAuthenticationStatus": {"accessCodeResult": {"status": "Passed", "eventTimestamp": "2026-11-22T10:00:00.1230000Z"}}
        })
    };
    let signers: Vec<_> = (1..=9).map(signer).collect();
    serde_json::json!({
        "signers": signers, "agents": [], "editors": [], "intermediaries": [], "carbonCopies": [],
        "certifiedDeliveries": [], "inPersonSigners": [], "seals": [], "witnesses": [], "notaries": [],
        "recipientCount": "9", "currentRoutingOrder": "1"
    })
    .to_string()
}
