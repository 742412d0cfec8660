//! HMAC-SHA256, of another library than the one that Countersign checks with.

use aws_lc_rs::hmac;

use crate::secret::Secret;

pub(super) fn hmac(secret: &Secret, parts: &[&[u8]]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes()));
    for part in parts {
        context.update(part);
    }
    context.sign().as_ref().to_vec()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
