//! The arguments of the webhook commands.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign::{Timestamp, vendors};

pub(super) const ABOUT: &str = "\
Check webhooks: a saved one, or each one as it arrives.

Vendors report envelope events by webhook, and sign each webhook with a secret that they show when you set it up. \
The account needs that secret as `webhook_secrets` (a text, or a list during rotation) or in the file that \
`webhook_secrets_file` names (one per line). The end of this help explains the setup at each vendor.";

pub(super) const EXAMPLES: &str = "\
Examples:
  countersign --account acme webhook verify --headers headers.txt --body body.json
  countersign --account acme webhook listen --port 8800
  countersign --account acme webhook listen --port 8800 --forward http://127.0.0.1:3000/hooks";

/// The examples, and each adapter's setup guide.
pub(super) fn guides() -> String {
    let mut text = format!("{EXAMPLES}\n\nSetup at each vendor:");
    for vendor in vendors() {
        match &vendor.facts.webhook {
            Some(webhook) => {
                let lines = webhook.guide.replace('\n', "\n  ");
                text.push_str(&format!(
                    "\n\n{} (answer within {} s)\n  {lines}",
                    vendor.facts.title,
                    webhook.answer_within.as_secs()
                ));
            }
            None => text.push_str(&format!("\n\n{}\n  webhooks are not supported yet", vendor.facts.title)),
        }
    }
    text
}

const VERIFY_ABOUT: &str = "\
Check a saved webhook and show its content.

Pass the headers and the unchanged body in two files, or the whole HTTP request in one file (`-` for stdin). If a \
body is parsed and written again, its signature no longer matches.

Exit codes: 0 accepted; 4 not authentic: signature missing, malformed or wrong, too old, or from the future; 8 \
correctly signed, but not a message of this vendor; 3 no secret configured, or too large.";

const VERIFY: &str = "\
Examples:
  countersign --account acme webhook verify --headers headers.txt --body body.json
  countersign --account acme webhook verify request.http
  countersign --account acme webhook verify --at 2026-01-01T09:30:00Z - < request.http";

const LISTEN_ABOUT: &str = "\
Receive webhooks on this machine, check each one and show its content.

Answers 200 to a webhook that passes the check, and 401 or 400 to one that does not, so that the vendor delivers it \
again. A duplicate of a completed webhook is answered 200; --seen remembers completed webhooks across restarts. With \
--forward, each webhook is forwarded unchanged until the application accepts it; the vendor gets the application's \
answer, or 502 if none arrives within three quarters of the vendor's time limit. If a sender disconnects, processing \
continues; a delivery that arrives meanwhile is answered 503 with Retry-After. Each webhook prints one line: time, \
answer, first, duplicate or in progress, event, envelope, recipient. With --json, each line is a JSON document; the \
first one holds the address.

Vendors can reach this machine only through a tunnel or a proxy, which must pass headers and body unchanged. Ctrl-C \
finishes the webhooks in progress.";

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
    /// Check a saved webhook
    #[command(long_about = VERIFY_ABOUT, after_help = VERIFY)]
    Verify(VerifyArgs),
    /// Receive webhooks on this machine and show each one
    #[command(long_about = LISTEN_ABOUT, after_help = LISTEN)]
    Listen(ListenArgs),
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The whole saved request: request line, headers, an empty line, the body; `-` reads stdin
    #[arg(value_name = "REQUEST", required_unless_present_all = ["headers", "body"], conflicts_with_all = ["headers", "body"])]
    pub(crate) request: Option<PathBuf>,
    /// A file with the headers, one per line as `Name: value`
    #[arg(long, value_name = "FILE", requires = "body")]
    pub(crate) headers: Option<PathBuf>,
    /// A file with the body, byte for byte
    #[arg(long, value_name = "FILE", requires = "headers")]
    pub(crate) body: Option<PathBuf>,
    /// The largest accepted body, in MiB, for webhooks that include documents
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) body_limit: Option<u16>,
    /// Check its age as of this time, for an old webhook
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct ListenArgs {
    /// The port; 0 picks any free port
    #[arg(long, value_name = "PORT")]
    pub(crate) port: u16,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) address: IpAddr,
    /// Forward each webhook to this URL until it is accepted: https, or http on this machine
    #[arg(long, value_name = "URL")]
    pub(crate) forward: Option<String>,
    /// The largest accepted body, in MiB, for webhooks that include documents
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) body_limit: Option<u16>,
    /// Remember completed webhooks in this file across restarts
    #[arg(long, value_name = "FILE")]
    pub(crate) seen: Option<PathBuf>,
}
