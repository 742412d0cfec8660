//! Every way of signing in at every vendor.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign::auth::{RenewalLease, StoredTokens, TokenSave, TokenStore, TokenVersion};
use countersign::provider::{Descriptor, Provider, Settings};
use countersign::secrecy::SecretString;
use countersign::{Result, Timestamp};
use countersign_sandbox::SignIn;
use countersign_tests::{Stage, table};

/// A refresh token of a sign-in whose access token has run out. No vendor takes it.
pub(crate) const REFRESH_TOKEN: &str = "Mark3d-refresh-t0ken";

/// One way of signing in at one vendor.
pub(crate) struct Way {
    pub(crate) name: String,
    settings: Settings,
    vendor: &'static Descriptor,
}

impl Way {
    pub(crate) fn provider(&self) -> Arc<dyn Provider> {
        (self.vendor.build)(&self.settings).unwrap()
    }
}

/// Every way that the vendor has. Users' tokens have expired.
pub(crate) fn ways(stage: &Stage) -> Vec<Way> {
    let kinds =
        [SignIn::Own, SignIn::Token, SignIn::Application, SignIn::Person, SignIn::PersonWithoutSecret];
    let way = |kind| {
        let rows = stage.sandbox.account_with(stage.vendor, kind)?;
        let mut settings = Settings::new("accounts.secrets", table(rows), None, |_| None);
        if matches!(kind, SignIn::Person | SignIn::PersonWithoutSecret) {
            settings = settings.with_token_store(Arc::new(RunOut));
        }
        let name = format!("{}, {kind:?}", stage.name);
        Some(Way { name, settings, vendor: stage.account.vendor() })
    };
    kinds.into_iter().filter_map(way).collect()
}

/// A store in which there are always the same tokens, which have to be renewed.
#[derive(Debug)]
struct RunOut;

#[async_trait]
impl TokenStore for RunOut {
    async fn load(&self, _: &str) -> Result<Option<(StoredTokens, TokenVersion)>> {
        let past = Timestamp::UNIX_EPOCH;
        let tokens = StoredTokens::new(SecretString::from("Mark3d-0ld-access-token"), past, past);
        let tokens = tokens.with_refresh_token(Some(SecretString::from(REFRESH_TOKEN)));
        Ok(Some((tokens, TokenVersion(1))))
    }

    async fn save(&self, _: &str, _: &StoredTokens, _: Option<TokenVersion>) -> Result<TokenSave> {
        Ok(TokenSave::Kept(TokenVersion(1)))
    }

    async fn begin_renewal(&self, _: &str, _: Duration) -> Result<Option<RenewalLease>> {
        Ok(Some(RenewalLease::new(1, || {})))
    }

    async fn remove(&self, _: &str) -> Result<()> {
        Ok(())
    }
}
