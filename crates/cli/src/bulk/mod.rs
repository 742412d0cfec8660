//! Doing one operation for each line of a file, so that an interrupted run can be given again and sends nothing twice.

mod damage;
mod drain;
mod drained;
mod ending;
mod input;
mod job;
mod journal;
mod lines;
mod objects;
mod pool;
mod rows;
mod sheet;
mod summary;
mod table;
mod watcher;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use countersign::durable::RecordFile;
use countersign::{Account, Config, Error, ErrorKind, Result};
use tokio::sync::watch;

pub(crate) use job::Job;

use crate::args::{BulkArgs, Global};
use crate::context::client_of;
use crate::private::cannot;
use crate::report::{Report, note};
use drained::Drained;
use job::Beside;
use journal::{Journal, Known, Standing};
use lines::{Key, Line};
use pool::{Lane, Shop};
use summary::{Found, Summary};
use watcher::{Progress, Signals};

/// Does the file's lines. `beside` is where codes or lists go.
pub(crate) async fn run(global: &Global, args: &BulkArgs, beside: Option<&Path>, job: Job) -> Result<Report> {
    let file =
        args.from.as_deref().ok_or_else(|| Error::new(ErrorKind::InvalidRequest, "no file is named"))?;
    let results = results(file, args.results.as_deref(), &job)?;
    apart(&[Some(file), Some(results.as_path()), beside])?;
    let config = Config::load(global.config())?;
    let rows = input::read(file, args.format)?;
    let lines = lines::check(rows, &config, global.account(), job.needs(args.allow_duplicates))?;
    let lines = only(&job, lines, config.account(global.account()).map(Account::name))?;
    // Clients before files: a configuration that is not complete leaves nothing behind.
    let lanes = lanes(global, &config, &lines)?;
    let beside_path = needed(&job, beside)?;
    let (journal, known) = Journal::open(&results, job.command())?;
    let beside = open(&job, beside_path, &known)?;
    // Last: a command that is refused has not been run.
    journal.begin(job.command())?;
    let warnings = known.warning(&results).into_iter().chain(beside.warning()).collect();

    let keys: Vec<(u64, Key)> = lines.iter().map(|line| (line.number, line.key.clone())).collect();
    let (board, due) = queue(lines, &lanes, &known, (&job, args));
    tell(&board, due, &results);
    let shop = Arc::new(Shop {
        progress: Progress::new(due, global.writes_to_stderr()),
        board: Mutex::new(board),
        broken: Mutex::default(),
        stop: watch::Sender::new(false),
        max_wait: args.max_wait,
        job,
        beside,
        journal,
    });
    let interrupted = pool::work(&shop, &lanes, args.concurrency, Signals::listen()?).await;
    // A failure was told when it happened.
    let _ = shop.journal.catch_up();
    shop.progress.end();
    let board = std::mem::take(&mut *shop.board());
    let found = Found {
        command: shop.job.command(),
        file,
        results: &results,
        lines: keys
            .iter()
            .zip(board)
            .map(|((number, _), (standing, before))| (*number, standing, before))
            .collect(),
        closed: lanes.iter().filter_map(|lane| Some((lane.account.clone(), lane.closed()?))).collect(),
        interrupted,
        warnings,
        error: shop.broken.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take(),
    };
    Ok(match &shop.beside {
        Beside::Awaited(awaited) => Drained::of(found, &keys, awaited).report(),
        _ => Summary::of(found).report(),
    })
}

/// The results file: the one that is named, or one beside the input.
fn results(file: &Path, named: Option<&Path>, job: &Job) -> Result<PathBuf> {
    if let Some(named) = named {
        return Ok(named.to_path_buf());
    }
    if input::is_standard_input(file) {
        let message = "standard input has no name from which to make the results file's";
        return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint("name one with --results"));
    }
    let mut name = file.as_os_str().to_owned();
    // A list of envelopes is drained more than once, and other commands may have worked through it.
    name.push(if matches!(job, Job::Drain) { ".drain.jsonl" } else { ".results.jsonl" });
    Ok(name.into())
}

