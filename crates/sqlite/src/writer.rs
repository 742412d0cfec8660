//! The one thread that uses the connection. Changes that arrive while it waits for the disk share the next commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use countersign_core::{Error, Result, hidden, locked};
use countersign_vault::{KeyCache, Vault};
use rusqlite::{Connection, Params, Row};
use tokio::sync::oneshot;

use crate::connection::Turns;
use crate::error::{damaged, from_sqlite, unavailable};
use crate::time::{self, Tidy};

/// The most jobs that share a commit.
const BATCH: usize = 64;

/// What a job works with, inside a transaction.
pub(crate) struct Work<'c> {
    connection: &'c Connection,
    pub(crate) keys: &'c Keys,
    /// The store's time.
    pub(crate) now: i64,
}

impl Work<'_> {
    /// Runs a statement; returns how many rows it changed.
    pub(crate) fn change(&self, sql: &str, values: impl Params) -> Result<usize> {
        let run = || self.connection.prepare_cached(sql)?.execute(values);
        run().map_err(|error| from_sqlite(&error))
    }

    /// All rows of a query.
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let run = || -> rusqlite::Result<Vec<T>> {
            self.connection.prepare_cached(sql)?.query_map(values, read)?.collect()
        };
        run().map_err(|error| from_sqlite(&error))
    }

    /// The first row of a query.
    pub(crate) fn row<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.rows(sql, values, read)?.into_iter().next())
    }

    /// The time that this will be after a while.
    pub(crate) fn after(&self, time: Duration) -> i64 {
        self.now.saturating_add(time::micros(time))
    }

    /// A number that was never given out before.
    pub(crate) fn next_number(&self) -> Result<i64> {
        let number = self.row("update fence set last = last + 1 returning last", [], |row| row.get(0))?;
        number.ok_or_else(damaged)
    }
}

