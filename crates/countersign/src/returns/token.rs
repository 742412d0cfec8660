//! The signed path segment of a return URL: base64url of version, key id, expiry, nonce, state and signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_core::{Error, ErrorKind, Result, Timestamp};

use super::keys::ReturnKeys;
use super::refused::ReturnRefused;
use super::state::ReturnState;
use countersign_core::store::Nonce;

const VERSION: u8 = 1;
const SIGNATURE: usize = 32;

/// The longest accepted token, in characters; a return URL has at most 470.
const LONGEST: usize = 512;

/// What is in a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) state: ReturnState,
    pub(super) nonce: Nonce,
    /// From this second on it is too old.
    pub(super) ends: Timestamp,
}

impl Ticket {
    pub(super) fn seal(&self, keys: &ReturnKeys) -> Result<String> {
        let key = &keys.newest;
        let mut bytes = vec![VERSION, u8::try_from(key.id().len()).unwrap_or(u8::MAX)];
        bytes.extend(key.id().as_bytes());
        bytes.extend(self.ends.as_second().to_be_bytes());
        bytes.extend(self.nonce.as_bytes());
        self.state.write(&mut bytes)?;
        let signature = key
            .sign(&bytes)
            .ok_or_else(|| Error::new(ErrorKind::Unexpected, "the return could not be signed"))?;
        bytes.extend(signature);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads a token and checks its signature, but not its age or use.
    pub(super) fn open(token: &str, keys: &ReturnKeys) -> Result<Self, ReturnRefused> {
        if token.len() > LONGEST {
            return Err(ReturnRefused::Malformed);
        }
        // Strict: of the encodings of the same bytes, only the one that we write is accepted.
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| ReturnRefused::Malformed)?;
        let (signed, signature) = bytes.split_last_chunk::<SIGNATURE>().ok_or(ReturnRefused::Malformed)?;
        let (id, rest) = key_id(signed).ok_or(ReturnRefused::Malformed)?;
        let key = keys.get(id).ok_or(ReturnRefused::UnknownKey)?;
        if !key.verifies(signed, signature) {
            return Err(ReturnRefused::Forged);
        }
        Self::read(rest).ok_or(ReturnRefused::Malformed)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (ends, bytes) = bytes.split_first_chunk::<8>()?;
        let (nonce, bytes) = bytes.split_first_chunk::<{ Nonce::BYTES }>()?;
        let ends = Timestamp::from_second(i64::from_be_bytes(*ends)).ok()?;
        Some(Self { state: ReturnState::read(bytes)?, nonce: Nonce::from_bytes(*nonce), ends })
    }
}

/// The key's id, and the rest.
fn key_id(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let ([version, length], rest) = bytes.split_first_chunk::<2>()?;
    if *version != VERSION {
        return None;
    }
    let (id, rest) = rest.split_at_checked((*length).into())?;
    Some((std::str::from_utf8(id).ok()?, rest))
}
