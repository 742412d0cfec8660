//! Over sockets: what reqwest, hyper and the system make of it; and redirects, which must not be followed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::adapters::boldsign::{Boldsign, BoldsignConfig};
use countersign::adapters::docusign::{Credentials, Docusign, DocusignConfig};
use countersign::provider::Provider;
use countersign::secrecy::SecretString;
use countersign::transport::Limits;
use countersign::{
    AccessCode, AccountId, BaseUrl, ChangeAccessCode, Client, EnvelopeId, ErrorKind, ListRecipients,
    Recipient, RecipientId, ResendRecipient, RetryPolicy, Role,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::capture;
use crate::forms::Pool;

const KEY: &str = "Mark3d-w1re-key-000001";
const CODE: &str = "Mark3d-w1re-c0de";

/// A server that answers every request with what `answer` makes of it, and counts them.
async fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = vec![0; 16 * 1024];
            let mut length = 0;
            while let Ok(read) = socket.read(&mut request[length..]).await
                && read > 0
            {
                length += read;
                let text = String::from_utf8_lossy(&request[..length]).into_owned();
                // A greeting of TLS is answered at once; of a request, all is waited for.
                let Some((head, body)) =
                    text.split_once("\r\n\r\n").or(text.starts_with('\u{16}').then_some(("", "")))
                else {
                    continue;
                };
                let announced = head.lines().find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
                });
                if body.len() >= announced.unwrap_or(0) {
                    count.fetch_add(1, Ordering::SeqCst);
                    let _ = socket.write_all(&answer(&text)).await;
                    break;
                }
            }
        }
    });
    (url, asked)
}

