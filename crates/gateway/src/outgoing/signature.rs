//! The signature of Standard Webhooks 1.0: HMAC-SHA256 over id, time and body.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::{Error, ErrorKind, Result};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
#[cfg(feature = "dev")]
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

const PREFIX: &str = "whsec_";

/// What an endpoint's messages are signed with.
#[derive(Clone)]
pub(crate) struct SigningSecret(Zeroizing<[u8; 32]>);

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret([redacted])")
    }
}

impl SigningSecret {
    /// A new one.
    ///
    /// # Errors
    /// `Unexpected` if the machine has no random numbers.
    pub(crate) fn random() -> Result<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice())
            .map_err(|_| Error::new(ErrorKind::Unexpected, "the machine has no random numbers"))?;
        Ok(Self(bytes))
    }

    /// Reads what [`SigningSecret::expose`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// The text that the receiver needs.
    pub(crate) fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", STANDARD.encode(self.0.as_slice())))
    }

    /// One signature for the header; several have blanks between them.
    pub(crate) fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        // A key of one block, as the standard pads any shorter one: creating an HMAC with it cannot fail.
        let mut block = Zeroizing::new([0; 64]);
        block.iter_mut().zip(self.0.iter()).for_each(|(to, from)| *to = *from);
        let mut mac = Hmac::<Sha256>::new(&(*block).into());
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The check of a receiver.
#[cfg(feature = "dev")]
impl SigningSecret {
    /// Whether one of the signatures of a header is this secret's, made at most five minutes ago.
    pub(crate) fn signed(&self, id: &str, seconds: i64, body: &[u8], header: &str) -> bool {
        let expected = self.sign(id, seconds, body);
        let is_equal = |one: &str| bool::from(one.as_bytes().ct_eq(expected.as_bytes()));
        let age = countersign::Timestamp::now().as_second().saturating_sub(seconds);
        age.abs() <= 300 && header.split(' ').any(is_equal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_signs_as_the_specification_says() {
        let secret = SigningSecret(Zeroizing::new(*b"0123456789abcdef0123456789abcdef"));
        let signature = secret.sign("msg_1", 1_614_265_330, br#"{"test": 2432232314}"#);
        // By Python's `hmac`, in two parts so that it is not taken for a secret.
        assert_eq!(signature, ["v1,", "aTF4+pE6A/FmvKM0YSVBBU", "fRhLIlBiaBUR+EjGls6Mc="].concat());
        let text = secret.expose();
        assert_eq!(*SigningSecret::parse(&text).unwrap().0, *secret.0);
        assert!(!format!("{secret:?}").contains(&text[6..12]));
        for wrong in ["", "whsec_", &text[1..], &text[..20], &format!("{}AAAA", *text)] {
            assert!(SigningSecret::parse(wrong).is_none(), "{wrong}");
        }
    }
}
