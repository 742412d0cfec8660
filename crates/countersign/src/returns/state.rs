//! The state of a return, and its encoding.

use countersign_core::{EnvelopeId, InvalidValue, RecipientId, is_harmful};
use uuid::Uuid;

use crate::client::Client;

/// The vendor, account, envelope and recipient of a return URL: signed and part of its path.
///
/// Signed, not encrypted: anyone who sees the URL can read it. The recipient's id (an address, at vendors without
/// ids of their own) is therefore visible to the vendor and the signer, who know it anyway.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReturnState {
    /// The vendor's short name.
    pub vendor: String,
    /// The account's name in the configuration; empty for clients that were created without one.
    pub account: String,
    /// The envelope.
    pub envelope: EnvelopeId,
    /// The recipient within it.
    pub recipient: RecipientId,
}

impl ReturnState {
    /// For a recipient of an envelope of this client's account.
    #[must_use]
    pub fn of(client: &Client, envelope: EnvelopeId, recipient: RecipientId) -> Self {
        let vendor = client.descriptor().name.to_owned();
        Self { vendor, account: client.account().unwrap_or_default().to_owned(), envelope, recipient }
    }

    /// Appends the fields to a token.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), InvalidValue> {
        for (field, text) in [("vendor", &self.vendor), ("account name", &self.account)] {
            if text.len() > 255 || text.contains(is_harmful) {
                let problem = "is too long or contains a control character";
                return Err(InvalidValue::new(field, problem, "at most 255 bytes of printable text"));
            }
        }
        for text in [self.vendor.as_str(), &self.account, self.envelope.as_str(), self.recipient.as_str()] {
            write_text(text, out);
        }
        Ok(())
    }

    /// Reads the fields; there must be no other data.
    pub(super) fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut next = || read_text(&mut bytes);
        let (vendor, account) = (next()?, next()?);
        let (envelope, recipient) = (EnvelopeId::new(next()?).ok()?, RecipientId::new(next()?).ok()?);
        bytes.is_empty().then_some(Self { vendor, account, envelope, recipient })
    }
}

/// Replaces the length for a GUID encoded in 16 bytes.
const GUID: u16 = 0x8000;

/// A two-byte length and the text; a lower-case GUID with hyphens, the form of most vendors' ids, in 16 bytes.
fn write_text(text: &str, out: &mut Vec<u8>) {
    let guid = Uuid::try_parse(text).ok().filter(|guid| guid.to_string() == text);
    if let Some(guid) = guid {
        out.extend(GUID.to_be_bytes());
        out.extend(guid.into_bytes());
    } else {
        // Names have at most 255 bytes and ids at most 256.
        let length = u16::try_from(text.len()).unwrap_or(GUID - 1);
        out.extend(length.to_be_bytes());
        out.extend(text.as_bytes());
    }
}

fn read_text(bytes: &mut &[u8]) -> Option<String> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    match u16::from_be_bytes(*length) {
        GUID => {
            let (guid, rest) = rest.split_first_chunk::<16>()?;
            *bytes = rest;
            Some(Uuid::from_bytes(*guid).to_string())
        }
        length => {
            let (text, rest) = rest.split_at_checked(length.into())?;
            *bytes = rest;
            String::from_utf8(text.to_vec()).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round(text: &str) -> (usize, String) {
        let mut bytes = Vec::new();
        write_text(text, &mut bytes);
        let mut rest = bytes.as_slice();
        let back = read_text(&mut rest).unwrap();
        assert!(rest.is_empty());
        (bytes.len(), back)
    }

    #[test]
    fn a_guid_takes_half_the_room_and_other_spellings_stay_as_they_are() {
        for (text, bytes) in [
            ("5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001", 18),
            ("5E29DC8D-54BB-4A7A-9A1C-33F0E2B5A001", 38),
            ("5e29dc8d54bb-4a7a-9a1c-33f0e2b5a001-", 38),
            ("+e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001", 38),
            ("", 2),
        ] {
            assert_eq!(round(text), (bytes, text.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "\\PC{0,60}") {
            prop_assert_eq!(round(&text).1, text);
        }

        #[test]
        fn every_guid_comes_back(number: u128) {
            let text = Uuid::from_u128(number).to_string();
            prop_assert_eq!(round(&text), (18, text));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let Some(state) = ReturnState::read(&bytes) else { return Ok(()) };
            let mut again = Vec::new();
            if state.write(&mut again).is_ok() {
                prop_assert_eq!(ReturnState::read(&again), Some(state));
            }
        }
    }
}
