//! Commits of several rows that come at the same time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use countersign::{Error, ErrorKind, Outcome, Result, Retry};
use tokio::sync::oneshot;

use crate::db::{Db, Value};

/// The most rows of a commit.
const GROUP: usize = 50;

/// A row that waits for its commit.
struct Waiting {
    /// Replicas that insert the same rows wait for each other only if all do so in one order.
    order: String,
    values: [Value; 4],
    kept: oneshot::Sender<bool>,
}

/// Groups what arrives at the same time: the first one commits for all who wait meanwhile.
#[derive(Default)]
pub(super) struct Grouped {
    waiting: Mutex<Vec<Waiting>>,
    turn: tokio::sync::Mutex<()>,
}

pub(super) fn not_kept() -> Error {
    Error::new(ErrorKind::Unavailable, "the report cannot be kept")
        .with_outcome(Outcome::NoEffect, Retry::After(None))
}

impl Grouped {
    /// Keeps a row; several that come at once are kept in one commit.
    pub(super) async fn keep(self: Arc<Self>, db: Db, order: String, values: [Value; 4]) -> Result<()> {
        let (kept, mut result) = oneshot::channel();
        self.queue().push(Waiting { order, values, kept });
        loop {
            let turn = tokio::select! {
                biased;
                kept = &mut result => return if kept == Ok(true) { Ok(()) } else { Err(not_kept()) },
                turn = self.turn.lock() => turn,
            };
            let mut group: Vec<Waiting> = {
                let mut queue = self.queue();
                let count = queue.len().min(GROUP);
                queue.drain(..count).collect()
            };
            group.sort_by(|one, other| one.order.cmp(&other.order));
            let is_kept = insert(&db, &group).await;
            if let Err(error) = &is_kept {
                tracing::error!(%error, "reports of vendors cannot be kept");
            }
            for one in group {
                // Its sender may have gone away; it will send again.
                let _ = one.kept.send(is_kept.is_ok());
            }
            drop(turn);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn insert(db: &Db, group: &[Waiting]) -> Result<()> {
    let row = |number: usize| {
        let [one, two, three, four] = [1, 2, 3, 4].map(|column| number * 4 + column);
        format!("(${one}, ${two}, ${three}, ${four}, now_us())")
    };
    let rows: Vec<String> = (0..group.len()).map(row).collect();
    let sql = format!(
        "insert into gateway_inbox (tenant, account, key, sealed, received_at) values {} \
         on conflict (account, key) do nothing",
        rows.join(", ")
    );
    let values: Vec<Value> = group.iter().flat_map(|one| one.values.clone()).collect();
    db.across_tenants().write(&sql, &values).await.map(drop)
}
