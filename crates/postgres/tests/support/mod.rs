//! Stores over real servers.
#![allow(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a test stops where it fails; each file uses some of this"
)]

use countersign_core::store::{Ask, CallAbout, CanonicalRequest, IdempotencyKey, Scope};
use countersign_core::{Call, EnvelopeId, RecipientRef, ResendRecipient, SecretString};
use countersign_postgres::{Pooler, Postgres, PostgresOptions};
use countersign_testkit::servers::{PgBouncer, PgServer};
use countersign_vault::{KeyEncryptionKey, Vault};

/// A vault with one new key.
pub fn vault() -> Vault {
    Vault::new([KeyEncryptionKey::random().unwrap()]).unwrap()
}

pub fn options(url: &str) -> PostgresOptions {
    PostgresOptions::new(SecretString::from(url))
}

/// A store with tables in a new database of the shared server; `None` where PostgreSQL is missing.
pub async fn direct() -> Option<(Postgres, ())> {
    let options = options(&PgServer::shared()?.database());
    Postgres::migrate(&options).await.unwrap();
    Some((Postgres::connect(&options, vault()).await.unwrap(), ()))
}

/// A user of the server who owns no tables, so that row-level security applies.
pub const TENANT_NAMING: &str = "do $$ begin create role tenant_naming login; \
    exception when duplicate_object or unique_violation then end $$; \
    grant select, insert, update, delete on all tables in schema public to tenant_naming; \
    grant usage on all sequences in schema public to tenant_naming";

/// The same for a user who sees no rows without naming their tenant.
pub async fn naming() -> Option<(Postgres, ())> {
    let server = PgServer::shared()?;
    let url = server.database();
    Postgres::migrate(&options(&url)).await.unwrap();
    server.run(&url, TENANT_NAMING);
    let options = options(&url.replace("postgres@", "tenant_naming@"));
    Some((Postgres::connect(&options, vault()).await.unwrap(), ()))
}

/// The same behind a PgBouncer in transaction mode. It has to be kept while the store is in use.
pub async fn pooled() -> Option<(Postgres, PgBouncer)> {
    let server = PgServer::shared()?;
    let bouncer = PgBouncer::start(server)?;
    let options =
        PostgresOptions { pooler: Pooler::Transaction, ..options(&bouncer.url(&server.database())) };
    Postgres::migrate(&options).await.unwrap();
    Some((Postgres::connect(&options, vault()).await.unwrap(), bouncer))
}

/// A call to be made under a key.
pub struct Example {
    pub scope: Scope,
    pub key: IdempotencyKey,
    pub request: CanonicalRequest,
    pub about: CallAbout,
}

impl Example {
    pub fn new(key: &str) -> Self {
        let envelope = EnvelopeId::new("e-1").unwrap();
        let recipient = "email:anna@example.com".parse::<RecipientRef>().unwrap();
        let call = Call::ResendRecipient(ResendRecipient::new(envelope, recipient));
        Self {
            scope: Scope::new("sales").unwrap(),
            key: IdempotencyKey::new(key).unwrap(),
            request: CanonicalRequest::of("acme", Some("sales"), &call),
            about: CallAbout::of("acme", Some("sales"), &call),
        }
    }

    pub fn ask(&self, lease: std::time::Duration) -> Ask<'_> {
        Ask::new(&self.scope, &self.key, &self.request, lease, &self.about)
    }
}
