//! What a call under a key costs in each store: its three commits (`claim`, `mark_in_flight`, `complete`), without the
//! vendor, beside the same statements written by hand.
//!
//! `cargo bench -p countersign-tests --bench stores` prints the table, in Markdown; `-- --smoke` only checks that it
//! runs; `-- --only sqlite,postgres` chooses stores; `-- --folder DIR` says on which disk the files are, in place of
//! the folder for temporary files. A PostgreSQL server is started there, and left out where the program is missing.
//! Rows take turns, and each figure is the median of the rounds.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark prints its table, and stops where it fails"
)]

mod by_hand;
mod keyed;
#[path = "../overhead/measure.rs"]
mod measure;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::ledger::MemoryLedger;
use countersign::secrecy::SecretString;
use countersign_postgres::{Pooler, Postgres, PostgresOptions};
use countersign_sqlite::Sqlite;
use countersign_testkit::servers::PgServer;
use countersign_vault::{KeyEncryptionKey, Vault};
use measure::{Sample, median, run};
use tokio::runtime::Runtime;

use self::keyed::{Call, Keyed};

/// One store, by way of the library or by hand.
struct Subject {
    name: &'static str,
    concurrent: &'static [usize],
    call: Arc<dyn Call>,
}

const BOTH: &[usize] = &[1, 16];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let (round, rounds) = if smoke { (Duration::from_millis(20), 1) } else { (Duration::from_secs(1), 7) };
    let only = value("--only");
    let wanted =
        |name: &str| only.as_ref().is_none_or(|list| list.split(',').any(|word| name.starts_with(word)));
    let base = value("--folder").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = Folder::new(&base);

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut subjects = vec![Subject::new("memory", Keyed::new(MemoryLedger::default()))];
    if wanted("sqlite") {
        subjects.extend(sqlite(&folder.0));
    }
    let server = wanted("postgres").then(|| PgServer::start_in(&base)).flatten();
    if let Some(server) = &server {
        subjects.extend(runtime.block_on(postgres(server)));
    }
    subjects.retain(|subject| wanted(subject.name));

    let sync = sync(&folder.0, if smoke { 3 } else { 301 });
    println!("One write of 4 KiB and its sync to this disk: {sync:.0} µs.\n");
    println!("| store | calls at once | p50 ms | p99 ms | calls/s | CPU µs of this process |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (subject, concurrent, samples) in measure(&runtime, &subjects, round, rounds) {
        let of = |column: fn(&Sample) -> f64| median(samples.iter().map(column).collect());
        println!(
            "| {} | {concurrent} | {:.3} | {:.2} | {:.0} | {:.0} |",
            subject.name,
            of(|sample| sample.p50_micros) / 1e3,
            of(|sample| sample.p99_micros) / 1e3,
            of(|sample| sample.per_second),
            of(|sample| sample.cpu_micros),
        );
    }
    // The pools' connections belong to the runtime, and the server's folder outlives them.
    drop(subjects);
    drop(runtime);
    drop(server);
}

impl Subject {
    fn new(name: &'static str, call: impl Call) -> Self {
        Self { name, concurrent: BOTH, call: Arc::new(call) }
    }
}

/// The rows take turns, so that a machine that slows down slows all; the first round of each, which warms up
/// connections and caches, is left out.
fn measure<'s>(
    runtime: &Runtime,
    subjects: &'s [Subject],
    round: Duration,
    rounds: usize,
) -> Vec<(&'s Subject, usize, Vec<Sample>)> {
    let mut rows: Vec<_> = subjects
        .iter()
        .flat_map(|subject| {
            subject.concurrent.iter().map(move |concurrent| (subject, *concurrent, Vec::new()))
        })
        .collect();
    for number in 0..=rounds {
        for (subject, concurrent, samples) in &mut rows {
            let call = Arc::clone(&subject.call);
            let sample = runtime.block_on(run(*concurrent, round, move || {
                let call = Arc::clone(&call);
                async move { call.once().await }
            }));
            if number > 0 {
                samples.push(sample);
            }
        }
    }
    rows
}

fn vault() -> Vault {
    Vault::new([KeyEncryptionKey::random().unwrap()]).unwrap()
}

fn sqlite(folder: &Path) -> Vec<Subject> {
    let ledger = Sqlite::open(&folder.join("state.db"), vault()).unwrap();
    let by_hand = folder.join("by_hand.db");
    drop(Sqlite::open(&by_hand, vault()).unwrap());
    let by_hand = by_hand::OverSqlite::open(&by_hand);
    let by_hand = Subject { concurrent: &[1], ..Subject::new("sqlite, by hand", by_hand) };
    vec![Subject::new("sqlite", Keyed::new(ledger)), by_hand]
}

async fn postgres(server: &PgServer) -> Vec<Subject> {
    // A database for each, so that one table's size is not in the way of the others.
    let (url, mut subjects) = (server.database(), Vec::new());
    Postgres::migrate(&PostgresOptions::new(SecretString::from(url.as_str()))).await.unwrap();
    let ways = [("postgres", Pooler::None), ("postgres, `Pooler::Transaction`", Pooler::Transaction)];
    for (name, pooler) in ways {
        let url = server.database();
        let options = PostgresOptions { pooler, ..PostgresOptions::new(SecretString::from(url.as_str())) };
        Postgres::migrate(&options).await.unwrap();
        subjects.push(Subject::new(name, Keyed::new(Postgres::connect(&options, vault()).await.unwrap())));
    }
    let by_hand = by_hand::OverPostgres::connect(&url, 16).await;
    subjects.push(Subject::new("postgres, by hand", by_hand));
    subjects
}

/// The time of one write with its sync, in microseconds: what the disk asks for each commit.
fn sync(folder: &Path, count: usize) -> f64 {
    let mut file = std::fs::File::create(folder.join("sync")).unwrap();
    let times = (0..count).map(|_| {
        let begun = Instant::now();
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        begun.elapsed().as_secs_f64() * 1e6
    });
    median(times.collect())
}

/// A new folder, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(base: &Path) -> Self {
        let folder = base.join(format!("countersign-bench-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
