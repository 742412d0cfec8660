//! HMAC-SHA256, compared in constant time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::redact::hidden;

/// The HMAC of a message. Never shown: anyone who knows it can sign that message.
#[derive(Clone)]
pub struct Tag([u8; 32]);

impl Tag {
    /// The bytes, for a digest that is no signature.
    pub(crate) fn into_bytes(self) -> [u8; 32] {
        self.0
    }

    /// Whether this matches the presented signature; compares in constant time.
    #[must_use]
    pub fn is(&self, presented: &[u8]) -> bool {
        self.0.as_slice().ct_eq(presented).into()
    }
}

hidden!(Tag);

/// HMAC-SHA256 (RFC 2104) of the parts in sequence, with the secret's UTF-8 bytes as the key.
#[must_use]
pub fn hmac_sha256(secret: &SecretString, parts: &[&[u8]]) -> Tag {
    hmac(secret.expose_secret().as_bytes(), parts)
}

/// HMAC-SHA256 with a key of any bytes.
pub(crate) fn hmac(key: &[u8], parts: &[&[u8]]) -> Tag {
    // A one-block key, as the standard derives it from any other; creating the HMAC with such a key cannot fail.
    let mut block = [0; 64];
    if key.len() > block.len() {
        block.iter_mut().zip(Sha256::digest(key)).for_each(|(to, from)| *to = from);
    } else {
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    Tag(mac.finalize().into_bytes().into())
}

/// A signature of 64 hexadecimal digits in either case.
#[must_use]
pub fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (to, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *to = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// A signature in base64, with optional surrounding white space.
#[must_use]
pub fn from_base64(text: &[u8]) -> Option<[u8; 32]> {
    STANDARD.decode(text.trim_ascii()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn tags_are_read_in_hex_and_base64_and_nothing_else() {
        let hex = "00ff5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b96401";
        let tag = from_hex(hex).unwrap();
        assert_eq!(tag.as_slice(), bytes(hex));
        assert_eq!(from_hex(&hex.to_uppercase()), Some(tag));
        assert_eq!(from_base64(format!(" {}\n", STANDARD.encode(tag)).as_bytes()), Some(tag));
        for bad in ["", "00", &hex[1..], &hex.replace('f', "g"), &format!("{hex}00"), &"é".repeat(32)] {
            assert_eq!(from_hex(bad), None, "{bad}");
            assert_eq!(from_base64(bad.as_bytes()), None, "{bad}");
        }
    }

    /// RFC 4231, case 2.
    #[test]
    fn it_makes_what_the_standard_says() {
        let tag = hmac_sha256(&SecretString::from("Jefe"), &[b"what do ya want ", b"for nothing?"]);
        assert!(tag.is(&bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")));
        assert!(!tag.is(&bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3842")));
        assert!(!tag.is(b"") && !tag.is(&[0x5b]));
    }

    /// Figures of Python's `hmac`.
    #[test]
    fn keys_of_a_block_and_longer_ones() {
        for (length, expected) in [
            (64, "3b7a8d453e76edb519238a515105a57508d0f169f480ebeee120a9e7803289fa"),
            (131, "4e214422d91081ee13c979c05d9a47f6c13d8b6d334cb4b39ab10532da02f673"),
        ] {
            let tag = hmac_sha256(&SecretString::from("k".repeat(length)), &[b"m"]);
            assert!(tag.is(&bytes(expected)), "{length}");
        }
    }

    #[test]
    fn a_tag_is_not_shown() {
        let tag = hmac_sha256(&SecretString::from("Jefe"), &[b"m"]);
        assert_eq!(format!("{tag:?}"), "Tag([redacted])");
    }
}