trait Job: Send {
    /// Runs inside the transaction; whether its changes should be kept.
    fn run(&mut self, work: &Work<'_>) -> bool;
    /// After the commit, or with the error that prevented it.
    fn finish(self: Box<Self>, failed: Option<&Error>);
}

struct Task<F, T> {
    job: Option<F>,
    result: Option<Result<T>>,
    /// `None` if no caller waits.
    reply: Option<oneshot::Sender<Result<T>>>,
}

impl<T: Send, F: FnOnce(&Work<'_>) -> Result<T> + Send> Job for Task<F, T> {
    fn run(&mut self, work: &Work<'_>) -> bool {
        // A panic in one job must not end the thread that all others need.
        let run = self.job.take().map(|job| catch_unwind(AssertUnwindSafe(|| job(work))));
        let result = run.and_then(std::result::Result::ok).unwrap_or_else(|| Err(damaged()));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn finish(self: Box<Self>, failed: Option<&Error>) {
        let Some(reply) = self.reply else { return };
        let result = match (self.result, failed) {
            (Some(Err(own)), _) => Err(own),
            (_, Some(failed)) => Err(failed.clone()),
            (Some(done), None) => done,
            (None, None) => Err(damaged()),
        };
        // The caller may have been dropped.
        let _ = reply.send(result);
    }
}

/// Hands jobs to the thread. The last clone waits for the jobs that are left, and closes the file.
#[derive(Clone)]
pub(crate) struct Writer(Arc<Inner>);

struct Inner {
    turns: Turns,
    jobs: Mutex<Option<Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

hidden!(Writer {});

impl Writer {
    pub(crate) fn start(connection: Connection, keys: Keys) -> Result<Self> {
        let (sender, receiver) = channel();
        let turns = Turns::default();
        let own = turns.clone();
        let thread = std::thread::Builder::new()
            .name("countersign-sqlite".to_owned())
            .spawn(move || serve(&connection, &keys, &own, &receiver))
            .map_err(|_| unavailable("the thread of the database cannot be started"))?;
        Ok(Self(Arc::new(Inner { turns, jobs: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })))
    }

    pub(crate) fn turns(&self) -> Turns {
        self.0.turns.clone()
    }

    /// Runs a job in a transaction. Its changes are on disk when this returns `Ok`. A caller that is dropped does
    /// not stop the job.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Work<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, result) = oneshot::channel();
        self.send(Task { job: Some(job), result: None, reply: Some(reply) });
        result.await.unwrap_or_else(|_| Err(unavailable("the thread of the database has ended")))
    }

    /// Runs a job some time later, if the process lives that long. Never waits.
    pub(crate) fn later(&self, job: impl FnOnce(&Work<'_>) -> Result<()> + Send + 'static) {
        self.send(Task { job: Some(job), result: None, reply: None });
    }

    fn send<T: Send + 'static, F: FnOnce(&Work<'_>) -> Result<T> + Send + 'static>(&self, task: Task<F, T>) {
        if let Some(jobs) = &*locked(&self.0.jobs) {
            // Without the thread, the caller's receiver reports it.
            let _ = jobs.send(Box::new(task));
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        locked(&self.jobs).take();
        if let Some(thread) = locked(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

fn serve(connection: &Connection, keys: &Keys, turns: &Turns, jobs: &Receiver<Box<dyn Job>>) {
    let mut tidy = Tidy::default();
    while let Ok(first) = jobs.recv() {
        let turn = turns.wait();
        let mut batch = vec![first];
        batch.extend(jobs.try_iter().take(BATCH - 1));
        let failed = commit(connection, keys, &mut batch).err();
        if failed.is_some() {
            // Keys that were created in the transaction are not in the file.
            keys.forget();
            if !connection.is_autocommit() {
                let _ = connection.execute_batch("rollback");
            }
        }
        for job in batch {
            job.finish(failed.as_ref());
        }
        // This writes as well.
        tidy.now_and_then(connection);
        drop(turn);
    }
}

/// Runs jobs in one transaction. Each has a savepoint, so that one that fails takes back its own changes only.
fn commit(connection: &Connection, keys: &Keys, batch: &mut [Box<dyn Job>]) -> Result<()> {
    let execute = |sql| -> Result<()> {
        let run = || connection.prepare_cached(sql)?.execute([]);
        run().map(|_| ()).map_err(|error| from_sqlite(&error))
    };
    execute("begin immediate")?;
    for job in batch {
        execute("savepoint job")?;
        let work = Work { connection, keys, now: time::now() };
        if !job.run(&work) {
            keys.forget();
            // Some errors, such as a full disk, have ended the whole transaction.
            if connection.is_autocommit() {
                return Err(unavailable("the changes could not be written"));
            }
            execute("rollback to job")?;
        }
        execute("release job")?;
    }
    execute("commit")
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use countersign_core::ErrorKind;
    use countersign_vault::{KeyEncryptionKey, Vault};

    use super::*;

    fn start() -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("create table t (name text not null unique)").unwrap();
        let vault = Vault::new([KeyEncryptionKey::random().unwrap()]).unwrap();
        Writer::start(connection, Keys::new(vault)).unwrap()
    }

    fn add(name: &'static str) -> impl FnOnce(&Work<'_>) -> Result<()> + Send {
        move |work| work.change("insert into t (name) values (?1)", [name]).map(|_| ())
    }

    async fn names(writer: &Writer) -> Vec<String> {
        writer.run(|work| work.rows("select name from t order by name", [], |row| row.get(0))).await.unwrap()
    }

    /// The first job holds the thread, so that the others share a commit.
    #[tokio::test]
    async fn jobs_that_share_a_commit_fail_alone() {
        let writer = start();
        let (go, wait) = mpsc::channel::<()>();
        writer.later(move |_| wait.recv().map_err(|_| damaged()));
        let failing = |work: &Work<'_>| {
            work.change("insert into t (name) values ('taken back')", [])?;
            Err::<(), _>(unavailable("for a reason of its own"))
        };
        let panicking = |work: &Work<'_>| {
            work.change("insert into t (name) values ('taken back, too')", [])?;
            panic!("a mistake in a job")
        };
        let (one, failed, panicked, other) = (
            writer.run(add("one")),
            writer.run(failing),
            writer.run::<()>(panicking),
            writer.run(add("other")),
        );
        let release = async { go.send(()).unwrap() };
        let (one, failed, panicked, other, ()) = tokio::join!(one, failed, panicked, other, release);
        one.unwrap();
        other.unwrap();
        assert_eq!(failed.unwrap_err().message(), "for a reason of its own");
        assert_eq!(panicked.unwrap_err().kind(), ErrorKind::Unexpected);
        assert_eq!(names(&writer).await, ["one", "other"]);
    }

    #[tokio::test]
    async fn jobs_whose_commit_fails_all_fail() {
        let writer = start();
        let (go, wait) = mpsc::channel::<()>();
        writer.later(move |_| wait.recv().map_err(|_| damaged()));
        // Ends the transaction behind the back of the others, as a full disk does.
        let ends = |work: &Work<'_>| {
            work.change("insert or rollback into t (name) select 'twice' union all select 'twice'", [])
                .map(|_| ())
        };
        let (one, ended, other) = (writer.run(add("one")), writer.run(ends), writer.run(add("other")));
        let release = async { go.send(()).unwrap() };
        let (one, ended, other, ()) = tokio::join!(one, ended, other, release);
        assert!(one.is_err() && ended.is_err() && other.is_err());
        assert_eq!(names(&writer).await, Vec::<String>::new());
        writer.run(add("later")).await.unwrap();
        assert_eq!(names(&writer).await, ["later"]);
    }
}

/// The operator's keys, and the keys of scopes that they have unwrapped.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) vault: Vault,
    pub(crate) seal: KeyCache,
    pub(crate) fingerprint: KeyCache,
}

impl Keys {
    pub(crate) fn new(vault: Vault) -> Self {
        Self { vault, seal: KeyCache::default(), fingerprint: KeyCache::default() }
    }

    /// After a transaction that was taken back: the keys that it created do not exist.
    pub(crate) fn forget(&self) {
        self.seal.clear();
        self.fingerprint.clear();
    }
}
