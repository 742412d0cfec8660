//! Runs one statement at a time, each a transaction of its own, within a limit.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::{Error, ErrorKind, Result, Timestamp, hidden};
use deadpool_postgres::{ClientWrapper, Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use futures_util::TryStreamExt as _;
use tokio::sync::OnceCell;
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Client, Config, Row};

use crate::connect::{Connector, Servers, connector};
use crate::error::{from_connecting, from_pool, from_statement, is_read_only, unavailable};
use crate::options::{Pooler, PostgresOptions};

/// A parameter.
pub(crate) type Value<'a> = &'a (dyn ToSql + Sync);

/// A parameter that knows its type, which a server behind a pooler cannot be asked for.
pub(crate) trait Typed: ToSql + Sync {
    fn kind(&self) -> Type;
}

macro_rules! typed {
    ($($rust:ty => $kind:ident)*) => {
        $(impl Typed for $rust {
            fn kind(&self) -> Type {
                Type::$kind
            }
        }

        impl Typed for Option<$rust> {
            fn kind(&self) -> Type {
                Type::$kind
            }
        })*
    };
}
typed!(&str => TEXT String => TEXT &[u8] => BYTEA Vec<u8> => BYTEA);
typed!(bool => BOOL i16 => INT2 i64 => INT8 Timestamp => TIMESTAMPTZ);

/// What a statement found or returned, and how many rows it changed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answer {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many rows were changed; of a `select`, how many were found.
    pub changed: u64,
}

/// Whether the user of this connection sees rows only in transactions that name their tenant. Asks about the table that
/// the other statements find, which need not be in the first schema of the search path.
const MUST_NAME: &str = "select coalesce(row_security_active(to_regclass('call')), false)";

/// For this transaction.
const NAME: &str = "select set_config('countersign.tenant', $1, true)";

/// The database, by way of a pool.
pub(crate) struct Database {
    pool: Pool,
    servers: Arc<Servers>,
    pooler: Pooler,
    timeout: Duration,
    must_name: OnceCell<bool>,
}

hidden!(Database { timeout });

impl Database {
    /// Connects when it is first used.
    pub(crate) fn new(options: &PostgresOptions) -> Result<Self> {
        let address = options.address()?;
        let tls = connector(address.root_certificates.as_deref())?;
        let mut config = address.config;
        if options.pooler == Pooler::None {
            config.options(session_options(config.get_options(), options.timeout));
        }
        let servers = Arc::new(Servers::new(&config, options.timeout, tls));
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(Config::new(), Connector(Arc::clone(&servers)), recycling);
        let pool = Pool::builder(manager).max_size(options.pool.max(1)).build();
        let pool = pool.map_err(|_| unavailable("the pool of connections cannot be made"))?;
        Ok(Self {
            pool,
            servers,
            pooler: options.pooler,
            timeout: options.timeout,
            must_name: OnceCell::new(),
        })
    }

    /// For statements about the rows of one scope, each of which names it; without a scope, as
    /// [`Database::across_scopes`].
    pub(crate) fn of<'d>(&'d self, scope: impl Into<Option<&'d str>>) -> Scoped<'d> {
        Scoped { database: self, scope: scope.into() }
    }

    /// For statements about the rows of several scopes, or of none: sweeping, checking, listing for an operator.
    pub(crate) fn across_scopes(&self) -> Scoped<'_> {
        Scoped { database: self, scope: None }
    }

    /// Begins a transaction that names whose rows it may see, where this user has to.
    pub(crate) async fn begin(
        &self,
        client: &ClientWrapper,
        scope: Option<&str>,
    ) -> std::result::Result<(), tokio_postgres::Error> {
        let must_name = self.must_name(client).await?;
        client.batch_execute("begin").await?;
        if must_name {
            // A scope such as `tenant/account` is the tenant's.
            let tenant = scope.map_or("*", |scope| scope.split('/').next().unwrap_or_default());
            self.run(client, NAME, &[Type::TEXT], &[&tenant]).await?;
        }
        Ok(())
    }

    /// Found out at the first use.
    async fn must_name(&self, client: &ClientWrapper) -> std::result::Result<bool, tokio_postgres::Error> {
        let find = || async {
            let answer = self.run(client, MUST_NAME, &[], &[]).await?;
            answer.rows.first().map_or(Ok(false), |row| row.try_get(0))
        };
        self.must_name.get_or_try_init(find).await.copied()
    }

    /// A connection of the pool.
    pub(crate) async fn lend(&self) -> Result<Loan> {
        let object = self.pool.get().await.map_err(|error| from_pool(&error))?;
        Ok(Loan(Some(object)))
    }

    /// Runs a statement on a connection.
    pub(crate) async fn run(
        &self,
        client: &ClientWrapper,
        sql: &str,
        types: &[Type],
        values: &[Value<'_>],
    ) -> std::result::Result<Answer, tokio_postgres::Error> {
        let values = values.iter().copied();
        let stream = match self.pooler {
            Pooler::None => {
                let prepared = client.prepare_typed_cached(sql, types).await?;
                client.query_raw(&prepared, values).await?
            }
            Pooler::Transaction => client.query_typed_raw(sql, values.zip(types.iter().cloned())).await?,
        };
        let mut stream = pin!(stream);
        let rows = stream.as_mut().try_collect().await?;
        Ok(Answer { rows, changed: stream.rows_affected().unwrap_or_default() })
    }

    /// Whether a connection can be used again after this error. If it leads to a server that has become a standby, the
    /// others do as well.
    pub(crate) fn is_usable_after(&self, error: &tokio_postgres::Error) -> bool {
        let is_standby = error.code().is_some_and(is_read_only);
        if is_standby {
            self.forget_idle();
        }
        error.code().is_some() && !is_standby
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Closes the connections that are not in use, because they probably are as useless as the one that failed.
    pub(crate) fn forget_idle(&self) {
        let _ = self.pool.retain(|_, _| false);
    }

    /// A connection of its own, for work that takes longer.
    pub(crate) async fn connection(&self) -> Result<Client> {
        match tokio::time::timeout(self.timeout, self.servers.open()).await {
            Ok(Ok((client, _))) => Ok(client),
            Ok(Err(error)) => Err(from_connecting(&error)),
            Err(_) => Err(unavailable("the database did not answer in time")),
        }
    }
}

/// The database for statements about one scope, or about all.
#[derive(Clone, Copy)]
pub(crate) struct Scoped<'d> {
    database: &'d Database,
    scope: Option<&'d str>,
}

