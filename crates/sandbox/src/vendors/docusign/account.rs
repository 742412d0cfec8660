//! The account: what a client needs, newly created at every start except for the RSA key; limits and switches; the
//! issued tokens.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, OnceLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::secret::{Secret, unguessable};
use crate::vendors::code_grant::Grants;
use crate::vendors::meter::{Meter, Reading};
use crate::vendors::played::Start;
use crate::world::{after, lock};

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

pub(crate) struct Account {
    pub(crate) access: DocusignAccess,
    /// The integration's public key, PKCS#1 DER.
    pub(super) public_key: Vec<u8>,
    settings: Mutex<DocusignSettings>,
    tokens: Mutex<Tokens>,
}

impl Account {
    /// Generates keys. Slow the first time (an RSA key), so not for the event loop.
    pub(crate) fn start(start: &Start<'_>) -> io::Result<Self> {
        let RsaKey { private_pem, public } = rsa_key()?.clone();
        let access = DocusignAccess {
            base_url: start.base_url.to_owned(),
            oauth_url: start.base_url.to_owned(),
            account_id: ACCOUNT_ID.to_owned(),
            integration_key: "5d0c0002-7b5e-4b62-9f7e-000000000002".to_owned(),
            client_secret: Secret::new(unguessable()),
            user_id: USER_ID.to_owned(),
            private_key_pem: Secret::new(private_pem),
            redirect_uri: "http://localhost/consented".to_owned(),
            access_token: Secret::new(unguessable()),
        };
        let mut tokens = Tokens::new(start.seed);
        tokens.admit(access.access_token.expose(), after(start.now, 8 * 3_600));
        Ok(Self { access, public_key: public, settings: Mutex::default(), tokens: Mutex::new(tokens) })
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, DocusignSettings> {
        lock(&self.settings)
    }

    pub(super) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        lock(&self.tokens)
    }

    pub(super) fn count(&self, now: Timestamp) -> Reading {
        let (hourly, burst) = {
            let settings = self.settings();
            (settings.hourly_limit, settings.burst_limit)
        };
        self.tokens().meter.count(now, hourly, burst)
    }
}

/// Issued tokens, and limits.
pub(super) struct Tokens {
    tokens: HashMap<String, Timestamp>,
    pub(super) grants: Grants,
    pub(super) meter: Meter,
    seed: u64,
    answered: u64,
}

impl Tokens {
    pub(super) fn new(seed: u64) -> Self {
        Self { tokens: HashMap::new(), grants: Grants::default(), meter: Meter::default(), seed, answered: 0 }
    }

    pub(super) fn admit(&mut self, token: &str, until: Timestamp) {
        self.tokens.insert(token.to_owned(), until);
    }

    pub(super) fn issue(&mut self, until: Timestamp) -> Secret {
        let token = unguessable();
        self.admit(&token, until);
        Secret::new(token)
    }

    pub(super) fn revoke_all(&mut self) {
        self.tokens.clear();
    }

    pub(super) fn admits(&self, token: &str, now: Timestamp) -> bool {
        self.tokens.get(token).is_some_and(|until| now < *until)
    }

    /// Numbers the answers, in the form of the vendor's trace tokens.
    pub(super) fn trace_token(&mut self) -> String {
        self.answered += 1;
        let seed = self.seed;
        format!("{:08x}-{:04x}-4000-8000-{:012x}", seed >> 32, seed & 0xffff, self.answered)
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
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}
