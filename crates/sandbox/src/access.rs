//! What a client needs to be let in: made afresh at every start, but for the RSA key, which is made once per process.

use std::io;
use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::world::unguessable;

/// How to reach the DocuSign that the sandbox plays.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DocusignAccess {
    /// Base of the eSignature API, without `/restapi`.
    pub base_url: String,
    /// Base of the OAuth host, without `/oauth`.
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
    /// The registered redirect URI; any on this machine is accepted as well.
    pub redirect_uri: String,
    /// A token for clients that bring no JWT grant; good for eight hours of the world's clock.
    pub access_token: Secret,
}

/// How to reach the BoldSign that the sandbox plays.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BoldsignAccess {
    /// Base of the API in the region where the key is at home, without `/v1`.
    pub base_url: String,
    /// The API key.
    pub api_key: Secret,
    /// Base of the OAuth host, without `/connect`.
    pub oauth_url: String,
    /// Id of the account's OAuth application. It may ask by code and for itself.
    pub client_id: String,
    /// Secret of that application.
    pub client_secret: Secret,
    /// Its registered redirect URI; any on this machine is accepted as well.
    pub redirect_uri: String,
    /// An OAuth access token of the same account; it does not expire.
    pub bearer_token: Secret,
    /// Address of the account's user.
    pub sender_email: String,
    /// Base of another region, where the key is refused.
    pub eu_base_url: String,
}

pub(crate) struct Access {
    pub(crate) docusign: DocusignAccess,
    /// The integration's public key, PKCS#1 DER.
    pub(crate) docusign_public_key: Vec<u8>,
    pub(crate) boldsign: BoldsignAccess,
}

impl Access {
    /// Makes keys. Slow the first time (an RSA key), so not for the event loop.
    pub(crate) fn new(base_url: &str) -> io::Result<Self> {
        let RsaKey { private_pem, public } = rsa_key()?.clone();
        let docusign = DocusignAccess {
            base_url: base_url.to_owned(),
            oauth_url: base_url.to_owned(),
            account_id: "5d0c0001-7b5e-4b62-9f7e-000000000001".to_owned(),
            integration_key: "5d0c0002-7b5e-4b62-9f7e-000000000002".to_owned(),
            client_secret: Secret::new(unguessable()),
            user_id: "5d0c0003-7b5e-4b62-9f7e-000000000003".to_owned(),
            private_key_pem: Secret::new(private_pem),
            redirect_uri: "http://localhost/consented".to_owned(),
            access_token: Secret::new(unguessable()),
        };
        let boldsign = BoldsignAccess {
            base_url: base_url.to_owned(),
            api_key: Secret::new(unguessable()),
            oauth_url: base_url.to_owned(),
            client_id: "5d0c0004-7b5e-4b62-9f7e-000000000004".to_owned(),
            client_secret: Secret::new(unguessable()),
            redirect_uri: "http://localhost/consented".to_owned(),
            bearer_token: Secret::new(unguessable()),
            sender_email: SENDER_EMAIL.to_owned(),
            eu_base_url: format!("{base_url}/regions/eu"),
        };
        Ok(Self { docusign, docusign_public_key: public, boldsign })
    }
}

#[derive(Clone)]
struct RsaKey {
    private_pem: String,
    public: Vec<u8>,
}

/// One key for all sandboxes of a process: a test program starts hundreds, and making a key takes longer than
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

/// The sender at both vendors.
pub(crate) const SENDER_NAME: &str = "Sandbox Sender";
pub(crate) const SENDER_EMAIL: &str = "sender@sandbox.example";

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
