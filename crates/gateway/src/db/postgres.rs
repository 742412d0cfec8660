//! The tables in PostgreSQL, on the connections of the store.

use std::borrow::Cow;
use std::time::Duration;

use countersign::{Error, ErrorKind, Result};
use countersign_postgres::sql::{Answer, Row as Found, Sql, ToSql, Transaction, Type};

use super::value::{Cell, Row, Value};

/// How long changing the tables may take.
const CHANGE: Duration = Duration::from_secs(300);

/// What SQLite calls otherwise.
const WORDS: [(&str, &str); 4] = [
    ("integer not null primary key autoincrement", "bigint generated always as identity primary key"),
    (" integer", " bigint"),
    (" blob", " bytea"),
    (") strict;", ");"),
];

/// The clock, as the same function that SQLite gets from this program. Two processes that make it at once can fail on
/// each other, so it waits for those that are about to.
const CLOCK: &str = "lock table gateway_schema_step in exclusive mode; \
    create or replace function now_us() returns bigint language sql stable parallel safe as \
    $$ select (extract(epoch from statement_timestamp()) * 1000000)::bigint $$";

/// New tables go beside those that are there, also if a schema was made since then that comes first in the search path.
const PLACE: &str = "select set_config('search_path', relnamespace::regnamespace::text, true) from pg_class \
    where oid = to_regclass('gateway_schema_step')";

/// Lets a user who does not own the tables see only the rows of the tenant that its transaction names; `*` names all.
const ROW_SECURITY: &str = "do $$ declare found record; begin for found in \
    select relname, case relname when 'gateway_tenant' then 'id' else 'tenant' end as tenant from pg_class \
    where pg_table_is_visible(oid) and relkind = 'r' and not relrowsecurity \
    and (relname = 'gateway_tenant' or relname like 'gateway\\_%' and exists \
    (select from pg_attribute where attrelid = pg_class.oid and attname = 'tenant' and not attisdropped)) \
    loop execute format('alter table %I enable row level security', found.relname); \
    execute format('create policy tenant on %I using (current_setting(''countersign.tenant'', true) in (%I, ''*''))', \
    found.relname, found.tenant); end loop; end $$";

#[derive(Clone)]
pub(super) struct Postgres(Sql);

/// A transaction. After an error it is over.
pub(super) struct Work(Transaction);

impl Postgres {
    pub(super) fn new(sql: Sql) -> Self {
        Self(sql)
    }

    pub(super) async fn run(
        &self,
        tenant: Option<&str>,
        sql: &str,
        values: &[Value],
    ) -> Result<(u64, Vec<Row>)> {
        let (types, values) = parameters(values);
        rows(&self.of(tenant).run(&text(sql), &types, &values).await?)
    }

    pub(super) async fn begin(&self, tenant: Option<&str>) -> Result<Work> {
        self.of(tenant).begin().await.map(Work)
    }

    /// Where the user of the database sees only the rows of the tenant that is named.
    fn of(&self, tenant: Option<&str>) -> Sql {
        tenant.map_or_else(|| self.0.clone(), |tenant| self.0.of(tenant))
    }
}

impl Work {
    pub(super) async fn run(&mut self, sql: &str, values: &[Value]) -> Result<(u64, Vec<Row>)> {
        let (types, values) = parameters(values);
        rows(&self.0.run(&text(sql), &types, &values).await?)
    }

    /// Several statements without parameters, in the words of SQLite.
    pub(super) async fn batch(&mut self, sql: &str) -> Result<()> {
        let translated = WORDS.iter().fold(sql.to_owned(), |sql, (theirs, ours)| sql.replace(theirs, ours));
        self.0.batch(&translated).await
    }

    pub(super) async fn secure_rows(&mut self) -> Result<()> {
        self.0.batch(ROW_SECURITY).await
    }

    /// Makes the first table if there is none, and prepares for changing the tables, which no other process can do
    /// until this transaction ends.
    pub(super) async fn prepare_change(&mut self, first_table: &str) -> Result<()> {
        self.0.allow(CHANGE).await?;
        self.0.batch(PLACE).await?;
        self.batch(first_table).await?;
        self.0.batch(CLOCK).await
    }

    pub(super) async fn commit(self) -> Result<()> {
        self.0.commit().await
    }
}

fn text(sql: &str) -> Cow<'_, str> {
    const MARK: &str = "{skip_locked}";
    if sql.contains(MARK) { sql.replace(MARK, "for update skip locked").into() } else { sql.into() }
}

fn parameters(values: &[Value]) -> (Vec<Type>, Vec<&(dyn ToSql + Sync)>) {
    fn parameter(value: &Value) -> (Type, &(dyn ToSql + Sync)) {
        match value {
            Value::Text(text) => (Type::TEXT, text),
            Value::Int(int) => (Type::INT8, int),
            Value::Bytes(bytes) => (Type::BYTEA, bytes),
        }
    }
    values.iter().map(parameter).unzip()
}

fn rows(answer: &Answer) -> Result<(u64, Vec<Row>)> {
    let rows = answer.rows.iter().map(row).collect::<Result<Vec<_>>>()?;
    Ok((answer.changed, rows))
}

fn row(found: &Found) -> Result<Row> {
    let other_form = |_| Error::new(ErrorKind::Unexpected, "a column of the database has another form");
    let cell = |(at, column): (usize, &countersign_postgres::sql::Column)| {
        let cell = match *column.type_() {
            Type::INT8 => found.try_get::<_, Option<i64>>(at).map(|value| value.map(Cell::Int)),
            Type::INT4 => {
                found.try_get::<_, Option<i32>>(at).map(|value| value.map(|int| Cell::Int(int.into())))
            }
            // As in SQLite.
            Type::BOOL => {
                found.try_get::<_, Option<bool>>(at).map(|value| value.map(|yes| Cell::Int(yes.into())))
            }
            Type::BYTEA => found.try_get::<_, Option<Vec<u8>>>(at).map(|value| value.map(Cell::Bytes)),
            _ => found.try_get::<_, Option<String>>(at).map(|value| value.map(Cell::Text)),
        };
        cell.map(|cell| cell.unwrap_or(Cell::Null)).map_err(other_form)
    };
    found.columns().iter().enumerate().map(cell).collect::<Result<_>>().map(Row)
}
