//! The arguments of signing in and out with a browser.

use std::time::Duration;

use clap::Args;

use super::durations;

pub(super) const LOGIN_ABOUT: &str = "\
Sign in to an account as a person, with a browser.

For accounts whose `auth` has the kind authorization_code. The address to open is printed (and opened, unless \
--no-browser); after you have allowed access there, the browser comes back to this command, which changes the code for \
tokens and keeps them for your user only. Other commands use and renew them from then on. The redirect URI has to be \
registered with the vendor: it is `redirect_uri` of the configuration if there is one, else \
http://127.0.0.1:8712/callback or that with another --port.";

pub(super) const LOGIN: &str = "\
Examples:
  countersign login
  countersign --account acme login --no-browser
  countersign login --port 9000 --timeout 10m";

pub(super) const LOGOUT: &str = "\
Examples:
  countersign logout
  countersign --account acme logout";

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// The port on 127.0.0.1 that the browser comes back to; 0 takes any free one, which few vendors allow
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// Print the address only, for opening it yourself
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// How long to wait for the browser to come back
    #[arg(long, value_name = "TIME", value_parser = durations::parse, default_value = "5m")]
    pub(crate) timeout: Duration,
}