impl Scoped<'_> {
    /// Runs a statement and returns its rows. After an error, it may have taken effect.
    pub(crate) async fn rows(&self, sql: &str, values: &[&dyn Typed]) -> Result<Vec<Row>> {
        let types: Vec<Type> = values.iter().map(|value| value.kind()).collect();
        let values: Vec<Value<'_>> = values.iter().map(|value| *value as Value<'_>).collect();
        Ok(self.answer(sql, &types, &values).await?.rows)
    }

    /// As [`Scoped::rows`], with how many rows were changed.
    pub(crate) async fn answer(&self, sql: &str, types: &[Type], values: &[Value<'_>]) -> Result<Answer> {
        match tokio::time::timeout(self.database.timeout, self.attempt(sql, types, values)).await {
            Ok(result) => result,
            Err(_) => {
                self.database.forget_idle();
                Err(unavailable("the database did not answer in time"))
            }
        }
    }

    /// Runs a statement and returns its first row.
    pub(crate) async fn row(&self, sql: &str, values: &[&dyn Typed]) -> Result<Option<Row>> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    async fn attempt(&self, sql: &str, types: &[Type], values: &[Value<'_>]) -> Result<Answer> {
        let database = self.database;
        let loan = database.lend().await?;
        let client = loan.client()?;
        let must_name = database.must_name(client).await.map_err(|error| from_statement(&error))?;
        let run = async {
            if !must_name {
                return database.run(client, sql, types, values).await;
            }
            database.begin(client, self.scope).await?;
            let answer = database.run(client, sql, types, values).await?;
            client.batch_execute("commit").await?;
            Ok(answer)
        };
        match run.await {
            Ok(answer) => {
                loan.give_back();
                Ok(answer)
            }
            Err(error) => {
                // A transaction that failed ends with its connection.
                if database.is_usable_after(&error) && !must_name {
                    loan.give_back();
                }
                Err(from_statement(&error))
            }
        }
    }
}

/// A connection in use. It returns to the pool only after its statement has ended: the answer to a statement whose
/// caller has left would otherwise be in the way of the next one, or never come.
pub(crate) struct Loan(Option<Object>);

impl Loan {
    pub(crate) fn client(&self) -> Result<&ClientWrapper> {
        self.0.as_deref().ok_or_else(|| unavailable("there is no connection to the database"))
    }

    pub(crate) fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

/// The options of each session: a commit waits for the standby, whatever the server's or the user's default is, and the
/// server gives up a statement when its caller does. Later options win.
fn session_options(given: Option<&str>, timeout: Duration) -> String {
    let (given, limit) = (given.unwrap_or_default(), timeout.as_millis().max(1));
    format!("-c synchronous_commit=on {given} -c statement_timeout={limit}")
}

/// A column of a row.
pub(crate) fn column<'r, T: FromSql<'r>>(row: &'r Row, name: &str) -> Result<T> {
    row.try_get(name).map_err(|_| {
        Error::new(ErrorKind::Unexpected, format!("the column `{name}` of the database has an unknown form"))
    })
}

/// A duration as a parameter, at most about a hundred years.
pub(crate) fn millis(duration: Duration) -> i64 {
    const LONGEST: i64 = 100 * 365 * 24 * 3600 * 1000;
    i64::try_from(duration.as_millis()).map_or(LONGEST, |millis| millis.min(LONGEST))
}
