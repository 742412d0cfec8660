//! Statements of an application's own, in the database of a store.

use std::sync::Arc;
use std::time::Duration;

use countersign_core::{Error, Result, hidden};
pub use tokio_postgres::types::{ToSql, Type};
pub use tokio_postgres::{Column, Row};

pub use crate::database::Answer;
use crate::database::{Loan, Value};
use crate::error::{from_statement, unavailable};
use crate::store::{Inner, Postgres};

/// Runs an application's own statements on the connections of a store, with its limits. An application must leave the
/// tables of the store alone.
#[derive(Debug, Clone)]
pub struct Sql {
    inner: Arc<Inner>,
    tenant: Option<String>,
}

/// Several statements that take effect together, or not at all. After an error, the transaction is over.
pub struct Transaction {
    inner: Arc<Inner>,
    loan: Option<Loan>,
    limit: Duration,
}

hidden!(Transaction {});

impl Postgres {
    /// The connections of this store, for an application's own statements.
    #[must_use]
    pub fn sql(&self) -> Sql {
        Sql { inner: Arc::clone(&self.0), tenant: None }
    }
}

impl Sql {
    /// For statements about the rows of one tenant. A user of the database to whom row-level security applies sees no
    /// others, and without it those of all tenants.
    #[must_use]
    pub fn of(&self, tenant: &str) -> Self {
        Self { inner: Arc::clone(&self.inner), tenant: Some(tenant.to_owned()) }
    }

    /// Runs a statement, which is a transaction of its own. After an error, it may have taken effect.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer, `Config` if it rejects the statement.
    pub async fn run(&self, sql: &str, types: &[Type], values: &[Value<'_>]) -> Result<Answer> {
        self.inner.database.of(self.tenant.as_deref()).answer(sql, types, values).await
    }

    /// Begins a transaction, in which no statement may take longer than a call to the store.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn begin(&self) -> Result<Transaction> {
        let database = &self.inner.database;
        let limit = database.timeout();
        let begin = async {
            let loan = database.lend().await?;
            let begun = database.begin(loan.client()?, self.tenant.as_deref()).await;
            begun.map_err(|error| from_statement(&error))?;
            Ok::<_, Error>(loan)
        };
        let Ok(loan) = tokio::time::timeout(limit, begin).await else {
            database.forget_idle();
            return Err(late());
        };
        Ok(Transaction { inner: Arc::clone(&self.inner), loan: Some(loan?), limit })
    }
}

impl Transaction {
    /// From now on, statements may take this long.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn allow(&mut self, limit: Duration) -> Result<()> {
        self.limit = limit;
        self.batch(&format!("set local statement_timeout = {}", limit.as_millis())).await
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer, `Config` if it rejects the statement.
    pub async fn run(&mut self, sql: &str, types: &[Type], values: &[Value<'_>]) -> Result<Answer> {
        let loan = self.take()?;
        let running = self.inner.database.run(loan.client()?, sql, types, values);
        let done = tokio::time::timeout(self.limit, running).await;
        self.after(loan, done)
    }

    /// Runs several statements without parameters, with semicolons between them.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer, `Config` if it rejects a statement.
    pub async fn batch(&mut self, sql: &str) -> Result<()> {
        let loan = self.take()?;
        let done = tokio::time::timeout(self.limit, loan.client()?.batch_execute(sql)).await;
        self.after(loan, done)
    }

    /// Keeps the changes.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer. Then the changes may have been kept.
    pub async fn commit(mut self) -> Result<()> {
        self.batch("commit").await?;
        self.take().map(Loan::give_back)
    }

    fn take(&mut self) -> Result<Loan> {
        self.loan.take().ok_or_else(|| unavailable("the transaction is over"))
    }

    fn after<T>(
        &mut self,
        loan: Loan,
        done: std::result::Result<std::result::Result<T, tokio_postgres::Error>, tokio::time::error::Elapsed>,
    ) -> Result<T> {
        match done {
            Ok(Ok(answer)) => {
                self.loan = Some(loan);
                Ok(answer)
            }
            Ok(Err(error)) => {
                if self.inner.database.is_usable_after(&error) {
                    roll_back(loan, self.limit);
                }
                Err(from_statement(&error))
            }
            Err(_) => {
                self.inner.database.forget_idle();
                Err(late())
            }
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(loan) = self.loan.take() {
            roll_back(loan, self.limit);
        }
    }
}

/// Outside of a runtime the connection is closed, and the server rolls back.
fn roll_back(loan: Loan, limit: Duration) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    runtime.spawn(async move {
        let Ok(client) = loan.client() else { return };
        if let Ok(Ok(())) = tokio::time::timeout(limit, client.batch_execute("rollback")).await {
            loan.give_back();
        }
    });
}

fn late() -> Error {
    unavailable("the database did not answer in time")
}
