//! `countersign demo`: a signing scenario, run at the sandbox's vendors by the same code.

mod cast;
mod show;
mod stage;
mod story;

use countersign::{Error, ErrorKind, Result};
use countersign_sandbox::{Options, Sandbox};
use serde::Serialize;

use crate::context::unexpected;
use crate::render::table;
use crate::report::Report;
use crate::{exit, sandbox_accounts};
use show::{Played, text};
use story::play;

#[derive(Serialize)]
struct Demo {
    passed: bool,
    vendors: Vec<Played>,
}

pub(crate) async fn run(vendor: Option<&str>) -> Result<Report> {
    let sandbox = Sandbox::start(Options::new());
    let sandbox = sandbox.await.map_err(|error| unexpected("the sandbox could not start", error))?;
    let mut chosen = sandbox_accounts::chosen(sandbox_accounts::vendors(&sandbox), vendor)?;
    // Unless one is named, those whose lists show the lock.
    let is_shown = |one| vendor.is_some() || sandbox_accounts::lists_locks(one);
    chosen.retain(|one| sandbox_accounts::has_codes(one.vendor) && is_shown(one.vendor));
    if chosen.is_empty() {
        let message = "the demo locks a signer by wrong access codes, and this vendor has none";
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint("leave --vendor out"));
    }
    let config = sandbox_accounts::config(&chosen)?;
    let mut stories = Vec::new();
    for one in &chosen {
        let client = config.account(Some(one.account))?.client()?;
        let descriptor = client.descriptor();
        let steps = play(client, sandbox.world(), one.vendor).await;
        let passed = steps.iter().all(|step| step.passed);
        stories.push(Played { vendor: descriptor.name, title: &descriptor.facts.title, passed, steps });
    }
    sandbox.stop().await;
    let found = Demo { passed: stories.iter().all(|story| story.passed), vendors: stories };
    let code = if found.passed { exit::OK } else { exit::UNEXPECTED };
    Ok(Report::new(text(&found.vendors, table::width()), &found).with_code(code))
}
