//! A server that answers each vendor's calls with fixed bytes, as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::by_hand::VENDORS;

/// How a request line begins, what else it contains, and the whole answer.
type Row = (&'static str, &'static str, Vec<u8>);

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
    let answers: Vec<Row> = VENDORS
        .iter()
        .flat_map(|vendor| (vendor.answers)())
        .map(|(start, part, status, body)| (start, part, answer(status, &body)))
        .collect();
    let answers: &'static [Row] = answers.leak();
    runtime.block_on(async {
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(converse(socket, answers));
        }
    });
}

/// Answers requests on one connection.
async fn converse(mut socket: TcpStream, answers: &'static [Row]) {
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
        let fits = |row: &&Row| head.starts_with(row.0) && head.contains(row.1);
        let (_, _, answer) = answers.iter().find(fits).unwrap();
        if socket.write_all(answer).await.is_err() {
            return;
        }
    }
}

fn answer(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    if status == 204 {
        return b"HTTP/1.1 204 No Content\r\nx-ratelimit-limit: 2000\r\nx-ratelimit-remaining: 1999\r\n\
            x-ratelimit-reset: 1795320000\r\n\r\n"
            .to_vec();
    }
    let head = format!(
        "HTTP/1.1 {status} OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {length}\r\n\
         x-docusign-tracetoken: 6d1ea2b5-0000-4000-8000-5c1a1c1a1c1a\r\nx-ratelimit-limit: 3000\r\n\
         x-ratelimit-remaining: 2999\r\nx-ratelimit-reset: 1795320000\r\n\r\n"
    );
    (head + body).into_bytes()
}
