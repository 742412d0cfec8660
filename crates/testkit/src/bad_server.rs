//! A misbehaving HTTP server on loopback, over real sockets.

use std::collections::VecDeque;
use std::io::{self, Read as _};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use countersign_core::locked;
use flate2::{Compression, write::GzEncoder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How one request is handled.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Habit {
    /// A correct answer with this status, content type and body.
    Answers(u16, &'static str, Bytes),
    /// Accepts the request and never answers. The connection stays open until the server is dropped.
    NeverAnswers,
    /// A correct answer in JSON, one byte at a time with this pause between them; the head is sent immediately.
    Drips(Bytes, Duration),
    /// Announces this body as JSON, and closes after half of it.
    CutsBody(Bytes),
    /// An answer that is complete according to its headers, but whose JSON is cut in half.
    CutsJson(Bytes),
    /// Closes the connection in the middle of the answer's head.
    ClosesMidHeader,
    /// Closes the connection without an answer.
    Closes,
    /// The answer of a gateway whose vendor is not working: 502 with an HTML page.
    BadGateway,
    /// 429 with `Retry-After` in seconds, if any.
    TooMany(Option<u64>),
    /// 200 with an HTML page announced as HTML, like a captive portal.
    Html,
    /// 200 with this text, announced and encoded as JSON in UTF-16.
    Utf16(String),
    /// 200 with JSON that never ends, of at least this many bytes: a string of spaces. The length is not announced.
    Large(usize),
    /// 200 with `content-encoding: gzip`: this many zero bytes, compressed to about a thousandth of the size.
    GzipBomb(usize),
}

/// A misbehaving HTTP server on loopback. Dropping it closes every connection.
///
/// Each connection serves one request, with the next behavior in turn; the last one is repeated.
///
/// ```
/// # async fn run() -> std::io::Result<()> {
/// use countersign_testkit::{BadServer, Habit};
///
/// // Refuses once, then answers.
/// let json = Habit::Answers(200, "application/json", "{}".into());
/// let server = BadServer::start([Habit::TooMany(Some(1)), json]).await?;
/// println!("{}", server.url());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct BadServer {
    url: String,
    requests: Arc<AtomicUsize>,
    _serving: JoinSet<()>,
}

impl BadServer {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// Fails if no port is available.
    pub async fn start(habits: impl IntoIterator<Item = Habit>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let requests = Arc::new(AtomicUsize::new(0));
        let habits = Mutex::new(habits.into_iter().collect::<VecDeque<_>>());
        let mut serving = JoinSet::new();
        serving.spawn(accept(listener, habits, Arc::clone(&requests)));
        Ok(Self { url, requests, _serving: serving })
    }

    /// `http://127.0.0.1:` and the port, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many complete requests have arrived so far.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, habits: Mutex<VecDeque<Habit>>, requests: Arc<AtomicUsize>) {
    // Lives as long as this task, and closes its connections with it.
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let habit = next(&habits);
        let requests = Arc::clone(&requests);
        connections.spawn(async move {
            // A peer that disconnects is not an error of the server.
            let _ = serve(socket, habit, &requests).await;
        });
    }
}

fn next(habits: &Mutex<VecDeque<Habit>>) -> Habit {
    let mut habits = locked(habits);
    let habit = if habits.len() > 1 { habits.pop_front() } else { habits.front().cloned() };
    habit.unwrap_or(Habit::Closes)
}

async fn serve(mut socket: TcpStream, habit: Habit, requests: &AtomicUsize) -> io::Result<()> {
    read_request(&mut socket).await?;
    requests.fetch_add(1, Ordering::SeqCst);
    const JSON: &str = "application/json";
    const PAGE: &str = "<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>";
    let answer =
        |status, kind: &str, more: &str, body: Bytes| (head(status, kind, more, Some(body.len())), body);
    let page = || Bytes::from_static(PAGE.as_bytes());
    let (head, body) = match habit {
        Habit::Answers(status, kind, body) => answer(status, kind, "", body),
        Habit::NeverAnswers => return std::future::pending().await,
        Habit::Drips(body, pause) => {
            socket.write_all(head(200, JSON, "", Some(body.len())).as_bytes()).await?;
            for byte in &body {
                tokio::time::sleep(pause).await;
                socket.write_all(&[*byte]).await?;
            }
            return socket.shutdown().await;
        }
        Habit::CutsBody(body) => (head(200, JSON, "", Some(body.len())), half(&body)),
        Habit::CutsJson(body) => answer(200, JSON, "", half(&body)),
        Habit::ClosesMidHeader => ("HTTP/1.1 200 OK\r\ncontent-ty".to_owned(), Bytes::new()),
        Habit::Closes => (String::new(), Bytes::new()),
        Habit::BadGateway => answer(502, "text/html", "", page()),
        Habit::TooMany(wait) => {
            let more = wait.map(|seconds| format!("retry-after: {seconds}\r\n")).unwrap_or_default();
            answer(429, JSON, &more, Bytes::from_static(b"{}"))
        }
        Habit::Html => answer(200, "text/html", "", page()),
        Habit::Utf16(text) => {
            let body: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            answer(200, "application/json; charset=utf-16", "", body.into())
        }
        Habit::Large(bytes) => {
            socket.write_all(head(200, JSON, "", None).as_bytes()).await?;
            socket.write_all(b"{\"a\":\"").await?;
            let piece = [b' '; 64 * 1024];
            for _ in 0..bytes.div_ceil(piece.len()) {
                socket.write_all(&piece).await?;
            }
            return socket.shutdown().await;
        }
        Habit::GzipBomb(bytes) => {
            let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
            io::copy(&mut io::repeat(0).take(bytes as u64), &mut bomb)?;
            answer(200, JSON, "content-encoding: gzip\r\n", bomb.finish()?.into())
        }
    };
    socket.write_all(head.as_bytes()).await?;
    socket.write_all(&body).await?;
    socket.shutdown().await
}

fn head(status: u16, kind: &str, more: &str, length: Option<usize>) -> String {
    let length = length.map(|length| format!("content-length: {length}\r\n")).unwrap_or_default();
    format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n{length}{more}connection: close\r\n\r\n")
}

fn half(body: &Bytes) -> Bytes {
    body.slice(..body.len() / 2)
}

/// Reads the head and the announced body, so that closing afterwards does not reset the connection while the answer
/// is still being sent.
async fn read_request(socket: &mut TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = socket.read(&mut piece).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        request.extend_from_slice(piece.get(..read).unwrap_or_default());
        let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(request.get(..end).unwrap_or_default()).to_ascii_lowercase();
        let body = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok())
            .unwrap_or(0);
        if request.len() >= end + 4 + body {
            return Ok(());
        }
    }
}
