//! Runs one operation for each line of a file, so that an interrupted run can be continued and sends nothing twice.

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

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use countersign::{Account, Config, Result};
use tokio::sync::watch;

pub(crate) use job::Job;

use crate::args::{BulkArgs, Global};
use crate::context::{self, client_of, invalid};
use crate::private::{cannot, is_standard_input, records};
use crate::report::{Report, note};
use crate::signals::Signals;
use drained::Drained;
use job::Beside;
use journal::{Journal, Known, Standing};
use pool::{Lane, Shop};
use rows::Line;
use summary::{About, End, Found, Place, Summary};

/// Runs the lines of a file. Codes or lists are written to `beside`.
pub(crate) async fn run(global: &Global, args: &BulkArgs, beside: Option<&Path>, job: Job) -> Result<Report> {
    let file = context::named(args.from.as_deref(), "file")?;
    let results = results(file, args.results.as_deref(), &job)?;
    apart(&[Some(file), Some(results.as_path()), beside])?;
    let config = context::configuration(global).await?;
    let rows = input::read(file, args.format)?;
    let lines = lines::check(rows, &config, global.account(), (&job, args.allow_duplicates))?;
    let lines = only(&job, lines, config.account(global.account()).map(Account::name))?;
    // Clients before files: an incomplete configuration leaves no files behind.
    let lanes = lanes(global, &config, &lines)?;
    if let (Job::AccessCode { generate: Some(_), .. }, None) = (&job, beside) {
        let hint = "give one with --codes-to; only you will be able to read it";
        return Err(invalid("codes generated for several lines need an output file", hint));
    }
    let (journal, known) = Journal::open(&results, job.command())?;
    let beside = open(&job, beside, &known)?;
    // Last, because a rejected command must not leave files behind.
    journal.begin(job.command())?;
    let mut warnings: Vec<String> = known.warning(&results).into_iter().collect();
    if let Beside::Codes(sheet) = &beside {
        warnings.extend(sheet.warning.clone());
    }

    let (board, due) = queue(lines, &lanes, known, (&job, args));
    tell(&board, due, &results);
    let shop = Arc::new(Shop {
        progress: pool::progress(due, global.writes_to_stderr()),
        board: Mutex::new(board),
        broken: Mutex::default(),
        stop: watch::Sender::new(false),
        max_wait: args.max_wait,
        job,
        beside,
        journal,
    });
    let interrupted = pool::work(&shop, &lanes, args.concurrency, Signals::listen()?).await;
    // A failure was already reported when it happened.
    let _ = shop.journal.catch_up();
    shop.progress.finish_and_clear();
    let found = Found {
        about: About {
            command: shop.job.command(),
            account: lanes
                .first()
                .map(|lane| lane.account.clone())
                .filter(|_| matches!(shop.job, Job::Drain)),
            file: file.display().to_string(),
            results: results.display().to_string(),
        },
        lines: std::mem::take(&mut *shop.board()),
        end: End {
            stopped: lanes.iter().filter_map(|lane| lane.stopped()).collect(),
            interrupted,
            warnings,
            error: shop.broken.lock().unwrap_or_else(PoisonError::into_inner).take(),
        },
    };
    Ok(match shop.job {
        Job::Drain => Drained::of(found).report(),
        _ => Summary::of(found).report(),
    })
}

/// The results file: the given one, or one next to the input file.
fn results(file: &Path, named: Option<&Path>, job: &Job) -> Result<PathBuf> {
    if let Some(named) = named {
        return Ok(named.to_path_buf());
    }
    if is_standard_input(file) {
        let message = "--results is required when reading from standard input";
        return Err(invalid(message, "add --results FILE"));
    }
    let beside = |what: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".{what}.jsonl"));
        PathBuf::from(name)
    };
    // Several commands may work through one list. Earlier versions used one name for all commands: a run that was
    // started with it continues there, because with a new file every line would be done again.
    let (own, earlier) = (beside(job.command()), beside("results"));
    let goes_on = !own.exists() && earlier.exists() && journal::may_be_of(&earlier, job.command());
    Ok(if goes_on { earlier } else { own })
}

/// Rejects one file for two purposes: it would be overwritten while it is read.
fn apart(files: &[Option<&Path>]) -> Result<()> {
    let mut seen: Vec<PathBuf> = Vec::new();
    for file in files.iter().flatten() {
        let file = std::path::absolute(file).map_err(|error| cannot("found", file, &error))?;
        let file = file.canonicalize().unwrap_or(file);
        if seen.contains(&file) {
            let message = format!("{} is used for two purposes", file.display());
            return Err(invalid(message, "give different files"));
        }
        seen.push(file);
    }
    Ok(())
}

/// A client for each account in the file.
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

/// A drain is about one account; lines of other accounts are skipped.
fn only(job: &Job, mut lines: Vec<Line>, account: Result<&str>) -> Result<Vec<Line>> {
    if matches!(job, Job::Drain) {
        let account = account?;
        lines.retain(|line| line.key.account == account);
        if lines.is_empty() {
            let message = format!("no line of the file belongs to the account `{account}`");
            return Err(invalid(message, "give the account with --account"));
        }
    }
    Ok(lines)
}

fn open(job: &Job, path: Option<&Path>, known: &Known) -> Result<Beside> {
    match (job, path) {
        (Job::AccessCode { generate: Some(length), .. }, Some(path)) => {
            sheet::Sheet::open(path, *length, known).map(Beside::Codes)
        }
        (Job::Recipients, Some(path)) => records(path).map(Beside::Lists),
        _ => Ok(Beside::Nothing),
    }
}

/// Queues each line that has to be done at its account; the others keep their earlier result.
fn queue(
    lines: Vec<Line>,
    lanes: &[Arc<Lane>],
    mut known: Known,
    (job, args): (&Job, &BulkArgs),
) -> (Vec<Place>, usize) {
    let mut board = Vec::with_capacity(lines.len());
    let mut due = 0;
    for (index, line) in lines.into_iter().enumerate() {
        let standing = known.take_of(&line.key);
        let (number, key) = (line.number, Arc::clone(&line.key));
        let lane = lanes.iter().find(|lane| lane.account == line.key.account);
        if let (true, Some(lane)) = (job.is_due(&standing, args), lane) {
            lane.add(index, line);
            due += 1;
        }
        board.push(Place { number, key, standing, before: true, awaited: Vec::new() });
    }
    (board, due)
}

/// Reports that an earlier run is continued.
fn tell(board: &[Place], due: usize, results: &Path) {
    let before = board.iter().filter(|place| place.standing != Standing::NotBegun).count();
    if before > 0 && io::stderr().is_terminal() {
        let (results, lines) = (results.display(), board.len());
        note(&format!(
            "continuing with {results}: {before} of {lines} lines were started before, {due} are left to do\n"
        ));
    }
}
