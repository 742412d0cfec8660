//! `countersign sandbox`.

use std::io;
use std::path::Path;

use countersign::{Error, ErrorKind, Result, durable};
use countersign_sandbox::{Options, Sandbox, World};
use serde::Serialize;

use super::sandbox_envelope::{self, Signer, new_envelope, signers};
use super::sandbox_hooks;
use crate::args::{Global, SandboxArgs, SandboxCommand};
use crate::context::{invalid, unexpected};
use crate::paste::quoted;
use crate::render::json;
use crate::render::table::{STRONG, paint};
use crate::report::{Report, note, print};
use crate::sandbox_accounts::{self, SandboxAccount};
use crate::signals::Signals;

#[derive(Serialize)]
struct Running {
    url: String,
    console: String,
    inbox: String,
    config: Option<String>,
    envelopes: Vec<Sample>,
}

#[derive(Serialize)]
struct Sample {
    account: &'static str,
    envelope: String,
    recipients: Vec<Signer>,
}

pub(super) async fn run(global: &Global, args: SandboxArgs) -> Result<Report> {
    if let Some(SandboxCommand::Envelope(args)) = &args.command {
        return sandbox_envelope::run(args).await;
    }
    let secrets = sandbox_hooks::secrets(args.webhook_secret_file.as_deref())?;
    let options = Options {
        port: args.port,
        remote_webhooks: args.allow_remote_webhooks,
        allowed_hosts: args.allow_host.clone(),
        ..Options::new()
    };
    let sandbox = Sandbox::start(options).await.map_err(|error| {
        let hint = "choose another port, or omit --port to pick any free one";
        invalid(format!("the sandbox cannot listen on port {} ({error})", args.port), hint)
    })?;
    let mut accounts = sandbox_accounts::vendors(&sandbox);
    accounts.iter_mut().for_each(|account| account.with_webhook_secrets(&secrets));
    if let Some(file) = &args.write_config {
        let write = if args.force { durable::replace } else { durable::create };
        write(file, sandbox_accounts::toml(&accounts).as_bytes())
            .map_err(|error| cannot_write(file, &error))?;
    }
    let config = args.write_config.as_deref().map(|file| file.display().to_string());
    let envelopes = accounts.iter().map(|one| sample(&sandbox.world(), one)).collect::<Result<Vec<_>>>()?;
    // Only now, because a receiver needs the configuration first and would miss earlier webhooks.
    sandbox_hooks::set(&sandbox, &args, &accounts, &secrets)?;
    let url = sandbox.url();
    let (console, inbox) = (format!("{url}/console"), format!("{url}/inbox"));
    let running = Running { console, inbox, url, config, envelopes };
    let shown = if global.json { json::document(&running) } else { text(&running) };
    print(&shown).map_err(|error| unexpected("the addresses could not be written", error))?;
    Signals::listen()?.next().await;
    if !global.json {
        note("\nstopped\n");
    }
    sandbox.stop().await;
    Ok(Report::default())
}

fn sample(world: &World, account: &SandboxAccount) -> Result<Sample> {
    let made = world
        .make_envelope(new_envelope(account.vendor))
        .map_err(|error| unexpected("the sample envelope could not be created", error))?;
    Ok(Sample { account: account.account, envelope: made.id, recipients: signers(account.vendor) })
}

fn text(running: &Running) -> String {
    let mut text = format!(
        "{} {}\n  console: {}   everything in it, with controls\n  inbox: {}   all mails\n",
        paint(STRONG, "sandbox at"),
        running.url,
        running.console,
        running.inbox
    );
    let (config, file) = match &running.config {
        Some(file) => (format!("{file} (includes keys; valid until the sandbox stops)"), quoted(file)),
        None => ("none written; the commands below need --write-config FILE".to_owned(), "FILE".into()),
    };
    text.push_str(&format!("  configuration: {config}\n"));
    for sample in &running.envelopes {
        let Sample { account, envelope, recipients } = sample;
        let person = |signer: &Signer| {
            let code = signer.access_code.map(|code| format!(", access code {code}")).unwrap_or_default();
            format!("{} ({}{code})", signer.name, signer.reference)
        };
        let people = recipients.iter().map(person).collect::<Vec<_>>().join("; ");
        text.push_str(&format!("\n{} {envelope}\n  signing order: {people}\n", paint(STRONG, account)));
        let first = recipients.first().map_or("", |signer| signer.reference.as_str());
        let start = format!("  countersign --config {file} --account {account}");
        let has_codes = recipients.iter().any(|signer| signer.access_code.is_some());
        let commands = [
            format!("recipients {envelope}"),
            format!("view {envelope} --recipient {first} --return-url https://app.example.com/signed"),
            format!("resend {envelope} --recipient {first}"),
            format!("access-code {envelope} --recipient {first} --generate 8"),
        ];
        for command in commands.iter().take(if has_codes { 4 } else { 3 }) {
            text.push_str(&format!("{start} {command}\n"));
        }
    }
    text.push_str(&format!("\n  countersign --config {file} accounts --check\n\nPress Ctrl-C to stop.\n"));
    text
}

fn cannot_write(file: &Path, error: &io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::AlreadyExists => "give --force to replace it, or another name",
        _ => "give a name in an existing folder that you can write to",
    };
    durable::error(ErrorKind::InvalidRequest, "written", file, error, hint)
}
