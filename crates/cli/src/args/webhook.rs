//! The arguments around webhooks.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign::{Timestamp, vendors};

pub(super) const ABOUT: &str = "\
Check webhooks: one that was saved, or all that come.

A vendor tells by webhooks what happens to envelopes, and signs what it tells with a secret that it shows when the webhook \
is set up. The account needs that secret as `webhook_secrets` (a text, or a list while a secret is being changed) or in \
the file that `webhook_secrets_file` names (one per line). How webhooks are set up at each vendor stands at the end.";

pub(super) const EXAMPLES: &str = "\
Examples:
  countersign --account acme webhook verify --headers headers.txt --body body.json
  countersign --account acme webhook listen --port 8800
  countersign --account acme webhook listen --port 8800 --forward http://127.0.0.1:3000/hooks";

/// The examples, and how each vendor is set up: in the adapters' words.
pub(super) fn guides() -> String {
    let mut text = format!("{EXAMPLES}\n\nSetting webhooks up:");
    for vendor in vendors() {
        match vendor.webhooks {
            Some(door) => {
                let lines = door.guide.replace('\n', "\n  ");
                text.push_str(&format!(
                    "\n\n{} (answer within {} s)\n  {lines}",
                    vendor.title,
                    door.answer_within.as_secs()
                ));
            }
            None => text.push_str(&format!("\n\n{}\n  its webhooks cannot be taken yet", vendor.title)),
        }
    }
    text
}

const VERIFY_ABOUT: &str = "\
Check a webhook that was saved, and tell what it says.

Give the headers and the body, byte for byte as they came, in two files; or the whole HTTP request in one, `-` for stdin. \
A body that was parsed and written again has another signature.

Exit codes: 0 taken; 4 not believed: signature missing, malformed or wrong, too old, or from the future; 8 rightly \
signed, but no message of this vendor; 3 no secret configured, or too large.";

const VERIFY: &str = "\
Examples:
  countersign --account acme webhook verify --headers headers.txt --body body.json
  countersign --account acme webhook verify request.http
  countersign --account acme webhook verify --at 2026-01-01T09:30:00Z - < request.http";

const LISTEN_ABOUT: &str = "\
Take webhooks on this machine, check each, and tell what it says.

Answers 200 to a webhook that passes the check, and 401 or 400 to one that does not, so that the vendor delivers again. \
A duplicate of a webhook that is done is answered 200; --seen remembers them over restarts. With --forward, a webhook is \
sent on unchanged until the application there has taken it, and the vendor gets the application's answer, or 502 if there \
is none within three quarters of the vendor's own limit. A sender that hangs up does not end this; a delivery that \
arrives meanwhile is answered 503 with Retry-After. One line per webhook: time, answer, first, duplicate or in progress, \
event, envelope, recipient. With --json one document per line, the first with the address.

Vendors reach this machine only through a tunnel or a proxy, which has to pass headers and body on unchanged. Ctrl-C \
lets what is under way finish.";

const LISTEN: &str = "\
Examples:
  countersign --account acme webhook listen --port 8800
  countersign --account acme webhook listen --port 8800 --seen seen.txt --json
  countersign --account acme webhook listen --port 8800 --forward http://127.0.0.1:3000/hooks";

#[derive(Debug, Args)]
pub(crate) struct WebhookArgs {
    #[command(subcommand)]
    pub(crate) command: WebhookCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Check a webhook that was saved
    #[command(long_about = VERIFY_ABOUT, after_help = VERIFY)]
    Verify(VerifyArgs),
    /// Take webhooks on this machine and tell of each
    #[command(long_about = LISTEN_ABOUT, after_help = LISTEN)]
    Listen(ListenArgs),
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The whole request as it came: request line, headers, an empty line, the body; `-` for stdin
    #[arg(value_name = "REQUEST", required_unless_present_all = ["headers", "body"], conflicts_with_all = ["headers", "body"])]
    pub(crate) request: Option<PathBuf>,
    /// A file with the headers, one per line as `Name: value`
    #[arg(long, value_name = "FILE", requires = "body")]
    pub(crate) headers: Option<PathBuf>,
    /// A file with the body, byte for byte
    #[arg(long, value_name = "FILE", requires = "headers")]
    pub(crate) body: Option<PathBuf>,
    /// Judge its age as of this time, for one that was saved long ago
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct ListenArgs {
    /// The port; 0 takes any free one
    #[arg(long, value_name = "PORT")]
    pub(crate) port: u16,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) address: IpAddr,
    /// Send on what is not done yet: https, or http on this machine
    #[arg(long, value_name = "URL")]
    pub(crate) forward: Option<String>,
    /// Remember in this file what was taken, over restarts
    #[arg(long, value_name = "FILE")]
    pub(crate) seen: Option<PathBuf>,
}
