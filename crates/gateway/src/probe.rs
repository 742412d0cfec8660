//! Whether the database takes changes: one that only answers may be on a full or read-only disk. And whether its clock
//! agrees with this machine's.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use countersign::Result;
use tokio::sync::Mutex;

use crate::db::Db;

/// How long the database may take while the gateway is ready.
const TIME: Duration = Duration::from_secs(1);

/// How long a finding is good: anyone may ask, and each probe waits for the disk.
const FRESH: Duration = Duration::from_secs(1);

/// How far the clocks may be apart: webhooks and tokens have times.
const CLOCKS: Duration = Duration::from_secs(120);

/// Finds out, and logs when it changes.
pub(crate) struct Probe {
    db: Db,
    last: Mutex<Option<(Instant, Option<String>)>>,
}

impl Probe {
    pub(crate) fn new(db: Db) -> Self {
        Self { db, last: Mutex::default() }
    }

    /// Why the database takes no changes, or cannot be used otherwise, if so.
    pub(crate) async fn failure(&self) -> Option<String> {
        let mut last = self.last.lock().await;
        let fresh = last.as_ref().filter(|(at, _)| at.elapsed() < FRESH);
        if let Some((_, failure)) = fresh {
            return failure.clone();
        }
        let failure = match tokio::time::timeout(TIME, self.write()).await {
            Ok(Ok(apart)) if apart <= CLOCKS => None,
            Ok(Ok(apart)) => {
                Some(format!("the clock is {} seconds away from the database's", apart.as_secs()))
            }
            Ok(Err(error)) => Some(error.message().to_owned()),
            Err(_) => Some("the database does not answer".to_owned()),
        };
        let before = last.take().and_then(|(_, failure)| failure);
        match (&before, &failure) {
            (None, Some(reason)) => tracing::warn!(reason, "not ready"),
            (Some(_), None) => tracing::warn!("ready again"),
            _ => {}
        }
        *last = Some((Instant::now(), failure.clone()));
        failure
    }

    /// Changes nothing in the end, but has to reach the disk: a database writes no row that stays as it is. Returns how
    /// far the clocks are apart.
    async fn write(&self) -> Result<Duration> {
        let mut work = self.db.across_tenants().begin().await?;
        work.execute("insert into gateway_schema_step (number, sha256, at) values (-1, '', 0)", &[]).await?;
        work.execute("delete from gateway_schema_step where number = -1", &[]).await?;
        let theirs = work.query_one("select now_us()", &[]).await?.int(0)?;
        let ours = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        work.commit().await?;
        Ok(ours.abs_diff(Duration::from_micros(theirs.unsigned_abs())))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex as StdMutex};

    use super::*;
    use crate::db::migrate;

    #[derive(Clone, Default)]
    struct Log(Arc<StdMutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_database_that_only_answers_is_not_ready_and_that_is_logged_once() {
        let log = Log::default();
        let lines = log.clone();
        let subscriber = tracing_subscriber::fmt().json().with_writer(move || lines.clone()).finish();
        let _log = tracing::subscriber::set_default(subscriber);
        let file = std::env::temp_dir().join(format!("probe-{}.db", uuid::Uuid::now_v7().simple()));
        let db = Db::sqlite(&file, countersign_sqlite::Turns::default()).unwrap();
        migrate(&db).await.unwrap();
        let probe = Probe::new(db.clone());
        let again = || async {
            if let Some((at, _)) = probe.last.lock().await.as_mut() {
                *at -= FRESH;
            }
            probe.failure().await
        };
        // What another connection notices was written.
        let other = rusqlite::Connection::open(&file).unwrap();
        let version = || other.query_row("pragma data_version", [], |row| row.get::<_, i64>(0)).unwrap();
        let before = version();
        assert_eq!(probe.failure().await, None);
        assert_ne!(version(), before, "the probe reached the disk");
        db.across_tenants().write("pragma query_only = 1", &[]).await.unwrap();
        assert_eq!(probe.failure().await, None, "what was found a moment ago");
        let reason = Some("the database is read-only".to_owned());
        assert_eq!([again().await, again().await], [reason.clone(), reason]);
        db.across_tenants().write("pragma query_only = 0", &[]).await.unwrap();
        assert_eq!(again().await, None);
        let said = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(said.lines().count(), 2, "{said}");
        assert!(said.contains("WARN") && said.contains("the database is read-only"), "{said}");
        for rest in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{rest}", file.display()));
        }
    }
}
