//! `countersign state`.

use countersign::{Config, Result};
use countersign_sqlite::{Check, Migrated};
use serde::Serialize;

use crate::args::{Global, StateCommand};
use crate::exit;
use crate::render::table::safe;
use crate::report::Report;
use crate::state::Place;

#[derive(Serialize)]
struct MigratedTo<'d> {
    database: &'d str,
    /// The schema steps before and now; the newest version has as many.
    before: usize,
    now: usize,
    /// The keys of scopes that were wrapped under the first key.
    rewrapped: usize,
}

#[derive(Serialize)]
struct Checked<'d> {
    database: &'d str,
    #[serde(flatten)]
    check: &'d Check,
}

pub(super) async fn run(global: &Global, command: &StateCommand) -> Result<Report> {
    let place = Place::required(&Config::load(global.config())?)?;
    match command {
        StateCommand::Migrate => migrate(&place).await,
        StateCommand::Check => check(&place).await,
    }
}

async fn migrate(place: &Place) -> Result<Report> {
    let database = place.to_string();
    let (Migrated { before, now }, rewrapped) = place.migrate().await?;
    let schema = match before {
        0 => format!("created, with schema {now}"),
        same if same == now => format!("up to date, with schema {now}"),
        before => format!("migrated from schema {before} to {now}"),
    };
    let keys = match rewrapped {
        0 => String::new(),
        1 => "; 1 key is now wrapped under the first key file".to_owned(),
        many => format!("; {many} keys are now wrapped under the first key file"),
    };
    let text = format!("{}: {schema}{keys}\n", safe(&database));
    Ok(Report::new(text, &MigratedTo { database: &database, before, now, rewrapped }))
}

async fn check(place: &Place) -> Result<Report> {
    let database = place.to_string();
    let check = place.check().await?;
    let Check { schema, newest, keys, to_rewrap, calls, unresolved, ref problems, .. } = check;
    let mut text = format!(
        "{}: {}; schema {schema} of {newest}; keys: {keys}; calls: {calls}\n",
        safe(&database),
        if problems.is_empty() { "in order" } else { "HAS PROBLEMS" },
    );
    for problem in problems {
        text.push_str(&format!("  {}\n", safe(problem)));
    }
    let mut notes = String::new();
    if problems.is_empty() && (schema < newest || to_rewrap > 0) {
        notes.push_str("run `countersign state migrate` to bring it up to date\n");
    }
    if unresolved > 0 {
        notes.push_str(&format!("{unresolved} with an unknown outcome: see `countersign calls list`\n"));
    }
    let code = if problems.is_empty() { exit::OK } else { exit::YOURS };
    let document = Checked { database: &database, check: &check };
    Ok(Report::new(text, &document).with_notes(notes).with_code(code))
}
