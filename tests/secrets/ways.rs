//! Every way of signing in at every vendor.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign::adapters::boldsign::{self, Boldsign, BoldsignConfig};
use countersign::adapters::docusign::{self, Docusign, DocusignConfig};
use countersign::auth::{RenewalLease, StoredTokens, TokenSave, TokenSlot, TokenStore, TokenVersion};
use countersign::provider::Provider;
use countersign::secrecy::SecretString;
use countersign::{AccountId, BaseUrl, Result, Timestamp};
use countersign_tests::Stage;

/// A refresh token of a sign-in whose access token has run out. No vendor takes it.
pub(crate) const REFRESH_TOKEN: &str = "Mark3d-refresh-t0ken";

/// One way of signing in at one vendor.
pub(crate) struct Way {
    pub(crate) name: String,
    pub(crate) make: Box<dyn Fn() -> Arc<dyn Provider>>,
}

fn way(stage: &Stage, name: &str, make: impl Fn() -> Arc<dyn Provider> + 'static) -> Way {
    Way { name: format!("{}, {name}", stage.name), make: Box::new(make) }
}

/// The configured way first; then the others, made in code.
pub(crate) fn ways(stage: &Stage) -> Vec<Way> {
    let account = stage.account.clone();
    let mut ways = vec![way(stage, "configured", move || account.provider().unwrap())];
    let slot = TokenSlot::new(Arc::new(RunOut), "tokens");
    if stage.name == "docusign" {
        let access = stage.sandbox.docusign();
        let secret = || Some(SecretString::from(access.client_secret.expose()));
        let person = |client_secret| docusign::Credentials::AuthorizationCode {
            integration_key: access.integration_key.clone(),
            client_secret,
        };
        for (name, credentials) in [
            ("fixed token", docusign::Credentials::Token(SecretString::from(access.access_token.expose()))),
            ("a person, with a secret", person(secret())),
            ("a person", person(None)),
        ] {
            let mut config = DocusignConfig::new(AccountId::new(&access.account_id).unwrap(), credentials)
                .with_base_url(BaseUrl::new(&access.base_url).unwrap())
                .with_oauth_url(BaseUrl::new(&access.oauth_url).unwrap());
            config.tokens = slot.clone();
            ways.push(way(stage, name, move || Arc::new(Docusign::new(config.clone()).unwrap())));
        }
    } else if stage.name == "boldsign" {
        let access = stage.sandbox.boldsign();
        let secret = || SecretString::from(access.client_secret.expose());
        let client_id = access.client_id.clone();
        let application = boldsign::Credentials::ClientCredentials {
            client_id: client_id.clone(),
            client_secret: secret(),
            tokens: TokenSlot::memory(),
        };
        let person = boldsign::Credentials::AuthorizationCode {
            client_id,
            client_secret: Some(secret()),
            redirect_uri: None,
            tokens: slot,
        };
        for (name, credentials) in [("an application", application), ("a person", person)] {
            let mut config = BoldsignConfig::with_credentials(credentials);
            config.base_url = Some(BaseUrl::new(&access.base_url).unwrap());
            config.oauth_url = Some(BaseUrl::new(&access.oauth_url).unwrap());
            ways.push(way(stage, name, move || Arc::new(Boldsign::new(config.clone()).unwrap())));
        }
    }
    ways
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
