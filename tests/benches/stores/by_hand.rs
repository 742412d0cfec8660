//! The same three commits on the same tables, without the library: nothing is sealed, and no fingerprint is made.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use countersign::async_trait::async_trait;
use rusqlite::Connection;
use tokio_postgres::{Client, NoTls, Statement};

use super::keyed::Call;

const SEALED: &[u8] = &[7; 120];

/// One connection, with the settings of the store.
pub(crate) struct OverSqlite {
    connection: Mutex<Connection>,
    last: AtomicI64,
}

impl OverSqlite {
    pub(crate) fn open(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "synchronous", "full").unwrap();
        Self { connection: Mutex::new(connection), last: AtomicI64::new(0) }
    }
}

#[async_trait]
impl Call for OverSqlite {
    async fn once(&self) {
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        let key = format!("invoice-{number}:reminder");
        let connection = self.connection.lock().unwrap();
        let execute = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
            connection.prepare_cached(sql).unwrap().execute(values).unwrap();
        };
        execute("begin immediate", &[]);
        execute("update fence set last = last + 1", &[]);
        execute(
            "insert into call (scope, key, state, claimed_at, fencing_token, lease_until, fingerprint, operation, \
             vendor, account, envelope, recipient) values ('sales', ?1, 'claimed', 1, ?2, 2, ?3, 'resend_recipient', \
             'docusign', 'sales', '9e5651b0-ef95-4636-a92c-f1b6c5d28768', ?3)",
            &[&key, &number, &SEALED],
        );
        execute("commit", &[]);
        execute(
            "update call set state = 'in_flight', effect = 40, marked_at = 3 where scope = 'sales' and key = ?1 \
             and fencing_token = ?2",
            &[&key, &number],
        );
        execute(
            "update call set state = 'completed', reply = ?3, ended_at = 4, expires_at = 9000000000000000 \
             where scope = 'sales' and key = ?1 and fencing_token = ?2",
            &[&key, &number, &SEALED],
        );
    }
}

/// As many connections as callers.
pub(crate) struct OverPostgres {
    idle: Mutex<Vec<Prepared>>,
    last: AtomicI64,
}

struct Prepared {
    client: Client,
    statements: [Statement; 3],
}

const CLAIM: &str = "insert into call (scope, key, state, fencing_token, lease_until, fingerprint, operation, vendor, \
                     account, envelope, recipient) values ('sales', $1, 'claimed', nextval('fence'), \
                     now() + interval '90 s', $2, 'resend_recipient', 'docusign', 'sales', \
                     '9e5651b0-ef95-4636-a92c-f1b6c5d28768', $2) on conflict do nothing returning fencing_token";

const MARK: &str = "update call set state = 'in_flight', effect = 40, marked_at = now(), \
                    lease_until = now() + interval '90 s' \
                    where scope = 'sales' and key = $1 and fencing_token = $2 returning 1";

const COMPLETE: &str = "update call set state = 'completed', reply = $3, ended_at = now(), \
                        expires_at = now() + interval '1 day' \
                        where scope = 'sales' and key = $1 and fencing_token = $2 returning 1";

impl OverPostgres {
    pub(crate) async fn connect(url: &str, connections: usize) -> Self {
        let mut idle = Vec::new();
        for _ in 0..connections {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(connection);
            let statements = [
                client.prepare(CLAIM).await.unwrap(),
                client.prepare(MARK).await.unwrap(),
                client.prepare(COMPLETE).await.unwrap(),
            ];
            idle.push(Prepared { client, statements });
        }
        Self { idle: Mutex::new(idle), last: AtomicI64::new(0) }
    }
}

#[async_trait]
impl Call for OverPostgres {
    async fn once(&self) {
        let key = format!("invoice-{}:reminder", self.last.fetch_add(1, Ordering::Relaxed));
        let prepared = self.idle.lock().unwrap().pop().unwrap();
        let (client, [claim, mark, complete]) = (&prepared.client, &prepared.statements);
        let row = client.query_one(claim, &[&key, &SEALED]).await.unwrap();
        let token: i64 = row.get(0);
        client.query_one(mark, &[&key, &token]).await.unwrap();
        client.query_one(complete, &[&key, &token, &SEALED]).await.unwrap();
        self.idle.lock().unwrap().push(prepared);
    }
}
