//! Whether a gateway is ready. Written by hand, because a health check needs no client.

mod any;

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use countersign::{Error, ErrorKind, Result};

/// How long to wait for it.
const WAIT: Duration = Duration::from_secs(5);

/// The port where a gateway listens if its address has none.
const PORT: u16 = 8790;

/// Asks the gateway at this address.
///
/// # Errors
/// `Unavailable`, which says why it is not ready.
pub(super) fn check(at: &str, has_tls: bool) -> Result<()> {
    let not_ready = |why: String| {
        Err(Error::new(ErrorKind::Unavailable, format!("the gateway at {at} is not ready: {why}"))
            .with_hint("see its log"))
    };
    match ask(at, has_tls) {
        Ok(answer) if answer.starts_with("HTTP/1.1 204") => Ok(()),
        Ok(answer) => not_ready(reason(&answer)),
        Err(error) => not_ready(error.to_string()),
    }
}

/// The detail of a problem, otherwise the first line.
fn reason(answer: &str) -> String {
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let problem = serde_json::from_str::<serde_json::Value>(body).unwrap_or_default();
    let detail = problem.get("detail").and_then(serde_json::Value::as_str);
    detail.or_else(|| answer.lines().next()).unwrap_or("it closed the connection").to_owned()
}

fn ask(at: &str, has_tls: bool) -> std::io::Result<String> {
    let stream = connect(at)?;
    stream.set_read_timeout(Some(WAIT))?;
    let mut stream: Box<dyn ReadWrite> = if has_tls { Box::new(any::tls(stream)?) } else { Box::new(stream) };
    stream
        .write_all(format!("GET /readyz HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer)?;
    Ok(answer)
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

/// To the first address that accepts: a name may have one that nothing listens on.
fn connect(at: &str) -> std::io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = match at.to_socket_addrs() {
        Ok(found) => found.collect(),
        Err(_) => (at.trim_matches(['[', ']']), PORT).to_socket_addrs()?.collect(),
    };
    let mut last = std::io::Error::other("the name has no address");
    for address in addresses {
        match TcpStream::connect_timeout(&reachable(address), WAIT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A gateway that listens on every address of its machine is asked on loopback.
fn reachable(at: SocketAddr) -> SocketAddr {
    let ip = match at.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, at.port())
}
