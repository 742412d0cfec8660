//! The arguments of the webhook commands.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign::{Timestamp, vendors};

/// The setup guide of each adapter.
pub(super) fn guides() -> String {
    let mut text = "Setup at each vendor:".to_owned();
    for vendor in vendors() {
        match &vendor.facts.webhook {
            Some(webhook) => {
                let lines = webhook.guide.replace('\n', "\n  ");
                let (title, seconds) = (&vendor.facts.title, webhook.answer_within.as_secs());
                text.push_str(&format!("\n\n{title} (answer within {seconds} s)\n  {lines}"));
            }
            None => text.push_str(&format!("\n\n{}\n  webhooks are not supported yet", vendor.facts.title)),
        }
    }
    text
}

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Check a saved webhook
    Verify(VerifyArgs),
    /// Receive webhooks on this machine and show each one
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
