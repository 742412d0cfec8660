//! The account: what a client needs, newly created at every start except for the RSA key; limits and switches.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::secret::{Secret, unguessable};
use crate::vendors::code_grant::Grants;
use crate::vendors::played::Start;
use crate::world::after;

pub(super) const ACCOUNT_ID: &str = "5d0c0001-7b5e-4b62-9f7e-000000000001";
pub(super) const USER_ID: &str = "5d0c0003-7b5e-4b62-9f7e-000000000003";

/// How to reach the simulated DocuSign.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DocusignAccess {
    /// Base URL of the eSignature API, without `/restapi`.
    pub base_url: String,
    /// Base URL of the OAuth host, without `/oauth`.
    pub oauth_url: String,
    /// The account's GUID.
    pub account_id: String,
    /// The integration key (OAuth client id).
    pub integration_key: String,
    /// Secret of the integration, for clients that can keep one.
    pub client_secret: Secret,
    /// GUID of the user to act for.
    pub user_id: String,
    /// Private key of the integration: RSA 2048, PKCS#8, PEM.
    pub private_key_pem: Secret,
    /// The registered redirect URI; any URI on this machine is accepted as well.
    pub redirect_uri: String,
    /// A token for clients without a JWT grant; valid for eight hours of the world's clock.
    pub access_token: Secret,
}

/// Limits and switches of DocuSign. The defaults are the vendor's published figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DocusignSettings {
    /// Calls per account and clock hour (rules-and-limits page: 3,000).
    pub hourly_limit: u32,
    /// Calls per 30 seconds (resource-limits page: 200 in the demo environment).
    pub burst_limit: u32,
    /// Whether the user has allowed the integration to act for them.
    pub consent: bool,
    /// Seconds for which a token of the JWT grant is valid (documented: 3,600).
    pub token_life_seconds: u32,
    /// Seconds for which a token of the authorization code grant is valid (documented: 28,800).
    pub code_token_life_seconds: u32,
}

impl Default for DocusignSettings {
    fn default() -> Self {
        Self {
            hourly_limit: 3_000,
            burst_limit: 200,
            consent: true,
            token_life_seconds: 3_600,
            code_token_life_seconds: 28_800,
        }
    }
}

impl DocusignSettings {
    pub(crate) fn limit_calls(&mut self, hourly: u32) {
        self.hourly_limit = hourly;
        self.burst_limit = self.burst_limit.max(hourly);
    }
}

/// The integration's public key, and what the trace tokens are made of.
pub(crate) struct Own {
    /// PKCS#1 DER.
    pub(super) public_key: Vec<u8>,
    seed: u64,
    answered: AtomicU64,
}

pub(crate) type Account = crate::vendors::account::Account<DocusignAccess, DocusignSettings, Own>;

impl Account {
    /// Generates keys. Slow the first time (an RSA key), so not for the event loop.
    pub(crate) fn start(start: &Start<'_>) -> io::Result<Self> {
        let RsaKey { private_pem, public } = rsa_key()?.clone();
        let mut tokens = Grants::default();
        let access = DocusignAccess {
            base_url: start.base_url.to_owned(),
            oauth_url: start.base_url.to_owned(),
            account_id: ACCOUNT_ID.to_owned(),
            integration_key: "5d0c0002-7b5e-4b62-9f7e-000000000002".to_owned(),
            client_secret: Secret::new(unguessable()),
            user_id: USER_ID.to_owned(),
            private_key_pem: Secret::new(private_pem),
            redirect_uri: "http://localhost/consented".to_owned(),
            access_token: tokens.token("signature", after(start.now, 8 * 3_600)).into(),
        };
        let own = Own { public_key: public, seed: start.seed, answered: AtomicU64::default() };
        Ok(Self::new(access, tokens, own))
    }

    /// Numbers the answers, in the form of the vendor's trace tokens.
    pub(super) fn trace_token(&self) -> String {
        let answered = self.own.answered.fetch_add(1, Ordering::Relaxed) + 1;
        let seed = self.own.seed;
        format!("{:08x}-{:04x}-4000-8000-{answered:012x}", seed >> 32, seed & 0xffff)
    }
}

#[derive(Clone)]
struct RsaKey {
    private_pem: String,
    public: Vec<u8>,
}

/// One key for all sandboxes of a process: a test program starts hundreds, and generating a key takes longer than
/// everything else in most of their tests.
fn rsa_key() -> io::Result<&'static RsaKey> {
    static KEY: OnceLock<Option<RsaKey>> = OnceLock::new();
    let make = || {
        let key = KeyPair::generate(KeySize::Rsa2048).ok()?;
        let private: Pkcs8V1Der<'_> = key.as_der().ok()?;
        Some(RsaKey { private_pem: pem(private.as_ref()), public: key.public_key().as_ref().to_vec() })
    };
    KEY.get_or_init(make).as_ref().ok_or_else(|| io::Error::other("could not make an RSA key"))
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}
