//! Waits on this machine for the browser to return from a vendor.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A browser that sends nothing for this long has no request; some connect in advance.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longer than the head of any browser request.
const LONGEST_HEAD: usize = 16 * 1024;

/// A browser that waits for its page.
pub(crate) struct Visitor {
    stream: TcpStream,
    path: String,
    /// The query, still encoded. Contains the code.
    pub(crate) query: String,
}

/// The first request for this path with the right query. All others get an error page.
pub(crate) async fn visitor(
    listener: &TcpListener,
    path: &str,
    is_right: impl Fn(&str) -> bool,
) -> io::Result<Visitor> {
    let (tell, mut heard) = mpsc::channel::<Visitor>(8);
    loop {
        let visitor = tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                let tell = tell.clone();
                // Each in its own task: a silent connection must not delay the expected one.
                tokio::spawn(async move {
                    if let Ok(Some(visitor)) = tokio::time::timeout(PATIENCE, greet(stream)).await {
                        // The receiver is gone once the expected request has arrived.
                        let _ = tell.send(visitor).await;
                    }
                });
                continue;
            }
            visitor = heard.recv() => visitor,
        };
        let Some(visitor) = visitor else { continue };
        if visitor.path != path {
            visitor.answer("404 Not Found", "Nothing here", "").await;
        } else if !is_right(&visitor.query) {
            let text = "This answer does not belong to the sign-in that the command started.";
            visitor.answer("400 Bad Request", "Different sign-in", text).await;
        } else {
            return Ok(visitor);
        }
    }
}

/// Reads the first line of a request; `None` if it is not a GET.
async fn greet(mut stream: TcpStream) -> Option<Visitor> {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD {
            return None;
        }
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    let target = head.lines().next()?.strip_prefix("GET ")?.split(' ').next()?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    Some(Visitor { stream, path, query })
}

impl Visitor {
    /// Shows a small page, which contains only texts of this program.
    pub(crate) async fn answer(mut self, status: &str, title: &'static str, text: &'static str) {
        let page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <style>body {{ font: 16px/1.5 system-ui, sans-serif; margin: 4rem auto; max-width: 36rem; padding: 0 1rem; }}\
             </style></head>\n<body><h1>{title}</h1><p>{text}</p></body></html>\n"
        );
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
             cache-control: no-store\r\nreferrer-policy: no-referrer\r\nx-content-type-options: nosniff\r\n\
             content-security-policy: default-src 'none'; style-src 'unsafe-inline'\r\nconnection: close\r\n\r\n{page}",
            page.len()
        );
        // A browser that has disconnected needs no page.
        let _ = tokio::time::timeout(PATIENCE, async {
            self.stream.write_all(answer.as_bytes()).await?;
            self.stream.shutdown().await
        })
        .await;
    }
}