/// Refuses one file in two parts: it would be written over while it is read.
fn apart(files: &[Option<&Path>]) -> Result<()> {
    let mut seen: Vec<PathBuf> = Vec::new();
    for file in files.iter().flatten() {
        let file = std::path::absolute(file).map_err(|error| cannot("found", file, &error))?;
        let file = file.canonicalize().unwrap_or(file);
        if seen.contains(&file) {
            let message = format!("{} is named for two purposes", file.display());
            return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint("name different files"));
        }
        seen.push(file);
    }
    Ok(())
}

/// A client for each account that occurs.
fn lanes(global: &Global, config: &Config, lines: &[Line]) -> Result<Vec<Arc<Lane>>> {
    let mut lanes: Vec<Arc<Lane>> = Vec::new();
    for line in lines {
        let account = line.key.account.as_str();
        if !lanes.iter().any(|lane| lane.account == account) {
            let client = client_of(global, config.account(Some(account))?)?;
            lanes.push(Arc::new(Lane::new(account, client)));
        }
    }
    Ok(lanes)
}

/// Draining is about one account; lines of others are left out.
fn only(job: &Job, mut lines: Vec<Line>, account: Result<&str>) -> Result<Vec<Line>> {
    if matches!(job, Job::Drain) {
        let account = account?;
        lines.retain(|line| line.key.account == account);
        if lines.is_empty() {
            let message = format!("no line of the file is of the account `{account}`");
            return Err(
                Error::new(ErrorKind::InvalidRequest, message).with_hint("name the account with --account")
            );
        }
    }
    Ok(lines)
}

fn needed<'p>(job: &Job, path: Option<&'p Path>) -> Result<Option<&'p Path>> {
    match (job, path) {
        (Job::AccessCode { generate: Some(_), .. }, None) => {
            let message = "codes that are made for many lines need a file to go to";
            let hint = "name one with --codes-to; only you will be able to read it";
            Err(Error::new(ErrorKind::InvalidRequest, message).with_hint(hint))
        }
        _ => Ok(path),
    }
}

fn open(job: &Job, path: Option<&Path>, known: &Known) -> Result<Beside> {
    match (job, path) {
        (Job::AccessCode { generate: Some(length), .. }, Some(path)) => {
            sheet::Sheet::open(path, *length, known).map(Beside::Codes)
        }
        (Job::Recipients, Some(path)) => {
            RecordFile::open(path).map(Beside::Lists).map_err(|error| cannot("opened", path, &error))
        }
        (Job::Drain, _) => Ok(Beside::Awaited(Mutex::default())),
        _ => Ok(Beside::Nothing),
    }
}

/// Gives each line that is to be done to its account; the others keep what an earlier run found.
fn queue(
    lines: Vec<Line>,
    lanes: &[Arc<Lane>],
    known: &Known,
    (job, args): (&Job, &BulkArgs),
) -> (Vec<(Standing, bool)>, usize) {
    let mut board = Vec::with_capacity(lines.len());
    let mut due = 0;
    for (index, line) in lines.into_iter().enumerate() {
        let standing = known.of(&line.key);
        let lane = lanes.iter().find(|lane| lane.account == line.key.account);
        if let (true, Some(lane)) = (job.is_due(&standing, args), lane) {
            lane.add(index, line);
            due += 1;
        }
        board.push((standing, true));
    }
    (board, due)
}

/// Says to somebody who watches that this is not the first run.
fn tell(board: &[(Standing, bool)], due: usize, results: &Path) {
    let before = board.iter().filter(|(standing, _)| *standing != Standing::NotBegun).count();
    if before > 0 && io::stderr().is_terminal() {
        note(&format!(
            "going on with {}: {before} of {} lines were begun before, {due} are left to do\n",
            results.display(),
            board.len()
        ));
    }
}