fn clients(base: &str) -> [(&'static str, Client, Arc<dyn Provider>); 2] {
    let url = || BaseUrl::new(base).unwrap();
    let token = Credentials::Token(SecretString::from(KEY));
    let config = DocusignConfig::new(AccountId::new("1703061").unwrap(), token).with_base_url(url());
    let docusign: Arc<dyn Provider> = Arc::new(Docusign::new(config).unwrap());
    let config = BoldsignConfig::new(SecretString::from(KEY)).with_base_url(url());
    let boldsign: Arc<dyn Provider> = Arc::new(Boldsign::new(config).unwrap());
    let client = |provider: &Arc<dyn Provider>| {
        let limits = Limits::default().with_timeout(std::time::Duration::from_secs(5));
        Client::builder(Arc::clone(provider)).limits(limits).retry(RetryPolicy::never()).build()
    };
    [("docusign", client(&docusign), docusign), ("boldsign", client(&boldsign), boldsign)]
}

/// A recipient who needs no list to be found, so that the first request is the one with the code.
fn anna(vendor: &str) -> Recipient {
    let id = if vendor == "docusign" { "1" } else { "anna@example.com#1" };
    let mut anna = Recipient::new(RecipientId::new(id).unwrap(), Role::Signer);
    anna.name = Some("Anna".to_owned());
    anna.email = Some("anna@example.com".to_owned());
    anna.order = Some(1);
    anna.in_turn = Some(true);
    anna.status = countersign::RecipientStatus::Notified;
    anna.access_code = countersign::AccessCodeState::Required;
    anna.vendor.kind = if vendor == "docusign" { "signers" } else { "Signer" }.into();
    if vendor == "boldsign" {
        anna.vendor.extra.insert("authenticationType", "AccessCode");
    }
    anna
}

fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// Lists, resends and changes a code at every vendor; gives the kinds of the errors.
async fn everything(base: &str, pool: &Pool) -> Vec<ErrorKind> {
    let mut kinds = Vec::new();
    for (name, client, _) in clients(base) {
        let envelope = EnvelopeId::new("44444444-0000-4000-8000-000000000001").unwrap();
        let list = client.list_recipients(&ListRecipients::new(envelope.clone())).await.map(drop);
        let resend = ResendRecipient::new(envelope.clone(), anna(name)).allow_muted(true);
        let resent = client.resend_recipient(&resend).await.map(drop);
        let change = ChangeAccessCode::new(envelope, anna(name), AccessCode::new(CODE).unwrap());
        let changed = client.change_access_code(&change).await.map(drop);
        for result in [list, resent, changed] {
            let error = result.expect_err("a failure");
            pool.check_error(&format!("{name} at {base}"), &error);
            kinds.push(error.kind());
        }
    }
    kinds
}

fn pool() -> Pool {
    capture::start();
    let pool = Pool::default();
    pool.add(KEY);
    pool.add(CODE);
    pool
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_throws_everything_back_reveals_nothing() {
    let pool = pool();
    let heard = Arc::new(std::sync::Mutex::new(String::new()));
    let ears = Arc::clone(&heard);
    let (url, _) = serve(move |request| {
        ears.lock().unwrap().push_str(request);
        http("500 No", "content-type: text/html\r\n", &format!("<html><pre>{request}</pre>"))
    })
    .await;
    everything(&url, &pool).await;
    let heard = heard.lock().unwrap().clone();
    assert!(heard.contains(KEY) && heard.contains(CODE), "nothing was sent that could come back");
    // A status line, a header and a chunk that are none, with what was sent in them.
    for odd in [
        |request: &str| request.as_bytes().to_vec(),
        |request: &str| {
            format!("HTTP/1.1 200 OK\r\n{}: x\r\n\r\n", request.replace("\r\n", " ")).into_bytes()
        },
        |request: &str| {
            format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{request}").into_bytes()
        },
        |request: &str| format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n{request}").into_bytes(),
    ] {
        let (url, _) = serve(odd).await;
        everything(&url, &pool).await;
    }
    pool.check("the log", &capture::since(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_connection_reveal_nothing() {
    let pool = pool();
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}/{CODE}", closed.local_addr().unwrap());
    drop(closed);
    everything(&nobody, &pool).await;
    let (url, _) = serve(|_| Vec::new()).await;
    everything(&url, &pool).await;
    // TLS is expected, and something else answers.
    let (url, _) = serve(|_| b"HTTP/1.1 200 OK\r\n\r\n".to_vec()).await;
    everything(&url.replace("http://", "https://"), &pool).await;
    pool.check("the log", &capture::since(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_follow_no_redirect() {
    let pool = pool();
    let (other, asked) = serve(|_| http("200 OK", "content-type: application/json\r\n", "{}")).await;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent", "300 Choose"]
    {
        for headers in [
            format!("location: {other}/v1/document/properties\r\n"),
            format!("location: //{}/x\r\n", other.trim_start_matches("http://")),
            format!("refresh: 0; url={other}\r\nlocation: {other}/?key={KEY}\r\n"),
            format!("location: {other}\r\nlocation: {other}/again\r\nlink: <{other}>; rel=preload\r\n"),
            format!("alt-svc: h2=\"{}\"\r\nlocation: {other}\r\n", other.trim_start_matches("http://")),
        ] {
            let (url, first) = serve(move |_| http(status, &headers, "")).await;
            let kinds = everything(&url, &pool).await;
            assert!(kinds.iter().all(|kind| *kind == ErrorKind::Config), "{status}: {kinds:?}");
            assert_eq!(first.load(Ordering::SeqCst), 6, "{status}: each request goes out once");
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0, "a redirect was followed");
    pool.check("the log", &capture::since(0));
}

/// A server that speaks as much HTTP/2 as one answer needs: settings, then status 200 with a header that holds the key.
async fn serve_http_2() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0]).await.unwrap();
        let mut heard = Vec::new();
        // The body is the last that comes.
        while !heard.windows(CODE.len()).any(|window| window == CODE.as_bytes()) {
            assert_ne!(socket.read_buf(&mut heard).await.unwrap(), 0);
        }
        let mut block = vec![0x88, 0, 6];
        block.extend_from_slice(b"x-echo");
        block.push(u8::try_from(KEY.len()).unwrap());
        block.extend_from_slice(KEY.as_bytes());
        let mut frame = vec![0, 0, u8::try_from(block.len()).unwrap(), 1, 5, 0, 0, 0, 1];
        frame.extend_from_slice(&block);
        socket.write_all(&frame).await.unwrap();
        // Kept open until the other side has read it.
        let _ = socket.read_buf(&mut heard).await;
        std::future::pending::<()>().await;
    });
    url
}

/// Over TLS the vendors speak HTTP/2, whose implementation logs frames.
#[tokio::test(flavor = "multi_thread")]
async fn frames_of_http_2_show_no_header_and_no_body() {
    let pool = pool();
    let mark = capture::mark();
    let client = reqwest::Client::builder().http2_prior_knowledge().no_proxy().build().unwrap();
    let mut key = reqwest::header::HeaderValue::from_static(KEY);
    key.set_sensitive(true);
    let request = client.patch(serve_http_2().await).header("x-api-key", key);
    let answer = request.body(format!("{{\"accessCode\":\"{CODE}\"}}")).send().await.unwrap();
    assert_eq!(
        (answer.version(), answer.headers()["x-echo"].as_bytes()),
        (reqwest::Version::HTTP_2, KEY.as_bytes())
    );
    let log = capture::since(mark);
    assert!(log.contains(" h2::"), "nothing of h2 is in the log that is searched");
    pool.check("the log", &log);
}
