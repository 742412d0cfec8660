//! The gateway's own tables, in SQLite or in PostgreSQL. Each statement is one text for both.
//!
//! Parameters are `$1`, `$2` and so on; types are text, integer (of 64 bits) and blob; `now_us()` is the database's
//! clock, in microseconds since 1970. To take work, write
//! `… where id in (select id from … order by … limit $1 {skip_locked})`: replicas then take different rows.

mod engine;
#[cfg(feature = "postgres")]
mod postgres;
mod schema;
mod sqlite;
mod value;

pub(crate) use engine::{Db, Work};
pub(crate) use schema::migrate;
pub(crate) use value::{Row, Value};
