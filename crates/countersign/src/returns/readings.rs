//! Remembers in this process when envelopes were read.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::locked;
use countersign_core::store::{Reading, Readings, Scope};
use countersign_core::{EnvelopeId, Recipients, Result, Timestamp};
use tokio::time::Instant;

const NANOSECOND: Duration = Duration::from_nanos(1);

/// Readings in the memory of this process, of up to 10,000 envelopes. When it is full, the envelope that was read
/// longest ago is removed.
#[derive(Debug, Default)]
pub struct MemoryReadings {
    book: Mutex<Book>,
}

/// The maximum number of envelopes.
const CAPACITY: usize = 10_000;

#[derive(Debug, Default)]
struct Book {
    rows: HashMap<(Scope, EnvelopeId), Row>,
    latest: Timestamp,
}

#[derive(Debug)]
struct Row {
    at: Timestamp,
    begun: Instant,
    list: Option<Recipients>,
}

#[async_trait]
impl Readings for MemoryReadings {
    async fn may_read(&self, scope: &Scope, envelope: &EnvelopeId, interval: Duration) -> Result<Reading> {
        let key = (scope.clone(), envelope.clone());
        let begun = Instant::now();
        let mut book = locked(&self.book);
        if let Some(row) = book.rows.get(&key) {
            let again_in = interval.saturating_sub(begun.saturating_duration_since(row.begun));
            if !again_in.is_zero() {
                return Ok(Reading::Before { at: row.at, again_in, list: row.list.clone() });
            }
        }
        // Times are also numbers of readings, so none is given out twice.
        book.latest = book.latest.saturating_add(NANOSECOND).unwrap_or(Timestamp::MAX).max(Timestamp::now());
        let at = book.latest;
        if book.rows.len() >= CAPACITY && !book.rows.contains_key(&key) {
            let oldest = book.rows.iter().min_by_key(|(_, row)| row.begun).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| book.rows.remove(&oldest));
        }
        book.rows.insert(key, Row { at, begun, list: None });
        Ok(Reading::Allowed { at })
    }

    async fn record(
        &self,
        scope: &Scope,
        envelope: &EnvelopeId,
        at: Timestamp,
        list: &Recipients,
    ) -> Result<()> {
        if let Some(row) = locked(&self.book).rows.get_mut(&(scope.clone(), envelope.clone()))
            && row.at == at
        {
            row.list = Some(list.clone());
        }
        Ok(())
    }

    async fn release(&self, scope: &Scope, envelope: &EnvelopeId, at: Timestamp) -> Result<()> {
        let key = (scope.clone(), envelope.clone());
        let mut book = locked(&self.book);
        if book.rows.get(&key).is_some_and(|row| row.at == at) {
            book.rows.remove(&key);
        }
        Ok(())
    }
}
