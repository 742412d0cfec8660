//! `countersign login` and `countersign logout`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::{Command, Stdio};

use countersign::{Access, BaseUrl, Client, Error, ErrorKind, Result, WebUrl};
use serde::Serialize;
use tokio::net::TcpListener;

use super::accounts::whom;
use crate::args::{Global, LoginArgs};
use crate::context::{self, client_of, invalid, unexpected};
use crate::loopback::visitor;
use crate::render::table::safe;
use crate::report::{Report, note};
use crate::state::misconfigured;

const PORT: u16 = 8712;

#[derive(Serialize)]
struct Signed<'a> {
    account: &'a str,
    vendor: &'static str,
    /// Not for a logout.
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<Access>,
}

/// The address on this machine that the browser returns to.
struct Back {
    address: IpAddr,
    port: u16,
    path: String,
    /// The URI as registered; none if it follows from the port.
    registered: Option<WebUrl>,
}

pub(super) async fn run(global: &Global, args: LoginArgs) -> Result<Report> {
    let config = context::configuration(global).await?;
    let account = config.account(global.account())?;
    let client = client_of(global, account)?;
    let grant = client.code_grant().ok_or_else(|| nobody_signs_in(account.name()))?;
    let back = Back::new(grant.redirect_uri(), args.port)?;
    let listener = TcpListener::bind((back.address, back.port)).await.map_err(|error| {
        let hint = "stop the program that uses it, or choose another port with --port and register that redirect \
                    URI with the vendor";
        invalid(format!("cannot listen on port {} ({error})", back.port), hint)
    })?;
    let uri = match back.registered {
        Some(uri) => uri,
        None => {
            let own = listener.local_addr().map_err(|error| unexpected("the port is not known", error))?;
            WebUrl::new(&format!("http://127.0.0.1:{}{}", own.port(), back.path))?
        }
    };
    let pending = grant.begin(uri)?;
    let asked = if args.no_browser { false } else { open(pending.url()) };
    let lead = if asked { "a browser should have opened; if not, open" } else { "open" };
    note(&format!(
        "{lead} this address and allow access:\n\n{}\n\nwaiting for the browser to return to {}\n",
        pending.url(),
        pending.redirect_uri()
    ));

    let waiting = visitor(&listener, &back.path, |query| pending.is_answered_by(query));
    let visitor = match tokio::time::timeout(args.timeout, waiting).await {
        Ok(visitor) => visitor.map_err(|error| unexpected("cannot wait for the browser", error))?,
        Err(_) => {
            return Err(Error::new(ErrorKind::Unauthenticated, "the browser did not return in time").with_hint(
                "sign in again and allow more time with --timeout; if the redirect URI is not registered, the \
                 vendor shows its own error",
            ));
        }
    };
    let finished = client.finish_sign_in(&pending, &visitor.query).await;
    let (title, text) = match &finished {
        Ok(()) => ("You are signed in", "You can close this window."),
        Err(_) => ("The sign-in failed", "See the command's output for the reason."),
    };
    visitor.answer("200 OK", title, text).await;
    finished?;
    let access = client.check_access().await?;
    let text = format!("{}: signed in {}\n", safe(account.name()), whom(&access));
    let document = Signed { account: account.name(), vendor: account.vendor().name, access: Some(access) };
    Ok(Report::new(text, &document))
}

pub(super) async fn out(global: &Global) -> Result<Report> {
    let config = context::configuration(global).await?;
    let account = config.account(global.account())?;
    let client: Client = client_of(global, account)?;
    let grant = client.code_grant().ok_or_else(|| nobody_signs_in(account.name()))?;
    grant.forget().await?;
    let text = format!(
        "{}: the tokens are deleted on this machine; at the vendor they stay valid until they expire\n",
        safe(account.name())
    );
    let document = Signed { account: account.name(), vendor: account.vendor().name, access: None };
    Ok(Report::new(text, &document))
}

fn nobody_signs_in(account: &str) -> Error {
    let hint = "its credentials are in the configuration; only `auth = { kind = \"authorization_code\", … }` \
                signs in with a browser";
    misconfigured(format!("account `{account}` does not use browser sign-in"), hint)
}

impl Back {
    fn new(configured: Option<&WebUrl>, port: Option<u16>) -> Result<Self> {
        let Some(uri) = configured else {
            let port = port.unwrap_or(PORT);
            let (address, path) = (Ipv4Addr::LOCALHOST.into(), "/callback".to_owned());
            return Ok(Self { address, port, path, registered: None });
        };
        let url = BaseUrl::new(uri.as_str()).ok().filter(|url| url.is_loopback() && !url.is_https());
        let own = url.as_ref().and_then(|url| Some((url.url(), url.url().port_or_known_default()?)));
        let (url, own) = own.ok_or_else(|| {
            let hint = "to sign in here, register and configure one such as http://127.0.0.1:8712/callback";
            misconfigured("the configured `redirect_uri` does not point to this machine", hint)
        })?;
        if port.is_some_and(|port| port != own) {
            let hint = "omit --port, or change `redirect_uri` here and at the vendor";
            return Err(invalid(format!("the configured `redirect_uri` has port {own}"), hint));
        }
        let address = match url.host_str() {
            Some("[::1]") => Ipv6Addr::LOCALHOST.into(),
            _ => Ipv4Addr::LOCALHOST.into(),
        };
        Ok(Self { address, port: own, path: url.path().to_owned(), registered: Some(uri.clone()) })
    }
}

/// Asks the desktop to open an address; there is no way to know whether it does. Without a desktop nothing is
/// tried, because a terminal browser would start within this command.
fn open(url: &str) -> bool {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        let desktop = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
        if !desktop {
            return false;
        }
        Command::new("xdg-open")
    };
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(uri: Option<&str>, port: Option<u16>) -> Result<(String, u16, String)> {
        let uri = uri.map(|uri| WebUrl::new(uri).expect("a URL"));
        let back = Back::new(uri.as_ref(), port)?;
        Ok((back.address.to_string(), back.port, back.path))
    }

    fn at(address: &str, port: u16, path: &str) -> (String, u16, String) {
        (address.to_owned(), port, path.to_owned())
    }

    #[test]
    fn the_way_back_is_the_configured_one_or_the_usual_one() {
        assert_eq!(back(None, None).expect("usual"), at("127.0.0.1", 8712, "/callback"));
        assert_eq!(back(None, Some(0)).expect("any"), at("127.0.0.1", 0, "/callback"));
        assert_eq!(
            back(Some("http://localhost:3000/x/y"), None).expect("own"),
            at("127.0.0.1", 3000, "/x/y")
        );
        assert_eq!(back(Some("http://[::1]:3000/"), Some(3000)).expect("own"), at("::1", 3000, "/"));
        assert!(back(Some("http://localhost:3000/x"), Some(3001)).is_err());
        for elsewhere in ["https://app.example.com/callback", "https://localhost/x", "http://10.0.0.1/x"] {
            assert_eq!(back(Some(elsewhere), None).expect_err(elsewhere).kind(), ErrorKind::Config);
        }
    }
}
